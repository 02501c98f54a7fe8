"""The process that uses a ledger backs it up once a day, and nothing waits for that."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import DEADLINE, UNREACHABLE, MemoryRepository
from tests.unit.samples import a_document, an_entry
from tests.unit.syncing import Clock, fill

from usage_dash.app import create_app
from usage_dash.ledger.backup import Backups
from usage_dash.ledger.file import look_at
from usage_dash.ledger.ledger import Ledger
from usage_dash.settings import Settings
from usage_dash.sync.daily_backup import DailyBackup
from usage_dash.sync.state import Phase, SyncState
from usage_dash.sync.sync import Sync

LIVE = SyncState(Phase.LIVE, 1)
FIRST, SECOND = date(2026, 11, 26), date(2026, 11, 27)


class Day:
    """A calendar that is turned by hand."""

    def __init__(self) -> None:
        self.today = FIRST

    def __call__(self) -> date:
        """Return the day."""
        return self.today


@pytest.fixture
def ledger(tmp_path: Path, source: MemoryRepository) -> Iterator[Ledger]:
    with closing(Ledger(source.source.identity, ZoneInfo("UTC"), tmp_path / "usage.duckdb")) as ledger:
        yield ledger


@pytest.fixture
def backups(tmp_path: Path, source: MemoryRepository) -> Backups:
    (tmp_path / "backups").mkdir()
    return Backups(tmp_path / "backups", tmp_path / "usage.duckdb", source.source.identity)


@pytest.fixture
def day() -> Day:
    return Day()


@pytest.fixture
def daily(ledger: Ledger, backups: Backups, day: Day, clock: Clock) -> DailyBackup:
    return DailyBackup(ledger, backups, day, clock.monotonic)


def after(daily: DailyBackup, state: SyncState = LIVE) -> None:
    """Let a sync have ended, and the backup that follows."""
    daily.after_sync(state)
    join()


def join() -> None:
    for thread in threading.enumerate():
        if thread.name == "backup":
            thread.join(DEADLINE)
            assert not thread.is_alive()


def test_after_the_first_sync_of_a_day_there_is_a_copy(
    *, sync: Sync, source: MemoryRepository, daily: DailyBackup, backups: Backups, day: Day, clock: Clock
) -> None:
    fill(source, 25)
    sync.after(daily.after_sync)
    sync.refresh(wait=DEADLINE)
    join()
    assert look_at(backups.of(FIRST), source.source.identity).documents == 25
    day.today = SECOND
    clock.seconds += 60
    sync.refresh(force=True, wait=DEADLINE)
    join()
    assert backups.newest_first() == [backups.of(SECOND), backups.of(FIRST)]


def test_there_is_one_a_day(daily: DailyBackup, backups: Backups) -> None:
    after(daily)
    first = backups.of(FIRST).stat()
    after(daily)
    assert backups.of(FIRST).stat() == first


def test_only_seven_are_kept(daily: DailyBackup, backups: Backups, day: Day) -> None:
    for number in range(1, 10):
        day.today = date(2026, 11, number)
        after(daily)
    assert len(backups.newest_first()) == 7
    assert backups.newest_first()[-1] == backups.of(date(2026, 11, 3))


@pytest.mark.parametrize("phase", [Phase.LOADING, Phase.STALE, Phase.ERROR])
def test_a_sync_that_failed_or_has_not_read_all_makes_none(daily: DailyBackup, backups: Backups, phase: Phase) -> None:
    after(daily, SyncState(phase, 1, error=UNREACHABLE))
    assert backups.newest_first() == []


def test_what_fails_is_told_and_tried_again_an_hour_later(
    daily: DailyBackup, backups: Backups, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    folder = backups.folder
    folder.rmdir()
    after(daily)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "could not be backed up; it is tried again in an hour" in caplog.text
    folder.mkdir()
    after(daily)
    assert backups.newest_first() == []
    clock.seconds += 3601
    after(daily)
    assert backups.newest_first() == [backups.of(FIRST)]
    assert f"The ledger was backed up to {backups.of(FIRST)}" in caplog.text


def test_the_settings_say_where(tmp_path: Path) -> None:
    source = MemoryRepository({"ada": a_document(an_entry())})
    folder = tmp_path / "backups"
    folder.mkdir()
    settings = Settings(
        ledger_file=tmp_path / "usage.duckdb", ledger_backups=folder, emulator_host="localhost:1", project_id="test"
    )
    board = create_app(settings, source).extensions["usage_dash_board"]
    board.sync.refresh(force=True, wait=DEADLINE)
    join()
    board.close()
    (copy,) = folder.iterdir()
    assert look_at(copy, source.source.identity).documents == 1

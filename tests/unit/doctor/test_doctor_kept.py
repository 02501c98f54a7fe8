"""What outlives a restart, as the doctor tells it."""

from __future__ import annotations

import gzip
import os
from contextlib import closing
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.unit.doctor.seeing import HEROKU, RENDER, setup, state_of

from usage_dash.checks.check import State
from usage_dash.doctor import kept
from usage_dash.ledger.backup import Backups
from usage_dash.ledger.ledger import Ledger

FORMAT_1 = Path(__file__).parents[2] / "data" / "ledger-format-1.duckdb.gz"
OLD_SOURCE = "firestore:p/(default)/usage"
SOURCE = "firestore:acme-chatbot/(default)/usage"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.duckdb"


@pytest.fixture
def made(path: Path) -> Path:
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), path)):
        return path


def test_in_memory_history_ends_with_the_process() -> None:
    assert state_of(kept.ledger(setup(), SOURCE)) is State.LOOK
    assert state_of(kept.ledger(setup(chosen_source="demo"), SOURCE)) is State.GOOD


def test_on_a_platform_one_line_is_enough() -> None:
    assert kept.ledger(setup(RENDER), SOURCE) is None
    assert state_of(kept.host(setup(RENDER))) is State.LOOK


def test_a_file_that_is_not_there_yet_is_made_at_the_start(path: Path) -> None:
    check = kept.ledger(setup(ledger_file=path), SOURCE)
    assert state_of(check) is State.GOOD
    assert not path.exists()


def test_a_ledger_is_looked_at_and_left_as_it_is(made: Path) -> None:
    before = made.read_bytes()
    check = kept.ledger(setup(ledger_file=made), SOURCE)
    assert state_of(check) is State.GOOD
    assert check is not None
    assert check.title.endswith("holds 0 usage documents")
    assert made.read_bytes() == before
    assert list(made.parent.iterdir()) == [made]


def test_a_ledger_of_an_older_format_is_not_upgraded_by_being_looked_at(path: Path) -> None:
    path.write_bytes(gzip.decompress(FORMAT_1.read_bytes()))
    before = path.read_bytes()
    check = kept.ledger(setup(ledger_file=path), OLD_SOURCE)
    assert state_of(check) is State.GOOD
    assert check is not None
    assert "Its format is 1; the next start upgrades it" in check.detail
    assert path.read_bytes() == before


def test_another_sources_ledger_cannot_be_used(made: Path) -> None:
    check = kept.ledger(setup(ledger_file=made), "firestore:other/(default)/usage")
    assert state_of(check) is State.ACT
    assert check is not None
    assert "choose another path" in check.todo


def test_whose_ledger_it_is_cannot_be_told_without_the_source(made: Path) -> None:
    assert state_of(kept.ledger(setup(ledger_file=made), None)) is State.UNKNOWN


def test_what_is_no_ledger_cannot_be_used(path: Path) -> None:
    path.write_bytes(b"not a database")
    assert state_of(kept.ledger(setup(ledger_file=path), SOURCE)) is State.ACT


def test_a_ledger_in_use_is_well(made: Path) -> None:
    with closing(Ledger(SOURCE, ZoneInfo("UTC"), made)):
        check = kept.ledger(setup(ledger_file=made), SOURCE)
    assert state_of(check) is State.GOOD
    assert check is not None
    assert "in use" in check.title


def test_without_backups_history_is_in_one_file(path: Path) -> None:
    assert kept.backups(setup(), SOURCE) is None
    check = kept.backups(setup(ledger_file=path), SOURCE)
    assert state_of(check) is State.LOOK
    assert check is not None
    assert "Set USAGE_DASH_LEDGER_BACKUPS to a directory" in check.todo


def test_backups_are_told_with_their_last(made: Path, tmp_path: Path) -> None:
    at = setup(ledger_file=made, ledger_backups=tmp_path)
    shelf = Backups(tmp_path, made, SOURCE)
    check = kept.backups(at, SOURCE)
    assert check is not None
    assert (check.state, "will be backed up to" in check.title) == (State.GOOD, True)
    for day in (25, 26):
        shelf.of(date(2026, 11, day)).touch()
    check = kept.backups(at, SOURCE)
    assert check is not None
    assert check.state is State.GOOD
    assert "2 backups" in check.title
    assert "on the ledger’s own disk" in check.title
    assert check.detail == f"The last is {shelf.of(date(2026, 11, 26)).name}"
    assert state_of(kept.backups(at, None)) is State.UNKNOWN


def test_a_backup_that_is_older_than_what_was_read_since_wants_a_look(made: Path, tmp_path: Path) -> None:
    at, last = setup(ledger_file=made, ledger_backups=tmp_path), Backups(tmp_path, made, SOURCE).of(date(2026, 11, 26))
    last.touch()
    written = made.stat().st_mtime
    for days, state in ((1.9, State.GOOD), (2.1, State.LOOK)):
        os.utime(last, (written - days * 86_400,) * 2)
        assert state_of(kept.backups(at, SOURCE)) is state


def test_backups_need_a_place_that_can_be_written(made: Path) -> None:
    check = kept.backups(setup(ledger_file=made, ledger_backups=Path("/proc/sys")), SOURCE)
    assert state_of(check) is State.ACT


def test_a_platform_without_a_disk_loses_history() -> None:
    assert kept.host(setup()) is None
    for environ in (HEROKU, RENDER):
        check = kept.host(setup(environ))
        assert state_of(check) is State.LOOK
        assert check is not None
        assert "what the writer has trimmed is gone" in check.todo


def test_a_disk_below_the_root_keeps_it() -> None:
    mounted = Path("/dev/shm/usage.duckdb")  # noqa: S108 - a file system that is mounted on most machines; none is made
    if not mounted.parent.is_mount():
        pytest.skip("nothing is mounted there")
    assert state_of(kept.host(setup(RENDER, ledger_file=mounted))) is State.GOOD

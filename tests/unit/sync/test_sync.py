"""When the sync reads, once for all viewers, and what it tells them."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import DEADLINE, UNREACHABLE, Gate, MemoryRepository
from tests.unit.syncing import Clock, fill, later, make

from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.local_file import LocalRepository
from usage_dash.sync.catch_up import Compared
from usage_dash.sync.state import Phase, Progress, SyncState
from usage_dash.sync.sums import Sums
from usage_dash.sync.sync import Sync

# When it reads


def test_nobody_looking_reads_nothing(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    assert sync.state.phase is Phase.LOADING
    later(clock, source, 3600)
    assert sync.state.data_time is None
    assert sync.meter().day.queries == 0
    assert source.calls == []


def test_a_viewer_starts_the_first_read(sync: Sync, source: MemoryRepository) -> None:
    fill(source, 25)
    state = sync.refresh(wait=DEADLINE)
    assert (state.phase, state.data_time, state.error, state.progress) == (Phase.LIVE, source.clock, None, None)
    assert source.returned == 25


def test_viewers_share_one_sync_a_refresh_period(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    requests = len(source.calls)
    for _ in range(10):
        later(clock, source, 2.9)
        sync.refresh(wait=DEADLINE)
    assert len(source.calls) == requests
    later(clock, source, 0.6)
    for _ in range(10):
        sync.refresh(wait=DEADLINE)
    assert [call.what for call in source.calls[requests:]] == ["changed", "count", "sum"]


def test_fifty_viewers_at_once_are_one_query(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    requests, queries = len(source.calls), sync.meter().hour.queries
    gate = source.before = Gate()
    start = threading.Barrier(50)

    def look() -> Phase:
        start.wait(DEADLINE)
        return sync.refresh(wait=DEADLINE).phase

    with ThreadPoolExecutor(50) as viewers:
        looks = [viewers.submit(look) for _ in range(50)]
        assert gate.come.wait(DEADLINE)
        gate.open()
        assert {look.result(DEADLINE) for look in looks} == {Phase.LIVE}
    assert [call.what for call in source.calls[requests:]] == ["changed", "count", "sum"]
    assert sync.meter().hour.queries == queries + 3


def test_a_viewer_joins_the_sync_under_way_and_gives_up_waiting(sync: Sync, source: MemoryRepository) -> None:
    fill(source, 5)
    gate = source.before = Gate()
    assert sync.refresh(wait=0).phase is Phase.LOADING
    assert gate.come.wait(DEADLINE)
    joined = sync.refresh(force=True, wait=0)
    assert (joined.phase, joined.under_way) == (Phase.LOADING, True)
    gate.open()
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE
    assert not sync.state.under_way
    assert len(source.made("listing")) == 1


def test_who_does_not_wait_sees_the_last_good_data_at_once_and_that_news_may_come(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    fill(source, 5)
    good = sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.documents["new"] = {"totalCalls": 1, "lastUpdated": source.clock}
    gate = source.before = Gate()
    seen = sync.refresh()
    assert gate.come.wait(DEADLINE)
    assert (seen.phase, seen.version, seen.data_time, seen.under_way) == (
        Phase.LIVE,
        good.version,
        good.data_time,
        True,
    )
    gate.open()
    assert sync.refresh(wait=DEADLINE).version > good.version


def test_a_sync_that_outlasts_the_refresh_period_stays_the_only_one(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    others = set(threading.enumerate())  # of tests before, which may still be on their way out
    gate = source.before = Gate()
    sync.refresh(wait=0)
    assert gate.come.wait(DEADLINE)
    later(clock, source, 60)
    sync.refresh(wait=0)
    sync.refresh(force=True, wait=0)
    assert [thread.name for thread in threading.enumerate() if thread not in others].count("sync") == 1
    gate.open()


def test_a_forced_refresh_does_not_wait_for_its_turn(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    sync.refresh(wait=DEADLINE)
    later(clock, source, 1)
    sync.refresh(force=True, wait=DEADLINE)
    assert len(source.made("changed")) == 1


def test_forced_refreshes_start_at_most_once_a_second(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    sync.refresh(wait=DEADLINE)
    for _ in range(100):
        sync.refresh(force=True, wait=DEADLINE)
        later(clock, source, 0.1)
    assert 9 <= len(source.made("changed")) <= 10


def test_a_forced_refresh_counts_as_the_turn_of_all(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    sync.refresh(wait=DEADLINE)
    later(clock, source, 20)
    sync.refresh(force=True, wait=DEADLINE)
    later(clock, source, 20)
    sync.refresh(wait=DEADLINE)
    assert len(source.made("changed")) == 1


def test_settings_decide_how_often(source: MemoryRepository, ledger: Ledger, clock: Clock) -> None:
    sync = make(source, ledger, clock, refresh_seconds=300, reconcile_hours=1)
    for seconds in (0, 290, 10, 3600):
        later(clock, source, seconds)
        sync.refresh(wait=DEADLINE)
    assert [call.what for call in source.calls] == [
        *("count", "listing"),
        *("changed", "count", "sum"),
        *("changed", "listing"),
    ]
    sync.close()


# The first read


def test_the_first_read_tells_how_far_it_is(
    sync: Sync, source: MemoryRepository, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="usage_dash.sync")
    fill(source, 25)
    seen: list[tuple[str, Progress | None, int]] = []
    source.before = lambda what: seen.append((what, sync.state.progress, ledger.count()))
    sync.refresh(wait=DEADLINE)
    assert seen == [
        ("count", Progress(0, None), 0),
        ("listing", Progress(0, 25), 0),
        ("listing", Progress(10, 25), 10),
        ("listing", Progress(20, 25), 20),
    ]
    assert caplog.messages[:-1] == ["First read: 25 of 25 usage documents"]


def test_a_long_first_read_tells_the_console_from_time_to_time(
    sync: Sync, source: MemoryRepository, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="usage_dash.sync")
    fill(source, 60)
    source.before = lambda _what: later(clock, source, 2)
    sync.refresh(wait=DEADLINE)
    assert caplog.messages[:-1] == [f"First read: {read} of 60 usage documents" for read in (10, 20, 30, 40, 50, 60)]


def test_a_fast_first_read_does_not_flood_the_console(
    sync: Sync, source: MemoryRepository, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="usage_dash.sync")
    fill(source, 195)
    source.before = lambda _what: later(clock, source, 0.1)
    sync.refresh(wait=DEADLINE)
    assert caplog.messages[:-1] == [f"First read: {read} of 195 usage documents" for read in (50, 100, 150, 195)]


def test_the_page_fills_while_the_first_read_runs(sync: Sync, source: MemoryRepository) -> None:
    fill(source, 25)
    versions: list[int] = []
    source.before = lambda _what: versions.append(sync.state.version)
    sync.refresh(wait=DEADLINE)
    assert versions[1] < versions[2] < versions[3] < sync.state.version


def test_a_first_read_that_is_cut_goes_on_and_still_counts_all(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    fill(source, 25)
    source.fail_in(3)
    state = sync.refresh(wait=DEADLINE)
    assert (state.phase, state.error, state.progress, state.data_time) == (Phase.ERROR, UNREACHABLE, None, None)
    later(clock, source, 60)
    seen: list[Progress | None] = []
    source.before = lambda _what: seen.append(sync.state.progress)
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE
    assert seen == [Progress(20, None), Progress(20, 25)]
    assert source.returned == 25


def test_a_restart_resumes_from_the_watermark(
    sync: Sync, source: MemoryRepository, ledger: Ledger, clock: Clock
) -> None:
    fill(source, 25)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 3600)
    source.documents["u007"] = {"totalCalls": 2, "lastUpdated": source.clock}
    again = make(source, ledger, clock)
    before = again.state
    assert (before.phase, before.data_time) == (Phase.LIVE, source.clock - timedelta(hours=1))
    reads = source.returned
    again.refresh(wait=DEADLINE)
    assert source.returned == reads + 1
    assert again.state.data_time == source.clock
    again.close()


def test_a_file_is_listed_again_whenever_it_was_written(clock: Clock, tmp_path: Path) -> None:
    path = tmp_path / "usage.jsonl"
    path.write_text('{"userId": "ada", "totalCalls": 1}\n', encoding="utf-8")
    source = LocalRepository(path, "usage")
    with closing(Ledger(source.source.identity, ZoneInfo("UTC"))) as ledger:
        sync = Sync(source, ledger, reconcile_hours=0, now=clock.now, monotonic=clock.monotonic)
        first = sync.refresh(wait=DEADLINE)
        clock.seconds += 30
        assert sync.refresh(wait=DEADLINE).version == first.version
        path.write_text(
            '{"userId": "ada", "totalCalls": 12}\n', encoding="utf-8"
        )  # longer: the file's time may stand still
        clock.seconds += 30
        assert sync.refresh(wait=DEADLINE).version > first.version
        with ledger.reader() as sql:
            assert sql.execute("SELECT total_calls FROM users").fetchall() == [(12,)]
        sync.close()


# What follows a sync


def test_callbacks_are_told_the_state_after_each_sync_also_one_that_failed(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    told: list[SyncState] = []
    sync.after(told.append)
    fill(source, 5)
    live = sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(0)
    stale = sync.refresh(wait=DEADLINE)
    assert told == [live, stale]
    assert [state.phase for state in told] == [Phase.LIVE, Phase.STALE]


def test_a_callback_that_fails_is_logged_and_stops_neither_the_others_nor_the_sync(
    sync: Sync, source: MemoryRepository, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[Phase] = []

    def fail(_state: SyncState) -> None:
        raise ZeroDivisionError

    sync.after(fail)
    sync.after(lambda state: told.append(state.phase))
    for _ in range(2):
        assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE
        later(clock, source, 30)
    assert told == [Phase.LIVE, Phase.LIVE]
    assert caplog.messages == ["What should follow a sync failed"] * 2
    assert all(record.exc_info for record in caplog.records)


def test_the_sync_is_over_when_its_callbacks_are(sync: Sync, source: MemoryRepository) -> None:
    gate = Gate()
    sync.after(lambda _state: gate("after"))
    fill(source, 5)
    sync.refresh()
    assert gate.come.wait(DEADLINE)
    assert (sync.state.phase, sync.state.under_way) == (Phase.LIVE, True)
    gate.open()
    assert not sync.refresh(wait=DEADLINE).under_way


def test_it_tells_when_all_was_last_compared_also_after_a_restart_and_whether_sums_tell_of_edits(
    sync: Sync, source: MemoryRepository, ledger: Ledger, clock: Clock
) -> None:
    assert sync.compared == Compared(None, Sums.TELL)
    fill(source, 5)
    listed = source.clock
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.sums = False
    sync.refresh(wait=DEADLINE)
    assert sync.compared == Compared(listed, Sums.REFUSED)
    again = make(source, ledger, clock)
    assert again.compared == sync.compared
    again.close()


# The bill


def test_ten_viewers_of_ten_thousand_users_pay_for_what_changed(ledger: Ledger, clock: Clock) -> None:
    source = MemoryRepository(page_size=5000)
    for number in range(10_000):
        source.documents[f"u{number:05}"] = {"totalCalls": 1, "lastUpdated": source.clock - timedelta(days=1)}
    sync = make(source, ledger, clock)
    sync.refresh(wait=DEADLINE)
    before = sync.meter().day
    later(clock, source, 30)
    for number in range(25):
        source.documents[f"u{number * 7:05}"] = {"totalCalls": 2, "lastUpdated": source.clock - timedelta(seconds=15)}
    for _ in range(10):
        sync.refresh(wait=DEADLINE)
    after = sync.meter().day
    assert after.reads - before.reads == 25 + 10 + 10, "the documents, the count and the sum"
    assert after.queries - before.queries == 3
    assert after.saved == 10 * 10_000 - after.reads
    sync.close()


def test_what_counts_against_the_free_quota_outlives_a_restart_with_the_ledger(
    sync: Sync, source: MemoryRepository, ledger: Ledger, clock: Clock
) -> None:
    fill(source, 25)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(1)
    assert sync.refresh(wait=DEADLINE).phase is Phase.STALE
    spent = sync.meter().quota
    assert spent.today.reads == 1 + 25 + 1, "what came before a failure is on the bill"
    assert spent.today.bytes_out > 0
    again = make(source, ledger, clock)
    assert again.meter().quota == spent
    assert again.meter().day.reads == 0
    again.close()


def test_who_follows_a_sync_saves_nothing_by_it(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    gate = source.before = Gate()
    sync.refresh()
    before = sync.last_hour().saved
    for _ in range(5):
        sync.refresh()
    after = sync.last_hour().saved
    gate.open()
    assert after == before


def test_the_meter_tells_what_was_read_and_saved(source: MemoryRepository, ledger: Ledger, clock: Clock) -> None:
    source.page_size = 10
    sync = make(source, ledger, clock, read_price=100_000)
    fill(source, 25)
    source.before = lambda _what: later(clock, source, 0.25)
    sync.refresh(wait=DEADLINE)
    first = sync.meter()
    assert first.hour.reads == 1 + 25
    assert first.hour.queries == 1 + 3
    assert first.hour.dollars == 26
    assert first.hour.wire_bytes > 0
    assert first.last_sync_seconds == 1.0
    source.before = lambda _what: None
    for _ in range(10):
        later(clock, source, 30)
        for _ in range(4):
            sync.refresh(wait=DEADLINE)
    spent = sync.meter().hour
    assert spent.reads == 26 + 10 * 3, "an empty query, a count and a sum are a read each"
    assert spent.saved == 10 * 4 * 25 - spent.reads
    later(clock, source, 2 * 3600)
    assert sync.meter().hour.reads == 0
    assert sync.meter().day == spent
    sync.close()

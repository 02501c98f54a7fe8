from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import FORBIDDEN, UNREACHABLE, MemoryRepository

from usage_dash.ledger import Ledger, LedgerError
from usage_dash.repository.local import LocalRepository
from usage_dash.sync import Sync
from usage_dash.views import Phase, Progress

DEADLINE = 20.0  # seconds that a test waits for what must happen; no test waits for what must not


class Clock:
    """The clocks of this process; they stand until they are moved."""

    def __init__(self) -> None:
        self.start = datetime(2026, 3, 2, 9, tzinfo=UTC)
        self.seconds = 10_000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.seconds)


class Gate:
    """Holds requests of the source until it is opened, and tells when one has come."""

    def __init__(self) -> None:
        self.come = threading.Event()
        self._open = threading.Event()

    def __call__(self, _what: str) -> None:
        self.come.set()
        assert self._open.wait(DEADLINE)

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def source() -> MemoryRepository:
    return MemoryRepository(page_size=10)


@pytest.fixture
def ledger(source: MemoryRepository) -> Iterator[Ledger]:
    opened = Ledger(source.source.identity, ZoneInfo("UTC"))
    yield opened
    opened.close()


@pytest.fixture
def sync(source: MemoryRepository, ledger: Ledger, clock: Clock) -> Iterator[Sync]:
    made = make(source, ledger, clock)
    yield made
    made.close()


def make(source: MemoryRepository, ledger: Ledger, clock: Clock, **settings: float) -> Sync:
    return Sync(source, ledger, now=clock.now, monotonic=clock.monotonic, **settings)


def later(clock: Clock, source: MemoryRepository, seconds: float) -> None:
    clock.seconds += seconds
    source.pass_time(seconds=seconds)


def fill(source: MemoryRepository, count: int) -> None:
    for number in range(count):
        dated = source.clock - timedelta(days=1)
        source.documents[f"u{number:03}"] = {"totalCalls": 1, "lastUpdated": dated}


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
    assert [call.what for call in source.calls[requests:]] == ["changed", "count"]


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
    assert [call.what for call in source.calls[requests:]] == ["changed", "count"]
    assert sync.meter().hour.queries == queries + 2


def test_a_viewer_joins_the_sync_under_way_and_gives_up_waiting(sync: Sync, source: MemoryRepository) -> None:
    fill(source, 5)
    gate = source.before = Gate()
    assert sync.refresh(wait=0).phase is Phase.LOADING
    assert gate.come.wait(DEADLINE)
    assert sync.refresh(force=True, wait=0).phase is Phase.LOADING
    gate.open()
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE
    assert len(source.made("listing")) == 1


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
    assert [call.what for call in source.calls] == ["count", "listing", "changed", "count", "changed", "listing"]
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
    assert caplog.messages == ["First read: 25 of 25 usage documents"]


def test_a_long_first_read_tells_the_console_from_time_to_time(
    sync: Sync, source: MemoryRepository, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="usage_dash.sync")
    fill(source, 60)
    source.before = lambda _what: later(clock, source, 2)
    sync.refresh(wait=DEADLINE)
    assert caplog.messages == [
        "First read: 30 of 60 usage documents",
        "First read: 60 of 60 usage documents",
    ]


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
        path.write_text('{"userId": "ada", "totalCalls": 2}\n', encoding="utf-8")
        clock.seconds += 30
        assert sync.refresh(wait=DEADLINE).version > first.version
        with ledger.reader() as sql:
            assert sql.execute("SELECT total_calls FROM users").fetchall() == [(2,)]
        sync.close()


# Failures


def test_last_good_data_stays_when_the_source_fails(
    sync: Sync, source: MemoryRepository, ledger: Ledger, clock: Clock
) -> None:
    fill(source, 5)
    good = sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(0, times=3)
    stale = sync.refresh(wait=DEADLINE)
    assert (stale.phase, stale.error, stale.data_time) == (Phase.STALE, UNREACHABLE, good.data_time)
    assert stale.version == good.version
    assert ledger.count() == 5
    assert stale.retry_at is not None
    assert 4 <= (stale.retry_at - clock.now()).total_seconds() <= 6
    later(clock, source, 3600)
    source.recover()
    live = sync.refresh(wait=DEADLINE)
    assert (live.phase, live.error, live.retry_at, live.data_time) == (Phase.LIVE, None, None, source.clock)


def test_what_a_failing_sync_did_read_shows_with_its_time(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    good = sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.documents["u001"] = {"totalCalls": 2, "lastUpdated": source.clock}
    source.fail_in(1)
    stale = sync.refresh(wait=DEADLINE)
    assert (stale.phase, stale.data_time) == (Phase.STALE, source.clock)
    assert stale.version > good.version


def test_a_source_that_never_answered_is_an_error_and_recovers(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    fill(source, 5)
    source.fail_in(0)
    failed = sync.refresh(wait=DEADLINE)
    assert (failed.phase, failed.error, failed.data_time, failed.progress) == (Phase.ERROR, UNREACHABLE, None, None)
    later(clock, source, 10)
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE


def _delays(sync: Sync, source: MemoryRepository, clock: Clock, *, failures: int) -> list[float]:
    delays = []
    for _ in range(failures):
        state = sync.refresh(wait=DEADLINE)
        assert state.retry_at is not None
        delays.append((state.retry_at - clock.now()).total_seconds())
        arrivals = source.arrivals
        sync.refresh(wait=DEADLINE)
        assert source.arrivals == arrivals, "nothing is asked before its time"
        later(clock, source, delays[-1] + 0.001)  # the state says its time in whole microseconds
    return delays


def test_retries_back_off_to_five_minutes_with_jitter(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    source.fail_in(0, times=1000)
    delays = _delays(sync, source, clock, failures=40)
    for delay, middle in zip(delays, [5, 10, 20, 40, 80, 160] + [300] * 34, strict=True):
        assert middle * 0.8 <= delay <= middle * 1.2
    assert len(set(delays[6:])) > 30, "spread, so that many dashboards do not come back at once"


def test_errors_that_a_retry_cannot_mend_are_tried_rarely(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    source.fail_in(0, FORBIDDEN, times=1000)
    delays = _delays(sync, source, clock, failures=20)
    for delay, middle in zip(delays, [120, 240, 480] + [600] * 17, strict=True):
        assert middle * 0.8 <= delay <= middle * 1.2


def test_a_success_forgets_earlier_failures(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    source.fail_in(0, times=4)
    _delays(sync, source, clock, failures=4)
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE
    later(clock, source, 30)
    source.fail_in(0)
    assert _delays(sync, source, clock, failures=1)[0] <= 6


def test_a_forced_refresh_does_not_wait_for_the_retry(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    source.fail_in(0, FORBIDDEN)
    assert sync.refresh(wait=DEADLINE).phase is Phase.ERROR
    later(clock, source, 2)
    assert sync.refresh(wait=DEADLINE).phase is Phase.ERROR
    assert sync.refresh(force=True, wait=DEADLINE).phase is Phase.LIVE


def test_a_fault_of_our_own_is_a_state_and_a_log_and_no_hang(
    sync: Sync, source: MemoryRepository, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(0, ZeroDivisionError("secret detail"))
    state = sync.refresh(wait=DEADLINE)
    assert state.phase is Phase.STALE
    assert state.error is not None
    assert "secret detail" not in str(state.error)
    assert [record.exc_info is not None for record in caplog.records] == [True]
    later(clock, source, 10)
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE


def test_a_ledger_that_is_full_says_so(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(0, LedgerError("The disk is full; make room."))  # as if applying the page had raised it
    error = sync.refresh(wait=DEADLINE).error
    assert error is not None
    assert error.remedy == "The disk is full; make room."


def test_a_failure_is_logged_in_one_line(
    sync: Sync, source: MemoryRepository, caplog: pytest.LogCaptureFixture
) -> None:
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert caplog.messages == [f"Sync failed: {UNREACHABLE}"]


def test_threads_that_wait_are_let_go_when_a_sync_fails(sync: Sync, source: MemoryRepository) -> None:
    gate = source.before = Gate()
    source.fail_in(0)
    with ThreadPoolExecutor(5) as viewers:
        looks = [viewers.submit(sync.refresh, wait=DEADLINE) for _ in range(5)]
        assert gate.come.wait(DEADLINE)
        gate.open()
        assert {look.result(DEADLINE).error for look in looks} == {UNREACHABLE}


def test_closing_waits_for_the_sync_under_way(source: MemoryRepository, ledger: Ledger, clock: Clock) -> None:
    fill(source, 25)
    sync = make(source, ledger, clock)
    gate = source.before = Gate()
    sync.refresh(wait=0)
    assert gate.come.wait(DEADLINE)
    closing = threading.Thread(target=sync.close)
    closing.start()
    assert not source.closed
    gate.open()
    closing.join(DEADLINE)
    assert source.closed
    assert ledger.count() == 25


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
    assert after.reads - before.reads == 25 + 10, "the documents, and the count"
    assert after.queries - before.queries == 2
    assert after.saved == 10 * 10_000 - after.reads
    sync.close()


def test_the_meter_tells_what_was_read_and_saved(source: MemoryRepository, ledger: Ledger, clock: Clock) -> None:
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
    assert spent.reads == 26 + 10 * 2, "an empty query and a count are a read each"
    assert spent.saved == 10 * 4 * 25 - spent.reads
    later(clock, source, 2 * 3600)
    assert sync.meter().hour.reads == 0
    assert sync.meter().day == spent
    sync.close()

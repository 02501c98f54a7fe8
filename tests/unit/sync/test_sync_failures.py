"""A sync that fails keeps the last good data, says why, and tries again with patience."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.fakes import DEADLINE, FORBIDDEN, UNREACHABLE, Gate, MemoryRepository
from tests.unit.syncing import Clock, fill, later, make

from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.sync.state import Phase, Trouble
from usage_dash.sync.sync import Sync


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
    assert isinstance(state.error, Trouble), "it is not the source's fault"
    assert state.error.reason == "usage-dash failed while reading, by a fault of its own"
    assert "secret detail" not in str(state.error)
    assert [record.exc_info is not None for record in caplog.records] == [True]
    later(clock, source, 10)
    assert sync.refresh(wait=DEADLINE).phase is Phase.LIVE


def test_a_ledger_that_can_no_longer_be_asked_leaves_nobody_waiting(
    sync: Sync, source: MemoryRepository, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    fill(source, 5)
    ledger.close()
    assert not sync.refresh(wait=DEADLINE).under_way
    assert caplog.messages[-1] == "How the sync went could not be noted"


def test_a_ledger_that_is_full_says_so(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(0, LedgerError("The disk is full; make room."))  # as if applying the page had raised it
    state = sync.refresh(wait=DEADLINE)
    assert isinstance(state.error, Trouble), "it is not the source's fault"
    assert state.error.reason == "usage-dash could not keep what it read"
    assert state.error.remedy == "The disk is full; make room."
    assert state.retry_at is not None
    assert (state.retry_at - clock.now()).total_seconds() > 90, "a person has to help"


def test_a_failure_is_logged_in_one_line(
    sync: Sync, source: MemoryRepository, caplog: pytest.LogCaptureFixture
) -> None:
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    [line] = caplog.messages
    assert line.startswith(f"Sync failed: {UNREACHABLE} (")


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

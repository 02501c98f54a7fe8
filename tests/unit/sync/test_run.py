"""What is told of each sync: how it went and what it cost."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from tests.fakes import DEADLINE, UNREACHABLE, MemoryRepository
from tests.unit.syncing import Clock, fill, later

from usage_dash.repository.base import Failure
from usage_dash.sync.read_meter import Totals
from usage_dash.sync.run import FAILURES, Run
from usage_dash.sync.sync import Sync


def _last(sync: Sync) -> Run:
    found = sync.last_run
    assert found is not None
    return found


def test_nothing_is_told_before_the_first_sync_has_ended(sync: Sync) -> None:
    assert sync.last_run is None
    assert sync.totals() == Totals()


def test_a_sync_tells_what_it_read_itself_and_the_totals_what_was_read_in_all(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    fill(source, 25)
    sync.refresh(wait=DEADLINE)
    first = _last(sync)
    assert (first.outcome, first.documents, first.changed) == ("ok", 25, True)
    assert first.spent.reads == 25 + 1, "and one for the count"
    assert first.spent.queries == len(source.calls)
    assert first.spent.wire_bytes > 0
    sync.spent(queries=1, reads=40, wire_bytes=100)
    later(clock, source, 30)
    sync.refresh(wait=DEADLINE)
    second = _last(sync)
    assert (second.outcome, second.documents, second.changed, second.version) == ("ok", 25, False, first.version)
    assert second.spent.reads == 3, "an answer without documents, a count and a sum"
    assert sync.totals().reads == 26 + 40 + 3
    assert sync.totals().naive == 25, "what the second look would have read; nothing was known at the first"


def test_how_long_ago_one_went_well_is_told_by_those_of_this_process(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    assert sync.well_since is None
    sync.refresh(wait=DEADLINE)
    later(clock, source, 40)
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    assert sync.state.error is not None
    assert sync.well_since == timedelta(seconds=40)


@pytest.mark.parametrize(
    ("failure", "outcome"), [(UNREACHABLE, "unreachable"), (ZeroDivisionError(), "fault")], ids=["known", "ours"]
)
def test_a_sync_that_fails_says_of_which_kind_that_was(
    sync: Sync, source: MemoryRepository, caplog: pytest.LogCaptureFixture, failure: Exception, outcome: str
) -> None:
    source.fail_in(0, failure)
    sync.refresh(wait=DEADLINE)
    assert _last(sync).outcome == outcome
    assert outcome in FAILURES
    assert {str(each) for each in Failure} < set(FAILURES)
    [line] = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert (line.levelno == logging.ERROR) == (line.exc_info is not None) == (outcome == "fault")


def test_each_sync_is_one_line_of_the_log_with_its_figures_by_name(
    sync: Sync, source: MemoryRepository, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "usage_dash.sync.sync")
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    caplog.clear()
    later(clock, source, 30)
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    well, failed = caplog.records
    assert isinstance(well.args, dict)
    assert isinstance(failed.args, dict)
    assert well.args == _last_but_one(well.args)
    assert (failed.args["outcome"], failed.args["error"]) == ("unreachable", str(UNREACHABLE))
    assert well.getMessage().startswith("Synced: 0.00 s, 3 reads, 3 queries, ")


def _last_but_one(args: dict[str, object]) -> dict[str, object]:
    """Return what a sync without news tells."""
    known = {"outcome": "ok", "reads": 3, "queries": 3, "documents": 5, "changed": False, "seconds": 0.0}
    return known | {name: args[name] for name in ("bytes_out", "version")}


# The promise of another try


def test_a_retry_is_made_when_its_time_has_come_and_not_before(
    sync: Sync, source: MemoryRepository, clock: Clock
) -> None:
    fill(source, 5)
    source.fail_in(0)
    sync.refresh(wait=DEADLINE)
    arrived = source.arrivals
    sync.retry()
    assert not sync.state.under_way
    assert source.arrivals == arrived
    later(clock, source, 10)
    sync.retry()
    assert sync.refresh(wait=DEADLINE).data_time is not None
    assert source.arrivals > arrived


def test_nothing_is_retried_where_nothing_failed(sync: Sync, source: MemoryRepository, clock: Clock) -> None:
    sync.retry()
    assert not sync.state.under_way
    fill(source, 5)
    sync.refresh(wait=DEADLINE)
    arrived = source.arrivals
    later(clock, source, 3600)
    sync.retry()
    assert not sync.state.under_way
    assert source.arrivals == arrived

"""The checks of how the ledger is kept current."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from usage_dash.checks.check import State
from usage_dash.checks.of_sync import up_to_date
from usage_dash.sync.catch_up import Compared
from usage_dash.sync.state import Phase, SyncState, Trouble
from usage_dash.sync.sums import Sums

NOW = datetime(2026, 11, 24, 14, 2, 31, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")
COMPARED = Compared(datetime(2026, 11, 24, 3, 10, tzinfo=UTC), Sums.TELL)
TROUBLE = Trouble("Disk is full", "Make room.", "The disk is full", mendable_by_retry=False)


def test_a_sync_that_went_well_is_good_and_says_its_age() -> None:
    found = up_to_date(SyncState(Phase.LIVE, 1, data_time=NOW - timedelta(seconds=12)), COMPARED, NOW, 30, UTC_ZONE)
    assert (found.state, found.figure, found.unit) == (State.GOOD, "12 s", "since the last sync")
    assert found.detail == "Looked for changes every 30 s; every document was last compared 24 Nov, 03:10"
    assert "Sums tell of edits" in found.why


def test_a_sync_that_fails_says_why_and_what_to_do() -> None:
    state = SyncState(Phase.STALE, 1, data_time=NOW - timedelta(minutes=10), error=TROUBLE)
    found = up_to_date(state, COMPARED, NOW, 30, UTC_ZONE)
    assert (found.state, found.figure) == (State.ACT, "10 min")
    assert (found.detail, found.why, found.todo) == ("The disk is full", "Disk is full", "Make room.")


def test_before_the_first_read_nothing_is_known() -> None:
    assert up_to_date(SyncState(Phase.LOADING, 1), COMPARED, NOW, 30, UTC_ZONE).state is State.UNKNOWN


def test_it_says_when_edits_wait_until_all_are_compared() -> None:
    state = SyncState(Phase.LIVE, 1, data_time=NOW)
    for sums, reason in ((Sums.REFUSED, "does not add up"), (Sums.NOT_FINITE, "not a finite number")):
        found = up_to_date(state, Compared(COMPARED.at, sums), NOW, 30, UTC_ZONE)
        assert reason in found.why
        assert "found when all are compared" in found.why

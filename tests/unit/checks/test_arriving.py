"""Silence is told where usage is usual, in any zone and across changes of clocks, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.asking import ask
from tests.unit.builders import batch, document, item
from tests.unit.checks.checking import counted
from tests.unit.worlds import PROPERTY, ZONES, filled

from usage_dash.checks.arriving import usage_arrives
from usage_dash.checks.check import Check, State
from usage_dash.checks.rules import Rules
from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.silence import Recorded, recorded

DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
MONDAY = datetime(2026, 6, 15)  # noqa: DTZ001 - of whatever zone
Worked = Callable[[datetime], bool]


def at_work(wall: datetime) -> bool:
    """Whether people work: from 9 to 17 on weekdays."""
    return wall.weekday() < 5 and 9 <= wall.hour < 17


def history(zone: str, last: datetime, worked: Worked = at_work, weeks: int = 6) -> Recorded:
    """Hours with usage for some weeks, the last usage at a time of the zone's clocks."""
    newest = last.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = newest.replace(minute=0)
    hours = [end - number * HOUR for number in range(weeks * 7 * 24)]
    used = frozenset(hour for hour in hours if worked(hour.astimezone(ZoneInfo(zone))))
    return Recorded(min(used), newest, used)


def said(found: Recorded | None, until: datetime | None, zone: str = "UTC", hours: int = 6) -> Check | None:
    local = until and until.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    return usage_arrives(found, local, ZoneInfo(zone), Rules(silent_hours=hours))


def state(found: Recorded, until: datetime | None, zone: str = "UTC", hours: int = 6) -> State:
    check = said(found, until, zone, hours)
    assert check is not None
    return check.state


def test_usage_that_keeps_arriving_is_good() -> None:
    last = MONDAY.replace(hour=11)
    check = said(history("UTC", last), last + timedelta(seconds=51))
    assert check is not None
    assert (check.state, check.title, check.figure) == (State.GOOD, "Usage keeps arriving", "51 s")
    assert check.detail == "Turns to “look” after 6 hours where that is unusual", "nobody is sent a message"
    assert check.since == last.replace(tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_silence_while_it_is_usual_is_told(zone: str) -> None:
    last = MONDAY.replace(hour=9, minute=20)
    check = said(history(zone, last), last + timedelta(hours=6, minutes=30), zone)
    assert check is not None
    assert (check.state, check.title, check.figure) == (State.LOOK, "Nothing recorded for 7 h", "7 h")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("silent", [timedelta(hours=5, minutes=59), 16 * HOUR])
def test_silence_that_is_short_or_at_night_is_not(zone: str, silent: timedelta) -> None:
    last = MONDAY.replace(hour=16, minute=30)
    assert state(history(zone, last), last + silent, zone) is State.GOOD


def test_a_quiet_weekend_is_not_told_before_monday_goes_by() -> None:
    friday = MONDAY.replace(hour=16, minute=30) - 3 * DAY
    found = history("UTC", friday)
    check = said(found, MONDAY.replace(hour=11))
    assert check is not None
    assert (check.state, check.detail) == (State.GOOD, "As is usual at these hours")
    assert state(found, MONDAY.replace(hour=12)) is State.LOOK


def test_what_is_told_stays_so_over_night() -> None:
    last = MONDAY.replace(hour=9, minute=20)
    assert state(history("UTC", last), MONDAY + DAY) is State.LOOK
    assert state(history("UTC", last), MONDAY + 40 * DAY) is State.LOOK


@pytest.mark.parametrize(("missed", "expected"), [(1, State.LOOK), (2, State.GOOD)])
def test_usual_is_what_three_of_four_weeks_had(missed: int, expected: State) -> None:
    last = MONDAY.replace(hour=9, minute=20)

    def holidays(wall: datetime) -> bool:
        return at_work(wall) and not any(wall.date() == (MONDAY - n * WEEK).date() for n in range(1, missed + 1))

    assert state(history("UTC", last, holidays), last + 7 * HOUR) is expected


@pytest.mark.parametrize(("usual", "expected"), [(3, State.LOOK), (2, State.GOOD)])
def test_half_of_the_hours_have_to_be_usual(usual: int, expected: State) -> None:
    last = MONDAY.replace(hour=9, minute=20)

    def mornings(wall: datetime) -> bool:
        return at_work(wall) and wall.hour < 10 + usual

    assert state(history("UTC", last, mornings), last + 7 * HOUR) is expected


@pytest.mark.parametrize(("hours", "expected"), [(4, State.LOOK), (8, State.GOOD)])
def test_the_hours_of_silence_are_a_setting(hours: int, expected: State) -> None:
    last = MONDAY.replace(hour=9, minute=20)
    assert state(history("UTC", last), last + 6 * HOUR, hours=hours) is expected


@pytest.mark.parametrize(("weeks", "expected"), [(2, State.UNKNOWN), (4, State.LOOK)])
def test_before_three_weeks_nothing_is_usual_yet(weeks: int, expected: State) -> None:
    last = MONDAY.replace(hour=9, minute=20)
    assert state(history("UTC", last, weeks=weeks), last + 7 * HOUR) is expected


def test_before_the_first_sync_nothing_is_known() -> None:
    assert state(history("UTC", MONDAY.replace(hour=11)), None) is State.UNKNOWN
    assert said(None, MONDAY) is None


@pytest.mark.parametrize(
    ("zone", "monday", "quiet"),
    [
        ("Europe/Berlin", datetime(2026, 3, 30), 0),  # noqa: DTZ001 - of the zone
        ("America/New_York", datetime(2026, 11, 2), 0),  # noqa: DTZ001 - of the zone
        ("Australia/Lord_Howe", datetime(2026, 4, 6), 1),  # noqa: DTZ001 - of the zone, whose clocks move half an hour
    ],
)
def test_usual_hours_are_those_of_clocks_on_the_wall(zone: str, monday: datetime, quiet: int) -> None:
    def early(wall: datetime) -> bool:
        return wall.hour in {7, 8, 9, 10}

    found = history(zone, monday - DAY + timedelta(hours=10), early)
    assert found.usual_hours(_utc(monday + 7 * HOUR, zone), ZoneInfo(zone)) == quiet
    assert found.usual_hours(_utc(monday + 11 * HOUR, zone), ZoneInfo(zone)) == 4


def _utc(wall: datetime, zone: str) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@PROPERTY
@given(
    st.sets(st.integers(-45 * 24 * 4, 0), max_size=400),
    st.integers(0, 20 * 24 * 4),
    st.sampled_from(ZONES),
    st.integers(),
)
def test_more_time_never_makes_fewer_hours_usual(quarters: set[int], later: int, zone: str, day: int) -> None:
    newest = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day % 365)
    times = [newest + number * timedelta(minutes=15) for number in {0, *quarters}]
    found = Recorded(min(times), newest, frozenset(time.replace(minute=0) for time in times))
    first = found.usual_hours(newest + later * timedelta(minutes=15), ZoneInfo(zone))
    then = found.usual_hours(newest + (later + 4) * timedelta(minutes=15), ZoneInfo(zone))
    if first is None or then is None:
        assert first is then is None
        assert newest - min(times) < 3 * WEEK
    else:
        assert 0 <= first <= then <= 168


def asked(ledger: Ledger, now: datetime, scope: Scope = EVERYBODY) -> Recorded | None:
    found: Recorded | None = ask(recorded, ledger, Lately(), now=now, scope=scope)
    return found


NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def test_what_was_recorded_is_read_from_entries_until_now(ledger: Ledger) -> None:
    items = [item(minutes, cost=1.0) for minutes in (-60 * 24 * 30, -61, -60 * 24 * 7, 30)]
    filled(ledger, [document("ada", *items, item(at=None), item(at=datetime(1970, 1, 1, tzinfo=UTC)))])
    newest = NOON - timedelta(minutes=61)
    hours = frozenset({NOON - 2 * HOUR, NOON - WEEK})
    assert asked(ledger, NOON) == Recorded(NOON - 30 * DAY, newest, hours)


def test_growth_without_an_entry_is_usage_too(ledger: Ledger) -> None:
    ledger.apply(batch(counted("ada", item(-60, cost=0.5))), read_time=NOON)
    later = NOON + 2 * HOUR
    ledger.apply(batch(counted("ada", item(-60, cost=0.5), total_cost=3.0)), read_time=later, since=NOON)
    found = asked(ledger, later)
    assert found is not None
    assert found.newest == later


def test_usage_of_the_scope_alone_counts(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(-600, cost=1.0)), document("bob", item())])
    mine = asked(ledger, NOON, Scope(frozenset({"ada"})))
    assert mine is not None
    assert mine.newest == NOON - 10 * HOUR
    assert asked(ledger, NOON, Scope(frozenset({"eve"}))) is None


def test_what_users_who_are_gone_left_is_no_usage() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as ledger:
        ledger.apply(batch(document("ada", item())))
        ledger.apply(batch(), within=EVERYTHING)
        assert asked(ledger, NOON) is None

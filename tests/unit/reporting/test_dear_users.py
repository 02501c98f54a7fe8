"""Who cost more than a limit in a day or a month: those alone, by reporting days, with what no entry explains."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from math import fsum
from typing import Literal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from tests.unit.asking import ask
from tests.unit.builders import NOON, batch, document, item
from tests.unit.checks.checking import counted
from tests.unit.known import Named
from tests.unit.worlds import PROPERTY, World, filled, worlds

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.dear_users import MOST, Dear, DearUser, dear_users
from usage_dash.reporting.sums import Sum

DAY = timedelta(days=1)
TODAY = NOON.date()
Period = Literal["day", "month"]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"), keep_sums=False)) as opened:
        yield opened


def dear(
    ledger: Ledger,
    limit: float = 50.0,
    period: Period = "day",
    first: date = TODAY,
    *,
    now: datetime = NOON,
    scope: Scope = EVERYBODY,
) -> Dear:
    found: Dear = ask(dear_users, ledger, period, limit, first, now=now, scope=scope)
    return found


def names(found: Dear) -> list[tuple[str, date, float]]:
    return [(user.user_id, user.first, user.cost.known) for user in found.users]


def test_who_costs_more_is_dear_and_who_costs_as_much_is_not(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(-1, cost=50.0), item(cost=0.01)), document("bob", item(cost=50.0))])
    found = dear(ledger)
    assert found.users == (DearUser(TODAY, "ada", "", Sum(50.01)),)
    assert found.highest == Sum(50.01)


def test_rounding_makes_nobody_dear(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *(item(-number, cost=0.1) for number in range(30)))])
    assert fsum([0.1] * 30) == 3.0
    assert dear(ledger, 3.0).users == ()
    assert names(dear(ledger, 2.99)) == [("ada", TODAY, pytest.approx(3.0))]


def test_the_highest_is_told_though_nobody_is_dear(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=18.4)), document("bob", item(cost=3.0))])
    assert dear(ledger) == Dear((), Sum(18.4), ("ada", "bob"))


def test_the_first_of_the_current_period_are_near(ledger: Ledger) -> None:
    users = [document(f"u{number:02}", item(cost=60.0 - number)) for number in range(14)]
    filled(ledger, [*users, document("old", item(-24 * 60, cost=99.0))])
    found = dear(ledger, 58.5, first=TODAY - DAY)
    assert found.near == tuple(f"u{number:02}" for number in range(12))
    assert [user.user_id for user in found.users] == ["u00", "u01", "old"]


def test_without_usage_in_the_last_period_nothing_is_highest(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(-24 * 60, cost=18.4))])
    assert dear(ledger, first=TODAY - DAY) == Dear((), None)
    assert dear(ledger, period="month").highest == Sum(18.4)


def test_days_are_apart_and_the_latest_comes_first(ledger: Ledger) -> None:
    items = [item(-24 * 60 * days, cost=30.0 + days) for days in range(4)]
    filled(ledger, [document("ada", *items), document("bob", item(-60, cost=40.0))])
    found = dear(ledger, 29.0, first=TODAY - 2 * DAY)
    assert names(found) == [
        ("bob", TODAY, 40.0),
        ("ada", TODAY, 30.0),
        ("ada", TODAY - DAY, 31.0),
        ("ada", TODAY - 2 * DAY, 32.0),
    ]


def test_a_month_begins_with_its_first_day(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *(item(-24 * 60 * days, cost=10.0) for days in range(20)))])
    june, may = date(2026, 6, 1), date(2026, 5, 1)
    assert names(dear(ledger, 40.0, "month")) == [("ada", june, 150.0)]
    assert names(dear(ledger, 40.0, "month", first=date(2026, 5, 31))) == [("ada", june, 150.0), ("ada", may, 50.0)]


def test_reporting_days_begin_by_the_clocks_of_the_zone() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("Asia/Kathmandu"))) as ledger:
        midnight = datetime(2026, 6, 14, 18, 15, tzinfo=UTC)
        filled(
            ledger, [document("ada", item(at=midnight, cost=60.0), item(at=midnight - timedelta(seconds=1), cost=70.0))]
        )
        assert names(dear(ledger, first=TODAY - DAY)) == [("ada", TODAY, 60.0), ("ada", TODAY - DAY, 70.0)]


def test_a_day_that_the_clocks_make_longer_is_one_day() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("Europe/Berlin"))) as ledger:
        hours = [datetime(2026, 10, 24, 22, tzinfo=UTC) + timedelta(hours=hour) for hour in range(25)]
        filled(ledger, [document("ada", *(item(at=at, cost=2.0) for at in hours))])
        now = datetime(2026, 10, 25, 23, 30, tzinfo=UTC)
        assert names(dear(ledger, 49.0, first=date(2026, 10, 25), now=now)) == [("ada", date(2026, 10, 25), 50.0)]


def test_unknown_costs_leave_the_least_that_somebody_cost(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(-1, cost=None), item(cost=60.0)), document("bob", item(cost=None))])
    assert dear(ledger).users == (DearUser(TODAY, "ada", "", Sum(60.0, 1)),)


def test_names_are_told_where_somebody_has_one(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=60.0))], {"ada": Named("Ada Lovelace", "", "")})
    assert dear(ledger).users[0].name == "Ada Lovelace"


def grown(ledger: Ledger, since: datetime | None) -> Ledger:
    """A user whose counter grew by $60 until noon, without an entry."""
    ledger.apply(batch(counted("ada", item(-60 * 24 * 9, cost=1.0))), EVERYTHING, read_time=since or NOON)
    later = counted("ada", item(-60 * 24 * 9, cost=1.0), total_cost=61.0)
    ledger.apply(batch(later), EVERYTHING, read_time=NOON, since=since)
    return ledger


@pytest.mark.parametrize(("interval", "is_dear"), [(DAY, True), (DAY + timedelta(seconds=1), False), (None, False)])
def test_growth_over_more_than_a_day_makes_nobody_dear_on_one(
    ledger: Ledger, interval: timedelta | None, *, is_dear: bool
) -> None:
    grown(ledger, interval and NOON - interval)
    assert bool(dear(ledger).users) is is_dear
    assert names(dear(ledger, period="month")) == [("ada", date(2026, 6, 1), 61.0)]


def test_what_users_who_are_gone_left_is_nobodys() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as ledger:
        ledger.apply(batch(document("ada", item(cost=60.0))))
        ledger.apply(batch(), within=EVERYTHING)
        assert dear(ledger) == Dear((), None)


def test_of_very_many_the_dearest_are_told(ledger: Ledger) -> None:
    users = [document(f"u{number:03}", item(cost=60.0 + number)) for number in range(MOST + 3)]
    filled(ledger, users)
    found = dear(ledger)
    assert len(found.users) == MOST
    assert (found.users[0].user_id, found.users[-1].user_id) == ("u502", "u003")


def test_only_who_is_in_the_scope_is_dear(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=60.0)), document("bob", item(cost=70.0))])
    assert names(dear(ledger, scope=Scope(frozenset({"ada"})))) == [("ada", TODAY, 60.0)]


@PROPERTY
@given(worlds())
def test_days_add_up_what_entries_of_their_days_cost(ledgers: dict[str, Ledger], world: World) -> None:
    zone = ZoneInfo(world.zone)
    ledger, today = filled(ledgers[world.zone], world.documents), world.now.astimezone(zone).date()
    first = today - 40 * DAY
    costs: dict[tuple[str, date], float] = defaultdict(float)
    for each in world.documents:
        for entry in each.items:
            day = entry.at.astimezone(zone).date() if entry.at else None
            if day and entry.cost and first <= day <= today:
                costs[each.user_id, day] += entry.cost
    expected = {(user, day, cost) for (user, day), cost in costs.items() if cost > 2.0}
    assert set(names(dear(ledger, 2.0, first=first, now=world.now))) == expected

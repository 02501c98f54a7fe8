"""The budgets of a dashboard: counted as plain Python does, and told to nobody who may not see what they are of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import NOON, batch, document, item
from tests.unit.known import Entry, Named, cost
from tests.unit.worlds import DAY, PROPERTY, TEAMS, ZONES, Asked, asked, filled

from usage_dash.access.viewer import Viewer
from usage_dash.ledger.choice import ALL_CHOSEN
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import ALL_USERS, EVERYBODY, Scope
from usage_dash.money.budgets import NEAR, Kind
from usage_dash.money.outlook import Outlook, doubts
from usage_dash.people.directory import People, Person
from usage_dash.reporting.allowances import Near, UserSpent
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.filters import Filters, RangeName
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.settings.budgets import Budgets

VIEWER = Viewer.viewer()
LIMITS = st.integers(1, 40).map(lambda parts: parts / 4)
NAMED = Named(team="Support"), Named(team="Sales")


@pytest.fixture(scope="module")
def ledgers() -> Iterator[dict[str, Ledger]]:
    opened = {zone: Ledger("memory:usage", ZoneInfo(zone)) for zone in ZONES}
    yield opened
    for each in opened.values():
        each.close()


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as opened:
        documents = [document(user, item(-DAY, cost=cost), item(cost=1.0)) for user, cost in PRICED.items()]
        yield filled(opened, documents, {"ada": NAMED[0], "bob": NAMED[0], "cy": NAMED[1]})


PRICED = {"ada": 8.0, "bob": 3.0, "cy": 4.0, "dee": 1.0}


def outlook(ledger: Ledger, budgets: Budgets | Callable[[], Budgets], now: datetime = NOON) -> Outlook:
    told = budgets if callable(budgets) else lambda: budgets
    return Outlook(Reports(ledger, ViewCache(), lambda: now), told)


def near(kept: Outlook) -> Near:
    """Who of everybody is near an allowance, where somebody has one."""
    found = kept.near(EVERYBODY)
    assert found is not None
    return found


@PROPERTY
@given(asked(), st.none() | LIMITS, st.dictionaries(st.sampled_from(TEAMS[1:]), LIMITS))
def test_what_was_spent_is_what_plain_python_counts_this_month(
    ledgers: dict[str, Ledger], asked: Asked, month: float | None, teams: dict[str, float]
) -> None:
    this_month = replace(asked, filters=Filters(RangeName.MONTH_TO_DATE, ALL_CHOSEN))
    ledger, shown = this_month.fill(ledgers[asked.zone]), this_month.known.shown
    viewer = VIEWER if asked.scope.users is ALL_USERS else Viewer.lead(TEAMS[1:])
    found = outlook(ledger, Budgets(month, teams), asked.now).standings(asked.scope, viewer)

    def of_team(team: str) -> list[Entry]:
        return [each for each in shown if each.user_id in asked.people and asked.people[each.user_id].team == team]

    expected = {(Kind.TEAM, team, limit): cost(of_team(team)) for team, limit in teams.items()}
    if month and asked.scope.users is ALL_USERS:
        expected[Kind.MONTH, "", month] = cost(shown)
    assert {(each.kind, each.name, each.limit): each.spent for each in found} == expected


@PROPERTY
@given(asked(), st.none() | LIMITS, st.data())
def test_who_is_near_an_allowance_is_who_spent_as_much(
    ledgers: dict[str, Ledger], asked: Asked, of_all: float | None, data: st.DataObject
) -> None:
    this_month = replace(asked, filters=Filters(RangeName.MONTH_TO_DATE, ALL_CHOSEN))
    ledger, shown = this_month.fill(ledgers[asked.zone]), this_month.known.shown
    ids = [each.user_id for each in asked.documents]
    budgets = Budgets(user=of_all, users=data.draw(st.dictionaries(st.sampled_from([*ids, "stranger"]), LIMITS)))
    kept = outlook(ledger, budgets, asked.now)
    spent = {each: cost([entry for entry in shown if entry.user_id == each]) for each in {e.user_id for e in shown}}
    spent.pop("", None)
    limits = {each: limit for each in spent if (limit := budgets.allowance(each)) is not None}
    expected = [UserSpent(each, spent[each], limit) for each, limit in limits.items()]
    expected = [each for each in expected if each.spent.known >= NEAR * each.allowance]
    expected.sort(key=lambda each: (-each.spent.known / each.allowance, each.user_id))
    found = kept.near(asked.scope) or Near()
    assert (list(found.users), found.many) == (expected, len(expected))
    assert found.over == sum(each.spent.known >= each.allowance for each in expected)
    assert found.lacking == sum(
        bool(spent[each].lacking) and spent[each].known < limit for each, limit in limits.items()
    )
    for each, limit in limits.items():
        told = kept.allowance(asked.scope, each)
        assert told is not None
        assert (told.kind, told.name, told.limit, told.spent) == (Kind.USER, each, limit, spent[each])


def test_each_is_told_the_budgets_of_what_they_may_see(ledger: Ledger) -> None:
    kept = outlook(ledger, Budgets(20, {"Support": 10, "Sales": 50, "Nobody": 1}, 5))

    def told(scope: Scope, viewer: Viewer) -> dict[str, Sum]:
        return {each.name: each.spent for each in kept.standings(scope, viewer)}

    everything = {"": Sum(20.0), "Support": Sum(13.0), "Sales": Sum(5.0), "Nobody": Sum()}
    assert told(EVERYBODY, VIEWER) == told(EVERYBODY, Viewer.admin()) == everything
    assert told(Scope(frozenset({"ada", "bob"})), Viewer.lead(["Support"])) == {"Support": Sum(13.0)}
    assert told(Scope(frozenset({"ada"})), Viewer.only(["ada"])) == {"ada": Sum(9.0)}
    assert told(Scope(frozenset({"dee"})), Viewer.lead(["Others"])) == {}


def test_an_allowance_is_told_of_users_in_the_scope_alone(ledger: Ledger) -> None:
    kept, own = outlook(ledger, Budgets(user=5, users={"ada": 100})), Scope(frozenset({"ada"}))
    assert [(each.limit, each.spent) for user in PRICED if (each := kept.allowance(EVERYBODY, user))] == [
        (100, Sum(9.0)),
        (5, Sum(4.0)),
        (5, Sum(5.0)),
        (5, Sum(2.0)),
    ]
    assert [kept.allowance(own, user) is not None for user in PRICED] == [True, False, False, False]
    assert kept.allowance(EVERYBODY, "stranger") is kept.allowance(Scope(frozenset({"eve"})), "eve") is None
    assert [each.user_id for each in near(kept).users] == ["cy", "bob"]
    assert kept.near(own) == Near()
    assert outlook(ledger, Budgets(users={"bob": 1})).near(own) is outlook(ledger, Budgets(20)).near(EVERYBODY) is None
    assert outlook(ledger, Budgets(20)).allowance(EVERYBODY, "ada") is None


def test_adding_up_keeps_nobody_short_of_an_allowance() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as opened:
        tenths = [item(-number, cost=0.1) for number in range(10)]
        kept = outlook(filled(opened, [document("ada", *tenths)]), Budgets(user=1.0))
        found, own = near(kept), kept.allowance(EVERYBODY, "ada")
    assert (found.over, own and own.used_up) == (1, NOON.date())


def test_other_budgets_and_other_usage_are_told_at_once(ledger: Ledger) -> None:
    said = [Budgets(20)]
    kept = outlook(ledger, lambda: said[-1])
    assert [each.limit for each in kept.standings(EVERYBODY, VIEWER)] == [20]
    said.append(Budgets(30, user=1))
    assert [each.limit for each in kept.standings(EVERYBODY, VIEWER)] == [30]
    assert near(kept).many == 4
    ledger.apply(batch(document("ed", item(cost=2.0))))
    assert [each.spent for each in kept.standings(EVERYBODY, VIEWER)] == [Sum(22.0)]
    assert near(kept).many == 5


def test_a_budget_of_a_team_that_nobody_is_in_is_doubtful() -> None:
    people = People("1", {"ada": Person("ada", "", "", "Support")})
    assert list(doubts(Budgets(5, {"Support": 1, "Suport": 1}), people)) == [
        "USAGE_DASH_BUDGETS names the team 'Suport', in which USAGE_DASH_PEOPLE has nobody."
    ]

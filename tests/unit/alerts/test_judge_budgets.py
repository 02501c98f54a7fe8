"""Budgets are found at each mark, and where the forecast passes them; back under one is only what is well under it."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.unit.alerts.judging import Court, Read
from tests.unit.builders import document, item
from tests.unit.known import Named
from tests.unit.worlds import filled

from usage_dash.ledger.ledger import Ledger
from usage_dash.settings.budgets import Budgets

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 14, tzinfo=UTC)
PEOPLE = {"ada": Named("Ada", "", "Support"), "bob": Named("Bob", "", "Sales")}


def used(ledger: Ledger, daily: float = 10.0, now: datetime = NOW, **on: float) -> Ledger:
    """Ada costs as much on each of the last 70 days, and otherwise on some days of the month (`d03`)."""
    days = [now - number * DAY for number in range(70)]
    costs = dict.fromkeys(days, daily) | {now.replace(day=int(day[1:])): cost for day, cost in on.items()}
    return filled(ledger, [document("ada", *(item(at=at, cost=cost) for at, cost in costs.items()))], PEOPLE)


def court(ledger: Ledger, text: str, **budgets: object) -> Court:
    budget = Budgets(**budgets)  # type: ignore[arg-type]
    return Court(ledger, text, budgets=budget, now=NOW, sync=Read(until=NOW))


def subjects(found: Court, first: datetime | None = None) -> list[str]:
    return [finding.subject.split()[2] for finding in found.judged(first).findings]


@pytest.mark.parametrize(
    ("limit", "reached"),
    [
        (2500.0, []),
        (400.01, []),
        (400.0, ["50%"]),
        (250.01, ["50%"]),
        (250.0, ["50%", "80%"]),
        (200.0, ["50%", "80%", "100%"]),
        (20.0, ["50%", "80%", "100%"]),
    ],
)
def test_marks_are_reached_by_what_was_spent_this_month(ledger: Ledger, limit: float, reached: list[str]) -> None:
    assert subjects(court(used(ledger), "budget=50/80/100", month=limit)) == reached


def test_a_budget_says_what_was_spent_of_it_and_each_mark_says_the_same(ledger: Ledger) -> None:
    found = court(used(ledger, d03=25.5), "budget=50/80/100", month=250.0)
    assert set(found.lines()) == {("2026-11", "Everybody – $215.50 of $250, 86%")}
    assert (found.state.words, found.state.now) == ("A budget reaches 50, 80, 100%", "86% of $250")


def test_unknown_costs_leave_the_least_that_was_spent(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(at=NOW, cost=60.0), item(at=NOW - DAY, cost=None))])
    found = court(ledger, "budget=50", month=100.0)
    assert found.lines() == [("2026-11", "Everybody – at least $60.00 of $100, 60%")]
    assert found.state.now == "≥ 60% of $100"


def test_rounding_hides_no_mark(ledger: Ledger) -> None:
    assert subjects(court(used(ledger, daily=0.1), "budget=100", month=2.0)) == ["100%"]


def test_teams_have_budgets_of_their_own(ledger: Ledger) -> None:
    found = court(used(ledger), "budget=80", month=9000.0, teams={"Support": 240.0, "Sales": 1.0})
    assert found.lines() == [("2026-11", "Support – $200.00 of $240, 83%")]
    assert found.state.now == "Support 83% of $240"


def test_a_month_that_has_just_ended_is_found_if_the_rule_was_judged_in_it(ledger: Ledger) -> None:
    found = court(used(ledger), "budget=50/100", month=300.0)
    found.now = datetime(2026, 12, 1, 0, 2, tzinfo=UTC)
    used(ledger, now=found.now - timedelta(minutes=3))
    assert subjects(found, NOW) == ["50%", "100%"]
    assert {period for period, _ in found.lines(NOW)} == {"2026-11"}
    assert found.lines() == []
    found.now = datetime(2026, 12, 8, tzinfo=UTC)
    assert [period for period, _ in found.lines(NOW)] == []


def test_a_budget_that_is_raised_is_another(ledger: Ledger) -> None:
    used(ledger)
    before, after = (court(ledger, "budget=50", month=limit).judged().findings for limit in (300.0, 400.0))
    assert before[0].key != after[0].key


def test_a_budget_that_is_changed_ends_no_event_of_its_forecast_while_that_passes_it(ledger: Ledger) -> None:
    used(ledger)
    before, lowered, raised = (court(ledger, "forecast", month=limit).judged() for limit in (280.0, 270.0, 900.0))
    told = before.findings[0].key
    assert [finding.key for finding in lowered.findings] == [told]
    assert not lowered.is_over(told)
    assert raised.is_over(told)


def test_without_a_budget_the_rules_say_so(ledger: Ledger) -> None:
    judged = court(used(ledger), "budget=50, forecast", user=20.0).judged()
    assert [state.idle for state in judged.states] == ["No budget is set: USAGE_DASH_BUDGETS"] * 2
    assert (judged.findings, judged.unknown) == ((), frozenset())


def test_the_forecast_that_passes_a_budget_is_found_with_the_day(ledger: Ledger) -> None:
    found = court(used(ledger), "forecast", month=280.0)
    assert found.lines() == [("2026-11", "Everybody – $300 expected of $280, used up about 28 Nov")]
    assert (found.state.words, found.state.now) == ("The forecast passes a budget", "$300 of $280")


@pytest.mark.parametrize("limit", [300.0, 310.0, 900.0])
def test_the_forecast_that_only_comes_near_is_not_found(ledger: Ledger, limit: float) -> None:
    assert court(used(ledger), "forecast", month=limit).lines() == []


@pytest.mark.parametrize("limit", [200.0, 150.0])
def test_of_a_budget_that_is_used_up_no_forecast_is_told(ledger: Ledger, limit: float) -> None:
    assert court(used(ledger), "forecast", month=limit).lines() == []


@pytest.mark.parametrize(("daily", "is_over"), [(10.0, False), (9.2, False), (8.5, True)])
def test_the_forecast_is_back_under_a_budget_only_well_under_it(ledger: Ledger, daily: float, *, is_over: bool) -> None:
    found = court(used(ledger, daily=10.5), "forecast", month=280.0)
    (finding,) = found.judged().findings
    used(ledger, daily=daily)
    assert found.judged().is_over(finding.key) is is_over


def test_of_a_month_that_has_ended_no_forecast_is_back_under_the_budget(ledger: Ledger) -> None:
    found = court(used(ledger), "forecast", month=280.0)
    (finding,) = found.judged().findings
    found.now = found.sync.until = datetime(2026, 12, 1, 12, tzinfo=UTC)
    assert not found.judged().is_over(finding.key)


def test_under_two_weeks_nothing_is_known_of_the_forecast_and_nothing_is_over(ledger: Ledger) -> None:
    known = court(used(ledger), "forecast", month=280.0)
    (finding,) = known.judged().findings
    filled(ledger, [document("ada", *(item(at=NOW - number * DAY, cost=90.0) for number in range(10)))])
    found = court(ledger, "forecast", month=9000.0).judged()
    assert (found.findings, found.unknown, found.states[0].now) == ((), {"forecast"}, "known after two weeks")
    assert not found.is_over(finding.key)


def test_unknown_costs_bring_no_forecast_back_under_a_budget(ledger: Ledger) -> None:
    found = court(used(ledger), "forecast", month=280.0)
    (finding,) = found.judged().findings
    items = (item(at=NOW - number * DAY, cost=1.0) for number in range(70))
    filled(ledger, [document("ada", *items, item(at=NOW - DAY, cost=None))])
    assert not found.judged().is_over(finding.key)


def test_while_nothing_is_read_the_forecast_is_unknown_but_what_was_spent_is_not(ledger: Ledger) -> None:
    found = court(used(ledger), "forecast, budget=50", month=280.0)
    found.sync.last_run = None
    judged = found.judged()
    assert judged.unknown == {"forecast"}
    assert [finding.rule for finding in judged.findings] == ["budget"]


def test_months_are_those_of_the_zone() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("America/New_York"))) as ledger:
        at = datetime(2026, 12, 1, 4, 59, tzinfo=UTC)
        filled(ledger, [document("ada", item(at=at, cost=60.0))])
        found = court(ledger, "budget=50", month=100.0)
        found.now = at + timedelta(minutes=5)
        assert found.lines(NOW) == [("2026-11", "Everybody – $60.00 of $100, 60%")]
        assert found.judged().month == "2026-12"

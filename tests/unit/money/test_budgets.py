"""How a budget stands: what was spent, the day it is used up, and how it will do."""

from __future__ import annotations

from datetime import date, timedelta

from usage_dash.money.budgets import Kind, Outcome, Standing, most_endangered_first, standing
from usage_dash.reporting.sums import Sum

TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)


def stands(limit: float, spent: dict[date, Sum] | None = None, today: date = TODAY, name: str = "Support") -> Standing:
    """How a budget stands after ten weeks of a dollar a day, but for what was `spent` otherwise."""
    history = {today - number * DAY: Sum(1.0) for number in range(70)}
    return standing(Kind.TEAM, name, limit, history | (spent or {}), today)


def test_what_was_spent_is_of_this_month_alone_and_the_forecast_of_all_of_it() -> None:
    found = stands(40.0)
    assert (found.spent, found.share, found.over) == (Sum(20.0), 0.5, 0.0)
    assert found.forecast is not None
    assert found.forecast.month == Sum(30.0)
    assert (found.used_up, found.ends, found.outcome) == (None, None, Outcome.LASTS)


def test_a_budget_that_the_forecast_passes_runs_out_on_a_day() -> None:
    found = stands(25.0)
    assert (found.used_up, found.ends, found.outcome) == (None, date(2026, 11, 25), Outcome.RUNS_OUT)


def test_a_budget_is_used_up_on_the_day_that_reached_it() -> None:
    found = stands(12.0, {date(2026, 11, 3): Sum(5.5)})
    assert (found.used_up, found.ends, found.outcome) == (date(2026, 11, 8), date(2026, 11, 8), Outcome.USED_UP)
    assert (found.spent, found.over) == (Sum(24.5), 12.5)
    assert stands(20.0).used_up == TODAY


def test_what_adding_up_rounds_keeps_no_budget_from_being_used_up() -> None:
    tenths = {TODAY - number * DAY: Sum(0.1 if number < 10 else 0.0) for number in range(20)}
    found = stands(1.0, tenths)
    assert 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 + 0.1 < 1.0
    assert (found.used_up, found.share, found.over, found.outcome) == (TODAY, 1.0, 0.0, Outcome.USED_UP)
    assert found.forecast is not None
    assert found.forecast.used_up_on(1.0) == TODAY
    assert stands(1.001, tenths).used_up is None


def test_without_two_weeks_nobody_knows_how_it_will_do_but_that_it_is_used_up() -> None:
    def young(limit: float) -> Standing:
        return standing(Kind.MONTH, "", limit, {TODAY - number * DAY: Sum(1.0) for number in range(13)}, TODAY)

    assert (young(50.0).forecast, young(50.0).ends, young(50.0).outcome) == (None, None, Outcome.UNKNOWN)
    assert (young(13.0).ends, young(13.0).outcome) == (TODAY, Outcome.USED_UP)


def test_where_costs_are_unknown_a_budget_is_never_said_to_last() -> None:
    lacking = {TODAY: Sum(1.0, 2)}
    assert stands(40.0, lacking).outcome is Outcome.UNKNOWN
    assert stands(40.0, lacking).spent == Sum(20.0, 2)
    assert stands(25.0, lacking).outcome is Outcome.RUNS_OUT


def test_a_budget_is_near_from_four_fifths_on() -> None:
    assert [stands(limit).is_near for limit in (25.1, 25.0, 20.0, 5.0)] == [False, True, True, True]


def test_nothing_spent_is_nothing_spent() -> None:
    found = standing(Kind.USER, "ada", 5.0, {}, TODAY)
    assert (found.spent, found.share, found.used_up, found.outcome) == (Sum(), 0.0, None, Outcome.UNKNOWN)


def test_the_worst_come_first_and_of_those_alike_the_one_that_will_be_spent_furthest() -> None:
    limits = {"over": 19.0, "more over": 10.0, "out": 28.0, "sooner": 25.0, "lasts": 100.0, "lasts less": 40.0}
    unknown = stands(90.0, {TODAY: Sum(1.0, 1)}, name="unknown")
    found = most_endangered_first([*(stands(limit, name=name) for name, limit in limits.items()), unknown])
    names = ["more over", "over", "sooner", "out", "unknown", "lasts less", "lasts"]
    assert [each.name for each in found] == names

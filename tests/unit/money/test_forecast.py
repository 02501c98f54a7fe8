"""The forecast: weekdays' medians to come on top of what was spent, and what it needs for that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from usage_dash.money.forecast import Forecast, History, forecast
from usage_dash.reporting.sums import Sum

DAY = timedelta(days=1)
WEEKDAYS = (10.0, 20.0, 30.0, 40.0, 50.0, 2.0, 1.0)  # what they cost, from Monday on
TODAY = date(2026, 11, 25)  # a Wednesday


def weekly(days: int, today: date = TODAY) -> dict[date, Sum]:
    """So many days before today, each of which cost what its weekday does."""
    before = (today - number * DAY for number in range(1, days + 1))
    return {day: Sum(WEEKDAYS[day.weekday()]) for day in before}


def known(history: History, today: date = TODAY) -> Forecast:
    found = forecast(history, today)
    assert found is not None
    return found


def test_a_month_is_what_it_cost_and_what_its_days_to_come_usually_cost() -> None:
    # November 2026 has five Sundays and Mondays, and four of all others; the first is a Sunday.
    assert known(weekly(100)).month == Sum(4 * sum(WEEKDAYS) + 10 + 1)


def test_today_comes_to_what_is_usual() -> None:
    usual = known(weekly(100)).month.known
    for today, more in [(0.0, 0.0), (7.0, 0.0), (30.0, 0.0), (31.0, 1.0), (500.0, 470.0)]:
        assert known(weekly(100) | {TODAY: Sum(today)}).month.known == pytest.approx(usual + more)


def test_one_unusual_day_is_not_expected_again() -> None:
    history = weekly(100)
    day = TODAY - 14 * DAY
    spike = known(history | {day: Sum(1_000.0)})
    assert spike.month.known == pytest.approx(known(history).month.known + 1_000 - history[day].known)


@pytest.mark.parametrize(("days", "weeks"), [(14, 2), (20, 2), (21, 3), (55, 7), (56, 8), (300, 8)])
def test_it_says_of_how_many_weeks_its_medians_are(days: int, weeks: int) -> None:
    assert known(weekly(days)).weeks == weeks


@pytest.mark.parametrize("days", [0, 1, 13])
def test_there_is_none_under_two_weeks(days: int) -> None:
    assert forecast(weekly(days), TODAY) is None


def test_days_without_usage_cost_nothing_but_those_before_the_first_are_not_known() -> None:
    rare = {TODAY - 21 * DAY: Sum(9.0), TODAY - 7 * DAY: Sum(9.0), TODAY - 14 * DAY: Sum(9.0)}
    assert known(rare).weeks == 3
    assert known(rare).month.known == 9.0 * 4  # three Wednesdays of November before today, and today
    assert known({TODAY - 20 * DAY: Sum(9.0)}).weeks == 2
    assert known({TODAY - 20 * DAY: Sum(9.0)}).month.known == 9.0  # a Thursday, 5 November


def test_unknown_costs_make_it_the_least() -> None:
    history = weekly(100)
    lacking = known(history | {TODAY - DAY: Sum(0.0, 2)})
    assert lacking.month.lacking == 2
    assert lacking.month.known <= known(history).month.known
    assert lacking.pace == Sum(pytest.approx((known(history).running[23] - 20) / 24 * 30), 2)


def test_the_pace_is_that_of_the_months_whole_days() -> None:
    found = known(weekly(100) | {TODAY: Sum(999.0)})
    assert found.pace == Sum(pytest.approx(found.running[23] / 24 * 30))


def test_on_the_first_there_is_no_pace_yet() -> None:
    first = date(2026, 11, 1)
    assert known(weekly(100, first), first).pace is None
    assert known(weekly(100, first), first).month.known == pytest.approx(4 * sum(WEEKDAYS) + 10 + 1)


def test_it_tells_when_a_limit_is_used_up() -> None:
    found = known(weekly(100))
    assert found.used_up_on(0.5) == date(2026, 11, 1)
    assert found.used_up_on(1.5) == date(2026, 11, 2)
    assert found.used_up_on(found.running[27]) == date(2026, 11, 28)
    assert found.used_up_on(found.month.known + 0.01) is None

"""The forecast: weekdays' medians to come on top of what was spent, and what it needs for that."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from math import fsum

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from usage_dash.money.forecast import Forecast, History, forecast
from usage_dash.reporting.sums import Sum

DAY = timedelta(days=1)
WEEKDAYS = (10.0, 20.0, 30.0, 40.0, 50.0, 2.0, 1.0)  # what they cost, from Monday on
TODAY = date(2026, 11, 25)  # a Wednesday


costs = st.just(0.0) | st.floats(0, 1e-300) | st.floats(1e-9, 1e6) | st.floats(0, 2.0**53)
days_before = st.dictionaries(st.integers(0, 120), costs, max_size=120)
todays = st.dates(date(2020, 6, 1), date(2040, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2024, 2, 1), date(2024, 3, 1), date(2025, 2, 28), date(2026, 12, 31), date(2027, 1, 1)]
)
almost = 1 + 1e-9


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


def test_the_range_holds_the_forecast_also_where_rounding_puts_what_was_spent_above_it() -> None:
    # On the last day nothing is to come, and what was spent may be added up in another order.
    last = date(2026, 11, 30)
    found = known({last - number * DAY: Sum(0.7 if number else 10.0) for number in range(56)}, last)
    assert fsum([0.7] * 29 + [10.0]) > found.month.known
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.month.known <= found.high


def test_it_tells_when_a_limit_is_used_up() -> None:
    found = known(weekly(100))
    assert found.used_up_on(0.5) == date(2026, 11, 1)
    assert found.used_up_on(1.5) == date(2026, 11, 2)
    assert found.used_up_on(found.running[27]) == date(2026, 11, 28)
    assert found.used_up_on(found.month.known + 0.01) is None


def ago(days: dict[int, float], today: date, lacking: int = 0) -> dict[date, Sum]:
    return {today - number * DAY: Sum(cost, lacking) for number, cost in days.items()}


@given(days_before, todays)
@example({1: 1.0, 14: 1.0}, date(2026, 3, 1))
@example({56: 5e-324, 14: 2.0**53, 7: 1.0}, date(2024, 2, 29))
def test_whatever_was_spent_it_adds_up(days: dict[int, float], today: date) -> None:
    history = ago(days, today)
    found = forecast(history, today)
    known_for = max((number for number in days if number <= 56), default=0)
    assert (found is None) == (known_for < 14)
    if found is None:
        return
    spent = [history.get(today.replace(day=number), Sum()).known for number in range(1, today.day + 1)]
    assert found.weeks == known_for // 7
    assert len(found.running) == calendar.monthrange(today.year, today.month)[1]
    assert found.running[: today.day - 1] == pytest.approx([sum(spent[:day]) for day in range(1, today.day)])
    assert list(found.running) == sorted(found.running)
    assert found.month == Sum(found.running[-1])
    assert found.low is not None
    assert found.high is not None
    assert sum(spent) <= found.low * almost
    assert found.low <= found.month.known * almost
    assert found.month.known <= found.high


@given(days_before, todays, st.floats(0, 1e6))
def test_the_more_is_spent_today_the_more_the_month_will_cost(days: dict[int, float], today: date, more: float) -> None:
    history = ago(days, today)
    dearer = history | {today: Sum(history.get(today, Sum()).known + more)}
    found, then = forecast(history, today), forecast(dearer, today)
    assert (found is None) == (then is None)
    if found and then:
        assert found.month.known <= then.month.known * almost


@given(days_before, todays, st.integers(0, 120), st.floats(0, 1e6))
def test_what_is_said_to_be_the_least_is(days: dict[int, float], today: date, day: int, cost: float) -> None:
    lacking = forecast(ago(days, today, 1), today)
    full = ago(days, today, 1) | {today - day * DAY: Sum(days.get(day, 0.0) + cost, 1)}
    if lacking and lacking.month.lacking:
        assert lacking.low is None
        assert lacking.high is None
        assert lacking.month.lacking == sum(number < max(7 * lacking.weeks + 1, today.day) for number in days)
        then = forecast(full, today)
        assert then is None or then.weeks != lacking.weeks or lacking.month.known <= then.month.known * almost


@given(days_before, todays, st.sampled_from([0.5, 2.0, 1024.0]))
def test_it_is_the_same_in_every_currency(days: dict[int, float], today: date, rate: float) -> None:
    dear = {number: cost for number, cost in days.items() if cost >= 1e-9 or not cost}
    found = forecast(ago(dear, today), today)
    then = forecast(ago({number: cost * rate for number, cost in dear.items()}, today), today)
    assert (found is None) == (then is None)
    if found and then:
        assert then.month.known == pytest.approx(found.month.known * rate)
        assert then.high == pytest.approx(found.high and found.high * rate)


@given(days_before, todays, costs, costs)
def test_a_higher_limit_lasts_longer(days: dict[int, float], today: date, limit: float, more: float) -> None:
    found = forecast(ago(days, today), today)
    if found is None:
        return
    sooner, later = found.used_up_on(limit), found.used_up_on(limit + more)
    assert (sooner is None) == (limit > found.month.known)
    assert sooner is None or sooner.month == today.month
    assert later is None or (sooner is not None and sooner <= later)


def test_a_week_to_come_costs_what_the_median_week_did() -> None:
    # Somebody has one dear day a week, each time another: the median of each weekday is nothing.
    rare = {TODAY - (7 * week + week % 7 + 1) * DAY: Sum(70.0) for week in range(8)}
    found = known(rare)
    assert found.running[-1] - found.running[23] == pytest.approx(6 * 10)  # today and five more days


def test_the_range_is_wider_the_more_weeks_differ_and_the_more_is_to_come() -> None:
    def width(history: History, today: date = TODAY) -> float:
        found = known(history, today)
        assert found.low is not None
        assert found.high is not None
        return found.high - found.low

    steady = weekly(100)
    restless = {day: Sum(cost.known * (1.5 if day.toordinal() // 7 % 2 else 0.5)) for day, cost in steady.items()}
    assert width(steady) == pytest.approx(2 * 1.2816 * 0.1 * (30 + 40 + 50 + 2 + 1 + 10))  # a tenth of what is to come
    assert width(restless) > 3 * width(steady)
    first = date(2026, 11, 1)
    assert width(weekly(100, first), first) > 3 * width(steady)

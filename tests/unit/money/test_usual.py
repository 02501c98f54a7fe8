"""When a day is unusual: just above each gate and just below it, and when too little is known to tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.money.usual import median_day, unusual_days, usual
from usage_dash.reporting.usual import DayCost, History

DAY = timedelta(days=1)
MONDAY = date(2026, 11, 16)
MOST = timedelta(days=70)


def costs(last: date, *each: float) -> dict[date, DayCost]:
    """A history whose last day is that of the last cost."""
    first = last - (len(each) - 1) * DAY
    return {first + number * DAY: DayCost(cost, parts=1 if cost else 0) for number, cost in enumerate(each)}


def weekly(mondays: Iterable[float], others: float = 10.0, weekend: float = 10.0) -> dict[date, DayCost]:
    """A history in which the last Monday costs the last of these, the one before that the one before that."""
    days = [[monday, *[others] * 4, weekend, weekend] for monday in mondays]
    flat = [cost for week in days for cost in week]
    return costs(MONDAY, *flat[:-6])


def found(history: History, first: date = MONDAY, last: date = MONDAY, *, of_one: bool = False) -> list[date]:
    return list(unusual_days(history, first, last, of_one=of_one))


@pytest.mark.parametrize(
    ("cost", "is_unusual"), [(15.1, True), (15.0, False), (14.9, False), (1.0, False), (0.0, False)]
)
def test_a_day_is_unusual_above_one_and_a_half_times_its_weekday(cost: float, *, is_unusual: bool) -> None:
    assert found(weekly([10.0] * 8 + [cost])) == [MONDAY] * is_unusual


@pytest.mark.parametrize(("cost", "is_unusual"), [(39.95, True), (39.94, False)])
def test_where_days_differ_much_much_is_usual(cost: float, *, is_unusual: bool) -> None:
    # The median is 14, and half of the days are within 5 of it, which allows 14 + 3.5 * 5 / 0.6745.
    mondays = [4.0, 9.0, 9.0, 13.0, 15.0, 19.0, 19.0, 24.0]
    assert found(weekly([*mondays, cost], others=1)) == [MONDAY] * is_unusual


@pytest.mark.parametrize(("cost", "is_unusual"), [(14.6, True), (14.4, False)])
def test_a_little_more_on_a_quiet_weekday_is_nothing(cost: float, *, is_unusual: bool) -> None:
    assert found(weekly([2.0] * 8 + [cost], others=50, weekend=50)) == [MONDAY] * is_unusual


@pytest.mark.parametrize(("cost", "is_unusual"), [(1.06, True), (1.04, False)])
def test_cents_are_nothing(cost: float, *, is_unusual: bool) -> None:
    assert found(weekly([0.05] * 8 + [cost], others=0.05, weekend=0.05)) == [MONDAY] * is_unusual


def test_weekdays_are_held_against_themselves() -> None:
    quiet = weekly([60.0] * 9, others=60, weekend=10)
    assert found(quiet, MONDAY - 7 * DAY) == []
    saturday = MONDAY - 2 * DAY
    assert found({**quiet, saturday: DayCost(60.0, 1)}, MONDAY - 7 * DAY) == [saturday]


def test_a_day_on_which_nobody_ever_works_can_be_unusual() -> None:
    history = weekly([60.0] * 9, others=60, weekend=0)
    sunday = MONDAY - DAY
    held = unusual_days({**history, sunday: DayCost(20.0, 1)}, sunday, sunday)[sunday]
    assert (held.median, held.compared) == (0.0, 7)


def test_one_unusual_day_makes_none_usual() -> None:
    assert found(weekly([10.0, 10.0, 500.0, 10.0, 10.0, 10.0, 10.0, 10.0, 20.0])) == [MONDAY]


@pytest.mark.parametrize(("weeks", "is_unusual"), [(4, True), (3, False)])
def test_four_weeks_have_to_be_known(weeks: int, *, is_unusual: bool) -> None:
    history = weekly([10.0] * weeks + [90.0])
    assert found(history) == [MONDAY] * is_unusual
    assert (usual(history, MONDAY) is not None) is is_unusual


def test_what_is_older_than_eight_weeks_counts_no_more() -> None:
    held = usual(weekly([900.0] * 9 + [10.0] * 8 + [20.0]), MONDAY)
    assert held is not None
    assert (held.median, held.compared) == (10.0, 8)


def test_one_weekday_is_enough_to_tell_of() -> None:
    assert found(weekly([10.0] * 5 + [20.0], others=0, weekend=0)) == [MONDAY]


def test_the_days_in_the_middle_cost_what_is_usual() -> None:
    history = weekly([1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0, 9.0, 0.0])
    even = usual(history, MONDAY)
    odd = usual(weekly([1.0, 2.0, 3.0, 4.0, 6.0, 0.0]), MONDAY)
    assert even is not None
    assert odd is not None
    assert (even.median, even.middle) == (5.0, (MONDAY - 35 * DAY, MONDAY - 28 * DAY))
    assert (odd.median, odd.middle) == (3.0, (MONDAY - 21 * DAY,))


@pytest.mark.parametrize(("hidden", "compared"), [(1.0, 8), (1.2, 7)])
def test_a_day_of_which_much_may_be_hidden_is_not_compared_with(hidden: float, compared: int) -> None:
    history = weekly([10.0] * 9)
    week_before = MONDAY - 7 * DAY
    held = usual({**history, week_before: replace(history[week_before], hidden=hidden)}, MONDAY)
    assert held is not None
    assert held.compared == compared


@pytest.mark.parametrize(("lacking", "compared"), [(1, 8), (2, 7)])
def test_a_day_of_which_much_lacks_its_cost_is_not_compared_with(lacking: int, compared: int) -> None:
    history = weekly([10.0] * 9)
    held = usual({**history, MONDAY - 7 * DAY: DayCost(10.0, 10, lacking)}, MONDAY)
    assert held is not None
    assert held.compared == compared


def test_a_new_level_is_unusual_for_four_days_and_then_no_news() -> None:
    tuesday = MONDAY + DAY
    history = {**weekly([10.0] * 9), **costs(MONDAY + 14 * DAY, *[20.0] * 14)}
    assert found(history, MONDAY, MONDAY + 14 * DAY) == [tuesday + number * DAY for number in range(4)]


def test_two_unusual_days_in_a_row_are_both_told() -> None:
    history = {**weekly([10.0] * 9), MONDAY: DayCost(30.0, 1), MONDAY + DAY: DayCost(30.0, 1)}
    assert found(history, MONDAY, MONDAY + DAY) == [MONDAY, MONDAY + DAY]


def test_a_new_level_from_before_the_days_asked_for_is_known() -> None:
    history = {**weekly([10.0] * 9), **costs(MONDAY + 10 * DAY, *[20.0] * 10)}
    assert found(history, MONDAY + 6 * DAY, MONDAY + 10 * DAY) == []


@pytest.mark.parametrize(("days", "is_unusual"), [(10, True), (9, False)])
def test_who_is_new_is_not_unusual(days: int, *, is_unusual: bool) -> None:
    assert found(costs(MONDAY, *[2.0] * days, 30.0), of_one=True) == [MONDAY] * is_unusual


def test_days_off_are_not_usual_for_one_who_is_away_often() -> None:
    now_and_then = [cost for _ in range(14) for cost in (0.0, 0.0, 0.0, 5.0)]
    assert found(costs(MONDAY, *now_and_then, 6.0), of_one=True) == []
    assert found(costs(MONDAY, *now_and_then, 12.0), of_one=True) == [MONDAY]


def test_who_does_much_each_monday_is_usual_on_mondays() -> None:
    assert found(weekly([50.0] * 9, others=1, weekend=0), of_one=True) == []
    assert found(weekly([50.0] * 8 + [90.0], others=1, weekend=0), of_one=True) == [MONDAY]
    tuesday = MONDAY - 6 * DAY
    history = weekly([50.0] * 9, others=1, weekend=0)
    assert found({**history, tuesday: DayCost(50.0, 1)}, tuesday, of_one=True) == [tuesday]


def test_a_new_level_of_one_is_told_by_the_days_on_which_they_work() -> None:
    quiet, busy = [cost for _ in range(14) for cost in (0.0, 5.0)], [cost for _ in range(6) for cost in (0.0, 20.0)]
    first = MONDAY - 11 * DAY
    assert len(found(costs(MONDAY, *quiet, *busy), first, of_one=True)) == 4


def test_nothing_known_is_nothing_unusual() -> None:
    assert found({}) == []
    assert usual({}, MONDAY) is None
    assert median_day({}, MONDAY) == 0.0


@given(each=st.lists(st.floats(0, 1e9), max_size=90), least=st.floats(0.5, 100), of_one=st.booleans())
def test_whatever_the_costs_are_unusual_days_are_above_all_gates(
    each: list[float], least: float, *, of_one: bool
) -> None:
    history = costs(MONDAY, *each)
    for day, held in unusual_days(history, MONDAY - MOST, MONDAY, least, of_one=of_one).items():
        assert history[day].cost > max(1.5 * held.median, held.median + least)
        assert sum(history[middle].cost for middle in held.middle) / len(held.middle) == pytest.approx(held.median)
        assert all(middle < day for middle in held.middle)


@given(st.lists(st.floats(1.0, 1e6), min_size=60, max_size=90), st.sampled_from([0.25, 2.0, 1024.0]))
def test_dollars_of_another_size_make_the_same_days_unusual(each: list[float], times: float) -> None:
    history, larger = costs(MONDAY, *each), costs(MONDAY, *[cost * times for cost in each])
    nearly = unusual_days(history, MONDAY - MOST, MONDAY, 0.0)
    assert set(unusual_days(larger, MONDAY - MOST, MONDAY, 0.0)) == set(nearly)

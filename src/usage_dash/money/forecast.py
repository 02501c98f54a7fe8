"""What this month will cost: what it has cost so far, and what days like those to come usually cost.

A day to come is expected to cost the median of its weekday over the last eight whole weeks before today, or over as
many as there are; under two there is no forecast. Today is expected to come to its weekday's median too, unless it is
past that: then it brings no more. A day without usage cost nothing; weeks before the first usage are not known.

A median needs no more than most weeks: one unusual day moves neither it nor the forecast beyond that day's own cost.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from statistics import median
from typing import Final, TypeAlias

from usage_dash.reporting.sums import Sum, total

History: TypeAlias = Mapping[date, Sum]  # what each day cost; days without usage may be left out

WEEKS: Final = 8
LEAST_WEEKS: Final = 2
_WEEK: Final = 7  # days
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a month is expected to cost in all, by the medians of so many `weeks`.

    In eight of ten months like it the sum lies from `low` to `high`; both are None where costs are unknown. Then all
    sums are the least that they can be. `pace` is what the month would cost if each of its days cost as much as its
    whole days so far, None on its first day. `running` adds up the month to the end of each of its days: what they
    cost before today, what they are expected to cost from today on.
    """

    first: date
    month: Sum
    low: float | None
    high: float | None
    pace: Sum | None
    weeks: int
    running: tuple[float, ...]

    def used_up_on(self, limit: float) -> date | None:
        """Return the first day of the month at whose end it has cost the limit or more, or is expected to have."""
        number = next((number for number, cost in enumerate(self.running) if cost >= limit), None)
        return None if number is None else self.first + number * _DAY


def forecast(history: History, today: date) -> Forecast | None:
    """Return what the month of today will cost; None where less than two whole weeks before today are known."""
    weeks = weeks_known(history, today)
    if weeks < LEAST_WEEKS:
        return None
    first, length = today.replace(day=1), calendar.monthrange(today.year, today.month)[1]
    days = [first + number * _DAY for number in range(length)]
    past, lately = (
        [day for day in days if day < today],
        [today - number * _DAY for number in range(weeks * _WEEK, 0, -1)],
    )
    usual = _usual(history, lately)
    spent = [_cost(history, day).known for day in past]
    rest = [max(_cost(history, day).known, usual[day.weekday()]) for day in days[len(past) :]]
    running = tuple(accumulate([*spent, *rest]))
    lacking = total(_cost(history, day) for day in {*past, today, *lately}).lacking
    return Forecast(
        first=first,
        month=Sum(running[-1], lacking),
        low=None,
        high=None,
        pace=_pace(history, past, length),
        weeks=weeks,
        running=running,
    )


def weeks_known(history: History, today: date) -> int:
    """Return how many of the last eight whole weeks before today are known, from the first usage in them on."""
    lately = (today - number * _DAY for number in range(WEEKS * _WEEK, 0, -1))
    first = next((day for day in lately if day in history), today)
    return (today - first).days // _WEEK


def _usual(history: History, lately: list[date]) -> list[float]:
    """Return what each weekday usually costs, from Monday on."""
    by_weekday: list[list[float]] = [[] for _ in range(_WEEK)]
    for day in lately:
        by_weekday[day.weekday()].append(_cost(history, day).known)
    return [median(costs) for costs in by_weekday]


def _pace(history: History, past: list[date], length: int) -> Sum | None:
    spent = total(_cost(history, day) for day in past)
    return Sum(spent.known / len(past) * length, spent.lacking) if past else None


def _cost(history: History, day: date) -> Sum:
    return history.get(day, Sum())

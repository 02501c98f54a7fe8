"""What this month will cost: what it has cost so far, and what days like those to come usually cost.

A day to come is expected to cost the median of its weekday over the last eight whole weeks before today, or over as
many as there are; under two there is no forecast. The medians are scaled so that a week of them comes to the median
week. Today is expected to come to what is usual too, unless it is past that: then it brings no more. A day without
usage cost nothing; what was before the first usage of these weeks is not known. One unusual day moves neither median,
and so nothing but itself.

The range is made so that it held in about eight of ten when usage of the past was replayed (`python -m
benchmarks.forecast`, whose results docs/benchmarks.md tells). What is to come can miss by two things, whose squares add
up:

- what weeks of one's own differ by: the miss of each of the last weeks by what the others make usual. In so many
  weeks to come it grows with their root; and their median, which is all that is known of them, is wrong for all alike;
- a tenth of what is to come, as levels move within a month by more than the weeks before tell.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from math import fsum, hypot, pi, sqrt
from typing import Final, TypeAlias

from usage_dash.money.usual_week import Week, medians, usual_miss, usual_week
from usage_dash.reporting.sums import Sum, beyond, total

History: TypeAlias = Mapping[date, Sum]  # what each day cost; days without usage may be left out

WEEKS: Final = 8
LEAST_WEEKS: Final = 2
_WEEK: Final = 7  # days
_DAY: Final = timedelta(days=1)
_NOTHING: Final = Sum()
_EIGHT_OF_TEN: Final = 1.2816  # standard deviations of a normal distribution, to either side
_OF_MEDIAN: Final = pi / 2  # its variance, in that of a mean
_MOVES: Final = 0.1  # of what is to come


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a month is expected to cost in all, by what is usual in so many `weeks`.

    It is meant to come to lie from `low` to `high` in eight of ten months; both are None where costs are unknown. Then
    all sums are the least that they can be. `pace` is what the month would cost if each of its days cost as much as its
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
        number = next((number for number, cost in enumerate(self.running) if not beyond(limit, cost)), None)
        return None if number is None else self.first + number * _DAY


def forecast(history: History, today: date) -> Forecast | None:
    """Return what the month of today will cost; None where less than two whole weeks before today are known."""
    known = weeks_known(history, today)
    if known < LEAST_WEEKS:
        return None
    days = [history.get(today - number * _DAY, _NOTHING) for number in range(max(known * _WEEK, today.day - 1), -1, -1)]
    lacking, month, lately = total(days).lacking, days[-today.day :], days[-known * _WEEK - 1 : -1]
    weeks = [[day.known for day in lately[start : start + _WEEK]] for start in range(0, len(lately), _WEEK)]
    # Scaled medians can fall where a cost becomes known, plain ones cannot: so they are the least.
    usual = medians(weeks) if lacking else usual_week(weeks)
    length = calendar.monthrange(today.year, today.month)[1]
    running = _running([day.known for day in month], usual, length)
    spent = fsum(day.known for day in month)
    low, high = (None, None) if lacking else _range(spent, running[-1], weeks, length - today.day + 1)
    pace = _pace(month[:-1], length)
    return Forecast(today.replace(day=1), Sum(running[-1], lacking), low, high, pace, known, running)


def weeks_known(history: History, today: date) -> int:
    """Return how many of the last eight whole weeks before today are known, from the first usage in them on."""
    lately = (today - number * _DAY for number in range(WEEKS * _WEEK, 0, -1))
    first = next((day for day in lately if day in history), today)
    return (today - first).days // _WEEK


def _running(month: Sequence[float], usual: Week, length: int) -> tuple[float, ...]:
    """Return what the month adds up to by the end of each day; `usual` begins with today, the last that it has."""
    to_come = (usual[number % _WEEK] for number in range(1, length - len(month) + 1))
    return tuple(accumulate([*month[:-1], max(month[-1], usual[0]), *to_come]))


def _range(spent: float, month: float, weeks: Sequence[Week], days: int) -> tuple[float, float]:
    """Return between what the month will lie, with so many days to come, today with them."""
    length = days / _WEEK
    own = usual_miss(weeks) * sqrt(length * (1 + _OF_MEDIAN * length / len(weeks)))
    half = _EIGHT_OF_TEN * hypot(own, _MOVES * (month - spent))
    return min(month, max(spent, month - half)), month + half


def _pace(past: Sequence[Sum], length: int) -> Sum | None:
    spent = total(past)
    return Sum(spent.known / len(past) * length, spent.lacking) if past else None

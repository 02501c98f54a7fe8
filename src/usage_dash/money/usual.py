"""What a day usually costs, and when one costs far more than that: robust, so that one unusual day changes neither.

**Of several users** a day is held against the same weekday of the eight weeks before, from the first usage on; a day
without usage cost nothing. **Of one user** days without usage do not count, as nobody works each day; a day is held
against all others of the eight weeks and, where there are enough, against its weekday, and has to be unusual to both.

What is usual is the median. A day is unusual that is above three gates at once:

- `RATIO` times what is usual;
- `SCORE` of the modified z-score, by the median of how far the days are from their median (MAD). So where days differ
  much, much is usual. (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993, advise 3.5.) Of one user it is
  `SCORE_OF_ONE`, as of many some are above by chance.
- what is usual and some dollars: `SHARE` of the median of all days of the eight weeks, or `DOLLARS` if that is more. So
  a little more on a Sunday is nothing, nor are cents.

A day that cost less is not told: holidays are such, and silence has a check of its own. Where four of the seven days
before were above all gates too, that is the new level, and no news.

A day is compared with only if it is known: at most a tenth of it may be hidden or lack its cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median
from typing import Final

from usage_dash.reporting.usual import DayCost, History

WEEKS: Final = 8
LEAST_WEEKDAYS: Final = 4  # of the same name; of fewer, nobody can tell what is usual
LEAST_DAYS_OF_ONE: Final = 10
RATIO: Final = 1.5
SCORE: Final = 3.5
SCORE_OF_ONE: Final = 5.0
SHARE: Final = 0.25
DOLLARS: Final = 1.0
_NORMAL: Final = 0.6745  # of a standard deviation is the MAD of what is normally distributed
_UNKNOWN: Final = 0.1
_LEVEL, _LEVEL_OF = 4, 7  # days
LOOKS_BACK: Final = timedelta(days=14)  # in which to find the seven days before
_WEEK: Final = 7  # days
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for a day: the median of so many `compared`, which is what the one or two in the `middle` cost.

    Above the `limit` a day is unusual.
    """

    median: float
    limit: float
    compared: int
    middle: tuple[date, ...]


def usual(history: History, day: date, least: float = DOLLARS, *, of_one: bool = False) -> Usual | None:
    """Return what is usual for a day; None where too little is known. `least` dollars more are not unusual."""
    known = {each: found for each, found in _before(history, day) if _counts(found, of_one=of_one)}
    weekdays = {each: found for each, found in known.items() if each.weekday() == day.weekday()}
    enough = [weekdays] if len(weekdays) >= LEAST_WEEKDAYS else []
    if of_one:
        enough = [known, *enough] if len(known) >= LEAST_DAYS_OF_ONE else []
    more = max(least, SHARE * median(found.cost for found in known.values())) if enough else 0.0
    score = SCORE_OF_ONE if of_one else SCORE
    return max((_of(days, more, score) for days in enough), key=lambda each: each.limit, default=None)


def unusual_days(
    history: History, first: date, last: date, least: float = DOLLARS, *, of_one: bool = False
) -> dict[date, Usual]:
    """Return the unusual among the days from `first` to `last`, each with what was usual for it."""
    above: dict[date, bool] = {}  # of the days before, whether they were above what was usual for them
    found: dict[date, Usual] = {}
    for day in sorted(each for each in history if first - LOOKS_BACK <= each <= last):
        cost = history[day].cost
        held = usual(history, day, least, of_one=of_one) if cost > least else None
        is_above = held is not None and cost > held.limit
        if held and is_above and day >= first and sum(list(above.values())[-_LEVEL_OF:]) < _LEVEL:
            found[day] = held
        if history[day].parts or not of_one:
            above[day] = is_above
    return found


def median_day(history: History, last: date) -> float:
    """Return what a day of the eight weeks before the last one usually costs."""
    return median([found.cost for _, found in _before(history, last) if _counts(found, of_one=False)] or [0.0])


def _before(history: History, day: date) -> Iterator[tuple[date, DayCost]]:
    """Return the days of the eight weeks before that are in the history."""
    days = (day - number * _DAY for number in range(1, WEEKS * _WEEK + 1))
    return ((each, history[each]) for each in days if each in history)


def _counts(found: DayCost, *, of_one: bool) -> bool:
    """Whether a day is known well enough to be compared with."""
    is_whole = found.hidden <= _UNKNOWN * (found.cost + found.hidden) and found.lacking <= _UNKNOWN * found.parts
    return is_whole and (found.parts > 0 or not of_one)


def _of(days: History, more: float, score: float) -> Usual:
    """Return what is usual among some days; what is not above that by so much and by such a score is not unusual."""
    order = sorted(days, key=lambda day: (days[day].cost, day))
    middle = tuple(order[(len(order) - 1) // 2 : len(order) // 2 + 1])
    centre = fmean(days[day].cost for day in middle)
    spread = median(abs(found.cost - centre) for found in days.values()) / _NORMAL
    return Usual(centre, max(RATIO * centre, centre + score * spread, centre + more), len(days), middle)

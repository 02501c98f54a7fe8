"""What a week usually costs, day by day, and how far weeks have been from that."""

from __future__ import annotations

from collections.abc import Sequence
from math import fsum, sqrt
from statistics import median
from typing import TypeAlias

Week: TypeAlias = Sequence[float]  # what its days cost; all weeks that stand together begin with the same weekday


def medians(weeks: Sequence[Week]) -> Week:
    """Return the median of each weekday."""
    return [median(costs) for costs in zip(*weeks, strict=True)]


def usual_week(weeks: Sequence[Week]) -> Week:
    """Return the median of each weekday, all of them scaled so that they add up to the median of the weeks.

    The more days differ, the more their medians leave out: of who has a dear day now and then, nearly all.
    """
    days, whole = medians(weeks), median(map(fsum, weeks))
    together = fsum(days)
    return [cost / together * whole for cost in days] if together else [whole / len(days)] * len(days)


def usual_miss(weeks: Sequence[Week]) -> float:
    """Return by how much a week was missed by what the others made usual: the root of the mean square."""
    others = ([*weeks[:number], *weeks[number + 1 :]] for number in range(len(weeks)))
    misses = [fsum(week) - fsum(usual_week(rest)) for week, rest in zip(weeks, others, strict=True)]
    return sqrt(fsum(miss * miss for miss in misses) / len(misses))

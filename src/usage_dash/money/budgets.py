"""How a month's budgets stand: what was spent, when it is used up, and what the month will cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate
from math import isclose
from typing import Final

from usage_dash.money.forecast import Forecast, History, forecast
from usage_dash.reporting.sums import Sum, beyond, total

NEAR: Final = 0.8  # of a budget; from there on it is nearly used up


class Kind(StrEnum):
    """Whose budget it is."""

    MONTH = "month"  # everybody's
    TEAM = "team"
    USER = "user"


class Outcome(StrEnum):
    """How a budget will do this month, the worst first."""

    USED_UP = "used-up"
    RUNS_OUT = "runs-out"  # the forecast passes it
    UNKNOWN = "unknown"  # without a forecast, or where costs are unknown
    LASTS = "lasts"


@dataclass(frozen=True, slots=True)
class Standing:
    """A budget of so many dollars for the month of `today`, and how it stands; its `name` is a team's or a user's id.

    Where costs are unknown, `spent` is the least that it can be. It was used up on the day `used_up`, if it was: once
    all of it was spent, but for what adding up rounds.
    """

    kind: Kind
    name: str
    limit: float
    spent: Sum
    today: date
    used_up: date | None = None
    forecast: Forecast | None = None

    @property
    def share(self) -> float:
        """How much of it was spent, at least: 1 is all."""
        return 1.0 if isclose(self.spent.known, self.limit) else self.spent.known / self.limit

    @property
    def over(self) -> float:
        """By how many dollars, at least, more was spent."""
        return beyond(self.spent.known, self.limit)

    @property
    def is_near(self) -> bool:
        """Whether it is nearly used up, or is so."""
        return self.share >= NEAR

    @property
    def ends(self) -> date | None:
        """The day of this month on which it is used up, was so or will be; None where it is not, or nobody knows."""
        if self.used_up or not self.forecast:
            return self.used_up
        return self.forecast.used_up_on(self.limit)

    @property
    def outcome(self) -> Outcome:
        """How it will do. Where costs are unknown it may do worse, so that it is never said to last."""
        if self.used_up:
            return Outcome.USED_UP
        if self.ends:
            return Outcome.RUNS_OUT
        known = self.forecast is not None and not self.forecast.month.lacking
        return Outcome.LASTS if known else Outcome.UNKNOWN


def standing(kind: Kind, name: str, limit: float, history: History, today: date) -> Standing:
    """Return how a budget stands, by what each day cost."""
    first = today.replace(day=1)
    month = sorted((day, cost) for day, cost in history.items() if first <= day <= today)
    running = accumulate(cost.known for _, cost in month)
    used_up = next((day for (day, _), spent in zip(month, running, strict=True) if not beyond(limit, spent)), None)
    spent = total(cost for _, cost in month)
    return Standing(kind, name, limit, spent, today, used_up, forecast(history, today))


def most_endangered_first(standings: Iterable[Standing]) -> tuple[Standing, ...]:
    """Return the budgets by outcome, the worst first, and within each by the share that will be spent."""
    outcomes = list(Outcome)
    return tuple(sorted(standings, key=lambda each: (outcomes.index(each.outcome), -_expected(each), each.name)))


def _expected(standing: Standing) -> float:
    """Return the share that will be spent by the end of the month, as far as is known."""
    return standing.forecast.month.known / standing.limit if standing.forecast else standing.share

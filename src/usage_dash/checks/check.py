"""A check: one thing that can be wrong, how it stands, and what to do about it, in plain words.

The page, the command line and messages tell the same check. Words that a program reads, such as `recentUsage`, stand
between backticks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

_ROUNDING: Final = 0.005  # of a sum of costs, which writers round
NAMED: Final = 5  # users whom a check names at once


class State(StrEnum):
    """How a check stands, the most urgent first."""

    ACT = "act"  # money or usage is lost unless somebody acts
    LOOK = "look"  # a figure may be wrong, and somebody can find out
    GOOD = "good"
    UNKNOWN = "unknown"  # not known yet


@dataclass(frozen=True, slots=True)
class Concerned:
    """A user whom a check is about, and how: “956 kB, full 6 Dec”."""

    user_id: str
    how: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a check lists; of each row as many texts as there are heads."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Band:
    """What a model's entries say that they cost, and the least and the most that list prices allow, in dollars.

    Without a list price neither is known.
    """

    slot: int
    model: str
    recorded: float
    least: float | None
    most: float | None

    @property
    def above(self) -> float:
        """By how many dollars it is over the most; 0 where rounding may have done it."""
        return _beyond(self.recorded - self.most, self.most) if self.most is not None else 0.0

    @property
    def below(self) -> float:
        """By how many dollars it is under the least; 0 where rounding may have done it."""
        return _beyond(self.least - self.recorded, self.least) if self.least is not None else 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its `title` is a sentence that says how it stands, `detail` a line of small print.

    `figure` is the one number that says how much, `unit` what of. `why` is the likely cause, and `todo` what to do;
    of what is good, how that is known, and when that would change. `dollars` are at stake, as far as is known.
    `users` are the first of those concerned, the worst first, and `others` how many more there are.
    """

    key: str
    state: State
    title: str
    detail: str
    figure: str
    unit: str
    why: str
    todo: str
    dollars: float = 0.0
    users: tuple[Concerned, ...] = ()
    others: int = 0
    facts: tuple[tuple[str, str], ...] = ()  # labels and their values
    table: Table | None = None
    bands: tuple[Band, ...] = ()
    since: datetime | None = None  # where the figure is the time since then, which goes on

    @property
    def is_pressing(self) -> bool:
        """Whether somebody is to do something about it."""
        return self.state in {State.ACT, State.LOOK}

    @property
    def concerned(self) -> int:
        """How many users it is about."""
        return len(self.users) + self.others


def _beyond(dollars: float, bound: float) -> float:
    return dollars if dollars > _ROUNDING * bound else 0.0


def heaviest_first(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Return the checks by state, the most urgent first; within each by dollars, then by users concerned."""
    urgency = list(State)
    return tuple(sorted(checks, key=lambda each: (urgency.index(each.state), -each.dollars, -each.concerned)))

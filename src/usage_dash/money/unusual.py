"""What is unusual, in plain values: a cost far above what is usual, why, and who is behind it.

`usual` says when a day is unusual, `decomposition` why it cost more, `unusual_days` finds them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from usage_dash.money.decomposition import Part


@dataclass(frozen=True, slots=True)
class Behind:
    """A user's id, a team (“” is none) or a model, with how many dollars more than usual, and their share of all."""

    name: str
    dollars: float
    share: float


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A day that cost far more than usual; where it is `so_far`, it is today and goes on.

    `usual` is the median of so many days that it is `compared` with. `cost` is at least that where a part of it is
    unknown; what was booked over more than a day is not in it, since that may be of other days. The `parts` add up to
    what it is more than usual.
    """

    day: date
    cost: float
    usual: float
    compared: int
    so_far: bool = False
    at_least: bool = False
    parts: tuple[Part, ...] = ()
    users: tuple[Behind, ...] = ()
    teams: tuple[Behind, ...] = ()
    models: tuple[Behind, ...] = ()

    @property
    def more(self) -> float:
        """By how many dollars it is more than usual."""
        return self.cost - self.usual

    @property
    def ratio(self) -> float | None:
        """How many times what is usual it is; None where that is nothing."""
        return self.cost / self.usual if self.usual else None


@dataclass(frozen=True, slots=True)
class UnusualUser:
    """A user who cost far more on a day than is usual for them."""

    user_id: str
    on: UnusualDay


@dataclass(frozen=True, slots=True)
class Unusual:
    """The unusual among the reporting days from `first` to `last`, the latest first; of a day the dearest user first.

    `since` is the first of these days of which enough days before are known to tell: None where there is none.
    `known` says whether anything was used in all the days that were looked at.
    """

    first: date
    last: date
    since: date | None
    days: tuple[UnusualDay, ...] = ()
    users: tuple[UnusualUser, ...] = ()
    known: bool = True

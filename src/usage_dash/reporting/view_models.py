"""View models of usage: plain, immutable values between the queries and the page; others have their own modules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from usage_dash.ledger.counters import NOT_ITEMISED
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum

_NOTHING: Final = Sum()


@dataclass(frozen=True, slots=True)
class Range:
    """Reporting days from `first` to `last`, both included; `label` reads "in 30 days", "this month", "in all"."""

    first: date
    last: date
    label: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One overview card: `total` is all-time, from the documents' counters; the rest is from entries and bookings.

    What users who are gone left behind is in all of it. Where models are chosen, `total` is from entries too, as
    counters know no model: it is then called itemised. `previous` is the span that the range is compared with, *of
    equal elapsed time* (today counts up to now on both sides); None when there is none. `spark` holds one value a
    bucket of the range, None where it is unknown.
    """

    total: Sum
    in_range: Sum
    previous: Sum | None
    spark: tuple[float | None, ...]

    @property
    def difference(self) -> float | None:
        """How much more than in the preceding equal span; None when a part of either is unknown."""
        if self.previous is None or self.previous.lacking or self.in_range.lacking:
            return None
        return self.in_range.known - self.previous.known

    @property
    def change(self) -> float | None:
        """The difference relative to the preceding equal span (0.12 is +12%); None when unknown, or from nothing."""
        if self.difference is None or not self.previous or not self.previous.known:
            return None
        return self.difference / self.previous.known


@dataclass(frozen=True, slots=True)
class Overview:
    """The overview cards. `itemised`: models are chosen, so all of it is from entries."""

    range: Range
    cost: Figure
    calls: Figure
    tokens: Figure
    active_users: Figure
    compared: Range | None = None  # the days that the range is compared with
    itemised: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used in one bucket."""

    cost: Sum = _NOTHING
    calls: Sum = _NOTHING
    tokens: Sum = _NOTHING
    input_tokens: Sum = _NOTHING
    output_tokens: Sum = _NOTHING


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """One model in the range. `slot` counts models by first appearance, from 0: its colour for good.

    What no entry explains stands last, as a model that has the slot `NOT_ITEMISED` and that no filter takes.

    Where names are read as families, `variants` are the names as they were written. `chosen` unless a filter names
    others.
    """

    model: str
    slot: int
    cost: Sum
    calls: Sum
    tokens: Sum
    variants: tuple[str, ...] = ()
    chosen: bool = True

    @property
    def itemised(self) -> bool:
        """Whether it is a model, and not what no entry explains."""
        return self.slot != NOT_ITEMISED


@dataclass(frozen=True, slots=True)
class ModelSeries:
    """One model's cost a bucket, aligned with `Timeline.days`; what no entry explains is last, as in `ModelUsage`."""

    model: str
    slot: int
    cost: tuple[Sum, ...]

    @property
    def itemised(self) -> bool:
        """Whether it is a model, and not what no entry explains."""
        return self.slot != NOT_ITEMISED


@dataclass(frozen=True, slots=True)
class Timeline:
    """Figures a bucket; buckets without usage are zeros.

    `days` holds the first reporting day of each bucket. The first and the last are `cut_first` and `cut_last` where
    they hold more days than the range, or today, which is still growing. `new` are the active users of a bucket whose
    first known usage is in it; who was there before what is known of them is not new. `not_itemised` is what of all
    that no entry explains; empty where entries explain it all.
    """

    days: tuple[date, ...]
    bucket: By
    cost: tuple[Sum, ...]
    calls: tuple[Sum, ...]
    models: tuple[ModelSeries, ...]
    tokens: tuple[Sum, ...] = ()
    input_tokens: tuple[Sum, ...] = ()
    output_tokens: tuple[Sum, ...] = ()
    active: tuple[int, ...] = ()
    new: tuple[int, ...] = ()
    not_itemised: tuple[Spent, ...] = ()
    cut_first: bool = False
    cut_last: bool = True


@dataclass(frozen=True, slots=True)
class TeamUsage:
    """One team in the range; “” is who is in none. `users` counts its users with usage in the range."""

    team: str
    cost: Sum
    calls: Sum
    tokens: Sum
    users: int
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class TopUser:
    """One of the dearest users of the range."""

    user_id: str
    name: str
    cost: Sum
    chosen: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each kind there are to take along; `days` are the buckets of the range.

    Users who are `gone` have one row together, after those of the `users`.
    """

    users: int
    days: int
    models: int
    teams: int
    entries: int
    gone: bool = False

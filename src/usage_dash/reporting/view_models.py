"""View models: plain, immutable values between the queries and the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
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
class Trust:
    """How far the figures can be trusted, judged document by document.

    `coverage` is the share of the all-time cost that entries of any range explain; in no document do they explain
    more than its total. Documents that do not say their total have no part in it. None when the totals are zero.
    """

    coverage: float | None
    untotalled: int  # documents with usage that do not say their total cost
    exceeding: int  # documents whose entries cost more than their totals
    exceeding_users: tuple[str, ...]  # some of them, the worst first
    untimed: int  # entries without a readable time: in no range
    misdated: int  # entries dated when there can have been no usage, by a wrong clock: in no range
    unplaced_cost: Sum  # what the entries in no range cost
    uncosted: int  # entries that do not say their cost
    flawed_documents: int  # documents with at least one finding


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


@dataclass(frozen=True, slots=True)
class FoundUser:
    """A user who is called as somebody searches."""

    user_id: str
    name: str
    email: str
    team: str
    cost: Sum  # all-time
    last_active: datetime | None = None  # None: not known, or no usage


@dataclass(frozen=True, slots=True)
class FoundUsers:
    """The best of those found, and how many there are in all."""

    rows: tuple[FoundUser, ...]
    total: int


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user: all-time counters, and the range from entries and what is not itemised.

    A counter that the document does not say is at least what its entries add up to.
    """

    user_id: str
    cost: Sum
    share: float | None  # of the all-time cost of everybody chosen, and of those who are gone
    calls: Sum
    tokens: Sum
    input_tokens: Sum
    output_tokens: Sum
    cost_per_call: float | None
    range_cost: Sum
    spark: tuple[float | None, ...]  # cost a bucket of the range
    last_active: datetime | None  # None: not known, or no usage
    name: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """What users who are gone left behind, all-time and in the range; nobody's, and only for who may see everybody."""

    cost: Sum
    calls: Sum
    tokens: Sum
    input_tokens: Sum
    output_tokens: Sum
    range_cost: Sum


@dataclass(frozen=True, slots=True)
class UsersPage:
    """A page of the users table; `page` may be less than asked for when there are fewer pages.

    Its users and those who are `gone` add up to the card's figure.
    """

    rows: tuple[UserRow, ...]
    total: int
    page: int
    page_size: int
    top_share: float | None = None  # the share of the dearest user of all, on whichever page
    shares_at_most: bool = False  # not everybody's cost is known, so that no share can be more, but less
    teams: bool = False  # somebody in the scope is in a team
    gone: Gone | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One known entry; None where it does not say."""

    at: datetime | None
    model: str
    slot: int
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    calls: int
    total_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """One known entry among those of all users, at its reporting day; None where it does not say."""

    at: datetime | None
    day: date
    user_id: str
    model: str
    cost: float | None
    calls: int
    tokens: int | None
    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True, slots=True)
class UserDetail:
    """An opened row: the summary sentence's parts, and one page of entries, newest first."""

    user_id: str
    first_seen: datetime | None
    top_model: str | None
    top_model_share: float | None  # of the cost of the known entries
    tokens_per_call: float | None
    entries_total: int
    unplaced: int  # entries in no range
    uncosted: int  # entries that do not say their cost
    coverage: float | None  # as in `Trust`
    entries: tuple[EntryRow, ...]
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What was wrong in a document and what was done about it; `count` places of the same kind."""

    user_id: str
    field: str
    problem: str
    action: str
    count: int


@dataclass(frozen=True, slots=True)
class Exceeding:
    """A document whose entries cost more than its total."""

    user_id: str
    entries: float
    total: float


@dataclass(frozen=True, slots=True)
class Findings:
    """The most frequent findings, of how many places `total`; and documents whose entries exceed their totals."""

    rows: tuple[FindingRow, ...]
    total: int
    exceeding: tuple[Exceeding, ...] = ()

"""View models of users: those who are found, the rows of their table, and what is known of their calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from usage_dash.reporting.sums import Sum


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

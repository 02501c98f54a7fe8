"""View models: plain, immutable values between the queries and the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Range:
    """Reporting days from `first` to `last`, both included; `label` reads "in 30 days", "this month", "in all"."""

    first: date
    last: date
    label: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One overview card: `total` is all-time, from the documents' counters; the rest is from entries.

    `previous` is the span just before the range *of equal elapsed time* (today counts up to now on both sides);
    None when there is none (range "all"). `spark` holds one value a bucket of the range.
    """

    total: float
    in_range: float
    previous: float | None
    spark: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """Relative change against the preceding equal span (0.12 is +12%); None when unknown."""
        if not self.previous:
            return None
        return self.in_range / self.previous - 1


@dataclass(frozen=True, slots=True)
class Overview:
    """The overview cards, and how far the figures can be trusted."""

    range: Range
    cost: Figure
    calls: Figure
    tokens: Figure
    active_users: Figure
    users: int  # usage documents, with or without usage
    coverage: float | None  # cost of known entries / totals; None when the totals are zero
    flawed_documents: int  # documents with at least one finding
    findings: int
    misdated: int = 0  # entries dated when there can have been no usage: by a wrong clock, in no range


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """One model in the range. `slot` counts models by first appearance, from 0: its colour for good."""

    model: str
    slot: int
    cost: float
    calls: int
    tokens: int


@dataclass(frozen=True, slots=True)
class ModelSeries:
    """One model's cost a bucket, aligned with `Timeline.days`."""

    model: str
    slot: int
    cost: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Cost and calls a bucket; buckets without usage are zeros.

    `days` holds the first reporting day of each bucket; `bucket` is "day", or "month" for very long ranges. When
    `unfinished` is True the last bucket holds today and is still growing.
    """

    days: tuple[date, ...]
    bucket: Literal["day", "month"]
    cost: tuple[float, ...]
    calls: tuple[int, ...]
    models: tuple[ModelSeries, ...]
    unfinished: bool


@dataclass(frozen=True, slots=True)
class UserRow:
    """One user: all-time counters (None: the document does not say), and the range from entries."""

    user_id: str
    cost: float | None
    share: float | None  # of everybody's all-time cost
    calls: int | None
    tokens: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost_per_call: float | None
    range_cost: float | None  # None: entries in the range, but none says its cost
    spark: tuple[float, ...]  # cost a bucket of the range
    last_active: datetime | None


@dataclass(frozen=True, slots=True)
class UsersPage:
    """A page of the users table; `page` may be less than asked for when there are fewer pages."""

    rows: tuple[UserRow, ...]
    total: int
    page: int
    page_size: int
    top_share: float | None = None  # the share of the dearest user of all, on whichever page


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


@dataclass(frozen=True, slots=True)
class UserDetail:
    """An opened row: the summary sentence's parts, and one page of entries, newest first."""

    user_id: str
    first_seen: datetime | None
    top_model: str | None
    top_model_share: float | None  # of the cost of the known entries
    tokens_per_call: float | None
    entries_total: int
    coverage: float | None
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
class Findings:
    """The most frequent findings, and of how many places `total`."""

    rows: tuple[FindingRow, ...]
    total: int

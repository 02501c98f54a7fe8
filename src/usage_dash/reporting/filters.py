"""What a viewer looks at: values that go unchanged from the door to SQL, and the one key that is made of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import orjson

from usage_dash.ledger.choice import ALL_CHOSEN, Choice


class RangeName(StrEnum):
    """The ranges that have a name."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    MONTH_TO_DATE = "mtd"
    LAST_MONTH = "last-month"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Days:
    """A range by its reporting days, both included."""

    first: date
    last: date


class By(StrEnum):
    """What one point of a chart over time stands for; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Compare(StrEnum):
    """What a range is compared with: the span before of equal elapsed time, the same days a month ago, or nothing."""

    PREVIOUS = "previous"
    MONTH = "month"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Filters:
    """What everything follows: page, exports and API. Without `by` the range decides what a point stands for."""

    range: RangeName | Days = RangeName.MONTH
    choice: Choice = ALL_CHOSEN
    by: By | None = None
    compare: Compare = Compare.PREVIOUS


class UserSort(StrEnum):
    """Columns that the users table can be sorted by."""

    USER = "user"
    TEAM = "team"
    COST = "cost"
    CALLS = "calls"
    TOKENS = "tokens"
    INPUT_TOKENS = "input_tokens"
    OUTPUT_TOKENS = "output_tokens"
    COST_PER_CALL = "cost_per_call"
    RANGE_COST = "range_cost"
    LAST_ACTIVE = "last_active"


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """A row of the users table that shows its entries; `page` of them counts from 0."""

    user_id: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class UserQuery:
    """Which page of the users table, counted from 0, and which of its rows are opened."""

    sort: UserSort = UserSort.COST
    descending: bool = True
    page: int = 0
    page_size: int = 10
    opened: tuple[OpenedRow, ...] = ()


def key_of(*parts: object) -> str:
    """Return a short text that is the same for equal parts and differs for others.

    Parts are text, numbers, times, enums, and frozen dataclasses, lists and tuples of them: each field counts by
    itself, so none can be forgotten. Raises `TypeError` for anything else.
    """
    return hashlib.blake2b(orjson.dumps(parts), digest_size=12).hexdigest()

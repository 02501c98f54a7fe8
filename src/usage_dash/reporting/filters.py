"""What a viewer looks at: values that go unchanged from the door to SQL, and the one key that is made of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

import orjson


class RangeName(StrEnum):
    """The ranges that the page offers."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    MONTH_TO_DATE = "mtd"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Filters:
    """What everything on the page follows."""

    range: RangeName = RangeName.MONTH


class UserSort(StrEnum):
    """Columns that the users table can be sorted by."""

    USER = "user"
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

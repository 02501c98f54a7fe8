"""What a viewer looks at: one value from the door to SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class RangeName(StrEnum):
    """The ranges that the page offers."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    MONTH_TO_DATE = "mtd"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a viewer looks at. `now` decides which reporting day is today."""

    range: RangeName
    now: datetime


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
class UserQuery:
    """Which page of the users table: `page` counts from 0."""

    sort: UserSort = UserSort.COST
    descending: bool = True
    page: int = 0
    page_size: int = 10

"""What a viewer asks for, parsed from what a browser sent: anything at all, so each value has a safe fallback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from usage_dash.access.current import Admitted
from usage_dash.documents.values import well_formed
from usage_dash.reporting.filters import Filters, OpenedRow, RangeName, UserQuery, UserSort

FEWER_ROWS: Final = 5  # of a page of the table in a frame
_MOST_OPENED = 50  # rows; a page holds fewer
_LONGEST_ID = 1_500  # characters; Firestore's ids hold no more bytes
_LAST_PAGE = 1_000_000
_LONGEST_KEY = 64


class Measure(StrEnum):
    """What the second chart over time shows."""

    CALLS = "calls"
    TOKENS = "tokens"
    INPUT = "input"
    OUTPUT = "output"
    USERS = "users"


class Top(StrEnum):
    """Whose bars the chart of the dearest shows."""

    USERS = "users"
    TEAMS = "teams"


@dataclass(frozen=True, slots=True)
class Looks:
    """How the charts show what they show. `cumulative`: each point of the cost is all up to it."""

    measure: Measure = Measure.CALLS
    cumulative: bool = False
    top: Top = Top.USERS


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, and the choices that they made."""

    who: Admitted
    filters: Filters
    users: UserQuery


def parse(who: Admitted, range_name: object, table: object) -> Asked:
    """Read the range switch and the table's state, `{sort, descending, page, opened: [{user, page}], rows}`."""
    return Asked(who, Filters(_range(range_name)), _query(table if isinstance(table, dict) else {}))


def choices(address: Mapping[str, str]) -> tuple[Filters, UserQuery]:
    """Read the choices that a page took along in its address: `range`, `sort`, `order` (assets/contact.js)."""
    table = {"sort": address.get("sort"), "descending": address.get("order") != "asc"}
    return Filters(_range(address.get("range"))), _query(table)


def parse_held(held: object) -> dict[str, str]:
    """Read which state of each part of the page the browser holds."""
    parts = held if isinstance(held, dict) else {}
    return {part: key for part, key in parts.items() if isinstance(key, str) and len(key) <= _LONGEST_KEY}


def _query(chosen: Mapping[str, object]) -> UserQuery:
    return UserQuery(
        sort=_sort(chosen.get("sort")),
        descending=chosen.get("descending") is not False,
        page=_page(chosen.get("page")),
        page_size=_rows(chosen.get("rows")),
        opened=_opened(chosen.get("opened")),
    )


def _range(value: object) -> RangeName:
    names = {name.value for name in RangeName}
    return RangeName(value) if isinstance(value, str) and value in names else Filters().range


def _sort(value: object) -> UserSort:
    names = {sort.value for sort in UserSort}
    return UserSort(value) if isinstance(value, str) and value in names else UserQuery().sort


def _page(value: object) -> int:
    return min(max(value, 0), _LAST_PAGE) if isinstance(value, int) else 0


def _rows(value: object) -> int:
    """Read how many rows a page of the table has: a frame is lower."""
    return FEWER_ROWS if type(value) is int and value == FEWER_ROWS else UserQuery().page_size


def _opened(value: object) -> tuple[OpenedRow, ...]:
    """Read the opened rows, each user's last page, in the order of their ids: equal choices are equal questions."""
    rows = value if isinstance(value, list) else []
    pages = {row.get("user"): _page(row.get("page")) for row in rows[:_MOST_OPENED] if _names_a_user(row)}
    return tuple(OpenedRow(user, page) for user, page in sorted(pages.items()))


def _names_a_user(row: object) -> bool:
    user = row.get("user") if isinstance(row, dict) else None
    return isinstance(user, str) and 0 < len(user) <= _LONGEST_ID and well_formed(user) == user

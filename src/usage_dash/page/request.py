"""What a viewer asks for, parsed from what a browser sent: anything at all, so each value has a safe fallback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from usage_dash.documents.values import well_formed
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.filters import Filters, OpenedRow, RangeName, UserQuery, UserSort

_MOST_OPENED = 50  # rows; a page holds fewer
_LONGEST_ID = 1_500  # characters; Firestore's ids hold no more bytes
_LAST_PAGE = 1_000_000
_LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """The viewer's choices, and what they may see."""

    scope: Scope
    filters: Filters
    users: UserQuery


def parse(range_name: object, table: object) -> Asked:
    """Read the range switch and the table's state, `{sort, descending, page, opened: [{user, page}]}`."""
    choices = table if isinstance(table, dict) else {}
    query = UserQuery(
        sort=_sort(choices.get("sort")),
        descending=choices.get("descending") is not False,
        page=_page(choices.get("page")),
        opened=_opened(choices.get("opened")),
    )
    return Asked(viewer_scope(), Filters(_range(range_name)), query)


def parse_address(address: Mapping[str, str]) -> Asked:
    """Read the choices that a page took along in its address: `range`, `sort`, `order` (assets/contact.js)."""
    return parse(address.get("range"), {"sort": address.get("sort"), "descending": address.get("order") != "asc"})


def viewer_scope() -> Scope:
    """Return what whoever asks may see: without sign-in everything, so `web.exposure` decides who reaches the page."""
    return EVERYBODY


def parse_held(held: object) -> dict[str, str]:
    """Read which state of each part of the page the browser holds."""
    parts = held if isinstance(held, dict) else {}
    return {part: key for part, key in parts.items() if isinstance(key, str) and len(key) <= _LONGEST_KEY}


def _range(value: object) -> RangeName:
    names = {name.value for name in RangeName}
    return RangeName(value) if isinstance(value, str) and value in names else Filters().range


def _sort(value: object) -> UserSort:
    names = {sort.value for sort in UserSort}
    return UserSort(value) if isinstance(value, str) and value in names else UserQuery().sort


def _page(value: object) -> int:
    return min(max(value, 0), _LAST_PAGE) if isinstance(value, int) else 0


def _opened(value: object) -> tuple[OpenedRow, ...]:
    """Read the opened rows, each user's last page, in the order of their ids: equal choices are equal questions."""
    rows = value if isinstance(value, list) else []
    pages = {row.get("user"): _page(row.get("page")) for row in rows[:_MOST_OPENED] if _names_a_user(row)}
    return tuple(OpenedRow(user, page) for user, page in sorted(pages.items()))


def _names_a_user(row: object) -> bool:
    user = row.get("user") if isinstance(row, dict) else None
    return isinstance(user, str) and 0 < len(user) <= _LONGEST_ID and well_formed(user) == user

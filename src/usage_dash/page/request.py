"""What a viewer asks for, parsed from what a browser sent: anything at all, so each value has a safe fallback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from usage_dash.reporting.filters import RangeName, UserQuery, UserSort

_MOST_OPENED = 50  # rows; a page holds fewer
_LONGEST_ID = 1_500  # characters; Firestore's ids hold no more bytes
_LAST_PAGE = 1_000_000
_LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """The viewer's choices; `opened` maps the ids of opened rows to the page of their entries, from 0."""

    range: RangeName = RangeName.MONTH
    users: UserQuery = field(default_factory=UserQuery)
    opened: Mapping[str, int] = field(default_factory=dict)


def parse(range_name: object, table: object) -> Asked:
    """Read the range switch and the table's state, `{sort, descending, page, opened: [{user, page}]}`."""
    choices = table if isinstance(table, dict) else {}
    query = UserQuery(
        sort=_sort(choices.get("sort")),
        descending=choices.get("descending") is not False,
        page=_page(choices.get("page")),
    )
    return Asked(_range(range_name), query, _opened(choices.get("opened")))


def parse_held(held: object) -> dict[str, str]:
    """Read which state of each part of the page the browser holds."""
    parts = held if isinstance(held, dict) else {}
    return {part: key for part, key in parts.items() if isinstance(key, str) and len(key) <= _LONGEST_KEY}


def _range(value: object) -> RangeName:
    return (
        RangeName(value) if isinstance(value, str) and value in {name.value for name in RangeName} else RangeName.MONTH
    )


def _sort(value: object) -> UserSort:
    return UserSort(value) if isinstance(value, str) and value in {sort.value for sort in UserSort} else UserSort.COST


def _page(value: object) -> int:
    return min(max(value, 0), _LAST_PAGE) if isinstance(value, int) else 0


def _opened(value: object) -> dict[str, int]:
    rows = value if isinstance(value, list) else []
    pairs = [(row.get("user"), _page(row.get("page"))) for row in rows[:_MOST_OPENED] if isinstance(row, dict)]
    return {user: page for user, page in pairs if isinstance(user, str) and 0 < len(user) <= _LONGEST_ID}

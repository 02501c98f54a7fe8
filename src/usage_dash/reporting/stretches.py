"""Lists of any length, a stretch at a time.

Each stretch begins after the last place of the one before, not at a number: what comes or goes meanwhile shifts
nothing, so that no row is left out or comes twice. A place is told in texts, which can be kept anywhere; one that
makes no sense is the end of the list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters, UserSort
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import range_shown, utc, within
from usage_dash.reporting.user_models import ListedEntry, UserRow
from usage_dash.reporting.users import all_users, user_row

_T = TypeVar("_T")

Place = Sequence[str | None]  # the columns that the list is sorted by

PARTS_OF_USER: Final = 2
PARTS_OF_ENTRY: Final = 5

_ORDERED_USERS = """
SELECT *, CAST("{sort}" AS VARCHAR) AS at_value FROM ({users}) WHERE {beyond}
ORDER BY "{sort}" {direction} NULLS LAST, user_id LIMIT $limit
"""
# The user of the place has come: their sum, worked out by several threads, can differ in its last bit the next time.
_BEYOND_VALUE = """
user_id <> $user_id AND ("{sort}" {further} TRY_CAST($value AS {type}) OR "{sort}" IS NULL
OR ("{sort}" = TRY_CAST($value AS {type}) AND user_id > $user_id))
"""
_BEYOND_UNKNOWN = '"{sort}" IS NULL AND user_id > $user_id'
_TYPES: Final = {
    UserSort.USER: "VARCHAR",
    UserSort.TEAM: "VARCHAR",
    UserSort.LAST_ACTIVE: "TIMESTAMP",
    UserSort.COST: "DOUBLE",
    UserSort.RANGE_COST: "DOUBLE",
    UserSort.COST_PER_CALL: "DOUBLE",
}  # of others: whole numbers

# Entries stand at the time that they count at, as in `spending`. One is told from others of its user by all that it
# says; that is the last thing to sort by.
_ENTRIES = """
SELECT "at", day, user_id, model, cost, calls, total_tokens, input_tokens, output_tokens,
    CAST(counted AS VARCHAR) AS at_time, CAST(position AS VARCHAR) AS at_position,
    CAST(visible AS VARCHAR) AS at_visible, CAST(digest AS VARCHAR) AS at_digest
FROM (
    SELECT *, least("at", first_read) AS counted,
        hash("at", slot, input_tokens, output_tokens, total_tokens, cost, calls, rest) AS digest FROM entries
    WHERE day BETWEEN $first AND $last
) JOIN people USING (user_key) JOIN models USING (slot) WHERE {beyond}
ORDER BY counted DESC, user_id, position DESC, visible DESC, digest DESC LIMIT $limit
"""
_COUNT = "SELECT count(*) AS entries FROM entries WHERE day BETWEEN $first AND $last"
_BEYOND_ENTRY = """
counted < TRY_CAST($at AS TIMESTAMP) OR counted = TRY_CAST($at AS TIMESTAMP) AND (user_id > $user_id
OR user_id = $user_id AND (position, visible, digest)
    < (TRY_CAST($position AS INTEGER), TRY_CAST($visible AS BOOLEAN), TRY_CAST($digest AS UBIGINT)))
"""


@dataclass(frozen=True, slots=True)
class Stretch(Generic[_T]):
    """Some rows of a list of `total`, and the place after which it goes on; None at its end."""

    rows: tuple[_T, ...]
    total: int
    place: Place | None


def users(
    moment: Moment, filters: Filters, sort: UserSort, limit: int, after: Place | None, *, descending: bool
) -> Stretch[UserRow]:
    """Return users in the order of the users table: unknown values come last, ties go by id."""
    everybody, direction = all_users(moment, range_shown(moment, filters)), "DESC" if descending else "ASC"
    beyond, told = _beyond_user(sort, after, descending=descending)
    query = _ORDERED_USERS.format(users=everybody, sort=sort, beyond=beyond, direction=direction)
    found = rows(moment, query, {**told, "limit": limit + 1})
    place = (found[limit - 1].at_value, found[limit - 1].user_id) if len(found) > limit else None
    total = row(moment, "SELECT count(*) AS users FROM documents").users
    return Stretch(tuple(user_row(user, ()) for user in found[:limit]), total, place)


def entries(moment: Moment, filters: Filters, limit: int, after: Place | None) -> Stretch[ListedEntry]:
    """Return the entries of the range, newest first."""
    names = ("at", "user_id", "position", "visible", "digest")
    told = dict(zip(names, after, strict=True)) if after else {}
    days = within(range_shown(moment, filters))
    query = _ENTRIES.format(beyond=_BEYOND_ENTRY if after else "TRUE")
    found = rows(moment, query, {**days, **told, "limit": limit + 1})
    place = _place(found[limit - 1]) if len(found) > limit else None
    return Stretch(tuple(map(_entry, found[:limit])), row(moment, _COUNT, days).entries, place)


def _beyond_user(sort: UserSort, after: Place | None, *, descending: bool) -> tuple[str, dict[str, str | None]]:
    if after is None:
        return "TRUE", {}
    value, user_id = after
    if value is None:
        return _BEYOND_UNKNOWN.format(sort=sort), {"user_id": user_id}
    further = "<" if descending else ">"
    beyond = _BEYOND_VALUE.format(sort=sort, further=further, type=_TYPES.get(sort, "HUGEINT"))
    return beyond, {"value": value, "user_id": user_id}


def _place(entry: Any) -> Place:
    return entry.at_time, entry.user_id, entry.at_position, entry.at_visible, entry.at_digest


def _entry(found: Any) -> ListedEntry:
    return ListedEntry(
        at=utc(found.at),
        day=found.day,
        user_id=found.user_id,
        model=found.model,
        cost=found.cost,
        calls=found.calls,
        tokens=found.total_tokens,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
    )

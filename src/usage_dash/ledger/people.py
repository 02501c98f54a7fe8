"""The SQL that keeps who the users are: what the people file says of them, and what was looked up.

Each function works inside the transaction that its caller has begun on `sql`; those that write return how many rows
they changed of what is shown.
"""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pyarrow as pa

_TOLD_NO_MORE = """
DELETE FROM people WHERE rowid IN (
    SELECT people.rowid FROM people ANTI JOIN told USING (user_id, name, email, team)
)
"""
_TOLD_ANEW = "INSERT INTO people FROM told ANTI JOIN people USING (user_id, name, email, team)"

# Whoever has left meanwhile is not named again.
_SEEN = """
SELECT count(*) FROM found SEMI JOIN users USING (user_id) LEFT JOIN names USING (user_id)
WHERE (found.name, found.email) IS DISTINCT FROM (coalesce(names.name, ''), coalesce(names.email, ''))
"""
_FORGET = "DELETE FROM names WHERE user_id IN (SELECT user_id FROM found)"
_KEEP = "INSERT INTO names SELECT user_id, name, email, $read_at FROM found SEMI JOIN users USING (user_id)"

# Whom the people file names, nobody needs to look up.
_DUE = """
SELECT user_id FROM users
ANTI JOIN (FROM names WHERE read_at >= $since) AS fresh USING (user_id)
ANTI JOIN (FROM people WHERE name <> '') AS told USING (user_id)
"""
_DUE_OF_ALL = f"{_DUE} WHERE user_id > $after ORDER BY user_id LIMIT $limit"
_DUE_OF_THESE = f"{_DUE} WHERE user_id IN (SELECT unnest($ids)) ORDER BY user_id"


def take_people(sql: duckdb.DuckDBPyConnection, people: pa.Table) -> int:
    """Make the table `people` hold just these rows, which have the schema `documents.people.PEOPLE`."""
    sql.register("told", people)
    return sum(_one(sql, statement) for statement in (_TOLD_NO_MORE, _TOLD_ANEW))


def keep_names(sql: duckdb.DuckDBPyConnection, names: pa.Table, read_at: datetime) -> int:
    """Put what was looked up at `read_at` in the place of what was known; rows have the schema `NAMES`."""
    sql.register("found", names)
    changed = _one(sql, _SEEN)
    sql.execute(_FORGET)
    sql.execute(_KEEP, {"read_at": _naive(read_at)})
    return changed


def forget_names(sql: duckdb.DuckDBPyConnection) -> int:
    """Forget all that was looked up."""
    return _one(sql, "DELETE FROM names")


def due_of_all(sql: duckdb.DuckDBPyConnection, since: datetime, after: str, limit: int) -> list[str]:
    """Return up to `limit` users past the id `after`, in order, who were not looked up `since` then."""
    return _ids(sql.execute(_DUE_OF_ALL, {"since": _naive(since), "after": after, "limit": limit}))


def due_of_these(sql: duckdb.DuckDBPyConnection, since: datetime, ids: list[str]) -> list[str]:
    """Return which of these ids are users who were not looked up `since` then."""
    return _ids(sql.execute(_DUE_OF_THESE, {"since": _naive(since), "ids": ids}))


def _ids(found: duckdb.DuckDBPyConnection) -> list[str]:
    return [user_id for (user_id,) in found.fetchall()]


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)


def _one(sql: duckdb.DuckDBPyConnection, statement: str) -> int:
    return int(sql.execute(statement).fetchall()[0][0])

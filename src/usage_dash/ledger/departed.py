"""What users who are gone leave behind: sums by day and model that are nobody's, so that no month shrinks later."""

from __future__ import annotations

import duckdb

from usage_dash.ledger.counters import of_each_measure

# Beside entries and bookings there is what was there before anything could be booked: it has no day. Entries may say
# more than counters; that leaves nothing. What is unknown stands by itself, or it would make known sums unknown.
_LEAVE = of_each_measure("""
CREATE TEMP TABLE left_behind AS
WITH gone AS (
    SELECT day, slot, <<{m}>> FROM entries SEMI JOIN leaving USING (user_key)
    UNION ALL
    SELECT day, -1, <<{m}>> FROM bookings SEMI JOIN leaving USING (user_key)
    UNION ALL
    SELECT NULL, -1, <<CASE WHEN {m} IS NOT NULL THEN greatest({m}, 0) END>>
    FROM openings SEMI JOIN leaving USING (user_key)
    WHERE <<{m} > 0|OR>>
    UNION ALL
    FROM departed
)
SELECT day, slot, <<sum({m}) AS {m}>> FROM gone
GROUP BY day, slot, <<{m} IS NULL>>
""")

_FORGET = "DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM leaving)"
_OF_A_USER = {
    "entries": "user_key",
    "findings": "user_key",
    "openings": "user_key",
    "bookings": "user_key",
    "falls": "user_key",
    "names": "user_id",
    "users": "user_key",
}


def let_go(sql: duckdb.DuckDBPyConnection, *, keep_sums: bool) -> int:
    """Let the users in `leaving (user_key, user_id)` go, inside a transaction; return how many rows that were.

    `keep_sums`: they leave sums behind.
    """
    if keep_sums:
        _leave_sums(sql)
    rows = (sql.execute(_FORGET.format(table=table, key=key)).fetchall() for table, key in _OF_A_USER.items())
    return sum(int(row[0][0]) for row in rows)


def forget_sums(sql: duckdb.DuckDBPyConnection) -> int:
    """Forget what users who are gone left behind, inside a transaction; return how many rows that were."""
    return int(sql.execute("DELETE FROM departed").fetchall()[0][0])


def _leave_sums(sql: duckdb.DuckDBPyConnection) -> None:
    """Add up what they leave behind, with what others left before."""
    sql.execute(_LEAVE)
    sql.execute("DELETE FROM departed")
    sql.execute("INSERT INTO departed FROM left_behind")

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


def leave_sums(sql: duckdb.DuckDBPyConnection) -> None:
    """Add up what the users in `leaving` leave behind, with what others left before, inside a transaction."""
    sql.execute(_LEAVE)
    sql.execute("DELETE FROM departed")
    sql.execute("INSERT INTO departed FROM left_behind")


def forget_sums(sql: duckdb.DuckDBPyConnection) -> int:
    """Forget what users who are gone left behind, inside a transaction; return how many rows that were."""
    return int(sql.execute("DELETE FROM departed").fetchall()[0][0])

"""The SQL that keeps who the users are: what the people file says of them, and what was looked up.

Each function works inside the transaction that its caller has begun on `sql`, and returns how many rows it changed.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

_GONE = """
DELETE FROM people WHERE rowid IN (
    SELECT people.rowid FROM people ANTI JOIN told USING (user_id, name, email, team)
)
"""
_NEW = "INSERT INTO people FROM told ANTI JOIN people USING (user_id, name, email, team)"


def take_people(sql: duckdb.DuckDBPyConnection, people: pa.Table) -> int:
    """Make the table `people` hold just these rows, which have the schema `documents.people.PEOPLE`."""
    sql.register("told", people)
    return sum(int(sql.execute(statement).fetchall()[0][0]) for statement in (_GONE, _NEW))

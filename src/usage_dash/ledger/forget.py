"""Forgetting a person for good: nothing of them stays in the ledger's file, not even in what its tables no longer hold.

DuckDB keeps what was deleted until its place is needed. So the ledger is copied, the person is taken out of the copy,
and a copy of that, which holds nothing else, takes the ledger's place.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from usage_dash.ledger import alerts
from usage_dash.ledger.backup import held, take_place
from usage_dash.ledger.copies import make_copy, remove, writing
from usage_dash.ledger.departed import let_go
from usage_dash.ledger.file import LedgerError, look, opened

_KNOWN: Final = """
SELECT (SELECT count(*) FROM users WHERE user_id = $id),
    (SELECT count(*) FROM entries SEMI JOIN (FROM users WHERE user_id = $id) USING (user_key)),
    (SELECT count(*) FROM bookings SEMI JOIN (FROM users WHERE user_id = $id) USING (user_key)),
    (SELECT count(*) FROM people WHERE user_id = $id) + (SELECT count(*) FROM names WHERE user_id = $id)
"""
_LEAVING: Final = "CREATE TEMP TABLE leaving AS SELECT user_key, user_id FROM users WHERE user_id = $id"
# Who has left may still be named; and how far a listing came is told by an id.
_REST: Final = (
    "DELETE FROM people WHERE user_id = $id",
    "DELETE FROM names WHERE user_id = $id",
    "DELETE FROM marks WHERE value = $id",
    "UPDATE meta SET version = version + 1",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a ledger's tables hold of a person: a usage document, entries, bookings, and names."""

    documents: int
    entries: int
    bookings: int
    names: int


def known(path: Path, source: str, user_id: str, memory_limit: str | None) -> Known:
    """Return what a ledger of this format holds of a person. Raises `LedgerError`."""
    with opened(path, memory_limit) as sql:
        _require_current(sql, path, source)
        return Known(*sql.execute(_KNOWN, {"id": user_id}).fetchall()[0])


def forget(path: Path, source: str, user_id: str, memory_limit: str | None, *, keep_sums: bool) -> None:
    """Take a person out of the ledger `path`; `keep_sums`: all but anonymous sums by day and model.

    Raises `LedgerError`; then, and when it is killed in the middle, the ledger is as it was.
    """
    file = path.resolve()
    draft, fresh = (file.with_name(f"{file.name}.{ending}") for ending in ("forgetting", "forgotten"))
    with held(file, memory_limit) as sql:
        if sql is None:
            raise LedgerError(f"{path} is not there, or is no ledger that can be read.")
        _require_current(sql, path, source)
        try:
            make_copy(sql, file, draft)
            with opened(draft, memory_limit, read_only=False) as drafted:
                with writing(draft):
                    _take_out(drafted, user_id, keep_sums=keep_sums)
                make_copy(drafted, file, fresh)
            take_place(fresh, file, aside=None)
        finally:
            remove(draft)
            remove(fresh)


def _require_current(sql: duckdb.DuckDBPyConnection, path: Path, source: str) -> None:
    seen = look(sql, path, source)
    if not seen.is_current:
        raise LedgerError(f"The ledger {path} has format {seen.format}; start usage-dash once, which upgrades it.")


def _take_out(sql: duckdb.DuckDBPyConnection, user_id: str, *, keep_sums: bool) -> None:
    sql.execute("BEGIN")
    sql.execute(_LEAVING, {"id": user_id})
    let_go(sql, keep_sums=keep_sums)
    alerts.forget_of(sql, user_id)
    for statement in _REST:
        sql.execute(statement, {"id": user_id} if "$id" in statement else None)
    sql.execute("COMMIT")

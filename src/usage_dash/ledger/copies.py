"""Copies of a ledger's file: made through the database, read back, and there wholly or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import duckdb

from usage_dash.ledger.file import LedgerError, wal_of

FULL: Final = (duckdb.IOException, duckdb.OutOfMemoryException, OSError)  # why a copy cannot be made, as a rule

_TABLES: Final = "SELECT table_name FROM duckdb_tables() WHERE database_name = $name ORDER BY table_name"
_READ: Final = "SELECT count(*), bit_xor(hash(held)) FROM {}.main.{} AS held"


def copy_ledger(sql: duckdb.DuckDBPyConnection, path: Path, copy: Path) -> None:
    """Copy all that the database `ledger` holds, whose file is `path`, and put that in the place of `copy`.

    It is copied through the database, since to open and close the file here would give up its lock; others may write
    meanwhile, for one transaction sees one state. Who may not read the ledger may not read its copy.
    Raises `LedgerError` when the copy does not hold what the ledger does, errors of DuckDB, and `OSError`.
    """
    part = copy.with_name(f"{copy.name}.part")
    remove(part)  # left by a killed process
    try:
        with _attached(sql, part, "") as aside:
            _guard(path, part)
            held = _copied(aside)
        with _attached(sql, part, ", READ_ONLY") as aside:
            if _read(aside, "kept") != held:
                raise LedgerError(f"The copy {copy} does not hold what {path} holds; is its disk failing?")
        wal_of(copy).unlink(missing_ok=True)  # it belongs to what is replaced
        part.replace(copy)
        _keep_name(copy)
    finally:
        remove(part)


def make_copy(sql: duckdb.DuckDBPyConnection, path: Path, copy: Path) -> None:
    """Copy the ledger as `copy_ledger` does; whatever keeps it from that is a `LedgerError`."""
    with writing(copy):
        copy_ledger(sql, path, copy)


@contextmanager
def writing(copy: Path) -> Iterator[None]:
    """Tell what goes wrong in the block as a `LedgerError`: a copy that could not be written."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        raise LedgerError(_explain(copy, error)) from error


def remove(file: Path) -> None:
    """Remove a database's file, if it is there, with what belongs to it."""
    for each in (file, wal_of(file)):
        each.unlink(missing_ok=True)


@contextmanager
def _attached(sql: duckdb.DuckDBPyConnection, part: Path, how: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Have the file at hand as database `kept`, on a cursor of its own, which ends what it has begun first."""
    with closing(sql.cursor()) as outer:
        outer.execute(f"ATTACH ? AS kept (TYPE duckdb{how})", [str(part)])
        try:
            with closing(sql.cursor()) as aside:
                yield aside
        finally:
            outer.execute("DETACH kept")


def _copied(aside: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Copy the ledger, and return what it held then."""
    aside.execute("BEGIN")
    held = _read(aside, "ledger")
    aside.execute("COPY FROM DATABASE ledger TO kept")
    aside.execute("COMMIT")
    return held


def _read(sql: duckdb.DuckDBPyConnection, database: str) -> dict[str, tuple[int, int]]:
    """Read all of a database; return of each table how many rows it has, and a sum over them."""
    tables = [name for (name,) in sql.execute(_TABLES, {"name": database}).fetchall()]
    return {table: sql.execute(_READ.format(database, table)).fetchall()[0] for table in tables}


def _guard(path: Path, part: Path) -> None:
    """Let the same people use the file, as far as this process may give it away."""
    shutil.copymode(path, part)
    if sys.platform != "win32":
        owner = path.stat()
        with suppress(PermissionError):
            os.chown(part, owner.st_uid, owner.st_gid)


def _keep_name(file: Path) -> None:
    """Have the disk keep the file under its name, which else may outlive a power cut no sooner than seconds later."""
    if sys.platform != "win32":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _explain(copy: Path, error: Exception) -> str:
    if isinstance(error, FULL):
        return f"{copy} could not be written: make room there, let usage-dash write there, or choose another place."
    reason = str(error).partition("\n")[0]
    return f"{copy} could not be written. Please report this, with the reason: {reason}"

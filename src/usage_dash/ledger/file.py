"""Opening the ledger's database: in memory or in a file, checked before use, never touching a file that is not ours."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import duckdb

from usage_dash.ledger.merge import SCHEMA, SCHEMA_VERSION

WATERMARK: Final = "watermark"  # the mark that keeps up to when, by the source's clock, all has been read

_TABLES = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'ledger' ORDER BY table_name"
_LOOKED_AT = """
SELECT schema_version, (SELECT count(*) FROM users), (SELECT count(*) FROM entries), (SELECT min(day) FROM entries),
    (SELECT value FROM marks WHERE name = $watermark)
FROM meta
"""
# A new ledger counts its versions from the clock, so that a page that outlived a restart sees a number it never saw.
_NEW_META = "INSERT INTO meta VALUES (?, ?, ?, epoch_ms(now()))"
# Reads every column of every row, so that a damaged file is noticed now and not in front of a viewer.
_READ_ALL = "SELECT bit_xor(hash({0})) FROM {0}"
_HELD = ("marks", "users", "models", "entries", "findings")  # since format 1
_HELD_SINCE = (  # since format 3, 4 or 5
    *("people", "names", "openings", "bookings", "falls", "departed"),
    *("bill_ask", "bill_costs", "bill_usage", "judged", "told", "alerts", "deliveries"),
)


class LedgerError(Exception):
    """A ledger that cannot be used; the message says why and what to do, in words for the person who runs it."""


class LedgerInUseError(LedgerError):
    """A ledger that another process holds open."""


class NoLedgerError(LedgerError):
    """A file that is no ledger, or one so damaged that nobody can use it."""


class TooMuchError(LedgerError):
    """A question for which there is too little memory; the message says so to who asks."""


def spill_directory() -> Path:
    """Make a directory for what does not fit into memory; whoever asks removes it. Raises `LedgerError`."""
    try:
        return Path(tempfile.mkdtemp(prefix="usage-dash-"))
    except OSError as error:
        raise LedgerError(
            "There is no directory for temporary files; set TMPDIR to one that can be written, and has room."
        ) from error


def open_database(
    path: Path | None, spills: Path, memory_limit: str | None, *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Open the file, or memory, as database `ledger`. Beyond `memory_limit` it spills into `spills`.

    Raises `LedgerError` when the file cannot be opened.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spills),
        # Nothing may be fetched from the network, and no Python variable be taken for a table.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "python_enable_replacements": False,
    }
    if memory_limit:
        settings["memory_limit"] = memory_limit
    try:
        database = duckdb.connect(":memory:", config=settings)
    except duckdb.Error as error:
        raise LedgerError(f"The memory limit “{memory_limit}” is not understood; write it like “200MB”.") from error
    try:
        _attach(database, path, read_only=read_only)
    except LedgerError:
        database.close()
        raise
    return database


def prepare(sql: duckdb.DuckDBPyConnection, source: str, zone: str, path: Path | None) -> str:
    """Create the tables in a new ledger, or check those of an old one; return the zone of its reporting days.

    Raises `LedgerError` when the file holds something else, or a ledger of another source or a newer format.
    """
    try:
        tables = {name for (name,) in sql.execute(_TABLES).fetchall()}
        if not tables:
            sql.execute(SCHEMA)
            sql.execute(_NEW_META, [SCHEMA_VERSION, source, zone])
            return zone
        return _check(sql, tables, source, path)
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        raise NoLedgerError(_damaged(path)) from error


def size_on_disk(path: Path | None) -> int | None:
    """Return how many bytes a ledger's file takes, with what was written and not yet put in its place."""
    if path is None:
        return None
    files = (path, wal_of(path))
    return sum(file.stat().st_size for file in files if file.exists())


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What a ledger's file holds: its format, how many usage documents and entries, and of which time.

    `since` is the first reporting day of an entry; up to `until`, by the source's clock, all has been read.
    """

    format: int
    documents: int
    entries: int
    since: date | None
    until: datetime | None

    @property
    def is_current(self) -> bool:
        """Whether this usage-dash would leave the file in its format."""
        return self.format == SCHEMA_VERSION


@contextmanager
def opened(
    path: Path, memory_limit: str | None = None, *, read_only: bool = True
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a ledger's file, whatever it holds, for as long as the block lasts.

    Raises `LedgerError` when it cannot be opened, or cannot be read in the block; a `LedgerInUseError` when another
    process uses it.
    """
    with ExitStack() as resources:
        spills = spill_directory()
        resources.callback(shutil.rmtree, spills, ignore_errors=True)
        database = resources.enter_context(closing(open_database(path, spills, memory_limit, read_only=read_only)))
        database.execute("USE ledger")
        try:
            yield database
        except duckdb.OutOfMemoryException as error:
            raise LedgerError(f"There is too little memory for the ledger {path}; raise the memory limit.") from error
        except duckdb.Error as error:
            raise NoLedgerError(_damaged(path)) from error


def look_at(path: Path, source: str) -> LookedAt:
    """Look at all of a ledger's file and leave it as it is.

    Raises `LedgerError` where a dashboard of this source could not use it, a `LedgerInUseError` where one does.
    """
    with opened(path) as sql:
        return look(sql, path, source)


def look(sql: duckdb.DuckDBPyConnection, path: Path, source: str) -> LookedAt:
    """Look at all of an opened ledger's file. Raises `LedgerError` as `look_at` does, and errors of DuckDB."""
    tables = {name for (name,) in sql.execute(_TABLES).fetchall()}
    _check(sql, tables, source, path)
    number, documents, entries, since, until = sql.execute(_LOOKED_AT, {"watermark": WATERMARK}).fetchall()[0]
    return LookedAt(number, documents, entries, since, until and datetime.fromisoformat(until))


def wal_of(path: Path) -> Path:
    """Return where DuckDB writes what is not yet in its place in the file."""
    return path.with_name(f"{path.name}.wal")


def _attach(database: duckdb.DuckDBPyConnection, path: Path | None, *, read_only: bool) -> None:
    if path is None:
        database.execute("ATTACH ':memory:' AS ledger (COMPRESS)")
        return
    if not path.parent.is_dir():
        raise LedgerError(
            f"The ledger {path} has no directory to lie in; create {path.parent}, or choose another path."
        )
    if read_only and not path.exists():
        raise LedgerError(f"There is no ledger {path}.")
    try:
        # The type is given, or DuckDB would look for extensions that read other kinds of files.
        database.execute(f"ATTACH ? AS ledger (TYPE duckdb{', READ_ONLY' if read_only else ''})", [str(path)])
    except duckdb.Error as error:
        raise _explained(path, str(error)) from error


def _explained(path: Path, reason: str) -> LedgerError:
    if "Could not set lock" in reason or "Unique file handle conflict" in reason:
        return LedgerInUseError(
            f"The ledger {path} is in use by another process; stop that one, or choose another path. "
            "One ledger serves one process."
        )
    if "not a valid DuckDB database file" in reason or "Is a directory" in reason:
        return NoLedgerError(f"{path} is not a ledger; usage-dash leaves it as it is. Choose another path.")
    if "Permission denied" in reason or "Read-only file system" in reason or "Cannot open file" in reason:
        return LedgerError(
            f"The ledger {path} cannot be written; make the file and its directory writable, or choose another path."
        )
    return NoLedgerError(_damaged(path))


def _damaged(path: Path | None) -> str:
    return (
        f"The ledger {path} is damaged, or was written by another version of DuckDB. Move it and {path}.wal away, and "
        "usage-dash will read everything anew; history that the source no longer holds is only in that file."
    )


def _check(sql: duckdb.DuckDBPyConnection, tables: set[str], source: str, path: Path | None) -> str:
    if not {"meta", *_HELD} <= tables:
        raise NoLedgerError(
            f"{path} is a DuckDB database, but not a ledger; usage-dash leaves it as it is. Choose another path."
        )
    told = sql.execute("SELECT schema_version, source, zone FROM meta").fetchall()
    if len(told) != 1:
        raise NoLedgerError(_damaged(path))
    its_format, its_source, its_zone = told[0]
    if its_format not in range(1, SCHEMA_VERSION + 1):
        raise LedgerError(
            f"The ledger {path} has format {its_format}, and this usage-dash reads formats up to {SCHEMA_VERSION}. A "
            "newer one has written it: run that, or choose another path."
        )
    if its_source != source:
        raise LedgerError(
            f"The ledger {path} holds “{its_source}”, not “{source}”; choose another path for this source, or go back "
            "to the other one."
        )
    for table in (*_HELD, *tables.intersection(_HELD_SINCE)):
        sql.execute(_READ_ALL.format(table)).fetchall()
    return str(its_zone)

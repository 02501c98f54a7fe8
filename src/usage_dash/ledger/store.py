"""The database of one ledger: opened, read by any number, written by one at a time, and closed."""

from __future__ import annotations

import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from usage_dash.ledger.copies import make_copy
from usage_dash.ledger.file import LedgerError, TooMuchError, open_database, prepare, size_on_disk, spill_directory
from usage_dash.ledger.merge import rebuild_days
from usage_dash.ledger.upgrades import upgrade

_CLOSING_SECONDS = 0.01  # between two tries to close the database
_PACK_ROWS = 100_000  # about one row group, the unit in which DuckDB compresses
_FULL = (
    "The ledger could not be written, because its disk or memory is full. It is as it was before; make room, or raise "
    "the memory limit."
)
_TOO_MUCH = (
    "usage-dash has too little memory for this question at the moment. Try again in a moment, or ask for fewer days, "
    "users or models; whoever runs it can raise its memory limit, or make room on its disk."
)


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What is known of the ledger without asking it.

    `version` grows when users, entries, findings or people really changed, also across restarts; it is never 0.
    """

    version: int
    documents: int


@dataclass(frozen=True, slots=True)
class LedgerSize:
    """How many bytes the ledger takes in memory and, where it has a file, on the disk."""

    memory: int
    disk: int | None


class Store:
    """What a ledger lies in; its transactions, and the marks that are written with them."""

    def __init__(self, source: str, zone: ZoneInfo, path: Path | None, memory_limit: str | None) -> None:
        """Open the database in the file `path`, or in memory; see `Ledger`."""
        self.zone = zone
        self._path = path
        self._lock = threading.Lock()
        self._unpacked = 0
        spills = spill_directory()
        with ExitStack() as resources:
            # A finalizer, since it runs at the end of the process too, should nobody close the ledger.
            resources.callback(weakref.finalize(self, shutil.rmtree, spills, ignore_errors=True))
            self._database = open_database(path, spills, memory_limit)
            resources.callback(_close, self._database)
            self._transact(lambda sql: _prepare(sql, source, zone, path))
            self._resources = resources.pop_all()

    @property
    def state(self) -> LedgerState:
        """What the last write left."""
        return self._state

    def size(self) -> LedgerSize:
        """Return how large it is now."""
        with self._cursor() as sql:
            memory = sql.execute("SELECT coalesce(sum(memory_usage_bytes), 0) FROM duckdb_memory()").fetchall()[0][0]
        return LedgerSize(int(memory), size_on_disk(self._path))

    def copy_to(self, file: Path) -> None:
        """Copy what it holds to a file, which is there wholly or not at all; others may write meanwhile.

        Only a ledger that has a file can be copied. Raises `LedgerError`.
        """
        if self._path is None:
            raise ValueError("A ledger in memory has no file whose guard its copy could have.")
        with self._cursor() as sql:
            make_copy(sql, self._path, file)

    def mark(self, name: str) -> str | None:
        """Read one mark (small durable values of the sync, such as its watermark)."""
        with self.reader() as sql:
            rows = sql.execute("SELECT value FROM marks WHERE name = ?", [name]).fetchall()
            return rows[0][0] if rows else None

    def set_marks(self, marks: Mapping[str, str | None]) -> None:
        """Write marks; None deletes one. Leaves `version` as it is."""
        self._transact(lambda _: 0, marks)

    @contextmanager
    def reader(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open a read-only cursor on all of the ledger that sees one state until the block ends; for any thread.

        Raises `TooMuchError` where the block asks for what there is too little memory for, or disk to spill to.
        """
        with self._cursor() as sql:
            try:
                sql.execute("BEGIN TRANSACTION READ ONLY")
                yield sql
            except duckdb.OutOfMemoryException as error:
                raise TooMuchError(_TOO_MUCH) from error

    def close(self) -> None:
        """Let go of the file and of temporary files, once no query runs; the ledger is not used afterwards."""
        with self._lock:
            self._resources.close()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with closing(self._database.cursor()) as sql:
            sql.execute("USE ledger")
            yield sql

    def _transact(
        self, work: Callable[[duckdb.DuckDBPyConnection], int], marks: Mapping[str, str | None] | None = None
    ) -> None:
        """Do `work` and write `marks` in one transaction; closing its cursor undoes it unless it was committed."""
        with self._lock, self._cursor() as sql:
            try:
                sql.execute("BEGIN")
                changed = work(sql)
                for name, value in (marks or {}).items():
                    _write_mark(sql, name, value)
                state = _next_state(sql, changed=changed > 0)
                sql.execute("COMMIT")
            except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.TransactionException) as error:
                raise LedgerError(_FULL) from error  # a commit that cannot be written is a TransactionException
            self._state = state
            self._pack(sql, changed)

    def _pack(self, sql: duckdb.DuckDBPyConnection, changed: int) -> None:
        """Compress what was written, once there is enough of it."""
        self._unpacked += changed
        if self._unpacked >= _PACK_ROWS:
            # While somebody reads it cannot be done; then the next write does it.
            with suppress(duckdb.TransactionException):
                sql.execute("CHECKPOINT ledger")
                self._unpacked = 0


def _close(database: duckdb.DuckDBPyConnection) -> None:
    """Close the database with its cursors, which it refuses as long as one of them works for another thread."""
    while True:
        try:
            database.close()
        except duckdb.ResourceInUseException:
            time.sleep(_CLOSING_SECONDS)
        else:
            return


def _next_state(sql: duckdb.DuckDBPyConnection, *, changed: bool) -> LedgerState:
    if changed:
        sql.execute("UPDATE meta SET version = version + 1")
    return LedgerState(*sql.execute("SELECT version, (SELECT count(*) FROM users) FROM meta").fetchall()[0])


def _prepare(sql: duckdb.DuckDBPyConnection, source: str, zone: ZoneInfo, path: Path | None) -> int:
    known_zone = prepare(sql, source, str(zone), path)
    if not upgrade(sql, path) and known_zone == str(zone):
        return 0
    sql.execute("UPDATE meta SET zone = ?", [str(zone)])
    return rebuild_days(sql, zone)


def _write_mark(sql: duckdb.DuckDBPyConnection, name: str, value: str | None) -> None:
    if value is None:
        sql.execute("DELETE FROM marks WHERE name = ?", [name])
    elif not sql.execute("UPDATE marks SET value = ? WHERE name = ?", [value, name]).fetchall()[0][0]:
        sql.execute("INSERT INTO marks VALUES (?, ?)", [name, value])

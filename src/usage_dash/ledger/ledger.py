"""The ledger: our local, queryable copy of the usage documents of one source, in DuckDB."""

from __future__ import annotations

import shutil
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from usage_dash.documents.batch import EVERYTHING, Batch, IdRange
from usage_dash.ledger import alerts
from usage_dash.ledger.bill import Ask, Bill, first_use, keep_bill, last_ask
from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.copies import make_copy
from usage_dash.ledger.departed import forget_sums
from usage_dash.ledger.file import LedgerError, TooMuchError, open_database, prepare, size_on_disk, spill_directory
from usage_dash.ledger.merge import drop_missing, merge, rebuild_days
from usage_dash.ledger.people import due_of_all, due_of_these, forget_names, keep_names, take_people
from usage_dash.ledger.scope import Scope
from usage_dash.ledger.upgrades import upgrade
from usage_dash.ledger.views import Naming, as_written, narrow

__all__ = ["Ledger", "LedgerError", "LedgerSize", "LedgerSnapshot", "LedgerState", "TooMuchError"]

_COUNT = """
SELECT count(*) FROM users
WHERE ($after IS NULL OR user_id > $after) AND ($until IS NULL OR user_id <= $until)
"""
_TOTAL_CALLS = """
SELECT coalesce(fsum(summed_calls), 0) FROM users
WHERE ($after IS NULL OR user_id > $after) AND ($until IS NULL OR user_id <= $until)
"""
_MIDDLE = """
SELECT quantile_disc(user_id, 0.5) FROM users
WHERE ($after IS NULL OR user_id > $after) AND ($until IS NULL OR user_id <= $until)
"""
_NAMES_FROM = "names_from"  # the mark of where names are looked up
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


@dataclass(frozen=True, slots=True)
class LedgerSnapshot:
    """One state of the ledger, what of it a scope may see and a choice names; `views` has the names of its tables.

    For the thread that asked for it, while its block lasts.
    """

    version: int
    sql: duckdb.DuckDBPyConnection


class Ledger:
    """Users, entries and findings of one source, in memory or in the file `path`.

    Any number of threads read while one writes; further writers wait. A write happens wholly or not at all, and
    survives `kill -9` once it has returned, if there is a file. One ledger serves one process.
    """

    def __init__(
        self,
        source: str,
        zone: ZoneInfo,
        path: Path | None = None,
        memory_limit: str | None = None,
        naming: Naming = as_written,
        *,
        keep_sums: bool = True,
    ) -> None:
        """Open the ledger of `source` (a `Source.identity`), with reporting days in `zone`.

        Models are known by what `naming` makes of their names. `keep_sums`: users who are gone leave anonymous sums.
        `memory_limit` ("200MB") bounds DuckDB's memory; beyond it, data spills to a temporary directory. A file of an
        older format is upgraded. Raises `LedgerError` when the file is another source's or of a newer format, damaged,
        in use, or cannot be written.
        """
        self.zone = zone
        self._path = path
        self._naming = naming
        self._keep_sums = keep_sums
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

    def apply(
        self,
        batch: Batch,
        within: IdRange | None = None,
        marks: Mapping[str, str | None] | None = None,
        read_time: datetime | None = None,
        since: datetime | None = None,
    ) -> None:
        """Take in the batch's documents, by the rules of `merge.merge`, and write `marks` with them.

        `within`: the batch is a full listing of these ids, so users in it that the batch lacks leave the ledger.
        `read_time`: the source's clock when it gave the batch; what is new in the ledger was first read then, and
        what counters grew by without entries is booked. It came after `since`, so far as that is known.
        Raises `ValueError` for a batch that contradicts itself, `LedgerError` when disk or memory is full.
        """

        def work(sql: duckdb.DuckDBPyConnection) -> int:
            changed = merge(sql, batch, self.zone, since, read_time)
            return changed + (0 if within is None else drop_missing(sql, batch, within, keep_sums=self._keep_sums))

        self._transact(work, marks)

    def forget_gone(self) -> None:
        """Forget what users who are gone left behind."""
        self._transact(forget_sums)

    def take_people(self, people: pa.Table) -> None:
        """Know of people what this table says, with the schema `documents.people.PEOPLE`, and nothing else.

        Raises `LedgerError` when disk or memory is full.
        """
        self._transact(lambda sql: take_people(sql, people))

    def take_names_from(self, identity: str | None) -> None:
        """Forget the names that were looked up in another place than this one; None is no place.

        Raises `LedgerError` when disk or memory is full.
        """
        if self.mark(_NAMES_FROM) != identity:
            self._transact(forget_names, {_NAMES_FROM: identity})

    def keep_names(self, names: pa.Table, read_at: datetime) -> None:
        """Keep what was looked up of users, with the schema `documents.people.NAMES`; who was not found is empty.

        Raises `LedgerError` when disk or memory is full.
        """
        self._transact(lambda sql: keep_names(sql, names, read_at))

    def unnamed(self, since: datetime, after: str, limit: int) -> list[str]:
        """Up to `limit` users past the id `after`, in order, whom nobody has named or looked up `since` then."""
        with self.reader() as sql:
            return due_of_all(sql, since, after, limit)

    def unnamed_of(self, ids: Iterable[str], since: datetime) -> list[str]:
        """Those of the ids that are users whom nobody has named or looked up `since` then, in order."""
        with self.reader() as sql:
            return due_of_these(sql, since, list(ids))

    def keep_bill(self, ask: Ask, bill: Bill | None) -> None:
        """Note a try to read OpenAI's bill, and keep what it brought; None leaves the last answer as it is.

        Leaves `version` as it is, since what is drawn of usage stays the same.
        Raises `LedgerError` when disk or memory is full.
        """
        self._transact(lambda sql: keep_bill(sql, ask, bill))

    def last_ask(self) -> Ask | None:
        """The last try to read OpenAI's bill."""
        with self.reader() as sql:
            return last_ask(sql)

    def first_use(self, earliest: date) -> date | None:
        """The UTC day of the first entry, of those that are not older than the day `earliest`."""
        with self.reader() as sql:
            return first_use(sql, earliest)

    def remember(self, memo: alerts.Memo) -> None:
        """Remember what follows from a judging of the alert rules, all of it or nothing.

        Leaves `version` as it is, as do the two below. Raises `LedgerError` when disk or memory is full.
        """
        self._transact(lambda sql: alerts.remember(sql, memo))

    def delivered(self, alert: str, address: str, at: datetime) -> None:
        """Note that the address with this digest was told of an alert. Raises as `remember` does."""
        self._transact(lambda sql: alerts.delivered(sql, alert, address, at))

    def not_delivered(self, alert: str, address: str, problem: str, due: datetime | None) -> None:
        """Note why an address was not told of an alert, and when it is tried again, if it is. Raises as `remember`."""
        self._transact(lambda sql: alerts.not_delivered(sql, alert, address, problem, due))

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """How many usage documents of `ids` the ledger holds."""
        with self.reader() as sql:
            return int(sql.execute(_COUNT, {"after": ids.after, "until": ids.until}).fetchall()[0][0])

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add up the `totalCalls` of the usage documents of `ids`, as a sum of Firestore's does."""
        with self.reader() as sql:
            return float(sql.execute(_TOTAL_CALLS, {"after": ids.after, "until": ids.until}).fetchall()[0][0])

    def middle(self, ids: IdRange = EVERYTHING) -> str | None:
        """The id that halves `ids`: `(after, middle]` and `(middle, until]` hold half each; None when it is empty."""
        with self.reader() as sql:
            middle: str | None = sql.execute(_MIDDLE, {"after": ids.after, "until": ids.until}).fetchall()[0][0]
            return middle

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

    @contextmanager
    def snapshot(self, scope: Scope, choice: Choice = ALL_CHOSEN) -> Iterator[LedgerSnapshot]:
        """All queries in this block see the same state, of it what `scope` may see, and of that what `choice` names."""
        with self.reader() as sql:
            version = sql.execute("SELECT version FROM meta").fetchall()[0][0]
            narrow(sql, scope, choice, self._naming)
            yield LedgerSnapshot(int(version), sql)

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

"""The ledger: our local, queryable copy of the usage documents of one source, in DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
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
from usage_dash.ledger.departed import forget_sums
from usage_dash.ledger.file import LedgerError, TooMuchError
from usage_dash.ledger.merge import drop_missing, merge
from usage_dash.ledger.people import due_of_all, due_of_these, forget_names, keep_names, take_people
from usage_dash.ledger.scope import Scope
from usage_dash.ledger.store import LedgerSize, LedgerState, Store
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


@dataclass(frozen=True, slots=True)
class LedgerSnapshot:
    """One state of the ledger, what of it a scope may see and a choice names; `views` has the names of its tables.

    For the thread that asked for it, while its block lasts.
    """

    version: int
    sql: duckdb.DuckDBPyConnection


class Ledger(Store):
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
        super().__init__(source, zone, path, memory_limit)
        self._naming = naming
        self._keep_sums = keep_sums

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

    @contextmanager
    def snapshot(self, scope: Scope, choice: Choice = ALL_CHOSEN) -> Iterator[LedgerSnapshot]:
        """All queries in this block see the same state, of it what `scope` may see, and of that what `choice` names."""
        with self.reader() as sql:
            version = sql.execute("SELECT version FROM meta").fetchall()[0][0]
            narrow(sql, scope, choice, self._naming)
            yield LedgerSnapshot(int(version), sql)

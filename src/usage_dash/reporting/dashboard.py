"""What one dashboard knows of its ledger: asked consistently, within a scope, and worked out once for all viewers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import duckdb

from usage_dash.ledger.bill import Ask
from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.ledger import Ledger, LedgerSize
from usage_dash.ledger.scope import ALL_USERS, Scope
from usage_dash.reporting import ranges
from usage_dash.reporting.filters import key_of
from usage_dash.reporting.view_cache import Tally, ViewCache

_T = TypeVar("_T")

# How old the comparison with the same time before may grow while no usage arrives.
_BUCKET_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which state of the ledger, whose part of it, and when. `documents` is how many usage documents that part has."""

    version: int
    scope: Scope
    documents: int
    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The reporting day."""
        return ranges.today(self.now, self.zone)

    def key(self, *question: object) -> str:
        """Return a text that stays the same as long as the answer to the same question does; see `key_of`."""
        bucket = int(self.now.timestamp()) // _BUCKET_SECONDS
        return key_of(self.version, self.scope.key, self.today, bucket, *question)


@dataclass(frozen=True, slots=True)
class Moment(Stamp):
    """A stamp whose state can be asked: all queries that share a moment get answers that fit together.

    Questions are about what is chosen of the scope. `made` names the temporary tables that one question has made for
    all others.
    """

    sql: duckdb.DuckDBPyConnection
    choice: Choice = ALL_CHOSEN
    made: set[str] = field(default_factory=set)


class Reports:
    """One ledger's answers to any number of viewers."""

    def __init__(
        self, ledger: Ledger, cache: ViewCache, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.zone = ledger.zone
        self._now = now
        self._ledger = ledger
        self._cache = cache

    @property
    def today(self) -> date:
        """The reporting day."""
        return ranges.today(self._now(), self.zone)

    def stamp(self, scope: Scope) -> Stamp:
        """Return what stands for the ledger as it is now; where the scope is everybody, that asks nobody."""
        state = self._ledger.state
        if scope.users is ALL_USERS:
            return Stamp(state.version, scope, state.documents, self._now(), self.zone)
        documents = self._cache.get(key_of("documents", state.version, scope.key), lambda: self._count(scope))
        return Stamp(state.version, scope, documents, self._now(), self.zone)

    @contextmanager
    def moment(self, scope: Scope, choice: Choice = ALL_CHOSEN) -> Iterator[Moment]:
        """Look at what is chosen of the ledger as it is now, until the block ends."""
        with self._ledger.snapshot(scope, choice) as seen:
            documents = seen.sql.execute("SELECT count(*) FROM scoped_users").fetchall()[0][0]
            yield Moment(seen.version, scope, documents, self._now(), self.zone, seen.sql, choice)

    def known(self, key: str) -> Any:
        """Return what is kept under `key`, or None."""
        return self._cache.known(key)

    def kept(self, key: str, compute: Callable[[], _T]) -> _T:
        """Return what is kept under `key`, a stamp's, or else compute and keep it, once for all who ask meanwhile."""
        return self._cache.get(key, compute)

    def cache_tally(self) -> Tally:
        """Return how many answers were known already, and so on."""
        return self._cache.tally()

    def ledger_size(self) -> LedgerSize:
        """Return how large the ledger is."""
        return self._ledger.size()

    def last_ask(self) -> Ask | None:
        """Return the last try to read OpenAI's bill."""
        return self._ledger.last_ask()

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def _count(self, scope: Scope) -> int:
        with self.moment(scope) as moment:
            return moment.documents

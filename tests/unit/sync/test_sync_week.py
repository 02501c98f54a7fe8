"""A simulated week: writers with wrong clocks do their worst while the sync runs, fails and restarts.

Two things are asserted. After every try, failed or not, the ledger holds exactly what plain-Python rules make of the
documents that were delivered to it. After every try that succeeded, what was delivered is what `docs/sync.md`
promises: `_guaranteed` says it in code.
"""

from __future__ import annotations

import math
import random
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.fakes import DEADLINE, UNREACHABLE, MemoryRepository
from tests.unit.ledger.test_ledger_rules import Array
from tests.unit.writers import TICK, WAYS, Writers

from usage_dash.documents.parse import Entry, UsageDocument, parse
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.base import FUTURE, Page
from usage_dash.sync.catch_up import OVERLAP, data_time
from usage_dash.sync.state import Phase, SyncState
from usage_dash.sync.sync import Sync

RECONCILE = timedelta(hours=6)
SEEDS = st.integers(0, 999)

Totals = tuple[int | None, int | None, float | None]
Content = tuple[Totals, list[Entry], set[Entry]]  # totals, the entries that the document holds, and history


@dataclass
class Known:
    """What must be known of one user."""

    totals: Totals
    summed: float = 0.0  # what a sum makes of the document
    array: Array = field(default_factory=Array)

    def take(self, document: UsageDocument) -> None:
        self.totals = _totals(document)
        self.summed = document.summed_calls or 0.0
        self.array.take(list(document.entries))

    @property
    def content(self) -> Content:
        return self.totals, self.array.visible, self.array.history


@dataclass(frozen=True)
class Before:
    """How things stood when a try began."""

    clock: datetime
    watermark: datetime | None
    reconciled: str | None
    held: frozenset[str]
    summed: dict[str, float]
    content: dict[str, Content]
    version: int


class Watched(MemoryRepository):
    """Remembers each document as it was delivered."""

    delivered: list[tuple[str, dict[str, Any]]]

    def _page(self, documents: list[tuple[str, dict[str, Any]]]) -> Page:
        self.delivered.extend(documents)
        return super()._page(documents)


class Week(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.source = Watched(page_size=4)
        self.source.delivered = []
        self.known: dict[str, Known] = {}
        self.writers = Writers(self.source)
        self.clean: dict[str, datetime] = {}  # users alike in ledger and source, and when they were last written
        self.seconds = 0.0
        self.opened = ExitStack()

    @initialize(
        in_file=st.sampled_from([False, False, False, True]),
        ranges=st.booleans(),
        users=st.sampled_from([0, 7, 18]),
    )
    def open(self, in_file: bool, ranges: bool, users: int) -> None:  # noqa: FBT001 - hypothesis calls it by name
        directory = self.opened.enter_context(tempfile.TemporaryDirectory())
        self.path = Path(directory) / "week.duckdb" if in_file else None
        self.source.ranges = ranges
        self.ledger = self._open()
        self.sync = self._new_sync()
        self.writers.fill(users)

    def teardown(self) -> None:
        """After a quiet reconcile nothing is left to be found."""
        with self.opened:
            self.opened.callback(lambda: self.ledger.close())  # noqa: PLW0108 - the one that is open by then
            self.source.before = lambda _what: None
            self.pass_time(7 * 3600)
            if self.ledger.mark("listing_started"):
                self._try()  # which only ends a listing that an earlier try began
            self._try()
            assert self.clean.keys() == self.source.documents.keys() == self.known.keys()

    @rule(ways=st.lists(st.sampled_from(WAYS), min_size=1, max_size=6), seed=SEEDS)
    def write(self, ways: list[str], seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        for way in ways:
            self.writers.write(way, chance)

    @rule(at=st.integers(1, 8), way=st.sampled_from(WAYS), seed=SEEDS)
    def write_during_the_next_try(self, at: int, way: str, seed: int) -> None:
        asked = self.source.arrivals + at

        def write(_what: str) -> None:
            if self.source.arrivals == asked:
                self.writers.write(way, random.Random(seed))  # noqa: S311 - no secret

        self.source.before = write

    @rule(seconds=st.sampled_from([1, 8, 30, 300, 3600, 5 * 3600, 7 * 3600]))
    def pass_time(self, seconds: int) -> None:
        self.source.pass_time(seconds=seconds)

    @rule()
    def restart(self) -> None:
        self.sync = self._new_sync()
        if self.path:
            self.ledger.close()
            self.ledger = self._open()
            self.sync = self._new_sync()

    @rule()
    def refresh(self) -> None:
        self._try()

    @rule(requests=st.integers(0, 8))
    def refresh_with_a_failure(self, requests: int) -> None:
        self._try(requests)

    def _try(self, requests: int | None = None) -> None:
        """Fail after so many requests, if it takes more."""
        before = self._before()
        self.seconds += 2
        if requests is not None:
            self.source.fail_in(requests)
        state = self.sync.refresh(force=True, wait=DEADLINE)
        self.source.recover()
        self.source.before = lambda _what: None
        assert state.error in {None, UNREACHABLE}
        self._compare_with_deliveries(before)
        if state.phase is Phase.LIVE:
            self._compare_with_source(before, state)

    @invariant()
    def no_watermark_is_ahead_of_the_source(self) -> None:
        watermark = data_time(self.ledger) if hasattr(self, "ledger") else None
        assert watermark is None or watermark <= self.source.clock

    def _compare_with_deliveries(self, before: Before) -> None:
        for user, raw in self.source.delivered:
            document = parse(user, raw)
            self.known.setdefault(user, Known(_totals(document))).take(document)
        self.source.delivered.clear()
        content = _content(self.ledger)
        for user in self.known.keys() - content.keys():
            assert user not in self.source.documents or self.writers.written[user] > before.clock, "a user was lost"
            del self.known[user]
        assert content == {user: known.content for user, known in self.known.items()}
        grown = self.ledger.state.version > before.version
        assert grown or content == before.content, "pages would not show the change"
        assert self.ledger.state.version >= before.version

    def _compare_with_source(self, before: Before, state: SyncState) -> None:
        guaranteed = self._guaranteed(before, state)
        there = self.source.documents
        for user in guaranteed & there.keys():
            document = parse(user, there[user])
            assert self.known[user].content[:2] == (_totals(document), list(document.entries))
        for user in guaranteed - there.keys():
            assert user not in self.known, "a deleted user stayed"
        self.clean = {user: self.writers.written[user] for user in guaranteed & there.keys()}

    def _guaranteed(self, before: Before, state: SyncState) -> set[str]:
        """Ids of which the ledger must hold what the source holds now, or nothing when it holds nothing."""
        assert state.data_time is not None
        written = self.writers.written
        touched = {user for user, at in written.items() if at > before.clock}
        sure = {user for user, at in self.clean.items() if at == written[user]}
        sure |= {user for user in self.writers.stamped if written[user] <= state.data_time}
        if before.watermark is not None:
            sure |= self._in_window(before.watermark - OVERLAP, before.clock + FUTURE)
        listed_from = self.ledger.mark("reconciled_at")
        assert listed_from is not None
        if listed_from != before.reconciled:
            sure |= {user for user, at in written.items() if at <= datetime.fromisoformat(listed_from)}
        else:
            assert before.clock - datetime.fromisoformat(listed_from) <= RECONCILE, "a reconcile was due"
            if not touched:
                sure |= self._found_by_counts(before, sure)
                sure |= self._found_by_sums(before, sure)
        return sure - touched

    def _found_by_counts(self, before: Before, sure: set[str]) -> set[str]:
        """Counts tell of all that came unseen, or of all that went, unless both happened."""
        there = set(self.source.documents)
        assert len(self.known) == len(there)
        came, went = there - before.held - sure, before.held - there
        return came | went if not came or not went else set()

    def _found_by_sums(self, before: Before, sure: set[str]) -> set[str]:
        """Sums tell of all that grew, or of all that shrank, unless both happened or some number is not finite."""
        there = {user: parse(user, raw).summed_calls or 0.0 for user, raw in self.source.documents.items()}
        if not all(map(math.isfinite, [*there.values(), *before.summed.values()])):
            return set()
        unsure = (there.keys() | before.summed.keys()) - sure
        moved = {user: there.get(user, 0.0) - before.summed.get(user, 0.0) for user in unsure}
        moved = {user: by for user, by in moved.items() if by}
        return set(moved) if len({by > 0 for by in moved.values()}) == 1 else set()

    def _in_window(self, since: datetime, until: datetime) -> set[str]:
        dates = {user: raw.get("lastUpdated") for user, raw in self.source.documents.items()}
        return {user for user, date in dates.items() if isinstance(date, datetime) and since <= date <= until}

    def _open(self) -> Ledger:
        return Ledger(self.source.source.identity, ZoneInfo("UTC"), self.path)

    def _new_sync(self) -> Sync:
        return Sync(
            self.source,
            self.ledger,
            reconcile_hours=RECONCILE / timedelta(hours=1),
            now=lambda: self.source.clock,
            monotonic=lambda: self.seconds,
        )

    def _before(self) -> Before:
        self.source.clock += TICK
        content = _content(self.ledger)
        return Before(
            clock=self.source.clock,
            watermark=data_time(self.ledger),
            reconciled=self.ledger.mark("reconciled_at"),
            held=frozenset(content),
            summed={user: known.summed for user, known in self.known.items()},
            content=content,
            version=self.ledger.state.version,
        )


def _totals(document: UsageDocument) -> Totals:
    return document.total_calls, document.total_tokens, document.total_cost


def _content(ledger: Ledger) -> dict[str, Content]:
    with ledger.reader() as sql:
        users = sql.execute("SELECT user_id, total_calls, total_tokens, total_cost FROM users").fetchall()
        entries = sql.execute(
            """
            SELECT user_id, e.visible, e."at", model, e.input_tokens, e.output_tokens, e.total_tokens, e.cost, e.calls,
                e.rest
            FROM entries AS e JOIN users USING (user_key) JOIN models USING (slot)
            ORDER BY position
            """
        ).fetchall()
    content: dict[str, Content] = {user: (tuple(totals), [], set()) for user, *totals in users}
    for user, visible, at, *columns in entries:
        entry = Entry(at and at.replace(tzinfo=UTC), *columns)
        _, held, history = content[user]
        held.append(entry) if visible else history.add(entry)
    return content


Week.TestCase.settings = settings(max_examples=35, stateful_step_count=40)
TestWeek = Week.TestCase

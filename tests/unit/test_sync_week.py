"""A simulated week: writers with wrong clocks do their worst while the sync runs, fails and restarts.

Two things are asserted. After every try, failed or not, the ledger holds exactly what plain-Python rules make of the
documents that were delivered to it. After every try that succeeded, what was delivered is what `docs/sync.md`
promises: `_guaranteed` says it in code.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from tests.fakes import UNREACHABLE, MemoryRepository

from usage_dash.catch_up import OVERLAP, data_time
from usage_dash.documents import Entry, UsageDocument, parse
from usage_dash.ledger import Ledger
from usage_dash.repository.base import FUTURE, Page
from usage_dash.sync import Sync
from usage_dash.views import Phase, SyncState

DEADLINE = 60.0
RECONCILE = timedelta(hours=6)
TICK = timedelta(milliseconds=1)  # no two writes happen at the same time

IDS = [f"{letter}{number}" for letter in ("Z", "é", "\uffee", "\U0001f600") for number in range(4)]
SKEWS = st.sampled_from([0, 3, 60, 3600, 86_400, 3 * 365 * 86_400]).flatmap(
    lambda seconds: st.sampled_from([timedelta(seconds=seconds), timedelta(seconds=-seconds)])
)
UNDATED = st.sampled_from([None, "2026-03-02T09:00:00Z", 1_772_442_030, False])
JUNK = st.sampled_from([None, "12", "many", float("nan"), -3, [], {"a": 1}])
WRITES = ["update"] * 3 + [
    "create",
    "create_undated",
    "trim_the_front",
    "edit_an_entry",
    "take_an_entry_out",
    "spoil",
    "delete",
]

Draw = Callable[[st.SearchStrategy[Any]], Any]
Totals = tuple[int | None, int | None, float | None]
Content = tuple[Totals, list[Entry], set[Entry]]  # totals, the entries that the document holds, and history


@dataclass
class Known:
    """What must be known of one user: the rules of `ledger_sql.merge` in plain Python."""

    totals: Totals
    visible: list[Entry] = field(default_factory=list)
    history: set[Entry] = field(default_factory=set)

    def take(self, document: UsageDocument) -> None:
        old, new = self.visible, list(document.entries)
        survivors = [entry for entry in old if entry in new]
        for entry in old:
            if entry not in new and self._trimmed(entry, old, new, survivors):
                self.history.add(entry)
        self.history -= set(new)
        self.visible = new
        self.totals = _totals(document)

    @staticmethod
    def _trimmed(entry: Entry, old: list[Entry], new: list[Entry], survivors: list[Entry]) -> bool:
        if not survivors:
            return all(entry.at != other.at for other in new)
        first = survivors[0]
        came_before = any(other not in old for other in new[: new.index(first)])
        return old.index(entry) < old.index(first) and not came_before


@dataclass(frozen=True)
class Before:
    """How things stood when a try began."""

    clock: datetime
    watermark: datetime | None
    reconciled: str | None
    held: frozenset[str]
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
        self.clean: set[str] = set()  # equal in ledger and source when last looked at, and not written since
        self.stamped: set[str] = set()  # whose last write carried the server's timestamp
        self.written: dict[str, datetime] = {}  # when each was last written or deleted
        self.seconds = 0.0
        self.entries = 0
        self.opened = ExitStack()

    @initialize(
        in_file=st.sampled_from([False, False, False, True]),
        ranges=st.booleans(),
        users=st.sampled_from([0, 6, len(IDS)]),
    )
    def open(self, in_file: bool, ranges: bool, users: int) -> None:  # noqa: FBT001 - hypothesis calls it by name
        directory = self.opened.enter_context(tempfile.TemporaryDirectory())
        self.path = Path(directory) / "week.duckdb" if in_file else None
        self.source.ranges = ranges
        self.ledger = self._open()
        self.sync = self._new_sync()
        for user in IDS[:users]:
            self._put(user, _dated(self.source.clock - timedelta(days=30), [self._entry()]))

    def teardown(self) -> None:
        """After a quiet reconcile nothing is left to be found."""
        with self.opened:
            self.opened.callback(lambda: self.ledger.close())  # noqa: PLW0108 - the one that is open by then
            self.source.before = lambda _what: None
            self.pass_time(7 * 3600)
            if self.ledger.mark("listing_started"):
                self._try()  # which only ends a listing that an earlier try began
            self._try()
            assert self.clean == set(self.source.documents) == set(self.known)

    # The writers

    @rule(data=st.data(), kinds=st.lists(st.sampled_from(WRITES), min_size=1, max_size=5))
    def write(self, data: st.DataObject, kinds: list[str]) -> None:
        for kind in kinds:
            if self.source.documents or kind in {"create", "create_undated"}:
                getattr(self, f"_{kind}")(data.draw)

    @rule(at=st.integers(0, 8), user=st.sampled_from(IDS), kind=st.sampled_from(["create", "update", "delete"]))
    def write_during_the_next_try(self, at: int, user: str, kind: str) -> None:
        asked = self.source.arrivals + at + 1

        def meddle(_what: str) -> None:
            if self.source.arrivals != asked:
                return
            if kind == "create" or user not in self.source.documents:
                self._put(user, _dated(self.source.clock - timedelta(hours=1), [self._entry()]))
            elif kind == "update":
                self._stamp(user, [*_entries(self.source.documents[user]), self._entry()])
            else:
                self._remove(user)

        self.source.before = meddle

    def _create(self, draw: Draw) -> None:
        """A first write, dated by a client's clock; over an old document it is an edit that may hide."""
        self._put(draw(st.sampled_from(IDS)), _dated(self.source.clock + draw(SKEWS), [self._entry()]))

    def _create_undated(self, draw: Draw) -> None:
        self._put(draw(st.sampled_from(IDS)), _dated(draw(UNDATED), [self._entry()]))

    def _update(self, draw: Draw) -> None:
        user, entries = self._some(draw)
        self._stamp(user, [*entries, self._entry()])

    def _trim_the_front(self, draw: Draw) -> None:
        user, entries = self._some(draw)
        self._stamp(user, [*entries[draw(st.integers(1, 4)) :], self._entry()])

    def _edit_an_entry(self, draw: Draw) -> None:
        user, entries = self._some(draw)
        if entries:
            draw(st.sampled_from(entries))["costUsd"] += 0.5
            self._change(user, entries, stamped=draw(st.booleans()))

    def _take_an_entry_out(self, draw: Draw) -> None:
        user, entries = self._some(draw)
        if entries:
            entries.pop(draw(st.integers(0, len(entries) - 1)))
            self._change(user, entries, stamped=draw(st.booleans()))

    def _spoil(self, draw: Draw) -> None:
        user, _ = self._some(draw)
        name = draw(st.sampled_from(["totalCalls", "totalCostUsd", "recentUsage"]))
        self._put(user, {**self.source.documents[user], name: draw(JUNK)})

    def _delete(self, draw: Draw) -> None:
        self._remove(self._some(draw)[0])

    # The sync

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
            assert user not in self.source.documents or self.written[user] > before.clock, "a user was lost"
            del self.known[user]
        assert content == {user: (known.totals, known.visible, known.history) for user, known in self.known.items()}
        grown = self.ledger.version > before.version
        assert grown or content == before.content, "pages would not show the change"
        assert self.ledger.version >= before.version

    def _compare_with_source(self, before: Before, state: SyncState) -> None:
        guaranteed = self._guaranteed(before, state)
        there = self.source.documents
        for user in guaranteed & there.keys():
            known = self.known[user]
            document = parse(user, there[user])
            assert (known.totals, known.visible) == (_totals(document), list(document.entries))
        for user in guaranteed - there.keys():
            assert user not in self.known, "a deleted user stayed"
        self.clean = {user for user in guaranteed if user in there}

    def _guaranteed(self, before: Before, state: SyncState) -> set[str]:
        """Ids of which the ledger must hold what the source holds now, or nothing when it holds nothing."""
        assert state.data_time is not None
        touched = {user for user, at in self.written.items() if at > before.clock}
        sure = set(self.clean)
        sure |= {user for user in self.stamped if self.written[user] <= state.data_time}
        if before.watermark is not None:
            sure |= self._in_window(before.watermark - OVERLAP, before.clock + FUTURE)
        listed_from = self.ledger.mark("reconciled_at")
        assert listed_from is not None
        if listed_from != before.reconciled:
            sure |= {user for user, at in self.written.items() if at <= datetime.fromisoformat(listed_from)}
        else:
            assert before.clock - datetime.fromisoformat(listed_from) <= RECONCILE, "a reconcile was due"
            if not touched:
                sure |= self._found_by_counts(before, sure)
        return sure - touched

    def _found_by_counts(self, before: Before, sure: set[str]) -> set[str]:
        """Counts tell of all that came unseen, or of all that went, unless both happened."""
        there = set(self.source.documents)
        assert len(self.known) == len(there)
        came, went = there - before.held - sure, before.held - there
        return came | went if not came or not went else set()

    def _in_window(self, since: datetime, until: datetime) -> set[str]:
        dates = {user: raw.get("lastUpdated") for user, raw in self.source.documents.items()}
        return {user for user, date in dates.items() if isinstance(date, datetime) and since <= date <= until}

    # Means

    def _open(self) -> Ledger:
        return Ledger(self.source.source.identity, ZoneInfo("UTC"), self.path)

    def _new_sync(self) -> Sync:
        return Sync(self.source, self.ledger, now=lambda: self.source.clock, monotonic=lambda: self.seconds)

    def _before(self) -> Before:
        self.source.clock += TICK
        content = _content(self.ledger)
        return Before(
            clock=self.source.clock,
            watermark=data_time(self.ledger),
            reconciled=self.ledger.mark("reconciled_at"),
            held=frozenset(content),
            content=content,
            version=self.ledger.version,
        )

    def _some(self, draw: Draw) -> tuple[str, list[dict[str, Any]]]:
        """Some user, and a copy of the entries of its document."""
        user = draw(st.sampled_from(sorted(self.source.documents)))
        return user, _entries(self.source.documents[user])

    def _entry(self) -> dict[str, Any]:
        self.entries += 1
        at = self.source.clock - timedelta(minutes=self.entries % 3)
        return {"timestamp": at, "model": f"m{self.entries % 2}", "costUsd": self.entries / 8, "calls": 1}

    def _change(self, user: str, entries: list[dict[str, Any]], *, stamped: bool) -> None:
        if stamped:
            self._stamp(user, entries)
        else:
            self._put(user, {**self.source.documents[user], **_usage(entries)})

    def _stamp(self, user: str, entries: list[dict[str, Any]]) -> None:
        """An update as the chatbot's: `lastUpdated` is the server's timestamp."""
        self.source.clock += TICK
        self._put(user, {**self.source.documents[user], **_dated(self.source.clock, entries)})
        self.stamped.add(user)

    def _put(self, user: str, raw: dict[str, Any]) -> None:
        self.source.documents[user] = raw
        self._note(user)

    def _remove(self, user: str) -> None:
        del self.source.documents[user]
        self._note(user)

    def _note(self, user: str) -> None:
        self.source.clock += TICK
        self.written[user] = self.source.clock
        self.clean.discard(user)
        self.stamped.discard(user)


def _usage(entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "totalCalls": len(entries),
        "totalTokens": 10 * len(entries),
        "totalCostUsd": sum(entry["costUsd"] for entry in entries),
        "recentUsage": entries,
    }


def _dated(date: object, entries: list[dict[str, Any]]) -> dict[str, Any]:
    return {**_usage(entries), "lastUpdated": date}


def _entries(raw: dict[str, Any]) -> list[dict[str, Any]]:
    entries = raw["recentUsage"]
    return [dict(entry) for entry in entries] if isinstance(entries, list) else []


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


Week.TestCase.settings = settings(max_examples=25, stateful_step_count=40, deadline=None)
TestWeek = Week.TestCase

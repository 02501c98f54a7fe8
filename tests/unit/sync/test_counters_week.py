"""A simulated week of an honest chatbot, which counts each call: no figure of the counter ledger is lost or doubled.

Its entries may come with their counters, later or never, without times or costs, or from the future. Arrays are trimmed
or edited, documents dated by wrong clocks and deleted; the sync fails and restarts. It only never writes late what the
ledger has met in a counter at first sight: that is in the opening already, and nothing tells it from an entry that
comes before its counter.

After every try, for each user and measure: what was there at first sight, and all days, equal the counter. Days are
such on which it can have happened, and who is gone leaves everything behind.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from tests.fakes import DEADLINE, UNREACHABLE, MemoryRepository
from tests.unit.ledger.test_ledger_rules import Array
from tests.unit.writers import TICK

from usage_dash.documents.parse import Entry, UsageDocument, parse
from usage_dash.ledger.counters import MEASURES, of_each_measure
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.repository.base import Page
from usage_dash.sync.state import Phase
from usage_dash.sync.sync import Sync

ZONE = ZoneInfo("Asia/Kathmandu")
NOBODY = ""  # whose id none is
SEEDS = st.integers(0, 999)
WAYS = [*["call", "call_late", "write_late"] * 3, "call_unwritten", "trim", "take_out", "create", "delete"]

_SKEWS = [sign * seconds for sign in (-1, 1) for seconds in (3, 3600, 86_400, 3 * 365 * 86_400)]
# The measures by the names of counters and of an entry's fields, in the ledger's order.
_COUNTERS = ["totalCalls", "totalInputTokens", "totalOutputTokens", "totalTokens", "totalCostUsd"]
_USED = ["calls", "inputTokens", "outputTokens", "totalTokens", "costUsd"]

_SAID = of_each_measure("SELECT user_id, <<{c}>> FROM users")
_OPENINGS = of_each_measure("SELECT user_id, <<openings.{m}>> FROM openings JOIN users USING (user_key)")
_BOOKINGS = of_each_measure("""
SELECT user_id, since, until, "at", day, <<bookings.{m}>> FROM bookings JOIN users USING (user_key)
""")
_SPENT = of_each_measure("""
SELECT coalesce(user_id, ''), <<coalesce(sum(spending.{m}), 0)>> FROM spending LEFT JOIN users USING (user_key)
GROUP BY ALL
""")
_SPENT_BY_DAY = of_each_measure("""
WITH spent AS (
    SELECT user_key, day, <<{m}>> FROM spending UNION ALL SELECT user_key, NULL, <<{m}>> FROM openings
)
SELECT coalesce(user_id, ''), day, <<coalesce(sum(spent.{m}), 0)>> FROM spent LEFT JOIN users USING (user_key)
GROUP BY ALL
""")
_ENTRY_DAYS = 'SELECT "at", first_read, day FROM entries'

Raw = dict[str, Any]
Figures = tuple[float, ...]  # one of each measure
NOTHING: Figures = (0.0,) * len(MEASURES)


class Chatbot:
    """Each of the `WAYS` is a method; `chance` decides what is left open."""

    def __init__(self, source: MemoryRepository) -> None:
        self.source = source
        self.late: defaultdict[str, list[Raw]] = defaultdict(list)  # entries that are yet to be written
        self.counted: defaultdict[str, list[datetime]] = defaultdict(list)  # when, since the document was last read
        self.well_dated: set[str] = set()
        self.free: set[str] = set()  # ids of users whom the ledger has let go
        self._number = 0

    def write(self, way: str, chance: random.Random) -> None:
        """Do it for some user; while there is nobody, somebody comes."""
        users = sorted(self.source.documents)
        if users and way != "create":
            getattr(self, way)(chance.choice(users), chance)
        else:
            self.create(chance)

    def create(self, chance: random.Random) -> None:
        self._number += 1
        user = chance.choice([*sorted(self.free), f"{chance.choice('Zé')}{self._number}"])
        self.free.discard(user)
        for of_an_earlier_one in (self.late, self.counted):
            of_an_earlier_one.pop(user, None)
        self.source.documents[user] = {"recentUsage": [], **dict.fromkeys(_COUNTERS, 0)}
        self._put(user, {}, chance)
        for _ in range(chance.randint(0, 3)):
            chance.choice([self.call, self.call_unwritten, self.call_late])(user, chance)

    def call(self, user: str, chance: random.Random) -> None:
        counted, entry = self._count(user, chance)
        self._put(user, {**counted, "recentUsage": [*self._entries(user), entry]}, chance)

    def call_unwritten(self, user: str, chance: random.Random) -> None:
        """Count a call of which no entry is ever written."""
        counted, _ = self._count(user, chance)
        self._put(user, counted, chance)

    def call_late(self, user: str, chance: random.Random) -> None:
        """Count a call whose entry is written another time."""
        counted, entry = self._count(user, chance)
        self.late[user].append(entry)
        self._put(user, counted, chance)

    def write_late(self, _user: str, chance: random.Random) -> None:
        """Write the entries that somebody waits for, if anybody does."""
        if waiting := sorted(self.late.keys() & self.source.documents.keys()):
            user = chance.choice(waiting)
            self._put(user, {"recentUsage": [*self._entries(user), *self.late.pop(user)]}, chance)

    def trim(self, user: str, chance: random.Random) -> None:
        self._put(user, {"recentUsage": self._entries(user)[chance.randint(1, 4) :]}, chance)

    def take_out(self, user: str, chance: random.Random) -> None:
        """Lose an entry of the middle, which the ledger takes for an edit."""
        if entries := [*self._entries(user)]:
            entries.remove(chance.choice(entries))
            self._put(user, {"recentUsage": entries}, chance)

    def delete(self, user: str, _chance: random.Random) -> None:
        del self.source.documents[user]
        self.source.clock += TICK

    def _entries(self, user: str) -> list[Raw]:
        entries: list[Raw] = self.source.documents[user]["recentUsage"]
        return entries

    def _count(self, user: str, chance: random.Random) -> tuple[Raw, Raw]:
        """Return counters after one more call, or several, and the entry of that, which no other one equals."""
        self._number += 1
        number = self._number
        used = [chance.randint(1, 3), number, number % 5, number + number % 5, number / chance.choice([7, 8, 1e6])]
        counters = {name: self.source.documents[user][name] + by for name, by in zip(_COUNTERS, used, strict=True)}
        self.counted[user].append(self.source.clock + TICK)
        at = chance.choice([self.source.clock, self._wrong_time(chance), None])
        entry = {"timestamp": at, "model": f"m{number % 2}", **dict(zip(_USED, used, strict=True))}
        if chance.random() < 0.1:
            del entry["costUsd"]
        return counters, entry

    def _put(self, user: str, fields: Raw, chance: random.Random) -> None:
        """Date the document by the server's clock, sometimes by another one, or not at all."""
        self.source.clock += TICK
        stamp = self.source.clock
        date = chance.choice([*[stamp] * 8, self._wrong_time(chance), None])
        self.source.documents[user] = {**self.source.documents[user], **fields, "lastUpdated": date}
        (self.well_dated.add if date == stamp else self.well_dated.discard)(user)

    def _wrong_time(self, chance: random.Random) -> datetime:
        return self.source.clock + timedelta(seconds=chance.choice(_SKEWS))


@dataclass
class Read:
    """What of the last document read of a user must be known, and what came of it."""

    counters: Figures
    opening: Figures
    array: Array
    grown: dict[datetime, Figures] = field(default_factory=dict)  # by when that was read
    first_day: dict[datetime, date] = field(default_factory=dict)  # and on which it can first have happened

    def take(self, document: UsageDocument, at: datetime, since: datetime | None) -> None:
        """Read a document again, which has counted since then; None: its date does not tell."""
        before = self._entries()
        self.array.take(list(document.entries))
        came, went = (_sum(some) for some in (self._entries() - before, before - self._entries()))
        counters = _counters(document)
        self.grown[at] = _add(self.grown.get(at, NOTHING), _less(counters, self.counters))
        self.counters = counters
        # What was edited is no growth: only that much more than came instead was there before.
        self.opening = _add(self.opening, tuple(max(0, by) for by in _less(went, came)))
        if since is not None:
            self.first_day.setdefault(at, since.astimezone(ZONE).date())

    def _entries(self) -> set[Entry]:
        return {*self.array.visible, *self.array.history}


class Watched(MemoryRepository):
    """Remembers each document as it was delivered, when, and since when the chatbot had counted in it."""

    def __init__(self, page_size: int) -> None:
        super().__init__(page_size=page_size)
        self.chatbot = Chatbot(self)
        self.delivered: list[tuple[UsageDocument, datetime, datetime | None]] = []
        self.known: set[str] = set()

    def _page(self, documents: list[tuple[str, Raw]]) -> Page:
        for user, raw in documents:
            counted = self.chatbot.counted.pop(user, [])
            since = counted[0] if counted and user in self.chatbot.well_dated else None
            self.delivered.append((parse(user, raw), self.clock, since))
            if user not in self.known:
                self.chatbot.late.pop(user, None)
                self.known.add(user)
        return super()._page(documents)


class CountersWeek(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.source = Watched(page_size=3)
        self.chatbot = self.source.chatbot
        self.read: dict[str, Read] = {}
        self.left: Figures = NOTHING  # what the counters of users who are gone said last
        self.days: dict[str, dict[date | None, Figures]] = {NOBODY: {}}  # by user, who is nobody when gone, and day
        self.seconds = 0.0
        self.opened = ExitStack()

    @initialize(in_file=st.sampled_from([False, False, False, True]), users=st.sampled_from([0, 1, 7]), seed=SEEDS)
    def open(self, in_file: bool, users: int, seed: int) -> None:  # noqa: FBT001 - hypothesis calls it by name
        directory = self.opened.enter_context(tempfile.TemporaryDirectory())
        self.path = Path(directory) / "week.duckdb" if in_file else None
        self.ledger = self._open()
        self.sync = self._new_sync()
        self.write(["create"] * users, seed)

    def teardown(self) -> None:
        """After a quiet reconcile all that was ever counted is known."""
        with self.opened:
            self.opened.callback(lambda: self.ledger.close())  # noqa: PLW0108 - the one that is open by then
            self.source.before = lambda _what: None
            self.pass_time(7 * 3600)
            if self.ledger.mark("listing_started"):
                self._try()  # which only ends a listing that an earlier try began
            self._try()
            there = {user: _counters(parse(user, raw)) for user, raw in self.source.documents.items()}
            assert {user: read.counters for user, read in self.read.items()} == there

    @rule(ways=st.lists(st.sampled_from(WAYS), min_size=1, max_size=6), seed=SEEDS)
    def write(self, ways: list[str], seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - no secret
        for way in ways:
            self.chatbot.write(way, chance)

    @rule(count=st.integers(2, 6), seed=SEEDS)
    def write_and_refresh_in_turn(self, count: int, seed: int) -> None:
        """Bring documents into a state that single steps seldom come to."""
        chance = random.Random(seed)  # noqa: S311 - no secret
        for _ in range(count):
            self.write(chance.choices(WAYS, k=3), chance.randint(0, 999))
            self.source.pass_time(seconds=chance.choice([1, 3600, 26 * 3600]))
            self._try()

    @rule(at=st.integers(1, 8), way=st.sampled_from(WAYS), seed=SEEDS)
    def write_during_the_next_try(self, at: int, way: str, seed: int) -> None:
        asked = self.source.arrivals + at

        def write(_what: str) -> None:
            if self.source.arrivals == asked:
                self.chatbot.write(way, random.Random(seed))  # noqa: S311 - no secret

        self.source.before = write

    @rule(seconds=st.sampled_from([1, 30, 3600, 5 * 3600, 7 * 3600, 26 * 3600]))
    def pass_time(self, seconds: int) -> None:
        self.source.pass_time(seconds=seconds)

    @rule()
    def restart(self) -> None:
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
        self.source.clock += TICK
        self.seconds += 2
        if requests is not None:
            self.source.fail_in(requests)
        state = self.sync.refresh(force=True, wait=DEADLINE)
        self.source.recover()
        self.source.before = lambda _what: None
        assert state.error in {None, UNREACHABLE}
        assert state.phase is Phase.LIVE or state.error
        touched = self._take_deliveries()
        with self.ledger.snapshot(EVERYBODY) as snapshot:
            self._compare(snapshot.sql, touched)

    def _compare(self, sql: duckdb.DuckDBPyConnection, touched: set[str]) -> None:
        gone = self._let_go(sql)
        self._compare_sums(sql)
        self._compare_bookings(sql)
        self._compare_days(sql, set() if gone & touched else gone)

    def _take_deliveries(self) -> set[str]:
        for document, at, since in self.source.delivered:
            user, counters = document.user_id, _counters(document)
            if user not in self.read:
                opening = _less(counters, _sum(set(document.entries)))
                self.read[user] = Read(counters, opening, Array(list(document.entries)))
            self.read[user].take(document, at, since)
        touched = {document.user_id for document, *_ in self.source.delivered}
        self.source.delivered.clear()
        return touched

    def _let_go(self, sql: duckdb.DuckDBPyConnection) -> set[str]:
        """Take those who have left the ledger for gone."""
        gone = self.read.keys() - _by_user(sql, _SAID).keys()
        for user in gone:
            self.left = _add(self.left, self.read.pop(user).counters)
        self.source.known -= gone
        self.chatbot.free |= gone - self.source.documents.keys()
        return gone

    def _compare_sums(self, sql: duckdb.DuckDBPyConnection) -> None:
        """Openings and days equal the counters, and openings are those of first sight."""
        said, openings, spent = _by_user(sql, _SAID), _by_user(sql, _OPENINGS), _by_user(sql, _SPENT)
        assert said.keys() == openings.keys() == self.read.keys()
        for user, read in self.read.items():
            assert said[user] == read.counters
            assert openings[user] == _near(read.opening, read.counters)
            assert _add(openings[user], spent.get(user, NOTHING)) == _near(read.counters)
        everything = NOTHING
        for each in (*openings.values(), *spent.values()):
            everything = _add(everything, each)
        ever = self.left
        for read in self.read.values():
            ever = _add(ever, read.counters)
        assert everything == _near(ever)

    def _compare_bookings(self, sql: duckdb.DuckDBPyConnection) -> None:
        """No more is booked than was counted by then, once, on a day on which it can have been."""
        booked: Counter[tuple[str, datetime]] = Counter()
        for user, *times, day, calls, inputs, outputs, tokens, cost in _rows(sql, _BOOKINGS):
            since, until, at = (time and time.replace(tzinfo=UTC) for time in times)
            read, figures = self.read[user], (calls, inputs, outputs, tokens, cost)
            assert all(figure >= 0 for figure in figures)
            assert any(figures)
            assert all(figure <= by + 1e-9 for figure, by in zip(figures, read.grown[until], strict=True))
            assert since is None or since < at
            assert at <= until
            assert read.first_day.get(until, date.min) <= day == at.astimezone(ZONE).date()
            booked[user, until] += 1
        assert set(booked.values()) <= {1}, "something was booked twice"

    def _compare_days(self, sql: duckdb.DuckDBPyConnection, gone: set[str]) -> None:
        """Entries have days, of the past; who is gone leaves each day as it was."""
        for at, first_read, day in _rows(sql, _ENTRY_DAYS):
            counts_at = min(at or first_read, first_read).replace(tzinfo=UTC)
            assert day == counts_at.astimezone(ZONE).date()
        before, self.days = self.days, _days(sql)
        if gone:
            left = dict(before[NOBODY])
            for day, figures in (item for user in gone for item in before.get(user, {}).items()):
                left[day] = _add(left.get(day, NOTHING), figures)
            assert self.days[NOBODY] == {day: _near(figures, self.left) for day, figures in left.items()}

    def _open(self) -> Ledger:
        return Ledger(self.source.source.identity, ZONE, self.path)

    def _new_sync(self) -> Sync:
        return Sync(
            self.source,
            self.ledger,
            reconcile_hours=6,
            now=lambda: self.source.clock,
            monotonic=lambda: self.seconds,
        )


def _days(sql: duckdb.DuckDBPyConnection) -> dict[str, dict[date | None, Figures]]:
    days: dict[str, dict[date | None, Figures]] = {NOBODY: {}}
    for user, day, *figures in _rows(sql, _SPENT_BY_DAY):
        if any(figures):
            days.setdefault(user, {})[day] = tuple(map(float, figures))
    return days


def _by_user(sql: duckdb.DuckDBPyConnection, query: str) -> dict[str, Figures]:
    return {user: tuple(map(float, figures)) for user, *figures in _rows(sql, query)}


def _rows(sql: duckdb.DuckDBPyConnection, query: str) -> list[Any]:
    return sql.execute(query).fetchall()


def _counters(document: UsageDocument) -> Figures:
    return tuple(float(getattr(document, counter)) for counter in MEASURES.values())


def _sum(entries: set[Entry]) -> Figures:
    return tuple(float(sum(getattr(entry, measure) or 0 for entry in entries)) for measure in MEASURES)


def _add(some: Figures, others: Figures) -> Figures:
    return tuple(one + other for one, other in zip(some, others, strict=True))


def _less(some: Figures, others: Figures) -> Figures:
    return tuple(one - other for one, other in zip(some, others, strict=True))


def _near(figures: Figures, counters: Figures | None = None) -> Any:
    """Return what they equal within 1e-9, relative to the counters that they are a part of."""
    of = counters or figures
    return tuple(
        pytest.approx(figure, rel=0, abs=1e-9 * max(1, counter)) for figure, counter in zip(figures, of, strict=True)
    )


CountersWeek.TestCase.settings = settings(max_examples=12, stateful_step_count=25)
TestCountersWeek = CountersWeek.TestCase

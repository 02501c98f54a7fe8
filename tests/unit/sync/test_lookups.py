"""Looking up names: for whom it is shown, once, in batches, patiently, and never while somebody waits."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fake_names import MemoryNames
from tests.fakes import DEADLINE, FORBIDDEN, UNREACHABLE
from tests.unit.builders import batch, document
from tests.unit.syncing import Clock

from usage_dash.documents.batch import EVERYTHING
from usage_dash.documents.people import PEOPLE
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.sync.names import NameReader, NoNames

WEEK = timedelta(days=7)


class Reading:
    """A name reader on a fake source with three accounts, the clocks that it sees, and what it spent."""

    def __init__(self, ledger: Ledger, clock: Clock, source: MemoryNames) -> None:
        self.ledger, self.clock, self.source = ledger, clock, source
        self.spent: list[tuple[int, int]] = []
        self.reader = NameReader(source, ledger, self._spend, WEEK, now=clock.now, monotonic=clock.monotonic)

    def _spend(self, *, queries: int, reads: int, wire_bytes: int) -> None:
        assert wire_bytes == 0
        self.spent.append((queries, reads))

    def want(self, *ids: str) -> list[str]:
        """Want these, wait until nothing is under way, and tell who was asked for."""
        before = len(self.source.asked)
        self.reader.want(ids)
        ended()
        return self.source.asked[before:]

    def want_all(self, scope: Scope = EVERYBODY) -> list[str]:
        before = len(self.source.asked)
        self.reader.want_all(scope)
        ended()
        return self.source.asked[before:]


def ended() -> None:
    """Wait until no thread of a reader runs."""
    for thread in threading.enumerate():
        if thread.name == "names":
            thread.join(DEADLINE)
            assert not thread.is_alive()


def names(ledger: Ledger) -> dict[str, str]:
    with ledger.snapshot(EVERYBODY) as seen:
        return dict(seen.sql.execute("SELECT user_id, name FROM people WHERE name <> ''").fetchall())


@pytest.fixture
def reading(ledger: Ledger, clock: Clock) -> Iterator[Reading]:
    ledger.apply(batch(*map(document, ("ada", "bob", "cyd", "dan"))))
    accounts: dict[str, tuple[object, object]] = {each: (each.title(), None) for each in ("ada", "bob", "cyd")}
    made = Reading(ledger, clock, MemoryNames(accounts, batch=2))
    yield made
    made.source.before = lambda _ids: None
    made.reader.close()


def test_who_is_shown_is_looked_up_and_nobody_else(reading: Reading) -> None:
    before = reading.ledger.state.version
    assert reading.want("bob") == ["bob"]
    assert names(reading.ledger) == {"bob": "Bob"}
    assert reading.ledger.state.version > before
    assert reading.spent == [(1, 1)]


def test_a_name_is_read_once_and_again_after_a_week(reading: Reading) -> None:
    assert reading.want("ada", "bob") == ["ada", "bob"]
    assert reading.want("ada", "bob") == []
    reading.clock.seconds += (WEEK - timedelta(seconds=1)).total_seconds()
    assert reading.want("ada") == []
    reading.source.accounts["ada"] = ("Ada Lovelace", None)
    reading.clock.seconds += 3601
    assert reading.want("ada") == ["ada"]
    assert names(reading.ledger)["ada"] == "Ada Lovelace"


def test_a_restart_reads_no_name_again(reading: Reading) -> None:
    reading.want("ada", "dan")
    again = Reading(reading.ledger, reading.clock, reading.source)
    assert again.want("ada", "dan") == []


def test_who_is_not_found_is_not_asked_for_at_every_refresh(reading: Reading) -> None:
    before = reading.ledger.state.version
    assert reading.want("dan") == ["dan"]
    assert reading.want("dan") == []
    assert reading.ledger.state.version == before, "nothing to be seen has changed"


def test_who_is_no_user_of_the_ledger_is_not_asked_for(reading: Reading) -> None:
    assert reading.want("stranger", "ada") == ["ada"]


def test_look_ups_come_in_batches(reading: Reading) -> None:
    reading.want("ada", "bob", "cyd", "ada")
    assert reading.source.calls == [("ada", "bob"), ("cyd",)]


def test_everybody_is_looked_up_for_who_searches_by_name(reading: Reading) -> None:
    reading.want("bob")
    assert reading.want_all() == ["ada", "cyd", "dan"]
    assert reading.source.calls[1:] == [("ada", "cyd"), ("dan",)]
    assert names(reading.ledger) == {"ada": "Ada", "bob": "Bob", "cyd": "Cyd"}


def test_who_types_on_asks_nothing_again_until_somebody_could_be_new(reading: Reading) -> None:
    reading.want_all()
    reading.ledger.apply(batch(document("eve")))
    assert reading.want_all() == []
    reading.clock.seconds += 61
    assert reading.want_all() == ["eve"]


def test_a_search_in_a_scope_looks_up_that_scope_alone(reading: Reading) -> None:
    assert reading.want_all(Scope(frozenset({"cyd", "ada", "stranger"}))) == ["ada", "cyd"]
    assert reading.want_all(Scope(frozenset())) == []


class Held:
    """Holds look-ups until it is let go, and tells when one has come."""

    def __init__(self, source: MemoryNames) -> None:
        self.come = threading.Event()
        self.free = threading.Event()
        source.before = self

    def __call__(self, _ids: Sequence[str]) -> None:
        self.come.set()
        assert self.free.wait(DEADLINE)


def coming(reading: Reading, *ids: str) -> bool:
    """Want these, and tell whether names may come in a moment."""
    reading.reader.want(ids)
    return reading.reader.coming


def test_nobody_waits_and_one_thread_does_it_all(reading: Reading) -> None:
    held = Held(reading.source)
    assert coming(reading, "ada")
    assert held.come.wait(DEADLINE)
    for each in ("bob", "cyd", "bob"):
        assert coming(reading, each)
    assert sum(thread.name == "names" for thread in threading.enumerate()) == 1
    held.free.set()
    ended()
    assert reading.source.calls == [("ada",), ("bob", "cyd")]
    assert not coming(reading, "ada", "bob", "cyd")


def test_who_is_shown_goes_before_everybody(reading: Reading) -> None:
    held = Held(reading.source)
    reading.reader.want_all(EVERYBODY)
    assert held.come.wait(DEADLINE)
    reading.reader.want(["dan"])
    held.free.set()
    ended()
    assert reading.source.calls == [("ada", "bob"), ("dan",), ("cyd",)]


def test_what_waits_is_bounded(reading: Reading) -> None:
    reading.ledger.apply(batch(*(document(f"u{number:05}") for number in range(10_050))))
    reading.source.batch = 20_000
    held = Held(reading.source)
    reading.reader.want(["ada"])
    assert held.come.wait(DEADLINE)
    reading.reader.want([f"u{number:05}" for number in range(10_050)])
    held.free.set()
    ended()
    assert [len(call) for call in reading.source.calls] == [1, 10_000]


def failing(error: Exception | None) -> object:
    def fail(_ids: Sequence[str]) -> None:
        if error:
            raise error

    return fail


@pytest.mark.parametrize("error", [UNREACHABLE, FORBIDDEN, ValueError("a fault of ours")])
def test_failures_are_told_once_and_tried_again_after_growing_pauses(
    reading: Reading, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    reading.source.before = failing(error)  # type: ignore[assignment]
    with caplog.at_level(logging.INFO):
        assert reading.want("ada") == ["ada"]
        for pause in (30, 60, 120):
            reading.clock.seconds += pause - 1
            assert reading.want("ada") == []
            assert not coming(reading, "ada")
            reading.clock.seconds += 1
            assert reading.want("ada") == ["ada"]
    if not isinstance(error, ValueError):
        assert caplog.messages == [f"Users are shown by their ids, since their names cannot be looked up: {error}"]
    assert names(reading.ledger) == {}
    reading.source.before = failing(None)  # type: ignore[assignment]
    reading.clock.seconds += 3600
    assert reading.want("ada") == ["ada"]
    assert names(reading.ledger) == {"ada": "Ada"}


def test_a_search_that_failed_goes_on_where_it_stopped_and_keeps_what_came(reading: Reading) -> None:
    def cut(ids: Sequence[str]) -> None:
        if "cyd" in ids:
            raise UNREACHABLE

    reading.source.before = cut
    reading.want_all()
    assert names(reading.ledger) == {"ada": "Ada", "bob": "Bob"}
    reading.source.before = lambda _ids: None
    reading.clock.seconds += 31
    assert reading.want("ada") == ["cyd", "dan"]


def test_a_user_who_leaves_while_looked_up_is_not_named_again(reading: Reading) -> None:
    held = Held(reading.source)
    reading.reader.want(["ada"])
    assert held.come.wait(DEADLINE)
    reading.ledger.apply(batch(document("bob")), within=EVERYTHING)
    held.free.set()
    ended()
    with reading.ledger.reader() as sql:
        assert sql.execute("SELECT count(*) FROM names").fetchall() == [(0,)]


def test_closing_waits_for_the_batch_under_way_and_no_more_begins(reading: Reading) -> None:
    held = Held(reading.source)
    reading.reader.want_all(EVERYBODY)
    assert held.come.wait(DEADLINE)
    closing = threading.Thread(target=reading.reader.close)
    closing.start()
    deadline = time.monotonic() + DEADLINE
    while coming(reading, "dan"):  # as long as it does not know that it should close
        assert time.monotonic() < deadline
    assert not reading.source.closed
    held.free.set()
    closing.join(DEADLINE)
    assert reading.source.closed
    reading.reader.want_all(EVERYBODY)
    ended()
    assert reading.source.calls == [("ada", "bob")]


def test_where_nothing_is_looked_up_nothing_happens() -> None:
    nothing = NoNames()
    assert not nothing.want(["ada"])
    nothing.want_all(EVERYBODY)
    nothing.close()


USERS = ("ada", "bob", "cyd", "dan", "eve")
IDS = st.lists(st.sampled_from((*USERS, "stranger")), max_size=4)
STEPS = st.one_of(
    st.tuples(st.just("want"), IDS),
    st.tuples(st.just("search"), IDS),
    st.tuples(st.just("search all"), st.just(())),
    st.tuples(st.just("pass days"), st.sampled_from([[1], [3], [7]])),
    st.tuples(st.just("users are"), IDS),
    st.tuples(st.just("told are"), IDS),
)


class Known:
    """Who has to be asked for, worked out by hand: all times are whole days, so within one nothing grows old."""

    def __init__(self) -> None:
        self.users: set[str] = set()
        self.told: set[str] = set()
        self.read: dict[str, int] = {}  # on which day
        self.checked: set[str] = set()  # today
        self.searched = False  # today, for everybody
        self.day = 0

    def asked(self, step: str, values: Sequence[Any]) -> set[str]:
        """Return who is asked for at a step."""
        match step:
            case "pass days":
                self.day, self.checked, self.searched = self.day + values[0], set(), False
            case "users are":
                self.users = set(values)
                self.read = {user: day for user, day in self.read.items() if user in self.users}
            case "told are":
                self.told = set(values)
            case "search all":
                if not self.searched:
                    self.searched = True
                    return self._due(self.users)
            case _:
                new = set(values) - self.checked
                self.checked |= new
                return self._due(new)
        return set()

    def _due(self, wanted: set[str]) -> set[str]:
        due = {
            user
            for user in wanted & self.users - self.told
            if user not in self.read or self.day - self.read[user] > WEEK.days
        }
        self.read |= dict.fromkeys(due, self.day)
        return due


@pytest.fixture(scope="module")
def room() -> Iterator[Ledger]:
    """A ledger for one example after the other."""
    opened = Ledger("x", ZoneInfo("UTC"))
    yield opened
    opened.close()


def emptied(ledger: Ledger) -> Ledger:
    ledger.apply(batch(), within=EVERYTHING)
    ledger.take_people(PEOPLE.empty_table())
    return ledger


@settings(max_examples=20)
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_happens_only_those_are_asked_for_who_have_to_be_and_each_once(
    room: Ledger, steps: list[tuple[str, Sequence[Any]]]
) -> None:
    ledger, clock, known = emptied(room), Clock(), Known()
    reading = Reading(ledger, clock, MemoryNames({user: (user, None) for user in USERS[:3]}, batch=2))
    for step, values in [("users are", USERS), *steps]:
        before = len(reading.source.asked)
        match step:
            case "pass days":
                clock.seconds += timedelta(days=values[0]).total_seconds()
            case "users are":
                ledger.apply(batch(*map(document, dict.fromkeys(values))), within=EVERYTHING)
            case "told are":
                rows = [{"user_id": user, "name": "T", "email": "", "team": ""} for user in dict.fromkeys(values)]
                ledger.take_people(pa.Table.from_pylist(rows, PEOPLE))
            case "want":
                reading.want(*values)
            case _:
                reading.want_all(EVERYBODY if step == "search all" else Scope(frozenset(values)))
        asked = reading.source.asked[before:]
        assert sorted(asked) == sorted(known.asked(step, values))
    assert set(names(ledger)) == known.told & known.users | known.read.keys() & set(USERS[:3])
    reading.reader.close()

"""The writer's faults are recognised by documents that have them, and not by documents that nearly do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.builders import NOON, Document, Item, batch, document, item
from tests.unit.checks.checking import counted, found, says, seen_in
from tests.unit.worlds import filled

from usage_dash.checks.check import State
from usage_dash.checks.writer import writer_is_sound
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PATH = ("totals.…", "a path as a field’s name", "not read", 1)
UNTRIMMED, OVERWRITTEN = "Entries are never trimmed", "First write overwritten"
CLOCK, PATHS, SPEECH = "The client’s own clock", "A path as a field’s name", "Speech moves `lastUpdated`"


def read(ledger: Ledger, *documents: Document, at: datetime = NOON) -> None:
    ledger.apply(batch(*documents), read_time=at, since=at - HOUR)


def seen(ledger: Ledger, **circumstances: Any) -> dict[str, str]:
    """The faults that are recognised, and where."""
    return seen_in(says(writer_is_sound, ledger, **circumstances))


def shows(ledger: Ledger, fault: str) -> str:
    table = says(writer_is_sound, ledger).table
    assert table is not None
    return {name: how for name, how, _ in table.rows}[fault]


def minutely(count: int, until: float = 0) -> list[Item]:
    """Entries a minute apart, in the order in which they were written."""
    return [item(until - count + 1 + n, cost=float(n)) for n in range(count)]


def test_a_sound_writer_is_good(ledger: Ledger) -> None:
    read(ledger, counted("ada", item(), item(1)))
    check = says(writer_is_sound, ledger, now=NOON + HOUR)
    assert (check.state, check.table, check.figure) == (State.GOOD, None, "0")


def test_without_documents_there_is_no_writer(ledger: Ledger) -> None:
    assert found(writer_is_sound, ledger) is None


def test_entries_that_are_never_trimmed_are_recognised(ledger: Ledger) -> None:
    read(ledger, counted("ada", *minutely(1_200)), counted("bob", *minutely(1_001)), counted("eve", *minutely(100)))
    assert seen(ledger) == {UNTRIMMED: "2 documents"}
    assert shows(ledger, UNTRIMMED) == "Entries only grow; the largest document holds 1,200"


def test_few_entries_are_not_trimmed_yet(ledger: Ledger) -> None:
    read(ledger, counted("ada", *minutely(1_000)))
    assert seen(ledger) == {}


def test_a_writer_that_trims_to_many_is_no_fault(ledger: Ledger) -> None:
    entries = minutely(1_201)
    read(ledger, counted("ada", *entries[:-1]), counted("bob", *minutely(1_100)))
    read(ledger, counted("ada", *entries[1:], total_calls=1_201), counted("bob", *minutely(1_100)))
    assert seen(ledger) == {}


def test_what_nobody_has_used_lately_shows_nothing_of_the_writer(ledger: Ledger) -> None:
    read(ledger, counted("ada", *minutely(1_200, until=-60 * 24 * 29)))
    assert seen(ledger) == {}


def overwritten(ledger: Ledger, first: Item, second: Item, *more: Item, **totals: Any) -> None:
    """A first write, and another that replaces it; both were seen."""
    read(ledger, counted("ada", first))
    read(ledger, counted("ada", second, *more, **totals), at=NOON + MINUTE)


def test_a_first_write_that_was_overwritten_is_recognised(ledger: Ledger) -> None:
    overwritten(ledger, item(), item(0.1), item(5))
    assert seen(ledger) == {OVERWRITTEN: "1 document"}


@pytest.mark.parametrize(
    ("items", "totals"),
    [
        ([item(), item(1), item(2)], {"total_calls": 3, "total_cost": 3 * 0.5 + 3 / 64}),  # trimmed to two
        ([item(), item(61), item(62)], {}),  # set back by hand, later
        ([item(), item(1), item(2)], {"total_calls": 5}),  # trimmed, and some were never itemised
        ([item(calls=0), item(1), item(2)], {}),  # what is gone counted nothing
        ([item(), item(1), item(2)], {"total_cost": 7.0}),
    ],
)
def test_what_nearly_was_overwritten_is_not(ledger: Ledger, items: Sequence[Item], totals: dict[str, Any]) -> None:
    first, second, *more = items
    overwritten(ledger, first, second, *more, **totals)
    assert OVERWRITTEN not in seen(ledger)


def test_what_was_overwritten_long_ago_is_history(ledger: Ledger) -> None:
    overwritten(ledger, item(), item(0.1))
    assert seen(ledger) == {OVERWRITTEN: "1 document"}
    assert OVERWRITTEN not in seen(ledger, now=NOON + 29 * DAY)


def test_a_clock_that_is_ahead_is_recognised_by_how_much(ledger: Ledger) -> None:
    read(ledger, counted("ada", item(), item(60 * 3 + 40)), counted("bob", item(10)))
    assert seen(ledger) == {CLOCK: "2 users"}
    assert shows(ledger, CLOCK) == "Up to 4 h ahead"
    assert seen(ledger, now=NOON + DAY) == {CLOCK: "2 users"}


def test_a_clock_is_recognised_by_when_a_document_was_made(ledger: Ledger) -> None:
    read(ledger, counted("ada", item(-10, cost=1.0), created_at=NOON + 2 * 365 * DAY))
    assert shows(ledger, CLOCK) == "Up to 730 days ahead"


def test_a_clock_of_other_times_is_recognised(ledger: Ledger) -> None:
    read(ledger, counted("ada", item(at=datetime(2001, 1, 2, tzinfo=UTC))))
    assert shows(ledger, CLOCK) == "As early as 2 Jan 2001"


@pytest.mark.parametrize(
    "near",
    [
        item(5),  # clocks differ a little
        item(at=datetime(1970, 1, 1, tzinfo=UTC)),  # nobody set a time
        item(at=datetime(2020, 6, 1, tzinfo=UTC)),
        item(at=None),
        item(-60 * 24 * 300, cost=1.0),  # it came late, perhaps
    ],
)
def test_clocks_that_nearly_are_wrong_are_not(ledger: Ledger, near: Item) -> None:
    read(ledger, counted("ada", near, created_at=NOON + 5 * MINUTE))
    assert seen(ledger) == {}


def test_a_clock_that_was_wrong_long_ago_is_history(ledger: Ledger) -> None:
    read(ledger, counted("ada", item(60), created_at=NOON + HOUR))
    assert seen(ledger, now=NOON + 29 * DAY) == {}


def test_paths_as_names_are_recognised_and_other_findings_are_not(ledger: Ledger) -> None:
    other = ("totalCostUsd", "a number as text", "read as a number", 1)
    read(ledger, counted("ada", findings=(PATH, other)), counted("bob", findings=(other,)))
    assert seen(ledger) == {PATHS: "1 document"}


def spoken(ledger: Ledger, *items: Item, moved: timedelta = HOUR, **totals: Any) -> None:
    """Calls that were read, and then a write without one."""
    fields = {"last_updated": NOON - MINUTE, **totals}
    read(ledger, counted("ada", *items, **fields))
    read(ledger, counted("ada", *items, **(fields | {"last_updated": NOON + moved})), at=NOON + 2 * HOUR)


def test_speech_that_moves_last_updated_is_recognised(ledger: Ledger) -> None:
    spoken(ledger, item(-1, cost=1.0), item())
    assert seen(ledger, now=NOON + 2 * HOUR) == {SPEECH: "1 document"}


@pytest.mark.parametrize(
    ("items", "circumstances"),
    [
        ([item()], {}),  # a first write, which has the client's clock
        ([item(), item(1)], {"total_calls": 3}),  # a call without an entry
        ([item(), item(1)], {"moved": -MINUTE}),  # before it was read
    ],
)
def test_what_nearly_is_speech_is_not(ledger: Ledger, items: list[Item], circumstances: dict[str, Any]) -> None:
    spoken(ledger, *items, **circumstances)
    assert seen(ledger) == {}


def test_a_call_after_speech_hides_it(ledger: Ledger) -> None:
    spoken(ledger, item(-1, cost=1.0), item())
    call = counted("ada", item(-1, cost=1.0), item(), item(180), last_updated=NOON + 3 * HOUR)
    read(ledger, call, at=NOON + 3 * HOUR)
    assert seen(ledger, now=NOON + 3 * HOUR) == {}


def test_faults_are_counted_and_named(ledger: Ledger) -> None:
    read(ledger, counted("ada", item(60), findings=(PATH,)))
    check = says(writer_is_sound, ledger)
    assert (check.state, check.title) == (State.LOOK, "2 faults of the writer are recognised")
    assert check.detail == "The client’s own clock, a path as a field’s name"
    assert (check.figure, check.unit) == ("2", "faults")


def test_it_speaks_of_the_scope_alone(ledger: Ledger) -> None:
    read(ledger, counted("ada", item()), counted("bob", item(60), findings=(PATH,)))
    assert seen(ledger, scope=Scope(frozenset({"ada"}))) == {}


def test_documents_read_before_times_were_noted_show_nothing(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(), item(1), total_calls=2, last_updated=NOON)])
    assert seen(ledger) == {}

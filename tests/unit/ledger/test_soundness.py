"""A ledger's counters are explained by opening, entries and bookings, whatever documents say; what is not is found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.builders import NOON, batch, document, item

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.soundness import Soundness, soundness

HOUR = timedelta(hours=1)
STATES = st.tuples(
    st.none() | st.integers(0, 9), st.none() | st.integers(0, 9 * 64), st.lists(st.integers(0, 6), unique=True)
)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """One with something of all that is weighed: an opening, entries, a booking and a fall."""
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as ledger:
        for hours, cost in enumerate((9.0, 12.0, 12.0)):
            ada = document("ada", item(), total_cost=cost, total_calls=3 - hours)
            bob = document("bob", item(1), total_calls=7, findings=(("totalCost", "missing", "unknown", 1),))
            ledger.apply(batch(ada, bob), read_time=NOON + hours * HOUR, since=NOON)
        yield ledger


def sound(ledger: Ledger) -> Soundness:
    with ledger.reader() as sql:
        return soundness(sql)


def change(ledger: Ledger, statement: str) -> None:
    with ledger._cursor() as sql:
        sql.execute(statement)


@settings(max_examples=60, deadline=None)
@given(history=st.lists(st.tuples(STATES, STATES), min_size=1, max_size=6))
def test_every_ledger_is_sound_whatever_documents_say(history: list[tuple[Any, Any]]) -> None:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as ledger:
        for hours, states in enumerate(history):
            documents = (
                document(user, *map(item, sorted(items)), total_calls=calls, total_cost=None if c is None else c / 64)
                for user, (calls, c, items) in zip(("ada", "bob"), states, strict=True)
            )
            ledger.apply(batch(*documents), EVERYTHING, read_time=NOON + hours * HOUR, since=NOON)
        assert sound(ledger) == Soundness((), 0, 0)


def test_this_one_is_sound(ledger: Ledger) -> None:
    assert sound(ledger).is_sound


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE users SET total_cost = total_cost + 0.001",
        "UPDATE users SET total_calls = total_calls + 1 WHERE user_id = 'ada'",
        "UPDATE bookings SET cost = cost + 1",
        "DELETE FROM bookings",
        "DELETE FROM openings WHERE user_key = 1",
        "DELETE FROM entries WHERE user_key = 1",
    ],
)
def test_a_counter_that_is_not_explained_is_found(ledger: Ledger, fault: str) -> None:
    change(ledger, fault)
    assert sound(ledger) == Soundness(("ada",), 0, 0)


def test_what_a_billionth_would_explain_is_none(ledger: Ledger) -> None:
    change(ledger, "UPDATE users SET total_cost = total_cost * (1 + 9e-10)")
    assert sound(ledger).is_sound
    change(ledger, "UPDATE users SET total_cost = total_cost * (1 + 9e-10)")
    assert not sound(ledger).is_sound


@pytest.mark.parametrize("table", ["entries", "findings", "openings", "bookings", "falls"])
def test_rows_of_nobody_are_found(ledger: Ledger, table: str) -> None:
    change(ledger, f"INSERT INTO {table} SELECT * REPLACE (9 AS user_key) FROM {table} LIMIT 1")  # noqa: S608
    assert sound(ledger) == Soundness((), 1, 0)


def test_an_entry_of_no_model_is_found(ledger: Ledger) -> None:
    change(ledger, "UPDATE entries SET slot = 5 WHERE user_key = 2")
    assert sound(ledger) == Soundness((), 1, 0)


@pytest.mark.parametrize("table", ["users", "models", "openings"])
def test_what_is_there_twice_is_found(ledger: Ledger, table: str) -> None:
    change(ledger, f"INSERT INTO {table} FROM {table} LIMIT 1")
    assert sound(ledger).twice >= 1

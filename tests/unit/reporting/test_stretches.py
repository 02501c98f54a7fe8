"""Lists in stretches: all rows, each once, in the order of the table, whatever comes between two stretches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.asking import ask, moment
from tests.unit.builders import NOON, batch, document, item
from tests.unit.worlds import PROPERTY, Asked, asked, filled

from usage_dash.ledger.ledger import Ledger
from usage_dash.reporting import stretches, users
from usage_dash.reporting.filters import Filters, UserQuery, UserSort
from usage_dash.reporting.stretches import Place, Stretch

_Next = Callable[[Place | None], Stretch[Any]]


def _all(next_: _Next) -> tuple[list[Any], int]:
    """The rows of all stretches, and how many there are to be."""
    found: list[Any] = []
    stretch = next_(None)
    found += stretch.rows
    while stretch.place:
        assert stretch.rows
        stretch = next_(stretch.place)
        found += stretch.rows
    return found, stretch.total


@PROPERTY
@given(asked=asked(), sort=st.sampled_from(UserSort), descending=st.booleans(), limit=st.integers(1, 4))
def test_users_come_as_the_table_has_them(
    ledgers: dict[str, Ledger], asked: Asked, sort: UserSort, limit: int, *, descending: bool
) -> None:
    ledger = asked.fill(ledgers[asked.zone])
    with moment(ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        page = users.users_page(seen, asked.filters, UserQuery(sort, descending=descending, page_size=100))
        found, total = _all(
            lambda after: stretches.users(seen, asked.filters, sort, limit, after, descending=descending)
        )
    assert found == [replace(row, spark=()) for row in page.rows]
    assert total == page.total == len(found)


@PROPERTY
@given(asked=asked(), limit=st.integers(1, 4))
def test_entries_are_those_of_the_range(ledgers: dict[str, Ledger], asked: Asked, limit: int) -> None:
    ledger = asked.fill(ledgers[asked.zone])
    with moment(ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        found, total = _all(lambda after: stretches.entries(seen, asked.filters, limit, after))
        at_once = stretches.entries(seen, asked.filters, 1_000, None)
    (first, last), expected = asked.known.bounds, asked.known.listed
    assert found == list(at_once.rows)
    assert total == len(found)
    assert all(one.day >= other.day for one, other in pairwise(found))
    assert all(first <= entry.day <= last for entry in found)
    said = Counter((entry.user_id, entry.at, entry.day, entry.cost, entry.calls) for entry in found)
    assert said == Counter(
        (each.user_id, each.item.at, each.wall.date(), each.item.cost, each.item.calls) for each in expected
    )


@pytest.fixture
def ledger() -> Any:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), keep_sums=False)
    yield opened
    opened.close()


def _minutes_ago(*minutes: int) -> list[Any]:
    return [item(at=NOON - timedelta(minutes=each), cost=1.0) for each in minutes]


def test_what_comes_meanwhile_shifts_nothing(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *_minutes_ago(5, 4, 3), total_cost=3.0), document("bob", total_cost=2.0)])
    first = ask(stretches.entries, ledger, Filters(), 2, None)
    dearest = ask(_dearest, ledger, Filters(), None)
    ledger.apply(batch(document("ada", *_minutes_ago(5, 4, 3, 2, 1), total_cost=3.0), document("eve", total_cost=9.0)))
    then = ask(stretches.entries, ledger, Filters(), 2, first.place)
    assert [entry.at for entry in (*first.rows, *then.rows)] == [NOON - timedelta(minutes=each) for each in (3, 4, 5)]
    assert then.place is None
    after = ask(_dearest, ledger, Filters(), dearest.place)
    assert [user.user_id for user in (*dearest.rows, *after.rows)] == ["ada", "bob"]


def test_nobody_comes_again_whose_sum_differs_in_its_last_bit(ledger: Ledger) -> None:
    filled(ledger, [document(user, total_cost=0.3) for user in ("ada", "bob")])
    with moment(ledger, NOON) as seen:
        found = _dearest(seen, Filters(), (str(0.1 + 0.2), "ada"))
    assert [row.user_id for row in found.rows] == ["bob"]


def _dearest(seen: Any, filters: Filters, after: Place | None) -> Stretch[Any]:
    return stretches.users(seen, filters, UserSort.COST, 1, after, descending=True)


PART = st.none() | st.text(st.characters(codec="utf-8"), max_size=5) | st.sampled_from(["1e999", "nan", "-1", "now"])


@PROPERTY
@given(place=st.tuples(*[PART] * 5), sort=st.sampled_from(UserSort), descending=st.booleans())
def test_a_place_that_makes_no_sense_is_no_error(
    ledgers: dict[str, Ledger], place: tuple[str | None, ...], sort: UserSort, *, descending: bool
) -> None:
    ledger = filled(ledgers["UTC"], [document("ada", *_minutes_ago(1, 2)), document("bob", total_cost=None)])
    with moment(ledger) as seen:
        assert len(stretches.entries(seen, Filters(), 5, place).rows) <= 2
        assert len(stretches.users(seen, Filters(), sort, 5, place[:2], descending=descending).rows) <= 2

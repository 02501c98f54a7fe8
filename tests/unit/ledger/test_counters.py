"""The counter ledger: what counters grew by without an entry is booked, once, on its day, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.builders import NOON, Document, Item, batch, document, item

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger

TODAY, HOUR = NOON.date(), timedelta(hours=1)
BOOKED = 'SELECT user_id, day, calls, cost, "at", since, until FROM bookings JOIN users USING (user_key) ORDER BY ALL'
SUMS = """
SELECT user_id, (SELECT coalesce(sum({m}), 0) FROM entries WHERE entries.user_key = users.user_key)
    + (SELECT coalesce(sum({m}), 0) FROM bookings WHERE bookings.user_key = users.user_key) + openings.{m}
FROM users JOIN openings USING (user_key)
"""


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as ledger:
        yield ledger


def ada(cost: float | None, *items: Item, calls: int | None = 0, **fields: Any) -> Document:
    return document("ada", *items, total_cost=cost, total_calls=calls, **fields)


def read(ledger: Ledger, *documents: Document, hours: float = 0, since: float | None = None) -> None:
    """Read documents so many hours after noon; they changed after `since`, usually an hour before."""
    until = NOON + hours * HOUR
    ledger.apply(batch(*documents), read_time=until, since=NOON + since * HOUR if since is not None else until - HOUR)


def rows(ledger: Ledger, query: str) -> list[Any]:
    with ledger.reader() as sql:
        return sql.execute(query).fetchall()


def booked(ledger: Ledger) -> list[tuple[date, int, float]]:
    return [(day, calls, cost) for _, day, calls, cost, *_ in rows(ledger, BOOKED)]


def test_first_sight_books_nothing(ledger: Ledger) -> None:
    read(ledger, ada(100.0, item(), calls=9))
    assert booked(ledger) == []
    assert rows(ledger, "SELECT calls, cost FROM openings") == [(8, 99.5)]


def test_growth_without_an_entry_is_booked_on_the_day_of_the_sync(ledger: Ledger) -> None:
    read(ledger, ada(100.0, calls=9))
    read(ledger, ada(102.5, calls=11), hours=1)
    assert booked(ledger) == [(TODAY, 2, 2.5)]


def test_growth_that_a_new_entry_explains_is_not_booked(ledger: Ledger) -> None:
    read(ledger, ada(100.0, calls=9))
    read(ledger, ada(100.5, item(), calls=10), hours=1)
    assert booked(ledger) == []


def test_of_growth_that_entries_explain_in_part_the_rest_is_booked(ledger: Ledger) -> None:
    read(ledger, ada(100.0, calls=9))
    read(ledger, ada(103.5, item(), calls=12), hours=1)
    assert booked(ledger) == [(TODAY, 2, 3.0)]


def test_an_entry_that_is_trimmed_later_is_not_booked_again(ledger: Ledger) -> None:
    read(ledger, ada(0.5, item(), calls=1))
    read(ledger, ada(1.015625, item(1), calls=2), hours=1)
    assert booked(ledger) == []


def test_the_day_is_that_of_last_updated_if_that_is_in_the_interval(ledger: Ledger) -> None:
    read(ledger, ada(1.0))
    yesterday = NOON - timedelta(days=1)
    read(ledger, ada(2.0, last_updated=yesterday), hours=1, since=-48)
    assert rows(ledger, BOOKED)[0][1:] == (
        yesterday.date(),
        0,
        1.0,
        *(time.replace(tzinfo=None) for time in (yesterday, NOON - 48 * HOUR, NOON + HOUR)),
    )


@pytest.mark.parametrize("last_updated", [NOON - timedelta(days=3), NOON + timedelta(days=3), None])
def test_else_it_is_that_of_the_sync(ledger: Ledger, last_updated: datetime | None) -> None:
    read(ledger, ada(1.0))
    read(ledger, ada(2.0, last_updated=last_updated), hours=1, since=-48)
    assert booked(ledger) == [(TODAY, 0, 1.0)]


def test_a_reporting_day_is_that_of_the_zone() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("Asia/Tokyo"))) as ledger:
        read(ledger, ada(1.0))
        read(ledger, ada(2.0), hours=4)
        assert booked(ledger) == [(TODAY + timedelta(days=1), 0, 1.0)]


def test_an_entry_that_comes_after_its_counter_takes_the_booking_back(ledger: Ledger) -> None:
    read(ledger, ada(1.0))
    read(ledger, ada(1.5, calls=1), hours=1)
    read(ledger, ada(1.5, item(), calls=1), hours=2)
    assert booked(ledger) == []


def test_the_last_booking_is_taken_back_first(ledger: Ledger) -> None:
    read(ledger, ada(1.0))
    read(ledger, ada(2.0), hours=1)
    read(ledger, ada(2.25), hours=24)
    read(ledger, ada(2.25, item()), hours=25)
    assert booked(ledger) == [(TODAY, 0, 0.75)]


def test_an_entry_that_comes_before_its_counter_explains_it_later(ledger: Ledger) -> None:
    read(ledger, ada(1.0))
    read(ledger, ada(1.0, item()), hours=1)
    read(ledger, ada(1.75, item(), calls=1), hours=2)
    assert booked(ledger) == [(TODAY, 0, 0.25)]


def test_a_counter_that_fell_is_noted_and_books_again_from_there(ledger: Ledger) -> None:
    read(ledger, ada(5.0, calls=9))
    read(ledger, ada(2.0, calls=4), hours=1)
    assert rows(ledger, "SELECT calls, cost FROM falls") == [(5, 3.0)]
    assert booked(ledger) == []
    read(ledger, ada(2.5, calls=5), hours=2)
    assert booked(ledger) == [(TODAY, 1, 0.5)]


def test_a_first_write_that_was_overwritten_does_not_hide_later_growth(ledger: Ledger) -> None:
    read(ledger, ada(0.5, item(), calls=1))
    read(ledger, ada(0.515625, item(1), calls=1), hours=1)
    read(ledger, ada(4.515625, item(1), calls=2), hours=2)
    assert booked(ledger)[-1][2] >= 3.5


def test_an_entry_that_is_taken_out_is_no_growth(ledger: Ledger) -> None:
    read(ledger, ada(2.0, item(0), item(1), item(2), calls=3))
    read(ledger, ada(2.0, item(0), item(2), calls=3), hours=1)
    assert booked(ledger) == []
    read(ledger, ada(2.5, item(0), item(2), calls=3), hours=2)
    assert booked(ledger) == [(TODAY, 0, 0.5)]


def test_of_an_unknown_counter_nothing_is_known_and_of_the_others_all_is(ledger: Ledger) -> None:
    read(ledger, ada(None, calls=1))
    read(ledger, ada(None, calls=2), hours=1)
    assert booked(ledger) == [(TODAY, 1, None)]


def test_a_counter_that_becomes_known_books_nothing_then(ledger: Ledger) -> None:
    read(ledger, ada(None))
    read(ledger, ada(7.0), hours=1)
    read(ledger, ada(8.0), hours=2)
    assert booked(ledger) == [(TODAY, 0, 1.0)]


def test_what_is_the_same_but_for_the_order_of_adding_is_not_booked(ledger: Ledger) -> None:
    items = [Item(NOON + timedelta(seconds=number), cost=0.1) for number in range(10)]
    read(ledger, ada(0.0))
    for number in range(1, 11):
        read(ledger, ada(sum([0.1] * number), *items[:number]), hours=number)
    assert booked(ledger) == []


def test_nothing_is_booked_when_nobody_knows_when_it_was(ledger: Ledger) -> None:
    ledger.apply(batch(ada(1.0)))
    ledger.apply(batch(ada(2.0)))
    read(ledger, ada(2.5))
    assert booked(ledger) == [(TODAY, 0, 0.5)]


@pytest.mark.parametrize("at", [None, NOON + timedelta(days=400)])
def test_an_entry_of_no_or_a_future_time_counts_on_the_day_it_was_first_read(
    ledger: Ledger, at: datetime | None
) -> None:
    read(ledger, ada(1.0))
    read(ledger, ada(1.5, Item(at)), hours=1)
    read(ledger, ada(2.0, Item(at), item(48 * 60)), hours=48)
    assert rows(ledger, "SELECT day FROM entries ORDER BY position") == [(TODAY,), (TODAY + timedelta(days=2),)]


def test_another_zone_moves_bookings_and_entries_without_a_time_alike(tmp_path: Any) -> None:
    path = tmp_path / "usage.duckdb"
    with closing(Ledger("memory:usage", ZoneInfo("UTC"), path)) as ledger:
        read(ledger, ada(1.0))
        read(ledger, ada(3.0, Item(None)), hours=4)
    with closing(Ledger("memory:usage", ZoneInfo("Asia/Tokyo"), path)) as ledger:
        tomorrow = TODAY + timedelta(days=1)
        assert booked(ledger)[0][0] == tomorrow
        assert rows(ledger, "SELECT day FROM entries") == [(tomorrow,)]


def test_who_is_gone_leaves_sums_by_day_and_model(ledger: Ledger) -> None:
    read(ledger, ada(100.0, item(0), item(1, model="o5"), calls=9))
    read(ledger, ada(101.0, item(0), item(1, model="o5"), calls=9), document("bob", item(), total_cost=0.5), hours=1)
    ledger.apply(batch(), within=EVERYTHING)
    assert rows(ledger, "SELECT day, slot, calls, cost FROM departed ORDER BY ALL") == [
        (TODAY, -1, 0, 1.0),
        (TODAY, 0, 2, 1.0),
        (TODAY, 1, 1, 0.515625),
        (None, -1, 7, 98.984375),
    ]
    assert rows(ledger, "SELECT (SELECT count(*) FROM openings), (SELECT count(*) FROM bookings)") == [(0, 0)]


def test_what_they_left_that_is_unknown_stays_unknown(ledger: Ledger) -> None:
    read(ledger, ada(None, item(0), item(1, cost=None), item(2, cost=None), calls=3))
    ledger.apply(batch(), within=EVERYTHING)
    assert rows(ledger, "SELECT calls, cost FROM departed ORDER BY ALL") == [(1, 0.5), (2, None)]


def test_or_nothing_where_that_is_not_wanted() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"), keep_sums=False)) as ledger:
        read(ledger, ada(100.0, item()))
        ledger.apply(batch(), within=EVERYTHING)
        assert rows(ledger, "FROM departed") == []


CHANGES = st.lists(
    st.tuples(st.sampled_from(["calls", "both", "entry", "later", "nothing"]), st.integers(1, 9)), max_size=12
)


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES, opening=st.integers(0, 5), reads=st.integers(0, 2**12))
def test_opening_entries_and_bookings_add_up_to_the_counters(
    changes: list[tuple[str, int]], opening: int, reads: int
) -> None:
    """Wherever counters never fall, and entries never say more; whichever changes were read together."""
    now, late = ada(float(opening), calls=opening), []
    with closing(Ledger("memory:usage", ZoneInfo("UTC"))) as ledger:
        read(ledger, now)
        for number, (change, size) in enumerate(changes):
            entry = item(number, cost=size / 8, calls=size)
            grows = change != "nothing"
            grown = replace(
                now, total_calls=now.total_calls + size * grows, total_cost=now.total_cost + size / 8 * grows
            )
            late = [*late, entry] if change == "later" else late
            new = [entry] if change == "entry" else late if change == "both" else []
            late = [] if change == "both" else late
            now = replace(grown, items=(*now.items, *new))
            if reads >> number & 1:
                read(ledger, now, hours=number)
        read(ledger, now, hours=20)
        for measure, counter in (("calls", now.total_calls), ("cost", now.total_cost)):
            assert rows(ledger, SUMS.format(m=measure)) == [("ada", pytest.approx(counter, rel=1e-9, abs=1e-9))]

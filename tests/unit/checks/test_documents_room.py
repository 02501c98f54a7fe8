"""Documents near their limit: what fills up is told with its day, what is trimmed or nearly so stays as it is."""

from __future__ import annotations

from contextlib import closing
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.builders import NOON, Item, batch, document, item
from tests.unit.checks.checking import found, says, users_of
from tests.unit.worlds import ZONES, filled

from usage_dash.checks.check import State
from usage_dash.checks.rules import Rules
from usage_dash.checks.sizes import documents_have_room
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope
from usage_dash.reporting.growth import full_on

DAY = 24 * 60
LIMIT = Rules(document_limit=1_000_000)
TODAY = NOON.date()


def daily(days: int, last: int = 0) -> list[Item]:
    """An entry a day, the last so many days ago."""
    return [item(-DAY * (last + n), cost=float(n)) for n in range(days)]


def test_documents_with_room_are_good(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *daily(9), size=590_000), document("bob", size=1_000)])
    check = says(documents_have_room, ledger, rules=LIMIT)
    assert (check.state, check.figure, check.unit) == (State.GOOD, "59%", "of 1.0 MB, the fullest")


def test_a_document_that_will_be_full_within_four_weeks_is_urgent_with_its_day(ledger: Ledger) -> None:
    # 40 entries of 17,500 bytes, one a day: room for 17 more.
    filled(ledger, [document("ada", *daily(40), size=700_000), document("bob", *daily(100), size=700_000)])
    check = says(documents_have_room, ledger, rules=LIMIT)
    assert (check.state, check.title) == (State.ACT, "1 document will be full within four weeks")
    assert users_of(check) == [("ada", "700.0 kB, full 2 Jul"), ("bob", "700.0 kB, full 27 Jul")]
    assert (check.figure, check.detail) == ("70%", "Then every further call of these users is lost without a word")


def test_a_document_that_will_be_full_later_is_worth_a_look(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *daily(1_000), size=600_000)])
    check = says(documents_have_room, ledger, rules=LIMIT)
    assert (check.state, check.title) == (State.LOOK, "1 document is more than 60% full")
    assert users_of(check) == [("ada", "600.0 kB, full 11 Apr 2028")]


@pytest.mark.parametrize(("size", "state"), [(899_999, State.LOOK), (900_000, State.ACT), (1_000_000, State.ACT)])
def test_at_nine_tenths_it_is_urgent_even_if_nothing_grows(ledger: Ledger, size: int, state: State) -> None:
    filled(ledger, [document("ada", *daily(40, last=28), size=size)])
    assert says(documents_have_room, ledger, rules=LIMIT).state is state


def test_what_does_not_grow_stays_as_it_is(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *daily(40, last=28), size=700_000)])
    assert users_of(says(documents_have_room, ledger, rules=LIMIT)) == [("ada", "700.0 kB, stays as it is")]


def test_what_is_trimmed_stays_as_it_is(ledger: Ledger) -> None:
    entries = sorted(daily(40), key=lambda each: each.at or NOON)
    filled(ledger, [document("ada", *entries[:-1], size=700_000)])
    ledger.apply(batch(document("ada", *entries[1:], size=700_000)))
    check = says(documents_have_room, ledger, rules=LIMIT)
    assert (check.state, users_of(check)) == (State.LOOK, [("ada", "700.0 kB, stays as it is")])


def test_a_document_younger_than_four_weeks_grows_by_the_days_that_it_has(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *daily(7), size=700_000)])
    assert users_of(says(documents_have_room, ledger, rules=LIMIT)) == [("ada", "700.0 kB, full 18 Jun")]


def test_a_full_document_says_so_and_comes_first(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *daily(40), size=700_000), document("bob", size=1_000_000)])
    check = says(documents_have_room, ledger, rules=LIMIT)
    assert check.title == "2 documents are full, or will be soon"
    assert users_of(check)[0] == ("bob", "1.0 MB, full")


def test_another_limit_is_another_verdict(ledger: Ledger) -> None:
    filled(ledger, [document("ada", *daily(40), size=1_000_000)])
    check = says(documents_have_room, ledger, rules=Rules(document_limit=4 * 2**20))
    assert (check.state, check.unit) == (State.GOOD, "of 4 MiB, the fullest")


def test_where_the_source_tells_no_sizes_there_is_no_check(ledger: Ledger) -> None:
    assert found(documents_have_room, filled(ledger, [document("ada", item())])) is None


def test_it_speaks_of_the_scope_alone(ledger: Ledger) -> None:
    filled(ledger, [document("ada", size=10_000), document("bob", size=990_000)])
    assert says(documents_have_room, ledger, rules=LIMIT, scope=Scope(frozenset({"ada"}))).state is State.GOOD


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_the_zone(zone: str) -> None:
    # 28 days, whichever they are, hold as many entries at noon.
    with closing(Ledger("memory:usage", ZoneInfo(zone), keep_sums=False)) as ledger:
        filled(ledger, [document("ada", *daily(35), size=700_000)])
        today = NOON.astimezone(ZoneInfo(zone)).date()
        (user,) = users_of(says(documents_have_room, ledger, rules=LIMIT))
        full = today + timedelta(days=15)
        assert user[1].endswith(f"full {full.day} Jun" if full.month == 6 else f"full {full.day} Jul")


@given(st.integers(0, 10**9), st.floats(0, 1e9), st.integers(1_000, 10**9))
def test_the_day_is_the_first_on_which_there_is_no_room(octets: int, growth: float, limit: int) -> None:
    full = full_on(octets, growth, limit, TODAY)
    if octets >= limit:
        assert full == TODAY
    elif full is None:
        assert growth * 3_650 < limit - octets
    else:
        days = (full - TODAY).days
        assert growth * days <= (limit - octets) * (1 + 1e-9)
        assert growth * (days + 1) >= (limit - octets) * (1 - 1e-9)


def test_a_day_that_is_long_after_is_not_foreseen() -> None:
    assert full_on(0, 1.0, 3_651, date(2026, 1, 1)) is None
    assert full_on(0, 1.0, 3_650, date(2026, 1, 1)) == date(2035, 12, 30)

"""Counters that contradict themselves and entries that cannot be right are found; those that nearly are, are not."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from tests.unit.builders import NOON, Item, batch, document, item
from tests.unit.checks.checking import counted, found, says, seen_in, users_of
from tests.unit.worlds import PROPERTY, ZONES, World, filled, worlds

from usage_dash.checks.check import State
from usage_dash.checks.contradictions import counters_agree, entries_stand
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope

HOUR = timedelta(hours=1)
REPEATED = ("recentUsage[1]", "the same entry again", "counted once")


def test_counters_in_order_are_good(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), item(1))])
    check = says(counters_agree, ledger)
    assert (check.state, check.figure, check.table, check.users) == (State.GOOD, "0", None, ())


def test_nobody_has_nothing_to_contradict(ledger: Ledger) -> None:
    assert found(counters_agree, ledger) is None
    assert found(entries_stand, ledger) is None


@pytest.mark.parametrize(
    ("totals", "how"),
    [
        ({"total_tokens": 17}, "total ≠ input + output"),
        (
            {"total_tokens": 2**63 - 1, "total_input_tokens": 2**63 - 1, "total_output_tokens": 9},
            "total ≠ input + output",
        ),
        ({"total_calls": 0}, "entries say more, no call"),
        ({"total_cost": 0.4}, "entries say $0.1000 more"),
        ({"total_tokens": 13, "total_input_tokens": 8}, "entries say more"),
    ],
)
def test_counters_that_cannot_be_right_are_found(ledger: Ledger, totals: dict[str, Any], how: str) -> None:
    filled(ledger, [counted("ada", item(), **totals), counted("bob", item())])
    check = says(counters_agree, ledger)
    assert (check.state, check.title) == (State.LOOK, "1 document’s counters contradict themselves")
    assert users_of(check) == [("ada", how)]


@pytest.mark.parametrize(
    "totals",
    [
        {"total_tokens": 16},  # each of three counters was rounded
        {"total_tokens": None},
        {"total_input_tokens": None},
        {"total_cost": 0.5 * (1 - 1e-9)},  # floats, in another order
        {"total_calls": None},
        {"total_cost": 0.9},  # not itemised, but no contradiction
    ],
)
def test_counters_that_nearly_are_wrong_are_not(ledger: Ledger, totals: dict[str, Any]) -> None:
    filled(ledger, [counted("ada", item(), **totals)])
    assert says(counters_agree, ledger).state is State.GOOD


def test_usage_of_speech_alone_is_no_contradiction(ledger: Ledger) -> None:
    filled(ledger, [counted("ada")])
    assert says(counters_agree, ledger).state is State.GOOD


def fall(ledger: Ledger, ago: timedelta, **after: Any) -> None:
    fell = NOON - ago
    ledger.apply(batch(counted("ada", total_cost=5.0, total_calls=9, total_tokens=15)), read_time=fell - HOUR)
    totals = {"total_cost": 5.0, "total_calls": 9, "total_tokens": 15} | after
    ledger.apply(batch(counted("ada", **totals)), read_time=fell, since=fell - HOUR)


@pytest.mark.parametrize(
    ("after", "how"),
    [
        ({"total_cost": 1.9, "total_calls": 4}, "went down by $3.10"),
        ({"total_calls": 8}, "went down by 1 call"),
        ({"total_tokens": 13, "total_input_tokens": 13}, "went down by 2 tokens"),
    ],
)
def test_counters_that_went_down_are_found(ledger: Ledger, after: dict[str, Any], how: str) -> None:
    fall(ledger, timedelta(days=27), **after)
    assert users_of(says(counters_agree, ledger))[0][1].startswith(how)


def test_counters_that_went_down_long_ago_are_history(ledger: Ledger) -> None:
    fall(ledger, timedelta(days=29), total_cost=1.9, total_tokens=0)
    assert says(counters_agree, ledger).state is State.GOOD


def test_counters_that_stay_have_not_gone_down(ledger: Ledger) -> None:
    fall(ledger, timedelta(days=1), total_cost=5.0 - 1e-12, total_tokens=0)
    assert "fell" not in str(says(counters_agree, ledger).users)
    assert says(counters_agree, ledger).detail == "Counters went down in the last four weeks in 1"


def test_several_faults_are_listed_with_their_causes_and_the_dearest_users_first(ledger: Ledger) -> None:
    wrong = [
        counted("ada", item(), total_tokens=20),
        counted("bob", item(cost=9.0), total_cost=2.0),
        counted("eve", item(), total_tokens=30, total_cost=0.25),
    ]
    filled(ledger, [*wrong, counted("sue", item())])
    check = says(counters_agree, ledger)
    assert seen_in(check) == {
        "Entries say more than counters": "2 documents",
        "Total is not input plus output": "2 documents",
    }
    assert [user for user, _ in users_of(check)] == ["bob", "eve", "ada"]
    assert (check.figure, check.unit, check.dollars) == ("3", "documents", 7.25)
    assert check.why.startswith("Two first writes at the same moment")


def test_counters_of_the_scope_alone_are_told(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item()), counted("bob", item(), total_tokens=99)])
    assert says(counters_agree, ledger, scope=Scope(frozenset({"ada"}))).state is State.GOOD


@PROPERTY
@given(worlds())
def test_documents_with_a_contradiction_are_those_that_plain_python_finds(
    ledgers: dict[str, Ledger], world: World
) -> None:
    check = found(counters_agree, filled(ledgers[world.zone], world.documents), now=world.now)
    wrong = {each.user_id for each in world.documents if _contradicts(each)}
    named = {user for user, _ in users_of(check)} if check else set()
    assert named <= wrong
    assert (0 if check is None else check.concerned) == len(wrong)


def _contradicts(each: Any) -> bool:
    parts = (each.total_input_tokens, each.total_output_tokens, each.total_tokens)
    unequal = None not in parts and abs(parts[0] + parts[1] - parts[2]) > 1
    callless = each.total_calls == 0 and bool(each.total_cost or any(part for part in parts))
    pairs = [
        (each.total_cost, sum(entry.cost or 0 for entry in each.items)),
        (each.total_calls, sum(entry.calls for entry in each.items)),
        (each.total_tokens, sum(entry.total_tokens or 0 for entry in each.items)),
    ]
    return unequal or callless or any(said is not None and held > said for said, held in pairs)


def test_entries_in_order_are_good(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), item(-60, cost=1.0))])
    assert says(entries_stand, ledger).state is State.GOOD


@pytest.mark.parametrize(
    ("odd", "how"),
    [
        (item(6), "1 in the future"),
        (item(60 * 24 * 365), "1 in the future"),
        (item(at=datetime(2020, 5, 31, 23, tzinfo=UTC)), "1 too early"),
        (item(at=datetime(1970, 1, 1, tzinfo=UTC)), "1 too early"),
        (item(at=None), "1 without a time"),
    ],
)
def test_entries_that_are_dated_as_they_cannot_be_are_found(ledger: Ledger, odd: Item, how: str) -> None:
    filled(ledger, [counted("ada", item(), odd), counted("bob", item())])
    check = says(entries_stand, ledger)
    assert (check.state, check.title) == (State.LOOK, "1 entry cannot be right as it stands")
    assert users_of(check) == [("ada", how)]


@pytest.mark.parametrize("odd", [item(5), item(at=datetime(2020, 6, 1, tzinfo=UTC))])
def test_entries_that_nearly_are_dated_wrongly_are_not(ledger: Ledger, odd: Item) -> None:
    filled(ledger, [counted("ada", odd)])
    assert says(entries_stand, ledger).state is State.GOOD


def test_an_entry_of_the_future_is_right_once_its_time_has_come(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(90))])
    assert says(entries_stand, ledger).state is State.LOOK
    assert says(entries_stand, ledger, now=NOON + 2 * HOUR).state is State.GOOD


def test_what_is_trimmed_is_past_mending(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(at=None), item(1))])
    ledger.apply(batch(counted("ada", item(1), item(2))))
    assert says(entries_stand, ledger).state is State.GOOD


def test_the_same_entry_again_is_told_as_it_was_found(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), findings=((*REPEATED, 3),))])
    assert users_of(says(entries_stand, ledger)) == [("ada", "3 twice")]


def test_entries_that_differ_in_nothing_that_counts_stand_twice_where_counters_say_less(ledger: Ledger) -> None:
    twice = [item(), item(rest='{"timestamp":1}'), item(1)]
    filled(ledger, [document("ada", *twice, total_calls=2), document("bob", *twice, total_calls=3)])
    assert users_of(says(entries_stand, ledger)) == [("ada", "1 twice")]


def test_entries_of_one_moment_that_differ_are_not_twice(ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(), item(model="gpt-4o"), item(cost=0.6), total_calls=1)])
    assert says(entries_stand, ledger).state is State.GOOD


def test_faults_of_entries_are_listed_each_with_what_to_do(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(at=None), item(60)), counted("bob", item(at=None))])
    check = says(entries_stand, ledger)
    assert check.table is not None
    assert check.table.heads == ("What is wrong", "Likely cause, and what to do", "Seen in")
    assert seen_in(check) == {"Dated in the future": "1 entry", "Without a time": "2 entries"}
    assert check.detail == "1 dated in the future, 2 without a time"
    assert (check.concerned, users_of(check)[0]) == (2, ("ada", "1 in the future, 1 without a time"))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("minutes", [-600, 5, 6, 600])
def test_the_future_begins_now_in_every_zone(ledgers: dict[str, Ledger], zone: str, minutes: int) -> None:
    ledger = filled(ledgers[zone], [counted("ada", item(minutes, cost=1.0))])
    assert (says(entries_stand, ledger).state is State.LOOK) == (minutes > 5)


def test_entries_of_the_scope_alone_are_told(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item()), counted("bob", item(at=None), findings=((*REPEATED, 1),))])
    assert says(entries_stand, ledger, scope=Scope(frozenset({"ada"}))).state is State.GOOD


def test_an_untimed_entry_that_was_first_read_then_counts_on_that_day_and_is_told() -> None:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"), keep_sums=False)) as ledger:
        ledger.apply(batch(counted("ada", item(at=None))), read_time=NOON)
        assert users_of(says(entries_stand, ledger)) == [("ada", "1 without a time")]

"""Counters against entries: what is not itemised is told overall and by user, and nothing nearly itemised is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from tests.unit.asking import ask
from tests.unit.builders import NOON, Document, batch, document, item
from tests.unit.checks.checking import counted, found, says, users_of
from tests.unit.worlds import PROPERTY, World, filled, worlds

from usage_dash.checks.check import State
from usage_dash.checks.explained import entries_explain
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope
from usage_dash.reporting.explained import Measure, explained
from usage_dash.reporting.trust import trust


def test_entries_that_explain_everything_are_good(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), item(1)), counted("bob", item())])
    check = says(entries_explain, ledger)
    assert (check.state, check.figure, check.unit) == (State.GOOD, "100%", "of all-time cost")
    assert check.facts == (("Cost", "$1.52 of $1.52"), ("Calls", "3 of 3"), ("Tokens", "45 of 45"))


def test_sums_in_another_order_are_the_same(ledger: Ledger) -> None:
    costs = [0.1] * 9 + [1e-9, 12.3456789]
    items = [item(minute, cost=cost) for minute, cost in enumerate(costs)]
    filled(ledger, [counted("ada", *items, total_cost=sum(reversed(costs)) * (1 + 1e-9))])
    assert says(entries_explain, ledger).state is State.GOOD


def test_what_no_entry_explains_is_told_with_the_dearest_users_first(ledger: Ledger) -> None:
    dear = counted("ada", item(cost=18.0), total_cost=100.0, total_calls=5, total_tokens=100)
    cheap = counted("bob", item(cost=0.0), total_cost=1.0)
    filled(ledger, [cheap, dear, counted("eve", item(cost=8.0))])
    check = says(entries_explain, ledger)
    assert (check.state, check.title) == (State.LOOK, "Entries explain 24% of all-time cost")
    assert (check.figure, check.unit, check.dollars) == ("$83.00", "not itemised", 83.0)
    assert users_of(check) == [("ada", "18% explained"), ("bob", "0% explained")]
    assert check.facts == (("Cost", "$26.00 of $109"), ("Calls", "3 of 7"), ("Tokens", "45 of 130"))


def test_of_many_users_the_worst_are_named(ledger: Ledger) -> None:
    filled(ledger, [counted(f"u{n}", item(), total_cost=1.0 + n) for n in range(8)])
    check = says(entries_explain, ledger)
    assert ([user for user, _ in users_of(check)], check.others) == (["u7", "u6", "u5", "u4", "u3"], 3)


def test_calls_alone_are_not_itemised_either(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(), total_calls=4)])
    check = says(entries_explain, ledger)
    assert (check.state, check.title) == (State.LOOK, "Entries explain 25% of all-time calls")
    assert (check.figure, check.unit, check.dollars) == ("3", "calls not itemised", 0.0)


def test_hardly_anything_missing_is_never_everything(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(cost=1e9)), counted("bob", item(cost=0.0), total_cost=0.01)])
    assert says(entries_explain, ledger).title == "Entries explain 99% of all-time cost"


def test_too_many_entries_in_one_document_make_up_for_none_in_another(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item(cost=20.0), total_cost=10.0), counted("bob", total_cost=10.0, total_calls=1)])
    assert says(entries_explain, ledger).title == "Entries explain 50% of all-time cost"


@pytest.mark.parametrize("documents", [[], [document("ada", item())], [counted("ada")]])
def test_where_nothing_is_counted_there_is_nothing_to_compare(ledger: Ledger, documents: list[Document]) -> None:
    assert found(entries_explain, filled(ledger, documents)) is None


def test_it_speaks_of_the_scope_alone(ledger: Ledger) -> None:
    filled(ledger, [counted("ada", item()), counted("bob", item(), total_cost=50.0)])
    assert says(entries_explain, ledger, scope=Scope(frozenset({"ada"}))).state is State.GOOD


def test_growth_without_an_entry_is_told_as_booked(ledger: Ledger) -> None:
    ledger.apply(batch(counted("ada", item())), read_time=NOON)
    later = NOON + timedelta(hours=1)
    ledger.apply(batch(counted("ada", item(), total_cost=3.5)), read_time=later, since=NOON)
    check = says(entries_explain, ledger, now=later)
    assert check.facts[-1] == ("Booked by day", "$3.00")
    assert "counts calls that it writes no entry for" in check.why


@PROPERTY
@given(worlds())
def test_the_share_is_that_of_the_line_at_the_foot_of_the_page(ledgers: dict[str, Ledger], world: World) -> None:
    zone, now, documents, growth = world
    ledger = filled(ledgers[zone], documents, growth=growth)
    cost = next(each for each in ask(explained, ledger, now=now) if each.measure is Measure.COST)
    coverage = ask(trust, ledger, now=now).coverage
    assert cost.share == pytest.approx(1.0 if coverage is None else coverage)

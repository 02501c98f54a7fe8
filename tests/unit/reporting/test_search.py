"""Finding users by what somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.asking import ask
from tests.unit.builders import document
from tests.unit.known import Named
from tests.unit.worlds import PROPERTY, World, filled, worlds

from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope
from usage_dash.reporting.filters import Filters, UserQuery
from usage_dash.reporting.search import search
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.user_models import FoundUser, FoundUsers
from usage_dash.reporting.users import users_page

PEOPLE = {
    "u-1": Named("Émile Zola", "zola@acme.example", "Support"),
    "u-2": Named("Zoë Ångström", "z@acme.example", "Sales"),
    "u-3": Named("Ada Lovelace", "ada@acme.example", "Support"),
    "zed": Named(),
}
COSTS = {"u-1": 1.0, "u-2": 2.0, "u-3": None, "zed": 0.5}


@pytest.fixture(scope="module")
def ledger() -> Iterator[Ledger]:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), keep_sums=False)
    yield filled(opened, (document(user, total_cost=cost) for user, cost in COSTS.items()), PEOPLE)
    opened.close()


def found(ledger: Ledger, text: str, **circumstances: object) -> list[str]:
    return [each.user_id for each in ask(search, ledger, text, **circumstances).rows]


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("emile", ["u-1"]),
        ("ÉMILE z", ["u-1"]),
        ("e\u0301mile", ["u-1"]),  # an accent of its own
        ("angstrom", ["u-2"]),
        ("  zo ", ["u-2", "u-1"]),
        ("z", ["u-2", "zed", "u-1"]),  # who begins so, then the dearest
        ("u-", ["u-2", "u-1", "u-3"]),
        ("U-3", ["u-3"]),
        ("ADA@acme", ["u-3"]),
        ("acme", ["u-2", "u-1", "u-3"]),
        ("support", ["u-1", "u-3"]),
        ("%", []),
        ("nobody", []),
        ("", ["u-2", "u-1", "zed", "u-3"]),
    ],
)
def test_name_id_address_and_team_are_searched_in_any_writing(ledger: Ledger, text: str, users: list[str]) -> None:
    assert found(ledger, text) == users


def test_the_best_are_told_with_how_many_there_are(ledger: Ledger) -> None:
    [best] = ask(search, ledger, "acme", 1).rows
    assert replace(best, last_active=None) == FoundUser("u-2", "Zoë Ångström", "z@acme.example", "Sales", Sum(2))
    assert ask(search, ledger, "acme", 1).total == 3
    assert ask(search, ledger, "ada").rows[0].cost == Sum(0, lacking=1)
    assert ask(search, ledger, "nobody") == FoundUsers((), 0)


@PROPERTY
@given(worlds())
def test_last_activity_is_that_of_the_users_table(world: World) -> None:
    zone, now, documents, growth = world
    with closing(filled(Ledger("demo:sample/(default)/usage", ZoneInfo(zone)), documents, growth=growth)) as opened:
        listed = ask(users_page, opened, Filters(), UserQuery(page_size=100), now=now).rows
        shown = ask(search, opened, "", 100, now=now).rows
    assert {each.user_id: each.last_active for each in shown} == {each.user_id: each.last_active for each in listed}


def test_nobody_outside_the_scope_is_found(ledger: Ledger) -> None:
    assert found(ledger, "acme", scope=Scope(frozenset({"u-1", "zed"}))) == ["u-1"]
    assert found(ledger, "", scope=Scope(frozenset())) == []


def test_whoever_is_not_chosen_is_found_all_the_same(ledger: Ledger) -> None:
    assert found(ledger, "ada", choice=Choice(models=("gpt-5",), users=("u-1",), team="Sales")) == ["u-3"]


@given(text=st.text(max_size=5))
def test_any_text_can_be_typed(ledger: Ledger, text: str) -> None:
    assert set(found(ledger, text)) <= COSTS.keys()

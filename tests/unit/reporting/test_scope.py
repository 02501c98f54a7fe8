"""A scope shows what a ledger with only its users would; nothing of anybody else, and never more for less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.asking import ask, moment
from tests.unit.builders import batch, document, item
from tests.unit.worlds import PROPERTY, Asked, asked, filled

import usage_dash.reporting
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting import counts, queries, search, settle, top, trust, users
from usage_dash.reporting.filters import Filters, OpenedRow, UserQuery, UserSort
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.user_models import UserDetail
from usage_dash.reporting.view_models import Timeline

NOBODY = Scope(frozenset())
QUESTIONS = st.builds(
    UserQuery,
    sort=st.sampled_from(UserSort),
    descending=st.booleans(),
    page=st.integers(0, 2),
    page_size=st.integers(1, 4),
)


@pytest.fixture
def only() -> Iterator[Ledger]:
    """A ledger for those alone whom a scope names, in each zone as it is needed."""
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), keep_sums=False)
    yield opened
    opened.close()


@PROPERTY
@given(asked=asked(), query=QUESTIONS)
def test_a_scope_answers_every_question_as_a_ledger_with_only_its_users_would(
    ledgers: dict[str, Ledger], asked: Asked, query: UserQuery
) -> None:
    query = replace(query, opened=tuple(OpenedRow(each.user_id) for each in asked.documents))
    scoped = _answers(asked.fill(ledgers[asked.zone]), asked, asked.scope, query)
    alone = filled(ledgers[asked.zone], asked.seen, asked.people, asked.growth_seen)
    assert scoped == _answers(alone, asked, EVERYBODY, query)


@PROPERTY
@given(asked=asked(), query=QUESTIONS)
def test_chosen_users_are_shown_as_a_scope_with_nobody_else_would_show_them(
    ledgers: dict[str, Ledger], asked: Asked, query: UserQuery
) -> None:
    ledger, filters = asked.fill(ledgers[asked.zone]), asked.filters
    choice = replace(filters.choice, users=filters.choice.users or ("stranger",), team=None)
    scope, alone = Scope(frozenset(choice.users)), replace(choice, users=())
    with (
        moment(ledger, asked.now, choice=choice) as chosen,
        moment(ledger, asked.now, scope, choice=alone) as scoped,
    ):
        for question in (queries.overview, queries.timeline, queries.model_split, queries.all_models, top.teams):
            assert question(chosen, filters) == question(scoped, filters)
        # Whether there are teams to be told is the scope's.
        pages = [replace(users.users_page(seen, filters, query), teams=False) for seen in (chosen, scoped)]
        assert pages[0] == pages[1]
        assert trust.trust(chosen) == trust.trust(scoped)


def _answers(ledger: Ledger, asked: Asked, scope: Scope, query: UserQuery) -> list[object]:
    """All that can be asked; colours are the whole ledger's, so they are left out."""
    filters = asked.filters
    with moment(ledger, asked.now, scope, filters.choice) as seen:
        page = users.users_page(seen, filters, query)
        return [
            seen.documents,
            queries.overview(seen, filters),
            _uncoloured(queries.timeline(seen, filters)),
            [replace(usage, slot=0) for usage in queries.model_split(seen, filters)],
            [replace(usage, slot=0) for usage in queries.all_models(seen, filters)],
            top.top_users(seen, filters),
            top.teams(seen, filters),
            counts.counts(seen, filters),
            search.search(seen, "a"),
            settle.settled(seen, filters),
            page,
            {user: _grey(detail) for user, detail in users.opened_rows(seen, page, query).items()},
            trust.findings(seen),
            trust.trust(seen),
        ]


def _uncoloured(timeline: Timeline) -> Timeline:
    return replace(timeline, models=tuple(replace(series, slot=0) for series in timeline.models))


def _grey(detail: UserDetail) -> UserDetail:
    return replace(detail, entries=tuple(replace(entry, slot=0) for entry in detail.entries))


def test_who_is_not_in_the_scope_is_not_there_by_any_name(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(model="gpt-5")), document("bob", item(model="secret-model"))))
    with moment(ledger, scope=Scope(frozenset({"ada"}))) as seen:
        assert users.user_detail(seen, "bob", 0) is None
        for table in ("users", "entries", "scoped_models"):
            assert len(seen.sql.execute(f"FROM {table}").fetchall()) == 1
        for table in ("meta", "marks"):
            assert seen.sql.execute(f"FROM {table}").fetchall() == []
    assert ask(users.user_detail, ledger, "bob", 0) is not None


def test_an_empty_scope_sees_nothing(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(), total_cost=1)))
    with moment(ledger, scope=NOBODY) as seen:
        assert seen.documents == 0
        assert queries.overview(seen, Filters()).cost.total == Sum(0)
        assert users.users_page(seen, Filters(), UserQuery()).rows == ()


def test_one_viewers_scope_is_not_anothers(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada"), document("bob")))
    with moment(ledger, scope=Scope(frozenset({"ada"}))) as one, moment(ledger) as all_of_it:
        with moment(ledger, scope=Scope(frozenset({"bob"}))) as other:
            assert (one.documents, other.documents, all_of_it.documents) == (1, 1, 2)
        assert all_of_it.sql.execute("SELECT count(*) FROM users").fetchall() == [(2,)]


def test_a_scope_cannot_be_taken_off(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada"), document("bob")))
    with moment(ledger, scope=NOBODY) as seen, pytest.raises(duckdb.Error, match="read-only"):
        seen.sql.execute("DELETE FROM ledger.main.users")


@pytest.mark.parametrize("users", [None, "ada", ["ada"], {"ada"}, True, ()])
def test_only_a_set_of_ids_or_all_users_is_a_scope(users: object) -> None:
    with pytest.raises(TypeError, match="names its users"):
        Scope(users)  # type: ignore[arg-type] # that is what is shown


def test_no_scope_no_snapshot(ledger: Ledger) -> None:
    with pytest.raises(TypeError, match="scope"), ledger.snapshot():  # type: ignore[call-arg] # that is what is shown
        pass


@given(st.lists(st.frozensets(st.text(max_size=4), max_size=4), min_size=2, max_size=2, unique=True))
def test_scopes_of_different_users_have_different_keys(users: list[frozenset[str]]) -> None:
    one, other = map(Scope, users)
    assert one.key != other.key
    assert EVERYBODY.key not in (one.key, other.key)


def test_no_question_names_a_table_past_its_scope() -> None:
    room = Path(usage_dash.reporting.__file__).parent
    qualified = re.compile(r"\bmain\.\w|\bledger\.main\b|duckdb_\w+\(|information_schema|\.reader\(|\bUSE\b")
    found = {path.name: qualified.findall(path.read_text()) for path in room.glob("*.py")}
    assert {name: words for name, words in found.items() if words} == {}

"""What a snapshot's questions see, by the names of its views."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from tests.unit.builders import batch, document, item

from usage_dash.documents.model_names import family
from usage_dash.documents.people import PEOPLE
from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.ledger.views import Naming, as_written

TEAMS = {"ada": "Support", "bob": "Support", "cyd": "Sales"}
OF_ALL = ("spending_of_all_models", "spending_of_all_users", "spending_of_all_teams")
Pairs = set[tuple[str, str]]


def opened(naming: Naming) -> Ledger:
    ledger = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), naming=naming)
    both = (item(0, model="gpt-5"), item(1, model="openai/GPT-5-2026-01-31"))
    flaw = ("totalCalls", "negative", "left blank", 1)
    ledger.apply(
        batch(
            document("ada", *both, findings=(flaw,)),
            document("bob", item(2, model="o4"), findings=(flaw,)),
            document("cyd", item(3, model="gpt-5")),
            document("dan"),
        )
    )
    people = [{"user_id": user, "name": user.title(), "email": "", "team": team} for user, team in TEAMS.items()]
    ledger.take_people(pa.Table.from_pylist(people, PEOPLE))
    return ledger


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    ledger = opened(as_written)
    yield ledger
    ledger.close()


@pytest.fixture
def families() -> Iterator[Ledger]:
    ledger = opened(family)
    yield ledger
    ledger.close()


def column(ledger: Ledger, query: str, choice: Choice = ALL_CHOSEN, scope: Scope = EVERYBODY) -> list[object]:
    with ledger.snapshot(scope, choice) as seen:
        return [value for (value,) in seen.sql.execute(query).fetchall()]


def users_in(ledger: Ledger, view: str, choice: Choice, scope: Scope = EVERYBODY) -> str:
    """The initials of the users with rows in a view."""
    query = f"SELECT user_id FROM scoped_users WHERE user_key IN (SELECT user_key FROM {view}) ORDER BY user_id"  # noqa: S608 - our own views
    return "".join(str(user)[0] for user in column(ledger, query, choice, scope))


@pytest.mark.parametrize(
    ("choice", "users", "entries", "of_all"),
    [
        (ALL_CHOSEN, "abcd", "abc", ("abc", "abc", "abc")),
        (Choice(models=("gpt-5",)), "ac", "ac", ("abc", "ac", "ac")),
        (Choice(users=("ada", "dan")), "ad", "a", ("a", "abc", "a")),
        (Choice(team="Support"), "ab", "ab", ("ab", "ab", "abc")),
        (Choice(team=""), "d", "", ("", "", "abc")),
        (Choice(models=("o4",), team="Support"), "b", "b", ("ab", "b", "b")),
        (Choice(models=("o4",), users=("ada",), team="Support"), "", "", ("a", "b", "")),
        (Choice(models=("nothing",)), "", "", ("abc", "", "")),
        (Choice(users=("stranger",)), "", "", ("", "abc", "")),
        (Choice(team="Nowhere"), "", "", ("", "", "abc")),
    ],
)
def test_each_view_leaves_one_filter_out(
    ledger: Ledger, choice: Choice, users: str, entries: str, of_all: tuple[str, str, str]
) -> None:
    assert users_in(ledger, "users", choice) == users
    assert users_in(ledger, "entries", choice) == users_in(ledger, "spending", choice) == entries
    assert users_in(ledger, "entries_of_all_models", choice) == of_all[0]
    assert tuple(users_in(ledger, view, choice) for view in OF_ALL) == of_all
    assert users_in(ledger, "scoped_users", choice) == "abcd"
    assert users_in(ledger, "scoped_entries", choice) == "abc"


@pytest.mark.parametrize("choice", [ALL_CHOSEN, Choice(models=("gpt-5",)), Choice(team="Support")])
def test_nothing_is_seen_beyond_the_scope_whatever_is_chosen(ledger: Ledger, choice: Choice) -> None:
    scope = Scope(frozenset({"ada"}))
    for view in ("users", "entries", "spending", "findings", "people", "users_of_all_models", *OF_ALL):
        assert users_in(ledger, view, choice, scope) == "a"
    for kind in ("users", "entries", "spending", "findings", "people"):
        assert users_in(ledger, f"scoped_{kind}", choice, scope) == "a"


def test_counters_of_who_did_not_use_a_model_are_there_beside_those_who_did(ledger: Ledger) -> None:
    choice = Choice(models=("gpt-5",), team="Support")
    assert users_in(ledger, "users", choice) == "a"
    assert users_in(ledger, "users_of_all_models", choice) == "ab"
    assert users_in(ledger, "findings", choice) == "a"


def test_people_are_all_of_the_scope_with_what_is_known_of_them(ledger: Ledger) -> None:
    query = "SELECT concat_ws('/', user_id, name, team) FROM people ORDER BY user_id"
    chosen = Choice(users=("ada",))
    assert column(ledger, query, chosen) == ["ada/Ada/Support", "bob/Bob/Support", "cyd/Cyd/Sales", "dan//"]


def test_a_choice_is_one_snapshots_own(ledger: Ledger) -> None:
    with (
        ledger.snapshot(EVERYBODY, Choice(users=("ada",))) as one,
        ledger.snapshot(EVERYBODY, Choice(users=("bob", "cyd"))) as other,
    ):
        assert one.sql.execute("SELECT count(*) FROM users").fetchall() == [(1,)]
        assert other.sql.execute("SELECT count(*) FROM users").fetchall() == [(2,)]


def test_names_cannot_break_out_of_the_question(ledger: Ledger) -> None:
    odd = "'); DROP TABLE users; --"
    assert users_in(ledger, "users", Choice(models=(odd,), users=(odd,), team=odd)) == ""


def test_models_are_told_apart_as_written(ledger: Ledger) -> None:
    models = [("Not itemised", -1, []), ("gpt-5", 0, []), ("openai/GPT-5-2026-01-31", 1, []), ("o4", 2, [])]
    assert column(ledger, "SELECT (model, slot, variants) FROM models ORDER BY slot") == models


def test_a_family_has_the_slot_of_its_oldest_and_the_names_as_written(families: Ledger) -> None:
    query = "SELECT (model, slot, variants) FROM models ORDER BY slot"
    both = ["gpt-5", "openai/GPT-5-2026-01-31"]
    assert column(families, query) == [("Not itemised", -1, []), ("gpt-5", 0, both), ("o4", 2, ["o4"])]
    assert column(families, "SELECT slot FROM entries ORDER BY position, user_key") == [0, 2, 0, 0]
    assert users_in(families, "entries", Choice(models=("gpt-5",))) == "ac"


def test_a_family_tells_nobody_names_that_only_others_used(families: Ledger) -> None:
    query = "SELECT (model, slot, variants) FROM scoped_models ORDER BY slot"
    assert column(families, query, scope=Scope(frozenset({"cyd"}))) == [("gpt-5", 0, ["gpt-5"])]
    assert column(families, query, scope=Scope(frozenset({"dan"}))) == []


def test_entries_know_the_model_as_it_is_written_also_in_families(families: Ledger) -> None:
    query = "SELECT DISTINCT written_models.model FROM entries JOIN written_models USING (written) ORDER BY ALL"
    assert column(families, query) == ["gpt-5", "o4", "openai/GPT-5-2026-01-31"]
    assert column(families, query, Choice(models=("gpt-5",), users=("ada",))) == ["gpt-5", "openai/GPT-5-2026-01-31"]


@pytest.mark.parametrize("naming", [as_written, family])
def test_models_as_written_are_those_of_the_scope(naming: Naming) -> None:
    ledger = opened(naming)
    query = "SELECT model FROM written_models ORDER BY model"
    assert column(ledger, query, scope=Scope(frozenset({"bob"}))) == ["o4"]
    assert column(ledger, query) == ["gpt-5", "o4", "openai/GPT-5-2026-01-31"]
    ledger.close()


def test_no_table_can_be_asked_past_the_views() -> None:
    """A table without a view of its name would show everybody's rows to any scope."""
    named = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'ledger'"
    ledger = opened(as_written)
    with ledger.snapshot(Scope(frozenset({"ada"}))) as snapshot:
        tables = snapshot.sql.execute(named).fetchall()
        views = snapshot.sql.execute("SELECT view_name FROM duckdb_views() WHERE temporary").fetchall()
    ledger.close()
    assert set(tables) <= set(views)


@pytest.mark.parametrize("table", ["judged", "told", "alerts", "deliveries", "marks", "names", "meta"])
def test_what_no_question_needs_is_empty_for_everybody(table: str) -> None:
    ledger = opened(as_written)
    ledger.set_marks({"a": "b"})
    with ledger.snapshot(EVERYBODY) as snapshot:
        assert snapshot.sql.execute(f"FROM {table}").fetchall() == []
    ledger.close()

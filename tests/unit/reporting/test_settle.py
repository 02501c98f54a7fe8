"""What of a choice there is, and the words for what there is not."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from tests.unit.asking import ask
from tests.unit.builders import batch, document, item
from tests.unit.known import Named
from tests.unit.worlds import filled

from usage_dash.documents.batch import EVERYTHING
from usage_dash.documents.model_names import family
from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.filters import By, Compare, Filters, RangeName
from usage_dash.reporting.grammar import Read
from usage_dash.reporting.settle import settled

ADA = document("ada", item(0, model="openai/GPT-4o"), item(1, model="gpt-4o-2024-08-06"))
BOB = document("bob", item(0, model="secret"))
PEOPLE = {"ada": Named(team="Support"), "bob": Named(team="Board")}
ONLY_ADA = Scope(frozenset({"ada"}))

NO_MODEL = "a model that is not here"
NO_USER = "a user who is not among those you may see"
NO_TEAM = "a team that is not here"


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"))
    yield filled(opened, [ADA, BOB], PEOPLE)
    opened.close()


@pytest.fixture
def families() -> Iterator[Ledger]:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), naming=family)
    yield filled(opened, [ADA, BOB], PEOPLE)
    opened.close()


def choice_of(ledger: Ledger, choice: Choice, scope: Scope = EVERYBODY) -> tuple[Choice, tuple[str, ...]]:
    found: Read = ask(settled, ledger, Filters(choice=choice), scope=scope)
    return found.filters.choice, found.left_out


def test_what_is_there_stays_as_it_is(ledger: Ledger) -> None:
    everything = Choice(models=("openai/GPT-4o", "secret"), users=("ada", "bob"), team="Board")
    filters = Filters(RangeName.ALL, everything, By.WEEK, Compare.NONE)
    assert ask(settled, ledger, filters) == Read(filters, ())
    assert choice_of(ledger, ALL_CHOSEN) == (ALL_CHOSEN, ())


@pytest.mark.parametrize(
    ("choice", "left", "words"),
    [
        (Choice(models=("secret",)), Choice(), NO_MODEL),
        (Choice(models=("nothing",)), Choice(), NO_MODEL),
        (Choice(models=("openai/GPT-4o", "secret")), Choice(models=("openai/GPT-4o",)), NO_MODEL),
        (Choice(users=("bob",)), Choice(), NO_USER),
        (Choice(users=("nobody",)), Choice(), NO_USER),
        (Choice(users=("ada", "bob")), Choice(users=("ada",)), NO_USER),
        (Choice(team="Board"), Choice(), NO_TEAM),
        (Choice(team="Nowhere"), Choice(), NO_TEAM),
        (Choice(team=""), Choice(), NO_TEAM),
    ],
)
def test_what_may_not_be_seen_is_told_as_what_is_not_there(
    ledger: Ledger, choice: Choice, left: Choice, words: str
) -> None:
    assert choice_of(ledger, choice, ONLY_ADA) == (left, (words,))


def test_each_kind_is_told_once(ledger: Ledger) -> None:
    choice = Choice(models=("a", "b"), users=("c", "d"), team="e")
    assert choice_of(ledger, choice) == (ALL_CHOSEN, (NO_MODEL, NO_USER, NO_TEAM))


def test_whoever_is_in_no_team_makes_that_a_choice(ledger: Ledger) -> None:
    ledger.apply(batch(document("cyd")))
    assert choice_of(ledger, Choice(team="")) == (Choice(team=""), ())


def test_a_model_of_those_who_are_gone_is_there_as_long_as_something_is_left_of_it(ledger: Ledger) -> None:
    ledger.apply(batch(ADA), within=EVERYTHING)
    assert choice_of(ledger, Choice(models=("secret",))) == (Choice(models=("secret",)), ())
    ledger.forget_gone()
    assert choice_of(ledger, Choice(models=("secret",))) == (ALL_CHOSEN, (NO_MODEL,))


@pytest.mark.parametrize(
    "models",
    [("gpt-4o",), ("openai/GPT-4o",), ("gpt-4o-2024-08-06", "openai/GPT-4o"), ("gpt-4o", "openai/GPT-4o")],
)
def test_a_name_as_written_means_its_family(families: Ledger, models: tuple[str, ...]) -> None:
    assert choice_of(families, Choice(models=models), ONLY_ADA) == (Choice(models=("gpt-4o",)), ())


def test_a_name_of_a_family_that_nobody_wrote_is_not_there(families: Ledger) -> None:
    assert choice_of(families, Choice(models=("azure/gpt-4o",))) == (ALL_CHOSEN, (NO_MODEL,))

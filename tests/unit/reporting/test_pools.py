"""What entries cost against list prices: exactly, by tokens whose price is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from genai_prices.data import providers
from genai_prices.types import Usage
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.asking import ask
from tests.unit.builders import NOON, Document, Item, batch, document, item
from tests.unit.worlds import PROPERTY, filled

from usage_dash.documents.model_names import family
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import Scope
from usage_dash.prices.price_list import PriceList
from usage_dash.prices.rates import Bounds
from usage_dash.reporting.filters import Days, Filters, RangeName
from usage_dash.reporting.price_band import OnModel, PriceBands, SameTokens, Unpriced, price_bands, same_tokens
from usage_dash.settings.prices import OwnPrice

MILLION = 1_000_000
OPENAI = next(each for each in providers if each.id == "openai")
PRICES = PriceList()


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("memory:test", ZoneInfo("UTC"))
    yield opened
    opened.close()


@pytest.fixture
def families() -> Iterator[Ledger]:
    opened = Ledger("memory:test", ZoneInfo("UTC"), naming=family)
    yield opened
    opened.close()


def used(
    minutes: float, model: str, millions: float = 1, out: float = 1, cost: float | None = 1.0, **more: Any
) -> Item:
    """An entry of so many millions of tokens."""
    tokens = {"input_tokens": int(millions * MILLION), "output_tokens": int(out * MILLION), **more}
    return item(minutes, model=model, cost=cost, **tokens)


def bands(ledger: Ledger, *documents: Document, prices: PriceList = PRICES, **more: Any) -> PriceBands:
    ledger.apply(batch(*documents))
    found: PriceBands = ask(price_bands, ledger, Filters(), prices, **more)
    return found


def test_a_model_lies_between_all_input_cached_and_none(ledger: Ledger) -> None:
    found = bands(ledger, document("ada", used(0, "gpt-4o", 2, 1, 12.0), used(1, "gpt-4o", 0, 3, 30.0)))
    (model,) = found.models
    assert (model.model, model.recorded, model.bounds) == ("gpt-4o", 42.0, Bounds(42.5, 45.0))
    assert (found.unpriced, found.lacking) == ((), 0)


def test_each_entry_has_the_price_of_its_time_to_the_microsecond(ledger: Ledger) -> None:
    change = datetime(2025, 6, 10, tzinfo=UTC)
    last = used(0, "o3", 1, 1, at=change - timedelta(microseconds=1))
    first = used(1, "o3", 1, 1, at=change)
    noon = {"now": datetime(2025, 6, 20, 12, tzinfo=UTC)}
    assert bands(ledger, document("ada", last), **noon).models[0].bounds == Bounds(40.5, 50.0)
    assert bands(ledger, document("bob", first), **noon).models[0].bounds == Bounds(49, 60)


def test_an_entry_of_no_time_has_the_price_of_its_day(ledger: Ledger) -> None:
    read = datetime(2025, 6, 9, 12, tzinfo=UTC)
    ledger.apply(batch(document("ada", used(0, "o3", at=None))), read_time=read)
    assert bands(ledger, now=read).models[0].bounds == Bounds(40.5, 50.0)


def test_long_requests_are_dearer_and_several_calls_may_or_may_not_hold_one(ledger: Ledger) -> None:
    short = used(0, "gpt-5.4", 0.272, 0)
    long = used(1, "gpt-5.4", 0.3, 0)
    several = used(2, "gpt-5.4", 0.3, 0, calls=4)
    assert bands(ledger, document("ada", short)).models[0].bounds == pytest.approx((0.068, 0.68))
    filled(ledger, [document("ada", long)])
    assert bands(ledger).models[0].bounds == pytest.approx((0.15, 1.5))
    filled(ledger, [document("ada", several)])
    assert bands(ledger).models[0].bounds == pytest.approx((0.075, 1.5))


def test_entries_without_cost_or_tokens_are_left_out_of_both_sides(ledger: Ledger) -> None:
    whole = used(0, "gpt-4o", 1, 1, 11.0)
    lacking = [
        used(1, "gpt-4o", cost=None),
        used(2, "gpt-4o", input_tokens=None),
        used(3, "gpt-4o", output_tokens=None),
        used(4, "unknown", cost=None, calls=3),
    ]
    found = bands(ledger, document("ada", whole, *lacking))
    assert [(each.recorded, each.bounds) for each in found.models] == [(11.0, Bounds(11.25, 12.5))]
    assert found.lacking == 4
    assert [(each.model, each.calls) for each in found.unpriced] == [("unknown", 3)]


def test_models_without_a_price_are_told_with_their_calls_and_settings_name_them(ledger: Ledger) -> None:
    documents = [document("ada", used(0, "mine", 1, 1, 2.0, calls=3), used(1, "unknown", cost=1.0, calls=7))]
    found = bands(ledger, *documents)
    assert found.models == ()
    assert found.unpriced == (Unpriced(1, "unknown", 7, 1.0), Unpriced(0, "mine", 3, 2.0))
    named = bands(ledger, prices=PriceList([OwnPrice("mine", "gpt-4o")]))
    assert [(each.model, each.bounds) for each in named.models] == [("mine", Bounds(11.25, 12.5))]
    assert [each.model for each in named.unpriced] == ["unknown"]


def test_of_a_family_each_entry_has_the_price_of_its_own_name(families: Ledger) -> None:
    old, new = used(0, "gpt-4o-2024-05-13", 1, 0, 5.0), used(1, "openai/gpt-4o", 1, 0, 2.5)
    (model,) = bands(families, document("ada", old, new)).models
    assert (model.model, model.recorded, model.bounds) == ("gpt-4o", 7.5, Bounds(6.25, 7.5))


def test_only_what_the_scope_may_see_in_the_range_is_told(ledger: Ledger) -> None:
    ada = document("ada", used(0, "gpt-4o"), used(-60 * 24 * 40, "gpt-5"))
    bob = document("bob", used(0, "o3"), used(1, "secret"))
    found = bands(ledger, ada, bob, scope=Scope(frozenset({"ada"})))
    assert [each.model for each in found.models] == ["gpt-4o"]
    assert found.unpriced == ()
    same = ask(same_tokens, ledger, Filters(RangeName.ALL), PRICES, scope=Scope(frozenset({"ada"})))
    assert {each.model for each in same.on} == {"gpt-4o", "gpt-5"}


def test_the_dearest_models_come_first_with_what_their_tokens_cost_on_each_other(ledger: Ledger) -> None:
    found = bands(ledger, document("ada", used(0, "gpt-5-mini", 1, 1, 2.0), used(1, "gpt-4o", 2, 0, 4.0)))
    assert [(each.model, each.others) for each in found.models] == [
        ("gpt-4o", (OnModel("gpt-4o", Bounds(2.5, 5.0)), OnModel("gpt-5-mini", Bounds(0.05, 0.5)))),
        ("gpt-5-mini", (OnModel("gpt-4o", Bounds(11.25, 12.5)), OnModel("gpt-5-mini", Bounds(2.025, 2.25)))),
    ]


def test_the_same_tokens_on_models_of_everybody_are_the_cheapest_first(ledger: Ledger) -> None:
    ada = document("ada", used(0, "gpt-4o", 2, 0, 4.0), used(1, "unknown", 2, 0, 1.0), used(2, "gpt-4o", cost=None))
    bob = document("bob", used(0, "gpt-5-mini"), used(1, "openai/gpt-5-mini"), used(2, "o3"))
    ledger.apply(batch(ada, bob))
    of_ada = Filters(choice=Choice(users=("ada",)))
    assert ask(same_tokens, ledger, of_ada, PRICES) == SameTokens(
        recorded=5.0,
        on=(
            OnModel("gpt-5-mini", Bounds(0.1, 1.0)),
            OnModel("o3", Bounds(2.0, 8.0)),
            OnModel("gpt-4o", Bounds(5.0, 10.0)),
        ),
        lacking=1,
    )
    before = Filters(Days(NOON.date() - timedelta(days=9), NOON.date() - timedelta(days=8)), of_ada.choice)
    assert ask(same_tokens, ledger, before, PRICES) == SameTokens(0, (), 0)


def test_other_models_are_told_at_the_prices_of_today(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", used(0, "gpt-5.6-sol", 0, 1, 30.0))))
    same = ask(same_tokens, ledger, Filters(RangeName.ALL), PRICES, now=datetime(2026, 9, 1, tzinfo=UTC))
    assert same.on == (OnModel("gpt-5.6-sol", Bounds(20.0, 20.0)),)


def priced(items: list[Item], cached: float) -> list[Item]:
    """The entries with the cost that the library says of them as one request, with a part of the input cached."""
    return [
        Item(each.at, each.model, each.input_tokens, each.output_tokens, None, _cost(each, cached), each.calls)
        for each in items
    ]


def _cost(each: Item, cached: float) -> float:
    info = OPENAI.find_model(each.model)
    assert info is not None
    assert each.input_tokens is not None
    tokens = Usage(
        input_tokens=each.input_tokens,
        cache_read_tokens=int(cached * each.input_tokens),
        output_tokens=each.output_tokens,
    )
    return float(info.calc_price(tokens, OPENAI, genai_request_timestamp=each.at).total_price)


items = st.builds(
    Item,
    at=st.integers(0, 60 * 24 * 400).map(lambda minutes: NOON - timedelta(minutes=minutes)),
    model=st.sampled_from(["gpt-4o", "gpt-4o-2024-05-13", "o3", "gpt-5.4", "gpt-5-mini"]),
    input_tokens=st.integers(0, 600_000),
    output_tokens=st.integers(0, 100_000),
    calls=st.integers(0, 3),
)


@PROPERTY
@given(found=st.lists(items, min_size=1, max_size=12, unique=True), cached=st.floats(0, 1))
def test_what_is_priced_by_the_list_lies_within(ledgers: dict[str, Ledger], found: list[Item], cached: float) -> None:
    ledger = filled(ledgers["UTC"], [document("ada", *priced(found, cached))])
    seen: PriceBands = ask(price_bands, ledger, Filters(RangeName.ALL), PRICES)
    assert {each.model for each in seen.models} == {each.model for each in found}
    for each in seen.models:
        assert each.bounds.least <= each.bounds.most
        assert each.bounds.least <= each.recorded * (1 + 1e-9)
        assert each.recorded <= each.bounds.most * (1 + 1e-9)

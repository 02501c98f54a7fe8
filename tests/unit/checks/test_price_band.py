"""The check of costs against list prices: what is just within the band, and what is just out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.unit.asking import ask
from tests.unit.builders import Item, batch, document, item

from usage_dash.checks.check import Band, Check, State, Table
from usage_dash.checks.price_band import price_band
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.prices.price_list import PriceList
from usage_dash.settings.prices import Dollars, OwnPrice

MILLION = 1_000_000


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("memory:test", ZoneInfo("UTC"))
    yield opened
    opened.close()


def used(model: str, cost: float | None, **more: Any) -> Item:
    """An entry of ten million tokens of input and one of output: of gpt-4o from $22.50 to $35."""
    return item(0, model=model, cost=cost, **{"input_tokens": 10 * MILLION, "output_tokens": MILLION, **more})


def check(ledger: Ledger, *items: Item, rules: Rules | None = None) -> Check:
    ledger.apply(batch(document("ada", *items)))
    found = ask(price_band, ledger, rules or Rules())
    assert isinstance(found, Check)
    return found


def test_without_entries_there_is_nothing_to_check(ledger: Ledger) -> None:
    ledger.apply(batch(document("ada", item(-60 * 24 * 40))))
    assert ask(price_band, ledger, Rules()) is None


@pytest.mark.parametrize("cost", [22.5, 22.39, 35.0, 35.17])
def test_within_the_band_or_beside_it_by_rounding_is_good(ledger: Ledger, cost: float) -> None:
    found = check(ledger, used("gpt-4o", cost))
    assert (found.state, found.title) == (State.GOOD, "Costs lie within list prices")
    assert (found.figure, found.unit, found.detail) == ("1", "model compared", "1 model lies within")
    assert found.bands == (Band(0, "gpt-4o", cost, 22.5, 35.0),)
    assert found.dollars == 0


def test_above_the_band_is_worth_a_look(ledger: Ledger) -> None:
    found = check(ledger, used("gpt-4o", 36.75), used("gpt-5", 20.0), used("unknown", 1.0, calls=212))
    assert (found.state, found.title) == (State.LOOK, "gpt-4o is recorded above its list price")
    assert found.detail == "1 model lies within; 1 model has no list price and counts 212 calls"
    assert (found.figure, found.unit, found.dollars) == ("+5.0%", "over the most", 1.75)
    assert "priority processing" in found.why
    assert "batch" not in found.why
    assert found.todo == (
        "Correct the price of “gpt-4o” in the writer. “unknown” has no list price: "
        "say in `USAGE_DASH_PRICES` what to price it as."
    )
    assert found.bands == (
        Band(0, "gpt-4o", 36.75, 22.5, 35.0),
        Band(1, "gpt-5", 20.0, 11.25, 22.5),
        Band(2, "unknown", 1.0, None, None),
    )


@pytest.mark.parametrize(("cost", "figure"), [(22.38, "−0.5%"), (11.25, "−50.0%"), (0.0, "−100.0%")])
def test_below_the_band_has_other_causes(ledger: Ledger, cost: float, figure: str) -> None:
    found = check(ledger, used("gpt-4o", cost))
    assert (found.title, found.detail) == ("gpt-4o is recorded below its list price", "In the last 30 days")
    assert (found.figure, found.unit, found.dollars) == (figure, "under the least", 22.5 - cost)
    assert "batch" in found.why
    assert "priority" not in found.why


def test_of_several_the_one_with_most_dollars_gives_the_figure(ledger: Ledger) -> None:
    found = check(ledger, used("gpt-4o", 36.0), used("gpt-5", 1.25), used("o3", 32.0), used("gpt-5-mini", 6.0))
    assert found.title == "4 models are recorded outside their list prices"
    assert (found.figure, found.unit) == ("−88.9%", "under the least")
    assert found.dollars == pytest.approx(1 + 10 + 4 + 1.5)
    assert "priority" in found.why
    assert "batch" in found.why
    assert found.todo.startswith("Correct the price of “gpt-5”, “o3”, “gpt-5-mini” and 1 other in the writer.")


def test_a_price_that_the_settings_make_nothing_is_exceeded_by_dollars(ledger: Ledger) -> None:
    free = Rules(prices=PriceList([OwnPrice("mine", Dollars(0, 0, 0))]))
    assert check(ledger, used("mine", 1.0), rules=free).figure == "+$1.00"


def test_of_very_many_models_the_one_out_of_its_band_is_drawn(ledger: Ledger) -> None:
    names = [f"m{number}" for number in range(25)]
    own = Rules(prices=PriceList([OwnPrice(name, Dollars(1, 1, 1)) for name in names]))
    dear = [used(name, 11.0, input_tokens=10 * MILLION, total_tokens=11 * MILLION) for name in names[:-1]]
    odd = used(names[-1], 0.5, input_tokens=1000, output_tokens=0, total_tokens=1000)
    found = check(ledger, *dear, odd, rules=own)
    assert found.title == "m24 is recorded above its list price"
    assert len(found.bands) == 20
    assert found.bands[-1].model == "m24"


def test_an_unknown_model_is_good_beside_others_and_named(ledger: Ledger) -> None:
    found = check(ledger, used("gpt-4o", 30.0), used("a", 1.0), used("b", 1.0, calls=2))
    assert (found.state, found.figure) == (State.GOOD, "1")
    assert found.detail == "1 model lies within; 2 models have no list price and count 3 calls"
    assert "“b” and “a” have no list price: say in `USAGE_DASH_PRICES` what to price them as." in found.todo


def test_unknown_models_alone_are_unknown_and_never_nothing(ledger: Ledger) -> None:
    found = check(ledger, used("mine", 1.0, calls=2))
    assert (found.state, found.figure) == (State.UNKNOWN, "–")
    assert found.detail == "1 model has no list price and counts 2 calls"
    assert found.bands == (Band(0, "mine", 1.0, None, None),)
    named = ask(price_band, ledger, Rules(prices=PriceList([OwnPrice("mine", "gpt-4o")])))
    assert named.bands == (Band(0, "mine", 1.0, 22.5, 35.0),)


def test_a_model_that_stands_for_one_that_nobody_knows_is_told(ledger: Ledger) -> None:
    rules = Rules(prices=PriceList([OwnPrice("mine", "gpt-0")]))
    found = check(ledger, used("mine", 1.0), used("unknown", 1.0), rules=rules)
    assert found.todo == (
        "“unknown” has no list price: say in `USAGE_DASH_PRICES` what to price it as. "
        "“gpt-0” has no list price: `USAGE_DASH_PRICES` names it."
    )


def test_a_model_that_nobody_knows_is_told_once_however_many_stand_for_it(ledger: Ledger) -> None:
    rules = Rules(prices=PriceList([OwnPrice("one", "gpt-0"), OwnPrice("two", "gpt-0"), OwnPrice("three", "gpt-00")]))
    found = check(ledger, used("one", 1.0), used("two", 1.0), rules=rules)
    assert found.todo == "“gpt-0” has no list price: `USAGE_DASH_PRICES` names it."
    more = check(ledger, used("one", 1.0), used("three", 1.0), rules=rules)
    assert more.todo == "“gpt-0” and “gpt-00” have no list price: `USAGE_DASH_PRICES` names them."


def test_entries_that_do_not_say_all_are_counted(ledger: Ledger) -> None:
    found = check(ledger, used("gpt-4o", None), used("gpt-4o", 5.0, output_tokens=None))
    assert (found.state, found.detail) == (State.UNKNOWN, "2 entries without cost or tokens left out")
    assert found.todo == "Let the writer say the cost and the tokens of each entry."


def test_the_same_tokens_on_other_models_are_listed(ledger: Ledger) -> None:
    found = check(ledger, used("gpt-4o", 30.0), used("gpt-5", 20.0), used("unknown", 50.0))
    assert found.table == Table(
        ("The same tokens", "Recorded", "On gpt-4o", "On gpt-5"),
        (
            ("gpt-4o", "$30.00", "$22.50 – $35.00", "$11.25 – $22.50"),
            ("gpt-5", "$20.00", "$22.50 – $35.00", "$11.25 – $22.50"),
        ),
    )


def test_a_name_that_is_code_or_long_stays_a_name(ledger: Ledger) -> None:
    found = check(ledger, used("`rm`", 1.0), used("x" * 1_000, 1.0))
    assert "`rm`" not in found.todo
    assert f"“{'x' * 60}…”" in found.todo

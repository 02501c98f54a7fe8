"""What models cost by the price list that comes with the project, told exactly for days that are past."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

import pytest
from genai_prices.data import providers
from genai_prices.types import Usage
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.prices.price_list import PriceList
from usage_dash.prices.rates import Bounds, Rate, bounds
from usage_dash.settings.prices import Dollars, OwnPrice

MILLION = 1_000_000
IN_2024, IN_2026 = datetime(2024, 6, 1), datetime(2026, 6, 1)  # noqa: DTZ001 - as in the ledger
OPENAI = next(each for each in providers if each.id == "openai")


# Whatever connects, or looks up a host, ends the process.
ALONE = """
import os, sys
import usage_dash.app
sys.addaudithook(lambda event, _: event in {"socket.connect", "socket.getaddrinfo"} and os._exit(1))
from usage_dash.prices.price_list import PriceList
print("genai_prices" in sys.modules, len(PriceList().rates("gpt-4o")), "genai_prices" in sys.modules)
"""


def rate(model: str, at: datetime = IN_2026, length: int = 1_000, prices: PriceList | None = None) -> Rate:
    (found,) = (each for each in (prices or PriceList()).rates(model) if each.fits(at, length))
    return found


def four(found: Rate) -> tuple[float, float, float, float]:
    return found.least_input, found.most_input, found.least_output, found.most_output


def test_the_least_is_cached_input_and_the_most_is_not() -> None:
    assert four(rate("gpt-4o")) == (1.25, 2.5, 10.0, 10.0)


def test_input_without_a_price_when_cached_costs_the_same() -> None:
    assert four(rate("gpt-4o-2024-05-13")) == (5.0, 5.0, 15.0, 15.0)


def test_the_most_is_to_write_a_cache_where_that_is_dearer() -> None:
    assert four(rate("gpt-5.6-sol", datetime(2026, 9, 1))) == (0.4, 5.0, 20.0, 20.0)  # noqa: DTZ001 - see above


def test_prices_are_those_of_the_time() -> None:
    midnight = datetime(2025, 6, 10)  # noqa: DTZ001 - see above
    before, after = PriceList().rates("o3")
    assert (before.until, after.since) == (midnight, midnight)
    assert four(rate("o3", IN_2024)) == (0.5, 10.0, 40.0, 40.0)
    assert four(rate("o3", midnight)) == (0.5, 2.0, 8.0, 8.0)


@pytest.mark.parametrize(("length", "least"), [(0, 0.25), (272_000, 0.25), (272_001, 0.5)])
def test_long_requests_have_prices_of_their_own(length: int, least: float) -> None:
    assert rate("gpt-5.4", length=length).least_input == least


def test_prices_of_times_of_the_day_are_a_span() -> None:
    found = rate("deepseek-chat", datetime(2025, 4, 1))  # noqa: DTZ001 - see above
    assert (found.least_output, found.most_output) == (0.55, 1.1)


def test_what_tokens_of_other_kinds_cost_widens_the_span() -> None:
    assert four(rate("gpt-audio")) == (2.5, 32.0, 10.0, 64.0)


def test_embeddings_have_no_output() -> None:
    assert four(rate("text-embedding-3-small")) == (0.02, 0.02, 0.0, 0.0)


@pytest.mark.parametrize(
    "name",
    [
        "GPT-4o",
        "gpt-4o-2024-08-06",
        "openai/gpt-4o",
        "azure/eu/gpt-4o",
        "openrouter/openai/gpt-4o",
        "openai:gpt-4o",
        " gpt-4o ",
    ],
)
def test_a_model_is_known_by_any_of_its_names(name: str) -> None:
    assert PriceList().rates(name) == PriceList().rates("gpt-4o") != ()


def test_models_of_other_providers_are_known_by_their_names() -> None:
    assert rate("openrouter/anthropic/claude-sonnet-4.5").least_output == 15.0


@pytest.mark.parametrize("name", ["unknown", "", "/", ":", "openai:", "gpt-0", "whisper-1", "tts-1"])
def test_a_model_without_a_price_for_tokens_is_unknown(name: str) -> None:
    assert PriceList().rates(name) == ()


@given(name=st.one_of(st.text(), st.text(alphabet="gpt4o-:/. 1@")))
def test_any_name_can_be_asked_for(name: str) -> None:
    assert all(each.least_input <= each.most_input for each in PriceList().rates(name))


def test_settings_say_what_a_name_stands_for_or_costs() -> None:
    told = [
        OwnPrice("my-deployment", "azure/gpt-4o"),
        OwnPrice("Other", Dollars(0.5, 0.05, 1.5)),
        OwnPrice("gpt-5", Dollars(1.0, 1.0, 2.0)),
        OwnPrice("odd", "nothing that is known"),
    ]
    prices = PriceList(told)
    assert prices.rates("My-Deployment") == PriceList().rates("gpt-4o")
    assert four(rate("other", prices=prices)) == (0.05, 0.5, 1.5, 1.5)
    assert four(rate("gpt-5", IN_2024, prices=prices)) == (1.0, 1.0, 2.0, 2.0)
    assert prices.rates("odd") == ()


def test_the_spans_of_every_model_meet_without_gap_or_overlap() -> None:
    for model in OPENAI.models:
        found = PriceList().rates(model.id)
        for since in {each.since for each in found}:
            lengths = [(each.above, each.upto) for each in found if each.since == since]
            assert (lengths[0][0], lengths[-1][1]) == (-1, 2**63 - 1)
            assert all(one[1] == other[0] for one, other in pairwise(lengths))
        spans = sorted({(each.since, each.until) for each in found})
        assert all(one[1] == other[0] for one, other in pairwise(spans))
        assert all(each.least_input <= each.most_input and each.least_output <= each.most_output for each in found)


@pytest.mark.parametrize(("cached", "at"), [(0, IN_2024), (0, IN_2026), (500, IN_2026), (1_000, IN_2026)])
@pytest.mark.parametrize("model", ["gpt-4o", "o3", "gpt-5.4", "gpt-5.6-luna", "gpt-4o-2024-05-13"])
@pytest.mark.parametrize("thousands", [1, 300])
def test_what_the_library_says_of_one_request_lies_within(
    model: str, cached: int, at: datetime, thousands: int
) -> None:
    used = Usage(input_tokens=thousands * 1_000, cache_read_tokens=thousands * cached, output_tokens=700)
    info = OPENAI.find_model(model)
    assert info is not None
    price = info.calc_price(used, OPENAI, genai_request_timestamp=at).total_price
    allowed = bounds(
        PriceList().rates(model),
        at,
        thousands * 1_000,
        input_tokens=thousands * 1_000,
        output_tokens=700,
        several=False,
    )
    assert allowed.least <= float(price) * (1 + 1e-9)
    assert float(price) <= allowed.most * (1 + 1e-9)
    if cached == 1_000:
        assert allowed.least == pytest.approx(float(price))
    if not cached and info.get_prices(at).cache_write_mtok is None:
        assert allowed.most == pytest.approx(float(price))


def test_several_calls_may_have_been_short_each_or_one_of_them_long() -> None:
    short, long = Decimal("0.25"), Decimal(5)
    allowed = bounds(
        PriceList().rates("gpt-5.4"), IN_2026, 300_000, input_tokens=MILLION, output_tokens=MILLION, several=True
    )
    assert allowed == Bounds(float(short + 15), float(long + Decimal("22.5")))
    one = bounds(PriceList().rates("gpt-5.4"), IN_2026, 300_000, input_tokens=MILLION, output_tokens=0, several=False)
    assert one == Bounds(0.5, 5.0)
    together = bounds(
        PriceList().rates("gpt-5.4"), IN_2026, 272_000, input_tokens=MILLION, output_tokens=0, several=True
    )
    assert together == Bounds(0.25, 2.5)


def test_prices_are_loaded_when_one_is_wanted_and_asked_of_nobody() -> None:
    told = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert told.stdout == "False 1 True\n"

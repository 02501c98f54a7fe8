"""List prices of models, from those that come with genai-prices: nothing is asked of anybody for them.

The library is loaded when the first price is wanted, for it takes a tenth of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, time
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from usage_dash.prices.rates import ALWAYS, ANY_LENGTH, Rate
from usage_dash.settings.prices import Dollars, OwnPrice

if TYPE_CHECKING:
    from decimal import Decimal

    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

_FIRST_ASKED: Final = "openai"  # whose models the chatbot uses; Azure has them at the same prices
_PER_MILLION: Final = "_mtok"
_INPUT: Final = ("input_", "cache_")
_OUTPUT: Final = ("output_",)


class PriceList:
    """What models cost, by their names as they are written; `own` says what some of them are, or cost."""

    def __init__(self, own: Iterable[OwnPrice] = ()) -> None:
        self._own = {each.model.lower(): each.stands_for for each in own}
        self._known: dict[str, tuple[Rate, ...]] = {}

    def rates(self, model: str) -> tuple[Rate, ...]:
        """Return a model's rates, of all times and lengths, each once; none if it has no list price.

        Case does not matter, nor does a provider in front of the name (“openai/”, “azure/eu/”, “openai:”), nor a date
        behind it that the price does not depend on. A name that settings tell is looked up as what they say.
        """
        if model not in self._known:
            self._known[model] = self._look_up(model)
        return self._known[model]

    def stands_for(self, model: str) -> str | None:
        """Return the model that the settings say a name stands for; None where they say nothing, or a price."""
        meant = self._own.get(model.lower())
        return None if isinstance(meant, Dollars) else meant

    def _look_up(self, model: str) -> tuple[Rate, ...]:
        meant = self._own.get(model.lower(), model)
        if isinstance(meant, Dollars):
            return (Rate(*ALWAYS, *ANY_LENGTH, meant.cached, meant.input, meant.output, meant.output),)
        found = _find(meant)
        return tuple(_rates(found)) if found else ()


def _find(name: str) -> ModelInfo | None:
    """Return the model that a name means: one of OpenAI's, else of the providers whose models are called so."""
    from genai_prices.data import providers  # noqa: PLC0415 - see the module's docstring

    called = name.lower().rsplit("/", 1)[-1].strip()
    provider, _, rest = called.partition(":")
    called = rest if provider in {each.id for each in providers} else called
    others = [each for each in providers if each.model_match is not None and each.model_match.is_match(called)]
    asked = [*(each for each in providers if each.id == _FIRST_ASKED), *others]
    models = (each.find_model(called, all_providers=providers) for each in asked)
    return next((model for model in models if model), None)


def _rates(model: ModelInfo) -> Iterator[Rate]:
    """Give a model's rates; none where one of its prices is not by tokens, as that of speech."""
    for since, until in pairwise((ALWAYS[0], *_changes(model), ALWAYS[1])):
        prices = list(_prices_from(model, since))
        inputs, outputs = _of(prices, _INPUT), _of(prices, _OUTPUT)
        if inputs:
            for above, upto in pairwise((ANY_LENGTH[0], *_lengths([*inputs, *outputs]), ANY_LENGTH[1])):
                into = [_price(price, above) for price in inputs]
                out = [_price(price, above) for price in outputs] or [0.0]  # embeddings have no output
                yield Rate(since, until, above, upto, min(into), max(into), min(out), max(out))


def _changes(model: ModelInfo) -> list[datetime]:
    """Return the times at which a model's prices change for good."""
    from genai_prices.types import StartDateConstraint  # noqa: PLC0415 - see the module's docstring

    constraints = [each.constraint for each in model.prices] if isinstance(model.prices, list) else []
    days = {each.start_date for each in constraints if isinstance(each, StartDateConstraint)}
    return [datetime.combine(day, time.min) for day in sorted(days)]


def _prices_from(model: ModelInfo, since: datetime) -> Iterator[ModelPrice]:
    """Give what a model costs from a change on, at each time of the day at which it costs something else."""
    from genai_prices.types import TimeOfDateConstraint  # noqa: PLC0415 - see the module's docstring

    constraints = [each.constraint for each in model.prices] if isinstance(model.prices, list) else []
    daily = [each for each in constraints if isinstance(each, TimeOfDateConstraint)]
    for at in {time.min, *(each.start_time for each in daily), *(each.end_time for each in daily)}:
        yield model.get_prices(datetime.combine(since, at))


def _of(prices: Iterable[ModelPrice], kinds: tuple[str, ...]) -> list[Decimal | TieredPrices]:
    """Return the prices of tokens of these kinds, whatever they hold: text, pictures or sound."""
    return [
        value
        for price in prices
        for key, value in vars(price).items()
        if key.startswith(kinds) and key.endswith(_PER_MILLION) and value is not None
    ]


def _lengths(prices: Iterable[Decimal | TieredPrices]) -> list[int]:
    """Return the input tokens beyond which a request costs more a token."""
    return sorted({tier.start for price in prices for tier in getattr(price, "tiers", ())})


def _price(price: Decimal | TieredPrices, above: int) -> float:
    """Return the price of a token in requests of just over `above` input tokens."""
    from genai_prices.types import TieredPrices  # noqa: PLC0415 - see the module's docstring

    if not isinstance(price, TieredPrices):
        return float(price)
    reached = [tier.price for tier in price.tiers if tier.start <= above]  # the shortest first
    return float(reached[-1] if reached else price.base)

"""Settings of prices: what is known of models that no price list knows by their names."""

from __future__ import annotations

import math
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Final, LiteralString

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from usage_dash.settings.readers import parts
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting

_ALLOWED: Final = (
    "a model's name with a known model, such as my-deployment=gpt-4o, or with dollars for a million tokens of input "
    "and output, such as other=0.5/1.5, or of input, cached input and output, such as other=0.5/0.05/1.5"
)
_PRICES = re.compile(r"[-+$\d.][-+$\d./e\s]*", re.ASCII)  # no model is called so
_SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Dollars:
    """Prices of a million tokens."""

    input: float
    cached: float
    output: float


@dataclass(frozen=True, slots=True)
class OwnPrice:
    """A model's name as it is written, and the known model that it stands for, or what it costs."""

    model: str
    stands_for: str | Dollars


def own_prices(value: object) -> object:
    """Return what a list with commas says of models. Raise a sentence that names what says nothing, or twice."""
    if not isinstance(value, str):
        return value
    found = tuple(map(_own_price, parts(value)))
    for name, times in Counter(each.model.lower() for each in found).items():
        if times > 1:
            raise _sentence("USAGE_DASH_PRICES says more than once what “{shown}” is: leave one of them.", name)
    return found


def _own_price(text: str) -> OwnPrice:
    model, _, meant = (part.strip() for part in text.rpartition("="))
    if not model or not meant:
        raise _wrong(text)
    return OwnPrice(model, _dollars(meant, text) if _PRICES.fullmatch(meant) else meant)


def _dollars(meant: str, text: str) -> Dollars:
    with suppress(ValueError):
        match [float(price) for price in meant.split("/")]:
            case [given, output] if _are_prices(given, output):
                return Dollars(given, given, output)
            case [given, cached, output] if _are_prices(given, cached, output) and cached <= given:
                return Dollars(given, cached, output)
    raise _wrong(text)


def _are_prices(*found: float) -> bool:
    return all(math.isfinite(price) and price >= 0 for price in found)


def _wrong(text: str) -> PydanticCustomError:
    return _sentence("USAGE_DASH_PRICES has “{shown}”, but must be {allowed}.", text)


def _sentence(sentence: LiteralString, text: str) -> PydanticCustomError:
    """Return an error whose message is a format, since anything may be written: that stands in its context."""
    shown = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    return PydanticCustomError("sentence", sentence, {"shown": shown, "allowed": _ALLOWED})


class PriceSettings(SourceSettings):
    """What models cost beside the price lists."""

    prices: Annotated[tuple[OwnPrice, ...], NoDecode, BeforeValidator(own_prices)] = setting(
        "USAGE_DASH_PRICES",
        (),
        "Which known models others stand for, or what they cost in dollars for a million tokens of input and output, "
        "or of input, cached input and output, with commas between: my-deployment=gpt-4o, other=0.5/1.5.",
        "models and what they are priced as, such as my-deployment=gpt-4o, other=0.5/1.5, with commas between",
        unset="the list prices that come with usage-dash",
    )

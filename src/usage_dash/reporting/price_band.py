"""What entries cost against what list prices allow, and what the same tokens would cost on other models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from usage_dash.prices.price_list import PriceList
from usage_dash.prices.rates import Bounds, Rate
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.pools import Pool, pools
from usage_dash.reporting.rows import rows
from usage_dash.reporting.spans import range_shown

MOST_OTHERS: Final = 6  # models that tokens are priced on

_MODELS = "SELECT slot, model FROM models WHERE slot >= 0"
_NAMES = "SELECT model FROM scoped_models ORDER BY slot"


@dataclass(frozen=True, slots=True)
class OnModel:
    """What some tokens would cost on a model, at today's list price."""

    model: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class PricedModel:
    """A model in the range: what its entries say that they cost, and what list prices of their times allow.

    `others` are what its tokens would cost on models of the range, itself included, the same for all.
    """

    slot: int
    model: str
    recorded: float
    bounds: Bounds
    others: tuple[OnModel, ...]


@dataclass(frozen=True, slots=True)
class Unpriced:
    """A model that no price list knows, by its name as it is written, and what its entries say of cost and calls.

    It `stands_for` another by the settings, which no list knows either.
    """

    slot: int
    model: str
    calls: int
    recorded: float
    stands_for: str | None = None


@dataclass(frozen=True, slots=True)
class PriceBands:
    """The models of a range with a list price, the dearest first, and those without, the most used first.

    Like is compared with like: `lacking` entries that do not say their cost or their tokens are left out on both sides.
    """

    models: tuple[PricedModel, ...]
    unpriced: tuple[Unpriced, ...]
    lacking: int


@dataclass(frozen=True, slots=True)
class SameTokens:
    """The tokens of a range on the models of the scope, the cheapest first, but for those of `lacking` entries.

    `recorded` is what these tokens cost by their entries.
    """

    recorded: float
    on: tuple[OnModel, ...]
    lacking: int


def price_bands(moment: Moment, filters: Filters, prices: PriceList) -> PriceBands:
    """Return what the chosen entries of the range cost, beside the least and the most that list prices allow.

    An entry is priced as the model that its own name means, also where models are read as families.
    """
    names = {each.slot: each.model for each in rows(moment, _MODELS)}
    found = pools(moment, range_shown(moment, filters), prices.rates)
    known = [pool for pool in found if pool.known and prices.rates(pool.written)]
    by_slot = defaultdict(list)
    for pool in known:
        by_slot[pool.slot].append(pool)
    dearest = sorted(by_slot, key=lambda slot: (-_cost(by_slot[slot]), names[slot]))
    others = [(names[slot], prices.rates(_usual(by_slot[slot]))) for slot in dearest[:MOST_OTHERS]]
    models = [
        PricedModel(
            slot=slot,
            model=names[slot],
            recorded=_cost(by_slot[slot]),
            bounds=_together(pool.priced(prices.rates(pool.written)) for pool in by_slot[slot]),
            others=tuple(_on(moment, other, rates, by_slot[slot]) for other, rates in others),
        )
        for slot in dearest
    ]
    return PriceBands(tuple(models), _unpriced(prices, found), _lacking(found))


def same_tokens(moment: Moment, filters: Filters, prices: PriceList) -> SameTokens:
    """Return what the tokens of the range would cost on each model that the scope has ever used, at today's prices.

    Models at the same price are told by the first of their names.
    """
    others: dict[tuple[Rate, ...], str] = {}
    for each in rows(moment, _NAMES):
        if rates := prices.rates(each.model):
            others.setdefault(rates, each.model)
    found = pools(moment, range_shown(moment, filters), prices.rates, [rate for rates in others for rate in rates])
    known = [pool for pool in found if pool.known]
    on = [_on(moment, model, rates, known) for rates, model in others.items()] if known else []
    return SameTokens(
        _cost(known),
        tuple(sorted(on, key=lambda each: (each.bounds.most, each.model))[:MOST_OTHERS]),
        _lacking(found),
    )


def _usual(of_model: Iterable[Pool]) -> str:
    """Return the name by which a model costs most, of those that are read as one."""
    return max(of_model, key=lambda pool: pool.cost).written


def _on(moment: Moment, model: str, rates: tuple[Rate, ...], used: Iterable[Pool]) -> OnModel:
    now = moment.now.replace(tzinfo=None)
    return OnModel(model, _together(pool.priced(rates, now) for pool in used))


def _unpriced(prices: PriceList, found: Iterable[Pool]) -> tuple[Unpriced, ...]:
    by_name = defaultdict(list)
    for pool in found:
        if not prices.rates(pool.written):
            by_name[pool.slot, pool.written].append(pool)
    models = [
        Unpriced(slot, written, sum(pool.calls for pool in of_model), _cost(of_model), prices.stands_for(written))
        for (slot, written), of_model in by_name.items()
    ]
    return tuple(sorted(models, key=lambda model: (-model.calls, model.model)))


def _lacking(found: Iterable[Pool]) -> int:
    return sum(pool.entries for pool in found if not pool.known)


def _cost(found: Iterable[Pool]) -> float:
    return sum(pool.cost for pool in found)


def _together(found: Iterable[Bounds]) -> Bounds:
    least, most = zip(*found, strict=True)
    return Bounds(sum(least), sum(most))

"""Whether what entries say that they cost lies between the least and the most that list prices allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from usage_dash.checks.check import Band, Check, State, Table
from usage_dash.checks.named import listed, short
from usage_dash.checks.rules import Rules
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters, RangeName
from usage_dash.reporting.price_band import PriceBands, PricedModel, Unpriced, price_bands
from usage_dash.wording import formats
from usage_dash.wording.amounts import span_of_money

_DAYS: Final = RangeName.MONTH
_KEY: Final = "price-band"
_MOST_BANDS: Final = 20

_NOT_TOLD: Final = "which entries do not tell apart"
_ABOVE: Final = (
    "The writer’s table has an older or another price, or it adds cached or reasoning tokens once more; or calls went "
    f"by priority processing or used tools such as web search, {_NOT_TOLD}."
)
_BELOW: Final = (
    "The writer’s table has an older or another price; or calls went by batch or flex processing, or you have a "
    f"discount, {_NOT_TOLD}."
)
_HOW: Final = (
    "At the list price of each entry’s time, the least is with all input cached, the most with none, and what was "
    "recorded lies between."
)
_WHEN: Final = "As soon as the cost of a model in 30 days is out of its band by more than half a percent."
_CANNOT: Final = "An entry is compared when its model has a list price, and it says its cost and its tokens."


def price_band(moment: Moment, rules: Rules) -> Check | None:
    """Return how the cost of each model in 30 days compares with its list price; None where there was no entry."""
    found = price_bands(moment, Filters(_DAYS), rules.prices)
    if not (found.models or found.unpriced or found.lacking):
        return None
    priced = [Band(each.slot, each.model, each.recorded, *each.bounds) for each in found.models]
    outside = sorted(filter(_beyond, priced), key=_beyond, reverse=True)
    if outside:
        return _outside(found, outside)
    return _within(found) if found.models else _unknown(found)


def _outside(found: PriceBands, outside: Sequence[Band]) -> Check:
    worst, above = outside[0], [each.above > 0 for each in outside]
    correct = f"Correct the price of {listed([each.model for each in outside])} in the writer."
    return Check(
        key=_KEY,
        state=State.LOOK,
        title=_title(outside),
        detail=_detail(found, outside),
        figure=_share_beyond(worst),
        unit="over the most" if above[0] else "under the least",
        why=" ".join([*([_ABOVE] if any(above) else []), *([] if all(above) else [_BELOW])]),
        todo=" ".join([correct, *_to_name(found.unpriced)]),
        dollars=sum(map(_beyond, outside)),
        table=_same_tokens(found.models),
        bands=_bands(found),
    )


def _within(found: PriceBands) -> Check:
    return Check(
        key=_KEY,
        state=State.GOOD,
        title="Costs lie within list prices",
        detail=_detail(found, ()),
        figure=formats.number(len(found.models)),
        unit=f"{formats.agree(len(found.models), 'model', 'models')} compared",
        why=_HOW,
        todo=" ".join([_WHEN, *_to_name(found.unpriced)]),
        table=_same_tokens(found.models),
        bands=_bands(found),
    )


def _unknown(found: PriceBands) -> Check:
    return Check(
        key=_KEY,
        state=State.UNKNOWN,
        title="Costs cannot be compared with list prices",
        detail=_detail(found, ()),
        figure=formats.UNKNOWN,
        unit="models compared",
        why=_CANNOT,
        todo=" ".join(_to_name(found.unpriced)) or "Let the writer say the cost and the tokens of each entry.",
        bands=_bands(found),
    )


def _beyond(band: Band) -> float:
    """Return by how many dollars a model is out of its band."""
    return band.above or band.below


def _share_beyond(band: Band) -> str:
    sign, bound = ("+", band.most) if band.above else ("−", band.least)
    return f"{sign}{formats.change(_beyond(band) / bound) if bound else formats.money(_beyond(band))}"


def _title(outside: Sequence[Band]) -> str:
    sides = {each.above > 0 for each in outside}
    side = "outside" if len(sides) > 1 else "above" if True in sides else "below"
    if len(outside) == 1:
        return f"{short(outside[0].model)} is recorded {side} its list price"
    return f"{len(outside)} models are recorded {side} their list prices"


def _detail(found: PriceBands, outside: Sequence[Band]) -> str:
    within, unpriced = len(found.models) - len(outside), len(found.unpriced)
    calls = formats.counted(sum(each.calls for each in found.unpriced), "call")
    told = [
        f"{formats.counted(within, 'model')} {formats.agree(within, 'lies', 'lie')} within" if within else "",
        f"{formats.counted(unpriced, 'model')} {_have_no_price(unpriced)} and {_count(unpriced)} {calls}"
        if unpriced
        else "",
        f"{formats.counted(found.lacking, 'entry', 'entries')} without cost or tokens left out"
        if found.lacking
        else "",
    ]
    return "; ".join(filter(None, told)) or "In the last 30 days"


def _have_no_price(models: int) -> str:
    return f"{formats.agree(models, 'has', 'have')} no list price"


def _count(models: int) -> str:
    return formats.agree(models, "counts", "count")


def _to_name(unpriced: Sequence[Unpriced]) -> list[str]:
    untold = [each.model for each in unpriced if each.stands_for is None]
    told = list(dict.fromkeys(each.stands_for for each in unpriced if each.stands_for is not None))
    found = [(untold, "say in `USAGE_DASH_PRICES` what to price {} as"), (told, "`USAGE_DASH_PRICES` names {}")]
    return [
        f"{listed(names)} {_have_no_price(len(names))}: {what.format(formats.agree(len(names), 'it', 'them'))}."
        for names, what in found
        if names
    ]


def _bands(found: PriceBands) -> tuple[Band, ...]:
    """Return the bands of the dearest models; one that is told to be out of its band is among them."""
    priced = [Band(each.slot, each.model, each.recorded, *each.bounds) for each in found.models]
    shown = {each.slot for each in sorted(priced, key=_beyond, reverse=True)[:_MOST_BANDS]}
    unpriced = [Band(each.slot, each.model, each.recorded, None, None) for each in found.unpriced]
    return (*(each for each in priced if each.slot in shown), *unpriced[:_MOST_BANDS])


def _same_tokens(models: Sequence[PricedModel]) -> Table:
    """Return what the tokens of each model would cost on others, at today's list prices."""
    heads = ("The same tokens", "Recorded", *(f"On {short(each.model)}" for each in models[0].others))
    rows = [
        (
            short(each.model),
            formats.whole_money(each.recorded),
            *(span_of_money(*other.bounds) for other in each.others),
        )
        for each in models[:_MOST_BANDS]
    ]
    return Table(heads, tuple(rows))

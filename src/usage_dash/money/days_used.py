"""Days as what was used on them, to be split against each other."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from statistics import fmean

from usage_dash.money.decomposition import OfModel, Usage
from usage_dash.reporting.usual import Kind, MadeOf


def usage_of(parts: Iterable[MadeOf], users: int) -> Usage:
    """Return what was used on a day; `users` are those of its models."""
    found, models = list(parts), {}
    of_kind = {kind: math.fsum(each.cost for each in found if each.kind is kind) for kind in Kind}
    for each in found:
        if each.kind is Kind.SPLIT:
            models[each.model or ""] = OfModel(each.calls, each.tokens, each.cost)
    return Usage(
        users=users if models else 0,
        models=models,
        not_itemised=max(of_kind[Kind.NOT_ITEMISED], 0.0),
        gone=of_kind[Kind.GONE],
        unknown=of_kind[Kind.UNKNOWN],
    )


def average(days: Collection[Usage]) -> Usage:
    """Return what was used on one of some days on average."""
    models = {
        name: OfModel(
            fmean(each.of(name).calls for each in days),
            fmean(each.of(name).tokens for each in days),
            fmean(each.of(name).cost for each in days),
        )
        for name in {name for each in days for name in each.models}
    }
    return Usage(
        users=fmean(each.users for each in days),
        models=models,
        not_itemised=fmean(each.not_itemised for each in days),
        gone=fmean(each.gone for each in days),
        unknown=fmean(each.unknown for each in days),
    )

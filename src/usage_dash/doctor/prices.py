"""The price list: whether it knows the models that are used."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from usage_dash.checks.check import Check
from usage_dash.doctor.source import Seen
from usage_dash.doctor.told import good, look
from usage_dash.prices.price_list import PriceList

_NAMED: Final = 5  # models that are named


def prices(seen: Seen, known: PriceList) -> Check | None:
    """Tell which models of the sample have no list price; None where it names no model."""
    models = sorted(set(seen.sample.batch.entries["model"].to_pylist()))
    if not models:
        return None
    listed = f"The list is that of genai-prices {version('genai-prices')}; a newer one knows newer models"
    unknown = [model for model in models if not known.rates(model)]
    if not unknown:
        return good("prices", "Every model of the sample has a list price", listed)
    more = " and more" if len(unknown) > _NAMED else ""
    named = ", ".join(f"“{model}”" for model in unknown[:_NAMED])
    return look("prices", f"Of {named}{more} no list price is known", _SAY_IT, listed)


_SAY_IT: Final = (
    "What they cost cannot be held against a price. Say in USAGE_DASH_PRICES which model each is, or what it costs."
)

"""What is checked against: limits and prices that the settings name."""

from __future__ import annotations

from dataclasses import dataclass, field

from usage_dash.documents.sizes import LARGEST_DOCUMENT
from usage_dash.prices.price_list import PriceList


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits of one dashboard's checks."""

    document_limit: int = LARGEST_DOCUMENT  # bytes
    silent_hours: int = 6
    prices: PriceList = field(default_factory=PriceList)

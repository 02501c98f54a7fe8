"""Costs in the currency that the settings name, beside what they are in US dollars."""

from __future__ import annotations

from dash import html

from usage_dash.reporting.sums import Sum
from usage_dash.settings.currencies import Currency
from usage_dash.wording import formats
from usage_dash.wording.amounts import is_bound


def converted(cost: Sum, currency: Currency | None) -> list[html.Span]:
    """A cost in small words, with the rate on hover; nothing without a currency, and of what is unknown."""
    if currency is None or cost.least is None:
        return []
    unit = formats.unit(currency.code)
    about = "≥" if is_bound(cost) else "≈"
    said = f"{about} {formats.whole_money(cost.least * currency.rate, unit)}"
    rate = f"at {unit}{formats.rate(currency.rate)} a dollar, since {formats.day(currency.since)}"
    return [html.Span(said, className="converted num", title=rate)]

"""What the tokens of a user would cost on other models, beneath those that were used."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import foreign
from usage_dash.reporting.price_band import OnModel, SameTokens
from usage_dash.wording import formats
from usage_dash.wording.amounts import span_of_money


def on_another_model(same: SameTokens) -> list[Component]:
    """Return one line, from all input cached to none; nothing where no price or no token is known."""
    if not same.on:
        return []
    left_out = f", without {formats.counted(same.lacking, 'entry', 'entries')} of unknown cost or tokens"
    said = f"The same tokens on other models, at today’s list prices{left_out if same.lacking else ''}:"
    return [html.P([html.Span(said), *map(_priced, same.on)], className="instead num")]


def _priced(on: OnModel) -> html.Span:
    return html.Span([foreign(on.model), " ", html.B(span_of_money(*on.bounds))])

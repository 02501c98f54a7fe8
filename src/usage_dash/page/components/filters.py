"""The range switch, and the days that it stands for."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import dash_bootstrap_components as dbc
from dash import html

from usage_dash.page import formats, ids
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.ranges import OFFERS
from usage_dash.reporting.view_models import Range


def layout() -> html.Div:
    """The switch, at the range that is shown first, as radio buttons that look like one control."""
    switch = dbc.RadioItems(
        id=ids.RANGE,
        name=ids.RANGE,  # one stop for the Tab key, arrows between
        options=[{"label": offer.switch, "value": name.value} for name, offer in OFFERS.items()],
        value=Filters().range.value,
        className="seg",
        inputClassName="btn-check",
        labelClassName="",
    )
    return html.Div(
        [
            html.Fieldset([html.Legend("Range", className="visually-hidden"), switch]),
            html.Span(className="grow"),
            html.Span(id=ids.RANGE_TEXT, className="sub num"),
        ],
        className="filters",
    )


def range_text(shown: Range, zone: ZoneInfo, *, compared: bool) -> str:
    """The range's days, their time zone, and what the change is measured against."""
    length = (shown.last - shown.first).days + 1
    against = [f"vs previous {length} days" if length > 1 else "vs previous day"] if compared else []
    return " · ".join([formats.days(shown.first, shown.last), zone.key, *against])

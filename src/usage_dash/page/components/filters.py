"""The range switch, and the days that it stands for."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from usage_dash.page import formats
from usage_dash.page.components.elements import attributes
from usage_dash.page.request import Asked
from usage_dash.reporting.ranges import OFFERS
from usage_dash.reporting.view_models import Range


def bar(asked: Asked, shown: Range, zone: ZoneInfo, *, compared: bool) -> list[Component]:
    """The switch, and the days that it stands for."""
    buttons = [
        html.Button(
            offer.switch,
            type="button",
            className="b",
            **attributes(
                data_set=json.dumps({"range": name.value, "from": None, "to": None}),
                aria_pressed=str(name is asked.filters.range).lower(),
            ),
        )
        for name, offer in OFFERS.items()
    ]
    return [
        html.Div(buttons, className="seg"),
        html.Span(className="grow"),
        html.Span(range_text(shown, zone, compared=compared)),
    ]


def range_text(shown: Range, zone: ZoneInfo, *, compared: bool) -> str:
    """The range's days, their time zone, and what the change is measured against."""
    length = (shown.last - shown.first).days + 1
    against = [f"vs previous {length} days" if length > 1 else "vs previous day"] if compared else []
    return " · ".join([formats.days(shown.first, shown.last), zone.key, *against])

"""What several components are made of."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from usage_dash.page.names import contained

Children = list[Component | str]


def attributes(**values: str) -> dict[str, Any]:
    """`data_…` and `aria_…` keywords as HTML attributes; Dash takes them, but its types do not know them."""
    return {name.replace("_", "-"): value for name, value in values.items()}


def foreign(name: str) -> html.Bdi:
    """A name that others chose, fenced."""
    return html.Bdi(contained(name))


def icon(name: str) -> html.Span:
    """An icon of assets/icons.css, in the colour of the text beside it, which must say the same."""
    return html.Span(className=f"icon icon-{name}", **attributes(aria_hidden="true"))

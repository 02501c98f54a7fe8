"""What several components are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from usage_dash.page.marks import token
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


def swatch(slot: int) -> html.Span:
    """The colour that the model with this slot has for good, beside its name."""
    return html.Span(className="swatch", style={"background": f"var(--ud-model-{token(slot)})"})


def hatch() -> html.Span:
    """What stands in the place of a swatch beside what is not itemised."""
    return html.Span(className="swatch hatch")


def crumbs(before: Sequence[tuple[str, str]], here: Component | str) -> html.Nav:
    """The way here: names and addresses of what lies before, and what is looked at."""
    way = [html.A(name, href=address, **attributes(data_go="")) for name, address in before]
    steps = [*way, html.B(here, **attributes(aria_current="page"))]
    items = [html.Li([*([icon("chevron-right")] if number else []), step]) for number, step in enumerate(steps)]
    return html.Nav(html.Ol(items), className="crumbs", **attributes(aria_label="Where you are"))


def panel(title: str, aside: str, content: Children) -> html.Section:
    """A card with a title, and a word on what its figures are of."""
    name = f"{title.lower().replace(' ', '-')}-title"
    head = html.Div([html.H2(title, id=name), html.Span(aside, className="sub")], className="hd")
    return html.Section([head, *content], className="card part", **attributes(aria_labelledby=name))


def meter(share: float, told: str, *, mark: float | None = None, hot: bool = False) -> html.Div:
    """A bar that is filled as far as `share`, with a mark somewhere; `told` says it in words."""
    filled = html.I(style={"width": f"{100 * min(share, 1):.1f}%"})
    marks = [] if mark is None else [html.U(style={"left": f"{mark:.0%}"})]
    look = "meter hot" if hot else "meter"
    return html.Div([filled, *marks], className=look, role="img", **attributes(aria_label=told))

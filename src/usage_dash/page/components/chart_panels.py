"""The panels that charts stand in, and what stands around a figure; assets/charts.js puts it all in its place.

A panel is there before anything is known. What an answer brings for it has a name, which is also the end of the id of
the element that takes it: the chart's head, its key, its words for those who do not see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, attributes, icon
from usage_dash.page.components.popover import Change, menu, opens, sets

PARTS = {"head": "children", "key": "children", "summary": "aria-label"}  # by name, the property that takes it


@dataclass(frozen=True, slots=True)
class Option:
    """One of the choices of a switch: its label, and what it makes of the page's address."""

    label: str
    change: Change
    chosen: bool


def part_id(chart: str, part: str) -> str:
    """Return the id of the element that takes a part of a chart."""
    return f"{chart}-{part}"


def panel_id(chart: str) -> str:
    """Return the id of the chart's panel."""
    return f"{chart}-panel"


def panel(chart: str, title: str, *, hidden: bool = False) -> html.Section:
    """Return a chart's panel, before anything is known; `hidden` where there may be nothing to know."""
    graph = dcc.Graph(
        id=chart,
        figure={"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}},
        config={"displayModeBar": False, "showTips": False},
        responsive=True,
        className="graph",
    )
    plot = html.Div(
        graph,
        id=part_id(chart, "summary"),
        className="plot",
        role="img",
        **attributes(aria_label=f"{title}: loading"),
    )
    return html.Section(
        [
            html.Div(
                [html.Div(head(chart, title, ""), id=part_id(chart, "head"), className="told"), _tools(chart, title)],
                className="hd",
            ),
            html.Div(
                [plot, html.Div(id=part_id(chart, "key"), className="key num"), _table(chart)], className="drawing"
            ),
        ],
        id=panel_id(chart),
        className="card panel",
        hidden=hidden,
        **attributes(aria_labelledby=f"{chart}-title"),
    )


def head(chart: str, title: str, caption: str, switches: Sequence[Component] = ()) -> Children:
    """Return what stands above a figure."""
    return _head(html.H2(title, id=f"{chart}-title"), caption, switches)


def head_of_many(
    chart: str, title: str, caption: str, choices: Sequence[Component], switches: Sequence[Component]
) -> Children:
    """Return what stands above a figure of which there are many: its title opens the menu of them."""
    popover = f"{chart}-choices"
    button = html.Button(
        [title, icon("chevron-down")], className="quiet titled", type="button", **opens(popover, "menu")
    )
    parts = [html.H2(button, id=f"{chart}-title"), menu(popover, "What is shown", list(choices), [])]
    return _head(html.Div(parts, className="anchor"), caption, switches)


def _head(title: Component, caption: str, switches: Sequence[Component]) -> Children:
    return [
        title,
        html.Span(caption, className="sub num"),
        html.Span(list(switches), className="switches"),
    ]


def switch(label: str, options: Sequence[Option]) -> html.Div:
    """Return radio buttons side by side; one stop for the Tab key, arrows between."""
    buttons = [
        html.Button(
            option.label,
            type="button",
            role="radio",
            tabIndex=0 if option.chosen else -1,
            **attributes(aria_checked=str(option.chosen).lower()),
            **sets(option.change),
        )
        for option in options
    ]
    return html.Div(buttons, className="seg small", role="radiogroup", **attributes(aria_label=label))


def toggle(label: str, change: Change, *, pressed: bool) -> html.Div:
    """Return a button that stays pressed, and what a press makes of the page's address."""
    button = html.Button(label, type="button", **attributes(aria_pressed=str(pressed).lower()), **sets(change))
    return html.Div(button, className="seg small")


def key(entries: Sequence[tuple[str, str | html.Span]]) -> Children:
    """Return what the strokes of a figure mean: the class that draws each, and its words."""
    return [html.Span([html.I(className=stroke), words]) for stroke, words in entries]


def _tools(chart: str, title: str) -> html.Div:
    """Return what can be done with a figure (assets/chart_tools.js)."""
    popover, button = f"{chart}-tools", f"{chart}-more"
    more = html.Button(
        icon("ellipsis"),
        id=button,
        className="b square small",
        type="button",
        **opens(popover, "menu"),
        **attributes(aria_label="Menu of", aria_labelledby=f"{button} {chart}-title"),
    )
    items: list[Component] = [
        _tool("table", "Show as table", role="menuitemcheckbox", aria_checked="false", data_shows_table=chart),
        _tool("image-down", "Save as PNG", role="menuitem", data_saves=chart),
    ]
    return html.Div([more, menu(popover, title, items, [], aside="right")], className="anchor")


def _tool(picture: str, said: str, *, role: str, **more: str) -> html.Button:
    return html.Button(
        [icon(picture), said],
        type="button",
        role=role,
        tabIndex=-1,
        **attributes(data_closes_popover="", **more),
    )


def _table(chart: str) -> html.Div:
    """Return the place of a figure's table, which can be longer than it."""
    return html.Div(
        id=f"{chart}-table",
        className="as-table",
        role="group",
        tabIndex=0,
        **attributes(aria_labelledby=f"{chart}-title"),
    )

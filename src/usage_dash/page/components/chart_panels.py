"""The panels that charts stand in, and what stands around a figure; assets/charts.js puts it all in its place.

A panel is there before anything is known. What an answer brings for it has a name, which is also the end of the id of
the element that takes it: the chart's head, its key, its words for those who do not see it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dash import dcc, html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, attributes

PARTS = {"head": "children", "key": "children", "summary": "aria-label"}  # by name, the property that takes it


@dataclass(frozen=True, slots=True)
class Option:
    """One of the choices of a switch: its label, and what it makes of the page's address."""

    label: str
    change: Mapping[str, str | None]
    chosen: bool


def part_id(chart: str, part: str) -> str:
    """Return the id of the element that takes a part of a chart."""
    return f"{chart}-{part}"


def panel_id(chart: str) -> str:
    """Return the id of the chart's panel."""
    return f"{chart}-panel"


def panel(chart: str, title: str) -> html.Section:
    """Return a chart's panel, before anything is known."""
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
            html.Div(html.Div(head(chart, title, ""), id=part_id(chart, "head"), className="told"), className="hd"),
            html.Div([plot, html.Div(id=part_id(chart, "key"), className="key num")], className="drawing"),
        ],
        id=panel_id(chart),
        className="card panel",
        **attributes(aria_labelledby=f"{chart}-title"),
    )


def head(chart: str, title: str, caption: str, switches: Sequence[Component] = ()) -> Children:
    """Return what stands above a figure."""
    return [
        html.H2(title, id=f"{chart}-title"),
        html.Span(caption, className="sub num"),
        html.Span(list(switches), className="switches"),
    ]


def switch(label: str, options: Sequence[Option]) -> html.Div:
    """Return buttons of which one is pressed."""
    buttons = [
        html.Button(
            option.label,
            type="button",
            **attributes(aria_pressed=str(option.chosen).lower(), data_set=json.dumps(option.change)),
        )
        for option in options
    ]
    return html.Div(buttons, className="seg small", role="group", **attributes(aria_label=label))


def key(entries: Sequence[tuple[str, str]]) -> Children:
    """Return what the strokes of a figure mean: the class that draws each, and its words."""
    return [html.Span([html.I(className=stroke), words]) for stroke, words in entries]

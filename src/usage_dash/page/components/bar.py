"""The explore bar, and beneath it what is looked at.

Its order is that of the question: when, which models, which team, who; then what to compare with, and to take along.

On a wide page models and team stand in the bar; on a phone they are in one sheet that comes from below.
"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.page import ids
from usage_dash.page.components import calendar
from usage_dash.page.components.chips import looked_at
from usage_dash.page.components.compare_menu import compare_menu
from usage_dash.page.components.elements import Children, attributes, icon
from usage_dash.page.components.export_menu import export_menu
from usage_dash.page.components.model_menu import model_menu
from usage_dash.page.components.popover import clears, field, opens
from usage_dash.page.components.range_switch import radios, range_switch
from usage_dash.page.components.seen import Seen
from usage_dash.page.components.team_menu import team_menu
from usage_dash.reporting.filters import Filters
from usage_dash.wording import formats


def layout() -> html.Div:
    """The bar before anything is known. What one types into stays; answers fill the places around it."""
    return html.Div(
        [
            html.Div(
                [
                    html.Div(_not_yet(), id=ids.BAR_START),
                    calendar.layout(),
                    _finder(),
                    html.Span(className="grow desk"),
                    html.Div(id=ids.BAR_END),
                ],
                className="explore",
                role="search",
                **attributes(aria_label="Explore"),
            ),
            html.Div(id=ids.LOOKED, className="looked num"),
            html.Div(id=ids.ALOUD, className="visually-hidden", role="status"),
        ],
        id=ids.BAR,
        className="bar",
    )


def _not_yet() -> list[Component]:
    """Return what will stand before the field, of nearly its size, so that the field hardly moves."""
    custom = html.Button("Custom", type="button", disabled=True)
    models = html.Button(
        [html.Span("Models"), " ", html.B("All"), icon("chevron-down")], className="b pick", disabled=True
    )
    return [
        _anchor([html.Div([radios(Filters().range), custom], className="seg")], "ranges"),
        _anchor([models], "desk"),
    ]


def bar(seen: Seen) -> dict[str, list[Component]]:
    """Return what fills the bar, by the names in `answer.OUTPUTS`."""
    start: list[Component] = [_anchor(range_switch(seen), "ranges"), _filters_button(seen), _sheet(seen)]
    end: list[Component] = [
        _anchor(compare_menu(seen, ids.COMPARE, aside="right"), "desk"),
        _anchor(export_menu(seen), "take"),
    ]
    return {"bar_start": start, "bar_end": end, "looked": looked_at(seen)}


def _anchor(parts: list[Component], name: str) -> html.Div:
    """Return what a popover opens under."""
    return html.Div(parts, className=f"anchor {name}")


def _filters_button(seen: Seen) -> html.Button:
    count = [html.Span(str(seen.chosen), className="count")] if seen.chosen else []
    return html.Button(
        [icon("sliders-horizontal"), "Filters", *count],
        className="b phone-only",
        type="button",
        **opens(ids.FILTERS, "dialog"),
    )


def _sheet(seen: Seen) -> html.Div:
    """Return models and team, which on a phone are a sheet with a head, and a foot that says what it will show."""
    close = html.Button(
        icon("x"), className="b square", type="button", **attributes(aria_label="Close", data_closes_popover="")
    )
    return html.Div(
        [
            html.Div([html.H2("Filters"), close], className="hd"),
            _anchor(model_menu(seen), "section"),
            _anchor(team_menu(seen), "section"),
            _anchor(compare_menu(seen, ids.COMPARE_IN_SHEET), "section phone-only"),
            html.Div(_acts(seen), className="acts"),
        ],
        id=ids.FILTERS,
        className="sheet",
        **attributes(data_label="Filters"),
    )


def _acts(seen: Seen) -> Children:
    users = "" if seen.person else f" {formats.counted(seen.counts.users, 'user')}"
    return [
        html.Button("Clear all", className="b", type="button", **clears(seen)),
        html.Button(f"Show{users}", className="b primary", type="button", **attributes(data_closes_popover="")),
    ]


def _finder() -> html.Div:
    """Return the field by which users are found (assets/find_user.js) and the place of those found."""
    found = html.Div(id=ids.FOUND_USERS, className="pop people")
    return _anchor([field("Find a user", data_finds_users=""), found], "who")

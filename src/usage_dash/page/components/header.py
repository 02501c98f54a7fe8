"""The bar at the top: name, source, pages, live status, refresh and theme buttons, who looks."""

from __future__ import annotations

from dash import html

from usage_dash.page import ids
from usage_dash.page.components.elements import Children, attributes, foreign, icon
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.page.request import TRUST
from usage_dash.repository.base import Source
from usage_dash.sync.state import Phase, SyncState
from usage_dash.wording import formats

_LABELS = {Phase.LOADING: "Loading", Phase.LIVE: "Live", Phase.STALE: "Stale", Phase.ERROR: "No data"}


def layout() -> html.Header:
    """The bar, before anything is known."""
    return html.Header(
        html.Div(
            [
                mark(),
                html.H1("OpenAI usage"),
                html.Span(id=ids.SOURCE, className="sub source"),
                html.Nav(id=ids.PAGES, className="pages", **attributes(aria_label="Pages")),
                html.Span(className="grow"),
                html.Div(pill("loading", _LABELS[Phase.LOADING], []), id=ids.STATUS_SLOT),
                html.Button(
                    [icon("refresh-cw"), html.Span("Refresh", className="wide")],
                    id=ids.REFRESH_BUTTON,
                    className="b",
                    type="button",
                    title="Refresh now",
                    **attributes(aria_keyshortcuts="r"),
                ),
                html.Button(icon("theme"), id=ids.THEME_BUTTON, className="b square", type="button", title="Theme"),
                html.Div(id=ids.ACCOUNT),
            ],
            className="in",
        ),
        className="topbar",
    )


def mark() -> html.Div:
    """The three bars."""
    return html.Div([html.I(), html.I(), html.I()], className="mark", **attributes(aria_hidden="true"))


def pages(links: Links, at: str, pressing: int) -> list[html.A]:
    """The ways to the pages, of which the one `at` a path is looked at, or what lies below it, as a user's page does.

    `pressing` is how many checks somebody is to do something about.
    """
    overview = {} if at == TRUST else attributes(aria_current="true" if at else "page")
    trust = attributes(aria_current="page") if at == TRUST else {}
    return [
        html.A("Overview", href=links.overview(), **overview, **attributes(data_go="")),
        html.A(["Trust", *_badge(pressing)], href=links.trust(), **trust, **attributes(data_go="")),
    ]


def _badge(pressing: int) -> Children:
    if not pressing:
        return []
    words = f", {formats.counted(pressing, 'thing')} to look at"
    shown = html.Span(formats.number(pressing), className="count num", **attributes(aria_hidden="true"))
    return [shown, html.Span(words, className="visually-hidden")]


def source_name(source: Source) -> html.Bdi:
    """Where the data comes from."""
    return foreign(source.label)


def status(state: SyncState, source: Source, clock: Clock) -> html.Div:
    """The status pill."""
    name = "demo" if source.sample and state.phase is Phase.LIVE else state.phase.value
    age: Children = [] if state.data_time is None else [" · updated ", clock.since_data(state.data_time)]
    return pill(name, _LABELS[state.phase], age)


def pill(name: str, label: str, age: Children) -> html.Div:
    """The status: its `data-state`, a word for it, and an age that follows."""
    return html.Div(
        [html.Span(className="dot"), html.Span(label), html.Span(age, className="wide num age")],
        id=ids.STATUS,
        className="live",
        **attributes(data_state=name),
    )

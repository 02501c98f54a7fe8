"""The checks, one beneath the other: how each stands, and behind that why, what to do, and whom it concerns.

What a viewer opened stays open whatever comes (assets/trust.js).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from usage_dash.checks.check import Band, Check, Concerned, State, Table
from usage_dash.page import ids
from usage_dash.page.components.dialogs import opener
from usage_dash.page.components.elements import Children, attributes, foreign, icon, swatch
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.page.names import contained
from usage_dash.wording import formats
from usage_dash.wording.amounts import span_of_money

_LOOKS: Final = {  # of a state: the class that colours it, its icon, its word
    State.ACT: ("act", "circle-alert", "Act"),
    State.LOOK: ("look", "triangle-alert", "Look"),
    State.GOOD: ("ok", "check", "Good"),
    State.UNKNOWN: ("unknown", "hourglass", "Not known"),
}
_WHY: Final = {State.GOOD: ("How it is known", "When this changes")}
_TOLD: Final = "When you are told"
_NOBODY_TOLD: Final[Mapping[str, str]] = {}
_WRITER: Final = "docs/writer.md"
_WHY_ELSE: Final = ("Likely cause", "What to do")


def check_list(
    checks: Sequence[Check],
    names: Mapping[str, str],
    clock: Clock,
    links: Links,
    told: Mapping[str, str] = _NOBODY_TOLD,
) -> html.Section:
    """All checks; the first is open where there is something to do.

    `told` says when somebody is told, by the keys of checks; those that are good say so.
    """
    nothing = checks and not any(check.is_pressing for check in checks)
    head = html.Div(
        [
            html.H2("Checks", id="checks-title"),
            html.Span("Nothing to do" if nothing else "heaviest first", className="sub"),
            html.Span(["as of ", html.Time(formats.clock(clock.now, clock.zone))], className="sub end num"),
        ],
        className="hd",
    )
    rows = [
        _check(check, _more(check, names, links, told.get(check.key, "")), clock, first=number == 0)
        for number, check in enumerate(checks)
    ]
    return html.Section([head, *rows], className="card checks", **attributes(aria_labelledby="checks-title"))


def state(found: State, words: str = "") -> html.Span:
    """How something stands: an icon, a word and a colour."""
    look, image, word = _LOOKS[found]
    return html.Span([icon(image), words or word], className=f"state {look}")


def spelled(text: str) -> Children:
    """Return a text in which what a program reads stands between backticks."""
    parts = text.split("`")
    return [html.Code(contained(part)) if number % 2 else contained(part) for number, part in enumerate(parts) if part]


def _advice(text: str) -> html.P:
    """A text of which the corrected writer, where it is named, can be had here."""
    before, named, after = text.replace(f"`{_WRITER}`", _WRITER).partition(_WRITER)
    writer = [opener(ids.WRITER, [html.Code(_WRITER)], "quiet")] if named else []
    return html.P([*spelled(before), *writer, *spelled(after)])


def _check(check: Check, more: Sequence[Component], clock: Clock, *, first: bool) -> Component:
    figure = clock.age(check.since) if check.since else contained(check.figure)
    said = html.Span([html.B(spelled(check.title)), html.Small(spelled(check.detail))], className="say")
    much = html.Span([html.B(figure), html.Small(spelled(check.unit))], className="much num")
    if not more:
        return html.Div([state(check.state), said, much], id=f"check-{check.key}", className="checked lone")
    head = html.Summary([state(check.state), said, much, icon("chevron-right")])
    opened = first and check.is_pressing
    return html.Details(
        [head, html.Div(list(more), className="more")], id=f"check-{check.key}", className="checked", open=opened
    )


def _more(check: Check, names: Mapping[str, str], links: Links, told: str) -> list[Component]:
    why, todo = _WHY.get(check.state, _WHY_ELSE)
    texts = [(why, check.why), (todo, check.todo)]
    texts += [(_TOLD, f"{told}.")] if told and check.state is State.GOOD else []
    parts: list[Component] = [_part(title, _advice(text)) for title, text in texts if text]
    if check.facts:
        facts = [html.Div([html.Dt(spelled(term)), html.Dd(spelled(value))]) for term, value in check.facts]
        parts.append(html.Dl(facts, className="all facts num"))
    if check.table:
        parts.append(_scrolling(check.table))
    if check.bands:
        title = "Recorded cost, between the least and the most that list prices allow"
        parts.append(_part(title, html.Div([_band(band) for band in check.bands], className="bands num"), whole=True))
    if check.users:
        parts.append(_part("Users concerned", _concerned(check, names, links), whole=True))
    return parts


def _part(title: str, content: Component, *, whole: bool = False) -> html.Div:
    return html.Div([html.H3(title), content], className="all" if whole else None)


def _concerned(check: Check, names: Mapping[str, str], links: Links) -> html.Ul:
    users = [html.Li(_user(user, names, links)) for user in check.users]
    others = [html.Li(f"and {formats.number(check.others)} more", className="sub")] if check.others else []
    return html.Ul([*users, *others], className="concerned num")


def _user(user: Concerned, names: Mapping[str, str], links: Links) -> html.A:
    said = [foreign(names.get(user.user_id, user.user_id)), html.Span(spelled(user.how))]
    return html.A(said, href=links.user_page(user.user_id), **attributes(data_go=""))


def _table(table: Table) -> html.Table:
    looks = [
        "words" if any(cell[:1].isalpha() for cell in column) else None for column in zip(*table.rows, strict=True)
    ]
    head = [
        html.Th(spelled(title), scope="col", className=look) for title, look in zip(table.heads, looks, strict=True)
    ]
    body = [html.Tr([html.Th(spelled(first), scope="row"), *_cells(cells, looks[1:])]) for first, *cells in table.rows]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="data num")


def _scrolling(table: Table) -> html.Div:
    """The table, which may be wider than a phone."""
    reached = {"tabIndex": 0, "role": "group", **attributes(aria_label=table.heads[0])}
    return html.Div(_table(table), className="all scroll", **reached)


def _cells(cells: Sequence[str], looks: Sequence[str | None]) -> list[Component]:
    return [html.Td(spelled(cell), className=look) for cell, look in zip(cells, looks, strict=True)]


def _band(band: Band) -> html.Div:
    name = html.Span([swatch(band.slot), foreign(band.model)])
    recorded = formats.whole_money(band.recorded)
    if band.least is None or band.most is None:
        said = f"{recorded}, no list price"
        return html.Div([name, html.Span(className="band"), html.Span(said, className="sub")], className="bandrow")
    said = f"{recorded}, list {span_of_money(band.least, band.most)}"
    bar = _bar(band.recorded, band.least, band.most, out=bool(band.above or band.below))
    return html.Div([name, bar, html.Span(said, className="sub")], className="bandrow")


def _bar(recorded: float, least: float, most: float, *, out: bool) -> html.Span:
    """The band and the mark, on a line that has room around both; the words beside it tell the same."""
    low, high = min(recorded, least), max(recorded, most)
    room = (high - low) * 0.2 or 1.0
    start, width = max(low - room, 0.0), high + room - max(low - room, 0.0)

    def at(dollars: float) -> str:
        return f"{100 * (dollars - start) / width:.1f}%"

    span = html.I(style={"left": at(least), "width": f"{100 * (most - least) / width:.1f}%"})
    mark = html.U(style={"left": at(recorded)}, className="out" if out else None)
    return html.Span([span, mark], className="band", **attributes(aria_hidden="true"))

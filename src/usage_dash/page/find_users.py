"""Users found as somebody types: rows of HTML, with what was typed marked where it is held (assets/find_user.js)."""

from __future__ import annotations

import json
import unicodedata
from urllib.parse import quote

from dash import html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from usage_dash.access.current import admitted
from usage_dash.documents.values import well_formed
from usage_dash.page import ids
from usage_dash.page.board import Board
from usage_dash.page.components.elements import Children, attributes
from usage_dash.page.components.times import Clock
from usage_dash.page.markup import markup
from usage_dash.page.names import contained, fenced
from usage_dash.reporting.search import search
from usage_dash.reporting.user_models import FoundUser, FoundUsers
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

_LONGEST = 200  # characters that somebody types


def rows(board: Board, typed: str) -> str:
    """Return the HTML of those found among the users that who was let in may see."""
    text = well_formed(typed.strip()[:_LONGEST])
    board.names.want_all(admitted().scope)
    with board.reports.moment(admitted().scope) as moment:
        found, clock = search(moment, text), Clock(moment.now, moment.zone)
    return markup(json.loads(to_json_plotly(listed(found, text, clock))))


def listed(found: FoundUsers, text: str, clock: Clock) -> html.Div:
    """Return the list, or the words for that there is nobody."""
    if not found.rows:
        nobody = f"Nobody called “{fenced(text)}” among the users you may see."
        return html.Div(html.Div(nobody, className="bottom", role="status"), className="found-users")
    no_team = "No team" if any(user.team for user in found.rows) else ""
    options = [_option(user, text, number, no_team, clock) for number, user in enumerate(found.rows)]
    people = html.Ul(
        options, id=ids.FOUND_LIST, className="opts", role="listbox", **attributes(aria_label="Users found")
    )
    return html.Div([people, html.Div(_foot(found), className="bottom")], className="found-users")


def marked(name: str, text: str) -> html.Bdi:
    """Return a name that others chose, fenced, with the text marked in it, whatever its case and accents are."""
    shown = contained(name)
    folded = [(letter, place) for place, whole in enumerate(shown) for letter in _folded(whole)]
    wanted = _folded(text)
    start = "".join(letter for letter, _ in folded).find(wanted) if wanted else -1
    if start < 0:
        return html.Bdi(shown)
    first, end = folded[start][1], folded[start + len(wanted) - 1][1] + 1
    return html.Bdi([shown[:first], html.Mark(shown[first:end]), shown[end:]])


def _folded(text: str) -> str:
    """Return a text as the search compares it: without case and accents."""
    return "".join(letter for letter in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(letter))


def _option(user: FoundUser, text: str, number: int, no_team: str, clock: Clock) -> html.Li:
    beneath = [
        part for part in (user.name and user.user_id, user.email) if part and part != (user.name or user.user_id)
    ]
    small: Children = [
        piece
        for place, part in enumerate(dict.fromkeys(beneath))
        for piece in ([" · "] if place else []) + [marked(part, text)]
    ]
    parts: list[Component] = [
        html.Span([html.B(marked(user.name or user.user_id, text)), html.Small(small)]),
        html.Span(marked(user.team, text) if user.team else no_team, className="muted"),
        html.Span([narrow_amount(user.cost, formats.money), *_activity(user, clock)], className="r num"),
    ]
    state = attributes(aria_selected="false", data_user=quote(user.user_id, safe=""))
    return html.Li(parts, id=f"{ids.FOUND_LIST}-{number}", className="found-user", role="option", **state)


def _activity(user: FoundUser, clock: Clock) -> list[html.Small]:
    return [html.Small(clock.since(user.last_active))] if user.last_active else []


def _foot(found: FoundUsers) -> list[Component]:
    more = found.total > len(found.rows)
    said = f"{len(found.rows)} of {found.total:,}, type on" if more else formats.counted(found.total, "user")
    keys: Children = [html.Kbd("Enter"), " filter"]
    also: Children = [html.Kbd("Shift Enter"), " open page"]
    return [
        html.Span(said, className="num", role="status"),
        html.Span(className="grow"),
        html.Span(keys, className="desk"),
        html.Span(also, className="desk"),
    ]

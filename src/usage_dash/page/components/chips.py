"""The line beneath the bar: which days are looked at, what they are compared with, and what is filtered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, attributes, foreign, icon
from usage_dash.page.components.model_menu import colour, itemised, listed
from usage_dash.page.components.popover import clears, sets
from usage_dash.page.components.seen import Seen
from usage_dash.page.components.team_menu import named
from usage_dash.wording import formats

_MOST = 4  # chips of a kind, beyond which one tells how many there are


def looked_at(seen: Seen) -> list[Component]:
    """Return the line's parts, of one height whatever is filtered: sentences without room are hidden, chips scroll."""
    return [
        html.Div(
            [
                html.Span(_days(seen), **attributes(data_says=_aloud(seen))),
                html.Span(_compared(seen), className="compared desk"),
                html.Span([*_chips(seen), *_clear(seen)], className="tags"),
            ],
            className="line",
        ),
        html.Span(itemised(seen), className="why desk"),
        html.Span(_left_out(seen.left_out), className="left-out"),
    ]


def _left_out(parts: Sequence[str]) -> str:
    if not parts:
        return ""
    return f"This link asked for {_and(parts)}; {formats.agree(len(parts), 'it was', 'they were')} left out."


def _days(seen: Seen) -> Children:
    return [html.B(formats.days(seen.shown.first, seen.shown.last)), f", {seen.zone.key}"]


def _compared(seen: Seen) -> str:
    if seen.compared is None:
        return ""
    return f" · compared with {formats.days_beside(seen.compared.first, seen.compared.last, seen.shown.last)}"


def _aloud(seen: Seen) -> str:
    """Return what a screen reader says once something else is looked at (assets/aloud.js)."""
    filtered = formats.counted(seen.chosen, "filter") if seen.chosen else "no filter"
    return f"{formats.days(seen.shown.first, seen.shown.last)}, {filtered}. {_left_out(seen.left_out)}".rstrip()


def _chips(seen: Seen) -> list[Component]:
    choice = seen.filters.choice
    models = [
        _chip([html.Span(className="swatch", style=colour(usage.slot)), foreign(usage.model)], "model", usage.model)
        for usage in listed(seen)
        if usage.model in choice.models
    ]
    users = [_chip([_kind("User"), " ", foreign(seen.names.get(user, user))], "user", user) for user in choice.users]
    if seen.person:
        return _few("model", models)
    return [*_few("model", models), *_few("user", users), *([] if choice.team is None else [_team(choice.team)])]


def _few(kind: str, chips: Sequence[Component]) -> list[Component]:
    if len(chips) <= _MOST:
        return list(chips)
    return [_button([f"{len(chips)} {kind}s"], sets({kind: None}))]


def _chip(said: Children, name: str, value: str) -> html.Button:
    return _button(said, attributes(data_toggle=name, data_value=value))


def _team(team: str) -> html.Button:
    return _button([_kind("Team"), " ", *named(team)] if team else named(team), sets({"team": None}))


def _kind(name: str) -> html.Span:
    return html.Span(name, className="k")


def _button(said: Children, changes: dict[str, Any]) -> html.Button:
    spoken = html.Span("Take away ", className="visually-hidden")
    return html.Button([html.Span([spoken, *said]), icon("x")], className="tag", type="button", **changes)


def _clear(seen: Seen) -> list[Component]:
    if seen.chosen <= 1:
        return []
    return [html.Button("Clear all", className="link", type="button", **clears(seen))]


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0]

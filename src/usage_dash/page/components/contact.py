"""What a browser shows by itself while no answer of ours comes (assets/contact.js); the page has it from the start."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components import header
from usage_dash.page.components.elements import Children, attributes
from usage_dash.page.components.notices import banner, retry

_NO_ANSWER, _UPDATED, _LAG = "cloud-off", "refresh-cw", "circle-alert"

_COMES_BACK = "what you looked at comes back."


def contact() -> dict[str, dict[str, Component]]:
    """Return a pill and a notice for each state that only a browser can know, and what lags behind the choices."""
    return {"offline": _offline(), "outdated": _outdated(), "still": _still()}


def ended() -> html.Main:
    """Return what stands in place of the page when a session has ended: its figures are gone."""
    again = html.Button("Sign in again", className="b primary", type="button", **attributes(data_reload=""))
    card = html.Section(
        [
            header.mark(),
            html.H1("Your session has ended"),
            html.P(f"Sign in again: {_COMES_BACK}"),
            again,
            html.P("Its figures were taken off the screen.", className="sub"),
            html.Div(header.pill("signed-out", "Signed out", []), className="visually-hidden"),
        ],
        className="card",
        role="alert",
    )
    return html.Main(card, className="page ended")


def _offline() -> dict[str, Component]:
    again: Children = ["The last one came ", _since_the_last_answer(), ". Trying again in ", _until_the_next_try(), "."]
    said = _said("No answer from usage-dash.", again)
    return _state("offline", "No answer", banner("warn", _NO_ANSWER, said, [retry("Try now", "link")]))


def _outdated() -> dict[str, Component]:
    said = _said("usage-dash was updated.", [*_shows_what_was_known(), f"Reload it: {_COMES_BACK}"])
    return _state("outdated", "Outdated", banner("warn", _UPDATED, said, [_reload("Reload")], role="alert"))


def _still() -> dict[str, Component]:
    """Return what is said when the figures are not those that were chosen, or only the table is not as chosen."""
    return {
        "figures": _lag("The figures are still those of before.", "They change with the next answer."),
        "table": _lag("The table is still as it was.", "It changes with the next answer."),
    }


def _lag(what: str, until: str) -> html.Div:
    return banner("warn", _LAG, _said(what, [until]), [])


def _state(name: str, label: str, notice: html.Div) -> dict[str, Component]:
    return {"pill": header.pill(name, label, []), "notice": notice}


def _said(what: str, more: Children) -> Children:
    return [html.B(what), " ", html.Span(more, className="muted")]


def _shows_what_was_known() -> Children:
    return ["This page shows what was known ", _since_the_last_answer(), ". "]


def _since_the_last_answer() -> html.Span:
    return html.Span("just now", **attributes(data_since="last-answer", aria_live="off"))


def _until_the_next_try() -> html.Span:
    return html.Span("a moment", **attributes(data_until="next-try", aria_live="off"))


def _reload(label: str) -> html.Button:
    return html.Button(label, className="link", type="button", **attributes(data_reload=""))

"""The four cards, of all or of one user: all-time as the headline, the range beneath with its change, a sparkline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dash import html

from usage_dash.page import ids
from usage_dash.page.components.currency import converted
from usage_dash.page.components.elements import Children, attributes
from usage_dash.page.components.sparkline import sparkline
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.user_page import cost_per_call
from usage_dash.reporting.view_models import Figure, Overview
from usage_dash.settings.currencies import Currency
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form, amount, full_amount, is_bound

_UNCHANGED = 0.0005  # less than 0.1% either way


@dataclass(frozen=True, slots=True)
class _Card:
    id: str
    label: str
    figure: Callable[[Overview], Figure]
    form: Form
    exact: Form
    counts_unknown: bool = True  # a ratio does not lack so many parts


_SPAN = "all time"
_CARDS = (
    _Card(ids.TOTAL_COST, "Total cost", lambda seen: seen.cost, formats.money, formats.money),
    _Card(ids.TOTAL_CALLS, "API calls", lambda seen: seen.calls, formats.number, formats.number),
    _Card(ids.TOTAL_TOKENS, "Tokens", lambda seen: seen.tokens, formats.compact, formats.number),
    _Card(ids.ACTIVE_USERS, "Active users", lambda seen: seen.active_users, formats.number, formats.number),
)
# One user is active or not, which says nothing.
_CARDS_OF_ONE = (
    *_CARDS[:3],
    _Card(ids.COST_PER_CALL, "Cost per call", cost_per_call, formats.money, formats.money, counts_unknown=False),
)


def skeleton() -> list[html.Div]:
    """The cards before anything is known, of the size that they will have."""
    bones = [html.Div(className=f"sk {bone}") for bone in ("sk-label", "sk-value", "sk-line", "sk-spark")]
    return [
        html.Div([*bones, html.Div(id=card.id, className="val", hidden=True)], className="card kpi") for card in _CARDS
    ]


def cards(overview: Overview, currency: Currency | None = None, *, of_one: bool = False) -> list[html.Div]:
    """The cards with their figures, the cost in the other `currency` as well."""
    return [_card(card, overview, currency) for card in (_CARDS_OF_ONE if of_one else _CARDS)]


def _card(card: _Card, overview: Overview, currency: Currency | None) -> html.Div:
    figure, label = card.figure(overview), overview.range.label
    users = card.id == ids.ACTIVE_USERS
    beside = converted(figure.total, currency) if card.id == ids.TOTAL_COST else []
    parts = ("entry", "entries") if overview.itemised else ("document", "documents")
    exact_total = _full(card, figure.total, *parts)
    exact_in_range = _full(card, figure.in_range, "entry", "entries")
    in_range: Children = [html.B(amount(figure.in_range, card.form)), f" {label}{_lacks(card, figure.in_range)}"]
    span = f"{'itemised, ' if overview.itemised else ''}{_SPAN}{_lacks(card, figure.total)}"
    return html.Div(
        [
            html.H2([card.label, html.Em(span, title=exact_total)], className="lab"),
            html.Div(
                [html.Div(_headline(card, figure.total), id=card.id, className="val num", title=exact_total), *beside],
                className="total",
            ),
            html.Div(
                [*_chip(figure, absolute=users), html.Span(in_range, title=exact_in_range)],
                className="per num",
            ),
            html.Div(className="spark", style={"--spark": sparkline(figure.spark)}, **attributes(aria_hidden="true")),
        ],
        className="card kpi",
    )


def _full(card: _Card, found: Sum, one: str, many: str) -> str:
    return full_amount(found, card.exact, one, many) if card.counts_unknown else amount(found, card.exact)


def _lacks(card: _Card, found: Sum) -> str:
    return f" · {formats.number(found.lacking)} unknown" if found.lacking and card.counts_unknown else ""


def _headline(card: _Card, found: Sum) -> str | Children:
    said = card.form(found.least)
    return [html.Span("at least ", className="least"), said] if is_bound(found) else said


def _chip(figure: Figure, *, absolute: bool) -> list[html.Span]:
    """How the range compares with the span before it: in users where `absolute`, else relative."""
    difference = figure.difference
    if difference is None or figure.change is None:
        return []
    size = formats.number(abs(difference)) if absolute else formats.change(figure.change)
    if abs(figure.change) < _UNCHANGED:
        kind, sign, word = "flat", "=", "unchanged, "
    elif difference > 0:
        kind, sign, word = "up", "▲", "up "
    else:
        kind, sign, word = "down", "▼", "down "
    said: Children = [
        html.Span(word, className="visually-hidden"),
        size,
        html.Span(" against the time before", className="visually-hidden"),
    ]
    return [html.Span([html.Span(f"{sign} ", **attributes(aria_hidden="true")), *said], className=f"chip {kind}")]

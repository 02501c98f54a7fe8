"""The four overview cards: all-time as the headline, the range beneath with its change, a sparkline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dash import html

from usage_dash.page import formats, ids
from usage_dash.page.amounts import Form, amount, full_amount, is_bound
from usage_dash.page.components.currency import converted
from usage_dash.page.components.elements import Children, attributes
from usage_dash.page.components.sparkline import sparkline
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import Figure, Overview
from usage_dash.settings.currencies import Currency

_UNCHANGED = 0.0005  # less than 0.1% either way


@dataclass(frozen=True, slots=True)
class _Card:
    id: str
    label: str
    figure: Callable[[Overview], Figure]
    form: Form
    exact: Form


_CARDS = (
    _Card(ids.TOTAL_COST, "Total cost", lambda seen: seen.cost, formats.money, formats.money),
    _Card(ids.TOTAL_CALLS, "API calls", lambda seen: seen.calls, formats.number, formats.number),
    _Card(ids.TOTAL_TOKENS, "Tokens", lambda seen: seen.tokens, formats.compact, formats.number),
    _Card(ids.ACTIVE_USERS, "Active users", lambda seen: seen.active_users, formats.number, formats.number),
)


def skeleton() -> list[html.Div]:
    """The cards before anything is known, of the size that they will have."""
    bones = [html.Div(className=f"sk {bone}") for bone in ("sk-label", "sk-value", "sk-line", "sk-spark")]
    return [
        html.Div([*bones, html.Div(id=card.id, className="val", hidden=True)], className="card kpi") for card in _CARDS
    ]


def cards(overview: Overview, currency: Currency | None = None) -> list[html.Div]:
    """The cards with their figures, the cost in the other `currency` as well."""
    return [_card(card, card.figure(overview), overview.range.label, currency) for card in _CARDS]


def _card(card: _Card, figure: Figure, label: str, currency: Currency | None) -> html.Div:
    users = card.id == ids.ACTIVE_USERS
    beside = converted(figure.total, currency) if card.id == ids.TOTAL_COST else []
    exact_total = full_amount(figure.total, card.exact, "document", "documents")
    exact_in_range = full_amount(figure.in_range, card.exact, "entry", "entries")
    in_range: Children = [html.B(amount(figure.in_range, card.form)), f" {label}{_lacks(figure.in_range)}"]
    return html.Div(
        [
            html.H2([card.label, html.Em(f"all time{_lacks(figure.total)}", title=exact_total)], className="lab"),
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


def _lacks(found: Sum) -> str:
    return f" · {formats.number(found.lacking)} unknown" if found.lacking else ""


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

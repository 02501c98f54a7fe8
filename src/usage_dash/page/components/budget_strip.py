"""The strip beneath the cards: what was spent of this month's budgets, and when they will be used up.

The first budget has all that is known of it, the others a line each; beyond a few they can be opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dash import html
from dash.development.base_component import Component

from usage_dash.money import words
from usage_dash.money.budgets import Kind, Outcome, Standing
from usage_dash.page.components.elements import Children, attributes, foreign, icon
from usage_dash.wording import formats

_ALWAYS: Final = 3  # budgets that are seen beside the first
_ROOM: Final = 1.06  # of the bar, beyond the furthest of what it shows
_LEFT: Final = 0.3  # of the bar, where what is written beneath it has its room to the right
_LOOKS: Final = {Outcome.USED_UP: " bad", Outcome.RUNS_OUT: " warn"}
_UNFILTERED: Final = {
    Kind.MONTH: "all models and teams",
    Kind.TEAM: "all models and users",
    Kind.USER: "all models",
}


def strip(standings: Sequence[Standing], *, filtered: bool) -> list[Component]:
    """The budgets, the first of them in full; nothing where there are none. Filters leave them as they are."""
    if not standings:
        return []
    first, *others = standings
    parts = [_full(first, filtered=filtered), *_others(others)]
    label = "Budgets" if others else words.called(first)
    return [html.Section(parts, className="card budgets", **attributes(aria_label=label))]


def _full(standing: Standing, *, filtered: bool) -> Component:
    kept = [html.Div(_UNFILTERED[standing.kind], className="sub")] if filtered else []
    what = [
        html.H2(_title(standing), className="t"),
        html.Div(words.spent_of_it(standing), className="sub num"),
        *kept,
    ]
    pace = words.pace(standing)
    how = [
        html.Div([*_sign(standing), words.outcome(standing)], className=f"t{_LOOKS.get(standing.outcome, '')}"),
        html.Div(words.expected(standing), className="sub"),
        *([html.Div(pace, className="sub")] if pace else []),
    ]
    return html.Div([html.Div(what), _bar(standing), html.Div(how, className="r num")], className="budget")


def _others(standings: Sequence[Standing]) -> list[Component]:
    """The budgets that are not told in full, of which only some are seen at once."""
    seen, rest = standings[:_ALWAYS], standings[_ALWAYS:]
    parts: list[Component] = [html.Ul([_line(each) for each in seen])] if seen else []
    if rest:
        head = html.Summary([f"{formats.counted(len(rest), 'more budget')}", icon("chevron-right")])
        parts.append(html.Details([head, html.Ul([_line(each) for each in rest])]))
    return parts


def _line(standing: Standing) -> html.Li:
    outcome = html.Span([*_sign(standing), words.outcome(standing)], className=f"t{_LOOKS.get(standing.outcome, '')}")
    return html.Li(
        [
            html.Span(foreign(standing.name), className="who"),
            html.Span(words.spent_of_it(standing), className="sub num"),
            _bar(standing, labelled=False),
            outcome,
        ]
    )


def _title(standing: Standing) -> Children:
    if standing.kind is Kind.TEAM:
        return [foreign(standing.name), f", {words.called(standing)}"]
    return [words.called(standing)]


def _sign(standing: Standing) -> list[Component]:
    return [icon("triangle-alert")] if standing.outcome in _LOOKS else []


def _bar(standing: Standing, *, labelled: bool = True) -> html.Div:
    """What was spent, what is expected on top of that, and a mark where the limit is."""
    spent = standing.spent.known
    month = standing.forecast.month.known if standing.forecast else spent
    whole = max(spent, month, standing.limit) * _ROOM

    def at(dollars: float) -> str:
        return f"{100 * dollars / whole:.1f}%"

    limit = standing.limit / whole
    label = attributes(data_label=formats.whole_money(standing.limit)) if labelled else {}
    parts = [
        html.I(style={"width": at(spent)}),
        html.S(style={"left": at(spent), "width": at(max(month - spent, 0.0))}),
        html.U(style={"left": at(standing.limit)}, className="early" if limit < _LEFT else None, **label),
    ]
    return html.Div(parts, className="bar-of", role="img", **attributes(aria_label=_in_words(standing, month)))


def _in_words(standing: Standing, month: float) -> str:
    said = f"{_percent(standing.share)} of it is spent"
    return f"{said}, {_percent(month / standing.limit)} forecast" if standing.forecast else said


def _percent(share: float) -> str:
    return formats.rough_share(share)

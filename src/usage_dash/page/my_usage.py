"""My usage: a small card for the chatbot itself, with this month's cost and calls and thirty days as a line."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly

from usage_dash.access.current import admitted
from usage_dash.access.viewer import Role
from usage_dash.money import words
from usage_dash.money.budgets import Standing
from usage_dash.page.board import Board
from usage_dash.page.components.currency import converted
from usage_dash.page.components.elements import Children, attributes, meter
from usage_dash.page.components.sparkline import sparkline
from usage_dash.page.markup import markup
from usage_dash.reporting import queries
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters, RangeName
from usage_dash.reporting.view_models import Overview
from usage_dash.settings.currencies import Currency
from usage_dash.sync.state import Phase, SyncState
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount

_FIRST_VIEWER_SECONDS = 2.0  # that an answer may wait for the sync, when nothing is known


def card(board: Board) -> str:
    """Return the card's HTML for who was let in."""
    scope = admitted().scope
    known = board.sync.state
    state = board.sync.refresh(wait=0.0 if known.data_time else _FIRST_VIEWER_SECONDS)
    allowance = _allowance(board)
    with board.reports.moment(scope) as moment:
        found = board.reports.kept(moment.key("my usage"), lambda: _overviews(moment))
        is_known = moment.documents and state.data_time
        parts = _card(moment, state, found, allowance, board.currency) if is_known else _nothing(state)
    return markup(json.loads(to_json_plotly(parts)))


def _overviews(moment: Moment) -> tuple[Overview, Overview]:
    month, days = (queries.overview(moment, Filters(name)) for name in (RangeName.MONTH_TO_DATE, RangeName.MONTH))
    return month, days


def _allowance(board: Board) -> Standing | None:
    """Return how the allowance of who looks stands; None without one, or where that is not one user."""
    who = admitted()
    found = board.outlook.standings(who.scope, who.viewer) if who.viewer.role is Role.SELF else ()
    return found[0] if len(who.viewer.users) == 1 and found else None


def _card(
    moment: Moment,
    state: SyncState,
    overviews: tuple[Overview, Overview],
    allowance: Standing | None,
    currency: Currency | None,
) -> html.Section:
    month, days = overviews
    spark = html.Div(className="spark", style={"--spark": sparkline(days.cost.spark)}, **attributes(aria_hidden="true"))
    said = html.Span(amount(month.cost.in_range, formats.money), className="val num")
    span = f" of {formats.whole_money(allowance.limit)} " if allowance else " this month "
    cost = html.P([said, span, *converted(month.cost.in_range, currency)])
    bar = _bar(allowance) if allowance else []
    calls = html.Div(
        ["Calls", html.B(amount(month.calls.in_range, formats.number), className="num")], className="calls"
    )
    line = html.Div(
        [html.Div(["Last 30 days", html.Span(amount(days.cost.in_range, formats.money), className="num")]), spark],
        className="days",
    )
    parts = [cost, *bar, html.Div([calls, line], className="row"), _as_of(state, moment)]
    return _framed(parts, f"{moment.today:%B}")


def _bar(allowance: Standing) -> list[Component]:
    """How much of the allowance was spent; what there is to know beneath it changes with the colour."""
    share, near = formats.rough_share(allowance.share), allowance.is_near
    left = html.Span(words.left(allowance), className="warn" if near else None)
    ends = html.Div([left, html.Span(words.starts_anew(allowance))], className="ends num")
    return [meter(allowance.share, f"{share} of the allowance", hot=near), ends]


def _nothing(state: SyncState) -> html.Section:
    if state.phase is Phase.ERROR:
        return _framed([html.P("Your usage can’t be read at the moment.")], "")
    if state.data_time is None:
        return _framed([html.P("Reading your usage…")], "", soon=True)
    return _framed([html.P("No usage yet. Your first call shows here within a minute.")], "")


def _framed(parts: list[Component], month: str, *, soon: bool = False) -> html.Section:
    """The card; `soon` when it is worth while to ask again at once."""
    whose = "My usage" if admitted().viewer.role is Role.SELF else "Usage"
    head: Children = [html.H1(whose), html.Span(month)]
    more = attributes(data_soon="") if soon else {}
    return html.Section([html.Div(head, className="head"), *parts], className="card mine", **more)


def _as_of(state: SyncState, moment: Moment) -> html.P:
    time = min(state.data_time, moment.now) if state.data_time else moment.now
    is_today = formats.is_same_day(time, moment.now, moment.zone)
    told = f"{time.astimezone(moment.zone):%H:%M}" if is_today else formats.moment(time, moment.now, moment.zone)
    return html.P(f"As of {told}, {moment.zone.key}, in US dollars", className="as-of num")

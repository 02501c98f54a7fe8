"""The page's one conversation with the server: what a browser asks, and the parts of the page that it lacks.

Every refresh, click on the table and change of the range is one request with one answer. The browser says which state
of each part it holds (`ids.HELD`); a part that would be the same is not sent again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from usage_dash.page import ids
from usage_dash.page.components import cards, charts, dialogs, filters, footer, header, notices, users_table
from usage_dash.page.components.times import Clock
from usage_dash.page.request import Asked, parse, parse_held
from usage_dash.reporting.dashboard import Board, Moment
from usage_dash.sync.state import Phase, SyncState

_UNDER_WAY_MILLISECONDS = 1_000
_SOONEST = timedelta(seconds=1)
# A click on “Refresh” wants the new data itself, so it waits as long as a sync may take; a timer asks again anyway.
_PATIENCE_SECONDS = {True: 12.0, False: 2.0}

_OUTPUTS = {
    "status": Output(ids.STATUS_SLOT, "children"),
    "bill": Output(ids.BILL, "children"),
    "interval": Output(ids.REFRESH_INTERVAL, "interval"),
    "problem": Output(ids.PROBLEM, "children"),
    "held": Output(ids.HELD, "data"),
    "notices": Output(ids.NOTICES, "children"),
    "progress": Output(ids.PROGRESS, "children"),
    "body": Output(ids.BODY, "className"),
    "cards": Output(ids.CARDS, "children"),
    "range_text": Output(ids.RANGE_TEXT, "children"),
    "charts": Output(ids.CHARTS, "data"),
    "trust": Output(ids.TRUST, "children"),
    "columns": Output(ids.USERS_TABLE, "columns"),
    "rows": Output(ids.USERS_TABLE, "data"),
    "users_count": Output(ids.USERS_COUNT, "children"),
    "pager": Output(ids.PAGER, "children"),
}

Update = dict[str, Any]


def register(app: Dash, board: Board) -> None:
    """Register the page's callbacks."""

    @app.callback(
        output=_OUTPUTS,
        inputs={
            "_ticks": Input(ids.REFRESH_INTERVAL, "n_intervals"),
            "_clicks": Input(ids.REFRESH_BUTTON, "n_clicks"),
            "range_name": Input(ids.RANGE, "value"),
            "table": Input(ids.ASKED, "data"),
            "held": State(ids.HELD, "data"),
        },
        running=[(Output(ids.ACTIVITY, "data"), True, False)],
    )
    def refresh(_ticks: object, _clicks: object, range_name: object, table: object, held: object) -> Update:
        return update(board, _state(board), parse(range_name, table), parse_held(held))

    @app.callback(
        Output(ids.FINDINGS_LIST, "children"),
        Output(ids.METER_TABLE, "children"),
        Input(ids.OPENED_DIALOG, "data"),
        prevent_initial_call=True,
    )
    def open_dialog(_opened: object) -> tuple[list[Any], list[Any]]:
        with board.moment() as moment:
            found, total = board.findings(moment), board.report(moment, parse(None, None).range).overview.findings
        return dialogs.findings_list(found, total), dialogs.meter_table(board.sync.meter())

    _register_browser_side(app)


def _register_browser_side(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("usage_dash", "draw"),
        *(Output(chart, "figure") for chart in charts.TITLES),
        *(Output(charts.caption_id(chart), "children") for chart in charts.TITLES),
        *(Output(charts.summary_id(chart), "aria-label") for chart in charts.TITLES),
        Input(ids.CHARTS, "data"),
        Input(ids.THEME, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("usage_dash", "chooseTheme"),
        Output(ids.THEME, "data"),
        Output(ids.THEME_BUTTON, "title"),
        Output(ids.THEME_BUTTON, "aria-label"),
        Input(ids.THEME_BUTTON, "n_clicks"),
    )
    app.clientside_callback(
        ClientsideFunction("usage_dash", "isBusy"),
        Output(ids.REFRESH_BUTTON, "disabled"),
        Input(ids.REFRESH_BUTTON, "n_clicks"),
        Input(ids.ACTIVITY, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("usage_dash", "sortBy"),
        Output(ids.USERS_TABLE, "sort_by"),
        Input(ids.ASKED, "data"),
    )


def _state(board: Board) -> SyncState:
    """Sync when the timer, the button or a new page asks; a click on the page needs no new data."""
    forced = ctx.triggered_id == ids.REFRESH_BUTTON
    if forced or ctx.triggered_id in {None, ids.REFRESH_INTERVAL}:
        return board.sync.refresh(force=forced, wait=_PATIENCE_SECONDS[forced])
    return board.sync.state


def update(board: Board, state: SyncState, asked: Asked, held: dict[str, str]) -> Update:
    """Everything that the browser lacks; always the status, for it carries the time of the data."""
    with board.moment() as moment:
        changes: Update = {
            "status": header.status(state, board.source, Clock(moment.now, board.zone)),
            "bill": footer.bill(board.sync.meter()) if board.source.billed else None,
            "interval": _next_milliseconds(board, state, moment),
            "problem": None,
        }
        keys = dict(held)
        for part, (key, render) in _parts(board, moment, state, asked).items():
            keys[part] = hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
            if keys[part] != held.get(part):
                changes |= render()
    if keys != held:
        changes["held"] = keys
    return dict.fromkeys(_OUTPUTS, no_update) | changes


def _parts(board: Board, moment: Moment, state: SyncState, asked: Asked) -> dict[str, tuple[str, Callable[[], Update]]]:
    """Each part of the page with the key of its state, and how to make it."""
    data_time = state.data_time if state.phase is Phase.STALE else None
    frame = repr((state.phase, data_time, state.error, state.retry_at, state.progress, moment.documents == 0))
    parts = {"frame": (frame, lambda: _frame(board, moment, state))}
    if moment.documents and state.phase is not Phase.ERROR:
        opened = sorted(asked.opened.items())
        table = moment.key(asked.range, *asdict(asked.users).values(), opened)
        parts["report"] = (moment.key(asked.range), lambda: _report(board, moment, asked))
        parts["users"] = (table, lambda: _users(board, moment, asked))
    return parts


def _frame(board: Board, moment: Moment, state: SyncState) -> Update:
    said = notices.notices(state, board.source, moment.documents, board.refresh_seconds, Clock(moment.now, board.zone))
    return {"notices": said, "progress": notices.reading(state), "body": f"body {_view(state, moment)}"}


def _view(state: SyncState, moment: Moment) -> str:
    if state.phase is Phase.ERROR:
        return "view-error"
    if moment.documents:
        return "view-data"
    return "view-loading" if state.phase is Phase.LOADING else "view-empty"


def _report(board: Board, moment: Moment, asked: Asked) -> Update:
    report = board.report(moment, asked.range)
    drawn = charts.charts(report.overview, report.timeline, report.split, zoom=asked.range)
    compared = report.overview.cost.previous is not None
    return {
        "cards": cards.cards(report.overview),
        "range_text": filters.range_text(report.overview.range, board.zone, compared=compared),
        "charts": {chart: asdict(content) for chart, content in drawn.items()},
        "trust": footer.trust(report.overview),
    }


def _users(board: Board, moment: Moment, asked: Asked) -> Update:
    page = board.users(moment, asked)
    return {
        "columns": users_table.columns(asked.range),
        "rows": users_table.rows(page, board.details(moment, page, asked), Clock(moment.now, board.zone)),
        "users_count": f"{page.total:,}",
        "pager": users_table.pager(page),
    }


def _next_milliseconds(board: Board, state: SyncState, moment: Moment) -> int:
    """When the browser asks again: soon while a sync goes on, and when a retry was promised."""
    if state.phase is Phase.LOADING or state.under_way:
        return _UNDER_WAY_MILLISECONDS
    usual = timedelta(seconds=board.refresh_seconds)
    promised = usual if state.retry_at is None else max(state.retry_at - moment.now + _SOONEST, _SOONEST)
    return int(min(usual, promised) / timedelta(milliseconds=1))

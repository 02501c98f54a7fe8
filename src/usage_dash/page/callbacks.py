"""The page's callbacks. Every refresh, click and change of what is looked at is one request with one answer."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update

from usage_dash.access.current import Admitted, admitted
from usage_dash.page import ids
from usage_dash.page.answer import OUTPUTS, answer
from usage_dash.page.board import Board
from usage_dash.page.components import dialogs
from usage_dash.page.components.chart import TITLES
from usage_dash.page.components.chart_panels import PARTS, panel_id, part_id
from usage_dash.page.parts import Update
from usage_dash.page.request import parse, parse_held
from usage_dash.reporting import trust
from usage_dash.reporting.trust_models import Findings
from usage_dash.sync.state import Phase, SyncState

_BUTTON_SECONDS, _FIRST_VIEWER_SECONDS = 12.0, 2.0  # that an answer may wait for the sync


def register(app: Dash, board: Board) -> None:
    """Register the page's callbacks."""

    @app.callback(
        output={name: Output(*place) for name, place in OUTPUTS.items()},
        inputs={
            "_ticks": Input(ids.REFRESH_INTERVAL, "n_intervals"),
            "_clicks": Input(ids.REFRESH_BUTTON, "n_clicks"),
            "asked": Input(ids.ASKED, "data"),
            "held": State(ids.HELD, "data"),
        },
        prevent_initial_call=True,  # the document brings what is known, and drawing that waits for no news
    )
    def refresh(_ticks: object, _clicks: object, asked: object, held: object) -> Update:
        found = parse(admitted(), asked, board.reports.today)
        changes = answer(board, _state(board), found, parse_held(held))
        return dict.fromkeys(OUTPUTS, no_update) | changes

    @app.callback(
        Output(ids.FINDINGS_LIST, "children"),
        Output(ids.METER_TABLE, "children"),
        Output(ids.WRITER_CODE, "children"),
        Input(ids.OPENED_DIALOG, "data"),
        prevent_initial_call=True,
    )
    def open_dialog(opened: object) -> tuple[list[Any], list[Any], Any]:
        who = admitted()
        rights = who.viewer.rights
        findings = dialogs.findings_list(_findings(board, who)) if rights.findings else []
        meter = dialogs.meter_table(board.sync.meter()) if rights.source else []
        writer = dialogs.corrected_writer() if str(opened).startswith(ids.WRITER) else no_update
        return findings, meter, writer

    _register_browser_side(app)


def _findings(board: Board, who: Admitted) -> Findings:
    with board.reports.moment(who.scope) as moment:
        return board.reports.kept(moment.key("findings"), lambda: trust.findings(moment))


def _register_browser_side(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("usage_dash", "draw"),
        *(Output(chart, "figure") for chart in TITLES),
        *(Output(part_id(chart, part), place) for part, place in PARTS.items() for chart in TITLES),
        *(Output(panel_id(chart), "hidden") for chart in TITLES),
        Input(ids.CHARTS, "data"),
        Input(ids.THEME, "data"),
    )
    app.clientside_callback(ClientsideFunction("usage_dash", "tellTime"), Input(ids.CLOCK, "data"))
    app.clientside_callback(
        ClientsideFunction("usage_dash", "chooseTheme"),
        Output(ids.THEME, "data"),
        Output(ids.THEME_BUTTON, "title"),
        Output(ids.THEME_BUTTON, "aria-label"),
        Input(ids.THEME_BUTTON, "n_clicks"),
    )
    app.clientside_callback(
        ClientsideFunction("usage_dash", "beginAt"),
        Output(ids.USERS_TABLE, "sort_by"),
        Input(ids.ASKED, "data"),
    )
    app.clientside_callback(ClientsideFunction("usage_dash", "settle"), Input(ids.ADDRESS, "data"))
    app.clientside_callback(ClientsideFunction("usage_dash", "arrive"), Input(ids.HELD, "data"))


def _state(board: Board) -> SyncState:
    """Sync when the timer or the button asks; a click on the page needs no new data."""
    trigger = ctx.triggered_id
    if trigger == ids.ASKED:
        return board.sync.state
    return board.sync.refresh(force=trigger == ids.REFRESH_BUTTON, wait=patience(trigger, board.sync.state))


def patience(triggered_by: str | None, known: SyncState) -> float:
    """Return how many seconds an answer may wait for the sync.

    The button wants the new data itself, and the very first viewer would see nothing. Everybody else sees what is known
    at once, and asks again soon.
    """
    if triggered_by == ids.REFRESH_BUTTON:
        return _BUTTON_SECONDS
    nothing_known = known.phase is Phase.LOADING and not known.under_way
    return _FIRST_VIEWER_SECONDS if nothing_known else 0.0

"""One answer of the server: the parts of the page that a browser lacks.

The browser says which state of each part it holds (`ids.HELD`); a part that would be the same is not sent again. The
parts that show usage (`page.parts`) are drawn once for all viewers who ask the same, and kept as JSON.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import orjson
from plotly.io.json import to_json_plotly

from usage_dash.ledger.choice import ALL_CHOSEN
from usage_dash.money.budgets import Standing
from usage_dash.page import ids
from usage_dash.page.board import Board
from usage_dash.page.components import budget_strip, footer, header, notices
from usage_dash.page.components.times import Clock
from usage_dash.page.parts import DRAW, Update, trust_part
from usage_dash.page.request import Asked
from usage_dash.page.trusted import Trusted, trusted
from usage_dash.reporting.dashboard import Moment, Reports, Stamp
from usage_dash.reporting.filters import key_of
from usage_dash.reporting.grammar import Read
from usage_dash.reporting.settle import settled
from usage_dash.sync.discretion import discreet
from usage_dash.sync.state import Phase, SyncState

_UNDER_WAY_MILLISECONDS = 300  # and what an answer takes: with 60,000 documents, half a second
_SOONEST = timedelta(seconds=1)

# What an answer may change, by the names that it has here: which property of which component.
OUTPUTS = {
    "clock": (ids.CLOCK, "data"),
    "problem": (ids.PROBLEM, "children"),
    "bill_read": (ids.BILL_READ, "children"),
    "bill_saved": (ids.BILL_SAVED, "children"),
    "interval": (ids.REFRESH_INTERVAL, "interval"),
    "held": (ids.HELD, "data"),
    "pages": (ids.PAGES, "children"),
    "status": (ids.STATUS_SLOT, "children"),
    "notices": (ids.NOTICES, "children"),
    "progress": (ids.PROGRESS, "children"),
    "body": (ids.BODY, "className"),
    "cards": (ids.CARDS, "children"),
    "bar_start": (ids.BAR_START, "children"),
    "bar_end": (ids.BAR_END, "children"),
    "looked": (ids.LOOKED, "children"),
    "address": (ids.ADDRESS, "data"),
    "budgets": (ids.BUDGETS, "children"),
    "charts": (ids.CHARTS, "data"),
    "coverage": (ids.COVERAGE, "children"),
    "trust": (ids.TRUST, "children"),
    "gap": (ids.GAP, "children"),
    "checks": (ids.CHECKS, "children"),
    "alerts": (ids.ALERTS, "children"),
    "columns": (ids.USERS_TABLE, "columns"),
    "rows": (ids.USERS_TABLE, "data"),
    "place": (ids.USERS_PLACE, "style"),
    "users_count": (ids.USERS_COUNT, "children"),
    "pager": (ids.PAGER, "children"),
    "person": (ids.PERSON, "children"),
    "person_facts": (ids.PERSON_FACTS, "children"),
    "person_models": (ids.PERSON_MODELS, "children"),
    "person_panels": (ids.PERSON_PANELS, "children"),
    "entries": (ids.ENTRIES, "children"),
}

_Json: TypeAlias = dict[str, bytes]  # the same, each as JSON


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an answer is made for: how the sync stands, what is asked and found of it, and what the browser `held`.

    `budgets` stand beside what is asked.
    """

    state: SyncState
    asked: Asked
    found: Trusted
    budgets: tuple[Standing, ...]
    held: dict[str, str]


def answer(board: Board, state: SyncState, asked: Asked, held: dict[str, str]) -> Update:
    """Return everything that the browser lacks; always the clock, by which it tells how old the data is.

    It speaks of what who asks may see, and of nothing else.
    """
    asked = _settled(board.reports, asked)
    stamp = board.reports.stamp(asked.who.scope)
    rights = asked.who.viewer.rights
    state = discreet(state, source=rights.source)
    wanted = _Wanted(state, asked, trusted(board, asked), _budgets(board, stamp, asked), held)
    changes: Update = {"problem": None, **_lacked(board, stamp, wanted)}
    changes["clock"] = _clock(state, stamp.now, soon=board.names.coming)
    if asked.query != asked.said:
        changes["address"] = {"of": asked.said, "query": asked.query}
    if board.source.billed and rights.source:
        changes |= footer.bill(board.sync.last_hour())
    if state.retry_at is not None:
        changes["interval"] = _next_milliseconds(board, state, stamp)  # promised, so it is nearer each time
    return changes


def _budgets(board: Board, stamp: Stamp, asked: Asked) -> tuple[Standing, ...]:
    """Return the budgets beside what is asked: on a user's page what they may spend, else all that may be seen."""
    scope, viewer = asked.who.scope, asked.who.viewer
    if asked.trust or not stamp.documents:
        return ()
    if asked.person is None:
        return board.outlook.standings(scope, viewer)
    allowance = board.outlook.allowance(scope, asked.person)
    return (allowance,) if allowance else ()


def _lacked(board: Board, stamp: Stamp, wanted: _Wanted) -> Update:
    """Return the parts that the browser lacks, drawn now unless somebody has seen them all."""
    known = _parts(board, stamp, wanted, lambda _part, key: board.reports.known(key))
    if known is not None:
        return known
    with board.reports.moment(wanted.asked.who.scope, wanted.asked.shown.choice) as moment:
        return _drawn(board, moment, wanted)


def _settled(reports: Reports, asked: Asked) -> Asked:
    """Leave out of what is asked what is not among all that may be seen, once there is something to be seen."""
    who = asked.who
    if asked.filters.choice == ALL_CHOSEN or not reports.stamp(who.scope).documents:
        return asked

    def settle() -> Read:
        with reports.moment(who.scope) as moment:
            return settled(moment, asked.filters)

    read = reports.kept(reports.stamp(who.scope).key("settled", who.key, asked.filters), settle)
    return replace(asked, filters=read.filters, left_out=(*asked.left_out, *read.left_out))


def _drawn(board: Board, moment: Moment, wanted: _Wanted) -> Update:
    """Return what the browser lacks, some of which nobody has seen yet."""

    def draw(part: str, key: str) -> _Json:
        return board.reports.kept(key, lambda: _as_json(DRAW[part](board, moment, wanted.asked, wanted.budgets)))

    return _parts(board, moment, wanted, draw) or {}


def _parts(board: Board, stamp: Stamp, wanted: _Wanted, drawn: Callable[[str, str], _Json | None]) -> Update | None:
    """Return the parts that the browser lacks, each as JSON that is ready to be sent; None if one is not to be had.

    `drawn` gives a part that shows usage by name and key; what the others show is known, so they are drawn for each.
    """
    keys = _keys(stamp, wanted)
    lacking = [part for part, key in keys.items() if wanted.held.get(part) != key]
    found: Update = {"held": keys} if lacking else {}
    for part in lacking:
        json = _as_json(_ANEW[part](board, stamp, wanted)) if part in _ANEW else drawn(part, keys[part])
        if json is None:
            return None
        found |= {name: orjson.Fragment(text) for name, text in json.items()}
    return found


def _keys(stamp: Stamp, wanted: _Wanted) -> dict[str, str]:
    """Return the key of each part that is to be seen; who holds a part under its key holds what it would be."""
    state, asked, found = wanted.state, wanted.asked, wanted.found
    who = asked.who.key
    as_of = state.data_time if state.phase is Phase.STALE else None
    known, soon = state.data_time is not None, _is_soon(state)
    empty, place = stamp.documents == 0, (asked.person is not None, asked.trust, found.pressing)
    told = (state.phase, known, as_of, state.error, state.retry_at, state.progress, soon)
    frame = key_of(who, *told, empty, place, asked.kept)
    if not stamp.documents or state.phase is Phase.ERROR:
        return {"frame": frame}
    if asked.trust:
        return {"frame": frame, "trust": key_of(who, found.told, asked.kept)}
    seen = (who, asked.person, asked.shown, asked.looks, asked.left_out)
    table = "users" if asked.person is None else "person"
    return {
        "frame": frame,
        "budgets": key_of(who, wanted.budgets, _is_filtered(asked)),
        "report": stamp.key("report", seen, wanted.budgets),
        table: stamp.key(table, seen, asked.filters, asked.users),
    }


def _as_json(part: Update) -> _Json:
    return {name: to_json_plotly(value).encode() for name, value in part.items()}


def _trust(board: Board, stamp: Stamp, wanted: _Wanted) -> Update:
    return trust_part(board, stamp, wanted.found, wanted.asked.kept)


def _frame(board: Board, stamp: Stamp, wanted: _Wanted) -> Update:
    state, asked = wanted.state, wanted.asked
    clock, rights = Clock(stamp.now, stamp.zone), asked.who.viewer.rights
    return {
        "pages": header.pages(board.links.keeping(asked.kept), asked.at, wanted.found.pressing),
        "status": header.status(state, board.source, clock),
        "interval": _next_milliseconds(board, state, stamp),
        "notices": notices.notices(
            state, board.source, stamp.documents, clock, refresh_seconds=board.refresh_seconds, rights=rights
        ),
        "progress": notices.reading(state),
        "body": " ".join(["body", _view(state, stamp), *_page(asked)]),
    }


def _budget_strip(_board: Board, _stamp: Stamp, wanted: _Wanted) -> Update:
    return {"budgets": budget_strip.strip(wanted.budgets, filtered=_is_filtered(wanted.asked))}


_ANEW: Final = {"frame": _frame, "trust": _trust, "budgets": _budget_strip}


def _is_filtered(asked: Asked) -> bool:
    """Whether filters act, which budgets do not follow."""
    return asked.filters.choice != ALL_CHOSEN if asked.person is None else bool(asked.filters.choice.models)


def _clock(state: SyncState, now: datetime, *, soon: bool) -> dict[str, str | bool | None]:
    """The server's time, and that of the data by it, which a fast clock of the source may not put ahead.

    `soon`: it is worth while to ask again in a moment, though no sync goes on.
    """
    data_time = None if state.data_time is None else min(state.data_time, now)
    return {"now": now.isoformat(), "data": None if data_time is None else data_time.isoformat(), "soon": soon}


def _page(asked: Asked) -> list[str]:
    if asked.trust:
        return ["view-trust"]
    return [] if asked.person is None else ["view-user"]


def _view(state: SyncState, stamp: Stamp) -> str:
    if state.phase is Phase.ERROR:
        return "view-error"
    if stamp.documents:
        return "view-data"
    return "view-loading" if state.phase is Phase.LOADING else "view-empty"


def _next_milliseconds(board: Board, state: SyncState, stamp: Stamp) -> int:
    """When the browser asks again: soon while a sync goes on, and when a retry was promised."""
    if _is_soon(state):
        return _UNDER_WAY_MILLISECONDS
    usual = timedelta(seconds=board.refresh_seconds)
    promised = usual if state.retry_at is None else max(state.retry_at - stamp.now + _SOONEST, _SOONEST)
    return int(min(usual, promised) / timedelta(milliseconds=1))


def _is_soon(state: SyncState) -> bool:
    return state.phase is Phase.LOADING or state.under_way

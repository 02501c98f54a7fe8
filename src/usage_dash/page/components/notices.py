"""What the page says when it is not simply live: sample data, stale data, first read, nothing there, failure."""

from __future__ import annotations

from datetime import datetime

from dash import html
from dash.development.base_component import Component

from usage_dash.access.viewer import Rights
from usage_dash.page import ids
from usage_dash.page.components.dialogs import opener
from usage_dash.page.components.elements import Children, attributes, foreign, icon
from usage_dash.page.components.times import Clock
from usage_dash.repository.base import Failure, Source, SourceError
from usage_dash.sync.state import Phase, SyncState, Trouble
from usage_dash.wording import formats

_ICONS = {
    Failure.PERMISSION: "lock-keyhole",
    Failure.CREDENTIALS: "key-round",
    Failure.NOT_FOUND: "search-x",
    Failure.QUOTA: "gauge",
    Failure.UNREACHABLE: "cloud-off",
    Failure.INVALID: "circle-alert",
}


def notices(
    state: SyncState, source: Source, documents: int, clock: Clock, *, refresh_seconds: float, rights: Rights
) -> list[Component]:
    """All that applies, the most pressing first; `documents` is how many of the ledger's the viewer may see."""
    if state.phase is Phase.ERROR and state.error:
        return [_failed(state.error, state.retry_at, clock)]
    found: list[Component] = [_sample(rights)] if source.sample else []
    if state.phase is Phase.LOADING:
        return found
    if state.phase is Phase.STALE and state.error and state.data_time:
        found.insert(0, _stale(state.error, state.data_time, state.retry_at, clock))
    if documents:
        return found
    return [*found, _empty(source, refresh_seconds) if rights.source else _none_of_yours()]


def problem(sentence: str) -> html.Div:
    """A fault of ours, in one plain sentence."""
    return banner("bad", "circle-alert", [html.B(sentence)], [], role="alert")


def _stale(error: SourceError | Trouble, data_time: datetime, retry_at: datetime | None, clock: Clock) -> html.Div:
    today = formats.is_same_day(data_time, clock.now, clock.zone)
    as_of = formats.clock(data_time, clock.zone) if today else formats.moment(data_time, clock.now, clock.zone)
    again: Children = ["Trying again in ", clock.until(retry_at), "."] if retry_at else []
    said: Children = [
        html.B(f"Showing data from {as_of}."),
        " ",
        html.Span([foreign(error.reason), ". ", *again], className="muted"),
    ]
    remedy = [] if error.mendable_by_retry else [html.Div(foreign(error.remedy), className="muted")]
    return banner("warn", _icon(error), [*said, *remedy], [retry("Try now", "link")])


def _sample(rights: Rights) -> html.Div:
    said: Children = [html.B("Sample data.")]
    if not rights.source:
        return banner("info", "flask-conical", said, [])
    said += [" ", html.Span("Connect your Firebase project to see your own usage.", className="muted")]
    return banner("info", "flask-conical", said, [opener(ids.CONNECT, "How to connect", "link")])


def banner(kind: str, name: str, said: Children, action: list[Component], role: str = "status") -> html.Div:
    """A line over the figures: `kind` is "info", "warn" or "bad", `name` that of an icon."""
    return html.Div(
        [icon(name), html.Div(said), html.Div(action, className="action")], className=f"note {kind}", role=role
    )


def _failed(error: SourceError | Trouble, retry_at: datetime | None, clock: Clock) -> html.Section:
    command = [html.Pre(error.command, tabIndex=0)] if isinstance(error, SourceError) and error.command else []
    again: Children = ["Next try by itself in ", clock.until(retry_at)] if retry_at else []
    return html.Section(
        [
            icon(_icon(error)),
            html.Div(
                [
                    html.H2(foreign(error.title)),
                    html.P(foreign(error.remedy)),
                    *command,
                    retry("Try again", "b primary"),
                    html.Span(again, className="sub promise"),
                ]
            ),
        ],
        className="card failed",
        role="alert",
    )


def _icon(error: SourceError | Trouble) -> str:
    return _ICONS[error.failure] if isinstance(error, SourceError) else "circle-alert"


def reading(state: SyncState) -> html.Section | None:
    """How far the first read is; None when that is over."""
    progress = state.progress
    if state.phase is not Phase.LOADING:
        return None
    if progress is None:
        return _progress("Connecting …", None)
    read = html.B(formats.number(progress.read))
    of = "" if progress.of is None else f"{formats.number(progress.of)} "
    documents = "usage document" if progress.of == 1 else "usage documents"
    said: Children = [
        f"Reading {of}{documents} for the first time: ",
        read,
        " so far. Later refreshes read only what changed.",
    ]
    return _progress(said, 100 * min(progress.read / progress.of, 1) if progress.of else None)


def _progress(said: str | Children, percent: float | None) -> html.Section:
    done = html.Div(style={"width": f"{percent or 0:g}%"})
    bar = html.Div(done, className="prog", **attributes(aria_hidden="true"))  # the sentence beneath says it
    return html.Section([bar, html.P(said, className="num")], className="card reading", role="status")


def _empty(source: Source, refresh_seconds: float) -> html.Section:
    holder = source.holder
    seconds = "every second" if refresh_seconds == 1 else f"every {refresh_seconds:g} seconds"
    return html.Section(
        [
            icon("inbox"),
            html.H2(["No usage yet in “", foreign(holder.name), "”"]),
            html.P(
                [
                    "usage-dash is connected to ",
                    html.B(foreign(source.place)),
                    f" and looks again {seconds}. As soon as there is a usage document in the {holder.kind} ",
                    html.Code(foreign(holder.name)),
                    ", it shows here.",
                ]
            ),
            html.Details(
                [
                    html.Summary(f"Is it another {holder.kind}?", className="b"),
                    html.P(["Name it in the setting ", html.Code(holder.setting), " and start usage-dash again."]),
                ]
            ),
        ],
        className="card empty",
    )


def _none_of_yours() -> html.Section:
    said = html.P("As soon as there is usage that you may see, it shows here.")
    return html.Section([icon("inbox"), html.H2("No usage yet"), said], className="card empty")


def retry(label: str, look: str) -> html.Button:
    """A button that stands for the one in the header."""
    return html.Button(label, className=look, type="button", **attributes(data_refresh=""))

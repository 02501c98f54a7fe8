"""Dialogs that open on demand: how to connect, what needs attention, what reading costs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dash import html
from dash.development.base_component import Component

from usage_dash.checks import reading
from usage_dash.page import ids
from usage_dash.page.components.elements import Children, attributes, foreign, icon
from usage_dash.reporting.trust_models import Findings
from usage_dash.sync.bill import FREE_READS, Quota
from usage_dash.sync.read_meter import Meter, MeterSpan
from usage_dash.wording import formats

_WRITER: Final = Path(__file__).parents[1] / "writer" / "record-usage.mjs"


def layout() -> list[html.Dialog]:
    """All dialogs, closed."""
    return [
        dialog(ids.CONNECT, "Connect your Firebase project", _steps()),
        dialog(ids.FINDINGS, "Documents that need attention", html.Div(id=ids.FINDINGS_LIST)),
        dialog(ids.METER, "What reading costs", html.Div(id=ids.METER_TABLE)),
        dialog(ids.WRITER, "The corrected writer", html.Div(id=ids.WRITER_CODE)),
    ]


def opener(name: str, label: str | Children, look: str) -> html.Button:
    """A button that opens the dialog with this id."""
    return html.Button(label, className=look, type="button", **attributes(data_opens=name, aria_haspopup="dialog"))


def corrected_writer() -> list[Component]:
    """The code that counts answers without the faults that checks find, to copy."""
    code = _WRITER.read_text(encoding="utf-8")
    said: Children = [icon("copy"), "Copy", html.Span(className="copied", role="status")]
    copy = html.Button(said, className="b copy", type="button", **attributes(data_copy=code))
    told = html.P(
        "It trims in a transaction, takes the server’s time, merges, and keeps what it could not count for later."
    )
    return [told, copy, html.Pre(html.Code(code), tabIndex=0)]


def findings_list(findings: Findings) -> list[Component]:
    """What was wrong in the documents, and what was done about it; which of them hold more than they total."""
    found = [*_flaws(findings), *_exceeding(findings)]
    return found or [html.P("All documents are as they should be.")]


def _flaws(findings: Findings) -> list[Component]:
    if not findings.rows:
        return []
    lines = [
        (foreign(row.user_id), html.Code(foreign(row.field)), row.problem, row.action, formats.number(row.count))
        for row in findings.rows
    ]
    listed = sum(row.count for row in findings.rows)
    these = f"{formats.agree(listed, 'This is', 'These are')} {listed:,} of {findings.total:,}."
    more = [html.P(these)] if findings.total > listed else []
    return [_intro(), _list(("Document", "Field", "Problem", "What was done", "Times"), lines, figures=1), *more]


def _exceeding(findings: Findings) -> list[Component]:
    if not findings.exceeding:
        return []
    lines = [
        (foreign(each.user_id), formats.money(each.entries), formats.money(each.total)) for each in findings.exceeding
    ]
    told = html.P(
        "The entries of these documents cost more than their totals say: totals are too low, or entries are doubled."
    )
    return [told, _list(("Document", "Entries", "Total"), lines, figures=2)]


def _list(titles: Sequence[str], lines: Sequence[tuple[Component | str, ...]], *, figures: int) -> html.Table:
    """A table whose last columns, `figures` of them, are numbers."""
    words = len(titles) - figures
    body = [
        html.Tr([html.Td(cell, className="num" if place >= words else None) for place, cell in enumerate(line)])
        for line in lines
    ]
    head = html.Tr([html.Th(title, scope="col") for title in titles])
    return html.Table([html.Thead(head), html.Tbody(body)], className="list")


def _intro() -> html.P:
    return html.P(
        "Nothing was dropped silently: whatever could be used of these documents counts, and this is the rest."
    )


def meter_table(meter: Meter) -> list[Component]:
    """What reading has cost in the last hour and day, what is left of the free quota, and which documents cost most."""
    spans = (meter.hour, meter.day)
    lines = [
        ("Documents read", [formats.number(span.reads) for span in spans]),
        ("Queries", [formats.number(span.queries) for span in spans]),
        ("Reads saved", [formats.number(span.saved) for span in spans]),
        ("Bytes out", [formats.size(span.wire_bytes) for span in spans]),
        ("Decoded slowly", [formats.number(span.slow) for span in spans]),
        ("Estimated cost", [_dollars(span) for span in spans]),
    ]
    head = html.Tr([html.Td(), html.Th("Last hour", scope="col"), html.Th("Last day", scope="col")])
    body = [
        html.Tr([html.Th(name, scope="row"), *(html.Td(cell, className="num") for cell in cells)])
        for name, cells in lines
    ]
    took = meter.last_sync_seconds
    last = [] if took is None else [html.P(f"The last sync took {took:.1f} s.")]
    saved = html.P("Saved: what reading every document for every viewer at every refresh would have read besides.")
    table = html.Table([html.Thead(head), html.Tbody(body)], className="list figures")
    return [table, *last, saved, *_quota(meter.quota), *_dearest(meter)]


def _quota(quota: Quota) -> list[Component]:
    """What is left of what Firestore gives free, in words."""
    reads, bytes_out = formats.number(quota.today.reads), formats.size(quota.month.bytes_out)
    today = f"{reads} reads of the {FREE_READS:,} that are free each day; at most {quota.reads_left:,} are left. "
    month = (
        f"{bytes_out} out of the 10 GiB that are free each month; at most {formats.size(quota.bytes_left)} are left, "
    )
    spent = f"after {formats.number(quota.month.reads)} reads. "
    since = f"Counted since {formats.day(quota.since)}; others may use the same quota."
    return [
        html.P([html.B("Today, until midnight Pacific time: "), today]),
        html.P([html.B("This month: "), month, spent, since]),
        html.P("; ".join(f"{label}: {value}" for label, value in reading.bill(quota)) + "."),
    ]


def _dearest(meter: Meter) -> list[Component]:
    if not meter.dearest:
        return []
    said: Children = [html.B("Dearest documents, by size times reads: ")]
    for number, each in enumerate(meter.dearest):
        a_month = reading.costs(meter, each)
        times = "once" if each.reads == 1 else f"{each.reads:,} times"
        said += [
            "; " * (number > 0),
            foreign(each.user_id),
            f", read {times}, {formats.size(each.read_bytes)} ({a_month})",
        ]
    return [html.P([*said, "."])]


def _dollars(span: MeterSpan) -> str:
    return formats.money(span.dollars)


def dialog(name: str, title: str, content: Component) -> html.Dialog:
    """A dialog of this id, closed."""
    close = html.Button(
        icon("x"),
        className="b square",
        type="button",
        title="Close",
        **attributes(aria_label="Close", data_closes=name),
    )
    head = html.Div([html.H2(title, id=f"{name}-title"), close], className="hd")
    return html.Dialog(
        [head, html.Div(content, className="content", tabIndex=0)],
        id=name,
        **attributes(aria_labelledby=f"{name}-title"),
    )


def _steps() -> html.Ol:
    return html.Ol(
        [
            html.Li(
                [
                    "In the Google Cloud console of your Firebase project, create a service account, give it the role ",
                    html.B("Cloud Datastore Viewer"),
                    " (",
                    html.Code("roles/datastore.viewer"),
                    ") and download a key as JSON.",
                ]
            ),
            html.Li(
                [
                    "Write into the file ",
                    html.Code(".env"),
                    ":",
                    html.Pre("FIREBASE_CREDENTIALS=path/to/key.json\nUSAGE_COLLECTION=usage"),
                ]
            ),
            html.Li(["Start usage-dash with ", html.Code("usage-dash run"), " or ", html.Code("make run"), "."]),
        ]
    )

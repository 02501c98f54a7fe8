"""The footer: what reading cost, how far the figures can be trusted, the version."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash import __version__
from usage_dash.page import formats, ids
from usage_dash.page.components.dialogs import opener
from usage_dash.page.components.elements import Children
from usage_dash.reporting.view_models import Overview
from usage_dash.sync.read_meter import Meter


def layout() -> html.Footer:
    """The footer, before anything is known."""
    return html.Footer(
        [
            html.Span(id=ids.BILL),
            html.Span(id=ids.TRUST, className="trust"),
            html.Span(className="grow"),
            html.Span(f"usage-dash {__version__}"),
        ],
        className="foot num",
    )


def bill(meter: Meter) -> html.Button:
    """What was read in the last hour; opens the details."""
    said: Children = [
        html.B(formats.number(meter.hour.reads)),
        f" {_documents(meter.hour.reads)} read this hour · ",
        html.B(formats.number(meter.hour.saved)),
        f" {formats.agree(meter.hour.saved, 'read', 'reads')} saved",
    ]
    return opener(ids.METER, said, "quiet")


def trust(overview: Overview) -> list[Component]:
    """Which share of the cost the entries explain, and the documents and entries that were not as they should be."""
    found: list[Component] = []
    if overview.coverage is not None:
        explained = html.B(formats.rough_share(overview.coverage))
        found.append(html.Span(["Itemised entries explain ", explained, " of all-time cost"]))
    if overview.flawed_documents:
        count = overview.flawed_documents
        said: Children = [
            html.B(formats.number(count)),
            f" {_documents(count)} {formats.agree(count, 'needs', 'need')} attention",
        ]
        found.append(opener(ids.FINDINGS, said, "quiet"))
    if overview.misdated:
        wrong = f" {formats.agree(overview.misdated, 'entry is', 'entries are')} in no range, dated by a wrong clock"
        found.append(html.Span([html.B(formats.number(overview.misdated)), wrong]))
    return found


def _documents(count: int) -> str:
    return formats.agree(count, "document", "documents")

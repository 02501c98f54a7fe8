"""How large a user's document is, when it will be full, and what happens then."""

from __future__ import annotations

from datetime import date

from dash import html
from dash.development.base_component import Component

from usage_dash.page import ids
from usage_dash.page.components.dialogs import opener
from usage_dash.page.components.elements import meter, panel
from usage_dash.reporting.growth import WARNS_AT, full_on
from usage_dash.reporting.person import DocumentSize
from usage_dash.wording import formats

_KEPT = "entries that were read stay known here, and may be trimmed."
_LOST = "each further call of this user is lost without a word"


def document_size(size: DocumentSize, limit: int, today: date) -> html.Section:
    """The size against what Firestore holds in a document, how many entries fill it, and how it goes on."""
    return panel("Document size", "", [*_bar(size, limit), html.P(_held(size)), *_prospect(size, limit, today)])


def _bar(size: DocumentSize, limit: int) -> list[Component]:
    if size.octets is None:
        return [html.P("This source does not tell how large documents are.", className="said")]
    share, of = size.octets / limit, f"of {formats.binary_size(limit)}"
    grows = f", grows {formats.size(round(size.growth))} a day" if size.growth else ""
    told = f"{formats.rough_share(share)} {of}{grows}"
    return [
        html.P([formats.size(size.octets), " ", html.Small(of)], className="fig num"),
        meter(share, f"{told}; the warning starts at {WARNS_AT:.0%}", mark=WARNS_AT, hot=share >= WARNS_AT),
        html.Div([html.Span(told), html.Span(f"warns at {WARNS_AT:.0%}")], className="ends num"),
    ]


def _held(size: DocumentSize) -> str:
    if size.trimmed:
        return f"Holds the last {formats.counted(size.entries, 'entry', 'entries')}; older ones are trimmed."
    return f"Holds {formats.counted(size.entries, 'entry', 'entries')}."


def _prospect(size: DocumentSize, limit: int, today: date) -> list[Component]:
    """Return when it will be full, what happens then, and the way out; or that it stays as it is."""
    if size.octets is None:
        return []
    full = full_on(size.octets, size.growth, limit, today)
    if full is None:
        return [html.P("At this pace it will not be full within ten years." if size.growth else "Stays as it is.")]
    look = "warn" if size.octets >= WARNS_AT * limit else None
    said = ["Full. ", _LOST] if size.octets >= limit else [f"Full about {formats.day(full)}. ", f"From then on {_LOST}"]
    remedy = opener(ids.WRITER, "Trim the entries in the writer", "link")
    return [html.P([html.B(said[0], className=look), f"{said[1][:1].upper()}{said[1][1:]}: {_KEPT}"]), html.P(remedy)]

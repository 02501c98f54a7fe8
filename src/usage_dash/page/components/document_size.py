"""How large a user's document is, and what happens when it is full."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.documents.sizes import LARGEST_DOCUMENT
from usage_dash.page.components.elements import meter, panel
from usage_dash.reporting.person import DocumentSize
from usage_dash.wording import formats

_WARNS_AT = 0.6  # of what a document holds
_FULL = "When a document is full, each further call of this user is lost without a word."


def document_size(size: DocumentSize) -> html.Section:
    """The size against what Firestore holds in a document, and how many entries fill it."""
    return panel("Document size", "", [*_bar(size.octets), html.P(_held(size)), *_consequence(size.octets)])


def _bar(octets: int | None) -> list[Component]:
    if octets is None:
        return [html.P("This source does not tell how large documents are.", className="said")]
    share = octets / LARGEST_DOCUMENT
    told = f"{formats.rough_share(share)} of 1 MiB"
    return [
        html.P([formats.size(octets), " ", html.Small("of 1 MiB")], className="fig num"),
        meter(share, f"{told}; the warning starts at {_WARNS_AT:.0%}", mark=_WARNS_AT, hot=share >= _WARNS_AT),
        html.Div([html.Span(told), html.Span(f"warns at {_WARNS_AT:.0%}")], className="ends num"),
    ]


def _held(size: DocumentSize) -> str:
    if size.trimmed:
        return f"Holds the last {formats.counted(size.entries, 'entry', 'entries')}; older ones are trimmed."
    return f"Holds {formats.counted(size.entries, 'entry', 'entries')}."


def _consequence(octets: int | None) -> list[Component]:
    if octets is None:
        return []
    if octets < _WARNS_AT * LARGEST_DOCUMENT:
        return [html.P(_FULL)]
    remedy = " Let the writer keep only the newest entries: those that were read stay known here."
    return [html.P([html.B("Getting full. ", className="warn"), _FULL, remedy])]

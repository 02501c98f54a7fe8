"""Documents near the size at which they end: from then on, their users' calls are lost."""

from __future__ import annotations

from datetime import date
from typing import Final

from usage_dash.checks.check import NAMED, Check, Concerned, State
from usage_dash.checks.rules import Rules
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.fullness import FillingDocument, Fullness, fullness
from usage_dash.reporting.growth import WARNS_AT, full_on
from usage_dash.wording import formats

_LOST: Final = "Then every further call of these users is lost without a word"
_TODO: Final = (
    "Keep the newest 100 entries, as the corrected writer does (docs/writer.md): those that were read stay known here. "
    "Until then, move old entries of these documents elsewhere."
)
_HOW: Final = (
    "Each document is measured as Firestore counts it, and its growth by what its entries of the last four weeks take."
)


def documents_have_room(moment: Moment, rules: Rules) -> Check | None:
    """Return whether documents come near their limit; None where the source does not tell how large they are."""
    limit = rules.document_limit
    found = fullness(moment, limit, NAMED)
    if not found.known:
        return None
    figure, unit = formats.rough_share(found.fullest / limit), f"of {formats.binary_size(limit)}, the fullest"
    if not found.filling:
        return Check(
            key="documents-have-room",
            state=State.GOOD,
            title="Documents have room",
            detail=f"None holds {WARNS_AT:.0%} of what it can",
            figure=figure,
            unit=unit,
            why=_HOW,
            todo=f"Once one holds {WARNS_AT:.0%}, with the day on which it will be full.",
        )
    return Check(
        key="documents-have-room",
        state=State.ACT if found.urgent else State.LOOK,
        title=_title(found),
        detail=_LOST if found.urgent else "When a document is full, further calls of its user are lost without a word",
        figure=figure,
        unit=unit,
        why="The chatbot adds each call to `recentUsage` and never takes one away. Firestore refuses a write that "
        f"would pass {formats.binary_size(limit)}.",
        todo=_TODO,
        users=tuple(Concerned(each.user_id, _how(each, limit, moment.today)) for each in found.documents),
        others=found.filling - len(found.documents),
    )


def _title(found: Fullness) -> str:
    if not found.urgent:
        documents = formats.counted(found.filling, "document is", "documents are")
        return f"{documents} more than {WARNS_AT:.0%} full"
    documents = formats.counted(found.urgent, "document")
    if found.soon == found.urgent:
        return f"{documents} will be full within four weeks"
    return f"{documents} {formats.agree(found.urgent, 'is', 'are')} full, or will be soon"


def _how(document: FillingDocument, limit: int, today: date) -> str:
    full = full_on(document.octets, document.growth, limit, today)
    size = formats.size(document.octets)
    if document.octets >= limit:
        return f"{size}, full"
    return f"{size}, {f'full {formats.near_day(full, today)}' if full else 'stays as it is'}"

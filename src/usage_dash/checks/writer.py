"""Faults of the chatbot's writer, recognised by what its documents show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usage_dash.checks.check import Check, State, Table
from usage_dash.checks.rules import Rules
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.writer_faults import WriterFaults, writer_faults
from usage_dash.wording import formats

_HEADS: Final = ("Recognised", "How it shows", "Seen in")
_TODO: Final = (
    "Copy the corrected writer (docs/writer.md): it trims, corrects its clock by the server’s, and counts in "
    "transactions, so that nothing is overwritten."
)


def writer_is_sound(moment: Moment, _rules: Rules) -> Check | None:
    """Return which faults of the writer show; None where there are no documents."""
    if not moment.documents:
        return None
    rows = tuple(_rows(writer_faults(moment)))
    if not rows:
        return Check(
            key="writer-is-sound",
            state=State.GOOD,
            title="No fault of the writer is recognised",
            detail="In what it has written in the last four weeks",
            figure="0",
            unit="faults",
            why="Entries that are never trimmed, overwritten first writes, wrong clocks, paths as names of fields, and "
            "writes without a call leave their traces in documents.",
            todo="Once a document shows one of them.",
        )
    faults = formats.counted(len(rows), "fault")
    return Check(
        key="writer-is-sound",
        state=State.LOOK,
        title=f"{faults} of the writer {formats.agree(len(rows), 'is', 'are')} recognised",
        detail=", ".join(name if not number else name[:1].lower() + name[1:] for number, (name, *_) in enumerate(rows)),
        figure=formats.number(len(rows)),
        unit=formats.agree(len(rows), "fault", "faults"),
        why="The chatbot’s writer, as its documents show.",
        todo=_TODO,
        table=Table(_HEADS, rows),
    )


def _rows(found: WriterFaults) -> Iterator[tuple[str, str, str]]:
    if found.untrimmed:
        shows = f"Entries only grow; the largest document holds {formats.number(found.largest)}"
        yield "Entries are never trimmed", shows, formats.counted(found.untrimmed, "document")
    if found.overwritten:
        shows = "Counters began again, and lack entries that were read a moment before"
        yield "First write overwritten", shows, formats.counted(found.overwritten, "document")
    if found.clocks:
        yield "The client’s own clock", _off(found), formats.counted(found.clocks, "user")
    if found.paths:
        shows = "Fields named like a path, such as `totals.cost`: `set` takes dots for a part of the name"
        yield "A path as a field’s name", shows, formats.counted(found.paths, "document")
    if found.moved:
        shows = "Written after their last call, and no call was counted; each is read again"
        yield "Speech moves `lastUpdated`", shows, formats.counted(found.moved, "document")


def _off(found: WriterFaults) -> str:
    """Return how wrong clocks were."""
    ahead = [f"Up to {formats.length(found.ahead)} ahead"] if found.ahead else []
    early = [f"as early as {formats.day(found.early)}"] if found.early else []
    said = ", or ".join([*ahead, *early])
    return f"{said[:1].upper()}{said[1:]}"

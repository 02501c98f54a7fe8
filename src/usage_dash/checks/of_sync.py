"""The checks of how the ledger is kept current; only who may see the source is told."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.checks.check import Check, State
from usage_dash.sync.catch_up import Compared
from usage_dash.sync.state import SyncState
from usage_dash.sync.sums import Sums
from usage_dash.wording import formats

_HOW: Final = (
    "Documents that changed are read while somebody looks. Counts tell of new and deleted ones. From time to time all "
    "are compared."
)
_EDITS: Final = {
    Sums.TELL: "Sums tell of edits that moved `totalCalls`, but not `lastUpdated`.",
    Sums.REFUSED: "Firestore does not add up `totalCalls`, which may be exempted from indexing: edits that did not "
    "move `lastUpdated` are found when all are compared.",
    Sums.NOT_FINITE: "Some document’s `totalCalls` is not a finite number, so nothing can be added up: edits that did "
    "not move `lastUpdated` are found when all are compared.",
}
_WHEN: Final = "With the first sync that fails. What is shown then stays, with its time, and every page says so."


def up_to_date(state: SyncState, compared: Compared, now: datetime, refresh_seconds: float, zone: ZoneInfo) -> Check:
    """Return whether what is shown is as of now."""
    if state.data_time is None:
        return Check("up-to-date", State.UNKNOWN, "Looking…", "Nothing has been read yet", formats.UNKNOWN, "", "", "")
    age = formats.span((now - state.data_time).total_seconds())
    if state.error is not None:
        return Check(
            key="up-to-date",
            state=State.ACT,
            title="Newer usage can’t be read",
            detail=state.error.reason,
            figure=age,
            unit="since the last sync",
            since=state.data_time,
            why=state.error.title,
            todo=state.error.remedy,
        )
    return Check(
        key="up-to-date",
        state=State.GOOD,
        title="Figures are up to date",
        detail=f"Looked for changes every {formats.span(refresh_seconds)}; every document was last compared "
        f"{formats.moment(compared.at, now, zone)}",
        figure=age,
        unit="since the last sync",
        since=state.data_time,
        why=f"{_HOW} {_EDITS[compared.sums]}",
        todo=_WHEN,
    )

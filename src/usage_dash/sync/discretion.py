"""What those learn of the sync who do not run the dashboard: that it fails, not what is not theirs to mend."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from usage_dash.sync.state import SyncState, Trouble

_TROUBLE: Final = Trouble(
    "Usage can’t be read at the moment",
    remedy="It will be tried again. Whoever runs this dashboard sees the reason.",
    reason="Newer usage can’t be read at the moment",
    mendable_by_retry=True,
)


def discreet(state: SyncState, *, source: bool) -> SyncState:
    """Return the state, without the source's words and its number of documents for who has no right to the `source`."""
    if source:
        return state
    return replace(state, error=_TROUBLE if state.error else None, progress=None)

"""What those learn of the sync who do not run the dashboard: that it fails, not what is not theirs to mend."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from usage_dash.access.viewer import Rights
from usage_dash.sync.state import SyncState, Trouble

_TROUBLE: Final = Trouble(
    "Usage can’t be read at the moment",
    remedy="It will be tried again. Whoever runs this dashboard sees the reason.",
    reason="Newer usage can’t be read at the moment",
    mendable_by_retry=True,
)


def discreet(state: SyncState, rights: Rights) -> SyncState:
    """Return the state, without the source's words and its number of documents for who has no right to them."""
    if rights.source:
        return state
    return replace(state, error=_TROUBLE if state.error else None, progress=None)

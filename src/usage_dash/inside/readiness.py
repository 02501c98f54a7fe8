"""Whether the dashboard can show usage that is as new as it promises.

Nothing is read while nobody looks, so whoever waits for data before letting anybody in would wait for ever: before
somebody has asked, it is ready. It is also while the first read goes on, of which the page tells how far it is. Data
may be old for the same reason; only where it could not be read anew is that a failure, and only after some tries.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from usage_dash.sync.state import Phase, SyncState

_PATIENCE: Final = 900.0  # seconds; three tries, each five minutes after the other, fit in
_REFRESHES: Final = 10  # that may fail, where refreshes are far apart


class Status(StrEnum):
    """How the data is."""

    IDLE = "idle"  # nobody has asked yet
    LOADING = "loading"  # the first read is under way
    LIVE = "live"
    STALE = "stale"  # it could not be read anew; what was read last is shown
    FAILED = "failed"  # it could never be read


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether it is `ready`, how the data is, and how many seconds ago it was complete; None where it never was."""

    ready: bool
    status: Status
    age: float | None


def readiness(state: SyncState, now: datetime, refresh_seconds: float) -> Readiness:
    """Judge the state of a sync that reads every `refresh_seconds` while somebody looks."""
    age = None if state.data_time is None else max(0.0, (now - state.data_time).total_seconds())
    status = _status(state)
    old = age is not None and age > max(_PATIENCE, _REFRESHES * refresh_seconds)
    return Readiness(not (status is Status.FAILED or (status is Status.STALE and old)), status, age)


def _status(state: SyncState) -> Status:
    match state.phase:
        case Phase.LOADING:
            return Status.LOADING if state.under_way else Status.IDLE
        case Phase.LIVE:
            return Status.LIVE
        case Phase.STALE:
            return Status.STALE
        case Phase.ERROR:
            return Status.FAILED

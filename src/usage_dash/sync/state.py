"""The sync, as a viewer sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from usage_dash.repository.base import SourceError


class Phase(StrEnum):
    """What the page shows; also the `data-state` of the status (a demo says "demo" while live)."""

    LOADING = "loading"  # the first read is under way
    LIVE = "live"  # the data is as of `SyncState.data_time`
    STALE = "stale"  # last good data stays; `SyncState.error` says why
    ERROR = "error"  # no data yet, and `SyncState.error` says why


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the first read is, in documents; `of` is None until the source has counted them."""

    read: int
    of: int | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a sync failed when it was not the source: disk, memory, or a fault of ours. Told as a `SourceError` is.

    `mendable_by_retry` is False where a person has to help.
    """

    title: str
    remedy: str
    reason: str
    mendable_by_retry: bool

    def __str__(self) -> str:
        """One line for a log or a console."""
        return f"{self.title}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class SyncState:
    """The sync, as a viewer sees it. Times are UTC."""

    phase: Phase
    version: int  # of the ledger; grows with every change of its content
    data_time: datetime | None = None  # the source's clock when it last answered in full
    error: SourceError | Trouble | None = None
    retry_at: datetime | None = None
    progress: Progress | None = None
    under_way: bool = False  # a sync is running, so more may be known soon

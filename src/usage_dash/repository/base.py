"""What every source of usage documents offers, and how it fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from usage_dash.documents.batch import Batch, IdRange


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds the usage documents: what it is (“collection” or “file”), its name, and the setting that names it."""

    kind: str
    name: str
    setting: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where usage documents come from, and what follows from it.

    `identity` is one string a place, so that ledgers never mix: two sources with the same hold the same documents.
    `label` says in a few words what it is, `place` where its holder is. `billed` tells whether reading costs money, or
    in a sample would; what is free is compared whole at every sync.
    """

    identity: str
    label: str
    place: str
    holder: Holder
    billed: bool = True
    sample: bool = False


FUTURE = timedelta(minutes=5)  # a document dated further past the source's clock is left to a listing


@dataclass(frozen=True, slots=True)
class Page:
    """Documents read together, the source's clock at that time, and their size on the wire."""

    batch: Batch
    read_time: datetime
    wire_bytes: int = 0
    queries: int = 0  # calls made for this page
    reads: int = 0  # documents billed for this page
    slow: int = 0  # documents with something so unusual that they took many times as long to decode


class Edition(StrEnum):
    """The editions of Firestore's databases, which index and bill differently."""

    STANDARD = "Standard"
    ENTERPRISE = "Enterprise"


class Failure(StrEnum):
    """Why a source could not be read; the page chooses its icon and its patience by it."""

    PERMISSION = "permission"
    CREDENTIALS = "credentials"
    NOT_FOUND = "not-found"
    QUOTA = "quota"
    UNREACHABLE = "unreachable"
    INVALID = "invalid"


@dataclass(unsafe_hash=True)  # not frozen: context managers write an exception's traceback
class SourceError(Exception):
    """A failed read, in words for the person who can mend it. Holds no secret and no user data.

    `mendable_by_retry` is False where only a person can help (a role, a key, a name): such an error is
    tried again rarely.
    """

    failure: Failure
    title: str  # "Firestore refused to let usage-dash read “usage”"
    remedy: str  # what to do, in one or two sentences
    reason: str  # a short clause for the stale banner: "Firestore can't be reached (unavailable)"
    command: str = ""  # a command that mends it, if there is one
    mendable_by_retry: bool = True

    def __str__(self) -> str:
        """One line for a log or a console."""
        return f"{self.title}. {self.remedy}"


class RangesUnsupportedError(Exception):
    """The source cannot tell ids in a range from ids outside it; list it instead."""


class SumsUnsupportedError(Exception):
    """The source does not add up what documents say; what only a sum would tell waits for a listing."""


class UsageRepository(Protocol):
    """Reads usage documents; each call has a wall-clock budget and raises `SourceError` when it fails."""

    @property
    def source(self) -> Source:
        """Where the documents come from."""
        ...

    def count(self, ids: IdRange = ...) -> int:
        """Count the documents in `ids` without reading them.

        Raises `RangesUnsupportedError` when `ids` has a bound and the source cannot filter by id.
        """
        ...

    def total_calls(self, ids: IdRange = ...) -> float:
        """Add up the `totalCalls` of the documents in `ids`, of those where it is a number, without reading them.

        As Firestore does: a negative number counts, one that is not finite makes the sum such a one.
        Raises `RangesUnsupportedError` as `count` does, and `SumsUnsupportedError`.
        """
        ...

    def changed(self, since: datetime) -> Iterator[Page]:
        """Read documents whose `lastUpdated` is a timestamp at or after `since`, oldest first.

        Documents dated more than a few minutes past the source's clock are left to `listing`. Yields at least one
        page, perhaps an empty one, so that the read time is known.
        """
        ...

    def listing(self, ids: IdRange = ...) -> Iterator[Page]:
        """Read every document in `ids`, ordered by id, dated or not. Yields at least one page."""
        ...

    def latest(self, limit: int) -> Page:
        """Read up to `limit` documents, those with the latest timestamps in `lastUpdated`, whenever these are."""
        ...

    def close(self) -> None:
        """Let go of connections; the repository is not used afterwards."""
        ...

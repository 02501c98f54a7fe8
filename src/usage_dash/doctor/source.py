"""A real read of the source: few documents, each call with an end, and what it tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, runtime_checkable

from usage_dash.repository.base import Edition, Page, Source, SourceError, UsageRepository

SAMPLE: Final = 20  # documents at most


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source showed: how many documents it counted, the last dated of them, and how far its clock is ahead."""

    source: Source
    count: int
    sample: Page
    ahead: timedelta
    account: str | None = None
    edition: Edition | None = None


@runtime_checkable
class Database(Protocol):
    """A source that is a database of Google's."""

    @property
    def account(self) -> str | None:
        """The service account's address; None when it is not known."""
        ...

    def edition(self) -> Edition | None:
        """Return the database's edition; None where nobody tells."""
        ...


def see(repository: UsageRepository, now: Callable[[], datetime]) -> Seen | SourceError:
    """Read a count and a sample; return the error that stood in the way."""
    try:
        source, count = repository.source, repository.count()
        asked = now()
        sample = repository.latest(SAMPLE)
        between = asked + (now() - asked) / 2
        ahead = sample.read_time - between
        if isinstance(repository, Database):
            return Seen(source, count, sample, ahead, repository.account, repository.edition())
    except SourceError as error:
        return error
    return Seen(source, count, sample, ahead)

"""What every source of users' names offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from usage_dash.documents.people import Name


@dataclass(frozen=True, slots=True)
class LookedUp:
    """The names that were found, by user id, and what looking for them cost as Firestore bills it."""

    names: Mapping[str, Name]
    queries: int = 0  # calls made
    reads: int = 0  # documents billed
    wire_bytes: int = 0


class NameSource(Protocol):
    """Looks up who users are, by the ids of their usage documents."""

    @property
    def identity(self) -> str:
        """One string a place: names of another one are not this one's."""
        ...

    @property
    def batch(self) -> int:
        """How many ids may be looked up at once."""
        ...

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """Find the names of up to `batch` users; who is not found is left out, and so is who could have no name here.

        It has a wall-clock budget and raises `SourceError` when it fails.
        """
        ...

    def close(self) -> None:
        """Let go of connections, and end a look-up under way as soon as can be; the source is not used afterwards."""
        ...

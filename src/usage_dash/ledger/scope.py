"""Whose usage a snapshot of the ledger shows. Without a scope there is no snapshot, so no question can forget it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, Literal


class _Users(Enum):
    ALL = "all"


ALL_USERS: Final = _Users.ALL


@dataclass(frozen=True)
class Scope:
    """What one viewer may see: the usage documents with these ids, their entries and findings, and models in them.

    `users` must be given; `ALL_USERS` has to be written down. An empty set sees nothing. `people` is the version of
    what is known of people, which decided it.
    """

    users: frozenset[str] | Literal[_Users.ALL]
    people: str = ""

    def __post_init__(self) -> None:
        """Refuse anything but a set of ids or `ALL_USERS`, with a `TypeError`: None, say, is no permission."""
        if self.users is not ALL_USERS and not isinstance(self.users, frozenset):
            raise TypeError("A scope names its users, or ALL_USERS.")

    @cached_property
    def key(self) -> str:
        """A short text that only scopes with the same users share, by the same version of people."""
        if self.users is ALL_USERS:
            return f"{ALL_USERS.value} {self.people}"
        lengths_and_ids = "".join(f"{len(text)}:{text}" for text in (self.people, *sorted(self.users)))
        return hashlib.blake2b(lengths_and_ids.encode(errors="surrogatepass"), digest_size=16).hexdigest()


EVERYBODY: Final = Scope(ALL_USERS)

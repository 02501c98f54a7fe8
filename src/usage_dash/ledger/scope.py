"""Whose usage a snapshot of the ledger shows. Without a scope there is no snapshot, so no question can forget it.

A scope acts through temporary views on the snapshot's own cursor that are called like the ledger's tables: inside its
transaction a bare name means the view. Other cursors do not see them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, Literal

import duckdb


class _Users(Enum):
    ALL = "all"


ALL_USERS: Final = _Users.ALL

# The ledger's tables by their full names: a view named like its own table would look for itself.
_VIEWS = """
CREATE TEMP TABLE seen AS SELECT user_key FROM ledger.main.users WHERE user_id IN (SELECT unnest($ids));
CREATE TEMP VIEW users AS FROM ledger.main.users SEMI JOIN seen USING (user_key);
CREATE TEMP VIEW entries AS FROM ledger.main.entries SEMI JOIN seen USING (user_key);
CREATE TEMP VIEW findings AS FROM ledger.main.findings SEMI JOIN seen USING (user_key);
CREATE TEMP VIEW models AS FROM ledger.main.models WHERE slot IN (SELECT slot FROM entries);
CREATE TEMP VIEW marks AS FROM ledger.main.marks WHERE FALSE;
CREATE TEMP VIEW meta AS FROM ledger.main.meta WHERE FALSE;
"""


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


def narrow(sql: duckdb.DuckDBPyConnection, scope: Scope) -> None:
    """Make bare names of the ledger's tables mean what `scope` may see, until the cursor `sql` is closed."""
    if scope.users is ALL_USERS:
        return
    for view in _VIEWS.strip().split(";\n"):
        sql.execute(view, {"ids": sorted(scope.users)} if "$ids" in view else None)

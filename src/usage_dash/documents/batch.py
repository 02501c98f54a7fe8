"""The shape in which documents travel from a repository to the ledger: Arrow tables, and ranges of their ids."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pyarrow as pa

from usage_dash.documents.fields import ENTRY, TIMES, TOTALS, columns_of

USERS = pa.schema(
    {
        "user_id": pa.string(),
        **columns_of(TOTALS),
        **columns_of(TIMES),
        "dated": pa.bool_(),
        "size": pa.int64(),
        "summed_calls": pa.float64(),
    }
)
ENTRIES = pa.schema({"user_id": pa.string(), "position": pa.int32(), **columns_of(ENTRY), "rest": pa.string()})
FINDINGS = pa.schema(
    {
        "user_id": pa.string(),
        "field": pa.string(),
        "problem": pa.string(),
        "action": pa.string(),
        "count": pa.int32(),
    }
)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some usage documents as three tables with the schemas `USERS`, `ENTRIES` and `FINDINGS`.

    Costs are US dollars, times are UTC, `size` is in bytes as Firestore counts them; null means that the document, or
    for its size the source, did not say. `summed_calls` is what a sum of Firestore's makes of `totalCalls`: the very
    number that stands there, be it negative or infinite, and null for what is no number. A user id stands once in
    `users`. `entries` keep the order of their array in `position`, which counts from 0.
    """

    users: pa.Table
    entries: pa.Table
    findings: pa.Table

    @property
    def documents(self) -> int:
        """How many documents the batch holds."""
        return int(self.users.num_rows)


# By code point, the one below it that an id can hold: no id holds a slash, and no text one of a surrogate.
_BELOW = {0x30: 0x2E, 0xE000: 0xD7FF}


@dataclass(frozen=True, slots=True)
class IdRange:
    """Document ids in `(after, until]`, ordered by their UTF-8 bytes; None: no bound."""

    after: str | None = None
    until: str | None = None

    @classmethod
    def of(cls, user_id: str) -> IdRange:
        """Return a range that holds this id and, of ids that people use, no other."""
        front, last = user_id[:-1], ord(user_id[-1])
        below = _BELOW.get(last, last - 1)
        return cls(f"{front}{chr(below)}{chr(sys.maxunicode)}" if last else front or None, user_id)


EVERYTHING = IdRange()

"""Which usage documents cost most to read: each read sends all of a document, however little of it has changed."""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from usage_dash.documents.batch import Batch

_NAMED: Final = 5
_KEPT: Final = 2_000  # documents; of more than twice as many, those that cost least are forgotten


@dataclass(frozen=True, slots=True)
class DearDocument:
    """A usage document, how often it was read, and its size each time added up, in bytes as Firestore counts them."""

    user_id: str
    reads: int
    read_bytes: int


class Dearest:
    """Counts what reading each usage document sent; those whose size the source does not say are not in it."""

    def __init__(self) -> None:
        self._documents: dict[str, DearDocument] = {}

    def add(self, batch: Batch) -> None:
        """Count one read of each of the batch's documents."""
        ids, sizes = (batch.users[name].to_pylist() for name in ("user_id", "size"))
        for user_id, size in zip(ids, sizes, strict=True):
            if size is not None:
                before = self._documents.get(user_id, DearDocument(user_id, 0, 0))
                self._documents[user_id] = DearDocument(user_id, before.reads + 1, before.read_bytes + size)
        if len(self._documents) > 2 * _KEPT:
            self._documents = {each.user_id: each for each in _first(self._documents, _KEPT)}

    def first(self) -> tuple[DearDocument, ...]:
        """Return the few dearest, the dearest first."""
        return tuple(_first(self._documents, _NAMED))


def _first(documents: Mapping[str, DearDocument], count: int) -> list[DearDocument]:
    return heapq.nsmallest(count, documents.values(), key=lambda each: (-each.read_bytes, each.user_id))

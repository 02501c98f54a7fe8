"""A source of very many users, made as columns: who they are matters, not what they wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from usage_dash.documents.batch import ENTRIES, EVERYTHING, USERS, Batch, IdRange
from usage_dash.documents.parse import batch_of
from usage_dash.repository.base import Holder, Page, Source
from usage_dash.repository.in_memory import Snapshot

_GIVEN = ("Ada", "Bo", "Chen", "Dana", "Élodie", "Farid", "Grace", "Hana", "Iris", "Jo")
_FAMILY = ("Abe", "Bauer", "Costa", "Diallo", "Eriksen", "Fox", "García", "Haddad", "Ito", "Jensen")
_TEAMS = ("Research", "Support", "Sales", "")


class ManyUsers:
    """`count` users with one entry each, the first the dearest; they are the same at each call."""

    def __init__(self, count: int) -> None:
        self.ids = [f"uid-{number:06}" for number in range(count)]
        self._now = datetime.now(UTC).replace(microsecond=0)
        self._batch = _batch(self.ids, self._now)

    @property
    def source(self) -> Source:
        return Source("many/users", "many · Firestore", "many", Holder("collection", "usage", "USAGE_COLLECTION"))

    def count(self, ids: IdRange = EVERYTHING) -> int:
        return self._snapshot.count(ids)

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        return self._snapshot.total_calls(ids)

    def changed(self, since: datetime) -> Iterator[Page]:
        return self._pages(self._snapshot.changed(since))

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        found = self._batch if ids == EVERYTHING else None
        return self._pages(iter([found]) if found else self._snapshot.listing(ids))

    def latest(self, limit: int) -> Page:
        return next(self._pages(iter([self._snapshot.latest(limit)])))

    def close(self) -> None:
        pass

    def people(self, file: Path) -> Path:
        """Write who they are to a people file."""
        lines = [
            f"{user},{name_of(number)},{user}@acme.example,{_TEAMS[number % 4]}" for number, user in enumerate(self.ids)
        ]
        file.write_text("\n".join(["user_id,name,email,team", *lines]), encoding="utf-8")
        return file

    @property
    def _snapshot(self) -> Snapshot:
        return Snapshot(self._batch, self._now)

    def _pages(self, batches: Iterator[Batch]) -> Iterator[Page]:
        return (Page(batch, self._now, queries=1, reads=max(1, batch.documents)) for batch in batches)


def name_of(number: int) -> str:
    """The name of a user; no two share it."""
    return f"{_GIVEN[number % 10]} {_FAMILY[number // 10 % 10]} {number}"


def _batch(ids: list[str], now: datetime) -> Batch:
    count = len(ids)
    cost = pa.array(np.arange(count, 0, -1) / 1_000.0)
    ones, tokens = pa.array(np.ones(count, np.int64)), pa.array(np.full(count, 10, np.int64))
    at = pa.array([now - timedelta(minutes=number % 40_000) for number in range(count)], USERS.field("created_at").type)
    users = {
        "user_id": pa.array(ids),
        "total_calls": ones,
        "total_input_tokens": tokens,
        "total_output_tokens": tokens,
        "total_tokens": pa.array(np.full(count, 20, np.int64)),
        "total_cost": cost,
        "last_updated": at,
        "created_at": at,
        "dated": pa.array(np.ones(count, bool)),
        "size": pa.array(np.full(count, 400, np.int64)),
        "summed_calls": pa.array(np.ones(count)),
    }
    entries = {
        "user_id": users["user_id"],
        "position": pa.array(np.zeros(count, np.int32)),
        "at": at,
        "model": pa.array([("gpt-5.2", "gpt-4o")[number % 2] for number in range(count)]),
        "input_tokens": tokens,
        "output_tokens": tokens,
        "total_tokens": users["total_tokens"],
        "cost": cost,
        "calls": ones,
        "rest": pa.nulls(count, pa.string()),
    }
    return Batch(pa.table(users, USERS), pa.table(entries, ENTRIES), batch_of([]).findings)

"""Usage documents held in memory: what the sources that are no database answer from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from usage_dash.documents.batch import EVERYTHING, Batch, IdRange
from usage_dash.repository.base import FUTURE

PAGE = 500  # documents


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All usage documents of a source `as_of` one time of its clock; the batches it gives keep to protocol's rules."""

    batch: Batch
    as_of: datetime

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """Count the documents in `ids`."""
        return int(self._within(ids).num_rows)

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add up what the documents in `ids` say as `totalCalls`."""
        return float(pc.sum(self._within(ids)["summed_calls"], min_count=0).as_py())

    def changed(self, since: datetime) -> Iterator[Batch]:
        """Give the documents dated at or after `since`, oldest first; at least one batch."""
        users = self.batch.users
        dates = users["last_updated"]
        in_time = pc.and_(pc.greater_equal(dates, since), pc.less_equal(dates, self.as_of + FUTURE))
        found = users.filter(pc.and_(users["dated"], in_time))
        return self._pages(found.sort_by([("last_updated", "ascending"), ("user_id", "ascending")]))

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Batch]:
        """Give the documents in `ids`, ordered by id; at least one batch."""
        return self._pages(self._within(ids).sort_by("user_id"))

    def latest(self, limit: int) -> Batch:
        """Give the documents that were dated last."""
        dated = self.batch.users.filter(self.batch.users["dated"])
        return self._of(dated.sort_by([("last_updated", "descending"), ("user_id", "descending")]).slice(0, limit))

    def _within(self, ids: IdRange) -> pa.Table:
        users = self.batch.users
        if ids.after is not None:
            users = users.filter(pc.greater(users["user_id"], ids.after))
        if ids.until is not None:
            users = users.filter(pc.less_equal(users["user_id"], ids.until))
        return users

    def _pages(self, users: pa.Table) -> Iterator[Batch]:
        for start in range(0, max(1, users.num_rows), PAGE):
            yield self._of(users.slice(start, PAGE))

    def _of(self, users: pa.Table) -> Batch:
        return Batch(users, _of(users, self.batch.entries), _of(users, self.batch.findings))


def _of(users: pa.Table, rows: pa.Table) -> pa.Table:
    return rows.filter(pc.is_in(rows["user_id"], value_set=users["user_id"].combine_chunks()))

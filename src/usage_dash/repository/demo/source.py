"""Sample data as a source: usage documents of a made-up team that goes on chatting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from usage_dash.documents.batch import ENTRIES, EVERYTHING, USERS, Batch, IdRange
from usage_dash.documents.fields import ENTRIES_FIELD, ENTRY, TIMES, TOTALS
from usage_dash.documents.parse import batch_of, parse
from usage_dash.documents.sizes import size_of_document, size_of_value
from usage_dash.repository.base import Holder, Page, Source
from usage_dash.repository.demo.sample import MODELS, Ints, Sample, Usage, micros
from usage_dash.repository.in_memory import Snapshot

TRIMMED_TO = 100  # entries that some writers keep of a user
_TRIMMED = slice(3, None, 8)  # the support bot and a few people have such a writer
_MOST_HELD = 7_500  # entries that the others' writer keeps, so that they fit into Firestore's 1 MiB
_EMPTY = {ENTRIES_FIELD: [], **{field.name: 0 for field in (*TOTALS, *TIMES)}}  # whatever the number, it is as large
_ENTRY_BYTES = np.array([size_of_value({field.name: 0 for field in ENTRY} | {"model": each.name}) for each in MODELS])


def _utc_now() -> datetime:
    return datetime.now(UTC)


class DemoRepository:
    """The usage documents of a made-up team, as of `now`; the same for the same `seed` and beginning.

    The team's history is there from the start, and usage goes on with the clock, without a thread. Reads are
    counted as Firestore would bill them, so that the meter has something to show. Never fails.
    """

    def __init__(self, collection: str = "usage", *, now: Callable[[], datetime] = _utc_now, seed: int = 7) -> None:
        """Begin now; the sample is made at the first call."""
        self._collection = collection
        self._now = now
        self._seed = seed
        self._began = now()
        self._latest = (0, Batch(USERS.empty_table(), ENTRIES.empty_table(), batch_of([]).findings))

    @property
    def source(self) -> Source:
        """The sample by its seed and beginning: another start makes other data."""
        return Source(
            identity=f"demo:sample/{self._seed}-{self._began.isoformat()}/{self._collection}",
            label="Sample data",
            place="sample",
            holder=Holder("collection", self._collection, "USAGE_COLLECTION"),
            sample=True,
        )

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """Count the documents in `ids`."""
        return self._current().count(ids)

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add up the `totalCalls` of the documents in `ids`."""
        return self._current().total_calls(ids)

    def changed(self, since: datetime) -> Iterator[Page]:
        """Read the documents dated at or after `since`, oldest first."""
        snapshot = self._current()
        return _pages(snapshot.changed(since), snapshot.as_of)

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        """Read the documents in `ids`, ordered by id."""
        snapshot = self._current()
        return _pages(snapshot.listing(ids), snapshot.as_of)

    def latest(self, limit: int) -> Page:
        """Read the documents that were dated last."""
        snapshot = self._current()
        return next(_pages(iter([snapshot.latest(limit)]), snapshot.as_of))

    def close(self) -> None:
        """Nothing is held open."""

    def known_usage(self) -> Usage:
        """Give all usage but the entries that writers had trimmed before it began: who reads it from then on knows it.

        They are ordered by user and time.
        """
        usage = self._sample.until(self._now())
        usage = usage.take(np.lexsort((usage.at, usage.user)))
        before = np.bincount(usage.user[usage.at <= micros(self._began)], minlength=len(self._sample.users))
        return usage.take(np.flatnonzero(_numbered(usage.user) >= _trimmed(before)[usage.user]))

    @cached_property
    def _sample(self) -> Sample:
        return Sample(self._began, self._seed)

    @cached_property
    def _flawed(self) -> Batch:
        flawed = _flawed_documents(self._began).items()
        return batch_of([parse(user_id, raw, size_of_document(self._path(user_id), raw)) for user_id, raw in flawed])

    def _current(self) -> Snapshot:
        now = self._now()
        usage = self._sample.until(now)
        if len(usage) != self._latest[0]:
            empty = np.array([size_of_document(self._path(user_id), _EMPTY) for user_id in self._sample.users])
            self._latest = (len(usage), _joined(_documents(usage, self._sample.users, empty), self._flawed))
        return Snapshot(self._latest[1], as_of=now)

    def _path(self, user_id: str) -> str:
        return f"{self._collection}/{user_id}"


def _documents(usage: Usage, users: list[str], empty: Ints) -> Batch:
    """Write the usage documents that count this usage; not all of them hold all of their entries.

    `empty` has the size of each user's document without entries.
    """
    usage = usage.take(np.lexsort((usage.at, usage.user)))
    known, first, rows = np.unique(usage.user, return_index=True, return_counts=True)
    entries = usage.take(np.flatnonzero(usage.itemised))
    trimmed = _trimmed(np.bincount(entries.user, minlength=len(users)))
    position = _numbered(entries.user) - trimmed[entries.user]
    kept = np.flatnonzero(position >= 0)
    names = np.array(users, dtype=object)
    held = entries.take(kept)
    sizes = empty + np.bincount(held.user, _ENTRY_BYTES[held.model], len(users)).astype(np.int64)
    return Batch(
        _users(usage, pa.array(names[known], pa.string()), first, first + rows - 1, sizes[known]),
        _entries(held, names, position[kept]),
        batch_of([]).findings,
    )


def _numbered(user: Ints) -> Ints:
    """Return the place of each row among those of its user, from 0; they are ordered by user."""
    numbers: Ints = np.arange(len(user)) - np.searchsorted(user, user)
    return numbers


def _trimmed(entries: Ints) -> Ints:
    """Return how many of each user's entries their writer does not keep."""
    most = np.full(len(entries), _MOST_HELD)
    most[_TRIMMED] = TRIMMED_TO
    trimmed: Ints = np.maximum(0, entries - most)
    return trimmed


def _users(usage: Usage, names: pa.Array, first: Ints, last: Ints, sizes: Ints) -> pa.Table:
    """Sum up usage that is ordered by user and time; `first` and `last` are the rows of each user's."""
    sums = {
        "total_calls": usage.calls,
        "total_input_tokens": usage.input_tokens,
        "total_output_tokens": usage.output_tokens,
        "total_tokens": usage.input_tokens + usage.output_tokens,
        "total_cost": usage.cost,
    }
    columns = {name: pa.array(np.add.reduceat(values, first)) for name, values in sums.items()}
    times = {"last_updated": _times(usage.at[last]), "created_at": _times(usage.at[first])}
    rest = {
        "dated": pa.array(np.ones(len(names), dtype=bool)),
        "size": pa.array(sizes),
        "summed_calls": columns["total_calls"].cast(pa.float64()),
    }
    return pa.table({"user_id": names} | columns | times | rest, schema=USERS)


def _entries(usage: Usage, names: np.ndarray, position: Ints) -> pa.Table:
    columns = {
        "user_id": pa.array(names[usage.user], pa.string()),
        "position": pa.array(position, pa.int32()),
        "at": _times(usage.at),
        "model": pa.array(np.array([model.name for model in MODELS], dtype=object)[usage.model], pa.string()),
        "input_tokens": pa.array(usage.input_tokens),
        "output_tokens": pa.array(usage.output_tokens),
        "total_tokens": pa.array(usage.input_tokens + usage.output_tokens),
        "cost": pa.array(usage.cost),
        "calls": pa.array(usage.calls),
        "rest": pa.nulls(len(usage), pa.string()),
    }
    return pa.table(columns, schema=ENTRIES)


def _times(micros: Ints) -> pa.Array:
    return pa.array(micros, pa.int64()).cast(USERS.field("last_updated").type)


def _joined(*batches: Batch) -> Batch:
    return Batch(
        pa.concat_tables([batch.users for batch in batches]),
        pa.concat_tables([batch.entries for batch in batches]),
        pa.concat_tables([batch.findings for batch in batches]),
    )


def _flawed_documents(began: datetime) -> dict[str, dict[str, object]]:
    """Write by hand what real collections hold too: two documents with flaws, and a user without usage.

    What is of no time counts today. So it has a cost, and what has none is long ago: else the last days’ were unknown.
    """
    at, long_ago = began - timedelta(days=41), began - timedelta(days=300)
    entry = {
        "timestamp": at,
        "model": "gpt-4o",
        "inputTokens": 5210,
        "outputTokens": 1280,
        "totalTokens": 6490,
        "costUsd": 0.025825,
        "calls": 3,
    }
    totals = {"totalCalls": 3, "totalInputTokens": 5210, "totalOutputTokens": 1280, "totalTokens": 6490}
    nothing = dict.fromkeys([*totals, "totalCostUsd"], 0)
    return {
        "import-2025": totals
        | {"totalCostUsd": "0.025825", "lastUpdated": at.isoformat(), "createdAt": None, "recentUsage": [entry]},
        "z.unfinished": totals
        | {"totalCostUsd": 0.025825, "lastUpdated": at, "createdAt": long_ago}
        | {
            "recentUsage": [
                entry | {"costUsd": -1, "timestamp": long_ago},
                "pending",
                entry | {"timestamp": "yesterday"},
            ]
        },
        "new.colleague": nothing | {"lastUpdated": at, "createdAt": at, "recentUsage": []},
    }


def _pages(batches: Iterator[Batch], as_of: datetime) -> Iterator[Page]:
    return (Page(batch, as_of, queries=1, reads=max(1, batch.documents)) for batch in batches)

"""Batches for tests, written down as the documents they stand for."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS, Batch
from usage_dash.ledger.ledger import Ledger

NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Item:
    """An entry without its position: the fields that identify it."""

    at: datetime | None = NOON
    model: str = "gpt-5"
    input_tokens: int | None = 10
    output_tokens: int | None = 5
    total_tokens: int | None = 15
    cost: float | None = 0.5
    calls: int | None = 1
    rest: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A usage document with its items and findings (field, problem, action, count)."""

    user_id: str
    items: tuple[Item, ...] = ()
    total_calls: int | None = None
    total_input_tokens: int | None = None
    total_output_tokens: int | None = None
    total_tokens: int | None = None
    total_cost: float | None = None
    last_updated: datetime | None = None
    created_at: datetime | None = None
    dated: bool = True
    size: int | None = None
    summed_calls: float | None = None
    findings: tuple[tuple[str, str, str, int], ...] = ()


def item(minutes: float = 0, **fields: Any) -> Item:
    """An entry so many minutes after noon; its cost tells it from those of other minutes too."""
    return Item(**{"at": NOON + timedelta(minutes=minutes), "cost": 0.5 + minutes / 64, **fields})


def document(user_id: str, *items: Item, **fields: Any) -> Document:
    """A document whose totals are unknown unless given."""
    return Document(user_id, items, **fields)


def batch(*documents: Document) -> Batch:
    """The documents as a repository would deliver them."""
    users = [{name: getattr(each, name) for name in USERS.names} for each in documents]
    entries = [
        {"user_id": each.user_id, "position": position, **asdict(entry)}
        for each in documents
        for position, entry in enumerate(each.items)
    ]
    findings = [
        {"user_id": each.user_id, "field": field, "problem": problem, "action": action, "count": count}
        for each in documents
        for field, problem, action, count in each.findings
    ]
    return Batch(
        pa.Table.from_pylist(users, USERS),
        pa.Table.from_pylist(entries, ENTRIES),
        pa.Table.from_pylist(findings, FINDINGS),
    )


def held(ledger: Ledger, user_id: str, *, visible: bool) -> list[Item]:
    """What the ledger holds of a user in the order of the array: what the document still shows, or history."""
    query = """
        SELECT "at", model, input_tokens, output_tokens, entries.total_tokens, cost, calls, rest
        FROM entries JOIN users USING (user_key) JOIN models USING (slot)
        WHERE user_id = ? AND visible = ? ORDER BY position
    """
    with ledger.reader() as sql:
        rows = sql.execute(query, [user_id, visible]).fetchall()
    return [Item(at and at.replace(tzinfo=UTC), *fields) for at, *fields in rows]

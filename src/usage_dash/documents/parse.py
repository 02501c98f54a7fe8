"""A raw usage document becomes a `UsageDocument` and a list of what was wrong with it. Pure, and never raises.

Every field is read by itself (`values` says how), so one bad value hides nothing else. A value that cannot be used
becomes None, never a silent 0, and each thing that was mended, left out or filled in is a finding.

**Clean documents** have no findings. Such a document is a map in which

- `totalCalls`, `totalInputTokens`, `totalOutputTokens` and `totalTokens` are numbers without a fraction from 0 to
  2^63 - 1, and `totalCostUsd` is a number from 0 to 2^53; an integer or a double alike,
- `lastUpdated` and `createdAt` are times from 1970 to 2199: a datetime with a zone, ISO 8601 text with a zone, the
  number of seconds, milliseconds or microseconds since 1970, or a Firestore timestamp as a JSON map,
- `userId` is absent or the document's id,
- `recentUsage` is a list of maps without a finding, no two the same; or absent, while the totals are zero,
- text is free of lone surrogates. Other fields do not matter.

**Clean entries** have no findings and `rest` None. Such an entry is a map with exactly the seven fields: `inputTokens`,
`outputTokens`, `totalTokens`, `calls` and `costUsd` as above; `timestamp` a datetime with a zone or ISO text with a
zone, with nothing below a microsecond; `model` text that is not blank. The other forms of a time, more precise times
and unknown fields are no findings either, but stand in `rest`, where they keep different entries different.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar

import pyarrow as pa

from usage_dash.documents import values
from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS, Batch
from usage_dash.documents.canonical_json import canonical
from usage_dash.documents.findings import (
    DOCUMENT_ID,
    ENTRIES_FIELD,
    WHOLE_DOCUMENT,
    Action,
    Finding,
    FindingLog,
    Problem,
)
from usage_dash.documents.values import MISSING, Reading

T = TypeVar("T")
D = TypeVar("D")
Note: TypeAlias = Callable[[str, Problem, Action], None]

UNKNOWN_MODEL: Final = "unknown"
_ENTRY_FIELDS: Final = frozenset(
    {"timestamp", "model", "inputTokens", "outputTokens", "totalTokens", "costUsd", "calls"}
)
USAGE_FIELDS: Final = frozenset(
    {
        "totalCalls",
        "totalInputTokens",
        "totalOutputTokens",
        "totalTokens",
        "totalCostUsd",
        "lastUpdated",
        "createdAt",
        ENTRIES_FIELD,
    }
)
# What was done where a value could be mended; the rest depends on the field.
_MENDED: Final = {
    Problem.NUMBER_AS_TEXT: Action.READ_AS_NUMBER,
    Problem.NO_ZONE: Action.READ_AS_UTC,
    Problem.BROKEN_UNICODE: Action.CHARACTERS_REPLACED,
}
_USER_ROW: Final = attrgetter(*USERS.names)
_ENTRY_ROW: Final = attrgetter(*ENTRIES.names[2:])  # after the user id and the position
_FINDING_ROW: Final = attrgetter(*FINDINGS.names[1:])  # after the user id


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of `recentUsage`. Its fields together are its identity within its document.

    `cost` is in US dollars, `at` in UTC, None where the entry does not say. `rest` is the canonical JSON of whatever
    the other columns do not hold exactly: unknown fields, and known ones with the raw value that was mended, filled
    in or left out. None for a clean entry.
    """

    at: datetime | None
    model: str
    input_tokens: int | None
    output_tokens: int | None
    total_tokens: int | None
    cost: float | None
    calls: int
    rest: str | None


@dataclass(frozen=True, slots=True)
class UsageDocument:
    """One user's document: all-time totals, entries in the order of their array, and what was wrong.

    Costs are US dollars, times UTC, None where the document does not say. `dated` is True when the raw
    `lastUpdated` is a real timestamp, a datetime: Firestore finds only such documents by a query on it. Text that
    reads as a time does not make a document dated here; a source that filters by itself may hold another view.
    `size` is in bytes as Firestore counts them, None where the source does not tell it.
    """

    user_id: str
    total_calls: int | None
    total_input_tokens: int | None
    total_output_tokens: int | None
    total_tokens: int | None
    total_cost: float | None
    last_updated: datetime | None
    created_at: datetime | None
    dated: bool
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]
    size: int | None = None


def parse(user_id: str, raw: object) -> UsageDocument:
    """Read the usage document `user_id`; `raw` is what Firestore's `to_dict()` or a JSON parser gave. Never raises.

    A `userId` inside may be absent; where it differs, the document's id wins.
    """
    log = FindingLog()
    shown_id = values.well_formed(user_id)
    if shown_id != user_id:
        log.add(DOCUMENT_ID, Problem.BROKEN_UNICODE, Action.CHARACTERS_REPLACED)
    if not isinstance(raw, dict):
        log.add(WHOLE_DOCUMENT, Problem.NOT_A_MAP, Action.LISTED_WITHOUT_USAGE)
        return _without_usage(shown_id, log)
    named_id = raw.get("userId", user_id)
    if not isinstance(named_id, str) or named_id != user_id:
        log.add("userId", Problem.OTHER_USER, Action.ID_USED)
    if USAGE_FIELDS.isdisjoint(raw):
        log.add(WHOLE_DOCUMENT, Problem.EMPTY, Action.LISTED_WITHOUT_USAGE)
        return _without_usage(shown_id, log)
    return _with_usage(shown_id, raw, log)


def batch_of(documents: Iterable[UsageDocument]) -> Batch:
    """Return the documents as Arrow tables. Their user ids must differ from one another."""
    documents = tuple(documents)
    return Batch(
        users=_table(USERS, [_USER_ROW(document) for document in documents]),
        entries=_table(
            ENTRIES,
            [
                (document.user_id, position, *_ENTRY_ROW(entry))
                for document in documents
                for position, entry in enumerate(document.entries)
            ],
        ),
        findings=_table(
            FINDINGS,
            [(document.user_id, *_FINDING_ROW(finding)) for document in documents for finding in document.findings],
        ),
    )


def _table(schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [()] * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


class _Fields:
    """Takes the known fields of one map, notes what is wrong, and keeps what the values taken do not hold."""

    __slots__ = ("_note", "_raw", "inexact")

    def __init__(self, raw: dict[object, object], note: Note) -> None:
        self._raw = raw
        self._note = note
        self.inexact: dict[object, object] = {}

    def take(self, name: str, read: Callable[[object], Reading[T]], default: D, action: Action) -> T | D:
        """Read a field; where nothing can be read, note that `action` was taken and return the default."""
        raw = self._raw.get(name, MISSING)
        value, problem, exact = read(raw)
        if problem is not None:
            self._note(name, problem, action if value is None else _MENDED[problem])
        if not exact:
            self.inexact[name] = raw
        return default if value is None else value

    def take_tokens(self, input_name: str, output_name: str) -> tuple[int | None, int | None, int | None]:
        """Read input, output and total tokens; a total that cannot be used is the sum of the two."""
        input_tokens = self.take(input_name, values.count, None, Action.LEFT_OUT_OF_SUMS)
        output_tokens = self.take(output_name, values.count, None, Action.LEFT_OUT_OF_SUMS)
        known = None if input_tokens is None or output_tokens is None else input_tokens + output_tokens
        total = values.count(known).value  # None also when the sum is too large
        action = Action.LEFT_OUT_OF_SUMS if total is None else Action.INPUT_PLUS_OUTPUT
        return input_tokens, output_tokens, self.take("totalTokens", values.count, total, action)


def _without_usage(user_id: str, log: FindingLog) -> UsageDocument:
    return UsageDocument(
        user_id=user_id,
        total_calls=None,
        total_input_tokens=None,
        total_output_tokens=None,
        total_tokens=None,
        total_cost=None,
        last_updated=None,
        created_at=None,
        dated=False,
        entries=(),
        findings=log.findings(),
    )


def _with_usage(user_id: str, raw: dict[object, object], log: FindingLog) -> UsageDocument:
    fields = _Fields(raw, log.add)
    calls = fields.take("totalCalls", values.count, None, Action.LEFT_OUT_OF_SUMS)
    input_tokens, output_tokens, tokens = fields.take_tokens("totalInputTokens", "totalOutputTokens")
    cost = fields.take("totalCostUsd", values.cost, None, Action.LEFT_OUT_OF_SUMS)
    last_updated = fields.take("lastUpdated", values.time, None, Action.LEFT_BLANK)
    created_at = fields.take("createdAt", values.time, None, Action.LEFT_BLANK)
    used = any((calls, input_tokens, output_tokens, tokens, cost))
    entries = _entries(raw.get(ENTRIES_FIELD, MISSING), log, used=used)
    return UsageDocument(
        user_id=user_id,
        total_calls=calls,
        total_input_tokens=input_tokens,
        total_output_tokens=output_tokens,
        total_tokens=tokens,
        total_cost=cost,
        last_updated=last_updated,
        created_at=created_at,
        dated=last_updated is not None and isinstance(raw["lastUpdated"], datetime),
        entries=entries,
        findings=log.findings(),
    )


def _entries(raw: object, log: FindingLog, *, used: bool) -> tuple[Entry, ...]:
    """Read `recentUsage`; `used` tells whether the totals count anything that it should itemise."""
    if isinstance(raw, list):
        return _distinct_entries(raw, log)
    if raw is None:
        log.add(ENTRIES_FIELD, Problem.NULL, Action.NO_ENTRIES)
    elif raw is not MISSING:
        log.add(ENTRIES_FIELD, Problem.NOT_A_LIST, Action.NO_ENTRIES)
    elif used:
        log.add(ENTRIES_FIELD, Problem.MISSING, Action.NO_ENTRIES)
    return ()


def _distinct_entries(items: list[object], log: FindingLog) -> tuple[Entry, ...]:
    entries: dict[Entry, None] = {}  # keeps the order of first appearance
    for index, item in enumerate(items):
        note = partial(log.add_entry, index)
        if not isinstance(item, dict):
            note("", Problem.NOT_A_MAP, Action.SKIPPED)
            continue
        entry = _entry(item, note)
        if entry in entries:
            note("", Problem.REPEATED, Action.COUNTED_ONCE)
        entries[entry] = None
    return tuple(entries)


def _entry(raw: dict[object, object], note: Note) -> Entry:
    fields = _Fields(raw, note)
    at = fields.take("timestamp", values.time, None, Action.IN_NO_RANGE)
    model = fields.take("model", values.model, UNKNOWN_MODEL, Action.UNKNOWN_MODEL)
    input_tokens, output_tokens, total_tokens = fields.take_tokens("inputTokens", "outputTokens")
    cost = fields.take("costUsd", values.cost, None, Action.LEFT_OUT_OF_SUMS)
    calls = fields.take("calls", values.count, 1, Action.ONE_CALL)
    unknown = {name: raw[name] for name in raw.keys() - _ENTRY_FIELDS}
    rest = _rest(fields.inexact | unknown, note)
    return Entry(at, model, input_tokens, output_tokens, total_tokens, cost, calls, rest)


def _rest(uncovered: dict[object, object], note: Note) -> str | None:
    if not uncovered:
        return None
    text, complete = canonical(uncovered)
    if not complete:
        note("", Problem.TOO_DEEP, Action.CUT_SHORT)
    return text

"""A raw usage document becomes a `UsageDocument` and a list of what was wrong with it. Pure, and never raises.

Every field is read by itself (`values` says how), so one bad value hides nothing else. A value that cannot be used
becomes None, never a silent 0, and each thing that was mended, left out or filled in is a finding.

**Clean documents** have no findings. Such a document is a map in which

- `totalCalls`, `totalInputTokens`, `totalOutputTokens` and `totalTokens` are numbers without a fraction from 0 to
  2^63 - 1, and `totalCostUsd` is a number from 0 to 2^53; an integer or a double alike,
- `lastUpdated` and `createdAt` are times from 1970 to 2199 in one of the forms that `times` lists, with a zone where
  the form has zones, and not a number as text,
- `userId` is absent or the document's id,
- `recentUsage` is a list of maps without a finding, no two the same; or absent, while the totals are zero,
- text is free of lone surrogates, and no field's name is a path into a field of usage, such as `recentUsage.0.model`.
  Other fields do not matter.

The document of a user who made no calls, but uses speech perhaps, may lack any of these: where no total says anything
but 0 and nothing is itemised, what is absent is zero if `totalCalls` is there, or if all that is counted is speech.

**Clean entries** have no findings and `rest` None. Such an entry is a map with exactly the seven fields: `inputTokens`,
`outputTokens`, `totalTokens`, `calls` and `costUsd` as above; `timestamp` a datetime with a zone or ISO text with a
zone, with nothing below a microsecond; `model` text that is not blank. The other forms of a time, more precise times
and unknown fields are no findings either, but stand in `rest`, where they keep different entries different.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final, TypeAlias

import pyarrow as pa

from usage_dash.documents import values
from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS, Batch
from usage_dash.documents.canonical_json import canonical
from usage_dash.documents.fields import (
    ENTRIES_FIELD,
    ENTRY,
    ENTRY_FIELDS,
    LAST_UPDATED,
    TIME,
    TIMES,
    TOTALS,
    USAGE_FIELDS,
    USER_ID,
    Field,
    columns_of,
    is_speech,
    path_in,
)
from usage_dash.documents.findings import DOCUMENT_ID, WHOLE_DOCUMENT, Action, Finding, FindingLog, Problem
from usage_dash.documents.values import MISSING

Raw: TypeAlias = dict[Any, Any]  # a map of a document, not yet read
Columns: TypeAlias = dict[str, Any]
Note: TypeAlias = Callable[[str, Problem, Action], None]

# What was done where a value could be mended; the rest depends on the field.
_MENDED: Final = {
    Problem.NUMBER_AS_TEXT: Action.READ_AS_NUMBER,
    Problem.FRACTION: Action.ROUNDED,
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
    `size` is in bytes as Firestore counts them, None where the source does not tell it. `summed_calls` is what
    Firestore adds to a sum of `totalCalls` for this document, None where that is no number.
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
    summed_calls: float | None = None


def parse(user_id: str, raw: object, size: int | None = None) -> UsageDocument:
    """Read the usage document `user_id`; `raw` is what Firestore's `to_dict()` or a JSON parser gave. Never raises.

    A `userId` inside may be absent; where it differs, the document's id wins.
    """
    log = FindingLog()
    shown_id = values.well_formed(user_id)
    if shown_id != user_id:
        log.add(DOCUMENT_ID, Problem.BROKEN_UNICODE, Action.CHARACTERS_REPLACED)
    if not isinstance(raw, dict):
        log.add(WHOLE_DOCUMENT, Problem.NOT_A_MAP, Action.LISTED_WITHOUT_USAGE)
        return _without_usage(shown_id, size, log)
    named_id = raw.get(USER_ID, user_id)
    if not isinstance(named_id, str) or named_id != user_id:
        log.add(USER_ID, Problem.OTHER_USER, Action.ID_USED)
    for head in sorted(filter(None, map(path_in, raw))):
        log.add(f"{head}.…", Problem.PATH_AS_NAME, Action.NOT_READ)
    if USAGE_FIELDS.isdisjoint(raw) and not _is_unused(raw):
        log.add(WHOLE_DOCUMENT, Problem.EMPTY, Action.LISTED_WITHOUT_USAGE)
        return _without_usage(shown_id, size, log)
    return _with_usage(shown_id, raw, size, log)


def _without_usage(user_id: str, size: int | None, log: FindingLog) -> UsageDocument:
    nothing = dict.fromkeys(columns_of((*TOTALS, *TIMES)))
    return UsageDocument(user_id, **nothing, dated=False, entries=(), findings=log.findings(), size=size)


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


def _columns(raw: Raw, fields: Iterable[Field], note: Note, *, unused: bool = False) -> tuple[Columns, Raw]:
    """Return what the fields say, by column, and the raw values that their columns do not hold exactly.

    In the document of a user who made no calls (`unused`), a total that is absent is zero, and a time may be absent.
    """
    columns: Columns = {}
    inexact: Raw = {}
    for field in fields:
        raw_value = raw.get(field.name, MISSING)
        if unused and raw_value is MISSING:
            columns[field.column] = None if field.type == TIME else field.read(0).value
            continue
        value, problem, exact = field.read(raw_value)
        instead, action = (field.default, field.otherwise) if value is None else (value, None)
        if value is None and field.column == "total_tokens":
            instead, action = _sum_of_tokens(columns, field)
        if problem is not None:
            note(field.name, problem, action or _MENDED[problem])
        if not exact:
            inexact[field.name] = raw_value
        columns[field.column] = instead
    return columns, inexact


def _sum_of_tokens(columns: Columns, total: Field) -> tuple[object, Action]:
    """Return input plus output tokens, which stand before their total; None where one is unknown or both too many."""
    parts = [value for column, value in columns.items() if column.endswith(("input_tokens", "output_tokens"))]
    tokens = total.read(None if None in parts else sum(parts)).value
    return tokens, total.otherwise if tokens is None else Action.INPUT_PLUS_OUTPUT


def _is_unused(raw: Raw) -> bool:
    """Tell whether the document says, perhaps by counting nothing but speech, that its user made no calls."""
    totals = [raw[field.name] for field in TOTALS if field.name in raw]
    itemised = raw.get(ENTRIES_FIELD, [])
    if not isinstance(itemised, list) or itemised or not all(values.cost(total).value == 0 for total in totals):
        return False
    return TOTALS[0].name in raw or (not totals and any(map(is_speech, raw)))


def _with_usage(user_id: str, raw: Raw, size: int | None, log: FindingLog) -> UsageDocument:
    columns, _ = _columns(raw, (*TOTALS, *TIMES), log.add, unused=_is_unused(raw))
    used = any(columns[field.column] for field in TOTALS)
    entries = _entries(raw.get(ENTRIES_FIELD, MISSING), log, used=used)
    return UsageDocument(
        user_id,
        **columns,
        dated=columns["last_updated"] is not None and isinstance(raw[LAST_UPDATED], datetime),
        entries=entries,
        findings=log.findings(),
        size=size,
        summed_calls=values.summed(raw.get(TOTALS[0].name)),
    )


def _entries(raw: object, log: FindingLog, *, used: bool) -> tuple[Entry, ...]:
    """Read `recentUsage`; `used` tells whether the totals count anything that it should itemise."""
    if isinstance(raw, list):
        return _distinct_entries(raw, log)
    items = _as_list(raw)
    if items is not None:
        log.add(ENTRIES_FIELD, Problem.NOT_A_LIST, Action.READ_AS_LIST)
        return _distinct_entries(items, log)
    if raw is None:
        log.add(ENTRIES_FIELD, Problem.NULL, Action.NO_ENTRIES)
    elif raw is not MISSING:
        log.add(ENTRIES_FIELD, Problem.NOT_A_LIST, Action.NO_ENTRIES)
    elif used:
        log.add(ENTRIES_FIELD, Problem.MISSING, Action.NO_ENTRIES)
    return ()


def _as_list(raw: object) -> list[object] | None:
    """Read a list that stands there as JSON text, or as a map of its items by their places or ids."""
    if isinstance(raw, str):
        raw = _from_json(raw)
    if isinstance(raw, dict) and raw and all(isinstance(item, dict) for item in raw.values()):
        return [raw[key] for key in sorted(raw, key=lambda key: (len(str(key)), str(key)))]  # "10" comes after "9"
    return raw if isinstance(raw, list) else None


def _from_json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _distinct_entries(items: list[object], log: FindingLog) -> tuple[Entry, ...]:
    entries: dict[Entry, None] = {}  # keeps the order of first appearance
    for index, item in enumerate(items):
        note = partial(log.add_entry, ENTRIES_FIELD, index)
        raw = _from_json(item) if isinstance(item, str) else item
        if not isinstance(raw, dict):
            note("", Problem.NOT_A_MAP, Action.SKIPPED)
            continue
        if raw is not item:
            note("", Problem.NOT_A_MAP, Action.READ_AS_MAP)
        entry = _entry(raw, note)
        if entry in entries:
            note("", Problem.REPEATED, Action.COUNTED_ONCE)
        entries[entry] = None
    return tuple(entries)


def _entry(raw: Raw, note: Note) -> Entry:
    columns, inexact = _columns(raw, ENTRY, note)
    unknown = {name: raw[name] for name in raw.keys() - ENTRY_FIELDS}
    return Entry(**columns, rest=_rest(inexact | unknown, note))


def _rest(uncovered: Raw, note: Note) -> str | None:
    if not uncovered:
        return None
    text, complete = canonical(uncovered)
    if not complete:
        note("", Problem.TOO_DEEP, Action.CUT_SHORT)
    return text

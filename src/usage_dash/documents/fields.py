"""The fields of a usage document: the name of each on the wire, its column in the ledger, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from usage_dash.documents import values
from usage_dash.documents.findings import Action
from usage_dash.documents.times import time
from usage_dash.documents.values import Reading

USER_ID: Final = "userId"
ENTRIES_FIELD: Final = "recentUsage"
LAST_UPDATED: Final = "lastUpdated"
TIME: Final = pa.timestamp("us", tz="UTC")
_SPEECH: Final = re.compile("(^|_)(tts|stt|speech)|Tts|TTS|Stt|STT|Speech")


@dataclass(frozen=True, slots=True)
class Field:
    """A field with one value. Where `read` finds none, `default` is taken, and `otherwise` says so in a finding."""

    name: str
    column: str
    type: pa.DataType
    read: Callable[[object], Reading[Any]]
    otherwise: Action
    default: object = None


def _count(name: str, column: str, otherwise: Action = Action.LEFT_OUT_OF_SUMS, default: object = None) -> Field:
    return Field(name, column, pa.int64(), values.count, otherwise, default)


def _cost(name: str, column: str) -> Field:
    return Field(name, column, pa.float64(), values.cost, Action.LEFT_OUT_OF_SUMS)


def _time(name: str, column: str, otherwise: Action) -> Field:
    return Field(name, column, TIME, time, otherwise)


TOTALS: Final = (
    _count("totalCalls", "total_calls"),
    _count("totalInputTokens", "total_input_tokens"),
    _count("totalOutputTokens", "total_output_tokens"),
    _count("totalTokens", "total_tokens"),
    _cost("totalCostUsd", "total_cost"),
)
TIMES: Final = (
    _time(LAST_UPDATED, "last_updated", Action.LEFT_BLANK),
    _time("createdAt", "created_at", Action.LEFT_BLANK),
)
ENTRY: Final = (
    _time("timestamp", "at", Action.IN_NO_RANGE),
    Field("model", "model", pa.string(), values.model, Action.UNKNOWN_MODEL, "unknown"),
    _count("inputTokens", "input_tokens"),
    _count("outputTokens", "output_tokens"),
    _count("totalTokens", "total_tokens"),
    _cost("costUsd", "cost"),
    _count("calls", "calls", Action.ONE_CALL, 1),
)
USAGE_FIELDS: Final = frozenset({ENTRIES_FIELD, *(field.name for field in (*TOTALS, *TIMES))})
ENTRY_FIELDS: Final = frozenset(field.name for field in ENTRY)
_PATHS_BEGIN: Final = USAGE_FIELDS | {USER_ID, "totals"}


def columns_of(fields: tuple[Field, ...]) -> dict[str, pa.DataType]:
    """Return the name and the type of each field's column."""
    return {field.column: field.type for field in fields}


def is_speech(name: object) -> bool:
    """Tell whether a document's field counts speech (`ttsUsageCalls`, `recentTtsUsage`), which is no usage here."""
    return isinstance(name, str) and _SPEECH.search(name) is not None


def path_in(name: object) -> str | None:
    """Return the field that a document's field means to lie in whose name is a path, such as `totals.cost`; else None.

    `update` reads dots as a path, `set` takes them for a part of the name, as they are in a model's.
    """
    head, dot, rest = name.partition(".") if isinstance(name, str) else ("", "", "")
    return head if dot and rest and head in _PATHS_BEGIN else None

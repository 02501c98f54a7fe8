"""Usage documents as JSON Lines: one JSON object a line, with the fields that the chatbot writes.

Times are ISO 8601 text with a zone. What JSON lacks is written as in `canonical`: a map with one key that starts with
"$", such as {"$time": …}. What a batch does not hold (a document's unknown fields) is not written.
"""

from __future__ import annotations

import codecs
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from usage_dash.documents.batch import Batch
from usage_dash.documents.fields import ENTRIES_FIELD, ENTRY, TIMES, TOTALS, USER_ID, Field
from usage_dash.documents.times import PreciseTime

_MISSING = {"$missing": None}


def lines_of(batch: Batch) -> Iterator[str]:
    """Write each document of the batch as one line, without its end.

    Read back, a line gives the same totals, times and entries.
    """
    entries = defaultdict(list)
    for row in batch.entries.to_pylist():
        entries[row["user_id"]].append(_entry(row))
    for row in batch.users.to_pylist():
        user_id = row["user_id"]
        totals = {field.name: row[field.column] for field in TOTALS}  # also unknown ones: absent ones may mean zero
        document = {USER_ID: user_id, **totals, **_known(row, TIMES), ENTRIES_FIELD: entries[user_id]}
        yield json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def read_line(line: bytes) -> object:
    """Read one line. Raises `ValueError` when it is not JSON in UTF-8."""
    try:
        return _raw(json.loads(line.removeprefix(codecs.BOM_UTF8).decode()))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """Put back what the columns do not hold: a field that stands in `rest` stands there as it was."""
    rest = json.loads(row["rest"] or "{}")
    fields = _known(row, ENTRY) | rest
    return {name: value for name, value in fields.items() if value != _MISSING}


def _known(row: dict[str, Any], fields: Iterable[Field]) -> dict[str, Any]:
    """Take the columns that hold something, under the names that documents use."""
    held = {field.name: row[field.column] for field in fields if row[field.column] is not None}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in held.items()}


def _raw(value: Any) -> object:
    """Turn canonical notation into the values that it stands for; what only looks like it stays as it is."""
    if isinstance(value, list):
        return [_raw(item) for item in value]
    if not isinstance(value, dict):
        return value
    noted = _noted(value)
    if noted is not None:
        return noted
    return {key[1:] if key.startswith("$$") else key: _raw(item) for key, item in value.items()}


def _noted(value: dict[str, Any]) -> object:
    kind, text = next(iter(value.items())) if len(value) == 1 else ("", None)
    if kind not in _NOTATION or not isinstance(text, str):
        return None
    try:
        return _NOTATION[kind](text)
    except ValueError:
        return None


def _time(text: str) -> datetime:
    """Read a time with what it has below a microsecond, as `canonical` writes it."""
    iso, _, below_micros = text.removesuffix(" ns").partition(" ")
    at = datetime.fromisoformat(iso)
    return PreciseTime.of(at, int(below_micros)) if below_micros else at


_NOTATION: dict[str, Callable[[str], object]] = {
    "$time": _time,
    "$bytes": bytes.fromhex,
    "$int": lambda text: int(text, 16),
    "$float": float,
}

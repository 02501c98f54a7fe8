"""Canonical JSON: one text for each distinct value, whatever a source gives.

Values that Firestore's `arrayUnion` takes for the same have the same text (5 and 5.0, NaN and NaN, maps with their
keys in any order). What JSON lacks is written as a map with one key that starts with "$": a type's name. A key that
itself starts with "$" gets another one, so nothing is taken for something else.
"""

from __future__ import annotations

import json
import math
from datetime import datetime
from typing import Final, TypeAlias

from usage_dash.documents.values import MISSING

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_DEPTH: Final = 20  # maps and arrays within one another; Firestore allows no more
_INT64: Final = range(-(2**63), 2**63)
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: object) -> tuple[str, bool]:
    """Return the ASCII text of `value`, and whether all of it is in there: what lies deeper than 20 levels is not."""
    writer = _Writer()
    return _ENCODER.encode(writer.json(value, MAX_DEPTH)), writer.complete


class _Writer:
    """Turns values into what JSON holds, and remembers whether something was cut off."""

    def __init__(self) -> None:
        self.complete = True

    def json(self, value: object, levels: int) -> Json:
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int | float):
            return _json_of_number(value)
        if not isinstance(value, dict | list | tuple):
            return _json_of_object(value)
        if levels == 0:
            self.complete = False
            return {"$deeper": None}
        if isinstance(value, dict):
            return {self._key(key): self.json(item, levels - 1) for key, item in value.items()}
        return [self.json(item, levels - 1) for item in value]

    def _key(self, key: object) -> str:
        name = key if isinstance(key, str) else json.dumps(self.json(key, 1))
        return f"${name}" if name.startswith("$") else name


def _json_of_number(value: float) -> Json:
    if isinstance(value, int):
        return int(value) if value in _INT64 else {"$int": hex(value)}  # Python refuses thousands of decimal digits
    if not math.isfinite(value):
        return {"$float": str(value)}
    return int(value) if value.is_integer() and int(value) in _INT64 else value


def _json_of_object(value: object) -> Json:
    if value is MISSING:
        return {"$missing": None}
    if isinstance(value, datetime):
        return {"$time": _text_of_time(value)}
    if isinstance(value, bytes):
        return {"$bytes": value.hex()}
    return {f"${type(value).__name__}": _text_of_firestore(value)}


def _text_of_time(value: datetime) -> str:
    below_micros = getattr(value, "nanosecond", 0) % 1000  # google's datetimes know nanoseconds
    return value.isoformat(timespec="microseconds") + (f" {below_micros} ns" if below_micros else "")


def _text_of_firestore(value: object) -> str | None:
    """Tell values of Firestore's own types apart; those of any other type, which no source gives, are all alike."""
    if not str(type(value).__module__).startswith("google.cloud.firestore"):  # protobuf's classes have no module
        return None
    path = getattr(value, "path", None)  # a reference's repr is its address in memory, those of the others tell all
    return path if isinstance(path, str) else repr(value)

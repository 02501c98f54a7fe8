"""Firestore's answers as they stand on the wire, written byte by byte: tidy ones, and ones that no tidy writer sends.

`value`, `map_value` and `response` are what a server sends; the strategies draw entries and documents that a parser
must take like any others although their bytes look different.
"""

import struct
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.vector import Vector
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from tests.unit.strategies import ENTRY_FIELDS, firestore_values

Pair: TypeAlias = tuple[str, bytes]  # a field's name and its serialised `Value`

DOCUMENTS = "projects/acme/databases/(default)/documents"
READ_TIME = datetime(2026, 5, 4, 12, 30, 15, 123456, UTC)


def varint(number: int, size: int = 1) -> bytes:
    """A variable-size integer in at least `size` bytes; tidy writers use as few as they can."""
    number %= 1 << 64
    groups = [(number >> shift) & 0x7F for shift in range(0, max(number.bit_length(), 7 * size, 1), 7)]
    return bytes(group | 0x80 for group in groups[:-1]) + bytes(groups[-1:])


def field(number: int, content: bytes, size: int = 1) -> bytes:
    """A field of a message that holds text, bytes or another message; its length takes at least `size` bytes."""
    return varint(number << 3 | 2) + varint(len(content), size) + content


def integer_field(number: int, content: int, size: int = 1) -> bytes:
    return varint(number << 3) + varint(content, size)


def double_field(number: int, content: float) -> bytes:
    return varint(number << 3 | 1) + struct.pack("<d", content)


def timestamp(at: datetime) -> bytes:
    seconds = (at.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    nanos = getattr(at, "nanosecond", at.microsecond * 1000)
    return (integer_field(1, int(seconds)) if seconds else b"") + (integer_field(2, nanos) if nanos else b"")


def value(raw: object) -> bytes:
    """A serialised `google.firestore.v1.Value` of the kind that google's client decodes as `raw`."""
    if isinstance(raw, dict):
        return map_value((name, value(item)) for name, item in raw.items())
    if isinstance(raw, list):
        return field(9, b"".join(field(1, value(item)) for item in raw))
    if isinstance(raw, Vector):
        return value({"__type__": "__vector__", "value": list(raw)})
    return _scalar(raw)


def _scalar(raw: Any) -> bytes:
    if raw is None:
        return integer_field(11, 0)
    writers = {
        bool: lambda: integer_field(1, raw),
        int: lambda: integer_field(2, raw),
        float: lambda: double_field(3, raw),
        datetime: lambda: field(10, timestamp(raw)),
        str: lambda: field(17, raw.encode()),
        bytes: lambda: field(18, raw),
        DocumentReference: lambda: field(5, f"{DOCUMENTS}/{raw.path}".encode()),
        GeoPoint: lambda: field(8, double_field(1, raw.latitude) + double_field(2, raw.longitude)),
    }
    return next(write() for kind, write in writers.items() if isinstance(raw, kind))


def map_value(pairs: Iterable[Pair]) -> bytes:
    """A serialised `Value` that is a map of these fields, in this order."""
    return field(6, b"".join(map_field(1, name, content) for name, content in pairs))


def map_field(number: int, name: str, content: bytes) -> bytes:
    return field(number, field(1, name.encode()) + field(2, content))


def document(user_id: str, pairs: Iterable[Pair]) -> bytes:
    """A serialised `google.firestore.v1.Document` with these fields, in this order."""
    fields = b"".join(map_field(2, name, content) for name, content in pairs)
    times = field(3, timestamp(READ_TIME)) + field(4, timestamp(READ_TIME))
    return field(1, f"{DOCUMENTS}/usage/{user_id}".encode()) + fields + times


def response_of(pairs: Iterable[Pair], user_id: str = "ada") -> bytes:
    """A serialised `google.firestore.v1.RunQueryResponse` whose document has these fields."""
    return field(1, document(user_id, pairs)) + field(3, timestamp(READ_TIME))


def response(raw: Mapping[str, object], user_id: str = "ada") -> bytes:
    return response_of(((name, value(item)) for name, item in raw.items()), user_id)


# What the chatbot writes

_counts = st.integers(0, 10) | st.integers(0, 2**49 - 1)
_instants = st.datetimes(datetime(1979, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
_written = {
    "timestamp": _instants,
    "model": st.sampled_from(["gpt-4o", "gpt-4o-mini", "unknown", "modèle ü", " spaced ", "m" * 115]),
    "inputTokens": _counts,
    "outputTokens": _counts,
    "totalTokens": _counts,
    "costUsd": st.floats(0.0, 2**53) | st.integers(0, 2**49 - 1),
    "calls": _counts,
}
written_entries = st.fixed_dictionaries(_written).flatmap(lambda entry: st.permutations(list(entry.items()))).map(dict)
extended_entries = st.builds(  # as a newer writer writes them
    lambda known, unknown: unknown | known,
    written_entries,
    st.dictionaries(
        st.sampled_from(["cachedTokens", "callz", "$time", "", "value", "x" * 200, "ü"]), firestore_values, max_size=3
    ),
)
alike_entries = (
    st.fixed_dictionaries(  # so few that the same one often stands twice, its numbers perhaps of another kind
        dict.fromkeys(ENTRY_FIELDS, st.sampled_from([1, 1.0]))
        | {"timestamp": st.just(READ_TIME), "model": st.just("b")}
    )
)


# What no tidy writer sends, and a parser takes all the same

_unknown = st.builds(field, st.integers(30, 40), st.binary(max_size=3)) | st.builds(
    integer_field, st.integers(30, 5000), st.integers(0, 300)
)
_timestamp_parts = st.builds(integer_field, st.just(1), st.integers(-1, 2**33), st.integers(1, 10)) | st.builds(
    integer_field, st.just(2), st.integers(-1, 2 * 10**9) | st.just(2**32 + 5000), st.integers(1, 10)
)
_untidy_kinds = st.one_of(
    st.just(b""),
    st.builds(integer_field, st.just(2), _counts, st.integers(1, 10)),
    st.lists(_timestamp_parts, max_size=3).map(lambda parts: field(10, b"".join(parts))),
    st.just(field(20, field(1, b"add"))),  # a function, which no stored value is
    st.builds(double_field, st.just(3), st.sampled_from([-0.0, 5.0, 2.0**53, 2.0**53 + 2])),
    firestore_values.map(value),
    _unknown,
)


@st.composite
def untidy_entries(draw: DrawFn) -> bytes:
    """An item that has a tidy entry's fields, of which some have been tampered with."""
    pairs = list(draw(written_entries).items())
    tampered = draw(st.sets(st.integers(0, len(pairs) - 1), min_size=1, max_size=2))
    fields = [
        draw(_untidy_fields(name, value(raw))) if number in tampered else map_field(1, name, value(raw))
        for number, (name, raw) in enumerate(pairs)
    ]
    first, second = b"".join(fields[:3]), b"".join(fields[3:])
    whole = field(6, first + second, draw(st.integers(1, 4)))
    return draw(st.sampled_from([whole, whole, field(6, first) + field(6, second), value(1) + whole, whole + value(1)]))


@st.composite
def _untidy_fields(draw: DrawFn, name: str, content: bytes) -> bytes:
    """One field of a map with its value changed, its parts repeated, swapped or missing, or more in it."""
    changed = draw(_untidy_kinds)
    contents = [changed, changed + content, content + changed]
    key, one, other = field(1, name.encode()), field(2, draw(st.sampled_from(contents))), field(2, content)
    parts = draw(st.sampled_from([(key, one), (one, key), (key,), (one,), (), (key, one, other), (key, key, other)]))
    size = draw(st.integers(1, 3))
    whole = field(1, b"".join(parts) + draw(st.just(b"") | _unknown), size)
    return draw(st.sampled_from([whole, whole, whole + field(1, key + other), whole + draw(_unknown), b""]))


items = st.one_of(
    written_entries.map(value),
    extended_entries.map(value),
    untidy_entries(),
    alike_entries.map(value),
    firestore_values.map(value),
)

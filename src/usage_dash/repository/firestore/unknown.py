"""The fields of entries that nobody knows, as canonical JSON, thousands at a time.

Numbers and plain texts are written as they stand on the wire; any other field goes through Google's parser, each
distinct one once.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError  # type: ignore[import-untyped] # no types

from usage_dash.documents.canonical_json import canonical
from usage_dash.documents.sizes import size_of_value
from usage_dash.repository.firestore.messages import decode_map
from usage_dash.repository.firestore.wire import Ints, Wire, read_counts, read_names

_PLAIN: Final = r"^[ !#-\[\]-~]*$"  # ASCII that JSON writes as it is
_TYPE: Final = "__type__"  # makes a vector of a map


@dataclass(frozen=True, slots=True)
class Unknown:
    """Fields on the wire: the row of each one's entry, and where it, its key and its value begin and end.

    `sizes` is what Firestore counts for a value, in bytes; -1 where the walk could not tell.
    """

    rows: Ints
    at: Ints
    key: Ints
    key_ends: Ints
    value: Ints
    ends: Ints
    sizes: Ints

    @classmethod
    def joined(cls, parts: Sequence[Unknown]) -> Unknown:
        """Return the fields of all parts."""
        empty = np.zeros(0, np.int64)
        return cls(*(np.concatenate([empty, *(getattr(each, name) for each in parts)]) for name in cls.__slots__))

    def take(self, places: Ints) -> Unknown:
        """Return the fields at these places."""
        return Unknown(*(getattr(self, name)[places] for name in self.__slots__))


def rests_of(wire: Wire, unknown: Unknown) -> tuple[Ints, pa.Array]:
    """Return the rows that have unknown fields, and all such fields of each; null where only the parser can tell."""
    keys = wire.pieces(unknown.key, unknown.key_ends - unknown.key)
    names = [_name(key) for key in keys.dictionary.to_pylist()]
    ranks = np.argsort(np.array(sorted(range(len(names)), key=lambda index: names[index] or ""), np.int64))
    indices = keys.indices.to_numpy()
    order = np.lexsort((ranks[indices], unknown.rows))
    prefixes = pa.array([None if name is None else f"{json.dumps(name)}:" for name in names], pa.string())
    prefixes = prefixes.take(pa.array(indices[order]))
    unknown = unknown.take(order)
    lasts = np.flatnonzero(np.diff(unknown.rows, append=-1))
    offsets = pa.array(np.concatenate(([0], lasts + 1)), pa.int32())
    fields = pa.ListArray.from_arrays(offsets, _fields(wire, unknown, prefixes))
    return unknown.rows[lasts], pc.binary_join_element_wise("{", pc.binary_join(fields, ","), "}", "")


def missing_sizes(wire: Wire, unknown: Unknown) -> tuple[Ints, Ints]:
    """Return the rows of fields whose size the walk could not tell, and what Firestore counts for each, in bytes."""
    unsized = unknown.take(np.flatnonzero(unknown.sizes < 0))
    pieces = wire.pieces(unsized.at, unsized.ends - unsized.at)
    sizes = [size_of_value(decode_map(piece)) for piece in pieces.dictionary.to_pylist()]
    return unsized.rows, np.array(sizes, np.int64)[pieces.indices.to_numpy()]


def _name(key: bytes) -> str | None:
    """Return a key as canonical JSON names it; None where the parser has to look at the whole map."""
    try:
        (name,) = json.loads(canonical({key.decode(): None})[0])
    except UnicodeDecodeError:
        return None
    return None if name == _TYPE else str(name)


def _fields(wire: Wire, unknown: Unknown, prefixes: pa.Array) -> pa.Array:
    """Return each field as JSON, its name before its value."""
    sizes = unknown.ends - unknown.value
    numbers, are_numbers = read_counts(wire, unknown.value, sizes)
    found, are_texts = read_names(wire, unknown.value, sizes)
    numbers_at, texts_at = np.flatnonzero(are_numbers), np.flatnonzero(are_texts)
    texts = _quoted(wire.pieces(found[texts_at] >> 8, found[texts_at] & 0xFF))
    is_plain = texts.is_valid().to_numpy(zero_copy_only=False)
    texts_at, texts = texts_at[is_plain], texts.drop_null()
    simple_at = np.concatenate((numbers_at, texts_at))
    simple = pa.concat_arrays([pa.array(numbers[numbers_at]).cast(pa.string()), texts])
    others_at = np.setdiff1d(np.arange(len(sizes)), simple_at, assume_unique=True)
    others = _parsed(wire, unknown.take(others_at))
    found_names = pc.binary_join_element_wise(prefixes.take(pa.array(simple_at)), simple, "")
    places = np.argsort(np.concatenate((simple_at, others_at)))
    fields = pa.concat_arrays([found_names, others]).take(pa.array(places))
    return pc.if_else(prefixes.is_valid(), fields, None)


def _quoted(texts: pa.DictionaryArray) -> pa.Array:
    """Return plain texts as JSON; null for others."""
    plain = pc.if_else(pc.match_substring_regex(texts.dictionary, _PLAIN), texts.dictionary, None)
    plain = plain.cast(pa.large_string()).cast(pa.string())
    return pc.binary_join_element_wise('"', plain, '"', "").take(texts.indices)


def _parsed(wire: Wire, unknown: Unknown) -> pa.Array:
    pieces = wire.pieces(unknown.at, unknown.ends - unknown.at)
    return pa.array(map(_field, pieces.dictionary.to_pylist()), pa.string()).take(pieces.indices)


def _field(content: bytes) -> str | None:
    """Return one field of a map as JSON; None where the parser has to look at the entry."""
    try:
        text, complete = canonical(decode_map(content))
    except DecodeError:
        return None
    return text[1:-1] if complete else None

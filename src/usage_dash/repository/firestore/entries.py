"""Clean entries read from their bytes, thousands at a time, and what any items of arrays take in Firestore.

On the wire an entry is a map: its fields in any order, each a key and a value. All items are walked at once: step by
step, each one's next field is recognised by its key and read by that field's reader. A field that has none is passed
over, and read later as `unknown` says. What does not fit leaves its item incomplete, so a complete entry is one whose
every byte was understood. `documents.parse` says what a clean entry is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import pyarrow as pa

from usage_dash.documents import sizes, values
from usage_dash.documents.fields import ENTRY, Field
from usage_dash.documents.times import time
from usage_dash.repository.firestore.messages import decode_item
from usage_dash.repository.firestore.unknown import Unknown, missing_sizes, rests_of
from usage_dash.repository.firestore.wire import (
    KEY,
    VALUE,
    Bools,
    Ints,
    Wire,
    Words,
    fingerprints,
    part,
    read_costs,
    read_counts,
    read_names,
    read_times,
)

_Reader: TypeAlias = Callable[[Wire, Ints, Ints], tuple[Ints, Bools]]

_READERS: Final[dict[Callable[[object], object], _Reader]] = {
    time: read_times,
    values.model: read_names,
    values.count: read_counts,
    values.cost: read_costs,
}
_HEAD: Final = np.uint64(0xFFFFFFFFFFFF80FF)  # all of a field's first eight bytes but its size, below 128
_MOST_FIELDS: Final = 40  # of an item; so that odd data cannot make a walk long


@dataclass(frozen=True, slots=True)
class Entries:
    """One row for each item, of which only the `complete` ones mean something.

    `columns` are those of `batch.ENTRIES` that come from an entry's fields, as 64-bit integers: `at` in microseconds
    since 1970, `cost` as the bits of a double in US dollars, `model` and `rest` as the index in their `texts`, which
    is -1 where `rest` is nothing. `sizes` are in bytes, as Firestore counts them.
    """

    complete: Bools
    sizes: Ints
    columns: dict[str, Ints]
    texts: dict[str, pa.Array]

    def take(self, rows: Ints) -> Entries:
        """Return the entries in these rows."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return replace(self, complete=self.complete[rows], sizes=self.sizes[rows], columns=columns)


def read_entries(items: Sequence[bytes]) -> Entries:
    """Read serialised `Value` messages, the items of `recentUsage`. Never raises, whatever the bytes are."""
    walk = _Walk(Wire(items), _FIELDS)
    walk.complete &= walk.read == (1 << len(_FIELDS)) - 1
    walk.columns["rest"] = np.full_like(walk.at, -1)
    models = _fill(walk, "model", *_models(walk))
    rests = _fill(walk, "rest", *rests_of(walk.wire, _unknown_in_complete(walk)))
    np.add.at(walk.sizes, *missing_sizes(walk.wire, _unknown_in_complete(walk)))
    texts = {"model": models, "rest": rests}
    return Entries(walk.complete, walk.sizes, walk.columns, texts)


def sizes_of(items: Sequence[bytes]) -> Ints:
    """Return what each serialised `Value`, an item of an array, takes in Firestore, in bytes.

    Raises `google.protobuf.message.DecodeError` for bytes that are no such message.
    """
    walk = _Walk(Wire(items), ())
    unsized = Unknown.joined(walk.unknown)
    walk.complete[unsized.rows[unsized.sizes < 0]] = False  # a vector may be such a map
    for row in np.flatnonzero(~walk.complete).tolist():
        walk.sizes[row] = sizes.size_of_value(decode_item(items[row]))
    return walk.sizes


def _fill(walk: _Walk, column: str, rows: Ints, texts: pa.Array) -> pa.Array:
    """Fill a column with indices of distinct texts and return those; a row that has none is incomplete."""
    encoded = texts.dictionary_encode()
    indices = encoded.indices.fill_null(-1).to_numpy()
    walk.columns[column][rows] = indices
    walk.complete[rows[indices < 0]] = False
    return encoded.dictionary


def _models(walk: _Walk) -> tuple[Ints, pa.Array]:
    rows = np.flatnonzero(walk.complete)
    found = walk.columns["model"][rows]
    names = walk.wire.pieces(found >> 8, found & 0xFF)
    return rows, pa.array(map(_model, names.dictionary.to_pylist()), pa.string()).take(names.indices)


def _model(name: bytes) -> str | None:
    try:
        return values.model(name.decode()).value
    except UnicodeDecodeError:
        return None


def _unknown_in_complete(walk: _Walk) -> Unknown:
    unknown = Unknown.joined(walk.unknown)
    return unknown.take(np.flatnonzero(walk.complete[unknown.rows]))


class _Field:
    """One field of an entry: how its key looks on the wire, and the reader of its values."""

    def __init__(self, field: Field) -> None:
        """Take a name of 5 to 12 ASCII letters: four of them are in the first eight bytes, the rest in the next."""
        key = field.name.encode()
        self.column = field.column
        self.read = _READERS[field.read]
        self._head = int.from_bytes(bytes([KEY, 0, KEY, len(key)]) + key[:4], "little")
        self._rest = int.from_bytes(key[4:], "little")
        self._rest_size = len(key) - 4

    def find(self, wire: Wire, at: Ints, words: Words) -> Ints:
        """Return the indices of those of these places where the field stands; `words` is what stands there."""
        near: Ints = np.flatnonzero((words & _HEAD) == self._head)
        found: Ints = near[part(wire.words(at[near] + 8), 0, self._rest_size) == self._rest]
        return found

    def read_values(self, wire: Wire, at: Ints, field_sizes: Ints) -> tuple[Ints, Ints, Bools]:
        """Read the field at these places; return its values, their sizes in Firestore, and which were understood."""
        values_at = at + 8 + self._rest_size
        value_sizes = field_sizes - 8 - self._rest_size
        good = part(wire.words(values_at), 0, 2) == VALUE | value_sizes << 8
        numbers, understood = self.read(wire, values_at + 2, value_sizes)
        taken = (numbers & 0xFF) + 1 if self.read is read_names else np.full_like(numbers, sizes.NUMBER)
        return numbers, taken + self._rest_size + 5, good & understood


class _Walk:
    """The items of a wire walked field by field: what their fields hold, and what Firestore counts for them.

    `complete` are the maps that were understood to the last byte, except that fields without a reader were passed over:
    those are in `unknown`, and their sizes are left out where the walk could not tell them. `read` has one bit for each
    field that was read.
    """

    def __init__(self, wire: Wire, fields: Sequence[_Field]) -> None:
        self.wire = wire
        self.at, self._good = wire.open_maps()
        self.sizes = np.zeros_like(self.at)
        self.read = np.zeros_like(self.at)
        self.columns = {field.column: np.zeros_like(self.at) for field in fields}
        self.unknown: list[Unknown] = []  # of one step each
        self._keys: list[Words] = []  # of one step each, for all rows
        for _ in range(_MOST_FIELDS):
            rows = np.flatnonzero(self._good & (self.at < wire.ends))
            if not rows.size:
                break
            self._step(rows, fields)
        self.complete = self._good & (self.at == wire.ends)

    def _step(self, rows: Ints, fields: Sequence[_Field]) -> None:
        at = self.at[rows]
        words = self.wire.words(at)
        left = np.ones(rows.size, np.bool_)
        for bit, field in enumerate(fields):
            found = field.find(self.wire, at, words)
            if found.size:
                left[found] = False
                self._read(rows[found], field, 1 << bit, part(words[found], 1, 1))
        if left.any():
            self._pass_over(rows[left])

    def _read(self, rows: Ints, field: _Field, bit: int, field_sizes: Ints) -> None:
        numbers, taken, good = field.read_values(self.wire, self.at[rows], field_sizes)
        self.columns[field.column][rows] = numbers
        self.sizes[rows] += taken
        self._good[rows] = good & (self.read[rows] & bit == 0)  # the second of two would count, alone
        self.read[rows] |= bit
        self.at[rows] += 2 + field_sizes

    def _pass_over(self, rows: Ints) -> None:
        at = self.at[rows]
        content, ends, good = self.wire.nested(at, KEY, self.wire.ends[rows])
        key, key_ends, has_key = self.wire.nested(content, KEY, ends)
        value, value_ends, has_value = self.wire.nested(key_ends, VALUE, ends)
        value_sizes = self.wire.sizes_in_firestore(value, value_ends)
        self._good[rows] = good & has_key & has_value & (value_ends == ends) & self._is_new(rows, key, key_ends)
        self.sizes[rows] += np.where(value_sizes < 0, 0, key_ends - key + 1 + value_sizes)
        self.unknown.append(Unknown(rows, at, key, key_ends, value, ends, value_sizes))
        self.at[rows] = ends

    def _is_new(self, rows: Ints, key: Ints, key_ends: Ints) -> Bools:
        """Tell which keys did not stand in their item before: of two the second alone would count."""
        keys = np.zeros_like(self.at, np.uint64)
        keys[rows] = fingerprints(self.wire, key, key_ends)
        new = np.ones(rows.size, np.bool_)
        for before in self._keys:
            new &= before[rows] != keys[rows]
        self._keys.append(keys)
        return new


_FIELDS: Final = tuple(map(_Field, ENTRY))

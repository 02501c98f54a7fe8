"""Clean entries read from their bytes, thousands at a time.

On the wire an entry is a map of seven fields in any order, each a key and a value. All entries are walked at once:
step by step, each one's next field is recognised by its key and read by that field's reader. What fits no reader
leaves its entry incomplete, so a complete entry is one whose every byte was understood. `documents` says what a clean
entry is; forms that the chatbot does not write (a time as text, a count as a double, 2^49 tokens) stay incomplete too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from usage_dash.documents import values
from usage_dash.documents.fields import ENTRY
from usage_dash.documents.times import TIMES_END, time

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Words: TypeAlias = npt.NDArray[np.uint64]  # eight bytes each, the first one lowest

# Tags: the number of a field and how it is written.
_MAP, _KEY, _VALUE = 0x32, 0x0A, 0x12
_INTEGER, _DOUBLE, _TIMESTAMP, _STRING = 0x10, 0x19, 0x52, 0x018A  # kinds of `Value`; the last one has two bytes
_SECONDS, _NANOS = 0x08, 0x10  # of a `Timestamp`

_DOUBLE_SIZE: Final = 9  # bytes, with the tag
_SECONDS_SIZE: Final = 5  # bytes; hold 1978 to 3058
_LONGEST_VARINT: Final = 7  # bytes that are read; with the tag before them they fill a word
_SECOND: Final = 1_000_000  # microseconds
_TIMES_END: Final = int(TIMES_END.timestamp())
_HIGHEST_COST: Final = int(np.float64(values.MAX_COST).view(np.int64))
_ONE_BYTE_SIZES: Final = 127  # what a size of one byte can tell
_MARGIN: Final = 256  # more than one field, whose size takes one byte
# Each byte of a varint tells seven bits: what closes the gaps between two bytes, then two pairs, then the two halves.
_GAPS: Final = tuple(
    (np.uint64(low), np.uint64(high), np.uint64(gap))
    for low, high, gap in (
        (0x007F007F007F007F, 0x7F007F007F007F00, 1),
        (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 2),
        (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 4),
    )
)
_LOW_BYTES: Final = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_MORE: Final = np.uint64(0x8080808080808080)  # set in each byte of a varint but the last
_HEAD: Final = np.uint64(0xFFFFFFFFFFFF80FF)  # all of a field's first eight bytes but its size, below 128


@dataclass(frozen=True, slots=True)
class Entries:
    """One row for each item, of which only the `complete` ones mean something.

    `columns` are those of `batch.ENTRIES` that come from an entry's fields, as 64-bit integers: `at` in microseconds
    since 1970, `cost` as the bits of a double in US dollars, `model` as the index of its name in `models`.
    """

    complete: Bools
    columns: dict[str, Ints]
    models: pa.Array

    def take(self, rows: Ints) -> Entries:
        """Return the entries in these rows."""
        return replace(
            self,
            complete=self.complete[rows],
            columns={name: column[rows] for name, column in self.columns.items()},
        )


def read_entries(items: Sequence[bytes]) -> Entries:
    """Read serialised `Value` messages, the items of `recentUsage`. Never raises, whatever the bytes are."""
    wire = _Wire(items)
    columns, complete = _walk(wire)
    rows = np.flatnonzero(complete)
    names = wire.texts(columns["model"][rows])
    models = [_model(name) for name in names.dictionary.to_pylist()]
    indices = names.indices.to_numpy()
    columns["model"][rows] = indices
    complete[rows] = np.array([model is not None for model in models], np.bool_)[indices]
    return Entries(complete, columns, pa.array(models, pa.string()))


def _model(name: bytes) -> str | None:
    try:
        return values.model(name.decode()).value
    except UnicodeDecodeError:
        return None


class _Wire:
    """Serialised items one after the other, and where each ends."""

    def __init__(self, items: Sequence[bytes]) -> None:
        self.sizes: Ints = np.fromiter(map(len, items), np.int64, len(items))
        self.ends: Ints = np.cumsum(self.sizes)
        # A walk that loses its way ends in the margin behind the last item.
        self._bytes = np.frombuffer(b"".join([*items, bytes(_MARGIN)]), np.uint8)
        self._words: Words = np.ndarray((len(self._bytes) - 7,), "<u8", self._bytes, strides=(1,))

    def words(self, at: Ints) -> Words:
        """Return the eight bytes at each of these places."""
        return self._words[at]  # `take` would copy all words first, since they are not aligned

    def texts(self, packed: Ints) -> pa.DictionaryArray:
        """Return the bytes at these places, packed by `_read_names`; each distinct one is there once."""
        at, sizes = packed >> 8, packed & 0xFF
        ends = np.cumsum(sizes)
        offsets = np.concatenate((np.zeros(1, np.int64), ends))
        places = np.repeat(at - offsets[:-1], sizes) + np.arange(offsets[-1])
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._bytes[places])]
        return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(sizes), buffers).dictionary_encode()


def _walk(wire: _Wire) -> tuple[dict[str, Ints], Bools]:
    """Read the fields of every entry; an entry has as many as there are readers, so one that stands twice hides one."""
    columns = {field.column: np.zeros_like(wire.sizes) for field in _FIELDS}
    at, opened = _open_maps(wire)
    read = np.zeros_like(wire.sizes)  # one bit a field
    for _ in _FIELDS:
        words = wire.words(at)
        heads = words & _HEAD
        for bit, field in enumerate(_FIELDS):
            rows = np.flatnonzero(heads == field.head)
            if not rows.size:
                continue
            sizes = _part(words[rows], 1, 1)
            columns[field.column][rows], good = field.read_values(wire, at[rows], sizes)
            read[rows] |= good.astype(np.int64) << bit
            at[rows] += 2 + sizes
    return columns, opened & (read == (1 << len(_FIELDS)) - 1) & (at == wire.ends)


def _open_maps(wire: _Wire) -> tuple[Ints, Bools]:
    """Return where the first field of each item begins, and which items are maps that fill all of it."""
    starts = wire.ends - wire.sizes
    words = wire.words(starts)
    head_sizes = np.where(wire.sizes > 2 + _ONE_BYTE_SIZES, 3, 2)
    sizes, good = _varints(words, 1, head_sizes - 1)
    return starts + head_sizes, good & (_part(words, 0, 1) == _MAP) & (sizes == wire.sizes - head_sizes)


def _part(words: Words, first: int, size: int) -> Ints:
    """Return `size` bytes of each word, from its byte `first` on, as an integer."""
    part: Words = (words >> np.uint64(8 * first)) & _LOW_BYTES[size]
    return part.astype(np.int64)


def _varints(words: Words, first: int, sizes: Ints) -> tuple[Ints, Bools]:
    """Return the variable-size integers from byte `first` of each word on, and where they are of `sizes`, 1 to 7."""
    possible = (sizes >= 1) & (sizes <= _LONGEST_VARINT)
    sizes = np.where(possible, sizes, 1)
    numbers = (words >> np.uint64(8 * first)) & _LOW_BYTES[sizes]
    good = possible & ((numbers & _MORE) == (_LOW_BYTES[sizes - 1] & _MORE))
    for low, high, gap in _GAPS:
        numbers = (numbers & low) | ((numbers & high) >> gap)
    return numbers.astype(np.int64), good


def _read_counts(wire: _Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    words = wire.words(at)
    numbers, good = _varints(words, 1, sizes - 1)
    return numbers, good & (_part(words, 0, 1) == _INTEGER)


def _read_costs(wire: _Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    """Read doubles, and integers as the chatbot writes whole dollars. The bits of doubles from 0 up order like them."""
    whole, is_whole = _read_counts(wire, at, sizes)
    is_double = (sizes == _DOUBLE_SIZE) & (_part(wire.words(at), 0, 1) == _DOUBLE)
    bits = np.where(is_double, wire.words(at + 1).view(np.int64), whole.astype(np.float64).view(np.int64))
    return bits, (is_whole | is_double) & (bits >= 0) & (bits <= _HIGHEST_COST)


def _read_times(wire: _Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    words, nanos_words = wire.words(at), wire.words(at + 3 + _SECONDS_SIZE)
    seconds, good = _varints(words, 3, np.full_like(sizes, _SECONDS_SIZE))
    good &= _part(words, 0, 3) == _TIMESTAMP | (sizes - 2) << 8 | _SECONDS << 16
    nanos, has_nanos = _varints(nanos_words, 1, sizes - 4 - _SECONDS_SIZE)
    has_nanos &= _part(nanos_words, 0, 1) == _NANOS
    micros, finer = np.divmod(np.where(has_nanos, nanos, 0), 1000)
    good &= (has_nanos | (sizes == 3 + _SECONDS_SIZE)) & (seconds < _TIMES_END) & (micros < _SECOND) & (finer == 0)
    return seconds * _SECOND + micros, good


def _read_names(wire: _Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    """Tell where the text begins, and in the lowest byte its size."""
    words = wire.words(at)
    good = (_part(words, 0, 2) == _STRING) & (_part(words, 2, 1) == sizes - 3)
    return (at + 3) << 8 | sizes - 3, good


_Reader: TypeAlias = Callable[[_Wire, Ints, Ints], tuple[Ints, Bools]]


class _Field:
    """One field of an entry: how its key looks on the wire, and the reader of its values."""

    def __init__(self, name: str, column: str, read: _Reader) -> None:
        """Take a name of 5 to 12 ASCII letters: four of them are in the first eight bytes, the rest in the next."""
        key = name.encode()
        self.column = column
        self.head = int.from_bytes(bytes([_KEY, 0, _KEY, len(key)]) + key[:4], "little")
        self._rest = key[4:]
        self._read = read

    def read_values(self, wire: _Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
        """Read the field at these places, of these sizes: the rest of its key, then the value's tag and size."""
        values_at = at + 8 + len(self._rest)
        value_sizes = sizes - 8 - len(self._rest)
        numbers, good = self._read(wire, values_at + 2, value_sizes)
        good &= _part(wire.words(at + 8), 0, len(self._rest)) == int.from_bytes(self._rest, "little")
        good &= _part(wire.words(values_at), 0, 2) == _VALUE | value_sizes << 8
        return numbers, good


_READERS: Final[dict[Callable[[object], object], _Reader]] = {
    time: _read_times,
    values.model: _read_names,
    values.count: _read_counts,
    values.cost: _read_costs,
}
_FIELDS: Final = tuple(_Field(field.name, field.column, _READERS[field.read]) for field in ENTRY)

"""Bytes of Firestore's messages read thousands at a time: one numpy operation takes a step in all of them.

A reader takes places and sizes of serialised `Value` messages, and returns what they hold and which of them it
understood to the last byte; what it returns for the others means nothing. Forms that no tidy writer sends, and some
that the chatbot does not write (a time before 1978, 2^49 tokens), are not understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from usage_dash.documents import sizes, values
from usage_dash.documents.times import TIMES_END

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]
Words: TypeAlias = npt.NDArray[np.uint64]  # eight bytes each, the first one lowest

# Tags: the number of a field and how it is written.
MAP, KEY, VALUE = 0x32, 0x0A, 0x12
_NULL, _BOOLEAN, _INTEGER, _DOUBLE, _TIMESTAMP = 0x58, 0x08, 0x10, 0x19, 0x52  # kinds of `Value`
_STRING, _BYTES = 0x018A, 0x0192  # these have two bytes
_SECONDS, _NANOS = 0x08, 0x10  # of a `Timestamp`

_FLAG_SIZE: Final = 2  # bytes, with the tag
_DOUBLE_SIZE: Final = 9  # bytes, with the tag
_NEGATIVE_SIZE: Final = 11  # bytes of a negative integer, with the tag
_SECONDS_SIZE: Final = 5  # bytes; hold 1978 to 3058
_LONGEST_VARINT: Final = 7  # bytes that are read; with the tag before them they fill a word
_SECOND: Final = 1_000_000  # microseconds
_TIMES_END: Final = int(TIMES_END.timestamp())
_HIGHEST_COST: Final = int(np.float64(values.MAX_COST).view(np.int64))
_ONE_BYTE: Final = 0x7F  # the highest number that a varint of one byte can tell
_ENDLESS: Final = 1 << 40  # bytes, more than any message has
_MARGIN: Final = 256  # more than one field whose size takes one byte
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


class Wire:
    """Serialised `Value` messages one after the other, and where each ends."""

    def __init__(self, items: Sequence[bytes]) -> None:
        self.sizes: Ints = np.fromiter(map(len, items), np.int64, len(items))
        self.ends: Ints = np.cumsum(self.sizes)
        # A walk that loses its way ends in the margin behind the last item.
        self._bytes = np.frombuffer(b"".join([*items, bytes(_MARGIN)]), np.uint8)
        self._words: Words = np.ndarray((len(self._bytes) - 7,), "<u8", self._bytes, strides=(1,))

    def words(self, at: Ints) -> Words:
        """Return the eight bytes at each of these places."""
        return self._words[at]  # `take` would copy all words first, since they are not aligned

    def pieces(self, at: Ints, sizes: Ints, joined: Ints | None = None) -> pa.DictionaryArray:
        """Return the bytes at these places, each distinct one once; those up to a place in `joined` become one."""
        ends = np.cumsum(sizes)
        places = np.repeat(at - (ends - sizes), sizes) + np.arange(ends[-1] if ends.size else 0)
        offsets = np.concatenate((np.zeros(1, np.int64), ends if joined is None else ends[joined]))
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(self._bytes[places])]
        return pa.LargeBinaryArray.from_buffers(pa.large_binary(), len(offsets) - 1, buffers).dictionary_encode()

    def open_maps(self) -> tuple[Ints, Bools]:
        """Return where the first field of each item begins, and which items are maps that fill all of it."""
        starts = self.ends - self.sizes
        content, content_ends, good = self.nested(starts, MAP, self.ends)
        return content, good & (content_ends == self.ends)

    def nested(self, at: Ints, tag: int, ends: Ints) -> tuple[Ints, Ints, Bools]:
        """Return where a field's content begins and ends, before `ends`, and which fields have this one-byte tag."""
        size, start = self._lengths(at + 1)
        good = (part(self.words(at), 0, 1) == tag) & (start + size <= ends)
        return np.minimum(start, ends), np.minimum(start + size, ends), good

    def _lengths(self, at: Ints) -> tuple[Ints, Ints]:
        """Read sizes of one or two bytes; return them, longer ones as endless, and where what they measure begins."""
        words = self.words(at)
        low, high = part(words, 0, 1), part(words, 1, 1)
        is_long = low > _ONE_BYTE
        long = np.where(high > _ONE_BYTE, _ENDLESS, (low & _ONE_BYTE) | high << 7)
        return np.where(is_long, long, low), at + 1 + is_long

    def sizes_in_firestore(self, at: Ints, ends: Ints) -> Ints:
        """Return what Firestore counts for single values, in bytes; -1 for maps, arrays and what is rare."""
        words, wire_sizes = self.words(at), ends - at
        tags = part(words, 0, 1)
        length, start = self._lengths(at + 2)
        fills = start + length == ends
        is_flag = (wire_sizes == _FLAG_SIZE) & ((tags == _NULL) | (tags == _BOOLEAN)) & (part(words, 1, 1) <= 1)
        is_number = self._are_numbers(at, wire_sizes) | read_times(self, at, wire_sizes)[1]
        is_text, is_bytes = (fills & (part(words, 0, 2) == kind) for kind in (_STRING, _BYTES))
        kinds = [is_flag, is_number, is_text, is_bytes]
        return np.select(kinds, [sizes.FLAG, sizes.NUMBER, length + 1, length], -1)

    def _are_numbers(self, at: Ints, wire_sizes: Ints) -> Bools:
        words, tails = self.words(at + 1), self.words(at + 9)
        tags = part(self.words(at), 0, 1)
        all_more = ((words & _MORE) == _MORE) & ((tails & np.uint64(0x8080)) == np.uint64(0x0080))
        is_negative = (tags == _INTEGER) & (wire_sizes == _NEGATIVE_SIZE) & all_more
        is_double = (tags == _DOUBLE) & (wire_sizes == _DOUBLE_SIZE)
        numbers: Bools = is_negative | is_double | read_counts(self, at, wire_sizes)[1]
        return numbers


def part(words: Words, first: int, size: int) -> Ints:
    """Return `size` bytes of each word, from its byte `first` on, as an integer."""
    found: Words = (words >> np.uint64(8 * first)) & _LOW_BYTES[size]
    return found.astype(np.int64)


def fingerprints(wire: Wire, at: Ints, ends: Ints) -> Words:
    """Return a number for each text; the same text has the same one, and others hardly ever."""
    lengths = np.minimum(ends - at, 8)
    first, last = (wire.words(place) & _LOW_BYTES[lengths] for place in (at, ends - lengths))
    found: Words = first * np.uint64(3) + last * np.uint64(5) + (ends - at + 1).astype(np.uint64)
    return found


def _varints(words: Words, first: int, sizes: Ints) -> tuple[Ints, Bools]:
    """Return the variable-size integers from byte `first` of each word on, and where they are of `sizes`, 1 to 7."""
    possible = (sizes >= 1) & (sizes <= _LONGEST_VARINT)
    sizes = np.where(possible, sizes, 1)
    numbers = (words >> np.uint64(8 * first)) & _LOW_BYTES[sizes]
    good = possible & ((numbers & _MORE) == (_LOW_BYTES[sizes - 1] & _MORE))
    for low, high, gap in _GAPS:
        numbers = (numbers & low) | ((numbers & high) >> gap)
    return numbers.astype(np.int64), good


def read_counts(wire: Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    """Read integers from 0 up."""
    words = wire.words(at)
    numbers, good = _varints(words, 1, sizes - 1)
    return numbers, good & (part(words, 0, 1) == _INTEGER)


def read_costs(wire: Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    """Read doubles as their bits, and integers as the chatbot writes whole dollars. From 0 up, bits order like them."""
    whole, is_whole = read_counts(wire, at, sizes)
    is_double = (sizes == _DOUBLE_SIZE) & (part(wire.words(at), 0, 1) == _DOUBLE)
    bits = np.where(is_double, wire.words(at + 1).view(np.int64), whole.astype(np.float64).view(np.int64))
    return bits, (is_whole | is_double) & (bits >= 0) & (bits <= _HIGHEST_COST)


def read_times(wire: Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    """Read timestamps as whole microseconds since 1970."""
    words, nanos_words = wire.words(at), wire.words(at + 3 + _SECONDS_SIZE)
    seconds, good = _varints(words, 3, np.full_like(sizes, _SECONDS_SIZE))
    good &= part(words, 0, 3) == _TIMESTAMP | (sizes - 2) << 8 | _SECONDS << 16
    nanos, has_nanos = _varints(nanos_words, 1, sizes - 4 - _SECONDS_SIZE)
    has_nanos &= part(nanos_words, 0, 1) == _NANOS
    micros, finer = np.divmod(np.where(has_nanos, nanos, 0), 1000)
    good &= (has_nanos | (sizes == 3 + _SECONDS_SIZE)) & (seconds < _TIMES_END) & (micros < _SECOND) & (finer == 0)
    return seconds * _SECOND + micros, good


def read_names(wire: Wire, at: Ints, sizes: Ints) -> tuple[Ints, Bools]:
    """Tell where short texts begin, and in the lowest byte their sizes."""
    words = wire.words(at)
    good = (part(words, 0, 2) == _STRING) & (part(words, 2, 1) == sizes - 3)
    return (at + 3) << 8 | sizes - 3, good

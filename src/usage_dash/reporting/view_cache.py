"""Results of queries, shared by all viewers: each is computed once, however many ask for it at the same moment.

They are kept for some minutes, within so many bytes that a process of 512 MB has room beside the ledger. Beyond, those
go first that nobody has asked for longest.
"""

from __future__ import annotations

import pickle
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from cachetools import TTLCache

_T = TypeVar("_T")

MOST_BYTES: Final = 64 * 1024 * 1024
LIFE: Final = 600.0  # seconds
_BESIDE: Final = 1_000  # bytes, about what it takes to keep a result beside the result itself
_STRIPES = 16


@dataclass(frozen=True, slots=True)
class Tally:
    """How many results were known already, were worked out, and went to make room; and how many bytes are kept."""

    hits: int
    misses: int
    evictions: int
    octets: int


class ViewCache:
    """View models, or what was drawn of them, by string keys."""

    def __init__(self, most_bytes: int = MOST_BYTES, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._kept = _Kept(most_bytes, LIFE, timer=monotonic, getsizeof=_size)
        self._lock = threading.Lock()  # of what is kept: reading it changes the order in which it goes
        self._locks = [threading.Lock() for _ in range(_STRIPES)]
        self._hits = self._misses = 0

    def known(self, key: str) -> Any:
        """The result kept under `key`, or None."""
        with self._lock:
            found = self._kept.get(key)
            self._hits += found is not None
            return found

    def get(self, key: str, compute: Callable[[], _T]) -> _T:
        """The result kept under `key`; else compute it, while others who want it wait. `compute` asks no cache.

        What is larger than all that may be kept is computed each time.
        """
        with self._locks[hash(key) % _STRIPES]:
            kept: _T | None = self.known(key)
            if kept is None:
                kept = compute()
                self._keep(key, kept)
            return kept

    def tally(self) -> Tally:
        """Return what was asked for so far, and what is kept."""
        with self._lock:
            return Tally(self._hits, self._misses, self._kept.evictions, int(self._kept.currsize))

    def _keep(self, key: str, result: object) -> None:
        with self._lock, suppress(ValueError):  # it is too large
            self._misses += 1
            self._kept[key] = result


class _Kept(TTLCache[str, Any]):
    """Counts what has to go before its time."""

    evictions = 0

    def popitem(self) -> tuple[str, Any]:
        """Let go of what nobody has asked for longest."""
        item = super().popitem()
        self.evictions += 1
        return item


def _size(result: object) -> int:
    """Return about how many bytes a result takes; what is large is JSON, of which this is nearly the size."""
    return len(pickle.dumps(result)) + _BESIDE

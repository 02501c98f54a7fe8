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
from typing import Any, Final, TypeVar

from cachetools import TTLCache

_T = TypeVar("_T")

MOST_BYTES: Final = 64 * 1024 * 1024
LIFE: Final = 600.0  # seconds
_BESIDE: Final = 1_000  # bytes, about what it takes to keep a result beside the result itself
_STRIPES = 16


class ViewCache:
    """View models, or what was drawn of them, by string keys."""

    def __init__(self, most_bytes: int = MOST_BYTES, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._kept: TTLCache[str, Any] = TTLCache(most_bytes, LIFE, timer=monotonic, getsizeof=_size)
        self._lock = threading.Lock()  # of what is kept: reading it changes the order in which it goes
        self._locks = [threading.Lock() for _ in range(_STRIPES)]

    def known(self, key: str) -> Any:
        """The result kept under `key`, or None."""
        with self._lock:
            return self._kept.get(key)

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

    def _keep(self, key: str, result: object) -> None:
        with self._lock, suppress(ValueError):  # it is too large
            self._kept[key] = result


def _size(result: object) -> int:
    """Return about how many bytes a result takes; what is large is JSON, of which this is nearly the size."""
    return len(pickle.dumps(result)) + _BESIDE

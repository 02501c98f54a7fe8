"""Results of queries, shared by all viewers: each is computed once, however many ask for it at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from flask_caching import Cache

_T = TypeVar("_T")
_STRIPES = 16


class ViewCache:
    """View models by string keys, kept by flask-caching, which alone would let concurrent misses all compute."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._locks = [threading.Lock() for _ in range(_STRIPES)]

    def known(self, key: str) -> Any:
        """The result kept under `key`, or None."""
        return self._cache.get(key)

    def get(self, key: str, compute: Callable[[], _T]) -> _T:
        """The result kept under `key`; else compute it, while others who want it wait. `compute` asks no cache."""
        with self._locks[hash(key) % _STRIPES]:
            kept: _T | None = self._cache.get(key)
            if kept is None:
                kept = compute()
                self._cache.set(key, kept)
            return kept

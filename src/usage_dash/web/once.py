"""Addresses that work once, for a minute: whoever has one may have what was promised at it, and nothing else.

A portal's frame has no cookie, and a browser's download carries no token. So the page asks for such an address with
its token, and the browser fetches the file there. Only digests are kept, in memory, so that no look-up tells anything.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")

LIFE: Final = 60.0  # seconds
_BYTES: Final = 32  # of chance in a name
_MOST: Final = 20  # promises to one viewer, of as many kilobytes at most as a request has; beyond, their oldest goes


@dataclass(frozen=True, slots=True)
class _Promise(Generic[_T]):
    whose: str
    ends: float
    what: _T


class Once(Generic[_T]):
    """What was promised, by the names that were given out for it. Nobody can push out what another was promised."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._promised: dict[bytes, _Promise[_T]] = {}  # the oldest come first

    def promise(self, what: _T, whose: str) -> str:
        """Return a name by which `what` can be taken once; `whose` tells viewers apart."""
        name = secrets.token_urlsafe(_BYTES)
        with self._lock:
            self._make_room(whose)
            self._promised[_digest(name)] = _Promise(whose, self._monotonic() + LIFE, what)
        return name

    def look(self, name: str) -> _T | None:
        """Return what is promised by a name, which stays promised; None when nothing is, or no more."""
        with self._lock:
            return self._still(self._promised.get(_digest(name)))

    def take(self, name: str) -> _T | None:
        """Return what was promised by a name, for the only time; None when nothing was, or no more."""
        with self._lock:
            return self._still(self._promised.pop(_digest(name), None))

    def _still(self, promise: _Promise[_T] | None) -> _T | None:
        return promise.what if promise is not None and promise.ends > self._monotonic() else None

    def _make_room(self, whose: str) -> None:
        """Drop what is over, and what this viewer has no room for."""
        now = self._monotonic()
        self._promised = {name: each for name, each in self._promised.items() if each.ends > now}
        theirs = [name for name, each in self._promised.items() if each.whose == whose]
        while len(theirs) >= _MOST:
            del self._promised[theirs.pop(0)]


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogatepass")).digest()

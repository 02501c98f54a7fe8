"""Addresses that work once, for a minute: whoever has one may have what was promised at it, and nothing else.

A portal's frame has no cookie, and a browser's download carries no token. So the page asks for such an address with
its token, and the browser fetches the file there. Only digests are kept, in memory, so that no look-up tells anything.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

_T = TypeVar("_T")

LIFE: Final = 60.0  # seconds
_BYTES: Final = 32  # of chance in a name
_MOST: Final = 200  # promises, of as many kilobytes at most as a request has; beyond, the oldest is forgotten


class Once(Generic[_T]):
    """What was promised, by the names that were given out for it."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._promised: OrderedDict[bytes, tuple[float, _T]] = OrderedDict()

    def promise(self, what: _T) -> str:
        """Return a name by which `what` can be taken once."""
        name = secrets.token_urlsafe(_BYTES)
        with self._lock:
            self._forget()
            self._promised[_digest(name)] = (self._monotonic() + LIFE, what)
        return name

    def take(self, name: str) -> _T | None:
        """Return what was promised by a name, for the only time; None when nothing was, or no more."""
        with self._lock:
            ends, what = self._promised.pop(_digest(name), (0.0, None))
        return what if ends > self._monotonic() else None

    def _forget(self) -> None:
        """Drop what is over, and what there is no room for: the oldest come first."""
        while self._promised:
            ends, _ = next(iter(self._promised.values()))
            if ends > self._monotonic() and len(self._promised) < _MOST:
                return
            self._promised.popitem(last=False)


def _digest(name: str) -> bytes:
    return hashlib.sha256(name.encode(errors="surrogatepass")).digest()

"""Somebody else's server that a way asks: by a few of our threads at once, or a silent one would hold them all."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

_T = TypeVar("_T")
_WAIT: Final = 2.0  # seconds for a turn
_REST: Final = 5.0  # seconds after a failure in which nobody asks again


class SilentError(Exception):
    """The server does not answer, or did not just now."""


class Counterpart:
    """One such server; `failures` are what asking it raises when it does not answer."""

    def __init__(
        self, *failures: type[Exception], at_once: int, rest: float = _REST, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._failures = failures
        self._turns = threading.BoundedSemaphore(at_once)
        self._rest, self._clock = rest, clock
        self._silent_until = float("-inf")

    def ask(self, question: Callable[[], _T]) -> _T:
        """Return what `question` does, or raise what it raises. Raise `SilentError` in place of waiting for long."""
        if self._clock() < self._silent_until or not self._turns.acquire(timeout=_WAIT):
            raise SilentError
        try:
            return question()
        except self._failures as error:
            self._silent_until = self._clock() + self._rest
            raise SilentError(f"{type(error).__name__}: {error}") from error
        finally:
            self._turns.release()

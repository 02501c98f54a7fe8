"""Files beside the settings, which people change while the dashboard runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from usage_dash.settings.errors import SettingsError

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class ToldByFile(Generic[_T]):
    """What a file tells, read again when it has changed; while it cannot be read, what it told before."""

    def __init__(self, path: Path, read: Callable[[Path], _T], things: str) -> None:
        """Read the file. Raise `SettingsError` when `read` does; `things` says in the log what the file tells."""
        self._path = path
        self._read = read
        self._things = things
        self._lock = threading.Lock()
        self._state = _state(path)
        self._told = read(path)
        self._watchers: list[Callable[[_T], None]] = []

    def now(self) -> _T:
        """Return what the file tells now."""
        with self._lock:
            self._look_again()
            return self._told

    def watch(self, callback: Callable[[_T], None]) -> None:
        """Call `callback` with what is told now, and whenever that is something else.

        Whoever asks for it first waits for it, so it must be quick, and raise nothing.
        """
        with self._lock:
            self._watchers.append(callback)
            callback(self._told)

    def _look_again(self) -> None:
        state = _state(self._path)
        if state == self._state:
            return
        self._state = state
        try:
            self._told = self._read(self._path)
        except SettingsError as error:
            _log.error("The %s stay as they were: %s", self._things, error)
            return
        _log.info("The file of the %s has changed, and was read again.", self._things)
        for callback in self._watchers:
            callback(self._told)


def _state(path: Path) -> tuple[int, ...] | None:
    """Return what differs when the file has changed; None while it is not there."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino

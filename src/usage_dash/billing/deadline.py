"""An end for all that a client waits for.

The client's own limits are for each byte, so an answer whose headers come byte by byte would hold its thread for days.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Any, Final

_CONNECTED: Final = ("connect_tcp.complete", "start_tls.complete")


class Deadline:
    """Ends the connections whose requests it traces after so many seconds, unless its block ends before.

    Whoever reads from one then finds it closed. It is not closed here, or its number could be another's by then.
    """

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_over = False

    def __enter__(self) -> Deadline:
        """Begin to count."""
        self._timer.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """End nothing any more."""
        self._timer.cancel()

    def trace(self, event: str, told: dict[str, Any]) -> None:
        """Note a new connection; for the extension “trace” of a request."""
        if event.endswith(_CONNECTED):
            with self._lock:
                self._socket = told["return_value"].get_extra_info("socket")
            if self.is_over:
                self._end()

    def _end(self) -> None:
        with self._lock, suppress(OSError):  # which it is when the other side has ended it before
            self.is_over = True
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)

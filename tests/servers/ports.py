"""Ports of this machine that nobody else is given while the tests run."""

from __future__ import annotations

import socket

_kept: list[socket.socket] = []


def free_port() -> int:
    """Return a loopback port on which nothing listens, unless it is told to by this number.

    It stays bound for as long as this process lives, so the system gives it to nobody else. A server can listen there
    all the same if it reuses addresses (`SO_REUSEADDR`), as servers do.
    """
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    _kept.append(kept)
    return int(kept.getsockname()[1])

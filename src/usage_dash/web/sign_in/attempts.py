"""How often somebody may try to sign in: a few wrong tries from one place, then a pause."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import limits
from flask import Flask, request
from flask_limiter import Limiter

PAUSE_MINUTES: Final = 5
_LIMIT: Final = limits.parse(f"5 per {PAUSE_MINUTES} minutes")
_NETWORK_BITS: Final = 64  # of IPv6, as many as one subscriber has
_STRIPES: Final = 16


class TooManyTriesError(Exception):
    """No other try for so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__()
        self.seconds = seconds


class Tries:
    """Counts tries of one kind in this process. Of one place, one has its turn at a time, so that none passes by."""

    def __init__(self, kind: str) -> None:
        logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # below it, it logs where people come from
        # Not of the server: the library would look at each of its requests, and we count tries alone.
        self._window = Limiter(_network, app=Flask("tries"), storage_uri="memory://").limiter
        self._kind = kind
        self._turns = [threading.Lock() for _ in range(_STRIPES)]

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Let whoever asks try. Raise `TooManyTriesError`."""
        network = _network()
        with self._turns[hash(network) % _STRIPES]:
            if not self._window.test(_LIMIT, self._kind, network):
                raise TooManyTriesError(self._pause(network))
            yield

    def count(self) -> int:
        """Count this try, and return how many are left."""
        network = _network()
        self._window.hit(_LIMIT, self._kind, network)
        return max(0, self._window.get_window_stats(_LIMIT, self._kind, network).remaining)

    def _pause(self, network: str) -> int:
        left = self._window.get_window_stats(_LIMIT, self._kind, network).reset_time - time.time()
        return min(PAUSE_MINUTES * 60, max(1, round(left)))


def _network() -> str:
    """Return where a request comes from: an address, or the network of one subscriber."""
    try:
        address = ipaddress.ip_address(_without_port(request.remote_addr or ""))
    except ValueError:
        return "elsewhere"  # a Unix socket has none, and a proxy may write what it likes
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return str(getattr(address, "ipv4_mapped", None) or address)
    return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))


def _without_port(told: str) -> str:
    """Return an address as it is, or without the port that some proxies write behind it."""
    if told.startswith("["):
        return told[1:].partition("]")[0]
    return told.partition(":")[0] if told.count(":") == 1 else told

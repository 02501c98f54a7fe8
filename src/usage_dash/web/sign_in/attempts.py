"""How often somebody may try to sign in: a few wrong tries, then a pause."""

from __future__ import annotations

import ipaddress
import logging
import time
from http import HTTPStatus
from typing import Final

from flask import Flask, Response, request
from flask_limiter import Limiter

_TRIES: Final = 5
PAUSE_MINUTES: Final = 5
LIMIT: Final = f"{_TRIES} per {PAUSE_MINUTES} minutes"
_NETWORK_BITS: Final = 64  # of IPv6, as many as one subscriber has


def limiter_of(server: Flask) -> Limiter:
    """Return what counts tries, in this process, by where they come from."""
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # below it, it logs where people come from
    return Limiter(_network, app=server, storage_uri="memory://", headers_enabled=False)


def was_wrong(response: Response) -> bool:
    """Tell whether an answer to a try counts against the limit: it tells something of a password or of an account."""
    return response.status_code in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def left(limiter: Limiter) -> int:
    """Return how many tries there are after this one, if it was wrong."""
    return max(0, limiter.current_limit.remaining - 1) if limiter.current_limit else 0


def pause_seconds(limiter: Limiter) -> int:
    """Return how long there is no other try."""
    left = limiter.current_limit.reset_at - time.time() if limiter.current_limit else PAUSE_MINUTES * 60
    return min(PAUSE_MINUTES * 60, max(1, round(left)))


def _network() -> str:
    told = request.remote_addr or "a Unix socket"  # a proxy may write what it likes
    try:
        address = ipaddress.ip_address(told)
    except ValueError:
        return told
    if isinstance(address, ipaddress.IPv6Address) and not address.ipv4_mapped:
        return str(ipaddress.ip_network((address, _NETWORK_BITS), strict=False))
    return str(address)

"""The names under which the page may be asked for.

A website can point a name of its own at this machine and then read what its visitors' browsers get from it (DNS
rebinding). Such a request carries that name in its Host header, so names are answered only if they are known. Addresses
are always answered: nobody can point those elsewhere. So is whoever asks for the process's health, or whether it
is ready, by whatever name.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus

from flask import Flask, request
from werkzeug.sansio.utils import host_is_trusted

from usage_dash.settings import Settings
from usage_dash.web.answers import PROBES, Refusal, refusal
from usage_dash.web.platforms import platform_of

_log = logging.getLogger(__name__)
_QUIET_SECONDS = 3_600.0  # between two warnings: anybody can cause one
_REFUSED = (
    "usage-dash is not asked for by one of its names here. Whoever runs it can add the name to the setting "
    "USAGE_DASH_HOSTS, as in USAGE_DASH_HOSTS=usage.example.com."
)


def known_names(settings: Settings, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of this machine, of the platform and of the settings; “.example.com” is all below it."""
    platform = platform_of(environ)
    listening = (settings.host.lower(),) if settings.host and not _is_address(settings.host) else ()
    return ("localhost", *listening, *(platform.hosts if platform else ()), *(settings.hosts or ()))


def refuse_foreign_names(
    server: Flask, names: tuple[str, ...], monotonic: Callable[[], float] = time.monotonic
) -> None:
    """Answer a request by any name but these with 400, and warn of that, but not each time."""
    quiet_until = float("-inf")

    @server.before_request
    def check() -> Refusal | None:
        nonlocal quiet_until
        if request.path in PROBES or all(is_known(host, names) for host in _names()):
            return None
        if monotonic() >= quiet_until:
            quiet_until = monotonic() + _QUIET_SECONDS
            _log.warning("Refused a request by a name that is not known; names of this page go into USAGE_DASH_HOSTS.")
        return refusal(_REFUSED, HTTPStatus.BAD_REQUEST)


def _names() -> tuple[str, ...]:
    """Return the name that was asked for, and where a trusted proxy tells of one, also that by which it came to us.

    A page that points its name at us can send the proxy's header itself, but not another Host.
    """
    as_it_came = request.environ.get("werkzeug.proxy_fix.orig", {}).get("HTTP_HOST")
    asked_for = request.headers.get("Host", "")
    return (asked_for,) if as_it_came is None else (asked_for, as_it_came)


def is_known(host: str, names: tuple[str, ...]) -> bool:
    """Tell whether a Host header, with or without a port, holds an address or one of these names."""
    # Werkzeug's list, which is Flask's TRUSTED_HOSTS too, can hold no IPv6 address.
    return host_is_trusted(host.lower(), names) or (host_is_trusted(host) and _is_address(_without_port(host)))


def _without_port(host: str) -> str:
    return host if host.endswith("]") or ":" not in host else host.rpartition(":")[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True

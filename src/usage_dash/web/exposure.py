"""Safe by default: without sign-in, the page is served to this machine only.

Sign-in comes later. Until then whoever reaches the address sees everybody's usage, so any address but loopback needs
`USAGE_DASH_AUTH=none`, written down by somebody who knows what stands in front of it.
"""

from __future__ import annotations

import ipaddress
from http import HTTPStatus

from flask import Flask, request

from usage_dash.settings import SettingsError
from usage_dash.web.answers import Refusal, refusal

_REFUSED = (
    "usage-dash serves only the machine that it runs on, because it has no sign-in yet. Whoever runs it can set "
    "USAGE_DASH_AUTH=none if something in front of it decides who may look."
)


def require_safe_address(place: str, auth: str | None) -> None:
    """Raise `SettingsError` when `place`, an address or a platform, can be reached from elsewhere unallowed."""
    if auth != "none" and not is_loopback(place):
        raise SettingsError(
            f"usage-dash refuses to serve on {place}, because it has no sign-in yet and everybody who reaches that "
            "address would see all usage: keep to HOST=127.0.0.1, or set USAGE_DASH_AUTH=none if something in "
            "front of it decides who may look."
        )


def refuse_other_machines(server: Flask, auth: str | None) -> None:
    """Answer other machines with 403 unless that was allowed, whichever WSGI server listens wherever."""
    if auth == "none":
        return

    @server.before_request
    def check() -> Refusal | None:
        if not request.remote_addr or is_loopback(request.remote_addr):  # a Unix socket has no address
            return None
        return refusal(_REFUSED, HTTPStatus.FORBIDDEN)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches `host`; a name that is not known to be loopback is not."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback

"""Requests that change something, or run a callback, must come from a page of ours; other sites' can send them too.

A browser says where a request comes from, by `Sec-Fetch-Site` on https and this machine, and by `Origin` everywhere.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Request

from usage_dash.web.answers import Refusal, refusal

_SAFE = {"GET", "HEAD", "OPTIONS"}
_REFUSED = (
    "This request does not come from a page of usage-dash. If it does, a proxy hides that: let it pass on the Host "
    "header (in nginx: proxy_set_header Host $http_host)."
)


def refuse_foreign(request: Request, *, ambient: bool) -> Refusal | None:
    """Return the refusal of a request that may come from another site's page, or None.

    `ambient`: the browser itself adds who asks, so nothing but these headers tells whose page it is.
    """
    if request.method in _SAFE or _is_ours(request, ambient=ambient):
        return None
    return refusal(_REFUSED, HTTPStatus.FORBIDDEN)


def _is_ours(request: Request, *, ambient: bool) -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin" and origin != "null"
    if origin is not None:
        return bool(request.host) and origin in _origins(request)
    return not ambient  # no browser of the last years


def _origins(request: Request) -> set[str]:
    """Return the origins of our pages: what comes without TLS may have come with it to a proxy."""
    schemes = {request.scheme, "https"}
    return {f"{scheme}://{request.host}" for scheme in schemes}

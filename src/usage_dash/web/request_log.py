"""One line of the log a request: what was asked for, as a rule and not with the ids in it, and how it went.

Each request has an id, which all its lines carry and its answer tells.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from typing import Any, Final

from flask import Flask, Response, g, request

from usage_dash.inside import logs

_log = logging.getLogger("usage_dash.requests")
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}  # others can be of any length
_SINCE, _ID = "usage_dash_since", "usage_dash_request_id"
_HEADER: Final = "X-Request-ID"
_PROXYS: Final = re.compile(r"[\w.:=+/~-]{1,128}", re.ASCII)  # what ids of proxies are made of
OWN: Final = "usage_dash.own"  # in the environment of requests that the process makes itself, which are not logged


def log_requests(server: Flask, *, believed: bool) -> None:
    """Write a line for each request that is answered, without personal data.

    `believed`: there is a proxy in front, whose id for a request is taken over.
    """

    @server.before_request
    def begin() -> None:
        setattr(g, _SINCE, time.perf_counter())
        setattr(g, _ID, _proxys_id() if believed else _new_id())
        logs.enter(g.get(_ID))

    @server.after_request
    def end(response: Response) -> Response:
        if OWN in request.environ:
            return response
        if response.cache_control.no_store:  # what a browser keeps answers other requests too
            response.headers[_HEADER] = g.get(_ID)
        told = {"asked": _asked(), "status": response.status_code, "milliseconds": 1_000 * seconds()}
        _log.info("%(asked)s %(status)d %(milliseconds).0f ms", told)
        return response

    @server.teardown_request
    def leave(_error: BaseException | None) -> None:
        logs.leave()

    def failed(exc_info: Any) -> None:
        server.logger.error("%s failed", _asked(), exc_info=exc_info)

    server.log_exception = failed  # type: ignore[method-assign] # Flask's own writes the path, ids and all


def seconds() -> float:
    """Return how long the request at hand has taken so far."""
    since: float = g.get(_SINCE, time.perf_counter())
    return time.perf_counter() - since


def _asked() -> str:
    method = request.method if request.method in _METHODS else "other"
    return f"{method} {request.url_rule.rule if request.url_rule else 'unknown'}"


def _proxys_id() -> str:
    given = request.headers.get(_HEADER, "")
    return given if _PROXYS.fullmatch(given) else _new_id()


def _new_id() -> str:
    return secrets.token_hex(8)

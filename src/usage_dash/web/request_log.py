"""One line of the log a request: what was asked for, as a rule and not with the ids in it, and how it went."""

from __future__ import annotations

import logging
import time
from typing import Any, Final

from flask import Flask, Response, g, request

_log = logging.getLogger("usage_dash.requests")
_METHODS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"}  # others can be of any length
_SINCE = "usage_dash_since"
OWN: Final = "usage_dash.own"  # in the environment of requests that the process makes itself, which are not logged


def log_requests(server: Flask) -> None:
    """Write a line for each request that is answered, without personal data."""

    @server.before_request
    def begin() -> None:
        setattr(g, _SINCE, time.perf_counter())

    @server.after_request
    def end(response: Response) -> Response:
        if OWN in request.environ:
            return response
        milliseconds = 1_000 * (time.perf_counter() - g.get(_SINCE, time.perf_counter()))
        _log.info("%s %d %.0f ms", _asked(), response.status_code, milliseconds)
        return response

    def failed(exc_info: Any) -> None:
        server.logger.error("%s failed", _asked(), exc_info=exc_info)

    server.log_exception = failed  # type: ignore[method-assign] # Flask's own writes the path, ids and all


def _asked() -> str:
    method = request.method if request.method in _METHODS else "other"
    return f"{method} {request.url_rule.rule if request.url_rule else 'unknown'}"

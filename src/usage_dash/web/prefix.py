"""Being shown under a path of a proxy, which strips that path or leaves it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.utils import redirect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)
_FORWARDED = "X-Forwarded-Prefix"


def serve_under(server: Flask, prefix: str) -> None:
    """Answer below `prefix` as well as without it; what is answered does not know the difference."""
    if prefix == "/":
        _tell_of_a_missing_setting(server)
    else:
        server.wsgi_app = _Under(server.wsgi_app, prefix.rstrip("/"))  # type: ignore[method-assign] # as documented


class _Under:
    """Takes the prefix away, if it is there, as a proxy that strips it does."""

    def __init__(self, app: WSGIApplication, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == self._prefix:
            return redirect(f"{self._prefix}/", 308)(environ, start_response)
        if path.startswith(f"{self._prefix}/"):
            below = path.removeprefix(self._prefix)
            script = environ.get("SCRIPT_NAME", "") + self._prefix
            environ = {**environ, "PATH_INFO": below, "SCRIPT_NAME": script}
        return self._app(environ, start_response)


def _tell_of_a_missing_setting(server: Flask) -> None:
    told = False

    @server.before_request
    def look() -> None:
        nonlocal told
        if not told and request.headers.get(_FORWARDED, "/").strip("/"):
            told = True
            _log.warning(
                "A proxy shows the page under a path (%s), where it cannot work as it is: set USAGE_DASH_URL_PREFIX "
                "to that path.",
                _FORWARDED,
            )

"""The door of a dashboard that is a part of another Flask app, whose own sign-in decides."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from flask import Flask, render_template, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from usage_dash.access.viewer import Viewer
from usage_dash.settings import SettingsError, addresses
from usage_dash.web import audit
from usage_dash.web.answers import refusal
from usage_dash.web.gate import Answer, Stranger, wants_a_page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_log = logging.getLogger(__name__)
_HOSTS_OWN: Final = "usage_dash.host"  # the request as it came to the host, in the environment of ours

CurrentViewer = Callable[[], Viewer | None]


class HostDoor:
    """Asks the host's function, within the host's own request, so that it sees its session."""

    ambient = True

    def __init__(self, host: Flask, current_viewer: CurrentViewer, prefix: str) -> None:
        if not callable(current_viewer):
            raise TypeError("current_viewer is the function that says who is looking.")
        self._host = host
        self._current_viewer = current_viewer
        self._prefix = prefix

    def viewer(self) -> Viewer:
        """Return whom the host knows. Raise `Stranger` when it knows nobody, or cannot say."""
        environ = request.environ.get(_HOSTS_OWN)
        if environ is None:  # not by way of the host
            raise Stranger(self._not_signed_in())
        try:
            with self._host.request_context(environ):
                found = self._current_viewer()
        except Exception as error:
            _log.exception("current_viewer failed, so nobody is let in")
            audit.note("refused", "mounted", why="current_viewer failed")
            raise Stranger(_cannot_say()) from error
        if found is None:
            raise Stranger(self._not_signed_in())
        if not isinstance(found, Viewer):
            _log.error("current_viewer returned %s, which is neither a Viewer nor None.", type(found).__name__)
            audit.note("refused", "mounted", why="current_viewer returned no Viewer")
            raise Stranger(_cannot_say())
        return found

    def can_leave(self) -> bool:
        """Return False: the session is the host's."""
        return False

    def _not_signed_in(self) -> Answer:
        if not wants_a_page():
            return refusal("Sign in first.", HTTPStatus.UNAUTHORIZED)
        here = self._prefix + quote(request.path.lstrip("/"))
        return render_template("signed_out_of_host.html", here=here), HTTPStatus.UNAUTHORIZED, {}


def mount_path(path: str) -> str:
    """Return a path with a slash at both ends. Raise `SettingsError` for what is none, or would hide the host's own."""
    try:
        found = addresses.url_prefix(path)
    except ValueError as error:
        raise SettingsError(f"“{path}” is no path below which a dashboard can be mounted; “/usage” is one.") from error
    if found == "/":
        raise SettingsError("A dashboard mounted at “/” would hide all of the app; “/usage” is a path below it.")
    return found


def put_under(host: Flask, path: str, app: WSGIApplication) -> None:
    """Let the host answer with `app` below `path`, and everywhere else as before."""
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, {path: _Remembering(app, path)})  # type: ignore[method-assign] # as documented


class _Remembering:
    """Keeps the request as it came to the host, without its body, which is ours to read."""

    def __init__(self, app: WSGIApplication, path: str) -> None:
        self._app = app
        self._path = path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        script = environ["SCRIPT_NAME"].removesuffix(self._path)
        hosts_own: dict[str, Any] = {
            **environ,
            "SCRIPT_NAME": script,
            "PATH_INFO": self._path + environ["PATH_INFO"],
            "wsgi.input": io.BytesIO(),
            "CONTENT_LENGTH": "0",
        }
        return self._app({**environ, _HOSTS_OWN: hosts_own}, start_response)


def _cannot_say() -> Answer:
    return refusal(
        "The page that this dashboard is a part of cannot say who you are.", HTTPStatus.INTERNAL_SERVER_ERROR
    )

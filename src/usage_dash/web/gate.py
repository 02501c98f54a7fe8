"""The one gate before everything: nothing but a short list of places without data is answered to whom nobody let in.

A request's token alone decides where there is one, whatever cookie came with it. A program's token is for places that
programs ask. A frame's request without a token is refused: a portal on a sibling domain is the same site, so its frame
could send our cookies.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Protocol

from flask import Flask, Response, request

from usage_dash.access.current import Admitted, admit
from usage_dash.access.scopes import Scopes
from usage_dash.access.viewer import Viewer
from usage_dash.settings import Settings
from usage_dash.web import api_token, audit, frame_token
from usage_dash.web.answers import HEALTH, METRICS, READY, Refusal, asked_by_a_program, refusal
from usage_dash.web.frame_token import TokenError
from usage_dash.web.origin import refuse_foreign

FRAME: Final = "X-Usage-Dash-Frame"  # the header by which a frame's request says that it is one (assets/frame.js)
VIEWER: Final = "X-Usage-Dash-Viewer"  # by which a page says for whom it was made (assets/fetch.js)
_FRAMED: Final = {"iframe", "frame", "embed", "object", "fencedframe"}

# Places without data, by their endpoints: to know whether the process lives, to sign in and out, files of the page that
# are the same for all, and the empty documents of frames. `export.once` has data: who knows an address of it is let in.
OPEN: Final = frozenset(
    {
        HEALTH,
        READY,
        METRICS,
        "_dash_assets.static",
        "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
        "/_favicon.ico",
        "sign_in.page",
        "sign_in.enter",
        "sign_in.forgot",
        "sign_in.leave",
        "sign_in.left",
        "sign_in.go",
        "sign_in.come_back",
        "embed.script",
        "embed.overview",
        "embed.me",
        "export.once",
    }
)
DOCUMENTS_TO_FRAME: Final = frozenset({"embed.overview", "embed.me"})
FOR_PROGRAMS: Final = frozenset({"api", "export"})  # blueprints, for which there are tokens of their own

Answer = Response | Refusal


class Stranger(Exception):  # noqa: N818 - it is no error that somebody comes
    """Whoever asks is not known, or not allowed to look: `answer` tells them, and how they may be."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Door(Protocol):
    """Tells who asks with a browser's own request."""

    @property
    def ambient(self) -> bool:
        """Whether a browser adds by itself what tells who asks, also to what another site's page makes it send."""

    def viewer(self) -> Viewer:
        """Return who asks. Raise `Stranger` for whoever is not to be let in."""

    def can_leave(self) -> bool:
        """Tell whether who asks has a session of ours, which they may end."""


class Unguarded:
    """Lets in as an administrator whoever reaches the address; `web.exposure` decides who does."""

    ambient = False

    def viewer(self) -> Viewer:
        """Return an administrator without a name."""
        return Viewer.admin()

    def can_leave(self) -> bool:
        """Return False."""
        return False


def guard(server: Flask, door: Door, scopes: Scopes, settings: Settings) -> None:
    """Let nothing be answered before somebody was let in, by `door` or by a token that the settings know."""

    @server.before_request
    def check() -> Answer | None:
        if _is_framed_elsewhere():
            return _refused("Only /embed may be shown in a frame.")
        if request.endpoint in OPEN:
            return _foreign(ambient=request.method == "POST" and door.can_leave())
        if _has_token(door):
            return _by_token(settings, scopes)
        if _is_of_a_frame():
            return _refused("This frame has no token of its portal.")
        return _by_door(door, scopes)


def wants_a_page() -> bool:
    """Tell whether a person has asked for a document, so that a sentence, or a way on, has to be a page."""
    if asked_by_a_program() or request.method not in {"GET", "HEAD"}:
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and request.accept_mimetypes.accept_html


def _is_of_a_frame() -> bool:
    """Whether a frame's document asks: its script says so, and so does its browser."""
    asked_by = (request.referrer or "").partition("?")[0]
    return FRAME in request.headers or asked_by.endswith(("/embed", "/embed/me"))


def _has_token(door: Door) -> bool:
    """Whether a token decides. Where everybody is let in, “Basic …” is what a proxy in front has asked for."""
    given = request.headers.get("Authorization")
    if given is None:
        return False
    scheme, what = _parts(given)
    return door.ambient or scheme != "basic" or not what


def _by_door(door: Door, scopes: Scopes) -> Answer | None:
    """Let in whom the door knows; else answer as it says."""
    try:
        viewer = door.viewer()
    except Stranger as stranger:
        return stranger.answer
    if refused := _foreign(ambient=door.ambient):
        return refused
    if request.headers.get(VIEWER, "") not in {"", viewer.key}:
        return _not_here("This page was made for somebody else than who is signed in now.")
    admit(Admitted(viewer, scopes.of(viewer), can_leave=door.can_leave()))
    return None


def _by_token(settings: Settings, scopes: Scopes) -> Answer | None:
    """Let in whom a token names; else say why not, to who makes the portal or the program."""
    scheme, token = _parts(request.headers["Authorization"])
    try:
        viewer = _viewer_of(token if scheme == "bearer" else "", settings)
    except TokenError as error:
        audit.note("refused", "token", why=str(error))
        told = f'Bearer error="{error.code}", error_description="{_ascii(str(error))}"'
        sentence, status, headers = _not_here(f"This token lets nobody in: {error}.")
        return sentence, status, headers | {"WWW-Authenticate": told}
    if refused := _foreign(ambient=False):
        return refused
    admit(Admitted(viewer, scopes.of(viewer)))
    return None


def _parts(authorization: str) -> tuple[str, str]:
    """Return the scheme, which may be written in any case, and what comes with it."""
    scheme, _, given = authorization.partition(" ")
    return scheme.lower(), given.strip(" ")


def _viewer_of(token: str, settings: Settings) -> Viewer:
    if not api_token.is_one(token):
        return frame_token.viewer_of(token, [secret.get_secret_value() for secret in settings.embed_secret])
    if request.endpoint is not None and request.blueprint not in FOR_PROGRAMS:
        raise TokenError("a program's token is for /api/v1 and /export alone")
    return api_token.viewer_of(token, settings.api_tokens)


def _is_framed_elsewhere() -> bool:
    """Whether a document is to be shown in a frame that may not be."""
    return request.headers.get("Sec-Fetch-Dest") in _FRAMED and request.endpoint not in DOCUMENTS_TO_FRAME


def _foreign(*, ambient: bool) -> Refusal | None:
    """Return the refusal of what another site's page may have sent."""
    refused = refuse_foreign(request, ambient=ambient)
    if refused:
        audit.note("refused", "origin", why="it does not come from a page of ours")
    return refused


def _refused(sentence: str) -> Refusal:
    audit.note("refused", "frame", why=sentence)
    return _not_here(sentence)


def _not_here(sentence: str) -> Refusal:
    return refusal(sentence, HTTPStatus.UNAUTHORIZED)


def _ascii(text: str) -> str:
    """A header's text."""
    return text.replace("“", "'").replace("”", "'").encode("ascii", "replace").decode()

"""The door of who has to sign in: by what stands in front, or by a session of ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, urlencode

from flask import Flask, redirect, render_template, request

from usage_dash.access.identity import Identity
from usage_dash.access.lists import Lists
from usage_dash.access.viewer import Viewer
from usage_dash.settings import Settings, Way
from usage_dash.web import audit
from usage_dash.web.answers import refusal
from usage_dash.web.gate import Answer, Stranger, wants_a_page
from usage_dash.web.sign_in.proxy import Assertions, PlainNames, ProxyError
from usage_dash.web.sign_in.session import Sessions

if TYPE_CHECKING:
    from usage_dash.web.sign_in.firebase import Firebase
    from usage_dash.web.sign_in.oidc import Provider

_FORMS: Final = {Way.PASSWORD, Way.FIREBASE, Way.OIDC}  # ways that a page of ours leads to
_LONGEST: Final = 1_000  # characters of a path that is gone back to: it has to fit into a cookie


class SignIn:
    """Who has signed in, by which of the chosen ways; those are made of settings that lack nothing."""

    ambient = True

    def __init__(self, server: Flask, settings: Settings, lists: Lists, clock: Callable[[], float] = time.time) -> None:
        self.settings, self.lists, self.sessions = settings, lists, Sessions(clock)
        self.ways = settings.auth or ()
        self.firebase = _firebase(settings, lists, clock) if Way.FIREBASE in self.ways else None
        self.provider = _provider(server, settings, lists) if Way.OIDC in self.ways else None
        self._proxy = _proxy(settings, lists) if Way.PROXY in self.ways else None

    @property
    def has_page(self) -> bool:
        """Whether one of the ways has a page of ours."""
        return bool(_FORMS.intersection(self.ways))

    def viewer(self) -> Viewer:
        """Return who asks. Raise `Stranger` for whoever is not known, or on no list."""
        identity = self.identity()
        if identity is None:
            raise Stranger(self.ask_to_sign_in())
        viewer = self.lists.viewer_of(identity)
        if viewer is None:
            raise Stranger(self.not_allowed(identity))
        return viewer

    def can_leave(self) -> bool:
        """Tell whether who asks has a session of ours, which they may end."""
        return self.sessions.current() is not None

    def identity(self) -> Identity | None:
        """Return who asks, allowed to look or not; None when nobody is known. Raise `Stranger` for an odd assertion."""
        return self._in_front() or self._signed_in()

    def not_allowed(self, identity: Identity) -> Answer:
        """Return what is told to who is known, but on no list."""
        audit.note("refused", identity.way, identity.who, "on no list")
        if not wants_a_page():
            return refusal("You are signed in, but on no list of those who may look.", HTTPStatus.FORBIDDEN)
        page = render_template(
            "not_allowed.html",
            who=identity.who,
            ask=self.lists.whom_to_ask,
            leave=identity.way in _FORMS,
            here=self.here(),
        )
        return page, HTTPStatus.FORBIDDEN, {}

    def here(self) -> str:
        """Return the path of this request as a browser knows it, with its query."""
        query = request.query_string.decode(errors="replace")
        return self.settings.url_prefix + quote(request.path.lstrip("/")) + (f"?{query}" if query else "")

    def ours(self, path: str) -> str:
        """Return a path if it is one of this page, else that of its start."""
        prefix = self.settings.url_prefix
        odd = path.startswith("//") or "\\" in path or not path.isprintable() or len(path) > _LONGEST
        odd = odd or not {".", ".."}.isdisjoint(unquote(path).partition("?")[0].split("/"))
        return prefix if odd or not path.startswith(prefix) else path

    def _in_front(self) -> Identity | None:
        try:
            return self._proxy.identity(request) if self._proxy else None
        except ProxyError as error:
            audit.note("refused", Way.PROXY, why=str(error))
            raise Stranger(self._not_believed(error)) from error

    def _not_believed(self, error: ProxyError) -> Answer:
        if not wants_a_page():
            return refusal(f"You cannot be let in: {error}.", error.status)
        return render_template("refused.html", why=str(error), here=self.here()), error.status, {}

    def _signed_in(self) -> Identity | None:
        found = self.sessions.current()
        if found is None or found[1].way not in _FORMS.intersection(self.ways):
            return None
        session, identity = found
        if identity.way is not Way.FIREBASE or self.firebase is None:
            return identity
        known = self.firebase.still(session)
        if known is None:
            self.sessions.end()
            audit.note("session ended", Way.FIREBASE, identity.who, "Firebase no longer vouches for it")
        return known

    def ask_to_sign_in(self) -> Answer:
        """Return what is told to whom nobody knows: the way to our page, or to what stands in front."""
        if not wants_a_page():
            return refusal("Sign in first.", HTTPStatus.UNAUTHORIZED)
        if not self.has_page:
            return render_template("by_proxy.html"), HTTPStatus.UNAUTHORIZED, {}
        query = "" if (here := self.here()) == self.settings.url_prefix else f"?{urlencode({'next': here})}"
        return redirect(f"{self.settings.url_prefix}sign-in{query}", HTTPStatus.SEE_OTHER)  # type: ignore[return-value]


def _firebase(settings: Settings, lists: Lists, clock: Callable[[], float]) -> Firebase:
    from usage_dash.web.sign_in.firebase import Firebase  # noqa: PLC0415 - a way's libraries are loaded where it is chosen

    return Firebase(settings, lists.wanted, clock)


def _provider(server: Flask, settings: Settings, lists: Lists) -> Provider:
    from usage_dash.web.sign_in.oidc import Provider  # noqa: PLC0415 - see above

    return Provider(server, settings, lists.wanted)


def _proxy(settings: Settings, lists: Lists) -> Assertions | PlainNames:
    return Assertions(settings, lists.wanted) if settings.proxy_jwks else PlainNames(settings, lists.wanted)

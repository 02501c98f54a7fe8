"""The session: a signed cookie that says who signed in, for twelve hours at most."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface

from usage_dash.access.identity import Identity
from usage_dash.settings import Settings, Way

LONGEST: Final = timedelta(hours=12)
_NAME, _SECURE_NAME = "usage_dash", "__Host-usage_dash"  # the second one no other host can set
_LONGEST_NAME = 200  # characters; a cookie has no room for more
_IDENTITY = ("way", "subject", "email", "name", "claims")


class _Cookie(SecureCookieSessionInterface):
    """A cookie for our paths alone that no script reads, over https alone where the page came by https."""

    def get_cookie_name(self, app: Flask) -> str:
        return _SECURE_NAME if self.get_cookie_secure(app) and self.get_cookie_path(app) == "/" else _NAME

    def get_cookie_secure(self, _app: Flask) -> bool:
        return request.is_secure


def keep_sessions(server: Flask, settings: Settings) -> None:
    """Let the server sign sessions; without a secret of the settings they end with the process."""
    server.secret_key = _key(settings)
    server.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",  # it comes back from a provider, but not with what other sites send
        SESSION_COOKIE_PATH=settings.url_prefix,
        PERMANENT_SESSION_LIFETIME=LONGEST,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    server.session_interface = _Cookie()


def _key(settings: Settings) -> bytes:
    """Return what signs sessions: another one, which ends them all, as soon as the secret or who vouches is another."""
    secret = settings.secret.get_secret_value().encode() if settings.secret else secrets.token_bytes(32)
    passwords = [each and each.get_secret_value() for each in (settings.password, settings.admin_password)]
    vouching = [settings.oidc_issuer, settings.oidc_client_id, settings.firebase_project, settings.url_prefix]
    return hmac.digest(secret, json.dumps([*passwords, *vouching]).encode(), "sha256")


class Sessions:
    """The sessions of one server. Those that were ended are known until they would have ended by themselves."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._ended: dict[str, float] = {}  # when each may be forgotten, by session
        self._lock = threading.Lock()

    def begin(self, identity: Identity) -> str:
        """Start a new session in place of whatever there was; returns its id."""
        session.clear()
        key = secrets.token_urlsafe(18)
        session.update(key=key, since=self._clock(), **_told(identity))
        session.permanent = True
        return key

    def current(self) -> tuple[str, Identity] | None:
        """Return the id of this browser's session and who signed in; None when there is none, or it has ended."""
        try:
            key, since = str(session["key"]), float(session["since"])
            identity = _identity({name: session[name] for name in _IDENTITY})
        except (KeyError, ValueError, TypeError):
            return None
        age = self._clock() - since
        return (key, identity) if 0 <= age < LONGEST.total_seconds() and key not in self._ended else None

    def end(self) -> Identity | None:
        """End this browser's session, also for whoever has copied its cookie; returns who had signed in."""
        found = self.current()
        session.clear()
        if found is None:
            return None
        self.forget(found[0])
        return found[1]

    def forget(self, key: str) -> None:
        """End the session with this id."""
        now = self._clock()
        with self._lock:
            self._ended = {each: until for each, until in self._ended.items() if until > now}
            self._ended[key] = now + LONGEST.total_seconds()


def _told(identity: Identity) -> dict[str, Any]:
    claims, name = sorted(map(list, identity.claims)), identity.name[:_LONGEST_NAME]
    return dict(zip(_IDENTITY, (identity.way, identity.subject, identity.email, name, claims), strict=True))


def _identity(told: dict[str, Any]) -> Identity:
    claims = frozenset((name, value) for name, value in told["claims"])
    return Identity(Way(told["way"]), told["subject"], told["email"], told["name"], claims)

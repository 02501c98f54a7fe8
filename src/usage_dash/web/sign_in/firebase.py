"""The way firebase: e-mail and password of the chatbot's own Firebase Auth, asked of Identity Toolkit by us."""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

import firebase_admin
import firebase_admin.auth
import google.auth.credentials
import requests

from usage_dash.access.identity import Identity, identity_of
from usage_dash.settings import Settings, SettingsError, Way
from usage_dash.web.sign_in.counterpart import Counterpart, SilentError
from usage_dash.web.sign_in.refusals import RefusedError
from usage_dash.web.sign_in.session import LONGEST

_log = logging.getLogger(__name__)
_RENEWED_EVERY: Final = timedelta(hours=1).total_seconds()
_AGAIN_AFTER: Final = 60.0  # seconds, when Firebase cannot be reached
_PATIENCE: Final = 10  # seconds
_EMULATOR: Final = "FIREBASE_AUTH_EMULATOR_HOST"
_AT_ONCE: Final = 4  # of our threads, at Firebase
_SKEW: Final = 10  # seconds, that clocks may differ


_WRONG: Final = "E-mail and password don’t match."
_NO_PASSWORDS: Final = "This project lets nobody sign in with a password. Ask who runs this dashboard."
_SENTENCES: Final = {
    "USER_DISABLED": ("This account is disabled. Ask who runs the chatbot.", HTTPStatus.FORBIDDEN),
    "TOO_MANY_ATTEMPTS_TRY_LATER": (
        "Firebase has had too many tries for this account. Try again later.",
        HTTPStatus.FORBIDDEN,
    ),
    "OPERATION_NOT_ALLOWED": (_NO_PASSWORDS, HTTPStatus.SERVICE_UNAVAILABLE),
    "PASSWORD_LOGIN_DISABLED": (_NO_PASSWORDS, HTTPStatus.SERVICE_UNAVAILABLE),
    "INVALID_EMAIL": ("This is no e-mail address.", HTTPStatus.UNPROCESSABLE_ENTITY),
    "MISSING_EMAIL": ("Type your e-mail address first.", HTTPStatus.UNPROCESSABLE_ENTITY),
}
_MISMATCHES: Final = {"INVALID_LOGIN_CREDENTIALS", "INVALID_PASSWORD", "EMAIL_NOT_FOUND", "MISSING_PASSWORD"}
# What Firebase says of a reset only where there is an account, and so nobody is told.
_OF_ACCOUNTS: Final = _MISMATCHES | {"USER_DISABLED", "RESET_PASSWORD_EXCEED_LIMIT", "TOO_MANY_ATTEMPTS_TRY_LATER"}
_SECOND_FACTOR: Final = (
    "This account has a second factor, which usage-dash cannot ask for. Ask who runs this dashboard."
)
_BY_OTHERS: Final = "This account has no password, because it signs in with {}. “Forgot it?” can give it one."
_UNREACHABLE: Final = "Firebase can’t be reached, so nobody can be signed in. Try again in a minute."
_MISCONFIGURED: Final = (
    "Firebase does not let usage-dash ask it. Whoever runs this dashboard finds the reason in its log."
)
_RESTRICTED: Final = (
    "Firebase refuses this dashboard’s API key, because it is restricted to websites. Whoever runs this dashboard "
    "finds what to do in its log."
)
_REMEDY: Final = "See whether FIREBASE_API_KEY is the web API key of the project."
_RESTRICTED_REMEDY: Final = (
    "FIREBASE_API_KEY is restricted to websites (HTTP referrers), but a server asks here. Make another key in the "
    "Google Cloud console, without that restriction, for Identity Toolkit API and Token Service API."
)
_PROVIDERS: Final = {
    "google.com": "Google",
    "github.com": "GitHub",
    "apple.com": "Apple",
    "emailLink": "a link by e-mail",
}


@dataclass(frozen=True, slots=True)
class _Held:
    """A session's refresh token, which never leaves the server, and when it falls due."""

    identity: Identity
    refresh_token: str
    due: float
    ends: float


class Firebase:
    """Signs in with a Firebase project, and stays in touch with it while a session lasts."""

    def __init__(
        self, settings: Settings, wanted: Iterable[str], clock: Callable[[], float] = time.time, base: str | None = None
    ) -> None:
        """Make it of settings that lack nothing; `base` stands for the addresses of Google and of an emulator.

        Raises `SettingsError` for an emulator that only one of us and firebase-admin would know.
        """
        if (settings.auth_emulator_host or "") != os.environ.get(_EMULATOR, ""):
            raise SettingsError(f"{_EMULATOR} must stand in the environment itself, where firebase-admin looks for it.")
        self.project = str(settings.firebase_project)
        self._toolkit, self._tokens = _addresses(settings.auth_emulator_host, base)
        self._key = str(settings.firebase_api_key)
        self._app = firebase_admin.initialize_app(
            google.auth.credentials.AnonymousCredentials(),  # type: ignore[no-untyped-call]  # google's
            {"projectId": self.project, "httpTimeout": _PATIENCE},
            name=f"sign-in {secrets.token_hex(8)}",
        )
        weakref.finalize(self, firebase_admin.delete_app, self._app)  # firebase-admin itself keeps it for good
        self._wanted = frozenset(wanted)
        self._clock = clock
        self._counterpart = Counterpart(requests.RequestException, at_once=_AT_ONCE, clock=clock)
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def sign_in(self, email: str, password: str) -> tuple[Identity, str]:
        """Return who has this address and password, and their refresh token. Raise `RefusedError`."""
        if "@" not in email:  # Google would be asked for nothing
            raise RefusedError(*_SENTENCES["INVALID_EMAIL"])
        said = self._ask("signInWithPassword", {"email": email, "password": password, "returnSecureToken": True})
        if "idToken" not in said:
            raise self._reason(said, email)
        return self._identity(said["idToken"]), str(said.get("refreshToken"))

    def send_reset(self, email: str) -> None:
        """Let Firebase mail how to choose a new password, if it knows the address, which nobody is told.

        Raises `RefusedError` when it cannot be asked.
        """
        said = self._ask("sendOobCode", {"requestType": "PASSWORD_RESET", "email": email})
        code = _code(said)
        if code and code not in _OF_ACCOUNTS:
            raise self._refusal(code, said)

    def hold(self, session: str, identity: Identity, refresh_token: str) -> None:
        """Stay in touch for a session that has just begun."""
        now = self._clock()
        with self._lock:
            self._held = {key: held for key, held in self._held.items() if held.ends > now}
            self._held[session] = _Held(identity, refresh_token, now + _RENEWED_EVERY, now + LONGEST.total_seconds())

    def release(self, session: str) -> None:
        """Forget a session that has ended."""
        with self._lock:
            self._held.pop(session, None)

    def still(self, session: str) -> Identity | None:
        """Return who a session belongs to as Firebase knows them, asked again each hour; None when it refuses.

        None also for a session of before this process started, whose refresh token is not known.
        """
        with self._lock:
            held = self._held.get(session)
            if held is None:
                return None
            if self._clock() < held.due:
                return held.identity
            # One asks; the others go on with what is known.
            self._held[session] = replace(held, due=self._clock() + _AGAIN_AFTER)
        return self._renewed(session, held)

    def _renewed(self, session: str, held: _Held) -> Identity | None:
        said = self._post(
            f"{self._tokens}/token", data={"grant_type": "refresh_token", "refresh_token": held.refresh_token}
        )
        if said is None:
            return held.identity
        if "id_token" not in said:
            self.release(session)
            return None
        try:
            identity = self._identity(said["id_token"])
        except RefusedError:  # of its keys, not of the account: it is asked again soon
            return held.identity
        self._keep(session, replace(held, identity=identity, refresh_token=str(said.get("refresh_token"))))
        return identity

    def _keep(self, session: str, held: _Held) -> None:
        """Go on with a session for an hour, unless it was released meanwhile."""
        with self._lock:
            if session in self._held:
                self._held[session] = replace(held, due=self._clock() + _RENEWED_EVERY)

    def _identity(self, token: str) -> Identity:
        """Return whom an ID token speaks of, once it is verified. Raise `RefusedError`."""
        try:
            claims = firebase_admin.auth.verify_id_token(token, self._app, clock_skew_seconds=_SKEW)
        except firebase_admin.auth.CertificateFetchError as error:
            raise RefusedError(_UNREACHABLE, HTTPStatus.SERVICE_UNAVAILABLE) from error
        except (firebase_admin.auth.InvalidIdTokenError, ValueError) as error:
            _log.error("Firebase gave a token that cannot be verified: %s", error)
            raise RefusedError(_MISCONFIGURED, HTTPStatus.SERVICE_UNAVAILABLE) from error
        return identity_of(Way.FIREBASE, claims, self._wanted)

    def _reason(self, said: dict[str, Any], email: str) -> RefusedError:
        if "mfaPendingCredential" in said:
            return RefusedError(_SECOND_FACTOR, HTTPStatus.FORBIDDEN)
        code = _code(said)
        if code not in _MISMATCHES:
            return self._refusal(code, said)
        if others := self._other_providers(email):
            return RefusedError(_BY_OTHERS.format(others), HTTPStatus.FORBIDDEN)
        return RefusedError(_WRONG, HTTPStatus.UNAUTHORIZED)

    def _other_providers(self, email: str) -> str:
        """Return what an account without a password signs in with; empty when Firebase does not say."""
        said = self._ask("createAuthUri", {"identifier": email, "continueUri": "http://localhost"})
        methods = said.get("signinMethods") or []
        return "" if "password" in methods else " or ".join(_PROVIDERS.get(each, each) for each in methods)

    def _refusal(self, code: str, said: dict[str, Any]) -> RefusedError:
        if code in _SENTENCES:
            return RefusedError(*_SENTENCES[code])
        restricted = _is_restricted(said)
        _log.error("Firebase Auth refused to be asked: %r %s", code, _RESTRICTED_REMEDY if restricted else _REMEDY)
        return RefusedError(_RESTRICTED if restricted else _MISCONFIGURED, HTTPStatus.SERVICE_UNAVAILABLE)

    def _ask(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return what Identity Toolkit says, an error too. Raise `RefusedError` when it says nothing."""
        said = self._post(f"{self._toolkit}/accounts:{method}", json=body)
        if said is None:
            raise RefusedError(_UNREACHABLE, HTTPStatus.SERVICE_UNAVAILABLE)
        return said

    def _post(self, address: str, **body: Any) -> dict[str, Any] | None:
        """Return the JSON of an answer; None when there was none, or the other side has a trouble of its own."""
        key = {"X-Goog-Api-Key": self._key}  # not in the address, which others log

        def post() -> tuple[requests.Response, Any]:
            answer = requests.post(address, headers=key, timeout=_PATIENCE, allow_redirects=False, **body)
            return answer, answer.json()

        try:
            answer, said = self._counterpart.ask(post)
        except SilentError as error:
            _log.warning("Firebase Auth cannot be reached (%s).", type(error.__cause__).__name__)
            return None
        return said if isinstance(said, dict) and not _is_trouble(answer.status_code) else None


def _is_trouble(status: int) -> bool:
    """Tell whether a status says nothing of who asks: the other side has failed, or is asked too much."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _addresses(emulator: str | None, base: str | None) -> tuple[str, str]:
    """Return where Identity Toolkit and the service of tokens are."""
    if base or emulator:
        base = base or f"http://{emulator}"
        return f"{base}/identitytoolkit.googleapis.com/v1", f"{base}/securetoken.googleapis.com/v1"
    return "https://identitytoolkit.googleapis.com/v1", "https://securetoken.googleapis.com/v1"


def _code(said: dict[str, Any]) -> str:
    """Return the code of an error, without the words that may follow it; empty when there is none."""
    error = said.get("error")
    return str(error.get("message", "")).partition(" : ")[0] if isinstance(error, dict) else ""


def _is_restricted(said: dict[str, Any]) -> bool:
    """Whether Google refuses an API key because no page of a website asks with it."""
    error = said.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    reasons = {each.get("reason") for each in details or [] if isinstance(each, dict)}
    return "API_KEY_HTTP_REFERRER_BLOCKED" in reasons or "Requests from referer" in _code(said)

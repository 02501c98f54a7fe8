"""Who reads, and from which project: Firebase credentials, resolved with a deadline."""

from __future__ import annotations

import threading
import uuid
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import firebase_admin
import google.auth
from firebase_admin import credentials as firebase_credentials
from google.auth.credentials import AnonymousCredentials, Credentials
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport.requests import Request

from usage_dash.repository.firestore.calls import Metadata
from usage_dash.repository.firestore.errors import missing_credentials, unknown_project, unusable_credentials

T = TypeVar("T")

# What google's readers raise at files of another shape than they expect.
_UNREADABLE = (GoogleAuthError, OSError, ValueError, TypeError, AttributeError, KeyError)
FIRESTORE_SCOPES = ("https://www.googleapis.com/auth/datastore",)
AUTH_SCOPES = ("https://www.googleapis.com/auth/identitytoolkit",)


class Login:
    """An account of Google's that reads one project; `email` is None when it is not known."""

    def __init__(self, app: firebase_admin.App, project: str, budget: float) -> None:
        self.project = project
        self.app = app
        self._credentials: Credentials = app.credential.get_credential()
        self._budget = budget

    @property
    def email(self) -> str | None:
        """The service account's address."""
        email = getattr(self._credentials, "service_account_email", None)
        return email if email and "@" in email else None  # on Google's own machines it is just "default" at first

    def headers(self) -> Metadata:
        """Return what proves a call's origin, with a fresh token if the last one has run out.

        Raises `google.auth.exceptions.GoogleAuthError` and, after the budget, `TimeoutError`.
        """
        return within(self._budget, self._headers)

    def close(self) -> None:
        """Let go of the Firebase app."""
        firebase_admin.delete_app(self.app)

    def _headers(self) -> Metadata:
        headers: dict[str, str] = {}
        request = partial(Request(), timeout=self._budget)
        self._credentials.before_request(request, "POST", "", headers)  # type: ignore[no-untyped-call]  # google's
        return tuple((name.lower(), value) for name, value in headers.items())


def log_in(
    given: Mapping[str, Any] | Path | None,
    project: str | None,
    budget: float,
    scopes: Sequence[str] = FIRESTORE_SCOPES,
) -> Login:
    """Take a service account's key, the path to a credentials file, or what the machine offers, in `budget` seconds.

    `scopes` say what for, where the file does not. Raises `SourceError`, which never holds anything of what was given.
    """
    try:
        app = within(budget, partial(_open_app, given, project, scopes))
        if not app.project_id:
            firebase_admin.delete_app(app)
            raise unknown_project()
        return Login(app, app.project_id, budget)
    except (DefaultCredentialsError, TimeoutError) as error:
        if given is None:
            raise missing_credentials() from error
        raise unusable_credentials() from None
    except _UNREADABLE:
        raise unusable_credentials() from None  # the error itself may quote the key


def log_in_to_emulator(project: str | None, budget: float) -> Login:
    """Take nobody's credentials, which an emulator does not ask for. Raises `SourceError` without a project."""
    if not project:
        raise unknown_project()
    nobody = AnonymousCredentials()  # type: ignore[no-untyped-call]  # google's
    return Login(_new_app(nobody, {"projectId": project}), project, budget)


def within(seconds: float, work: Callable[[], T]) -> T:
    """Return what `work` returns, or raise `TimeoutError`; for libraries that cannot be given a deadline."""
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except Exception as error:  # noqa: BLE001 - handed over to whoever waits
            outcome.set_exception(error)

    threading.Thread(target=run, name="firestore-login", daemon=True).start()
    return outcome.result(seconds)


def _open_app(given: Mapping[str, Any] | Path | None, project: str | None, scopes: Sequence[str]) -> firebase_admin.App:
    credential, own_project = _credential(given, scopes)
    known = project or own_project
    app = _new_app(credential, {"projectId": known} if known else None)
    app.credential.get_credential()  # looks for the machine's own credentials, which may take long
    return app


def _new_app(credential: object, options: Mapping[str, Any] | None) -> firebase_admin.App:
    """Make a Firebase app of its own name, because two dashboards may live in one process."""
    return firebase_admin.initialize_app(credential, options, name=f"usage-dash-{uuid.uuid4().hex}")


def _credential(given: Mapping[str, Any] | Path | None, scopes: Sequence[str]) -> tuple[object, str | None]:
    if given is None:
        return firebase_credentials.ApplicationDefault(), None
    if isinstance(given, Path):
        return _from_file(given, scopes)
    certificate = firebase_credentials.Certificate(dict(given))
    return certificate, certificate.project_id


def _from_file(path: Path, scopes: Sequence[str]) -> tuple[object, str | None]:
    """Read a file of any of Google's formats: a key, a person's sign-in, or a federated identity."""
    with warnings.catch_warnings():
        # It warns of files from strangers; this one was configured by whoever runs the dashboard.
        warnings.simplefilter("ignore", DeprecationWarning)
        credentials, project = google.auth.load_credentials_from_file(  # type: ignore[no-untyped-call]  # google's
            str(path), scopes=scopes
        )
    return credentials, project

"""Names from Firebase Auth: the accounts with which the chatbot's users sign in, looked up a hundred at a time."""

from __future__ import annotations

import os
import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from firebase_admin import auth, exceptions
from google.auth.exceptions import GoogleAuthError, TransportError

from usage_dash.documents.people import name_of
from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore.login import AUTH_SCOPES, Login, log_in, log_in_to_emulator, within
from usage_dash.repository.names import LookedUp
from usage_dash.settings import SettingsError

_EMULATOR: Final = "FIREBASE_AUTH_EMULATOR_HOST"
_BATCH: Final = 100  # accounts, the most that Firebase Auth gives at once
_LONGEST_ID: Final = 128  # characters
_ERRORS: Final = (exceptions.FirebaseError, GoogleAuthError, TimeoutError, ValueError)


class AuthNames:
    """Accounts whose uid is the user's id, with their display names and e-mail addresses.

    The parameters are those of `FirestoreRepository`; `emulator_host` is that of an Auth emulator.
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        credentials: Mapping[str, Any] | Path | None = None,
        emulator_host: str | None = None,
        budget: float = 10.0,
    ) -> None:
        """Remember where the names are; nothing is read yet.

        Raises `SettingsError` for an emulator that only one of us and firebase-admin would know.
        """
        if (emulator_host or "") != os.environ.get(_EMULATOR, ""):
            raise SettingsError(f"{_EMULATOR} must stand in the environment itself, where firebase-admin looks for it.")
        self._project = project or ""
        self._open: Callable[[], Login] = partial(log_in, credentials, project, budget, AUTH_SCOPES)
        if emulator_host:
            self._open = partial(log_in_to_emulator, project, budget)
        self._budget = budget
        self._lock = threading.Lock()
        self._login: Login | None = None

    @property
    def identity(self) -> str:
        """Firebase Auth of the project as it is set; who signs in may name it."""
        return f"auth:{self._project}"

    @property
    def batch(self) -> int:
        """How many ids may be looked up at once."""
        return _BATCH

    def look_up(self, ids: Sequence[str]) -> LookedUp:
        """Find the accounts of these users; see `NameSource.look_up`. That is no read of Firestore's."""
        wanted = [auth.UidIdentifier(each) for each in ids if 0 < len(each) <= _LONGEST_ID]
        if not wanted:
            return LookedUp({})
        login = self._logged_in()
        try:
            found = within(self._budget, partial(auth.get_users, wanted, login.app)).users
        except _ERRORS as error:
            raise _explain(error, login) from error
        return LookedUp({each.uid: name_of(each.display_name, each.email) for each in found}, queries=1)

    def close(self) -> None:
        """Let go of the credentials; a look-up under way ends within its budget."""
        with self._lock:
            if self._login:
                self._login.close()
                self._login = None

    def _logged_in(self) -> Login:
        with self._lock:
            if self._login is None:
                self._login = self._open()
            return self._login


def _explain(error: Exception, login: Login) -> SourceError:
    """Put one of `_ERRORS` into words. The server's own stay out: they may name users."""
    if isinstance(error, exceptions.PermissionDeniedError):
        return _permission_denied(login)
    if isinstance(error, exceptions.NotFoundError):
        return _not_there(login)
    if isinstance(error, exceptions.UnauthenticatedError):
        return _rejected_credentials()
    if isinstance(error, GoogleAuthError) and not isinstance(error, TransportError) and not error.retryable:
        return _rejected_credentials()
    return SourceError(
        Failure.UNREACHABLE,
        title="Firebase Auth can't be reached",
        remedy="Check this machine's connection to the internet.",
        reason="Firebase Auth can't be reached",
    )


def _permission_denied(login: Login) -> SourceError:
    who = f"The service account {login.email}" if login.email else "The account that usage-dash signs in with"
    member = f"serviceAccount:{login.email or 'SERVICE_ACCOUNT_EMAIL'}"
    return SourceError(
        Failure.PERMISSION,
        title="Firebase Auth refused to tell who the users are",
        remedy=(
            f"{who} may not read accounts in project {login.project}. Give it the role Firebase Authentication Viewer "
            "(roles/firebaseauth.viewer), and see that the Identity Toolkit API is switched on there."
        ),
        reason="Firebase Auth refused (permission denied)",
        command=(
            f"gcloud projects add-iam-policy-binding {shlex.quote(login.project)} "
            f"--member={shlex.quote(member)} --role=roles/firebaseauth.viewer"
        ),
        mendable_by_retry=False,
    )


def _not_there(login: Login) -> SourceError:
    return SourceError(
        Failure.NOT_FOUND,
        title=f"There is no Firebase Auth in project {login.project}",
        remedy="Set USAGE_DASH_NAMES to firestore, or FIREBASE_PROJECT_ID to the project that users sign in to.",
        reason=f"there is no Firebase Auth in project {login.project}",
        mendable_by_retry=False,
    )


def _rejected_credentials() -> SourceError:
    return SourceError(
        Failure.CREDENTIALS,
        title="Google rejected the credentials",
        remedy="Check this machine's clock, and whether the service account's key was deleted or disabled.",
        reason="Google rejected the credentials",
        mendable_by_retry=False,
    )

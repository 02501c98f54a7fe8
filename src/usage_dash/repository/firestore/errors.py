"""What can go wrong with Firestore, in words for the person who can mend it.

The server's own words stay out: they may name documents, and with them users.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import grpc
from google.api_core.exceptions import from_grpc_error
from google.auth.exceptions import GoogleAuthError, TransportError
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]  # no types

from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore.calls import AnswerError, SilenceError

# What a call to Firestore may raise, and `explain` puts into words.
CALL_ERRORS: Final = (grpc.RpcError, GoogleAuthError, SilenceError, AnswerError, DecodeError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Place:
    """What was read, by whom and where: `email` is the service account's, None when it is not known."""

    project: str
    database: str
    collection: str
    email: str | None = None
    emulator_host: str | None = None


def explain(error: Exception, place: Place) -> SourceError:
    """Put one of `CALL_ERRORS` into words."""
    if isinstance(error, grpc.Call):
        return _explain_status(error, place)
    if isinstance(error, SilenceError | TimeoutError):
        return _unreachable(place, "no answer")
    if isinstance(error, TransportError) or getattr(error, "retryable", False):
        return _unreachable(place, "sign-in failed")
    if isinstance(error, GoogleAuthError):
        return _rejected_credentials(place)
    return _strange_answer()


def missing_credentials() -> SourceError:
    """Nobody said who is reading."""
    return SourceError(
        Failure.CREDENTIALS,
        title="No credentials for Firestore were found",
        remedy=(
            "Set FIREBASE_CREDENTIALS to a service account's key, or GOOGLE_APPLICATION_CREDENTIALS to a credentials "
            "file. On your own machine, the command below signs you in instead."
        ),
        reason="there are no credentials for Firestore",
        command="gcloud auth application-default login",
        mendable_by_retry=False,
    )


def unusable_credentials() -> SourceError:
    """What was given as credentials is none."""
    return SourceError(
        Failure.CREDENTIALS,
        title="The credentials for Firestore cannot be used",
        remedy=(
            "They are not a complete key or credentials file of Google's: something was cut off or changed when they "
            "were copied. Set FIREBASE_CREDENTIALS to the whole file's path, or copy its content again. Only if the "
            "file is gone, make a new key in the Firebase console under “Project settings”, “Service accounts”."
        ),
        reason="the credentials for Firestore cannot be used",
        mendable_by_retry=False,
    )


def unknown_project() -> SourceError:
    """The credentials name no project, and neither does a setting."""
    return SourceError(
        Failure.NOT_FOUND,
        title="No Firebase project is named",
        remedy="The credentials name none. Set FIREBASE_PROJECT_ID to the id of the project to read.",
        reason="no Firebase project is named",
        mendable_by_retry=False,
    )


def _explain_status(call: grpc.Call, place: Place) -> SourceError:
    # google's own class finds the reason in the status details, where it is the same in every language.
    reason = from_grpc_error(call).reason  # type: ignore[no-untyped-call]  # google's
    details = call.details() or ""
    if reason == "SERVICE_DISABLED" or "SERVICE_DISABLED" in details:
        return _service_disabled(place)
    if reason == "CONSUMER_INVALID":
        return _not_found(place)
    if call.code() is grpc.StatusCode.FAILED_PRECONDITION:
        return _failed_precondition(details, place)
    if call.code() in _PASSING:
        return _unreachable(place, _PASSING[call.code()])
    known = _BY_STATUS.get(call.code())
    return known(place) if known else _unexpected_status(call.code())


def _permission_denied(place: Place) -> SourceError:
    who = f"The service account {place.email}" if place.email else "The account that usage-dash signs in with"
    member = f"serviceAccount:{place.email or 'SERVICE_ACCOUNT_EMAIL'}"
    return SourceError(
        Failure.PERMISSION,
        title=f"Firestore refused to let usage-dash read “{place.collection}”",
        remedy=(
            f"{who} has no permission to read documents in project {place.project}. Give it the role Cloud Datastore "
            "Viewer (roles/datastore.viewer), then try again; it can take a minute to apply."
        ),
        reason="Firestore refused (permission denied)",
        command=(
            f"gcloud projects add-iam-policy-binding {shlex.quote(place.project)} "
            f"--member={shlex.quote(member)} --role=roles/datastore.viewer"
        ),
        mendable_by_retry=False,
    )


def _service_disabled(place: Place) -> SourceError:
    return SourceError(
        Failure.PERMISSION,
        title=f"The Firestore API is switched off in project {place.project}",
        remedy="Enable the Cloud Firestore API, then try again; it can take a few minutes to apply.",
        reason="the Firestore API is switched off",
        command=f"gcloud services enable firestore.googleapis.com --project={shlex.quote(place.project)}",
        mendable_by_retry=False,
    )


def _rejected_credentials(place: Place) -> SourceError:
    whose = f"the service account {place.email}" if place.email else "usage-dash"
    return SourceError(
        Failure.CREDENTIALS,
        title="Google rejected the credentials",
        remedy=(
            f"Check this machine's clock first. If it is right, the key of {whose} was deleted or disabled: look for "
            "it in the Google Cloud console under “IAM & Admin”, “Service accounts”, “Keys”, and enable it, or make a "
            "new one and set FIREBASE_CREDENTIALS to it."
        ),
        reason="Google rejected the credentials",
        mendable_by_retry=False,
    )


def _not_found(place: Place) -> SourceError:
    return SourceError(
        Failure.NOT_FOUND,
        title=f"There is no Firestore database “{place.database}” in project {place.project}",
        remedy=(
            "Check FIREBASE_PROJECT_ID and FIRESTORE_DATABASE; the command below lists the databases of the project. "
            "A new project has none until you create one, in native mode."
        ),
        reason=f"there is no database “{place.database}” in project {place.project}",
        command=f"gcloud firestore databases list --project={shlex.quote(place.project)}",
        mendable_by_retry=False,
    )


def _quota_exhausted(place: Place) -> SourceError:
    return SourceError(
        Failure.QUOTA,
        title=f"Firestore's quota for project {place.project} is used up",
        remedy=(
            "The free plan has 50,000 document reads a day, counted anew from midnight Pacific time. The pay-as-you-go "
            "plan lifts that limit."
        ),
        reason="Firestore's quota is used up",
    )


def _failed_precondition(details: str, place: Place) -> SourceError:
    if "datastore mode" in details.lower():
        return _datastore_mode(place)
    return (
        _missing_index(place) if "index" in details.lower() else _unexpected_status(grpc.StatusCode.FAILED_PRECONDITION)
    )


def _datastore_mode(place: Place) -> SourceError:
    return SourceError(
        Failure.INVALID,
        title=f"The database “{place.database}” is in Datastore mode",
        remedy="usage-dash reads databases in native mode. Set FIRESTORE_DATABASE to the one your chatbot writes to.",
        reason="the database is in Datastore mode",
        command=f"gcloud firestore databases list --project={shlex.quote(place.project)}",
        mendable_by_retry=False,
    )


def _missing_index(place: Place) -> SourceError:
    group = place.collection.rpartition("/")[2]
    return SourceError(
        Failure.INVALID,
        title="Firestore has no index on “lastUpdated”",
        remedy=(
            f"Firestore makes it by itself unless “{group}” was exempted. Remove the exemption with the command below; "
            "building the index can take some minutes."
        ),
        reason="Firestore has no index on “lastUpdated”",
        command=(
            f"gcloud firestore indexes fields update lastUpdated --collection-group={shlex.quote(group)} "
            f"--database={shlex.quote(place.database)} --project={shlex.quote(place.project)} --clear-exemption"
        ),
        mendable_by_retry=False,
    )


def _unreachable(place: Place, why: str) -> SourceError:
    advice = "Check this machine's connection to the internet."
    if place.emulator_host:
        advice = f"Start the emulator at {place.emulator_host}, or unset FIRESTORE_EMULATOR_HOST to read Firestore."
    return SourceError(
        Failure.UNREACHABLE,
        title="Firestore can't be reached",
        remedy=advice,
        reason=f"Firestore can't be reached ({why})",
    )


def _unexpected_status(code: grpc.StatusCode) -> SourceError:
    name = code.name.lower().replace("_", " ")
    return SourceError(
        Failure.INVALID,
        title=f"Firestore did not accept the request ({name})",
        remedy="Check USAGE_COLLECTION, FIREBASE_PROJECT_ID and FIRESTORE_DATABASE.",
        reason=f"Firestore did not accept the request ({name})",
        mendable_by_retry=False,
    )


def _strange_answer() -> SourceError:
    return SourceError(
        Failure.INVALID,
        title="The answer is not one that Firestore gives",
        remedy="If FIRESTORE_EMULATOR_HOST is set, check what listens there.",
        reason="the answer was not Firestore's",
    )


_BY_STATUS: Final[dict[grpc.StatusCode, Callable[[Place], SourceError]]] = {
    grpc.StatusCode.PERMISSION_DENIED: _permission_denied,
    grpc.StatusCode.UNAUTHENTICATED: _rejected_credentials,
    grpc.StatusCode.NOT_FOUND: _not_found,
    grpc.StatusCode.RESOURCE_EXHAUSTED: _quota_exhausted,
}
_PASSING: Final = {
    grpc.StatusCode.UNAVAILABLE: "unavailable",
    grpc.StatusCode.DEADLINE_EXCEEDED: "deadline exceeded",
    grpc.StatusCode.CANCELLED: "cancelled",
    grpc.StatusCode.ABORTED: "aborted",
    grpc.StatusCode.INTERNAL: "internal error",
    grpc.StatusCode.UNKNOWN: "unknown error",
}

"""Whether the source can be read: who reads, whether anybody answers there, what, and with which right."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

from usage_dash.checks.check import Check
from usage_dash.doctor.setup import Setup
from usage_dash.doctor.source import Seen
from usage_dash.doctor.told import act, good, look, unknown
from usage_dash.repository.base import Edition, Failure, SourceError
from usage_dash.settings import SourceName

# What has to be well for a document to be read, in this order, and where each failure stops.
_STAGES: Final = ("credentials", "connection", "database", "permission")
_STOPS_AT: Final = {
    Failure.CREDENTIALS: "credentials",
    Failure.UNREACHABLE: "connection",
    Failure.NOT_FOUND: "database",
    Failure.INVALID: "database",
    Failure.PERMISSION: "permission",
    Failure.QUOTA: "permission",
}
_NOT_CHOSEN: Final = (
    "Set FIREBASE_CREDENTIALS, or FIREBASE_PROJECT_ID where the machine signs in by itself, in the environment or in a "
    "file `.env` in the folder in which usage-dash is started. If sample data is what you want, say so with "
    "USAGE_DASH_SOURCE=demo."
)


def chosen(setup: Setup) -> Check:
    """Tell where usage documents come from."""
    settings = setup.settings
    if settings.source is not SourceName.DEMO:
        return good("source", f"Usage documents come from {_PLACES[settings.source]}")
    if settings.chosen_source is None:
        return act("source", "Nothing of Firestore is configured, so sample data is shown", _NOT_CHOSEN)
    return good("source", "Sample data is shown, as chosen")


_PLACES: Final = {SourceName.FIRESTORE: "Firestore", SourceName.LOCAL: "a local file"}


def reading(setup: Setup, seen: Seen | SourceError) -> Iterator[Check]:
    """Tell how far reading gets; what lies behind the obstacle is not known."""
    if setup.settings.source is not SourceName.FIRESTORE:
        if isinstance(seen, SourceError):
            yield _failed("reading", seen)
        return
    stop = _STOPS_AT[seen.failure] if isinstance(seen, SourceError) else None
    for stage in _STAGES:
        if isinstance(seen, SourceError):
            yield _before_or_at(stage, str(stop), seen, setup)
        else:
            yield _passed(stage, setup, seen)


def edition(setup: Setup, seen: Seen) -> Check | None:
    """Tell the database's edition, and of an Enterprise edition what usage-dash needs there."""
    if setup.settings.source is not SourceName.FIRESTORE:
        return None
    if seen.edition is Edition.STANDARD:
        return good("edition", "The database is of Standard edition", "It indexes `lastUpdated` by itself")
    if seen.edition is Edition.ENTERPRISE:
        return look("edition", _ENTERPRISE, _index(setup, seen), _BY_UNITS)
    if setup.settings.emulator_host:
        return unknown("edition", "An emulator has no edition")
    return unknown("edition", "The database's edition could not be found out", _ASK.format(database=_name(setup)))


_ENTERPRISE: Final = "The database is of Enterprise edition, which makes no index by itself"
_BY_UNITS: Final = (
    "It bills a read by each 4 KiB of a document, so the meter, which counts a document as one read, says too little"
)
_ASK: Final = (
    "The account may lack `datastore.databases.getMetadata`, which is in the role Cloud Datastore Viewer. To see it: "
    "`gcloud firestore databases describe --database={database}`, under `databaseEdition`."
)


def _index(setup: Setup, seen: Seen) -> str:
    project, group = map(shlex.quote, (seen.source.place, setup.settings.collection.rpartition("/")[2]))
    return (
        "Without an index on `lastUpdated` each refresh reads the whole collection. Unless there is one, make it: "
        f"`gcloud firestore indexes composite create --project={project} --database={_name(setup)} "
        f"--collection-group={group} --field-config=field-path=lastUpdated,order=ascending`."
    )


def _name(setup: Setup) -> str:
    return shlex.quote(setup.settings.database)


def _passed(stage: str, setup: Setup, seen: Seen) -> Check:
    emulator = setup.settings.emulator_host
    match stage:
        case "credentials":
            return good(stage, _signed_in(seen.account) if emulator is None else _NONE_NEEDED)
        case "connection":
            return good(stage, f"The emulator at {emulator} answers" if emulator else "Firestore answers")
        case "database":
            return good(stage, f"Project {seen.source.place} has the database “{setup.settings.database}”")
        case _:
            return good(stage, "Documents can be read", "A count and a query were really made")


def _signed_in(account: str | None) -> str:
    return f"usage-dash reads as {account}" if account else "usage-dash reads as what this machine signs in as"


def _before_or_at(stage: str, stop: str, error: SourceError, setup: Setup) -> Check:
    """Tell of a stage before the one at which reading stopped, of that one, or of one behind it.

    Who cannot be reached has not judged the credentials.
    """
    here, there = _STAGES.index(stage), _STAGES.index(stop)
    if here == there:
        return _failed(stage, error)
    if stage == "credentials" and setup.settings.emulator_host:
        return good(stage, _NONE_NEEDED)
    if here < there and error.failure is not Failure.UNREACHABLE:
        return good(stage, _KNOWN[stage])
    return unknown(stage, _NOT_KNOWN[stage], "Mend what stands in the way, then ask again.")


_NONE_NEEDED: Final = "An emulator needs no credentials"
_KNOWN: Final = {
    "credentials": "The credentials are accepted",
    "connection": "Firestore answers",
    "database": "The database is there",
}
_NOT_KNOWN: Final = {
    "credentials": "Whether the credentials are accepted is not known",
    "connection": "Whether Firestore answers is not known",
    "database": "Whether the database is there is not known",
    "permission": "Whether documents may be read is not known",
}


def _failed(stage: str, error: SourceError) -> Check:
    todo = f"{error.remedy} The command: `{error.command}`" if error.command else error.remedy
    return act(stage, error.title, todo)

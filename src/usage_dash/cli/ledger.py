"""The commands on the ledger's file: `usage-dash ledger backup`, `restore`, `check` and `forget`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usage_dash.cli.common import WRONG_SETTING, is_id, settings_or_stop, stop, tell
from usage_dash.settings import Settings, SettingsError

if TYPE_CHECKING:
    from usage_dash.ledger.backup import Backups
    from usage_dash.ledger.forget import Known
    from usage_dash.repository.base import UsageRepository

# What is heavy is imported where it is needed, so that help comes at once.

commands = typer.Typer(
    name="ledger",
    help="Back up the ledger’s file, bring a backup back, check it, or forget a person.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@dataclass(frozen=True, slots=True)
class _Place:
    """The ledger's file, and the source whose ledger it is."""

    settings: Settings
    repository: UsageRepository
    path: Path
    source: str


@commands.command()
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="File to make; without it, one named by the day.", show_default=False)
    ] = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Copy the ledger to a file.

    The copy is read back before it gets its name, and who may not read the ledger may not read it.

    Without FILE it goes to USAGE_DASH_LEDGER_BACKUPS, or else beside the ledger. A dashboard that runs holds its ledger
    for itself; with that setting it makes a backup each day.
    """
    from usage_dash.doctor.ledger_file import told  # noqa: PLC0415 - see above
    from usage_dash.ledger.backup import Backups, backup  # noqa: PLC0415 - see above
    from usage_dash.wording import formats  # noqa: PLC0415 - see above

    with _place() as place:
        settings, path = place.settings, place.path
        shelf = Backups(settings.ledger_backups or path.parent, path, place.source)
        copy = file or shelf.of(datetime.now(settings.timezone).date())
        with _refusing(_in_use(path, shelf, kept=settings.ledger_backups is not None)):
            holds = backup(path, place.source, copy, settings.memory_limit, replace=force)
    typer.echo(f"Backed up {told(holds)}, to {copy} ({formats.size(copy.stat().st_size)}).")


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup to bring back; it stays as it is.", show_default=False)],
) -> None:
    """Put a backup in the ledger's place.

    The file that is there is moved aside, never deleted. Stop the dashboard first. A backup of an older format is
    upgraded at the next start.
    """
    from usage_dash.doctor.ledger_file import told  # noqa: PLC0415 - see above
    from usage_dash.ledger.backup import restore  # noqa: PLC0415 - see above

    with _place() as place, _refusing():
        done = restore(place.path, place.source, file, place.settings.memory_limit, datetime.now(UTC))
    typer.echo(f"{place.path} holds {told(done.holds)}.")
    if done.aside is not None:
        typer.echo(f"What was there is kept as {done.aside}.")


@commands.command()
def check(
    file: Annotated[
        Path | None, typer.Argument(help="File to check, instead of the ledger.", show_default=False)
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Say it for programs, as JSON.")] = False,
) -> None:
    """Say whether the ledger's file is well.

    All of it is read, or of a backup: whether it can be used, what it holds, and whether that adds up. The exit code is
    0 when it is well, else 1.
    """
    from usage_dash.doctor.ledger_file import examined  # noqa: PLC0415 - see above

    with _place(file) as place:
        checks = examined(place.path, place.source, place.settings.memory_limit)
    tell(checks, as_json=as_json)


@commands.command()
def forget(
    user_id: Annotated[str, typer.Argument(metavar="ID", help="The id of their usage document.", show_default=False)],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Erase a person for good from the ledger.

    Nothing of them stays, down to the bytes of the file. Delete their usage document first, and their line in the
    people file, or they would be read again; and stop the dashboard. USAGE_DASH_KEEP_DELETED says whether anonymous
    sums by day and model stay.
    """
    from usage_dash.ledger.backup import files_beside  # noqa: PLC0415 - see above
    from usage_dash.ledger.forget import forget, known  # noqa: PLC0415 - see above

    with _place() as place, _refusing():
        settings, path = place.settings, place.path
        if held := _still_held(place, user_id):
            stop(f"{held} Nothing was forgotten.")
        found = known(path, place.source, user_id, settings.memory_limit)
        typer.echo(_what_goes(found, user_id, keep_sums=settings.keep_deleted))
        if not yes:
            typer.confirm("Go on?", abort=True)
        forget(path, place.source, user_id, settings.memory_limit, keep_sums=settings.keep_deleted)
        copies = [*files_beside(path), *_backups(place)]
    typer.echo(f"{user_id} is forgotten: {path} holds nothing of them any more.")
    if copies:
        typer.echo("These copies were made before, and may hold them still; delete those that do:")
        typer.echo("\n".join(f"  {copy}" for copy in copies))


@contextmanager
def _place(file: Path | None = None) -> Iterator[_Place]:
    """Yield the ledger that the settings name, or this file of the same source; end where there is none."""
    from usage_dash.openers import open_repository  # noqa: PLC0415 - see above
    from usage_dash.repository.base import SourceError  # noqa: PLC0415 - see above

    settings = settings_or_stop()
    path = file or settings.ledger
    if path is None:
        stop("There is no ledger file: USAGE_DASH_LEDGER names none, or the source is sample data.", WRONG_SETTING)
    repository = open_repository(settings)
    try:
        yield _Place(settings, repository, path, repository.source.identity)
    except SourceError as error:
        stop(str(error))
    finally:
        repository.close()


@contextmanager
def _refusing(in_use: str | None = None) -> Iterator[None]:
    """End with the sentence of what a ledger refuses; `in_use` is that of one that another process uses."""
    from usage_dash.ledger.file import LedgerError, LedgerInUseError  # noqa: PLC0415 - see above

    try:
        yield
    except LedgerInUseError as error:
        stop(in_use or str(error))
    except LedgerError as error:
        stop(str(error))


def _in_use(path: Path, shelf: Backups, *, kept: bool) -> str:
    """Return what to do where a dashboard that runs holds the ledger."""
    last = shelf.newest_first()[:1] if kept else []
    instead = "Set USAGE_DASH_LEDGER_BACKUPS to a directory, and it makes a backup there each day"
    if kept:
        instead = f"Its last backup is {last[0]}" if last else "It makes a backup itself after its next refresh"
    return (
        f"The ledger {path} is in use, as a rule by the dashboard that runs, and nobody else can read it meanwhile. "
        f"{instead}; or stop it first."
    )


def _still_held(place: _Place, user_id: str) -> str:
    """Return what holds a person and would be read again, in sentences; nothing does: an empty text."""
    from usage_dash.documents.batch import IdRange  # noqa: PLC0415 - see above
    from usage_dash.people.directory import Directory  # noqa: PLC0415 - see above

    if not is_id(user_id):
        return "An id is a text that is not empty."
    found = []
    pages = place.repository.listing(IdRange.of(user_id))
    if any(user_id in page.batch.users["user_id"].to_pylist() for page in pages):
        found.append(f"The usage document “{user_id}” is still in {place.repository.source.place}: delete it first.")
    try:
        named = user_id in Directory(place.settings.people_file).people().persons
    except SettingsError as error:
        return str(error)
    if named:
        found.append(f"USAGE_DASH_PEOPLE names “{user_id}”: take that line out first.")
    return " ".join([*found, "It would be read again."]) if found else ""


def _what_goes(found: Known, user_id: str, *, keep_sums: bool) -> str:
    """Return what is going to be erased, and what stays, in words."""
    from usage_dash.wording import formats  # noqa: PLC0415 - see above

    counts = (
        (found.documents, "usage document", "usage documents"),
        (found.entries, "entry", "entries"),
        (found.bookings, "sum not itemised", "sums not itemised"),
        (found.names, "name", "names"),
    )
    parts = [formats.counted(count, one, many) for count, one, many in counts if count]
    if not parts:
        return (
            f"No table of the ledger holds anything of “{user_id}”. Its file is written anew all the same, so that "
            "nothing of who left before stays in its bytes."
        )
    kept = "Anonymous sums by day and model stay" if keep_sums else "No sums stay, so days of the past shrink"
    return f"Of “{user_id}” the ledger holds: {', '.join(parts)}. All that goes for good. {kept}."


def _backups(place: _Place) -> list[Path]:
    from usage_dash.ledger.backup import Backups  # noqa: PLC0415 - see above

    folder = place.settings.ledger_backups
    return Backups(folder, place.path, place.source).newest_first() if folder else []

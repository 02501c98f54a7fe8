"""The command line: `usage-dash run`, `demo`, `doctor`, `export-documents`, `token`, `ledger` and `alerts`."""

from __future__ import annotations

import logging
import os
import textwrap
import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from usage_dash import __version__
from usage_dash.cli import alerts, ledger
from usage_dash.cli.common import FAILED, WRONG_SETTING, is_id, load_settings, settings_or_stop, stop, tell
from usage_dash.settings import SETTINGS, Settings, SettingsError, SourceName, load
from usage_dash.settings.tokens import ApiToken, See, digest_of, is_name, new_token, written

if TYPE_CHECKING:
    from flask import Flask

    from usage_dash.checks.check import Check

_log = logging.getLogger(__name__)
_THIS_MACHINE = "127.0.0.1"


def _settings_help() -> str:
    """List every setting, in a form that click does not wrap again."""
    lines = ["\b", "Settings, from the environment and from .env in the working directory:"]
    for setting in SETTINGS:
        lines.append(f"  {setting.name}")
        text = f"{setting.help} Default: {setting.default}."
        lines += textwrap.wrap(text, 72, initial_indent=" " * 6, subsequent_indent=" " * 6)
    return "\n".join(lines)


app = typer.Typer(
    name="usage-dash",
    help="Live cost and usage of a chatbot's OpenAI calls, read from Firestore.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(ledger.commands)
app.add_typer(alerts.commands)
Host = Annotated[str | None, typer.Option(help="Address to listen on, instead of HOST.", show_default=False)]
Port = Annotated[
    int | None, typer.Option(help="Port to listen on, instead of PORT.", min=0, max=65_535, show_default=False)
]


def _print_version(value: bool) -> None:  # noqa: FBT001 - typer calls it with the flag's value
    if value:
        typer.echo(f"usage-dash {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options before the command; those that print something end by themselves."""


@app.command(epilog=_settings_help())
def run(host: Host = None, port: Port = None) -> None:
    """Serve the dashboard of the configured source.

    It serves this machine only, unless USAGE_DASH_AUTH says who else may look.
    """
    settings = settings_or_stop()
    if settings.source is SourceName.DEMO and settings.chosen_source is None:
        _say(settings, "Nothing of Firestore is configured, so this is sample data; “usage-dash run --help” tells how.")
    _serve(settings, host, port)


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Serve sample data that lives; it needs nothing.

    A made-up team of a few hundred people, whose usage goes on every few seconds.
    """
    _serve(settings_or_stop().model_copy(update={"chosen_source": SourceName.DEMO}), host, port)


@app.command()
def export_documents(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; without it, standard output.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Copy all usage documents to a file.

    The file has one JSON object a line. It holds people's usage, so only you may read it: keep it as safe as the
    source. Fields that the dashboard does not use are left out. USAGE_DASH_SOURCE=local with USAGE_DASH_LOCAL_FILE
    shows it.
    """
    from usage_dash.openers import open_repository  # noqa: PLC0415 - heavy, and help should come at once
    from usage_dash.repository.base import SourceError  # noqa: PLC0415 - see above
    from usage_dash.repository.export import ExportError, export  # noqa: PLC0415 - see above

    repository = open_repository(settings_or_stop())
    try:
        told = export(repository, output, replace=force)
    except (SourceError, ExportError) as error:
        stop(str(error), FAILED)
    finally:
        repository.close()
    typer.echo(told, err=True)


@app.command()
def doctor(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Say it for programs, as JSON.")] = False,
    writer: Annotated[
        bool, typer.Option("--writer", help="Look at all documents instead, for what their writer does wrong.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Read them, even if there are very many.")] = False,
) -> None:
    """Look whether all is set up well, and say what to do where it is not.

    It changes nothing, prints no secret, and reads 20 usage documents at most. With --writer it looks at all of them:
    in the ledger if that is a file which nobody uses, else they are read, and what that costs is told before.

    The exit code is 0 when nothing has to be mended, else 1; what only wants a look does not count.
    """
    tell(_faults_of_the_writer(want=yes) if writer else _examined(), as_json=as_json)


def _examined() -> tuple[Check, ...]:
    """Return what the doctor finds; with wrong settings nothing else can be looked at."""
    from usage_dash.doctor.doctor import examine  # noqa: PLC0415 - see above
    from usage_dash.doctor.settings import settings, wrong_settings  # noqa: PLC0415 - see above
    from usage_dash.doctor.setup import Setup  # noqa: PLC0415 - see above
    from usage_dash.openers import open_bill, open_repository  # noqa: PLC0415 - heavy, and help should come at once

    logging.basicConfig(level=logging.CRITICAL)  # what is wrong stands in the checks
    try:
        loaded = load()
    except SettingsError as error:
        return (wrong_settings(error),)
    repository = open_repository(loaded)
    try:
        return (settings(), *examine(Setup(loaded, os.environ), repository, open_bill(loaded, silence=10, whole=20)))
    finally:
        repository.close()


def _faults_of_the_writer(*, want: bool) -> tuple[Check, ...]:
    """Return what is wrong in all documents; standard error gets what is read for that."""
    from usage_dash.doctor.settings import wrong_settings  # noqa: PLC0415 - heavy
    from usage_dash.doctor.writer import Examiner, UnwantedError, not_looked  # noqa: PLC0415 - heavy
    from usage_dash.ledger.ledger import LedgerError  # noqa: PLC0415 - heavy
    from usage_dash.openers import open_ledger, open_repository, rules_of  # noqa: PLC0415 - heavy
    from usage_dash.repository.base import SourceError  # noqa: PLC0415 - heavy

    try:
        settings = load_settings()
    except SettingsError as error:
        return (wrong_settings(error),)
    repository = open_repository(settings)
    say = partial(typer.echo, err=True)
    try:
        return Examiner(settings, repository, open_ledger, rules_of(settings), say).faults(want=want)
    except (LedgerError, SourceError, UnwantedError) as error:
        return (not_looked(error),)
    finally:
        repository.close()


@app.command()
def token(
    *,
    name: Annotated[str, typer.Option(metavar="NAME", help="What to call it, as in the log where it is refused.")],
    see: Annotated[
        str | None, typer.Option(metavar="all", help="It shows everybody's usage.", show_default=False)
    ] = None,
    team: Annotated[
        list[str] | None, typer.Option(metavar="TEAM", help="Or this team's; give it for each.", show_default=False)
    ] = None,
    user: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Or the usage document with this id; give it for each.", show_default=False),
    ] = None,
) -> None:
    """Make a token for a program that asks for figures.

    The token goes to standard output, this once, and is kept nowhere. What goes into USAGE_DASH_API_TOKENS comes beside
    it and holds only its hash.
    """
    if not is_name(name):
        stop(f"--name is “{name}”, but must be letters, digits and any of . _ @ -, 100 at most.", WRONG_SETTING)
    made = new_token()
    line = written(ApiToken(name, digest_of(made), *_seen(see, team, user)))
    typer.echo(made)
    typer.echo(f"Add this to USAGE_DASH_API_TOKENS, with a comma after what is there:\n{line}", err=True)


def main() -> None:
    """Run the command line; the program's entry point."""
    app(prog_name="usage-dash")


def _seen(see: str | None, teams: list[str] | None, users: list[str] | None) -> tuple[See, frozenset[str]]:
    """Return whose usage a token shows, which has to be said in one way."""
    chosen = [found for found in (see, teams, users) if found]
    names = [*(teams or ()), *(users or ())]
    if len(chosen) != 1 or see not in {None, See.ALL} or not all(map(is_id, names)):
        stop("Say whose usage the token shows: --see all, --team with a name, or --user with an id.", WRONG_SETTING)
    if see:
        return See.ALL, frozenset()
    return (See.TEAM if teams else See.USER), frozenset(names)


def _serve(settings: Settings, host: str | None, port: int | None) -> None:
    from usage_dash.web.exposure import require_safe_address  # noqa: PLC0415 - help should come at once
    from usage_dash.web.platforms import every_address, platform_of  # noqa: PLC0415 - see above
    from usage_dash.web.serve import CannotServeError, address, listen, serve  # noqa: PLC0415 - see above

    platform = platform_of(os.environ)
    host = host or settings.host or (every_address() if platform else _THIS_MACHINE)
    try:
        require_safe_address(platform.name if platform else host, settings)
        listener = listen(host, settings.port if port is None else port)
    except SettingsError as error:
        stop(str(error), WRONG_SETTING)
    except CannotServeError as error:
        stop(str(error), FAILED)
    server = _make_app(settings.model_copy(update={"host": host}))
    shown = address(host, listener) + settings.url_prefix.rstrip("/")
    serve(server, listener, on_ready=lambda: _ready(settings, shown, server))
    server.extensions["usage_dash_board"].watch.close()  # an alert that is being sent is noted, or it is sent once more


def _make_app(settings: Settings) -> Flask:
    """Make the app, or end with the sentence of an error that is somebody's to mend."""
    from usage_dash.app import create_app  # noqa: PLC0415 - heavy, and a wrong address should be told at once
    from usage_dash.ledger.ledger import LedgerError  # noqa: PLC0415 - see above
    from usage_dash.repository.base import SourceError  # noqa: PLC0415 - see above

    try:
        return create_app(settings)
    except SettingsError as error:
        stop(str(error), WRONG_SETTING)
    except (LedgerError, SourceError) as error:
        stop(str(error), FAILED)


def _ready(settings: Settings, address: str, server: Flask) -> None:
    """Say where the page can be had from now on, and get its files ready."""
    from usage_dash.web.static_files import prepare  # noqa: PLC0415 - heavy, and help should come at once

    _say(settings, f"usage-dash is at {address} (Ctrl-C stops it)")
    threading.Thread(target=prepare, args=(server.extensions["usage_dash"],), daemon=True).start()


def _say(settings: Settings, sentence: str) -> None:
    """Say something to whoever has started the program, or to the log that a program reads."""
    if settings.log_format == "json":
        _log.info("%s", sentence)
    else:
        typer.echo(sentence)

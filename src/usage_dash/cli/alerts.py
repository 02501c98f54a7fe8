"""The commands of alerts: `usage-dash alerts test` and `run`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import typer

from usage_dash.cli.common import FAILED, WRONG_SETTING, settings_or_stop, stop
from usage_dash.settings import Settings, SettingsError, SourceName

if TYPE_CHECKING:
    from usage_dash.alerts.messages import Message
    from usage_dash.alerts.watch import Pass
    from usage_dash.page.board import Board
    from usage_dash.settings.alert_addresses import Address

# What is heavy is imported where it is needed, so that help comes at once.

IN_USE: Final = 3  # exit code
_NOBODY: Final = "USAGE_DASH_ALERTS names nobody who is to be told; docs/alerts.md has examples."
_SAMPLE: Final = "Of sample data nobody is told anything: “usage-dash run --help” tells how to name a source."
_NO_FILE: Final = (
    "There is no ledger file, so what was told would be forgotten, and told again each time: set USAGE_DASH_LEDGER to "
    "a file on a disk that stays."
)

commands = typer.Typer(
    name="alerts",
    help="Try whether alerts arrive, or send what there is to tell.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command()
def test() -> None:
    """Send a test message to each address of USAGE_DASH_ALERTS, and say which took it.

    The exit code is 0 when all of them did, 1 when one did not, and 2 when there is none.
    """
    settings = _settings_with_addresses()
    message = _test_message(settings)
    answers = [_answer(address, message) for address in settings.alerts]
    if any(answers):
        raise typer.Exit(FAILED)


@commands.command()
def run() -> None:
    """Look once whether there is something to tell, and tell it.

    It is for a scheduler, where no dashboard runs: one that runs looks by itself. It needs a ledger file, which
    remembers what was told. What an address did not take is sent again by a later run, once it is due.

    The exit code is 0 when all is told, 1 when the source could not be read or an address did not take something, 2
    when a setting is missing or wrong, and 3 when the ledger is in use, as a rule by the dashboard that runs.
    """
    settings = _settings_with_addresses()
    if settings.source is SourceName.DEMO:
        stop(_SAMPLE, WRONG_SETTING)
    if settings.ledger is None:
        stop(_NO_FILE, WRONG_SETTING)
    board = _board(settings)
    try:
        _tell(board, _once(board))
    finally:
        board.close()


def _settings_with_addresses() -> Settings:
    settings = settings_or_stop()
    if not settings.alerts:
        stop(_NOBODY, WRONG_SETTING)
    return settings


def _test_message(settings: Settings) -> Message:
    """Return a message that is another each time, so that nobody who gets it twice takes it for the first."""
    from usage_dash.app import messages_of  # noqa: PLC0415 - see above
    from usage_dash.openers import open_repository  # noqa: PLC0415 - see above

    repository = open_repository(settings)
    try:
        message = messages_of(settings, repository.source).test(settings.alert_rules)
    finally:
        repository.close()
    return replace(message, id=uuid4().hex)


def _answer(address: Address, message: Message) -> str:
    """Send to an address, and say how that went; return why it did not take the message, or nothing."""
    from usage_dash.alerts.sender import AppriseSender, NotDeliveredError  # noqa: PLC0415 - see above

    problem = ""
    try:
        AppriseSender().send(address, message)
    except NotDeliveredError as error:
        problem = str(error)
    typer.echo(f"{address.short}: {problem or 'delivered'}")
    return problem


def _board(settings: Settings) -> Board:
    """Open source and ledger, or end with the sentence of what stands in the way."""
    from usage_dash.app import open_board  # noqa: PLC0415 - see above
    from usage_dash.ledger.file import LedgerError, LedgerInUseError  # noqa: PLC0415 - see above
    from usage_dash.repository.base import SourceError  # noqa: PLC0415 - see above

    try:
        return open_board(settings)
    except SettingsError as error:
        stop(str(error), WRONG_SETTING)
    except LedgerInUseError:
        stop(f"The ledger {settings.ledger} is in use. If a dashboard uses it, that sends the alerts itself.", IN_USE)
    except (LedgerError, SourceError) as error:
        stop(str(error))


def _once(board: Board) -> Pass:
    """Make one pass, or end with the sentence of what stands in the way."""
    from usage_dash.ledger.file import LedgerError  # noqa: PLC0415 - see above

    try:
        return board.watch.once()
    except LedgerError as error:
        stop(str(error))


def _tell(board: Board, done: Pass) -> None:
    """Say what a pass did; end with a code where something could not be done."""
    typer.echo(f"{done.written} new, {done.sent} delivered, {done.failed} not delivered, {done.waiting} waiting.")
    standing, state = board.watch.standing(rules=False), board.sync.state
    for each in standing.waiting if standing else ():
        typer.echo(f"{each.address}: {each.problem or 'not sent yet'}", err=True)
    if state.error:
        stop(str(state.error))
    if done.waiting:
        raise typer.Exit(FAILED)

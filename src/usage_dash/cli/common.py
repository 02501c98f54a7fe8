"""What commands share: the settings, and how a command ends that cannot do what it should."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

import typer

from usage_dash.documents.values import well_formed
from usage_dash.inside import logs
from usage_dash.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from usage_dash.checks.check import Check

WRONG_SETTING: Final = 2  # exit codes
FAILED: Final = 1


def load_settings() -> Settings:
    """Load the settings, and set up the log as they say. Raises `SettingsError`."""
    return load(lambda settings: logs.set_up(settings.log_level, settings.log_format))


def settings_or_stop() -> Settings:
    """Load the settings, or end with the sentence that says what is wrong with them."""
    try:
        return load_settings()
    except SettingsError as error:
        stop(str(error), WRONG_SETTING)


def stop(message: str, code: int = FAILED) -> NoReturn:
    """End the program with a sentence and an exit code."""
    typer.echo(f"usage-dash: {message}", err=True)
    raise typer.Exit(code)


def tell(checks: tuple[Check, ...], *, as_json: bool) -> None:
    """Say how checks stand, to people or to programs; end with a code where something has to be mended."""
    from usage_dash.doctor import report  # noqa: PLC0415 - heavy, and help should come at once
    from usage_dash.doctor.doctor import is_well  # noqa: PLC0415 - see above

    well = is_well(checks)
    if as_json:
        typer.echo(report.as_json(checks, well=well))
    else:
        typer.echo(f"{report.as_text(checks)}\n\n{report.summary(checks)}")
    if not well:
        raise typer.Exit(FAILED)


def is_id(text: str) -> bool:
    """Whether a text can be the id of a usage document, or a team's name: it is not empty, and is text throughout."""
    return bool(text) and well_formed(text) == text

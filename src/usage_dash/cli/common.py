"""What commands share: the settings, and how a command ends that cannot do what it should."""

from __future__ import annotations

from typing import Final, NoReturn

import typer

from usage_dash.inside import logs
from usage_dash.settings import Settings, SettingsError, load

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

"""Reading the settings from the environment and from `.env`, and saying what is wrong with them."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from dotenv import dotenv_values
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from usage_dash.settings.errors import SettingsError
from usage_dash.settings.model import Settings
from usage_dash.settings.table import TABLE, Setting

_log = logging.getLogger(__name__)
_ENV_FILE = Path(".env")
_PREFIX = "USAGE_DASH_"
_SHOWN_CHARACTERS = 80  # of a wrong value


class _Environment(BaseSettings, Settings):
    model_config = SettingsConfigDict(
        env_file=_ENV_FILE,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        case_sensitive=True,
        extra="ignore",  # the environment holds far more than our settings
        validate_by_name=False,
    )


def load(set_up: Callable[[Settings], None] | None = None) -> Settings:
    """Read the settings from the environment, then from `.env` in the working directory; empty means not set.

    Raises `SettingsError`. Logs a warning for each `USAGE_DASH_…` variable that is no setting, after `set_up`, which is
    called with the settings, has said how lines of the log are written.
    """
    warnings: list[str] = []
    try:
        warnings = unknown_names(names_set())
        settings = Settings(**dict(_Environment()))
    except ValidationError as error:
        # Not chained: pydantic's own message shows values, secret ones too.
        raise SettingsError("\n".join(_sentence(wrong) for wrong in error.errors())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"“.env” cannot be read as UTF-8 text: {error}.") from error
    else:
        if set_up:
            set_up(settings)
        return settings
    finally:
        for warning in warnings:
            _log.warning("%s", warning)


def names_set() -> list[str]:
    """Return the names of all variables that are set, ours and others, in the environment and in `.env`."""
    return [*os.environ, *dotenv_values(_ENV_FILE, encoding="utf-8")]


def names_that_count(names: Iterable[str]) -> frozenset[str]:
    """Return those of the names that are settings."""
    ours = {name for setting in TABLE.values() for name in (setting.name, setting.also) if name}
    return frozenset(ours.intersection(names))


def unknown_names(names: Iterable[str]) -> list[str]:
    """Say of each `USAGE_DASH_…` name that is no setting which one may be meant."""
    unknown = sorted({name for name in names if name.startswith(_PREFIX)} - TABLE.keys())
    return [f"{name} is not a setting and is ignored{_guess(name)}." for name in unknown]


def _guess(name: str) -> str:
    ours = [known.removeprefix(_PREFIX) for known in TABLE if known.startswith(_PREFIX)]
    nearest = difflib.get_close_matches(name.removeprefix(_PREFIX), ours, n=1)
    return f"; the nearest is {_PREFIX}{nearest[0]}" if nearest else ""


def _setting(name: str) -> Setting:
    """Return the setting of this name, or of which it is another name."""
    return TABLE.get(name) or next(setting for setting in TABLE.values() if setting.also == name)


def _sentence(wrong: ErrorDetails) -> str:
    if wrong["type"] == "sentence":
        return wrong["msg"]
    setting = _setting(str(wrong["loc"][0]))
    if setting.secret:
        why = f", but {wrong['ctx']['error']}" if wrong["type"] == "value_error" else ""
        return f"{setting.name} must be {setting.allowed}{why}."
    value = str(wrong["input"])
    shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}…"
    return f"{setting.name} is “{shown}”, but must be {setting.allowed}."

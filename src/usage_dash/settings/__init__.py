"""Every setting: its name, default and help; read from the environment and from `.env`."""

from __future__ import annotations

from usage_dash.settings.errors import SettingsError
from usage_dash.settings.loading import load, unknown_names
from usage_dash.settings.model import NamesFrom, Settings, SourceName, Way
from usage_dash.settings.table import TABLE, Setting

__all__ = [
    "SETTINGS",
    "NamesFrom",
    "Setting",
    "Settings",
    "SettingsError",
    "SourceName",
    "Way",
    "load",
    "unknown_names",
]

SETTINGS: tuple[Setting, ...] = tuple(TABLE.values())

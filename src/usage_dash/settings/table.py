"""The table of all settings, as people see them in the help, in `.env.example` and in the README."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import Field


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as people see it: its variable, its default, its help, and what is allowed.

    Without `has_value` the default is no value, but words that tell what happens when it is not set.
    """

    name: str
    default: str
    has_value: bool
    help: str
    allowed: str
    secret: bool


TABLE: dict[str, Setting] = {}


def setting(
    name: str, default: object, text: str, allowed: str, *, unset: str = "none", secret: bool = False, **limits: Any
) -> Any:
    """Add a setting to the table and make its field; `allowed` ends the sentence “… must be”."""
    shown = unset if default is None else f"{default:g}" if isinstance(default, float) else str(default)
    TABLE[name] = Setting(name, shown, default is not None, text, allowed, secret)
    return Field(default, validation_alias=name, **limits)

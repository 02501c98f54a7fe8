"""The table of all settings, as people see them in the help, in `.env.example` and in the README."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import AliasChoices, Field


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as people see it: its variable, its default, its help, and what is allowed.

    Without `has_value` the default is no value, but words that tell what happens when it is not set. `also` is another
    name of the variable.
    """

    name: str
    default: str
    has_value: bool
    help: str
    allowed: str
    secret: bool
    also: str | None


TABLE: dict[str, Setting] = {}


def setting(
    name: str,
    default: object,
    text: str,
    allowed: str,
    *,
    unset: str = "none",
    secret: bool = False,
    also: str | None = None,
    **limits: Any,
) -> Any:
    """Add a setting to the table and make its field; `allowed` ends the sentence “… must be”.

    `also` names another variable, which counts where the first is not set.
    """
    has_value = default not in {None, (), False}
    said = "on" if default is True else f"{default:g}" if isinstance(default, float) else str(default)
    shown = said if has_value else unset
    told = text if also is None else f"{text} {also} is another name of it."
    TABLE[name] = Setting(name, shown, has_value, told, allowed, secret, also)
    return Field(default, validation_alias=AliasChoices(name, also) if also else name, **limits)

"""Settings of budgets: what may be spent a month, by everybody, by teams and by each user.

They stand in the setting itself or in a YAML file. Of YAML only what needs no second look is taken: names and numbers
mean what stands there, so that a team may be called `no`, and nothing stands for something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from usage_dash.settings.errors import SettingsError
from usage_dash.settings.plain_yaml import Pair, PlainYamlError, pairs
from usage_dash.settings.readers import parts
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting

_NAME: Final = "USAGE_DASH_BUDGETS"
_ALLOWED: Final = (
    "dollars a month as month=2500, team:Support=400, user=20 or user:anna=100 with commas between, each above 0 and "
    "once, or the path of a .yaml file that exists"
)
_IN_FILE: Final = "month: or user: with dollars, or teams: or users: with names and dollars below"
_DOLLARS: Final = re.compile(r"(?:0|[1-9]\d{0,8})(?:\.\d{1,6})?", re.ASCII)
_A_NUMBER: Final = "a number of dollars above 0 and below 1000000000, such as 400 or 12.50"
_FILES: Final = (".yaml", ".yml")
_LARGEST: Final = 256 * 1024  # bytes: about ten thousand users
_SHOWN_CHARACTERS: Final = 80


@dataclass(frozen=True, slots=True)
class Budgets:
    """What may be spent a month, in dollars: by everybody, by `teams`, by each `user`, and by `users` that differ."""

    month: float | None = None
    teams: Mapping[str, float] = field(default_factory=dict)
    user: float | None = None
    users: Mapping[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.month or self.teams or self.user or self.users)

    @property
    def key(self) -> str:
        """A text that only the same budgets share."""
        return repr((self.month, sorted(self.teams.items()), self.user, sorted(self.users.items())))

    def allowance(self, user_id: str) -> float | None:
        """Return what a user may spend; None without a limit."""
        return self.users.get(user_id, self.user)


_Line = tuple[str, tuple[str, str], str]  # how it begins, which budget that is and of whom, and the dollars


def said_budgets(value: object) -> object:
    """Return the budgets in a text, or the path of the file that tells them. Raise a sentence that says what is wrong.

    The file is read here to say what is wrong with it, and again by `read`, whenever it changes.
    """
    if not isinstance(value, str):
        return value
    try:
        if not value.strip().lower().endswith(_FILES):
            return _of(map(_inline, parts(value)), f"{_NAME} has nothing in it, but must be {_ALLOWED}.")
        path = Path(value.strip())
        read(path)
    except SettingsError as error:
        raise PydanticCustomError("sentence", "{said}", {"said": str(error)}) from None
    return path


def read(path: Path) -> Budgets:
    """Return the budgets of a YAML file. Raise `SettingsError`, which names the line that is wrong."""
    where = f"{_NAME} ({path.name})"
    return _of(_lines(_text(path), where), f"{where} has no budget in it, but must have {_IN_FILE}.")


def _of(lines: Iterable[tuple[str, _Line]], empty: str) -> Budgets:
    """Return the budgets of lines, each with where it stands; `empty` is said of none."""
    found: dict[tuple[str, str], float] = {}
    for where, (shown, which, dollars) in lines:
        if which in found:
            raise SettingsError(f"{where} has “{_short(shown)}” for a second time: leave one of them.")
        found[which] = _dollars(dollars, f"{where} has “{_short(dollars)}” as {_short(shown)}")
    if not found:
        raise SettingsError(empty)
    named = [(kind, name, dollars) for (kind, name), dollars in found.items() if name]
    return Budgets(
        found.get(("month", "")),
        {name: dollars for kind, name, dollars in named if kind == "team"},
        found.get(("user", "")),
        {name: dollars for kind, name, dollars in named if kind == "user"},
    )


def _inline(text: str) -> tuple[str, _Line]:
    shown, _, dollars = (part.strip() for part in text.rpartition("="))
    kind, named, name = (part.strip() for part in shown.partition(":"))
    if not _is_budget(kind, name, named=bool(named)):
        raise SettingsError(f"{_NAME} has “{_short(text)}”, but must be {_ALLOWED}.")
    return _NAME, (shown, (kind, name), dollars)


def _is_budget(kind: str, name: str, *, named: bool) -> bool:
    if named:
        return kind in {"team", "user"} and _is_name(name)
    return kind in {"month", "user"}


def _is_name(text: str) -> bool:
    return bool(text) and text.isprintable()


def _dollars(text: str, what: str) -> float:
    if not _DOLLARS.fullmatch(text) or not float(text):
        raise SettingsError(f"{what}, but must have {_A_NUMBER}.")
    return float(text)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes() if path.stat().st_size <= _LARGEST else None
        if content is None:
            raise SettingsError(f"{_NAME} ({path.name}) is larger than {_LARGEST // 1024} KiB.")
        return content.decode("utf-8-sig")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{_NAME} ({_short(path.name)}) cannot be read as text in UTF-8: {error}.") from error


def _lines(text: str, where: str) -> Iterator[tuple[str, _Line]]:
    """Go through a file's lines, as those of the setting itself."""
    try:
        found = pairs(text)
    except PlainYamlError as error:
        raise SettingsError(f"Line {error.line} of {where} is wrong: {error}.") from error
    for pair in found:
        at = f"Line {pair.line} of {where}"
        match pair.name, pair.value:
            case "month" | "user", str(dollars):
                yield at, (pair.name, (pair.name, ""), dollars)
            case "teams" | "users", below if not isinstance(below, str) or not below:
                yield from _named(pair.name.removesuffix("s"), below or (), where)
            case _:
                raise SettingsError(f"{at} has “{_short(pair.name)}”, but must have {_IN_FILE}.")


def _named(kind: str, below: Iterable[Pair], where: str) -> Iterator[tuple[str, _Line]]:
    for pair in below:
        at = f"Line {pair.line} of {where}"
        if not _is_name(pair.name):
            raise SettingsError(f"{at} has no name before its dollars.")
        yield at, (pair.name, (kind, pair.name), str(pair.value))


def _short(text: str) -> str:
    """Return a text as an error shows it: in one line, and not too long."""
    shown = "".join(each if each.isprintable() else "�" for each in text[:_SHOWN_CHARACTERS])
    return shown if len(text) <= _SHOWN_CHARACTERS else f"{shown}…"


class BudgetSettings(SourceSettings):
    """What may be spent."""

    budgets: Annotated[Budgets | Path | None, NoDecode, BeforeValidator(said_budgets)] = setting(
        _NAME,
        None,
        "What may be spent a month, in dollars: by everybody, by teams, by each user and by users that differ, such as "
        "month=2500, team:Support=400, user=20, user:anna=100; or the path of a YAML file that says so, which is read "
        "again when it changes.",
        _ALLOWED,
        unset="no budgets",
    )

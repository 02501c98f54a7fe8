"""The people file: a CSV with the columns user_id, name, email and team, read again when it changes."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Final

import pyarrow as pa

from usage_dash.documents.people import PEOPLE
from usage_dash.settings import SettingsError
from usage_dash.settings.files import ToldByFile
from usage_dash.settings.lists import address

_COLUMNS: Final = ("user_id", "name", "email", "team")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a usage document is about; what the file does not say is empty."""

    user_id: str
    name: str
    email: str
    team: str


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """All persons of one state of the file, by the ids of their usage documents; `version` differs with the content."""

    version: str = ""
    persons: Mapping[str, Person] = field(default_factory=dict)

    @property
    def table(self) -> pa.Table:
        """All persons as a table with the schema `documents.people.PEOPLE`."""
        return pa.table({name: list(map(attrgetter(name), self.persons.values())) for name in PEOPLE.names}, PEOPLE)

    def in_teams(self, teams: Iterable[str]) -> frozenset[str]:
        """Return the ids of the users in these teams; to be in none is no team."""
        wanted = set(teams) - {""}
        return frozenset(person.user_id for person in self.persons.values() if person.team in wanted)

    def with_email(self, email: str) -> frozenset[str]:
        """Return the ids of the users with this e-mail address; nobody has none."""
        wanted = address(email)
        return frozenset(person.user_id for person in self.persons.values() if wanted and person.email == wanted)


class Directory:
    """The people as the file says now. Without a file they are those who are known anyway, as a rule nobody."""

    def __init__(self, path: Path | None = None, known: People | None = None) -> None:
        """Read the file. Raise `SettingsError` when it is not as it should be."""
        self._file = None if path is None else ToldByFile(path, _read, "people")
        self._known = known or People()

    def people(self) -> People:
        """Return the people, read again if the file has changed; while it cannot be read, those of before."""
        return self._file.now() if self._file else self._known

    def watch(self, callback: Callable[[People], None]) -> None:
        """Call `callback` with the people now, and whenever they are others, as `ToldByFile.watch` does."""
        if self._file:
            self._file.watch(callback)
        else:
            callback(self._known)


def _read(path: Path) -> People:
    try:
        content = path.read_bytes()
    except OSError as error:
        why = "it is not there" if isinstance(error, FileNotFoundError) else (error.strerror or str(error)).lower()
        raise SettingsError(f"USAGE_DASH_PEOPLE ({path.name}) cannot be read: {why}.") from error
    return People(hashlib.blake2b(content, digest_size=8).hexdigest(), _persons(path, _lines(path, content)))


def _lines(path: Path, content: bytes) -> Iterator[list[str]]:
    """Yield the values of each line. Raise `SettingsError` at one that is no CSV in UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"Line {line} of USAGE_DASH_PEOPLE ({path.name}) is not in UTF-8; save the file as CSV in UTF-8."
        ) from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from lines
    except csv.Error as error:
        raise SettingsError(
            f"Line {lines.line_num} of USAGE_DASH_PEOPLE ({path.name}) is no CSV: look for a quotation mark that is "
            "never closed, or that stands within a value and is not doubled."
        ) from error


def _persons(path: Path, lines: Iterator[list[str]]) -> dict[str, Person]:
    header = [name.strip() for name in next(lines, [])]
    if set(header) != set(_COLUMNS) or len(header) != len(_COLUMNS):
        raise SettingsError(f"The first line of USAGE_DASH_PEOPLE ({path.name}) must be {','.join(_COLUMNS)}.")
    found: dict[str, Person] = {}
    for number, line in enumerate(lines, 2):
        if line:
            person = _person(header, line, f"Line {number} of USAGE_DASH_PEOPLE ({path.name})")
            if person.user_id in found:
                raise SettingsError(f"Line {number} of USAGE_DASH_PEOPLE ({path.name}) names a user for a second time.")
            found[person.user_id] = person
    return found


def _person(header: list[str], line: list[str], where: str) -> Person:
    if len(line) != len(header):
        raise SettingsError(f"{where} has {len(line)} values, but must have {len(header)}.")
    values = dict(zip(header, (value.strip() for value in line), strict=True))
    if not values["user_id"]:
        raise SettingsError(f"{where} has no user_id.")
    return Person(values["user_id"], values["name"], address(values["email"]), values["team"])

"""Reading a setting's text: what it means, or a clause that says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from usage_dash import service_account

_RESERVED = re.compile(r"\.{1,2}|__.*__")  # what Firestore allows in no path

_KEY = re.compile(r"[!-~]+")  # what a header can carry
_ID = re.compile(r"(?!sk-)[\w-]+", re.ASCII)  # a key itself begins with sk-
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kmg]?)(i?)b?", re.ASCII | re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3}
_SHORTEST_SECRET = 32  # characters
_SWITCH = {"on": True, "off": False}


def words(value: object) -> object:
    """Return the words of a list with commas."""
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(parts(value))) or None


def secrets(value: object) -> object:
    """Return one or two secrets. Raise `ValueError` with a clause when one is short, or there are more."""
    if not isinstance(value, str):
        return value
    found = tuple(map(secret, parts(value)))
    if len(found) > 2:  # noqa: PLR2004 - the old and the new
        raise ValueError("there are more")
    return found


def secret(value: object) -> object:
    """Return a secret. Raise `ValueError` with a clause when it is short, or words that stand for one."""
    if isinstance(value, str):
        if len(value) < _SHORTEST_SECRET:
            raise ValueError("it is shorter")
        if any(map(str.isspace, value)) or "…" in value:
            raise ValueError("it holds spaces or “…”, as no random text does")
    return value


def sent_secret(value: object) -> object:
    """Return a secret that comes in a header. Raise `ValueError` with a clause as `secret` does, and for others."""
    found = secret(value)
    if isinstance(found, str) and not _KEY.fullmatch(found):
        raise ValueError("it holds characters that no header can carry")
    return found


def key(value: object) -> object:
    """Return a key. Raise `ValueError` with a clause when it holds what no key does."""
    if not isinstance(value, str):
        return value
    if not _KEY.fullmatch(value.strip()):
        raise ValueError("it holds spaces or characters that no key has")
    return value.strip()


def ids(value: object) -> object:
    """Return the ids in a list with commas. Raise `ValueError` with a clause when one is none."""
    if not isinstance(value, str):
        return value
    if not all(map(_ID.fullmatch, parts(value))):
        raise ValueError("one is a key itself, or no id")
    return tuple(dict.fromkeys(parts(value)))


def switch(value: object) -> object:
    """Return whether a switch is on. Raise `ValueError` when the word is neither on nor off."""
    if isinstance(value, str):
        if value.lower() not in _SWITCH:
            raise ValueError("neither on nor off")
        return _SWITCH[value.lower()]
    return value


def octets(value: object) -> object:
    """Return the bytes in a text such as 1MiB, 4 MB or 1048576, from 1 kB to 1 GB. Raise `ValueError` for others."""
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise ValueError("not a size")
    size = round(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2].lower()])
    if not 1e3 <= size <= 1e9:  # noqa: PLR2004 - a kB and a GB
        raise ValueError("too small or too large")
    return size


def fields(value: object) -> object:
    """Return the names of one or two fields. Raise `ValueError` for more, none, or a name that is none."""
    if not isinstance(value, str):
        return value
    found = tuple(parts(value))
    if len(found) not in {1, 2} or any("" in field.split(".") for field in found):
        raise ValueError("not one or two fields")
    return found


def parts(value: str) -> list[str]:
    """Return the parts of a list with commas."""
    return [part.strip() for part in value.split(",") if part.strip()]


def zone(name: object) -> ZoneInfo:
    """Return the time zone of this name. Raise `ValueError` when there is none."""
    try:
        return name if isinstance(name, ZoneInfo) else ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, OSError) as error:  # a folder's name is an OSError
        raise ValueError("unknown time zone") from error


def file(path: Path) -> Path:
    """Return the path of a file that is there. Raise `ValueError` otherwise."""
    try:
        found = path.is_file()
    except OSError:  # too long for a name: a key was pasted here
        found = False
    if not found:
        raise ValueError("there is no such file")
    return path


def new_file(path: Path) -> Path:
    """Return the path of a file that could be made. Raise `ValueError` when its folder is missing."""
    try:
        possible = path.parent.is_dir() and not path.is_dir()
    except OSError:  # too long for a name, or in a folder that is not ours to look into
        possible = False
    if not possible:
        raise ValueError("no such directory")
    return path


def folder(path: Path) -> Path:
    """Return the path of a directory that is there. Raise `ValueError` otherwise."""
    try:
        found = path.is_dir()
    except OSError:  # too long for a name, or in a folder that is not ours to look into
        found = False
    if not found:
        raise ValueError("there is no such directory")
    return path


def account(value: object) -> object:
    """Return the service account in a text. Raise `ValueError` with a clause that holds nothing of it."""
    return service_account.parse(value) if isinstance(value, str) else value


def upper(value: object) -> object:
    """Return a text in capitals."""
    return value.upper() if isinstance(value, str) else value


def lower(value: object) -> object:
    """Return a text in small letters."""
    return value.lower() if isinstance(value, str) else value


def collection(path: str) -> str:
    """Return the path of a collection. Raise `ValueError` when Firestore could have none there."""
    segments = path.split("/")
    if len(segments) % 2 == 0 or "" in segments or any(map(_RESERVED.fullmatch, segments)):
        raise ValueError("not a collection")
    return path

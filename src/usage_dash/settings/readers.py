"""Reading a setting's text: what it means, or a clause that says what is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from usage_dash import service_account

_HOST = re.compile(r"\.?[^\W_][\w-]*(\.[\w-]+)*")
_SEGMENT = re.compile(r"[\w~-][\w.~-]*", re.ASCII)
_OURS = re.compile(r"assets|health|_dash.*")  # where a path of ours begins
_RESERVED = re.compile(r"\.{1,2}|__.*__")  # what Firestore allows in no path


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
    if path.is_dir() or not path.parent.is_dir():
        raise ValueError("no such directory")
    return path


def account(value: object) -> object:
    """Return the service account in a text. Raise `ValueError` with a clause that holds nothing of it."""
    return service_account.parse(value) if isinstance(value, str) else value


def upper(value: object) -> object:
    """Return a text in capitals."""
    return value.upper() if isinstance(value, str) else value


def hosts(value: object) -> object:
    """Return the host names in a list with commas. Raise `ValueError` when one is none."""
    if not isinstance(value, str):
        return value
    names = [name.strip().lower() for name in value.split(",") if name.strip()]
    if not all(map(_HOST.fullmatch, names)):
        raise ValueError("not names")
    return tuple(names)


def url_prefix(path: str) -> str:
    """Return a path with a slash at both ends. Raise `ValueError` when it is none, or one that we use ourselves."""
    inner = path.strip("/")
    if not inner:
        return "/"
    parts = inner.split("/")
    if not all(map(_SEGMENT.fullmatch, parts)) or _OURS.fullmatch(parts[0]):
        raise ValueError("not a path")
    return f"/{inner}/"


def collection(path: str) -> str:
    """Return the path of a collection. Raise `ValueError` when Firestore could have none there."""
    segments = path.split("/")
    if len(segments) % 2 == 0 or "" in segments or any(map(_RESERVED.fullmatch, segments)):
        raise ValueError("not a collection")
    return path

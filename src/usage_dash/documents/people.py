"""Who users are, beside their usage documents: what is told of them in a file, and what was looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from usage_dash.settings.lists import address

PEOPLE: Final = pa.schema({"user_id": pa.string(), "name": pa.string(), "email": pa.string(), "team": pa.string()})
NAMES: Final = pa.schema({"user_id": pa.string(), "name": pa.string(), "email": pa.string()})

_LONGEST_NAME: Final = 100  # characters that are kept; the rest of the page is not for one user's name
_LONGEST_EMAIL: Final = 254  # characters, by the rules of mail
_JOINERS: Final = "\u200c\u200d"  # invisible, but parts of words in Persian and Hindi, and of smileys


@dataclass(frozen=True, slots=True)
class Name:
    """What a user is called, and their e-mail address; what is not known is empty."""

    name: str = ""
    email: str = ""


UNKNOWN: Final = Name()


def name_of(name: object, email: object) -> Name:
    """Return what can be used of what people's data has: whatever is no text is unknown.

    Users choose their names themselves. So a name is one line of visible characters, and not longer than is shown.
    """
    called, mail = _line(name), _line(email)
    if len(called) > _LONGEST_NAME:
        called = f"{called[: _LONGEST_NAME - 1].rstrip()}…"
    return Name(called, address(mail) if len(mail) <= _LONGEST_EMAIL else "")


def _line(value: object) -> str:
    """Return a text without what cannot be seen, such as line breaks and what turns the direction of writing."""
    if not isinstance(value, str):
        return ""
    seen = (each if each.isprintable() or each in _JOINERS else " " for each in value[: 10 * _LONGEST_EMAIL])
    return " ".join("".join(seen).split())

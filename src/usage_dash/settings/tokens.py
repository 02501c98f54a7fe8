"""Tokens of programs that ask for figures: of each only its hash, and what it may see.

A token is 256 random bits, so nobody finds it from a plain hash; a slow one is for passwords.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

from usage_dash.settings.readers import parts

PREFIX: Final = "udash_"  # by which a token is known for one, also to who looks for secrets in files
_BYTES: Final = 32
_NAME: Final = re.compile(r"[\w.@-]{1,100}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


class See(StrEnum):
    """Whose usage a token shows."""

    ALL = "all"
    TEAM = "team"
    USER = "user"


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A program's token: what people call it, its hash, and whose usage it shows.

    `whose` are teams of the people file, or ids of usage documents; for all it is empty.
    """

    name: str
    digest: str
    see: See
    whose: frozenset[str] = frozenset()


def new_token() -> str:
    """Return a token that nobody has."""
    return PREFIX + secrets.token_urlsafe(_BYTES)


def digest_of(token: str) -> str:
    """Return the hash by which the settings know a token."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()


def written(token: ApiToken) -> str:
    """Return how the settings name a token: name:see:hash, with what could part them in percent signs."""
    whose = "+".join(quote(name, safe="") for name in sorted(token.whose))
    return f"{token.name}:{token.see}{f'={whose}' if whose else ''}:{token.digest}"


def api_tokens(value: object) -> object:
    """Return the tokens in a list with commas. Raise `ValueError` with a clause that holds nothing of them."""
    if not isinstance(value, str):
        return value
    found = tuple(_token(text, f"number {number}") for number, text in enumerate(parts(value), 1))
    if len({token.digest for token in found}) < len(found):
        raise ValueError("one hash stands there twice")
    return found


def is_name(text: str) -> bool:
    """Whether a token can be called so."""
    return _NAME.fullmatch(text) is not None


def _token(text: str, which: str) -> ApiToken:
    name, _, others = text.partition(":")
    seen, _, digest = others.rpartition(":")
    if not is_name(name):
        raise ValueError(f"{which} has no name")
    if not _DIGEST.fullmatch(digest):
        raise ValueError(f"{which} does not end with a hash of 64 digits and small letters up to f")
    see, whose = _seen(seen, which)
    return ApiToken(name, digest, see, whose)


def _seen(text: str, which: str) -> tuple[See, frozenset[str]]:
    """Return whose usage is meant; what percent signs stand for has to be UTF-8."""
    if text == See.ALL:
        return See.ALL, frozenset()
    kind, _, names = text.partition("=")
    if kind in {See.TEAM, See.USER} and names.isprintable():
        with suppress(UnicodeDecodeError):
            whose = frozenset(unquote(name, errors="strict") for name in names.split("+"))
            if "" not in whose:
                return See(kind), whose
    raise ValueError(f"{which} does not say whose usage it shows")

"""Reading the lists of who may look."""

from __future__ import annotations

import re
from dataclasses import dataclass

from usage_dash.settings.readers import parts

_ADDRESS = re.compile(r"[^\s@:,=+]+@[^\s@:,=+]+")
_DOMAIN = re.compile(r"@[^\s@:,=+]+\.[^\s@:,=+]+")
_CLAIM = re.compile(r"([^\s=:,@]+)=(\S[^,]*)")


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on a list: whose e-mail address is `value`, is at `value` (“@acme.example”), or whose `claim` is it."""

    claim: str | None
    value: str


@dataclass(frozen=True, slots=True)
class Led:
    """Somebody on the list of leads, and their teams."""

    who: Listed
    teams: frozenset[str]


def address(text: str) -> str:
    """Return an e-mail address as lists have it. Other alphabets stay: the kelvins' K would become our k."""
    return text.lower() if text.isascii() else text


def listed(value: object) -> object:
    """Return who is on a list with commas. Raise `ValueError` for what is neither an address, a domain nor a claim."""
    return tuple(map(_listed, parts(value))) if isinstance(value, str) else value


def leads(value: object) -> object:
    """Return who leads which teams. Raise `ValueError` when one has no team."""
    return tuple(map(_led, parts(value))) if isinstance(value, str) else value


def _listed(text: str) -> Listed:
    if claim := _CLAIM.fullmatch(text):
        return Listed(claim[1], claim[2].strip())
    if not (_ADDRESS.fullmatch(text) or _DOMAIN.fullmatch(text)):
        raise ValueError("neither an address, a domain nor a claim")
    return Listed(None, address(text))


def _led(text: str) -> Led:
    who, _, teams = text.rpartition(":")
    found = frozenset(team.strip() for team in teams.split("+"))
    if not who or "" in found:
        raise ValueError("no team")
    return Led(_listed(who.strip()), found)

"""Who somebody is, as a way to sign in has found out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from usage_dash.settings import Way


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody known. `subject` is who they are to that `way`; `email` is empty unless it was verified.

    `claims` are pairs of a claim's name and one of its values, those that settings speak of.
    """

    way: Way
    subject: str
    email: str = ""
    name: str = ""
    claims: frozenset[tuple[str, str]] = frozenset()

    @property
    def who(self) -> str:
        """What to call them: address, name or subject."""
        return self.email or self.name or self.subject


def identity_of(way: Way, claims: Mapping[str, Any], wanted: Iterable[str]) -> Identity:
    """Return who the claims of a verified token speak of; of them only those that are `wanted` are kept.

    An e-mail address that is not verified is left out, also where it is wanted as a claim. Raises `ValueError` for
    claims without a subject.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise ValueError("no subject")
    verified = claims.get("email_verified") is True
    kept = {name: claims[name] for name in wanted if name in claims and (verified or name != "email")}
    return Identity(
        way,
        subject,
        email=_address(_text(claims.get("email"))) if verified else "",
        name=_text(claims.get("name")),
        claims=frozenset((name, value) for name, values in kept.items() for value in _values(values)),
    )


def _address(text: str) -> str:
    """Return an address as lists have it. Other alphabets stay as they are: the kelvins' K would become our k."""
    return text.lower() if text.isascii() else text


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _values(value: object) -> list[str]:
    """Return a claim's values as text, truths as JSON writes them: it holds one, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return [
        each if isinstance(each, str) else json.dumps(each) for each in values if isinstance(each, (str, bool, int))
    ]

"""Who somebody is, as a way to sign in has found out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from usage_dash.documents.values import well_formed
from usage_dash.settings import Way
from usage_dash.settings.lists import address

_PLAIN = (str, bool, int)


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
    if not isinstance(subject, str) or not subject or well_formed(subject) != subject:
        raise ValueError("no subject")
    verified = claims.get("email_verified") is True
    kept = {name: claims[name] for name in wanted if name in claims and (verified or name != "email")}
    return Identity(
        way,
        subject,
        email=address(_text(claims.get("email"))) if verified else "",
        name=_text(claims.get("name")),
        claims=frozenset((name, value) for name, values in kept.items() for value in _values(values)),
    )


def _text(value: object) -> str:
    return well_formed(value) if isinstance(value, str) else ""


def _values(value: object) -> list[str]:
    """Return a claim's values as text, truths as JSON writes them: it holds one, or a list of them."""
    values = value if isinstance(value, list) else [value]
    known = [each if isinstance(each, str) else json.dumps(each) for each in values if isinstance(each, _PLAIN)]
    return [each for each in known if well_formed(each) == each]

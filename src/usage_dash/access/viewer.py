"""Who looks, in which role, and what each role may see beside usage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody looks as, the widest first."""

    ADMIN = "admin"
    VIEWER = "viewer"
    LEAD = "lead"
    SELF = "self"


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may see of its scope, beside usage."""

    source: bool  # where the data comes from, what reading it costs, why that failed
    findings: bool  # what is wrong in documents, by name; without it, counters against entries alone


RIGHTS: Final = {
    Role.ADMIN: Rights(source=True, findings=True),
    Role.VIEWER: Rights(source=False, findings=False),
    Role.LEAD: Rights(source=False, findings=False),
    Role.SELF: Rights(source=False, findings=True),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who may look: administrators and viewers at everybody, leads at `teams`, others at `users`.

    `users` are ids of usage documents. Empty teams, or no users, see nothing. `name` and `email` are only shown.
    """

    role: Role
    teams: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    name: str = ""
    email: str = ""

    def __post_init__(self) -> None:
        """Refuse whatever could be meant otherwise than it would be taken, with a `TypeError`."""
        if not isinstance(self.role, Role):
            raise TypeError("A viewer's role is one of usage_dash.Role.")
        for ids, role in ((self.teams, Role.LEAD), (self.users, Role.SELF)):
            if not isinstance(ids, frozenset) or not all(isinstance(each, str) for each in ids):
                raise TypeError("A viewer's teams and users are frozen sets of text.")
            if ids and self.role is not role:
                raise TypeError("Leads have teams, who sees their own usage has users, and nobody else has either.")
        if not isinstance(self.name, str) or not isinstance(self.email, str):
            raise TypeError("A viewer's name and e-mail address are text.")

    @classmethod
    def admin(cls, name: str = "", email: str = "") -> Viewer:
        """Return who sees everything, with what reading costs and what is wrong in documents."""
        return cls(Role.ADMIN, name=name, email=email)

    @classmethod
    def viewer(cls, name: str = "", email: str = "") -> Viewer:
        """Return who sees everybody's usage."""
        return cls(Role.VIEWER, name=name, email=email)

    @classmethod
    def lead(cls, teams: Iterable[str], name: str = "", email: str = "") -> Viewer:
        """Return who sees the usage of these teams of the people file."""
        return cls(Role.LEAD, teams=_texts(teams), name=name, email=email)

    @classmethod
    def only(cls, users: Iterable[str], name: str = "", email: str = "") -> Viewer:
        """Return who sees the usage documents with these ids, as a rule one: their own."""
        return cls(Role.SELF, users=_texts(users), name=name, email=email)

    @property
    def key(self) -> str:
        """A short text that is another for everybody who is shown otherwise, or may see something else."""
        told = (self.role, sorted(self.teams), sorted(self.users), self.name, self.email)
        return hashlib.blake2b(repr(told).encode(errors="surrogatepass"), digest_size=9).hexdigest()

    @property
    def rights(self) -> Rights:
        """What they may see beside usage."""
        return RIGHTS[self.role]


def _texts(values: Iterable[str]) -> frozenset[str]:
    if isinstance(values, str):
        raise TypeError("Give a list, also for one: [“Support”].")
    return frozenset(values)

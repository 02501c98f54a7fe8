"""Who asks with the request at hand. Nobody is known until the gate has let them in, and nobody unknown is answered."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from usage_dash.access.viewer import Viewer
from usage_dash.ledger.scope import Scope

_KEY = "usage_dash_admitted"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was let in, and whose usage they may see; `can_leave` where there is a session of ours to sign out of."""

    viewer: Viewer
    scope: Scope
    can_leave: bool = False

    @property
    def key(self) -> str:
        """A short text that only those share who may see the same."""
        return f"{self.viewer.role} {self.scope.key}"


def admit(admitted: Admitted) -> None:
    """Let somebody in, for this request."""
    setattr(g, _KEY, admitted)


def admitted() -> Admitted:
    """Return who was let in. Raise `LookupError` when nobody was."""
    found = somebody()
    if found is None:
        raise LookupError("Nobody was let in with this request.")
    return found


def somebody() -> Admitted | None:
    """Return who was let in; None when nobody was, who gets nothing but what is the same for all."""
    found: Admitted | None = g.get(_KEY)
    return found

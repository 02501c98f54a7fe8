"""Whose usage a viewer may see, as things are in the people file now."""

from __future__ import annotations

from functools import lru_cache

from usage_dash.access.viewer import Role, Viewer
from usage_dash.ledger.scope import ALL_USERS, Scope
from usage_dash.people.directory import Directory, People

_KEPT = 256  # scopes; a team may have many thousand users


class Scopes:
    """Makes viewers' scopes, each once for each state of the people."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._made = lru_cache(_KEPT)(_scope)

    def of(self, viewer: Viewer) -> Scope:
        """Return whose usage somebody may see."""
        return self._made(viewer.role, viewer.teams, viewer.users, self._directory.people())


def _scope(role: Role, teams: frozenset[str], users: frozenset[str], people: People) -> Scope:
    match role:
        case Role.ADMIN | Role.VIEWER:
            return Scope(ALL_USERS, people.version)
        case Role.LEAD:
            return Scope(people.in_teams(teams), people.version)
        case Role.SELF:
            return Scope(users, people.version)

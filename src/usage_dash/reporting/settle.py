"""What of a choice is there to be chosen: an address can name models, users and teams that are not, or no longer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from usage_dash.ledger.choice import Choice
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.grammar import Read
from usage_dash.reporting.rows import rows

# Where names are read as families, a name as it was written means its family.
_MODELS = """
SELECT DISTINCT model AS name FROM scoped_models
WHERE (model IN (SELECT unnest($names)) OR list_has_any(variants, $names))
    AND slot IN (SELECT slot FROM scoped_entries)
ORDER BY name
"""
_USERS = "SELECT user_id AS name FROM scoped_users WHERE user_id IN (SELECT unnest($names)) ORDER BY name"
_TEAMS = "SELECT DISTINCT team AS name FROM scoped_people WHERE team IN (SELECT unnest($names))"

# The same words whether something is not there, or may not be seen.
_NO_MODEL: Final = "a model that is not here"
_NO_USER: Final = "a user who is not among those you may see"
_NO_TEAM: Final = "a team that is not here"


def settled(moment: Moment, filters: Filters) -> Read:
    """Return the filters with what the scope has of their choice, and in words what was left out."""
    chosen = filters.choice
    models = _there(moment, _MODELS, chosen.models)
    users = _there(moment, _USERS, chosen.users)
    teams = _there(moment, _TEAMS, () if chosen.team is None else (chosen.team,))
    lacking = (
        (_NO_MODEL, len(models) < len(chosen.models)),
        (_NO_USER, len(users) < len(chosen.users)),
        (_NO_TEAM, chosen.team is not None and not teams),
    )
    there = Choice(models, users, teams[0] if teams else None)
    return Read(replace(filters, choice=there), tuple(words for words, lacks in lacking if lacks))


def _there(moment: Moment, query: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(row.name for row in rows(moment, query, {"names": names})) if names else ()

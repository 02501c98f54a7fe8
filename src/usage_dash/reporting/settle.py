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

# What each of the names means. A model that nobody has used, or left behind, is not there; where models are read as
# families, a name as it was written means its family.
_ASKED = "SELECT DISTINCT asked, {meant} AS meant FROM (SELECT unnest($names) AS asked) JOIN {there}"
_USED = "(FROM scoped_models SEMI JOIN scoped_spending USING (slot))"
_MODELS = _ASKED.format(meant="model", there=_USED + " ON model = asked OR list_contains(variants, asked)")
_USERS = _ASKED.format(meant="user_id", there="scoped_users ON user_id = asked")
_TEAMS = _ASKED.format(meant="team", there="scoped_people ON team = asked")

# The same words whether something is not there, or may not be seen.
_NO_MODEL: Final = "a model that is not here"
_NO_USER: Final = "a user who is not among those you may see"
_NO_TEAM: Final = "a team that is not here"


def settled(moment: Moment, filters: Filters) -> Read:
    """Return the filters with what the scope has of their choice, and in words what was left out."""
    chosen = filters.choice
    left_out: list[str] = []
    models = _there(moment, _MODELS, chosen.models, _NO_MODEL, left_out)
    users = _there(moment, _USERS, chosen.users, _NO_USER, left_out)
    teams = _there(moment, _TEAMS, () if chosen.team is None else (chosen.team,), _NO_TEAM, left_out)
    choice = Choice(models, users, teams[0] if teams else None)
    return Read(replace(filters, choice=choice), tuple(left_out))


def _there(moment: Moment, query: str, names: Sequence[str], odd: str, left_out: list[str]) -> tuple[str, ...]:
    """Return what the names mean, each once, in an order of their own."""
    found = rows(moment, query, {"names": list(names)}) if names else []
    if len(found) < len(set(names)):
        left_out.append(odd)
    return tuple(sorted({each.meant for each in found}))

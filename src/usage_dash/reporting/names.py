"""What users are called."""

from __future__ import annotations

from collections.abc import Sequence

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows

_NAMES = "SELECT user_id, name FROM people WHERE user_id IN (SELECT unnest($users)) AND name <> ''"


def names_of(moment: Moment, users: Sequence[str]) -> dict[str, str]:
    """Return the names of those users who have one, by their ids."""
    found = rows(moment, _NAMES, {"users": list(users)}) if users else []
    return {each.user_id: each.name for each in found}

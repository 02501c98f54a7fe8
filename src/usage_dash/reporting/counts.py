"""How many rows there are of each kind that can be taken along."""

from __future__ import annotations

from usage_dash.reporting.buckets import spent
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.ranges import buckets_of
from usage_dash.reporting.rows import row
from usage_dash.reporting.spans import range_shown, within
from usage_dash.reporting.view_models import Counts

_USERS = "SELECT count(*) AS users FROM users"
_MODELS = "SELECT count(DISTINCT slot) AS models FROM {spent}"
_TEAMS = """
SELECT count(DISTINCT team) AS teams FROM people SEMI JOIN (
    SELECT user_key FROM entries WHERE day BETWEEN $first AND $last
) AS used USING (user_key)
"""
_ENTRIES = "SELECT count(*) AS entries FROM entries WHERE day BETWEEN $first AND $last"


def counts(moment: Moment, filters: Filters) -> Counts:
    """Return how many rows of each kind the filters leave; days are buckets of the range."""
    shown = range_shown(moment, filters)
    return Counts(
        users=row(moment, _USERS).users,
        days=len(buckets_of(shown, filters.by)),
        models=row(moment, _MODELS.format(spent=spent(moment, shown))).models,
        teams=row(moment, _TEAMS, within(shown)).teams,
        entries=row(moment, _ENTRIES, within(shown)).entries,
    )

"""How many rows there are of each kind that can be taken along."""

from __future__ import annotations

from usage_dash.reporting.buckets import by_user, spent
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import tally
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.ranges import buckets_of
from usage_dash.reporting.rows import row
from usage_dash.reporting.spans import range_shown
from usage_dash.reporting.view_models import Counts

_USERS = "SELECT count(*) AS users, EXISTS (FROM gone) AS gone FROM documents"
_MODELS = "SELECT count(DISTINCT slot) AS models FROM {spent}"
_USED = """
SELECT count(DISTINCT coalesce(team, '')) AS teams, coalesce(sum(entries), 0) AS entries
FROM {by_user} LEFT JOIN people USING (user_key)
"""


def counts(moment: Moment, filters: Filters) -> Counts:
    """Return how many rows of each kind the filters leave; days are buckets of the range."""
    tally(moment)
    shown = range_shown(moment, filters)
    users, used = row(moment, _USERS), row(moment, _USED.format(by_user=by_user(moment, shown)))
    return Counts(
        users=users.users,
        days=len(buckets_of(shown, filters.by)),
        models=row(moment, _MODELS.format(spent=spent(moment, shown))).models,
        teams=used.teams,
        entries=int(used.entries),
        gone=users.gone,
    )

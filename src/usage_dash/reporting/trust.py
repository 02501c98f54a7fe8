"""How far the figures can be trusted, and what was wrong in the documents."""

from __future__ import annotations

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import tally_counters
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import possible
from usage_dash.reporting.sums import sum_of
from usage_dash.reporting.trust_models import Exceeding, FindingRow, Findings, Trust

_NAMED = 3  # documents that the page names at once

_COVERAGE = """
SELECT sum(explained) FILTER (total_cost IS NOT NULL) / nullif(sum(total_cost), 0) AS coverage,
    CAST(coalesce(sum(cost_lacking), 0) AS BIGINT) AS untotalled, count(*) FILTER (exceeds) AS exceeding
FROM counted
"""
_EXCEEDING = """
SELECT user_id, itemised, total_cost FROM counted WHERE exceeds
ORDER BY itemised - total_cost DESC, user_id LIMIT $limit
"""
_ENTRIES = """
SELECT count(*) FILTER (day IS NULL) AS untimed,
    count(*) FILTER (day NOT BETWEEN $earliest AND $today) AS misdated,
    sum(cost) FILTER (day IS NULL OR day NOT BETWEEN $earliest AND $today) AS unplaced_cost,
    count(*) FILTER (cost IS NULL AND (day IS NULL OR day NOT BETWEEN $earliest AND $today)) AS unplaced_uncosted,
    count(*) FILTER (cost IS NULL) AS uncosted
FROM entries
"""
_FLAWS = "SELECT count(DISTINCT user_key) AS documents, CAST(coalesce(sum(count), 0) AS BIGINT) AS places FROM findings"
_FINDINGS = """
SELECT user_id, field, problem, action, count AS places FROM findings JOIN users USING (user_key)
ORDER BY places DESC, user_id, field, problem, action LIMIT $limit
"""


def trust(moment: Moment) -> Trust:
    """Return how far the figures can be trusted. Counters know no model, so what they say is of all of them."""
    tally_counters(moment)
    documents, entries = row(moment, _COVERAGE), row(moment, _ENTRIES, possible(moment))
    return Trust(
        coverage=documents.coverage,
        untotalled=documents.untotalled,
        exceeding=documents.exceeding,
        exceeding_users=tuple(each.user_id for each in _exceeding(moment, _NAMED)) if documents.exceeding else (),
        untimed=entries.untimed,
        misdated=entries.misdated,
        unplaced_cost=sum_of(entries.unplaced_cost, entries.unplaced_uncosted),
        uncosted=entries.uncosted,
        flawed_documents=row(moment, _FLAWS).documents,
    )


def findings(moment: Moment, limit: int = 200) -> Findings:
    """Return what was wrong in the documents: at most `limit` rows of each kind, the most frequent or worst first."""
    tally_counters(moment)
    found = rows(moment, _FINDINGS, {"limit": limit})
    return Findings(
        rows=tuple(FindingRow(each.user_id, each.field, each.problem, each.action, each.places) for each in found),
        total=row(moment, _FLAWS).places,
        exceeding=_exceeding(moment, limit),
    )


def _exceeding(moment: Moment, limit: int) -> tuple[Exceeding, ...]:
    found = rows(moment, _EXCEEDING, {"limit": limit})
    return tuple(Exceeding(each.user_id, each.itemised, each.total_cost) for each in found)

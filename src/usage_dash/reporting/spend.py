"""What each model has cost since records began, whatever the range: the models add up to what was recorded in all."""

from __future__ import annotations

from usage_dash.ledger.counters import NOT_ITEMISED
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.rows import rows
from usage_dash.reporting.sums import Sum, sum_of

# What documents had counted before they were first seen, no entry explains either; it is on no day.
_SPEND = f"""
WITH slots AS (
    SELECT slot, sum(cost) AS cost, count(*) - count(cost) AS lacking
    FROM (SELECT slot, cost FROM spending UNION ALL SELECT {NOT_ITEMISED}, cost FROM openings WHERE cost IS NOT NULL)
    GROUP BY slot
)
SELECT model, sum(cost) AS cost, sum(lacking) AS lacking FROM slots JOIN models USING (slot) GROUP BY model
ORDER BY model
"""  # noqa: S608 - a constant


def spend_by_model(moment: Moment) -> dict[str, Sum]:
    """Return the cost of each model by its name, and of what is not itemised."""
    return {found.model: sum_of(found.cost, int(found.lacking)) for found in rows(moment, _SPEND)}

"""Usage in the columns of FOCUS 1.2, the FinOps Open Cost and Usage Specification: a row for each day, user and model.

Only names are followed. What neither counters nor entries tell (bills, invoices, prices, accounts, regions) is null,
also where the specification wants a value: docs/exports.md has the list. Columns of ours begin with `x_`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.ranges import DAY, length_of
from usage_dash.reporting.view_models import Range

_BOUNDS = "day_bounds"

# The recorded cost is what tools add up by: it is what usage cost, not what was billed, which nobody has told us.
ROWS = """
WITH spent AS (
    SELECT day, user_key, slot, sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS cost_lacking, sum(calls) AS calls,
        sum(total_tokens) AS tokens, count(*) FILTER (total_tokens IS NULL) AS tokens_lacking,
        sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens
    FROM spending WHERE day BETWEEN $first AND $last GROUP BY ALL
)
SELECT
    CAST(NULL AS DOUBLE) AS "BilledCost",
    CAST(NULL AS VARCHAR) AS "BillingAccountId",
    CAST(NULL AS VARCHAR) AS "BillingAccountName",
    CAST(NULL AS VARCHAR) AS "BillingAccountType",
    'USD' AS "BillingCurrency",
    CAST(NULL AS TIMESTAMP) AS "BillingPeriodEnd",
    CAST(NULL AS TIMESTAMP) AS "BillingPeriodStart",
    'Usage' AS "ChargeCategory",
    CAST(NULL AS VARCHAR) AS "ChargeClass",
    CASE WHEN slot < 0 THEN 'Usage that is not itemised' ELSE 'Calls of ' || model END AS "ChargeDescription",
    'Usage-Based' AS "ChargeFrequency",
    ends AS "ChargePeriodEnd",
    starts AS "ChargePeriodStart",
    TRY_CAST(CASE WHEN tokens_lacking > 0 THEN nullif(tokens, 0) ELSE tokens END AS BIGINT) AS "ConsumedQuantity",
    'Tokens' AS "ConsumedUnit",
    CAST(NULL AS DOUBLE) AS "ContractedCost",
    CAST(NULL AS DOUBLE) AS "ContractedUnitPrice",
    CASE WHEN cost_lacking > 0 THEN nullif(cost, 0) ELSE cost END AS "EffectiveCost",
    CAST(NULL AS VARCHAR) AS "InvoiceId",
    CAST(NULL AS VARCHAR) AS "InvoiceIssuerName",
    CAST(NULL AS DOUBLE) AS "ListCost",
    CAST(NULL AS DOUBLE) AS "ListUnitPrice",
    CAST(NULL AS VARCHAR) AS "PricingCategory",
    CAST(NULL AS DOUBLE) AS "PricingQuantity",
    CAST(NULL AS VARCHAR) AS "PricingUnit",
    'OpenAI' AS "ProviderName",
    'OpenAI' AS "PublisherName",
    CAST(NULL AS VARCHAR) AS "RegionId",
    CAST(NULL AS VARCHAR) AS "RegionName",
    CAST(NULL AS VARCHAR) AS "ResourceId",
    CAST(NULL AS VARCHAR) AS "ResourceName",
    CAST(NULL AS VARCHAR) AS "ResourceType",
    'AI and Machine Learning' AS "ServiceCategory",
    'OpenAI API' AS "ServiceName",
    'Generative AI' AS "ServiceSubcategory",
    CAST(NULL AS VARCHAR) AS "SkuId",
    CAST(NULL AS VARCHAR) AS "SkuMeter",
    CAST(NULL AS VARCHAR) AS "SkuPriceDetails",
    CAST(NULL AS VARCHAR) AS "SkuPriceId",
    CAST(NULL AS VARCHAR) AS "SubAccountId",
    CAST(NULL AS VARCHAR) AS "SubAccountName",
    CAST(NULL AS VARCHAR) AS "SubAccountType",
    CAST(CASE WHEN team <> '' THEN json_object('user', user_id, 'model', model, 'team', team)
        ELSE json_object('user', user_id, 'model', model) END AS VARCHAR) AS "Tags",
    TRY_CAST(calls AS BIGINT) AS "x_Calls",
    day AS "x_Day",
    TRY_CAST(input_tokens AS BIGINT) AS "x_InputTokens",
    model AS "x_Model",
    TRY_CAST(output_tokens AS BIGINT) AS "x_OutputTokens",
    nullif(team, '') AS "x_Team",
    user_id AS "x_User",
    nullif(concat_ws(' ', CASE WHEN cost_lacking > 0 THEN 'EffectiveCost' END,
        CASE WHEN tokens_lacking > 0 THEN 'ConsumedQuantity' END), '') AS "x_AtLeast"
FROM spent JOIN day_bounds USING (day) JOIN models USING (slot) LEFT JOIN people USING (user_key)
ORDER BY day, user_id, slot < 0, model
"""


def offer_bounds(moment: Moment, shown: Range) -> None:
    """Make `day_bounds (day, starts, ends)` tell when, in UTC, each reporting day of the range begins and ends."""
    days = [shown.first + number * DAY for number in range(length_of(shown.first, shown.last))]
    bounds = [_midnight(day, moment.zone) for day in (*days, shown.last + timedelta(days=1))]
    times = pa.timestamp("us")
    moment.sql.register(
        _BOUNDS,
        pa.table({"day": pa.array(days), "starts": pa.array(bounds[:-1], times), "ends": pa.array(bounds[1:], times)}),
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins, as the ledger writes times."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)

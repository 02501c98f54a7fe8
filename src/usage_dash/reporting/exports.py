"""What can be taken along, as streams of rows: the figures of the page, with the same rules, of a moment's one state.

A column is called the same in each kind of file, and its type says what it holds: whole numbers are counts, others US
dollars, times are UTC. What is unknown is null, never 0. `at_least` names the columns of a row of which parts are
unknown: what such a column says is the least that it can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from usage_dash.reporting import focus
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.documents import tally, tally_counters
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.rows import row, rows
from usage_dash.reporting.spans import in_buckets, range_shown, within
from usage_dash.reporting.sums import Sum, sum_of
from usage_dash.reporting.view_models import Range


class What(StrEnum):
    """What can be taken along."""

    USERS = "users"
    DAYS = "days"
    MODELS = "models"
    TEAMS = "teams"
    ENTRIES = "entries"
    CHARGEBACK = "chargeback"
    FOCUS = "focus"


@dataclass(frozen=True, slots=True)
class Rows:
    """Arrow's record batches, worked out as they are read, and their schema.

    They are read to their end, or left, before the moment is asked anything else.
    """

    schema: Any
    batches: Iterator[Any]


@dataclass(frozen=True, slots=True)
class NotListed:
    """What of the cost of the range is of no model, and what is nobody's; a part of it may be both."""

    not_itemised: Sum
    gone: Sum


ON_THE_PAGE: Final = (What.USERS, What.DAYS, What.MODELS, What.TEAMS, What.ENTRIES)
_BATCH: Final = 10_000  # rows; some megabytes
_SLICE: Final = 50_000  # entries of whole days that are sorted at once, so that memory does not grow with the range
_SLICED: Final = {What.ENTRIES, What.FOCUS}

_SUMS = """
    sum(cost) AS cost, count(*) FILTER (cost IS NULL) AS cost_lacking,
    sum(calls) AS calls, count(*) FILTER (calls IS NULL) AS calls_lacking,
    sum(total_tokens) AS tokens, count(*) FILTER (total_tokens IS NULL) AS tokens_lacking,
    sum(input_tokens) AS input, count(*) FILTER (input_tokens IS NULL) AS input_lacking,
    sum(output_tokens) AS output, count(*) FILTER (output_tokens IS NULL) AS output_lacking"""
# As `Sum.least` has it; where there were no entries there is no sum, and that is zero.
_FIGURES = """
    CASE WHEN cost_lacking > 0 THEN nullif(cost, 0) ELSE coalesce(cost, 0) END AS cost_usd,
    TRY_CAST(CASE WHEN calls_lacking > 0 THEN nullif(calls, 0) ELSE coalesce(calls, 0) END AS BIGINT) AS calls,
    TRY_CAST(CASE WHEN tokens_lacking > 0 THEN nullif(tokens, 0) ELSE coalesce(tokens, 0) END AS BIGINT) AS tokens,
    TRY_CAST(CASE WHEN input_lacking > 0 THEN nullif(input, 0) ELSE coalesce(input, 0) END AS BIGINT) AS input_tokens,
    TRY_CAST(CASE WHEN output_lacking > 0 THEN nullif(output, 0) ELSE coalesce(output, 0) END AS BIGINT)
        AS output_tokens"""
_LACKING = """
    CASE WHEN cost_lacking > 0 THEN 'cost_usd' END, CASE WHEN calls_lacking > 0 THEN 'calls' END,
    CASE WHEN tokens_lacking > 0 THEN 'tokens' END,
    CASE WHEN input_lacking > 0 THEN 'input_tokens' END, CASE WHEN output_lacking > 0 THEN 'output_tokens' END"""
_WHO = "nullif(name, '') AS name, nullif(email, '') AS email, nullif(team, '') AS team"
_PARTS: Final = {"sums": _SUMS, "figures": _FIGURES, "lacking": _LACKING, "who": _WHO}

_USERS = """
WITH spent AS (
    SELECT user_key, {sums} FROM spending WHERE day BETWEEN $first AND $last GROUP BY user_key
), counted AS (
    SELECT user_key, user_id, cost AS total_cost_usd, TRY_CAST(calls AS BIGINT) AS total_calls,
        TRY_CAST(tokens AS BIGINT) AS total_tokens, TRY_CAST(input_tokens AS BIGINT) AS total_input_tokens,
        TRY_CAST(output_tokens AS BIGINT) AS total_output_tokens,
        last_active,
        nullif(concat_ws(' ',
            CASE WHEN cost_lacking > 0 THEN 'total_cost_usd' END, CASE WHEN calls_lacking > 0 THEN 'total_calls' END,
            CASE WHEN tokens_lacking > 0 THEN 'total_tokens' END,
            CASE WHEN input_tokens_lacking > 0 THEN 'total_input_tokens' END,
            CASE WHEN output_tokens_lacking > 0 THEN 'total_output_tokens' END), '') AS totals_lacking
    FROM (
        SELECT user_key, user_id, CASE WHEN used THEN coalesce(newest, last_updated) END AS last_active,
            cost, cost_lacking, calls, calls_lacking, tokens, tokens_lacking, input_tokens, input_tokens_lacking,
            output_tokens, output_tokens_lacking
        FROM documents
        UNION ALL BY NAME FROM gone
    )
)
SELECT counted.user_id, CASE WHEN user_key = 0 THEN 'Users who are gone' ELSE nullif(name, '') END AS name,
    nullif(email, '') AS email, nullif(team, '') AS team, {figures},
    total_cost_usd, total_calls, total_tokens, total_input_tokens, total_output_tokens,
    last_active, nullif(concat_ws(' ', {lacking}, totals_lacking), '') AS at_least
FROM counted LEFT JOIN spent USING (user_key) LEFT JOIN people USING (user_key)
ORDER BY user_key = 0, total_cost_usd DESC NULLS LAST, counted.user_id
"""
# `first_day` and `last_day` are those that the range holds of a day, week or month: they tell whether it is whole.
_DAYS = """
WITH buckets AS (
    SELECT date_trunc($bucket, day) AS bucket, min(day) AS first_day, max(day) AS last_day
    FROM (SELECT CAST(unnest(generate_series($first, $last, INTERVAL 1 DAY)) AS DATE) AS day) GROUP BY bucket
), spent AS (
    SELECT date_trunc($bucket, day) AS bucket, count(DISTINCT nullif(user_key, 0)) AS users, {sums}
    FROM spending WHERE day BETWEEN $first AND $last GROUP BY bucket
)
SELECT first_day, last_day, {figures}, coalesce(users, 0) AS active_users,
    nullif(concat_ws(' ', {lacking}), '') AS at_least
FROM buckets LEFT JOIN spent USING (bucket) ORDER BY first_day
"""
_MODELS = """
WITH spent AS (
    SELECT slot, count(DISTINCT nullif(user_key, 0)) AS users, {sums}
    FROM spending WHERE day BETWEEN $first AND $last GROUP BY slot
)
SELECT model, nullif(array_to_string(variants, ' '), '') AS variants, {figures}, users AS active_users,
    nullif(concat_ws(' ', {lacking}), '') AS at_least
FROM spent JOIN models USING (slot) ORDER BY slot < 0, cost_usd DESC NULLS LAST, model
"""
_TEAMS = """
WITH spent AS (
    SELECT nullif(team, '') AS team, count(DISTINCT nullif(user_key, 0)) AS users, {sums}
    FROM spending LEFT JOIN people USING (user_key) WHERE day BETWEEN $first AND $last GROUP BY ALL
)
SELECT team, {figures}, users AS active_users, nullif(concat_ws(' ', {lacking}), '') AS at_least
FROM spent ORDER BY cost_usd DESC NULLS LAST, team
"""
_ENTRIES = """
SELECT "at", day, user_id, {who}, model, calls, total_tokens AS tokens, input_tokens, output_tokens, cost AS cost_usd
FROM entries JOIN models USING (slot) JOIN people USING (user_key) WHERE day BETWEEN $first AND $last
ORDER BY least("at", first_read), user_id, position, visible
"""
_CHARGEBACK = """
WITH spent AS (
    SELECT date_trunc('month', day) AS month, nullif(team, '') AS team,
        count(DISTINCT nullif(user_key, 0)) AS users, {sums}
    FROM spending LEFT JOIN people USING (user_key) WHERE day BETWEEN $first AND $last GROUP BY ALL
)
SELECT strftime(spent.month, '%Y-%m') AS month, CAST(greatest(spent.month, $first) AS DATE) AS first_day,
    CAST(least(spent.month + INTERVAL 1 MONTH - INTERVAL 1 DAY, $last) AS DATE) AS last_day, team, {figures},
    users AS active_users, nullif(concat_ws(' ', {lacking}), '') AS at_least
FROM spent ORDER BY spent.month, cost_usd DESC NULLS LAST, team
"""
_QUESTIONS: Final = {
    What.USERS: _USERS.format(**_PARTS),
    What.DAYS: _DAYS.format(**_PARTS),
    What.MODELS: _MODELS.format(**_PARTS),
    What.TEAMS: _TEAMS.format(**_PARTS),
    What.ENTRIES: _ENTRIES.format(**_PARTS),
    What.CHARGEBACK: _CHARGEBACK.format(**_PARTS),
    What.FOCUS: focus.ROWS,
}

_UNEXPLAINED = "SELECT count(*) AS users FROM counted WHERE total_cost > 0 AND itemised = 0"
_NOT_LISTED = """
SELECT sum(cost) FILTER (slot < 0) AS rest, count(*) FILTER (slot < 0 AND cost IS NULL) AS rest_lacking,
    sum(cost) FILTER (user_key = 0) AS gone, count(*) FILTER (user_key = 0 AND cost IS NULL) AS gone_lacking
FROM spending WHERE day BETWEEN $first AND $last
"""
_DAYS_HELD = (
    "SELECT day, count(*) AS entries FROM spending WHERE day BETWEEN $first AND $last GROUP BY day ORDER BY day"
)


def rows_of(moment: Moment, filters: Filters, what: What) -> Rows:
    """Return the rows."""
    shown = range_shown(moment, filters)
    _prepare(moment, shown, what)
    days = _days(shown, filters, what)
    spans = _slices(moment, shown) if what in _SLICED else [days]
    schema = _relation(moment, what, days).limit(0).to_arrow_table().schema
    return Rows(schema, _batches(moment, what, spans))


def row_count(moment: Moment, filters: Filters, what: What) -> int:
    """Return how many rows there are."""
    shown = range_shown(moment, filters)
    _prepare(moment, shown, what)
    return int(_relation(moment, what, _days(shown, filters, what)).aggregate("count(*)").fetchall()[0][0])


def users_without_entries(moment: Moment) -> int:
    """Return how many users' counters tell of a cost that no entry explains."""
    tally_counters(moment)
    return int(row(moment, _UNEXPLAINED).users)


def not_listed(moment: Moment, filters: Filters) -> NotListed:
    """Return what of the cost of the range is not itemised, and what is of users who are gone."""
    found = row(moment, _NOT_LISTED, within(range_shown(moment, filters)))
    return NotListed(sum_of(found.rest, found.rest_lacking), sum_of(found.gone, found.gone_lacking))


def _prepare(moment: Moment, shown: Range, what: What) -> None:
    if what is What.USERS:
        tally(moment)
    if what is What.FOCUS:
        focus.offer_bounds(moment, shown)


def _days(shown: Range, filters: Filters, what: What) -> dict[str, Any]:
    return in_buckets(shown, filters.by) if what is What.DAYS else within(shown)


def _batches(moment: Moment, what: What, spans: list[dict[str, Any]]) -> Iterator[Any]:
    for span in spans:
        yield from _relation(moment, what, span).to_arrow_reader(_BATCH)


def _relation(moment: Moment, what: What, span: dict[str, Any]) -> Any:
    return moment.sql.sql(_QUESTIONS[what], params=span)


def _slices(moment: Moment, shown: Range) -> list[dict[str, Any]]:
    """Return spans of days, as $first and $last, with about so many entries each; days without any are left out."""
    spans: list[dict[str, Any]] = []
    held = 0
    for found in rows(moment, _DAYS_HELD, within(shown)):
        if not spans or held + found.entries > _SLICE:
            spans.append({"first": found.day})
            held = 0
        spans[-1]["last"] = found.day
        held += found.entries
    return spans

"""The counter ledger: growth of a document's counters that no entry explains, booked on a day as “not itemised”.

For each user and measure, four numbers add up: what the counter says is what known entries say, of any time, what is
booked, and what was there before anything could be booked: the user's opening.

- At first sight the opening is all that entries do not explain; so it is when a counter becomes known, and when it has
  fallen, which `falls` notes. That books nothing.
- Growth that entries do not explain is booked. An entry that comes later than its counter takes the booking back, the
  last one first; one that comes sooner is remembered, since entries then say more than they have to explain.
- No more is booked than the counter grew by: entries that were taken out are no growth, and what they said goes to the
  opening.

Each function works inside a transaction, as those of `merge` do, once that has made `documents` and `changes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

from usage_dash.ledger.reporting_days import offer_offsets

# The measures, by their columns in entries and bookings, and the counters that they are compared with.
MEASURES: Final = {
    "calls": "total_calls",
    "input_tokens": "total_input_tokens",
    "output_tokens": "total_output_tokens",
    "total_tokens": "total_tokens",
    "cost": "total_cost",
}
NOT_ITEMISED: Final = -1  # the slot of what no entry explains, which is no model's

_EACH: Final = re.compile(r"<<(.*?)(?:\|(\w+))?>>", re.DOTALL)
# Costs are added up in another order than counters: what differs by less, relative to the counter, is the same.
_SAME: Final = {"cost": "greatest(abs(touched.total_cost), 1) * 1e-10"}


def of_each_measure(sql: str) -> str:
    """Return SQL with what stands in `<<…>>` for each measure, between commas; in `<<…|OR>>`, between ORs.

    In it `{m}` is the measure, `{c}` its counter, and `{same}` what of it is the same.
    """
    return _EACH.sub(lambda found: _for_each(found[1], f" {found[2]} " if found[2] else ", "), sql)


def _for_each(part: str, between: str) -> str:
    return between.join(
        part.replace("{m}", name).replace("{c}", counter).replace("{same}", _SAME.get(name, "0"))
        for name, counter in MEASURES.items()
    )


_BEFORE = of_each_measure("""
CREATE TEMP TABLE before AS SELECT user_key, <<{c}>> FROM users SEMI JOIN batch_users USING (user_id)
""")
_TOUCHED = of_each_measure("""
CREATE TEMP TABLE touched AS
SELECT user_key, last_updated, <<users.{c}, before.{c} AS was_{m}>>
FROM users SEMI JOIN documents USING (user_key) LEFT JOIN before USING (user_key)
WHERE before.user_key IS NULL OR user_key IN (SELECT user_key FROM changes)
   OR <<users.{c} IS DISTINCT FROM before.{c}|OR>>
""")
# What a counter `grew` by, what nothing explains (`rest`), and what of that no opening does: it is `due` to be booked.
_WEIGHED = of_each_measure("""
CREATE TEMP TABLE weighed AS
WITH held AS (
    SELECT user_key, <<coalesce(sum({m}), 0) AS {m}>> FROM entries SEMI JOIN touched USING (user_key)
    GROUP BY user_key
), booked AS (
    SELECT user_key, <<coalesce(sum({m}), 0) AS {m}>> FROM bookings SEMI JOIN touched USING (user_key)
    GROUP BY user_key
)
SELECT user_key, last_updated, <<
    touched.{c} - was_{m} AS {m}_grew, coalesce(booked.{m}, 0) AS {m}_booked, openings.{m} AS {m}_opening,
    touched.{c} - coalesce(held.{m}, 0) - {m}_booked AS {m}_rest, {m}_rest - {m}_opening AS {m}_due,
    {same} AS {m}_same>>
FROM touched LEFT JOIN held USING (user_key) LEFT JOIN booked USING (user_key) LEFT JOIN openings USING (user_key)
""")
_OPENED = of_each_measure("""
CREATE TEMP TABLE opened AS
SELECT user_key, <<
    CASE WHEN {m}_rest IS NULL THEN {m}_opening
        WHEN {m}_due IS NULL OR {m}_grew IS NULL OR {m}_grew < 0 THEN {m}_rest
        WHEN {m}_due - {m}_grew * $bookable > {m}_same THEN {m}_opening + {m}_due - {m}_grew * $bookable
        ELSE {m}_opening END AS {m}>>
FROM weighed
""")
_DROP_OPENINGS = "DELETE FROM openings WHERE user_key IN (SELECT user_key FROM opened)"
_KEEP_OPENINGS = "INSERT INTO openings FROM opened"
_BOOK = of_each_measure("""
INSERT INTO bookings
WITH due AS (
    SELECT user_key,
        CASE WHEN last_updated > $since AND last_updated <= $until THEN last_updated ELSE $until END AS "at", <<
        CASE WHEN {m}_due > {m}_same AND {m}_grew > 0 THEN least({m}_due, {m}_grew)
            WHEN {m}_grew IS NOT NULL THEN 0 END AS {m}>>
    FROM weighed
)
SELECT user_key, $since, $until, "at", CAST("at" + shift AS DATE), <<{m}>>
FROM due ASOF JOIN zone_offsets ON "at" >= zone_offsets.since
WHERE <<{m} > 0|OR>>
""")
_DATES = """
SELECT CAST(last_updated AS DATE) FROM weighed WHERE last_updated > $since AND last_updated <= $until
UNION SELECT CAST($until AS DATE)
"""
_NOTE_FALLS = of_each_measure("""
INSERT INTO falls
SELECT user_key, $until, <<greatest(-{m}_grew, 0)>> FROM weighed
WHERE <<{m}_grew < -{m}_same|OR>>
""")
_IS_AHEAD = of_each_measure("""
SELECT count(*) FROM weighed WHERE <<({m}_due < -{m}_same AND {m}_booked > 0 AND {m}_grew >= 0)|OR>>
""")
_TAKE_BACK = of_each_measure("""
UPDATE bookings SET <<{m} = bookings.{m} - coalesce(taken.{m}, 0)>>
FROM (
    SELECT bookings.rowid AS row, <<
        CASE WHEN {m}_due < -{m}_same AND {m}_grew >= 0 THEN
            least({m}, greatest(-{m}_due - (sum(coalesce({m}, 0)) OVER later - coalesce({m}, 0)), 0)) END AS {m}>>
    FROM bookings JOIN weighed USING (user_key)
    WINDOW later AS (PARTITION BY user_key ORDER BY until DESC, bookings.rowid DESC)
) AS taken
WHERE bookings.rowid = taken.row
""")
_DROP_EMPTY = of_each_measure("DELETE FROM bookings WHERE <<coalesce({m}, 0) <= 0|AND>>")
_OLD_DATES = 'SELECT DISTINCT CAST("at" AS DATE) FROM bookings'
_UPDATE_DAYS = """
UPDATE bookings SET day = fresh.day
FROM (
    SELECT bookings.rowid AS row, CAST("at" + shift AS DATE) AS day
    FROM bookings ASOF JOIN zone_offsets ON "at" >= zone_offsets.since
) AS fresh
WHERE bookings.rowid = fresh.row AND bookings.day <> fresh.day
"""


def remember(sql: duckdb.DuckDBPyConnection) -> None:
    """Remember what the counters of the batch's users say, before they are replaced."""
    sql.execute(_BEFORE)


def settle(sql: duckdb.DuckDBPyConnection, zone: ZoneInfo, since: datetime | None, until: datetime | None) -> int:
    """Weigh counters against entries where either has changed, and book; return how many bookings and falls that made.

    They changed after `since` and up to `until`, by the source's clock. A booking's day is that of `lastUpdated` if it
    is between the two, else that of `until`; nothing is booked when that is not known.
    """
    sql.execute(_TOUCHED)
    sql.execute(_WEIGHED)
    if not _count(sql, "SELECT count(*) FROM weighed"):
        return 0
    changed = 0 if until is None else _book(sql, zone, since, until)
    sql.execute(_OPENED, {"bookable": int(until is not None)})
    sql.execute(_DROP_OPENINGS)
    sql.execute(_KEEP_OPENINGS)
    return changed


def rebuild_days(sql: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> int:
    """Put every booking on its reporting day in `zone`."""
    offer_offsets(sql, zone, _OLD_DATES)
    return _count(sql, _UPDATE_DAYS)


def _book(sql: duckdb.DuckDBPyConnection, zone: ZoneInfo, since: datetime | None, until: datetime) -> int:
    interval = {"since": since, "until": until}
    offer_offsets(sql, zone, _DATES, interval)
    changed = _count(sql, _BOOK, interval) + _count(sql, _NOTE_FALLS, {"until": until})
    if _count(sql, _IS_AHEAD):
        changed += _count(sql, _TAKE_BACK)
        sql.execute(_DROP_EMPTY)
    return changed


def _count(sql: duckdb.DuckDBPyConnection, statement: str, values: Mapping[str, datetime | None] | None = None) -> int:
    """Return the number that a query gives, or how many rows a statement touched."""
    return int(sql.execute(statement, values).fetchall()[0][0])

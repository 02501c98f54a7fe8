"""The ledger's tables, and the SQL that merges usage documents into them.

Each function works inside the transaction that its caller has begun on `sql`, and returns how many rows it changed.
`sql` is a connection of its own for each transaction: temporary tables and registered names end with it. `merge` says
by which rules entries come, stay and go.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import duckdb

from usage_dash.documents.batch import Batch, IdRange
from usage_dash.ledger import counters
from usage_dash.ledger.departed import let_go
from usage_dash.ledger.reporting_days import offer_offsets

SCHEMA_VERSION = 5  # each change of the tables below adds one, and a step in `upgrades`

# Times are UTC. What is unknown is null: above all a cost, and a document's `size` in bytes as Firestore counts them.
# `day` is the reporting day. `position` only orders the entries of a user: it counts from where the array stood when
# the ledger first saw it, so that trimming its front renumbers nothing. An entry that is not `visible` is history: the
# document no longer holds it. `first_read` is the source's clock when the ledger first saw a document or an entry.
# `summed_calls` is what a sum of Firestore's makes of a document's `totalCalls`, null where that is no number.
# `people` is what the people file says, `names` what was looked up and when; in both, what is not known is empty.
# `openings`, `bookings` and `falls` are the counter ledger's: see `counters`. `departed` is what users who are gone
# have left behind, nobody's, with its day or without one; what is unknown of it stands by itself. `bill_ask`, of one
# row or none, and `bill_costs` and `bill_usage` are OpenAI's bill: see `bill`. `judged`, `told`, `alerts` and
# `deliveries` are the memory of who was told what: see `alerts`.
SCHEMA = """
CREATE TABLE meta (schema_version INTEGER, source VARCHAR, zone VARCHAR, version BIGINT);
CREATE TABLE marks (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE users (
    user_key INTEGER NOT NULL, user_id VARCHAR NOT NULL,
    total_calls BIGINT, total_input_tokens BIGINT, total_output_tokens BIGINT, total_tokens BIGINT, total_cost DOUBLE,
    last_updated TIMESTAMP, created_at TIMESTAMP, dated BOOLEAN NOT NULL, size BIGINT, first_read TIMESTAMP,
    summed_calls DOUBLE
);
CREATE TABLE models (slot INTEGER NOT NULL, model VARCHAR NOT NULL);
CREATE TABLE entries (
    user_key INTEGER NOT NULL, position INTEGER NOT NULL, visible BOOLEAN NOT NULL,
    "at" TIMESTAMP, day DATE, slot INTEGER NOT NULL,
    input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cost DOUBLE, calls BIGINT NOT NULL, rest VARCHAR,
    first_read TIMESTAMP
);
CREATE TABLE findings (
    user_key INTEGER NOT NULL,
    field VARCHAR NOT NULL, problem VARCHAR NOT NULL, action VARCHAR NOT NULL, count INTEGER NOT NULL
);
CREATE TABLE people (user_id VARCHAR NOT NULL, name VARCHAR NOT NULL, email VARCHAR NOT NULL, team VARCHAR NOT NULL);
CREATE TABLE names (
    user_id VARCHAR NOT NULL, name VARCHAR NOT NULL, email VARCHAR NOT NULL, read_at TIMESTAMP NOT NULL
);
CREATE TABLE openings (
    user_key INTEGER NOT NULL,
    calls HUGEINT, input_tokens HUGEINT, output_tokens HUGEINT, total_tokens HUGEINT, cost DOUBLE
);
CREATE TABLE bookings (
    user_key INTEGER NOT NULL, since TIMESTAMP, until TIMESTAMP NOT NULL, "at" TIMESTAMP NOT NULL, day DATE NOT NULL,
    calls BIGINT, input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cost DOUBLE
);
CREATE TABLE falls (
    user_key INTEGER NOT NULL, until TIMESTAMP NOT NULL,
    calls BIGINT, input_tokens BIGINT, output_tokens BIGINT, total_tokens BIGINT, cost DOUBLE
);
CREATE TABLE departed (
    day DATE, slot INTEGER NOT NULL,
    calls HUGEINT, input_tokens HUGEINT, output_tokens HUGEINT, total_tokens HUGEINT, cost DOUBLE
);
CREATE TABLE bill_ask (
    question VARCHAR NOT NULL, whole BOOLEAN NOT NULL, asked TIMESTAMP NOT NULL, due TIMESTAMP NOT NULL,
    problem VARCHAR, answered TIMESTAMP
);
CREATE TABLE bill_costs (
    day DATE NOT NULL, line_item VARCHAR NOT NULL, caller VARCHAR NOT NULL, cost DOUBLE
);
CREATE TABLE bill_usage (
    day DATE NOT NULL, model VARCHAR NOT NULL, caller VARCHAR NOT NULL,
    requests BIGINT NOT NULL, tokens BIGINT NOT NULL,
    cached_tokens BIGINT NOT NULL, uncached_tokens BIGINT NOT NULL
);
CREATE TABLE judged (rule VARCHAR NOT NULL, since TIMESTAMP NOT NULL);
CREATE TABLE told (rule VARCHAR NOT NULL, period VARCHAR NOT NULL, subject VARCHAR NOT NULL, alert VARCHAR NOT NULL);
CREATE TABLE alerts (
    alert VARCHAR NOT NULL, place INTEGER NOT NULL, rule VARCHAR NOT NULL, follows VARCHAR,
    written TIMESTAMP NOT NULL, title VARCHAR NOT NULL, body VARCHAR NOT NULL, link VARCHAR
);
CREATE TABLE deliveries (
    alert VARCHAR NOT NULL, address VARCHAR NOT NULL, tries INTEGER NOT NULL, due TIMESTAMP,
    problem VARCHAR, delivered TIMESTAMP
);
"""

_FLAWS = """
SELECT (SELECT count(*) - count(DISTINCT user_id) FROM batch_users)
     + (SELECT count(*) FROM batch_entries ANTI JOIN batch_users USING (user_id))
     + (SELECT count(*) FROM batch_findings ANTI JOIN batch_users USING (user_id))
"""

_UPDATE_USERS = """
UPDATE users SET
    total_calls = new.total_calls, total_input_tokens = new.total_input_tokens,
    total_output_tokens = new.total_output_tokens, total_tokens = new.total_tokens, total_cost = new.total_cost,
    last_updated = new.last_updated, created_at = new.created_at, dated = new.dated, size = new.size,
    summed_calls = new.summed_calls
FROM (
    SELECT * REPLACE (last_updated AT TIME ZONE 'UTC' AS last_updated, created_at AT TIME ZONE 'UTC' AS created_at)
    FROM batch_users
) AS new
WHERE users.user_id = new.user_id
  AND (users.total_calls, users.total_input_tokens, users.total_output_tokens, users.total_tokens, users.total_cost,
       users.last_updated, users.created_at, users.dated, users.size, users.summed_calls)
    IS DISTINCT FROM
      (new.total_calls, new.total_input_tokens, new.total_output_tokens, new.total_tokens, new.total_cost,
       new.last_updated, new.created_at, new.dated, new.size, new.summed_calls)
"""

_INSERT_USERS = """
INSERT INTO users
SELECT (SELECT coalesce(max(user_key), 0) FROM users) + row_number() OVER (ORDER BY user_id), user_id,
    total_calls, total_input_tokens, total_output_tokens, total_tokens, total_cost,
    last_updated AT TIME ZONE 'UTC', created_at AT TIME ZONE 'UTC', dated, size, $read_time,
    summed_calls
FROM batch_users ANTI JOIN users USING (user_id)
"""

_DOCUMENTS = """
CREATE TEMP TABLE documents AS
SELECT user_key, user_id FROM users SEMI JOIN batch_users USING (user_id)
"""

_INSERT_MODELS = """
INSERT INTO models
SELECT (SELECT count(*) FROM models) + row_number() OVER (ORDER BY min("at") NULLS LAST, model) - 1, model
FROM batch_entries ANTI JOIN models USING (model)
GROUP BY model
"""

# `old` is where an entry stood in the ledger, `new` where it stands in the document; null where it does not.
_MATCH = """
CREATE TEMP TABLE matched AS
WITH old AS (
    SELECT rowid AS row, * FROM entries WHERE user_key IN (SELECT user_key FROM documents)
), new AS (
    SELECT user_key, min(position) AS position, "at" AT TIME ZONE 'UTC' AS "at", slot,
        input_tokens, output_tokens, total_tokens, cost, calls, rest
    FROM batch_entries JOIN documents USING (user_id) JOIN models USING (model)
    GROUP BY ALL
)
SELECT row, visible, old.position AS old, new.position AS new,
    coalesce(old.user_key, new.user_key) AS user_key, coalesce(old."at", new."at") AS "at",
    new.slot, new.input_tokens, new.output_tokens, new.total_tokens, new.cost, new.calls, new.rest
FROM old FULL JOIN new ON
    old.user_key = new.user_key AND old.slot = new.slot AND old.calls = new.calls
    AND old."at" IS NOT DISTINCT FROM new."at" AND old.cost IS NOT DISTINCT FROM new.cost
    AND old.input_tokens IS NOT DISTINCT FROM new.input_tokens
    AND old.output_tokens IS NOT DISTINCT FROM new.output_tokens
    AND old.total_tokens IS NOT DISTINCT FROM new.total_tokens
    AND old.rest IS NOT DISTINCT FROM new.rest
"""

# What has to change: rows that are `gone`, and others with their position and visibility to be.
_DECIDE = """
CREATE TEMP TABLE changes AS
WITH arrays AS (
    SELECT user_key,
        min(old) FILTER (visible AND new IS NOT NULL) AS survivor_old,
        arg_min(new, old) FILTER (visible AND new IS NOT NULL) AS survivor_new,
        min(new) FILTER (visible IS NOT TRUE) AS first_added,
        coalesce(max(old) + 1, 0) AS past_all
    FROM matched GROUP BY user_key
), decided AS (
    SELECT matched.*,
        new IS NOT NULL AS visible_now,
        coalesce(new + coalesce(survivor_old - survivor_new, past_all), old) AS position,
        new IS NULL AND visible AND CASE
            WHEN survivor_old IS NOT NULL THEN old > survivor_old OR coalesce(first_added < survivor_new, FALSE)
            ELSE EXISTS (
                FROM matched AS added
                WHERE added.user_key = matched.user_key AND added.new IS NOT NULL
                  AND added."at" IS NOT DISTINCT FROM matched."at"
            )
        END AS gone
    FROM matched JOIN arrays USING (user_key)
)
FROM decided
WHERE gone OR visible IS DISTINCT FROM visible_now OR old IS DISTINCT FROM position
"""

_COUNT_CHANGES = """
SELECT count(*) FILTER (gone), count(*) FILTER (row IS NOT NULL AND NOT gone), count(*) FILTER (row IS NULL)
FROM changes
"""
_DELETE_ENTRIES = "DELETE FROM entries WHERE rowid IN (SELECT row FROM changes WHERE gone)"
_UPDATE_ENTRIES = """
UPDATE entries SET visible = changes.visible_now, position = changes.position
FROM changes WHERE entries.rowid = changes.row AND NOT changes.gone
"""
# An entry without a time, or with one that has not come yet, counts on the day when it was first read.
_NEW_DATES = """
SELECT DISTINCT CAST(least("at", $read_time) AS DATE) FROM changes
WHERE row IS NULL AND least("at", $read_time) IS NOT NULL
"""
_INSERT_ENTRIES = """
INSERT INTO entries
SELECT user_key, position, TRUE, "at", CAST(least("at", $read_time) + shift AS DATE), slot,
    input_tokens, output_tokens, total_tokens, cost, calls, rest, $read_time
FROM changes ASOF LEFT JOIN zone_offsets ON least("at", $read_time) >= since
WHERE row IS NULL
ORDER BY user_key, position
"""

_OLD_DATES = """
SELECT DISTINCT CAST(least("at", first_read) AS DATE) FROM entries WHERE least("at", first_read) IS NOT NULL
"""
_UPDATE_DAYS = """
UPDATE entries SET day = fresh.day
FROM (
    SELECT entries.rowid AS row, CAST(least("at", first_read) + shift AS DATE) AS day
    FROM entries ASOF JOIN zone_offsets ON least("at", first_read) >= since
) AS fresh
WHERE entries.rowid = fresh.row AND entries.day IS DISTINCT FROM fresh.day
"""

_NEW_FINDINGS = """
CREATE TEMP TABLE found AS
SELECT user_key, field, problem, action, count FROM batch_findings JOIN documents USING (user_id)
"""
_DELETE_FINDINGS = """
DELETE FROM findings
WHERE user_key IN (SELECT user_key FROM documents)
  AND (user_key, field, problem, action, count) NOT IN (FROM found)
"""
_INSERT_FINDINGS = "INSERT INTO findings FROM found ANTI JOIN findings USING (user_key, field, problem, action, count)"

_LEAVING = """
CREATE TEMP TABLE leaving AS
SELECT user_key, user_id FROM users ANTI JOIN batch_users USING (user_id)
WHERE ($after IS NULL OR user_id > $after) AND ($until IS NULL OR user_id <= $until)
"""


def merge(
    sql: duckdb.DuckDBPyConnection, batch: Batch, zone: ZoneInfo, since: datetime | None, read_time: datetime | None
) -> int:
    """Take in the batch's documents, as they changed after `since` and were read at `read_time`.

    Totals and findings are replaced. What totals grew by, but no entry explains, is booked by the rules of `counters`.
    Entries follow these rules.

    L is what the document held when the ledger last saw it (its visible entries), N what it holds now. An entry's
    identity is all of it but its position.

    - In both: it stays, and is called a survivor.
    - Only in N: it is new and comes in. If it is history, it becomes visible again and is not doubled.
    - Only in L, and there are survivors: it was trimmed from the front if it stood before the first survivor of L
      and N has nothing new before that survivor. Trimmed entries stay as history. Others were taken out or edited,
      and go.
    - Only in L, without survivors: it stays as history, unless N holds an entry of the same time (or both have none):
      then it was edited, and goes. An empty N has trimmed all.
    """
    sql.register("batch_users", batch.users)
    sql.register("batch_entries", batch.entries)
    sql.register("batch_findings", batch.findings)
    if _one(sql, _FLAWS):
        raise ValueError("A batch names each user once, and no entry or finding of a user it does not name.")
    first_read = {"read_time": _utc(read_time)}
    counters.remember(sql)
    changed = _one(sql, _UPDATE_USERS) + _one(sql, _INSERT_USERS, first_read) + _one(sql, _INSERT_MODELS)
    sql.execute(_DOCUMENTS)
    changed += _merge_entries(sql, zone, first_read)
    sql.execute(_NEW_FINDINGS)
    changed += _one(sql, _DELETE_FINDINGS) + _one(sql, _INSERT_FINDINGS)
    return changed + counters.settle(sql, zone, _utc(since), _utc(read_time))


def drop_missing(sql: duckdb.DuckDBPyConnection, batch: Batch, ids: IdRange, *, keep_sums: bool) -> int:
    """Forget the users in `ids` that the batch does not hold, all but what `departed` keeps of them if it shall."""
    sql.register("batch_users", batch.users)
    sql.execute(_LEAVING, {"after": ids.after, "until": ids.until})
    if not _one(sql, "SELECT count(*) FROM leaving"):
        return 0
    return let_go(sql, keep_sums=keep_sums)


def rebuild_days(sql: duckdb.DuckDBPyConnection, zone: ZoneInfo) -> int:
    """Put every entry and booking on its reporting day in `zone`."""
    offer_offsets(sql, zone, _OLD_DATES)
    return _one(sql, _UPDATE_DAYS) + counters.rebuild_days(sql, zone)


def _merge_entries(sql: duckdb.DuckDBPyConnection, zone: ZoneInfo, first_read: dict[str, datetime | None]) -> int:
    sql.execute(_MATCH)
    sql.execute(_DECIDE)
    gone, moved, new = sql.execute(_COUNT_CHANGES).fetchall()[0]
    # Most refreshes only bring new entries; each statement that is spared is one scan less.
    if gone:
        sql.execute(_DELETE_ENTRIES)
    if moved:
        sql.execute(_UPDATE_ENTRIES)
    if new:
        offer_offsets(sql, zone, _NEW_DATES, first_read)
        sql.execute(_INSERT_ENTRIES, first_read)
    return int(gone + moved + new)


def _utc(time: datetime | None) -> datetime | None:
    """Return a time as the ledger writes times."""
    return time and time.astimezone(UTC).replace(tzinfo=None)


def _one(sql: duckdb.DuckDBPyConnection, statement: str, values: dict[str, datetime | None] | None = None) -> int:
    """Return the number that a query gives, or how many rows a statement touched."""
    return int(sql.execute(statement, values).fetchall()[0][0])

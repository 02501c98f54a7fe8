"""Bringing the file of a ledger from an older format to this one, in place, with a copy of it kept beside it.

Each change of the tables in `merge.SCHEMA` adds one to `merge.SCHEMA_VERSION` and a step here. The ledger alone holds
what writers have trimmed, so no format is ever refused for its age.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb

from usage_dash.ledger.copies import FULL, copy_ledger
from usage_dash.ledger.file import LedgerError
from usage_dash.ledger.merge import SCHEMA_VERSION

# By the format that they start from. New columns come last, as they do in `merge.SCHEMA`.
_STEPS: Final = {
    1: """
        ALTER TABLE users ADD COLUMN size BIGINT;
        ALTER TABLE users ADD COLUMN first_read TIMESTAMP;
        ALTER TABLE entries ADD COLUMN first_read TIMESTAMP;
    """,
    2: """
        CREATE TABLE people (
            user_id VARCHAR NOT NULL, name VARCHAR NOT NULL, email VARCHAR NOT NULL, team VARCHAR NOT NULL
        );
        CREATE TABLE names (
            user_id VARCHAR NOT NULL, name VARCHAR NOT NULL, email VARCHAR NOT NULL, read_at TIMESTAMP NOT NULL
        );
    """,
    # What is known by then is what was there before anything could be booked.
    3: """
        ALTER TABLE users ADD COLUMN summed_calls DOUBLE;
        UPDATE users SET summed_calls = total_calls;
        CREATE TABLE openings (
            user_key INTEGER NOT NULL,
            calls HUGEINT, input_tokens HUGEINT, output_tokens HUGEINT, total_tokens HUGEINT, cost DOUBLE
        );
        CREATE TABLE bookings (
            user_key INTEGER NOT NULL, since TIMESTAMP, until TIMESTAMP NOT NULL, "at" TIMESTAMP NOT NULL,
            day DATE NOT NULL,
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
        INSERT INTO openings
        WITH held AS (
            SELECT user_key, sum(calls) AS calls, sum(input_tokens) AS input_tokens,
                sum(output_tokens) AS output_tokens, sum(total_tokens) AS total_tokens, sum(cost) AS cost
            FROM entries GROUP BY user_key
        )
        SELECT user_key, total_calls - coalesce(calls, 0), total_input_tokens - coalesce(input_tokens, 0),
            total_output_tokens - coalesce(output_tokens, 0), users.total_tokens - coalesce(held.total_tokens, 0),
            total_cost - coalesce(cost, 0)
        FROM users LEFT JOIN held USING (user_key);
    """,
    4: """
        CREATE TABLE judged (rule VARCHAR NOT NULL, since TIMESTAMP NOT NULL);
        CREATE TABLE told (
            rule VARCHAR NOT NULL, period VARCHAR NOT NULL, subject VARCHAR NOT NULL, alert VARCHAR NOT NULL
        );
        CREATE TABLE alerts (
            alert VARCHAR NOT NULL, place INTEGER NOT NULL, rule VARCHAR NOT NULL, follows VARCHAR,
            written TIMESTAMP NOT NULL, title VARCHAR NOT NULL, body VARCHAR NOT NULL, link VARCHAR
        );
        CREATE TABLE deliveries (
            alert VARCHAR NOT NULL, address VARCHAR NOT NULL, tries INTEGER NOT NULL, due TIMESTAMP,
            problem VARCHAR, delivered TIMESTAMP
        );
    """,
}


def upgrade(sql: duckdb.DuckDBPyConnection, path: Path | None) -> bool:
    """Bring a ledger of an older format to this one within the transaction begun on `sql`, after its copy is made.

    Returns whether there was anything to do: then reporting days are to be rebuilt, since their rules may have changed.
    The copy's name is the file's and “.format-” with the old number. One that is there is replaced, or an upgrade that
    is cut at each start would fill the disk. Raises `LedgerError` when either fails; the file is then as it was.
    """
    old = int(sql.execute("SELECT schema_version FROM meta").fetchall()[0][0])
    if old == SCHEMA_VERSION:
        return False
    try:
        if path is not None:
            copy_ledger(sql, path, path.with_name(f"{path.name}.format-{old}"))
        for number in range(old, SCHEMA_VERSION):
            sql.execute(_STEPS[number])
        sql.execute("UPDATE meta SET schema_version = ?", [SCHEMA_VERSION])
    except (duckdb.Error, OSError) as error:
        raise LedgerError(_explain(path, old, error)) from error
    return True


def _explain(path: Path | None, old: int, error: Exception) -> str:
    said = f"The ledger {path} has format {old} and could not be brought to format {SCHEMA_VERSION}; it is as it was. "
    if isinstance(error, FULL):
        return said + "Make room beside it for a copy, let usage-dash write there, or raise the memory limit."
    reason = str(error).partition("\n")[0]
    return said + f"Please report this, with the reason: {reason}"

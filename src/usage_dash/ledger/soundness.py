"""Whether what a ledger holds fits together: counters with what explains them, and rows with whom they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import duckdb

from usage_dash.ledger.counters import of_each_measure

SINCE_FORMAT: Final = 4  # which is the first to say what was there before anything could be booked

# As `counters` has it: entries may say more than a counter, but then nothing is booked. Costs differ by a billionth.
_OFF: Final = of_each_measure("""
WITH held AS (
    SELECT user_key, <<coalesce(sum({m}), 0) AS {m}>> FROM entries GROUP BY user_key
), booked AS (
    SELECT user_key, <<coalesce(sum({m}), 0) AS {m}>> FROM bookings GROUP BY user_key
), weighed AS (
    SELECT user_id, <<
        touched.{c} AS {m}_counter, openings.{m} AS {m}_opening, coalesce(booked.{m}, 0) AS {m}_booked,
        touched.{c} - coalesce(held.{m}, 0) - {m}_booked - {m}_opening AS {m}_rest, 10 * {same} AS {m}_same>>
    FROM users AS touched LEFT JOIN held USING (user_key) LEFT JOIN booked USING (user_key)
    LEFT JOIN openings USING (user_key)
)
SELECT user_id FROM weighed
WHERE <<({m}_counter IS NOT NULL AND
    ({m}_opening IS NULL OR {m}_rest > {m}_same OR ({m}_rest < -{m}_same AND {m}_booked > 0)))|OR>>
ORDER BY user_id
""")
_STRAY: Final = "SELECT count(*) FROM {table} ANTI JOIN {whose} USING ({key})"
_OF_USERS: Final = ("entries", "findings", "openings", "bookings", "falls")
_TWICE: Final = "SELECT count(*) - count(DISTINCT {key}) FROM {table}"
_KEYS: Final = (("users", "user_id"), ("users", "user_key"), ("models", "slot"), ("models", "model"))


@dataclass(frozen=True, slots=True)
class Soundness:
    """Users whose counters and what explains them do not add up, rows that are of nobody, and rows that are twice."""

    off: tuple[str, ...]
    stray: int
    twice: int

    @property
    def is_sound(self) -> bool:
        """Whether all fits together."""
        return not (self.off or self.stray or self.twice)


def soundness(sql: duckdb.DuckDBPyConnection) -> Soundness:
    """Return how sound an opened ledger is, whose format is `SINCE_FORMAT` or a later one."""
    off = tuple(user_id for (user_id,) in sql.execute(_OFF).fetchall())
    stray = sum(_one(sql, _STRAY.format(table=table, whose="users", key="user_key")) for table in _OF_USERS)
    stray += _one(sql, _STRAY.format(table="entries", whose="models", key="slot"))
    twice = sum(_one(sql, _TWICE.format(table=table, key=key)) for table, key in _KEYS)
    return Soundness(off, stray, twice + _one(sql, _TWICE.format(table="openings", key="user_key")))


def _one(sql: duckdb.DuckDBPyConnection, question: str) -> int:
    return int(sql.execute(question).fetchall()[0][0])

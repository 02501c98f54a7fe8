"""The SQL that keeps OpenAI's bill: the last answer, when it was asked for, and why the last try failed.

`bill_ask` has the last try: which question it was, when, when the next is due, its problem if it failed, and when the
last answer came. `bill_costs` has what a UTC day cost: a row for each line item and caller, with a null where OpenAI
did not say how much, and one row of no line item for a day that cost nothing, so that each day that is known has a
row. `bill_usage` has how much each model answered on a day. A `caller` is an API key that is not the chatbot's; empty
is the chatbot, and whoever is not told apart from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import duckdb
import pyarrow as pa

COSTS: Final = pa.schema(
    [("day", pa.date32()), ("line_item", pa.string()), ("caller", pa.string()), ("cost", pa.float64())]
)
USAGE: Final = pa.schema(
    [("day", pa.date32()), ("model", pa.string()), ("caller", pa.string())]
    + [(name, pa.int64()) for name in ("requests", "tokens", "cached_tokens", "uncached_tokens")]
)

_LAST = "SELECT question, whole, asked, due, problem FROM bill_ask"
_FIRST_USE = 'SELECT CAST(min(least("at", first_read)) AS DATE) FROM entries WHERE day >= $earliest'
_ANSWERED = "SELECT answered FROM bill_ask WHERE question = ?"
_NOTE = "INSERT INTO bill_ask VALUES ($question, $whole, $asked, $due, $problem, $answered)"


@dataclass(frozen=True, slots=True)
class Ask:
    """A try to read the bill. `question` is the same for the same question; `whole`: of the whole organisation."""

    question: str
    whole: bool
    asked: datetime
    due: datetime  # when it may be asked again
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What the bill says from the UTC day `first` on, with the schemas `COSTS` and `USAGE`."""

    first: date
    costs: pa.Table
    usage: pa.Table


def last_ask(sql: duckdb.DuckDBPyConnection) -> Ask | None:
    """Return the last try to read the bill."""
    found = sql.execute(_LAST).fetchall()
    if not found:
        return None
    question, whole, asked, due, problem = found[0]
    return Ask(question, whole, asked.replace(tzinfo=UTC), due.replace(tzinfo=UTC), problem)


def first_use(sql: duckdb.DuckDBPyConnection, earliest: date) -> date | None:
    """Return the UTC day of the first entry, of those that are not older than the day `earliest`."""
    day: date | None = sql.execute(_FIRST_USE, {"earliest": earliest}).fetchall()[0][0]
    return day


def keep_bill(sql: duckdb.DuckDBPyConnection, ask: Ask, bill: Bill | None) -> int:
    """Note a try, and put what it brought in the place of what was known of these days; return 0: no usage changed.

    What was answered to another question is forgotten, as it is another bill.
    """
    known = sql.execute(_ANSWERED, [ask.question]).fetchall()
    if not known:
        _forget(sql, date.min)
    if bill is not None:
        _forget(sql, bill.first)
        for table, rows in (("bill_costs", bill.costs), ("bill_usage", bill.usage)):
            sql.register("read", rows)
            sql.execute(f"INSERT INTO {table} FROM read")
    answered = _naive(ask.asked) if bill else known[0][0] if known else None
    times = {"asked": _naive(ask.asked), "due": _naive(ask.due), "answered": answered}
    sql.execute("DELETE FROM bill_ask")
    sql.execute(_NOTE, {"question": ask.question, "whole": ask.whole, "problem": ask.problem, **times})
    return 0


def _forget(sql: duckdb.DuckDBPyConnection, first: date) -> None:
    for table in ("bill_costs", "bill_usage"):
        sql.execute(f"DELETE FROM {table} WHERE day >= ?", [first])  # noqa: S608 - one of two tables


def _naive(time: datetime) -> datetime:
    return time.astimezone(UTC).replace(tzinfo=None)

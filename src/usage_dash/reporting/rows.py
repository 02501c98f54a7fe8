"""Answers of SQL, read by the names of their columns."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache
from typing import Any

from usage_dash.reporting.dashboard import Moment


def rows(moment: Moment, query: str, parameters: object = None) -> list[Any]:
    """Return what the query answers, each row with its columns as attributes."""
    answer = moment.sql.execute(query, parameters)
    kind = _kind(tuple(column[0] for column in answer.description))
    return [kind(*values) for values in answer.fetchall()]


def row(moment: Moment, query: str, parameters: object = None) -> Any:
    """Return the first row of what the query answers."""
    return rows(moment, query, parameters)[0]


@lru_cache(maxsize=64)
def _kind(columns: tuple[str, ...]) -> Any:
    return namedtuple("Row", columns)

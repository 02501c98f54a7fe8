"""Temporary tables that the questions of one moment share."""

from __future__ import annotations

from usage_dash.reporting.dashboard import Moment


def made(moment: Moment, table: str, statement: str, parameters: object = None) -> str:
    """Return the name of a table, made by the statement unless a question has made it already."""
    if table not in moment.made:
        moment.sql.execute(statement.format(table=table), parameters)
        moment.made.add(table)
    return table

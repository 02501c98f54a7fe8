"""Files to take along: which there are, what they are called, and how each is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import IO, Final

from usage_dash.exports.about import about
from usage_dash.exports.as_csv import as_csv
from usage_dash.exports.as_json import as_json
from usage_dash.exports.as_xlsx import MOST_ROWS, as_xlsx
from usage_dash.exports.chargeback import by_month
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.exports import ON_THE_PAGE, Rows, What, row_count, rows_of
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.spans import range_shown


class Form(StrEnum):
    """How a file is written; also how its name ends."""

    CSV = "csv"
    JSON = "json"
    EXCEL = "xlsx"


WORKBOOK: Final = "workbook"  # all that the page shows, as sheets
KINDS: Final = {
    Form.CSV: "text/csv; charset=utf-8",
    Form.JSON: "application/json",
    Form.EXCEL: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
NAMES: Final = frozenset({f"{what}.{form}" for what in What for form in Form} | {f"{WORKBOOK}.{Form.EXCEL}"})


class TooLongError(Exception):
    """More rows than a workbook is made of; the message says so."""


def name_of(what: str, form: Form, moment: Moment, filters: Filters) -> str:
    """Return what the file is called."""
    shown = range_shown(moment, filters)
    return f"usage-{what}-{shown.first}-to-{shown.last}.{form}"


def stream(moment: Moment, filters: Filters, what: What, form: Form, data_time: datetime) -> Iterator[bytes]:
    """Return CSV or JSON in pieces, worked out as they are taken."""
    if form is Form.CSV:
        return as_csv(rows_of(moment, filters, what))
    facts = {"what": what.value} | {fact.key: fact.value for fact in about(moment, filters, data_time)}
    return as_json(facts, rows_of(moment, filters, what))


def check_length(moment: Moment, filters: Filters, what: str) -> None:
    """Raise `TooLongError` for a workbook with too many rows."""
    count = sum(row_count(moment, filters, each) for each in _chosen(what))
    if count > MOST_ROWS:
        raise TooLongError(
            f"This would be an Excel workbook of {count:,} rows, and {MOST_ROWS:,} are the most. Take CSV, which has "
            "no end, or fewer days, users or models."
        )


def workbook(moment: Moment, filters: Filters, what: str, data_time: datetime) -> IO[bytes]:
    """Return a workbook of one set of rows, or of all that the page shows."""
    return as_xlsx(about(moment, filters, data_time), _sheets(moment, filters, _chosen(what)))


def _chosen(what: str) -> tuple[What, ...]:
    return ON_THE_PAGE if what == WORKBOOK else (What(what),)


def _sheets(moment: Moment, filters: Filters, chosen: tuple[What, ...]) -> dict[str, Callable[[], Rows]]:
    """Return what fills each sheet, by its name."""

    def read(what: What) -> Callable[[], Rows]:
        return lambda: rows_of(moment, filters, what)

    sheets = {what.value: read(what) for what in chosen}
    if What.CHARGEBACK in chosen:
        sheets["by month"] = lambda: by_month(rows_of(moment, filters, What.CHARGEBACK))
    return sheets

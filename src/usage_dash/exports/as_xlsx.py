"""Excel workbooks: a sheet that says what they show, and one for each set of rows, with typed columns.

Rows go to a disk as they come. Texts are written as texts, never as formulas or links.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import IO, Any, Final

import pyarrow as pa
import xlsxwriter

from usage_dash.exports.about import Fact
from usage_dash.reporting.exports import Rows

MOST_ROWS: Final = 200_000
_FIRST_YEAR, _LAST_YEAR = 1900, 9999  # that Excel can write
_WIDTHS: Final = {"string": 22, "time": 20}
_FORMATS: Final = {
    "count": "#,##0",
    "money": "$#,##0.00####;[Red]-$#,##0.00####",
    "day": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm:ss",
}
_USUAL_WIDTH: Final = 14
_BOLDER: Final = 4  # what bold text takes more, in widths of a digit
_RICH: Final = ("<r>", "</r>")  # what the library takes for markup of its own at both ends of a text


def as_xlsx(about: Iterable[Fact], sheets: Mapping[str, Callable[[], Rows]]) -> IO[bytes]:
    """Return a file, at its beginning, that is gone once it is closed. Sheets are read one after another."""
    place = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        with tempfile.TemporaryDirectory(prefix="usage-dash-") as folder:
            _write(place, folder, about, sheets)
    except BaseException:
        place.close()
        raise
    place.seek(0)
    return place


def _write(place: IO[bytes], folder: str, about: Iterable[Fact], sheets: Mapping[str, Callable[[], Rows]]) -> None:
    options = {"constant_memory": True, "tmpdir": folder}
    with xlsxwriter.Workbook(place, options) as book:
        _tell(book, about)
        for name, read in sheets.items():
            _fill(book, name, read())


def _tell(book: Any, about: Iterable[Fact]) -> None:
    sheet, bold, facts = book.add_worksheet("About"), book.add_format({"bold": True}), tuple(about)
    sheet.set_column(0, 0, max(len(fact.words) for fact in facts) + _BOLDER, bold)
    sheet.set_column(1, 1, 90)
    for number, fact in enumerate(facts):
        _text(sheet, number, 0, fact.words)
        _text(sheet, number, 1, fact.told)


def _fill(book: Any, name: str, rows: Rows) -> None:
    """Add a sheet of rows with a header that stays and filters."""
    sheet, bold = book.add_worksheet(name.capitalize()), book.add_format({"bold": True, "bottom": 1})
    kinds = [_kind(field.type) for field in rows.schema]
    formats = {kind: book.add_format({"num_format": told}) for kind, told in _FORMATS.items()}
    for column, kind in enumerate(kinds):
        sheet.set_column(column, column, _WIDTHS.get(kind, _USUAL_WIDTH))
    for column, title in enumerate(rows.schema.names):
        sheet.write_string(0, column, title, bold)
    sheet.freeze_panes(1, 0)
    number = 0
    for batch in rows.batches:
        for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            number += 1
            _write_row(sheet, number, zip(kinds, values, strict=True), formats)
    sheet.autofilter(0, 0, number, len(kinds) - 1)


def _write_row(sheet: Any, number: int, cells: Iterable[tuple[str, Any]], formats: Mapping[str, Any]) -> None:
    for column, (kind, value) in enumerate(cells):
        if value is None:
            continue
        if kind == "string":
            _text(sheet, number, column, value)
        elif kind in {"count", "money"}:
            sheet.write_number(number, column, value, formats[kind])
        elif _FIRST_YEAR <= value.year <= _LAST_YEAR:
            sheet.write_datetime(number, column, value, formats[kind])
        else:  # a client's clock may tell anything
            _text(sheet, number, column, _told(value))


def _text(sheet: Any, row: int, column: int, text: str) -> None:
    if text.startswith(_RICH[0]) and text.endswith(_RICH[1]):
        sheet.write_rich_string(row, column, text[:1], text[1:2], text[2:])  # in pieces it is what it says
    else:
        sheet.write_string(row, column, text)


def _told(time: datetime) -> str:
    return f"{time.isoformat()}Z"


def _kind(kind: Any) -> str:
    """Return what a column holds: whole numbers are counts, other numbers dollars."""
    if pa.types.is_string(kind):
        return "string"
    if pa.types.is_floating(kind):
        return "money"
    if pa.types.is_integer(kind):
        return "count"
    return "day" if pa.types.is_date(kind) else "time"

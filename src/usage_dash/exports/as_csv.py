"""CSV as RFC 4180 has it, in UTF-8 with a mark by which Excel knows that, and harmless to spreadsheets.

A spreadsheet runs a cell as a formula that begins with one of a few characters, in some programs also after spaces or
in the wide forms that East Asian keyboards write. Such a text gets an apostrophe before it; numbers are no text. It
gets one within, too, where a spreadsheet with another separator than the comma would begin a cell, also with a
quotation mark, which would be taken for one around it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from usage_dash.exports.plain import plain
from usage_dash.reporting.exports import Rows

_MARK: Final = b"\xef\xbb\xbf"
_RUNS: Final = r"(^|[;\t\r\n])([\"\s\p{Z}\p{Cc}\p{Cf}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}])|^([\t\r\n])"
_HARMLESS: Final = r"\1'\2\3"
_HEADER, _LINES = (csv.WriteOptions(include_header=header, eol="\r\n") for header in (True, False))


def as_csv(rows: Rows) -> Iterator[bytes]:
    """Return the file in pieces."""
    yield _MARK + _written(rows.schema.empty_table(), _HEADER)
    for batch in rows.batches:
        yield _written(harmless(plain(batch)), _LINES)


def harmless(batch: Any) -> Any:
    """Return the batch with an apostrophe before each text that a spreadsheet would run."""
    return pa.RecordBatch.from_arrays([_harmless(column) for column in batch.columns], names=batch.schema.names)


def _harmless(column: Any) -> Any:
    if not pa.types.is_string(column.type):
        return column
    return pc.replace_substring_regex(column, _RUNS, _HARMLESS)


def _written(rows: Any, options: Any) -> bytes:
    place = io.BytesIO()
    csv.write_csv(rows, place, options)
    return place.getvalue()

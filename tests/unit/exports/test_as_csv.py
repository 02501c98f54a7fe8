from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.exports.as_csv import as_csv, harmless
from usage_dash.reporting.exports import Rows

RUN = ("=1+1", "+1", "-1", "@sum(1)", "=cmd|'/C calc'!A0", "-", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x")
SPACES = ("", " ", "  \t", "\u00a0", "\u3000", "\r", "\n", "\ufeff", "\u200b", "\x00", "\x0b")
PLAIN = ("", "ada", "a=b", "1-2", "'=1", "a@acme.example", "“=1”", "gpt-4o", "x; y", "–1", "(=1)")


def _harmless(*texts: str | None) -> list[str | None]:
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], names=["text"])
    found: list[str | None] = harmless(batch).column(0).to_pylist()
    return found


def _file(**columns: Any) -> bytes:
    table = pa.table(columns)
    return b"".join(as_csv(Rows(table.schema, iter(table.to_batches()))))


@pytest.mark.parametrize("spaces", SPACES)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(spaces: str) -> None:
    texts = [spaces + text for text in RUN]
    assert [told and told.replace("'", "", 1) for told in _harmless(*texts)] == texts
    assert all(told and told.strip("\r\n\t")[0] == "'" for told in _harmless(*texts))


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx"])
def test_what_begins_another_cell_gets_an_apostrophe(text: str) -> None:
    assert _harmless(text) == [f"'{text}"]


def test_a_cell_that_begins_within_gets_one_too() -> None:
    """Where a list is written with semicolons, or lines are cut, the comma parts no cells, but these do."""
    assert _harmless("x;=1", "x\t+1", "x\n@a", "x; -1;=2") == ["x;'=1", "x\t'+1", "x\n'@a", "x;' -1;'=2"]
    assert _harmless('x;"=1;y', 'x\t "=1', 'x;"y') == ["x;'\"=1;y", "x\t' \"=1", 'x;"y']


def test_other_texts_stay_as_they_are() -> None:
    assert _harmless(*PLAIN, None) == [*PLAIN, None]


@given(st.text())
def test_no_text_begins_as_a_formula(text: str) -> None:
    [told] = _harmless(text)
    assert told is not None
    assert told.replace("'", "") == text.replace("'", "")
    assert not told.strip().startswith(("=", "+", "-", "@"))


def test_negative_numbers_stay_numbers() -> None:
    assert _file(money=pa.array([-1.5, 1e-7, None]), count=pa.array([-3, 2**62, 0])).decode("utf-8-sig") == (
        '"money","count"\r\n-1.5,-3\r\n1e-7,4611686018427387904\r\n,0\r\n'
    )


def test_it_is_marked_as_utf_8_and_quoted_as_rfc_4180_has_it() -> None:
    found = _file(name=pa.array(['Ada "A" Lovelace, née\r\nByron', "Bob"]))
    assert found == '\ufeff"name"\r\n"Ada ""A"" Lovelace, née\r\nByron"\r\n"Bob"\r\n'.encode()


def test_times_are_those_of_rfc_3339() -> None:
    at = datetime(2026, 11, 24, 10, 15, 0, 120_000, tzinfo=UTC).replace(tzinfo=None)
    found = _file(at=pa.array([at], pa.timestamp("us")), day=pa.array([date(2026, 11, 24)]))
    assert found.decode("utf-8-sig") == '"at","day"\r\n"2026-11-24T10:15:00.120000Z",2026-11-24\r\n'


def test_without_rows_there_is_a_header() -> None:
    assert _file(name=pa.array([], pa.string())) == b'\xef\xbb\xbf"name"\r\n'

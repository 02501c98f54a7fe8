from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import openpyxl
import pyarrow as pa
import pytest
from openpyxl.utils.escape import unescape

from usage_dash.exports.about import Fact
from usage_dash.exports.as_xlsx import as_xlsx
from usage_dash.exports.chargeback import by_month
from usage_dash.reporting.exports import Rows

FACTS = (Fact("made_at", "2026-11-24T10:15:00Z", "Made at", "=now()"),)
ODD = (
    "=1+1",
    "{=1}",
    "https://acme.example",
    "mailto:a@b.c",
    "<r><t>x</t></r>",
    "<r></r>",
    " ada ",
    "_x0041_",
    "a\x01b",
)
AT = datetime(2026, 11, 24, 10, 15, tzinfo=UTC).replace(tzinfo=None)


def _rows(**columns: Any) -> Rows:
    table = pa.table(columns)
    return Rows(table.schema, iter(table.to_batches()))


def _book(**columns: Any) -> IO[bytes]:
    return as_xlsx(FACTS, {"users": lambda: _rows(**columns)})


def _sheet(file: IO[bytes]) -> Any:
    return openpyxl.load_workbook(file)["Users"]


def test_texts_are_texts_whatever_they_look_like() -> None:
    with _book(user=pa.array(ODD)) as file:
        cells = [row[0] for row in _sheet(file).iter_rows(min_row=2)]
        parts = {name: zipfile.ZipFile(file).read(name).decode() for name in zipfile.ZipFile(file).namelist()}
    assert [unescape(cell.value) for cell in cells] == list(ODD)
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    sheets = [part for name, part in parts.items() if name.startswith("xl/")]
    assert not [part for part in sheets if "<f>" in part or "hyperlink" in part.lower()]


def test_columns_are_typed() -> None:
    days, times = pa.array([date(2026, 11, 24)]), pa.array([AT], pa.timestamp("us"))
    with _book(cost=pa.array([-1234.5]), calls=pa.array([3]), day=days, at=times) as file:
        cost, calls, day, at = next(_sheet(file).iter_rows(min_row=2))
    assert (cost.value, calls.value, day.value, at.value) == (-1234.5, 3, datetime.combine(AT, AT.min.time()), AT)
    assert (cost.data_type, calls.data_type, day.is_date, at.is_date) == ("n", "n", True, True)
    assert "$" in cost.number_format


def test_the_header_is_bold_stays_and_filters() -> None:
    with _book(user=pa.array(["ada", "bob"]), calls=pa.array([1, 2])) as file:
        sheet = _sheet(file)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")
    assert all(cell.font.b for cell in sheet[1])


def test_the_first_sheet_says_what_is_shown() -> None:
    with _book(user=pa.array([], pa.string())) as file:
        book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["About", "Users"]
    assert [cell.value for cell in book["About"][1]] == ["Made at", "=now()"]
    assert book["About"]["B1"].data_type in {"s", "inlineStr"}


def test_the_first_sheet_cuts_no_words() -> None:
    facts = [Fact("a", 1, "short", "1"), Fact("b", 2, "Entries in no range, as their time is unreadable or wrong", "2")]
    with as_xlsx(facts, {}) as file:
        width = openpyxl.load_workbook(file)["About"].column_dimensions["A"].width
    assert width > len(facts[1].words)


@pytest.mark.parametrize("year", [1, 1899])
def test_times_that_excel_cannot_write_are_texts(year: int) -> None:
    with _book(at=pa.array([AT.replace(year=year)], pa.timestamp("us"))) as file:
        assert _sheet(file)["A2"].value == f"{year:04}-11-24T10:15:00Z"


def test_what_is_unknown_is_empty() -> None:
    with _book(user=pa.array([None], pa.string()), cost=pa.array([None], pa.float64()), calls=pa.array([1])) as file:
        assert [cell.value for cell in _sheet(file)[2]] == [None, None, 1]


def test_nothing_stays_behind_when_rows_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing() -> Iterator[Any]:
        yield pa.record_batch({"user": ["ada"] * 10})
        raise ZeroDivisionError

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ZeroDivisionError):
        as_xlsx(FACTS, {"users": lambda: Rows(pa.schema({"user": pa.string()}), failing())})
    assert list(tmp_path.iterdir()) == []


def test_a_months_costs_stand_beside_each_other() -> None:
    rows = _rows(
        month=pa.array(["2026-10", "2026-10", "2026-11", "2026-11", "2026-11"]),
        team=pa.array(["Support", None, "Support", "Sales", None]),
        cost_usd=pa.array([1.0, 2.0, 4.0, None, 8.0]),
        calls=pa.array([1, 1, 1, 1, None]),  # too many for the numbers of files
        active_users=pa.array([1, 1, 1, 1, 1]),
    )
    found = by_month(rows)
    assert found.schema.names == ["team", "2026-10", "2026-11", "total"]
    assert [list(row.values()) for batch in found.batches for row in batch.to_pylist()] == [
        [None, 2.0, 8.0, 10.0],
        ["Support", 1.0, 4.0, 5.0],
        ["Sales", 0.0, None, None],
    ]


def test_no_month_is_no_column() -> None:
    text = pa.array([], pa.string())
    found = by_month(
        _rows(month=text, team=text, cost_usd=pa.array([], pa.float64()), active_users=pa.array([], pa.int64()))
    )
    assert found.schema.names == ["team", "total"]
    assert sum(batch.num_rows for batch in found.batches) == 0

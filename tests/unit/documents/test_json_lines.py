"""Usage documents as JSON Lines: what is written is read back as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import documents_of, firestore_times, json_values, user_ids

from usage_dash.documents.batch import Batch
from usage_dash.documents.json_lines import lines_of, read_line
from usage_dash.documents.parse import batch_of, parse

AT = datetime(2026, 11, 24, 11, 16, 3, 250_000, tzinfo=UTC)
ENTRY = {
    "timestamp": AT,
    "model": "gpt-5.2",
    "inputTokens": 1224,
    "outputTokens": 943,
    "totalTokens": 2167,
    "costUsd": 0.0343,
    "calls": 3,
}
DOCUMENT = {
    "userId": "maria.oduya",
    "totalCalls": 3,
    "totalInputTokens": 1224,
    "totalOutputTokens": 943,
    "totalTokens": 2167,
    "totalCostUsd": 0.0343,
    "lastUpdated": AT,
    "createdAt": AT,
    "recentUsage": [ENTRY],
}

# What a JSON file cannot name are the values of Firestore's own types; all others come back.
_values = json_values | firestore_times | st.binary(max_size=4) | st.floats()


def _again(batch: Batch) -> Batch:
    raws = [read_line(line.encode()) for line in lines_of(batch)]
    return batch_of([parse(str(raw["userId"]), raw) for raw in raws if isinstance(raw, dict)])


def _totals(batch: Batch) -> pa.Table:
    """Without what an odd value was: text is not dated, though the local source makes it so, and mended is not odd."""
    return batch.users.drop_columns(["dated", "summed_calls"])


def test_a_document_is_written_as_the_chatbot_writes_it() -> None:
    (line,) = lines_of(batch_of([parse("maria.oduya", DOCUMENT)]))
    written = json.loads(line)
    assert written == DOCUMENT | {
        "lastUpdated": "2026-11-24T11:16:03.250000+00:00",
        "createdAt": "2026-11-24T11:16:03.250000+00:00",
        "recentUsage": [ENTRY | {"timestamp": "2026-11-24T11:16:03.250000+00:00"}],
    }


def test_a_total_that_is_unknown_is_written_as_null_so_that_it_stays_unknown() -> None:
    (line,) = lines_of(batch_of([parse("ada", {"totalCalls": 0, "totalCostUsd": -1})]))
    unknown = dict.fromkeys(["totalInputTokens", "totalOutputTokens", "totalTokens", "totalCostUsd"])
    assert json.loads(line) == {"userId": "ada", "totalCalls": 0, **unknown, "recentUsage": []}
    assert _again(batch_of([parse("ada", {"totalCalls": 0, "totalCostUsd": -1})])).users["total_cost"].to_pylist() == [
        None
    ]


def test_an_entry_is_written_with_its_odd_values() -> None:
    odd = {"model": "o4-mini", "costUsd": "0.50", "calls": None, "note": {"$x": [1]}, "raw": b"\x01"}
    (line,) = lines_of(batch_of([parse("ada", {"recentUsage": [odd]})]))
    entry = json.loads(line)["recentUsage"][0]
    assert entry == odd | {"note": {"$$x": [1]}, "raw": {"$bytes": "01"}}


@given(st.dictionaries(user_ids, documents_of(_values), max_size=4))
@example({"ada": DOCUMENT})
@example({"ada": {"recentUsage": [{"note": {"$time": "2026-01-01"}}, {"note": {"$int": "x"}}]}})
def test_what_was_written_is_read_back(raws: dict[str, dict[str, object]]) -> None:
    parsed = {document.user_id: document for document in (parse(user_id, raw) for user_id, raw in raws.items())}
    batch = batch_of(parsed.values())
    again = _again(batch)
    assert _totals(again).equals(_totals(batch))
    assert again.entries.equals(batch.entries)


@pytest.mark.parametrize(
    "line", [b"", b"{", b"\xff{}", b'{"userId": "a"} {}', b"[" * 100_000], ids=["empty", "cut", "bytes", "two", "deep"]
)
def test_a_line_that_is_not_json_is_a_value_error(line: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which one does not matter
        read_line(line)


def test_a_byte_order_mark_is_no_part_of_the_line() -> None:
    assert read_line(b'\xef\xbb\xbf{"userId": "ada"}\n') == {"userId": "ada"}


def test_notation_with_a_value_that_does_not_fit_stays_a_map() -> None:
    assert read_line(b'{"at": {"$time": "yesterday"}, "n": {"$float": 1}}') == {
        "at": {"$time": "yesterday"},
        "n": {"$float": 1},
    }

"""A file of usage documents as a source."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from usage_dash.documents.batch import IdRange
from usage_dash.repository.base import Failure, Page, SourceError
from usage_dash.repository.in_memory import PAGE
from usage_dash.repository.local_file import LocalRepository

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)


def _document(user_id: str, updated: object = T0.isoformat(), **fields: object) -> dict[str, object]:
    return {"userId": user_id, "totalCalls": 1, "totalCostUsd": 0.5, "lastUpdated": updated, "recentUsage": []} | fields


def _write(path: Path, *documents: object) -> LocalRepository:
    path.write_text("".join(f"{json.dumps(document)}\n" for document in documents), encoding="utf-8")
    return LocalRepository(path, "usage")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "usage.jsonl"


def _ids(pages: Iterable[Page]) -> list[str]:
    return [user_id for page in pages for user_id in page.batch.users["user_id"].to_pylist()]


def _findings(pages: Iterable[Page]) -> list[tuple[str, ...]]:
    return [tuple(map(str, row.values())) for page in pages for row in page.batch.findings.to_pylist()]


def _only(pages: Iterator[Page]) -> Page:
    (page,) = pages
    return page


def test_documents_come_ordered_by_the_bytes_of_their_ids(path: Path) -> None:
    repository = _write(path, *map(_document, ["zoë", "zoe", "\U0001f600", "Ada", "ﬀ"]))
    assert _ids(repository.listing()) == ["Ada", "zoe", "zoë", "ﬀ", "\U0001f600"]
    assert _ids(repository.listing(IdRange(after="Ada", until="zoë"))) == ["zoe", "zoë"]
    assert repository.count(IdRange(after="zoë")) == 2


def test_a_document_has_the_size_that_it_takes_in_firestore_whose_times_are_no_text(path: Path) -> None:
    entry = {"timestamp": T0.isoformat(), "model": "gpt-4o", "calls": 1}
    page = _only(_write(path, _document("ada", recentUsage=[entry], voices=["alloy"])).listing())
    name, document, totals = len("usage/ada") + 1 + 16, 32, 7 + 4 + 11 + 8 + 13 + 8 + 12 + 8
    assert page.batch.users["size"].to_pylist() == [name + document + totals + 12 + 10 + 8 + 6 + 7 + 6 + 8 + 7 + 6]


def test_a_page_is_as_of_the_files_last_change_and_costs_nothing(path: Path) -> None:
    page = _only(_write(path, _document("ada")).listing())
    assert page.read_time == datetime.fromtimestamp(path.stat().st_ctime, UTC)
    assert (page.reads, page.queries, page.wire_bytes) == (0, 0, 0)


def test_text_with_a_zone_in_last_updated_dates_a_document(path: Path) -> None:
    repository = _write(
        path,
        _document("late", "2026-03-02T11:00:00+01:00"),
        _document("early", "2026-03-02T08:59:59Z"),
        _document("zoneless", "2026-03-02T11:00:00"),
        _document("number", 1_800_000_000),
        _document("undated", None),
    )
    assert _ids(repository.changed(T0)) == ["late"]
    assert _ids(repository.changed(T0 - timedelta(hours=1))) == ["early", "late"]


def test_a_document_dated_past_the_files_change_is_left_to_the_listing(path: Path) -> None:
    repository = _write(path, _document("ada", "2150-01-01T00:00:00Z"), _document("grace"))
    assert _ids(repository.changed(T0)) == ["grace"]
    assert _ids(repository.listing()) == ["ada", "grace"]


def test_many_documents_come_in_pages(path: Path) -> None:
    repository = _write(path, *(_document(f"user-{number:04}") for number in range(PAGE + 1)))
    assert [page.batch.documents for page in repository.listing()] == [PAGE, 1]
    assert [page.batch.documents for page in repository.changed(T0)] == [PAGE, 1]


def test_entries_and_findings_come_with_their_users(path: Path) -> None:
    entry = {"timestamp": "2026-03-02T08:00:00Z", "model": "gpt-4o", "inputTokens": 1, "outputTokens": 2}
    whole = entry | {"totalTokens": 3, "costUsd": 0.1, "calls": 1}
    repository = _write(path, _document("b", recentUsage=[whole]), _document("a", recentUsage=[entry]))
    page = _only(repository.listing(IdRange(until="a")))
    assert page.batch.entries["user_id"].to_pylist() == ["a"]
    assert set(page.batch.findings["user_id"].to_pylist()) == {"a"}


def test_nothing_found_is_one_empty_page(path: Path) -> None:
    repository = _write(path)
    assert _only(repository.listing()).batch.documents == 0
    assert _only(repository.changed(T0)).batch.documents == 0
    assert repository.count() == 0


def test_a_broken_line_hides_no_other(path: Path) -> None:
    path.write_bytes(
        b'\xef\xbb\xbf{"userId": "ada", "totalCalls": 1}\n\n{"userId": "gra\n\xff\xfe\n[1]\n{"userId": "zoe"}'
    )
    repository = LocalRepository(path, "usage")
    assert _ids(repository.listing()) == ["ada", "line 3", "line 4", "line 5", "zoe"]
    broken = [row for row in _findings(repository.listing()) if row[0].startswith("line")]
    assert broken == [
        (line, "document", "not a map", "listed without usage", "1") for line in ("line 3", "line 4", "line 5")
    ]


@pytest.mark.parametrize("user_id", [None, "", 42])
def test_a_line_without_a_usable_id_goes_by_its_number(path: Path, user_id: object) -> None:
    nameless = _document("") | {"userId": user_id}
    repository = _write(path, _document("ada"), nameless)
    assert _ids(repository.listing()) == ["ada", "line 2"]
    assert ("line 2", "document id", "missing", "the line number is used", "1") in _findings(repository.listing())


def test_of_two_lines_with_one_id_the_last_counts(path: Path) -> None:
    repository = _write(path, _document("ada", totalCalls=1), _document("grace"), _document("ada", totalCalls=7))
    page = _only(repository.listing())
    assert page.batch.users.select(["user_id", "total_calls"]).to_pylist()[0] == {"user_id": "ada", "total_calls": 7}
    assert repository.count() == 2
    assert ("ada", "document id", "the same id again", "the last one is used", "1") in _findings([page])


def test_a_changed_file_is_read_again(path: Path) -> None:
    repository = _write(path, _document("ada"))
    first = _only(repository.listing())
    _write(path, _document("ada"), _document("grace"))
    again = _only(repository.listing())
    assert _ids([first]) == ["ada"]
    assert _ids([again]) == ["ada", "grace"]
    assert again.read_time >= first.read_time


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_read_again(path: Path, tmp_path: Path) -> None:
    repository = _write(path, _document("ada"))
    repository.count()
    other = tmp_path / "other.jsonl"
    _write(other, _document("eve"))
    stamp = path.stat()
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(path)
    assert _ids(repository.listing()) == ["eve"]


def test_files_of_one_name_in_two_folders_are_two_sources(tmp_path: Path) -> None:
    sources = [LocalRepository(tmp_path / folder / "usage.jsonl", "usage").source for folder in "ab"]
    assert sources[0].place == sources[1].place == "usage.jsonl"
    assert sources[0].identity != sources[1].identity
    assert str(tmp_path) not in sources[0].identity


def test_a_missing_file_is_named_with_its_remedy(path: Path) -> None:
    repository = LocalRepository(path, "usage")
    for call in (repository.count, repository.listing, lambda: repository.changed(T0)):
        with pytest.raises(SourceError) as caught:
            call()
        assert caught.value.failure is Failure.NOT_FOUND
        assert "USAGE_DASH_LOCAL_FILE" in caught.value.remedy
        assert str(path.parent) not in str(caught.value)


def test_a_file_that_appears_is_read(path: Path) -> None:
    repository = LocalRepository(path, "usage")
    with pytest.raises(SourceError):
        repository.count()
    _write(path, _document("ada"))
    assert repository.count() == 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read") as caught:
        LocalRepository(tmp_path, "usage").count()
    assert caught.value.failure is Failure.INVALID


def test_a_file_without_any_document_is_refused(path: Path) -> None:
    path.write_text(json.dumps([_document("ada")], indent=2), encoding="utf-8")
    with pytest.raises(SourceError, match="one JSON object a line") as caught:
        LocalRepository(path, "usage").count()
    assert not caught.value.mendable_by_retry

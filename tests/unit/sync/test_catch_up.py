"""What one catch-up finds, and what it costs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.fakes import MemoryRepository
from tests.unit.syncing import calls_by_user, document, expected, fill, kinds, refresh, returned

from usage_dash.ledger.ledger import Ledger
from usage_dash.sync.catch_up import OVERLAP, data_time

# What a refresh costs


def test_the_first_read_reads_every_document_once(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 250)
    calls = refresh(source, ledger)
    assert kinds(calls) == ["listing"] * 3
    assert returned(calls) == 250
    assert calls_by_user(ledger) == expected(source)
    assert data_time(ledger) == source.clock


def test_the_ledger_keeps_the_clock_of_the_source_at_which_each_document_was_first_read(
    source: MemoryRepository, ledger: Ledger
) -> None:
    first = source.clock
    fill(source, 2)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    changed = source.clock
    source.documents["changed"] = document(source)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["mended"] = document(source, dated="unreadable")
    refresh(source, ledger)
    times = (time.replace(tzinfo=None) for time in (changed, source.clock, first, first))
    with ledger.reader() as sql:
        found = sql.execute("SELECT user_id, first_read FROM users ORDER BY user_id").fetchall()
    assert found == list(zip(["changed", "mended", "u00000", "u00001"], times, strict=True))


def test_an_empty_collection_is_complete_too(source: MemoryRepository, ledger: Ledger) -> None:
    refresh(source, ledger)
    assert (ledger.count(), data_time(ledger)) == (0, source.clock)
    source.documents["first"] = document(source)
    refresh(source, ledger)
    assert calls_by_user(ledger) == {"first": 1}


def test_nothing_changed_is_one_empty_query_and_one_count(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 250)
    refresh(source, ledger)
    version = ledger.state.version
    source.pass_time(seconds=30)
    calls = refresh(source, ledger)
    assert kinds(calls) == ["changed", "count", "sum"]
    assert returned(calls) == 0
    assert ledger.state.version == version
    assert data_time(ledger) == source.clock


def test_only_changed_documents_are_read(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 250)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    for number in range(25):
        source.documents[f"u{number * 7:05}"] = document(source, calls=2)
    calls = refresh(source, ledger)
    assert kinds(calls) == ["changed", "count", "sum"]
    assert returned(calls) == 25
    assert calls_by_user(ledger) == expected(source)


def test_only_the_overlap_is_read_again(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 20)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["u00003"] = document(source, calls=2, dated=source.clock - OVERLAP / 2)
    source.documents["u00004"] = document(source, calls=2, dated=source.clock - OVERLAP * 2)
    assert returned(refresh(source, ledger)) == 2
    source.pass_time(seconds=30)
    assert returned(refresh(source, ledger)) == 1, "dated less than the overlap before the refresh that read it"
    source.pass_time(seconds=30)
    assert returned(refresh(source, ledger)) == 0


def test_changes_come_in_bounded_pages(source: MemoryRepository, ledger: Ledger) -> None:
    source.page_size = 10
    fill(source, 60)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    fill(source, 45, seconds=1)
    calls = refresh(source, ledger)
    assert [call.returned for call in calls if call.what == "changed"] == [10, 10, 10, 10, 5]
    assert returned(calls) == 45


# Clocks


@pytest.mark.parametrize(
    "ahead", [timedelta(minutes=2), timedelta(hours=1), timedelta(days=400), timedelta(days=90_000)]
)
def test_a_document_from_the_future_is_found_and_moves_no_watermark(
    source: MemoryRepository, ledger: Ledger, ahead: timedelta
) -> None:
    fill(source, 100)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["ahead"] = document(source, dated=source.clock + ahead)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert data_time(ledger) == source.clock
    source.pass_time(seconds=30)
    source.documents["u00050"] = document(source, calls=2)
    source.documents["ahead"] = document(source, calls=3)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_a_first_read_full_of_future_documents_moves_no_watermark(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 30, days=-400)
    refresh(source, ledger)
    assert data_time(ledger) == source.clock
    source.pass_time(seconds=30)
    source.documents["u00007"] = document(source, calls=2)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_what_is_dated_far_ahead_is_not_read_at_every_refresh(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 30, days=-400)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    assert returned(refresh(source, ledger)) == 0


@pytest.mark.parametrize(
    "dated",
    [
        datetime.fromisoformat("2026-03-02T08:00:00Z"),
        datetime.fromisoformat("2025-03-02T08:00:00Z"),
        datetime.fromisoformat("1970-01-01T00:00:00Z"),
        datetime.fromisoformat("0001-01-01T00:00:00Z"),
        "2026-03-02T09:00:30Z",
        1_772_442_030,
        {"seconds": 1_772_442_030, "nanoseconds": 0},
        False,
    ],
    ids=["an hour behind", "a year behind", "1970", "year 1", "text", "a number", "a map", "a boolean"],
)
def test_a_new_user_is_found_whatever_its_date(source: MemoryRepository, ledger: Ledger, dated: object) -> None:
    fill(source, 100)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["u00042x"] = document(source, dated=dated)
    calls = refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert returned(calls) <= 10
    source.pass_time(seconds=30)
    source.documents["u00042x"] = document(source, calls=2)
    assert returned(refresh(source, ledger)) == 1
    assert calls_by_user(ledger) == expected(source)


def test_a_new_user_without_a_date_is_found(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 100)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["aaa"] = {"totalCalls": 5}
    source.documents["zzz"] = {}
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_ages_are_told_by_the_clock_of_the_source_alone(source: MemoryRepository, ledger: Ledger) -> None:
    source.clock -= timedelta(days=5_000)
    fill(source, 100)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    assert kinds(refresh(source, ledger)) == ["changed", "count", "sum"]


# Deletes


@pytest.mark.parametrize("gone", ["u00000", "u00050", "u00099"])
def test_a_deleted_user_leaves_within_one_refresh(source: MemoryRepository, ledger: Ledger, gone: str) -> None:
    fill(source, 100)
    source.documents[gone] = {
        "totalCalls": "many",
        "recentUsage": [{"timestamp": source.clock, "model": "gpt-4o", "costUsd": 0.5, "calls": 1}],
    }
    refresh(source, ledger)
    assert _traces(ledger, gone) == (1, 1, True)
    source.pass_time(seconds=30)
    del source.documents[gone]
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert _traces(ledger, gone) == (0, 0, False)


def _traces(ledger: Ledger, user_id: str) -> tuple[int, int, bool]:
    """How many rows hold something of a user: in `users`, in `entries`, and whether any in `findings`."""
    with ledger.reader() as reader:
        users = reader.execute("SELECT user_key FROM users WHERE user_id = ?", [user_id]).fetchall()
        keys = {key for (key,) in reader.execute("SELECT user_key FROM users").fetchall()}
        entries = reader.execute("SELECT user_key FROM entries").fetchall()
        findings = reader.execute("SELECT user_key FROM findings").fetchall()
    assert {key for (key,) in entries + findings} <= keys, "something is left of users who are gone"
    return len(users), len(entries), any(row in users for row in findings)


def test_every_user_may_leave(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 100)
    refresh(source, ledger)
    source.documents.clear()
    refresh(source, ledger)
    assert ledger.count() == 0


@pytest.mark.parametrize("gone", ["u00000", "u00011", "u00099"])
def test_a_delete_and_a_create_that_hide_each_other_are_found_by_the_reconcile(
    source: MemoryRepository, ledger: Ledger, gone: str
) -> None:
    fill(source, 100)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    del source.documents[gone]
    source.documents["behind"] = document(source, dated=source.clock - timedelta(days=1))
    source.documents["u00022"]["totalCalls"] = 2  # edits that leave their dates alone, and the sum
    source.documents["u00033"]["totalCalls"] = 0
    assert kinds(refresh(source, ledger)) == ["changed", "count", "sum"]
    assert calls_by_user(ledger) != expected(source)
    source.pass_time(hours=5.99)
    assert kinds(refresh(source, ledger)) == ["changed", "count", "sum"]
    source.pass_time(hours=0.02)
    assert kinds(refresh(source, ledger)) == ["changed", "listing", "listing"]
    assert calls_by_user(ledger) == expected(source)
    source.pass_time(seconds=30)
    assert kinds(refresh(source, ledger)) == ["changed", "count", "sum"]

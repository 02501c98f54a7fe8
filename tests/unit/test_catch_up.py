from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import Call, MemoryRepository

from usage_dash.catch_up import OVERLAP, catch_up, data_time
from usage_dash.ledger import Ledger
from usage_dash.repository.base import EVERYTHING, IdRange, Page, SourceError

HOURS_6 = timedelta(hours=6)


@pytest.fixture
def source() -> MemoryRepository:
    return MemoryRepository()


@pytest.fixture
def ledger(source: MemoryRepository) -> Iterator[Ledger]:
    opened = Ledger(source.source.identity, ZoneInfo("UTC"))
    yield opened
    opened.close()


def refresh(source: MemoryRepository, ledger: Ledger, *, reconcile_after: timedelta = HOURS_6) -> list[Call]:
    """Catch up, and give the requests that it took."""
    before = len(source.calls)
    catch_up(source, ledger, reconcile_after=reconcile_after, on_page=lambda: None)
    return source.calls[before:]


def document(source: MemoryRepository, *, calls: int = 1, dated: object = None) -> dict[str, Any]:
    return {"totalCalls": calls, "lastUpdated": source.clock if dated is None else dated}


def fill(source: MemoryRepository, count: int, **ago: float) -> None:
    """Put `count` documents there, last written so long ago; by default a day, far outside of any overlap."""
    dated = source.clock - timedelta(**(ago or {"days": 1}))
    for number in range(count):
        source.documents[f"u{number:05}"] = document(source, dated=dated)


def calls_by_user(ledger: Ledger) -> dict[str, int | None]:
    with ledger.reader() as reader:
        return dict(reader.execute("SELECT user_id, total_calls FROM users").fetchall())


def expected(source: MemoryRepository) -> dict[str, int | None]:
    return {user_id: raw.get("totalCalls") for user_id, raw in source.documents.items()}


def returned(calls: list[Call]) -> int:
    return sum(call.returned for call in calls)


def kinds(calls: list[Call]) -> list[str]:
    return [call.what for call in calls]


# What a refresh costs


def test_the_first_read_reads_every_document_once(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 250)
    calls = refresh(source, ledger)
    assert kinds(calls) == ["listing"] * 3
    assert returned(calls) == 250
    assert calls_by_user(ledger) == expected(source)
    assert data_time(ledger) == source.clock


def test_an_empty_collection_is_complete_too(source: MemoryRepository, ledger: Ledger) -> None:
    refresh(source, ledger)
    assert (ledger.count(), data_time(ledger)) == (0, source.clock)
    source.documents["first"] = document(source)
    refresh(source, ledger)
    assert calls_by_user(ledger) == {"first": 1}


def test_nothing_changed_is_one_empty_query_and_one_count(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 250)
    refresh(source, ledger)
    version = ledger.version
    source.pass_time(seconds=30)
    calls = refresh(source, ledger)
    assert kinds(calls) == ["changed", "count"]
    assert returned(calls) == 0
    assert ledger.version == version
    assert data_time(ledger) == source.clock


def test_only_changed_documents_are_read(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 250)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    for number in range(25):
        source.documents[f"u{number * 7:05}"] = document(source, calls=2)
    calls = refresh(source, ledger)
    assert kinds(calls) == ["changed", "count"]
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
    assert kinds(refresh(source, ledger)) == ["changed", "count"]


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
    source.documents["u00022"]["totalCalls"] = 7  # an edit that leaves its date alone
    assert kinds(refresh(source, ledger)) == ["changed", "count"]
    assert calls_by_user(ledger) != expected(source)
    source.pass_time(hours=5.99)
    assert kinds(refresh(source, ledger)) == ["changed", "count"]
    source.pass_time(hours=0.02)
    assert kinds(refresh(source, ledger)) == ["changed", "listing", "listing"]
    assert calls_by_user(ledger) == expected(source)
    source.pass_time(seconds=30)
    assert kinds(refresh(source, ledger)) == ["changed", "count"]


# Halving


@pytest.mark.parametrize("place", [0, 1, 300, 511, 512, 1022, 1023])
@pytest.mark.parametrize("difference", ["one more", "one less"])
def test_one_difference_in_1024_costs_a_handful_of_counts(
    source: MemoryRepository, ledger: Ledger, place: int, difference: str
) -> None:
    fill(source, 1024)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    if difference == "one more":
        source.documents[f"u{place:05}x"] = {"totalCalls": 9}
    else:
        del source.documents[f"u{place:05}"]
    calls = refresh(source, ledger)
    counts = kinds(calls).count("count")
    assert counts == 8  # all, then one a halving from 1024 to 8
    assert counts <= 2 * math.log2(1024)
    assert returned(calls) <= 9  # instead of 1024
    assert calls_by_user(ledger) == expected(source)


def test_differences_in_both_halves_are_found_each(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 1024)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    for place in (5, 400, 700, 1020):
        del source.documents[f"u{place:05}"]
    calls = refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert returned(calls) <= 4 * 9
    assert kinds(calls).count("count") <= 4 * 8


def test_ids_of_any_unicode_are_halved_alike_on_both_sides(source: MemoryRepository, ledger: Ledger) -> None:
    for letter in "AZaz09_~éß中\uffee\U0001f600\U0001f601":
        for number in range(8):
            source.documents[f"{letter}{number}"] = document(source, dated=source.clock - timedelta(days=1))
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["\uffee3x"] = {"totalCalls": 4}
    source.documents["\U0001f6003x"] = {"totalCalls": 4}
    source.documents["A3x"] = {"totalCalls": 4}
    calls = refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert returned(calls) < len(source.documents) / 2


def test_many_differences_are_listed_rather_than_halved(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 100)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    for number in range(500):
        source.documents[f"imported{number}"] = document(source, dated=source.clock - timedelta(days=30))
    calls = refresh(source, ledger)
    assert kinds(calls).count("count") == 1
    assert returned(calls) == 600
    assert calls_by_user(ledger) == expected(source)


def test_a_source_that_cannot_count_ranges_is_listed(source: MemoryRepository, ledger: Ledger) -> None:
    source.ranges = False
    fill(source, 250)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    del source.documents["u00100"]
    calls = refresh(source, ledger)
    assert kinds(calls) == ["changed", "count", "listing", "listing", "listing"]
    assert calls_by_user(ledger) == expected(source)
    source.pass_time(seconds=30)
    assert kinds(refresh(source, ledger)) == ["changed", "count"]


def test_documents_that_come_and_go_between_two_counts_do_no_harm(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 512)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    del source.documents["u00400"]
    counts = 0

    def meddle(what: str) -> None:
        nonlocal counts
        counts += what == "count"
        if what == "count" and counts in {2, 3, 5}:
            del source.documents[f"u{counts * 3:05}"]
            source.documents[f"u{counts * 100:05}x"] = {"totalCalls": 2}

    source.before = meddle
    refresh(source, ledger)
    source.before = lambda _what: None
    source.pass_time(seconds=30)
    refresh(source, ledger, reconcile_after=timedelta(0))
    assert calls_by_user(ledger) == expected(source)


# Cuts


@pytest.mark.parametrize("pages", range(1, 6))
def test_a_first_read_that_is_cut_goes_on_where_it_stopped(
    source: MemoryRepository, ledger: Ledger, pages: int
) -> None:
    source.page_size = 10
    fill(source, 45)
    source.fail_in(pages)
    if pages < 5:
        with pytest.raises(SourceError):
            refresh(source, ledger)
        assert ledger.count() == pages * 10
        assert data_time(ledger) is None
    refresh(source, ledger)
    assert source.returned == 45, "no document is read twice"
    assert calls_by_user(ledger) == expected(source)


def test_what_changed_behind_a_cut_listing_is_found_afterwards(source: MemoryRepository, ledger: Ledger) -> None:
    source.page_size = 10
    fill(source, 45)
    source.fail_in(2)
    with pytest.raises(SourceError):
        refresh(source, ledger)
    source.pass_time(hours=3)
    source.documents["u00003"] = document(source, calls=2)
    del source.documents["u00040"]
    source.pass_time(hours=2)
    refresh(source, ledger)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_what_changes_while_a_listing_runs_is_found_by_the_next_refresh(
    source: MemoryRepository, ledger: Ledger
) -> None:
    source.page_size = 10
    fill(source, 45)

    def write(_what: str) -> None:
        source.pass_time(seconds=20)
        if len(source.calls) == 2:
            source.documents["u00000"] = document(source, calls=2)

    source.before = write
    refresh(source, ledger)
    source.before = lambda _what: None
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


@pytest.mark.parametrize("pages", [1, 3])
def test_a_cut_among_the_changes_keeps_what_came_and_goes_on(
    source: MemoryRepository, ledger: Ledger, pages: int
) -> None:
    source.page_size = 10
    fill(source, 45)
    refresh(source, ledger)
    for number in range(45):
        source.pass_time(seconds=5)
        source.documents[f"u{number:05}"] = document(source, calls=2)
    source.fail_in(pages)
    with pytest.raises(SourceError):
        refresh(source, ledger)
    assert list(calls_by_user(ledger).values()).count(2) == pages * 10
    calls = refresh(source, ledger)
    again = OVERLAP / timedelta(seconds=5) + 1
    assert returned(calls) == 45 - pages * 10 + again
    assert calls_by_user(ledger) == expected(source)


def test_a_cut_among_changes_from_the_future_moves_the_watermark_no_further_than_the_clock(
    source: MemoryRepository, ledger: Ledger
) -> None:
    source.page_size = 10
    fill(source, 45)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    fill(source, 15, minutes=-2)
    source.fail_in(1)
    with pytest.raises(SourceError):
        refresh(source, ledger)
    assert data_time(ledger) == source.clock
    source.pass_time(seconds=30)
    source.documents["u00044"] = document(source, calls=2)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_a_cut_between_changes_and_count_loses_nothing(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 45)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    source.documents["u00001"] = document(source, calls=2)
    del source.documents["u00002"]
    source.fail_in(1)
    with pytest.raises(SourceError):
        refresh(source, ledger)
    assert calls_by_user(ledger)["u00001"] == 2
    source.pass_time(seconds=30)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


@pytest.mark.parametrize("requests", range(1, 9))
def test_a_cut_while_halving_is_mended_by_the_next_refresh(
    source: MemoryRepository, ledger: Ledger, requests: int
) -> None:
    fill(source, 512)
    refresh(source, ledger)
    source.pass_time(seconds=30)
    del source.documents["u00400"]
    source.documents["late"] = {"totalCalls": 3}
    source.documents["later"] = {"totalCalls": 4}
    source.fail_in(requests)
    with pytest.raises(SourceError):
        refresh(source, ledger)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_changes_are_read_though_a_reconcile_is_cut_every_time(source: MemoryRepository, ledger: Ledger) -> None:
    source.page_size = 10
    fill(source, 45)
    refresh(source, ledger)
    source.pass_time(hours=7)
    for attempt in range(3):
        source.pass_time(seconds=30)
        source.documents["u00044"] = document(source, calls=10 + attempt)
        source.fail_in(2)
        with pytest.raises(SourceError):
            refresh(source, ledger)
        assert calls_by_user(ledger)["u00044"] == 10 + attempt
        assert data_time(ledger) == source.clock
    source.pass_time(seconds=30)
    refresh(source, ledger)
    assert returned(source.made("listing")) == 45 + 45, "the reconcile went on where it was cut"


def test_a_source_that_yields_no_page_is_a_fault(ledger: Ledger) -> None:
    class Silent(MemoryRepository):
        def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
            del ids
            return iter(())

    with pytest.raises(RuntimeError, match="no page"):
        refresh(Silent(), ledger)
    assert data_time(ledger) is None

"""A catch-up that breaks off anywhere goes on where it stopped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from tests.fakes import MemoryRepository
from tests.unit.syncing import calls_by_user, document, expected, fill, refresh, returned

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.base import Page, SourceError
from usage_dash.sync.catch_up import OVERLAP, data_time


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

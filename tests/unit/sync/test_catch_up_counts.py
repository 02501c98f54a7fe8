"""Documents that come and go unseen are found by counting ranges of ids."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from tests.fakes import MemoryRepository
from tests.unit.syncing import calls_by_user, document, expected, fill, kinds, refresh, returned

from usage_dash.ledger.ledger import Ledger


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
    assert kinds(calls) == ["changed", "count", "listing", "listing", "listing", "sum"]
    assert calls_by_user(ledger) == expected(source)
    source.pass_time(seconds=30)
    assert kinds(refresh(source, ledger)) == ["changed", "count", "sum"]


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

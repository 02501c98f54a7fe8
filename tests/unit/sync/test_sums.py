"""Edits that moved `totalCalls` but not `lastUpdated` are found by sums, within one refresh."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.fakes import Call, MemoryRepository
from tests.unit.syncing import calls_by_user, document, expected, fill, kinds, refresh, returned

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.ledger.ledger import Ledger
from usage_dash.sync.sums import Sums, sums

QUIET = ["changed", "count", "sum"]
ODD = ["12", "many", 2.5, 3.0, -3, None, True, [], {"a": 1}, 2**53 + 1, 2**62, 1e300]


def later(source: MemoryRepository, ledger: Ledger) -> list[Call]:
    source.pass_time(seconds=30)
    return refresh(source, ledger)


def edit(source: MemoryRepository, numbers: Sequence[int], calls: object = 9) -> None:
    for number in numbers:
        source.documents[f"u{number:05}"]["totalCalls"] = calls


@pytest.mark.parametrize("place", [0, 1, 300, 511, 512, 1022, 1023])
def test_one_edit_in_1024_costs_a_handful_of_sums(source: MemoryRepository, ledger: Ledger, place: int) -> None:
    fill(source, 1024)
    refresh(source, ledger)
    edit(source, [place])
    calls = later(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert kinds(calls).count("sum") == 8  # all, then one a halving from 1024 to 8
    assert returned(calls) == 8  # instead of 1024
    assert kinds(later(source, ledger)) == QUIET


def test_edits_here_and_there_are_found_each(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 1024)
    refresh(source, ledger)
    edit(source, [5, 400, 700, 1020])
    calls = later(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert returned(calls) == 4 * 8
    assert kinds(calls).count("sum") <= 4 * 8


def test_an_edit_of_everything_asks_for_a_bounded_number_of_sums(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 3000)
    refresh(source, ledger)
    edit(source, range(3000))
    calls = later(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert returned(calls) == 3000
    assert kinds(calls).count("sum") <= 1 + 2 * 128


def test_another_document_of_as_many_calls_hides_nothing_that_sums_could_tell(
    source: MemoryRepository, ledger: Ledger
) -> None:
    fill(source, 100)
    refresh(source, ledger)
    del source.documents["u00011"]
    source.documents["behind"] = document(source, calls=5, dated=source.clock - timedelta(days=1))
    later(source, ledger)
    assert calls_by_user(ledger) == expected(source)


def test_who_went_unseen_hides_nobody_who_came_unseen_once_a_sum_has_found_it(
    source: MemoryRepository, ledger: Ledger
) -> None:
    fill(source, 40)
    refresh(source, ledger)
    del source.documents["u00003"]
    source.documents["z behind"] = document(source, calls=0, dated=source.clock - timedelta(days=1))
    later(source, ledger)
    assert calls_by_user(ledger) == expected(source)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_number_of_calls_is_no_difference_and_edits_from_and_to_it_are_found(
    source: MemoryRepository, ledger: Ledger, odd: object
) -> None:
    fill(source, 40)
    edit(source, [7, 8], odd)
    refresh(source, ledger)
    assert kinds(later(source, ledger)) == QUIET
    edit(source, [7], 5)
    later(source, ledger)
    assert calls_by_user(ledger)["u00007"] == 5
    edit(source, [7], odd)
    later(source, ledger)
    assert calls_by_user(ledger)["u00007"] == calls_by_user(ledger)["u00008"]
    assert kinds(later(source, ledger)) == QUIET
    assert sums(ledger) is Sums.TELL


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_found_and_hides_others_until_it_is_mended(
    source: MemoryRepository, ledger: Ledger, odd: float
) -> None:
    fill(source, 100)
    refresh(source, ledger)
    edit(source, [50], odd)
    assert returned(later(source, ledger)) <= 8
    assert (calls_by_user(ledger)["u00050"], sums(ledger)) == (None, Sums.NOT_FINITE)
    edit(source, [3])
    assert kinds(later(source, ledger)) == QUIET, "nothing can be told, and nothing is read in vain"
    edit(source, [50], 4)
    assert returned(later(source, ledger)) <= 2 * 8
    assert calls_by_user(ledger) == expected(source)
    assert sums(ledger) is Sums.TELL


def test_where_the_source_does_not_add_up_edits_wait_for_a_listing(source: MemoryRepository, ledger: Ledger) -> None:
    source.sums = False
    fill(source, 20)
    refresh(source, ledger)
    edit(source, [3])
    assert kinds(later(source, ledger)) == ["changed", "count"]
    assert sums(ledger) is Sums.REFUSED
    source.pass_time(hours=7)
    refresh(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    source.sums = True
    assert kinds(later(source, ledger)) == QUIET
    assert sums(ledger) is Sums.TELL


def test_a_source_that_cannot_add_up_ranges_is_listed(source: MemoryRepository, ledger: Ledger) -> None:
    source.ranges = False
    fill(source, 50)
    refresh(source, ledger)
    edit(source, [3])
    assert kinds(later(source, ledger)) == [*QUIET, "listing"]
    assert calls_by_user(ledger) == expected(source)
    assert kinds(later(source, ledger)) == QUIET


def test_who_writes_between_count_and_sum_makes_us_read_a_few_documents_once(
    source: MemoryRepository, ledger: Ledger
) -> None:
    fill(source, 512)
    refresh(source, ledger)

    def write(what: str) -> None:
        if what == "sum":
            source.before = lambda _what: None
            source.documents["u00400"] = document(source, calls=2)

    source.before = write
    assert returned(later(source, ledger)) <= 8
    assert calls_by_user(ledger) == expected(source)
    assert returned(later(source, ledger)) == 1, "it comes by its date, too"
    assert kinds(later(source, ledger)) == QUIET


def test_who_writes_while_halves_are_added_up_does_no_harm(source: MemoryRepository, ledger: Ledger) -> None:
    fill(source, 512)
    refresh(source, ledger)
    edit(source, [400])
    asked = 0

    def meddle(what: str) -> None:
        nonlocal asked
        asked += what == "sum"
        if what == "sum" and asked in {2, 3, 5}:
            source.documents[f"u{asked * 60:05}"] = document(source, calls=asked)

    source.before = meddle
    later(source, ledger)
    source.before = lambda _what: None
    later(source, ledger)
    assert calls_by_user(ledger) == expected(source)
    assert kinds(later(source, ledger)) == QUIET


class Miscounting(MemoryRepository):
    """A source whose sum is wrong, for a reason that no document tells."""

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        inside = (ids.after or "") < "u00030" and (ids.until is None or ids.until >= "u00030")
        return super().total_calls(ids) + 5 * inside


def test_what_no_document_explains_is_looked_for_once(ledger: Ledger) -> None:
    source = Miscounting()
    fill(source, 100)
    refresh(source, ledger)
    assert 0 < returned(later(source, ledger)) <= 8
    assert kinds(later(source, ledger)) == QUIET
    edit(source, [70])
    assert returned(later(source, ledger)) <= 2 * 8
    assert calls_by_user(ledger) == expected(source)
    assert kinds(later(source, ledger)) == QUIET


def test_a_sum_is_right_again_after_what_no_document_explained(ledger: Ledger) -> None:
    source = Miscounting()
    fill(source, 100)
    refresh(source, ledger)
    later(source, ledger)
    del source.documents["u00070"]
    source.documents["u00071"]["totalCalls"] = 2
    later(source, ledger)
    assert calls_by_user(ledger) == expected(source)

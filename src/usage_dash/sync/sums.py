"""Finding edits that moved `totalCalls` but not `lastUpdated`: the source's sum and the ledger's differ then.

A sum costs as little as a count does. Where the two differ, halves of a range of ids are compared until few documents
are left, and these are listed. What documents say is added up as they say it, whatever the ledger made of it, so that
text, a fraction or a negative number makes no difference.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.base import RangesUnsupportedError, SumsUnsupportedError, UsageRepository

_FEW: Final = 8  # documents, which are listed rather than halved
_MOST_SUMS: Final = 128  # in one refresh; where more would be asked for, ranges are listed as they are by then
_SAME: Final = 0.5  # calls
_ROUNDED: Final = 1e-12  # of a sum; doubles add up differently in another order
_GAP = "sums_differ_by"  # by how much they did when listing found no reason
_SUMS = "sums"  # the mark of a `Sums` that is not the usual one


class Sums(StrEnum):
    """Whether sums tell of edits."""

    TELL = "tell"
    REFUSED = "refused"  # the source does not add up
    NOT_FINITE = "not finite"  # some document's `totalCalls` is none that sums can be made of


def sums(ledger: Ledger) -> Sums:
    """Return whether sums told of edits when they were last compared."""
    return Sums(ledger.mark(_SUMS) or Sums.TELL)


def compare_sums(repository: UsageRepository, ledger: Ledger, list_range: Callable[[IdRange], None]) -> None:
    """Find documents that were edited unseen, by sums; where the source cannot add up, they wait for a listing."""
    try:
        _compare(repository, ledger, list_range)
    except SumsUnsupportedError:
        _set(ledger, _SUMS, Sums.REFUSED)
    else:
        _set(ledger, _SUMS, None if math.isfinite(ledger.total_calls()) else Sums.NOT_FINITE)


def _compare(repository: UsageRepository, ledger: Ledger, list_range: Callable[[IdRange], None]) -> None:
    there, here = repository.total_calls(), ledger.total_calls()
    if _same(there, here):
        _set(ledger, _GAP, None)
    elif not _is_known(there - here, ledger.mark(_GAP)):
        version = ledger.state.version
        _mend(repository, ledger, there, list_range)
        if ledger.state.version == version:  # what no document explains would be looked for at each refresh
            _set(ledger, _GAP, repr(there - here))


def _mend(repository: UsageRepository, ledger: Ledger, there: float, list_range: Callable[[IdRange], None]) -> None:
    """List the ranges whose sums differ, once halving has made them small. `there` is the source's sum of all."""
    ranges, asked = deque([(EVERYTHING, there)]), 0
    while ranges:
        ids, there = ranges.popleft()
        if _same(there, ledger.total_calls(ids)):
            continue
        middle = ledger.middle(ids) if asked < _MOST_SUMS and ledger.count(ids) > _FEW else None
        halves = _halves(repository, ids, middle, there) if middle is not None else []
        if not halves:
            list_range(ids)
        asked += 1
        ranges += halves


def _halves(repository: UsageRepository, ids: IdRange, middle: str, there: float) -> list[tuple[IdRange, float]]:
    """Halve a range of this sum, and give the sums of both halves; nothing where the source knows no ranges.

    Documents may be written between two sums: then a range is listed that did not need it, and nothing worse.
    """
    left, right = IdRange(ids.after, middle), IdRange(middle, ids.until)
    try:
        there_left = repository.total_calls(left)
        derived = math.isfinite(there) and math.isfinite(there_left)
        return [(left, there_left), (right, there - there_left if derived else repository.total_calls(right))]
    except RangesUnsupportedError:
        return []


def _same(there: float, here: float) -> bool:
    """Tell whether two sums are the same, as far as can be told: two that are not finite tell nothing."""
    if not math.isfinite(there) or not math.isfinite(here):
        return math.isfinite(there) == math.isfinite(here)
    return abs(there - here) < max(_SAME, _ROUNDED * abs(here))


def _is_known(gap: float, known: str | None) -> bool:
    return known is not None and (known == repr(gap) or abs(gap - float(known)) < _SAME)


def _set(ledger: Ledger, mark: str, value: str | None) -> None:
    if ledger.mark(mark) != value:
        ledger.set_marks({mark: value})

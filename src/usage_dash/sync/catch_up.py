"""Bringing the ledger up to date with as few reads as possible; the steps of a sync, one after the other.

`read_changes` asks for the documents whose `lastUpdated` is at or after the watermark, the source's clock at the last
complete answer. What that query cannot see - documents that are new but dated wrongly, undated, or deleted - shows as
a difference between the source's count and the ledger's, and `mend` finds it by halving ranges of ids. An edit that
left `lastUpdated` as it was, but not `totalCalls`, shows as a difference between two sums: `sums.compare_sums` finds
it. A complete listing from time to time (`read_everything`, also the first read) catches what hides from all three.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow.compute as pc

from usage_dash.documents.batch import ENTRIES, EVERYTHING, FINDINGS, USERS, Batch, IdRange
from usage_dash.ledger.file import WATERMARK
from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.base import Page, RangesUnsupportedError, UsageRepository
from usage_dash.sync.sums import Sums, compare_sums, sums

OVERLAP = timedelta(seconds=10)  # clocks of clients that run a little behind; more would be re-read at every refresh
_FEW = 8  # where one document in so few differs, listing costs no more than the counts that would halve on

_RECONCILED = "reconciled_at"  # the source's clock at the start of the last complete listing
_LISTED_UNTIL = "listed_until"  # the id up to which the listing under way has come
_LISTING_STARTED = "listing_started"  # the source's clock when it began

_NOTHING = Batch(USERS.empty_table(), ENTRIES.empty_table(), FINDINGS.empty_table())


def data_time(ledger: Ledger) -> datetime | None:
    """The source's clock as of which the ledger is complete; None before the first read has ended."""
    return _time(ledger, WATERMARK)


@dataclass(frozen=True, slots=True)
class Compared:
    """When all documents were last compared, by the source's clock, and whether sums tell of edits since."""

    at: datetime | None
    sums: Sums


def compared(ledger: Ledger) -> Compared:
    """Return when that was; the time is None before the first complete listing has ended."""
    return Compared(_time(ledger, _RECONCILED), sums(ledger))


def catch_up(
    repository: UsageRepository,
    ledger: Ledger,
    *,
    reconcile_after: timedelta,
    on_page: Callable[[], None],
) -> None:
    """Make the ledger equal the source; list everything when that was last begun `reconcile_after` ago, or never.

    Ages are told by the source's clock alone. `on_page` is called after each page of a complete listing is in the
    ledger. Raises `SourceError`; all pages applied before it stay, and the next call goes on from there.
    """
    reconciled = _time(ledger, _RECONCILED)
    if reconciled is None:
        read_everything(repository, ledger, on_page)
        return
    as_of = read_changes(repository, ledger)  # first: a long listing, or one cut again and again, must not hold it up
    if as_of - reconciled > reconcile_after:
        read_everything(repository, ledger, on_page)
    else:
        compare_counts(repository, ledger, on_page)
        documents = ledger.state.documents
        compare_sums(repository, ledger, lambda ids: list_range(repository, ledger, ids))
        if ledger.state.documents != documents:  # who came unseen was hidden from counts by somebody who went unseen
            compare_counts(repository, ledger, on_page)


def read_everything(repository: UsageRepository, ledger: Ledger, on_page: Callable[[], None]) -> None:
    """List every document, page by page, from where an interrupted listing stopped; drop users that are gone."""
    after = ledger.mark(_LISTED_UNTIL)
    started = _time(ledger, _LISTING_STARTED)
    for page in repository.listing(IdRange(after=after)):
        started = started or page.read_time
        if page.batch.documents:
            last = _last_id(page)
            marks = {_LISTED_UNTIL: last, _LISTING_STARTED: started.isoformat()}
            ledger.apply(page.batch, IdRange(after, last), marks, page.read_time, since=_time(ledger, _RECONCILED))
            after = last
            on_page()
    if started is None:
        raise RuntimeError("A listing yielded no page, so its read time is unknown.")
    _finish_listing(ledger, after, started)


def read_changes(repository: UsageRepository, ledger: Ledger) -> datetime:
    """Read the documents dated after the watermark, and move it to the source's clock, never past that; give it."""
    watermark = data_time(ledger)
    if watermark is None:
        raise RuntimeError("Changes can be read only after everything has been listed once.")
    read_time = watermark
    for number, page in enumerate(repository.changed(watermark - OVERLAP)):
        read_time = page.read_time if number == 0 else read_time
        if page.batch.documents:
            reached = max(watermark, min(_newest(page), read_time))
            ledger.apply(page.batch, None, {WATERMARK: reached.isoformat()}, page.read_time, since=watermark)
    reached = max(watermark, read_time)
    ledger.set_marks({WATERMARK: reached.isoformat()})
    return reached


def compare_counts(repository: UsageRepository, ledger: Ledger, on_page: Callable[[], None]) -> None:
    """Find documents that came or went unseen, by counts; list everything where the source cannot count ranges."""
    try:
        mend(repository, ledger, EVERYTHING, repository.count())
    except RangesUnsupportedError:
        read_everything(repository, ledger, on_page)


def mend(repository: UsageRepository, ledger: Ledger, ids: IdRange, there: int) -> None:
    """Make the ledger's users in `ids` equal the source's, of which there are `there`, halving where they differ."""
    here = ledger.count(ids)
    if here == there:
        return
    middle = ledger.middle(ids)
    if middle is None or abs(here - there) * _FEW >= here:
        list_range(repository, ledger, ids)
        return
    left, right = IdRange(ids.after, middle), IdRange(middle, ids.until)
    there_left = repository.count(left)
    mend(repository, ledger, left, there_left)
    # Documents may come or go between two counts: then a range is listed that did not need it, and nothing worse.
    mend(repository, ledger, right, max(0, there - there_left))


def list_range(repository: UsageRepository, ledger: Ledger, ids: IdRange) -> None:
    """Make the ledger's users in `ids` equal the source's, by reading all of them."""
    after = ids.after
    for page in repository.listing(ids):
        if page.batch.documents:
            last = _last_id(page)
            ledger.apply(page.batch, IdRange(after, last), None, page.read_time, since=_time(ledger, _RECONCILED))
            after = last
    ledger.apply(_NOTHING, within=IdRange(after, ids.until))


def _finish_listing(ledger: Ledger, after: str | None, started: datetime) -> None:
    watermark = max(started, data_time(ledger) or started)
    marks = {
        _LISTED_UNTIL: None,
        _LISTING_STARTED: None,
        _RECONCILED: started.isoformat(),
        WATERMARK: watermark.isoformat(),
    }
    ledger.apply(_NOTHING, within=IdRange(after, None), marks=marks)


def _last_id(page: Page) -> str:
    return str(page.batch.users["user_id"][-1].as_py())


def _newest(page: Page) -> datetime:
    newest: datetime = pc.max(page.batch.users["last_updated"]).as_py()
    return newest


def _time(ledger: Ledger, mark: str) -> datetime | None:
    text = ledger.mark(mark)
    return datetime.fromisoformat(text) if text else None

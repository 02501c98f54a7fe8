"""The board: what one dashboard shows of its ledger, asked consistently and computed once for all viewers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from usage_dash.ledger.ledger import Ledger, LedgerView
from usage_dash.page.request import Asked
from usage_dash.reporting import queries
from usage_dash.reporting.filters import Filters, RangeName
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.reporting.view_models import FindingRow, ModelUsage, Overview, Timeline, UserDetail, UsersPage
from usage_dash.repository.base import Source
from usage_dash.sync.sync import Sync

# How old the comparison with the same time before may grow while no usage arrives.
_BUCKET_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Moment:
    """One state of the ledger, looked at once: all questions that share a moment get answers that fit together."""

    ledger: LedgerView
    version: int
    documents: int
    now: datetime

    def key(self, *question: object) -> str:
        """A string that stays the same as long as the answer to the same question does."""
        bucket = int(self.now.timestamp()) // _BUCKET_SECONDS
        return repr((self.version, bucket, *map(str, question)))


@dataclass(frozen=True, slots=True)
class Report:
    """Cards and charts of one range."""

    overview: Overview
    timeline: Timeline
    split: tuple[ModelUsage, ...]


class Board:
    """One dashboard's answers to any number of viewers."""

    def __init__(self, source: Source, ledger: Ledger, sync: Sync, cache: ViewCache, refresh_seconds: float) -> None:
        self.source = source
        self.sync = sync
        self.refresh_seconds = refresh_seconds
        self.zone = ledger.zone
        self._ledger = ledger
        self._cache = cache

    def close(self) -> None:
        """Wait for the sync under way, then let go of the source and the ledger."""
        self.sync.close()
        self._ledger.close()

    @contextmanager
    def moment(self) -> Iterator[Moment]:
        """Look at the ledger as it is now, until the block ends."""
        documents = self._ledger.count()
        with self._ledger.snapshot() as ledger:
            yield Moment(ledger, ledger.version, documents, datetime.now(UTC))

    def report(self, moment: Moment, shown: RangeName) -> Report:
        """Cards and charts."""

        def compute() -> Report:
            ledger, filters = moment.ledger, Filters(shown, moment.now)
            return Report(
                queries.overview(ledger, filters),
                queries.timeline(ledger, filters),
                queries.model_split(ledger, filters),
            )

        return self._cache.get(moment.key("report", shown), compute)

    def users(self, moment: Moment, asked: Asked) -> UsersPage:
        """A page of users."""
        query = asked.users
        key = moment.key("users", asked.range, query.sort, query.descending, query.page, query.page_size)
        filters = Filters(asked.range, moment.now)
        return self._cache.get(key, lambda: queries.users_page(moment.ledger, filters, query))

    def details(self, moment: Moment, page: UsersPage, asked: Asked) -> dict[str, UserDetail]:
        """The opened rows of a page, by user id."""
        opened = [row.user_id for row in page.rows if row.user_id in asked.opened]
        found = {user: queries.user_detail(moment.ledger, user, asked.opened[user]) for user in opened}
        return {user: detail for user, detail in found.items() if detail}

    def findings(self, moment: Moment) -> tuple[FindingRow, ...]:
        """What was wrong in the documents, the most frequent first."""
        return self._cache.get(moment.key("findings"), lambda: queries.findings(moment.ledger))

"""What one user's page shows: plain, immutable values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from usage_dash.reporting.documents import NEARLY
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust_models import FindingRow
from usage_dash.reporting.user_models import EntryRow
from usage_dash.reporting.view_models import ModelUsage, Range


@dataclass(frozen=True, slots=True)
class Standing:
    """One user among all of the scope, `of` so many, by all-time cost.

    `share` is of everybody's cost, also of those who are gone, and `rank` counts from 1; None when this user's own cost
    is unknown. Where somebody else's is, there is no rank, and the share can only be less: it is `at_most`.
    """

    share: float | None
    rank: int | None
    of: int
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Amounts:
    """What counters or entries say."""

    cost: Sum
    calls: Sum
    tokens: Sum


@dataclass(frozen=True, slots=True)
class Coverage:
    """One document's counters against its known entries, all-time and of all models.

    `share` is of the cost, as in `Trust`. `entries` are those of any range, `all_entries` also those that are in none.
    """

    share: float | None
    counters: Amounts
    entries: Amounts
    all_entries: Amounts

    @property
    def exceeding(self) -> bool:
        """Whether all entries together say more than a counter."""
        said, held = self.counters, self.all_entries
        costs = said.cost.exact is not None and held.cost.known * NEARLY > said.cost.exact
        pairs = ((said.calls.exact, held.calls), (said.tokens.exact, held.tokens))
        return costs or any(counter is not None and entries.known > counter for counter, entries in pairs)


@dataclass(frozen=True, slots=True)
class DocumentSize:
    """How large a document is in `octets`, as Firestore counts them; None when the source does not say.

    It holds so many `entries`, and has `trimmed` so many others that the ledger knows. It grows by so many octets a day
    as `reporting.growth` reckons.
    """

    octets: int | None
    entries: int
    trimmed: int
    growth: float = 0.0


@dataclass(frozen=True, slots=True)
class Checks:
    """What can be odd in a document that could be read without a finding."""

    future: int  # entries dated further after now than clocks differ; they count on the day they were first read
    ahead: timedelta  # how far the furthest of them is ahead
    early: int  # entries dated before there can have been usage: in no range
    untimed: int  # entries without a readable time; they count as those of the future
    unplaced: int  # entries in no range: early ones, and such as were read before the ledger noted when
    uncosted: int  # entries that do not say their cost
    input_and_output: int | None  # the counters of input and output tokens together; None when one is unknown
    callless: bool  # the counters know tokens or a cost, but no call
    moved: bool  # it was written after its last call had been read, and no call was counted


@dataclass(frozen=True, slots=True)
class EntriesPage:
    """A page of a user's entries of the chosen models, newest first, counted from 0; the nearest to the one asked."""

    rows: tuple[EntryRow, ...]
    total: int
    page: int
    page_size: int


@dataclass(frozen=True, slots=True)
class Person:
    """One user. `models` follow the range, also those not chosen, `entries` the chosen models; the rest is all-time."""

    user_id: str
    name: str
    email: str
    team: str
    first_seen: datetime | None
    last_active: datetime | None  # None: not known, or no usage
    standing: Standing
    range: Range
    models: tuple[ModelUsage, ...]
    coverage: Coverage
    size: DocumentSize
    findings: tuple[FindingRow, ...]
    checks: Checks
    entries: EntriesPage

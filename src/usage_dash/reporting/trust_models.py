"""View models of how far the figures can be trusted, and of what was found in documents."""

from __future__ import annotations

from dataclasses import dataclass

from usage_dash.reporting.sums import Sum


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the figures can be trusted, judged document by document.

    `coverage` is the share of the all-time cost that entries of any range explain; in no document do they explain
    more than its total. Documents that do not say their total have no part in it. None when the totals are zero.
    """

    coverage: float | None
    untotalled: int  # documents with usage that do not say their total cost
    exceeding: int  # documents whose entries cost more than their totals
    exceeding_users: tuple[str, ...]  # some of them, the worst first
    untimed: int  # entries without a readable time: in no range
    misdated: int  # entries dated when there can have been no usage, by a wrong clock: in no range
    unplaced_cost: Sum  # what the entries in no range cost
    uncosted: int  # entries that do not say their cost
    flawed_documents: int  # documents with at least one finding


@dataclass(frozen=True, slots=True)
class FindingRow:
    """What was wrong in a document and what was done about it; `count` places of the same kind."""

    user_id: str
    field: str
    problem: str
    action: str
    count: int


@dataclass(frozen=True, slots=True)
class Exceeding:
    """A document whose entries cost more than its total."""

    user_id: str
    entries: float
    total: float


@dataclass(frozen=True, slots=True)
class Findings:
    """The most frequent findings, of how many places `total`; and documents whose entries exceed their totals."""

    rows: tuple[FindingRow, ...]
    total: int
    exceeding: tuple[Exceeding, ...] = ()

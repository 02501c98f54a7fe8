"""All that the doctor looks at, in the order in which things depend on one another."""

from __future__ import annotations

from collections.abc import Iterator

from usage_dash.billing.reader import BillSource
from usage_dash.checks.check import Check, State
from usage_dash.doctor import access, alerts, documents, kept, reading
from usage_dash.doctor import bill as billed
from usage_dash.doctor.prices import prices
from usage_dash.doctor.setup import Setup
from usage_dash.doctor.source import Seen, see
from usage_dash.prices.price_list import PriceList
from usage_dash.repository.base import SourceError, UsageRepository


def examine(setup: Setup, repository: UsageRepository, bill: BillSource | None = None) -> tuple[Check, ...]:
    """Return what is good and what is not; nothing is changed, and little is read.

    Reading a source that is billed costs a count and a few documents at most.
    """
    seen = see(repository, setup.now)
    identity = None if isinstance(seen, SourceError) else seen.source.identity
    found = (
        reading.chosen(setup),
        *reading.reading(setup, seen),
        *(_of_source(setup, seen) if isinstance(seen, Seen) else ()),
        access.served(setup),
        access.sign_in(setup),
        access.portals(setup),
        access.people(setup),
        kept.host(setup),
        kept.ledger(setup, identity),
        kept.backups(setup, identity),
        billed.bill(bill, setup.now()),
        alerts.budgets(setup),
        alerts.alerts(setup),
    )
    return tuple(check for check in found if check is not None)


def _of_source(setup: Setup, seen: Seen) -> Iterator[Check | None]:
    yield reading.edition(setup, seen)
    yield documents.collection(seen)
    yield documents.sample(seen)
    yield prices(seen, PriceList(setup.settings.prices))
    yield documents.clock(seen)


def is_well(checks: tuple[Check, ...]) -> bool:
    """Whether nothing has to be mended."""
    return all(check.state is not State.ACT for check in checks)

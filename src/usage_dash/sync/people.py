"""Letting the ledger know who is who, as the people file says."""

from __future__ import annotations

import logging

from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.people.directory import People

_log = logging.getLogger(__name__)


def keep_people(ledger: Ledger, people: People) -> None:
    """Put the people into the ledger. When that fails it is logged, since nobody who looks can help it."""
    try:
        ledger.take_people(people.table)
    except LedgerError as error:
        _log.error("The page shows the people as they were before: %s", error)

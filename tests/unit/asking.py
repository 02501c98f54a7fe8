"""Questions to a ledger as of a chosen time, within a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.unit.builders import NOON

from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.dashboard import Moment


@contextmanager
def moment(ledger: Ledger, now: datetime = NOON, scope: Scope = EVERYBODY) -> Iterator[Moment]:
    """The ledger as it is, at this time."""
    with ledger.snapshot(scope) as seen:
        documents = seen.sql.execute("SELECT count(*) FROM users").fetchall()[0][0]
        yield Moment(seen.version, scope, documents, now, ledger.zone, seen.sql)


def ask(
    question: Callable[..., Any], ledger: Ledger, *about: Any, now: datetime = NOON, scope: Scope = EVERYBODY
) -> Any:
    """The answer to one of the queries' questions."""
    with moment(ledger, now, scope) as seen:
        return question(seen, *about)

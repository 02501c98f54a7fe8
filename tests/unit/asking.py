"""Questions to a ledger as of a chosen time, within a scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.unit.builders import NOON

from usage_dash.ledger.choice import ALL_CHOSEN, Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters


@contextmanager
def moment(
    ledger: Ledger, now: datetime = NOON, scope: Scope = EVERYBODY, choice: Choice = ALL_CHOSEN
) -> Iterator[Moment]:
    """The ledger as it is, at this time."""
    with ledger.snapshot(scope, choice) as seen:
        documents = seen.sql.execute("SELECT count(*) FROM scoped_users").fetchall()[0][0]
        yield Moment(seen.version, scope, documents, now, ledger.zone, seen.sql, choice)


def ask(
    question: Callable[..., Any],
    ledger: Ledger,
    *about: Any,
    now: datetime = NOON,
    scope: Scope = EVERYBODY,
    choice: Choice | None = None,
) -> Any:
    """The answer to one of the queries' questions; what is chosen, its filters say, if it has any."""
    filters = next((each for each in about if isinstance(each, Filters)), Filters())
    with moment(ledger, now, scope, choice or filters.choice) as seen:
        return question(seen, *about)

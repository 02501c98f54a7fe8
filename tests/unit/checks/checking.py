"""Checks of a ledger that holds some documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from tests.unit.asking import ask
from tests.unit.builders import NOON, Document, Item, document

from usage_dash.checks.check import Check
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.reporting.dashboard import Moment

LedgerCheck = Callable[[Moment, Rules], Check | None]


def counted(user_id: str, *items: Item, **fields: Any) -> Document:
    """A document whose counters say what its items do, unless given."""
    totals = {
        "total_calls": sum(each.calls for each in items),
        "total_input_tokens": sum(each.input_tokens or 0 for each in items),
        "total_output_tokens": sum(each.output_tokens or 0 for each in items),
        "total_tokens": sum(each.total_tokens or 0 for each in items),
        "total_cost": sum(each.cost or 0.0 for each in items),
    }
    return document(user_id, *items, **(totals | fields))


def found(
    check: LedgerCheck,
    ledger: Ledger,
    rules: Rules | None = None,
    now: datetime = NOON,
    scope: Scope = EVERYBODY,
) -> Check | None:
    """What the check says of the ledger as of a time, or None."""
    said: Check | None = ask(check, ledger, rules or Rules(), now=now, scope=scope)
    return said


def says(check: LedgerCheck, ledger: Ledger, **circumstances: Any) -> Check:
    """What the check says, which must apply."""
    said = found(check, ledger, **circumstances)
    assert said is not None
    return said


def users_of(check: Check) -> list[tuple[str, str]]:
    """The users whom a check names, and how each is concerned."""
    return [(each.user_id, each.how) for each in check.users]


def seen_in(check: Check) -> dict[str, str]:
    """The first and the last column of what a check lists."""
    return {row[0]: row[-1] for row in check.table.rows} if check.table else {}

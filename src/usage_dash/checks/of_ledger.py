"""The checks of what the ledger holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from usage_dash.checks.check import Check
from usage_dash.checks.contradictions import counters_agree, entries_stand
from usage_dash.checks.explained import entries_explain
from usage_dash.checks.price_band import price_band
from usage_dash.checks.rules import Rules
from usage_dash.checks.sizes import documents_have_room
from usage_dash.checks.writer import writer_is_sound
from usage_dash.reporting.dashboard import Moment

LedgerCheck: TypeAlias = Callable[[Moment, Rules], Check | None]

CHECKS: Final[tuple[LedgerCheck, ...]] = (
    documents_have_room,
    entries_explain,
    price_band,
    counters_agree,
    entries_stand,
    writer_is_sound,
)


def of_ledger(moment: Moment, rules: Rules) -> tuple[Check, ...]:
    """Return what can be checked of all that the moment's scope may see; what does not apply is left out."""
    return tuple(check for each in CHECKS if (check := each(moment, rules)) is not None)

"""The checks of what the ledger holds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from usage_dash.checks.check import Check
from usage_dash.checks.contradictions import counters_agree, entries_stand
from usage_dash.checks.explained import entries_explain
from usage_dash.checks.price_band import price_band
from usage_dash.checks.rules import Rules
from usage_dash.checks.sizes import documents_have_room
from usage_dash.checks.writer import writer_is_sound
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.lately import Lately

LedgerCheck: TypeAlias = Callable[[Moment, Rules], Check | None]

CHECKS: Final[tuple[LedgerCheck, ...]] = (
    documents_have_room,
    entries_explain,
    price_band,
    counters_agree,
    entries_stand,
    writer_is_sound,
)


# These speak of the writer, and of what grows slowly: some minutes later is soon enough.
_AT_LEISURE: Final = frozenset({documents_have_room, price_band, counters_agree, entries_stand, writer_is_sound})


def of_ledger(moment: Moment, rules: Rules, lately: Lately) -> tuple[Check, ...]:
    """Return what can be checked of all that the moment's scope may see; what does not apply is left out."""
    found = (
        lately.of(moment, partial(each, moment, rules), each.__name__) if each in _AT_LEISURE else each(moment, rules)
        for each in CHECKS
    )
    return tuple(check for check in found if check is not None)

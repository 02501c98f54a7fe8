"""What Firestore bills for reading: whether that stays free, and which documents cost most.

Only who may see the source is told. The dialog of the meter tells the same, in the words of `bill` and `costs`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.checks.check import Check, Concerned, State
from usage_dash.repository.base import Source
from usage_dash.sync.bill import FREE_BYTES, FREE_READS, GIBIBYTE, Quota, day_ends
from usage_dash.sync.dearest import DearDocument
from usage_dash.sync.read_meter import Meter
from usage_dash.wording import formats

_WARNS_AT: Final = 0.8  # of what is free
_HOW: Final = (
    "Counted here, read by read; other programs that read the same database are not in it. Prices are those of "
    "Firestore’s Standard edition."
)
_WHEN: Final = f"At {_WARNS_AT:.0%} of what is free on a day or in a month."
_TRIM: Final = (
    "Each read sends all of a document, so have the writer trim `recentUsage` (docs/writer.md): entries that were read "
    "stay known here. Until then, set `USAGE_DASH_REFRESH_SECONDS` higher."
)
_RARER: Final = (
    "Set `USAGE_DASH_REFRESH_SECONDS` or `USAGE_DASH_RECONCILE_HOURS` higher, or close pages that nobody looks at."
)


def reading_is_free(source: Source, meter: Meter, now: datetime, zone: ZoneInfo) -> Check | None:
    """Return whether reading stays free; None where reading costs nothing."""
    if not source.billed or source.sample:
        return None
    quota = meter.quota
    state = _state(quota)
    heavy = quota.month.bytes_out / FREE_BYTES > quota.today.reads / FREE_READS  # which of the two presses more
    figure, unit = formats.number(quota.reads_left), "free reads left today"
    if heavy and state is not State.GOOD:
        figure, unit = formats.gibibytes(quota.bytes_left), "free to read this month"
    return Check(
        key="reading-is-free",
        state=state,
        title=f"Firestore’s bill for reading this is {formats.money(quota.dollars)} this month",
        detail=f"{formats.number(quota.month.reads)} reads and {formats.gibibytes(quota.month.bytes_out)} since "
        f"{formats.short_day(quota.since)}; the free day ends at {day_ends(now).astimezone(zone):%H:%M}",
        figure=figure,
        unit=unit,
        why=_HOW if state is State.GOOD else _cause(quota, heavy=heavy),
        todo=_WHEN if state is State.GOOD else (_TRIM if heavy else _RARER),
        dollars=quota.expected_dollars or quota.dollars,
        users=tuple(Concerned(each.user_id, costs(meter, each)) for each in meter.dearest),
        facts=facts(quota),
    )


def facts(quota: Quota) -> tuple[tuple[str, str], ...]:
    """Return what was spent, what is left and what is to be expected, by labels."""
    return (
        ("Reads this month", formats.number(quota.month.reads)),
        ("Read out this month", f"{formats.gibibytes(quota.month.bytes_out)} of {FREE_BYTES // GIBIBYTE} free"),
        *bill(quota),
        ("Free reads left today", f"{formats.number(quota.reads_left)} of {formats.number(FREE_READS)}"),
    )


def bill(quota: Quota) -> tuple[tuple[str, str], ...]:
    """Return the dollars among the facts."""
    expected = quota.expected_dollars
    return (
        ("Bill this month", formats.money(quota.dollars)),
        ("By its end, at this pace", "not known yet" if expected is None else formats.money(expected)),
    )


def costs(meter: Meter, document: DearDocument) -> str:
    """Return what reading a document takes in a month, at the price of what is not free; below a day, what it took."""
    month = meter.a_month(document)
    if month is None:
        return f"{formats.gibibytes(document.read_bytes)} so far"
    return f"{formats.gibibytes(month.bytes_out)}, {formats.money(meter.prices.of(month))} a month"


def _state(quota: Quota) -> State:
    spent = max(quota.today.reads / FREE_READS, quota.month.bytes_out / FREE_BYTES)
    if spent > 1:
        return State.ACT
    return State.LOOK if spent >= _WARNS_AT or quota.dollars else State.GOOD


def _cause(quota: Quota, *, heavy: bool) -> str:
    if heavy:
        share = formats.rough_share(quota.month.bytes_out / FREE_BYTES)
        return f"{share} of what is free in a month was read out. {_HOW}"
    return f"{formats.rough_share(quota.today.reads / FREE_READS)} of a day’s free reads are used. {_HOW}"

"""Alerts that reached nobody: what is missed, and the check that says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from usage_dash.alerts.standing import Standing, Waiting
from usage_dash.checks.check import Check, State, Table
from usage_dash.wording import formats

_TOLD: Final = timedelta(days=7)  # so long it is told that an alert was given up
_MEND: Final = "correct the address in `USAGE_DASH_ALERTS`, start again, then run `usage-dash alerts test`."
_HEADS: Final = ("To", "Written", "Next try")


def missed(standing: Standing, now: datetime) -> tuple[Waiting, ...]:
    """Return what was tried in vain: what is tried again, the oldest first, and what was given up in the last days."""
    waiting = (each for each in standing.waiting if each.problem is not None)
    return (*waiting, *(each for each in standing.given_up if now - each.written < _TOLD))


def undelivered(standing: Standing, now: datetime, zone: ZoneInfo) -> Check | None:
    """Return a check that names whom alerts did not reach; None where each was delivered or is on its way."""
    found = missed(standing, now)
    if not found:
        return None
    addresses = list(dict.fromkeys(each.address for each in found))
    return Check(
        key="alerts-are-delivered",
        state=State.ACT,
        title=_title(len(found), addresses),
        detail=_detail(found, now, zone),
        figure=formats.number(len(found)),
        unit="waiting" if any(each.due for each in found) else "given up",
        why=_why(found),
        todo=_todo(found),
        table=Table(_HEADS, tuple(_row(each, now, zone) for each in found)) if len(found) > 1 else None,
    )


def _title(count: int, addresses: Sequence[str]) -> str:
    whom = addresses[0] if len(addresses) == 1 else formats.counted(len(addresses), "address", "addresses")
    if count == 1:
        return f"The alert to {whom} was not delivered"
    return f"{formats.counted(count, 'alert')} to {whom} were not delivered"


def _detail(found: Sequence[Waiting], now: datetime, zone: ZoneInfo) -> str:
    tries, since = max(each.tries for each in found), min(each.written for each in found)
    tried = f"Tried {formats.counted(tries, 'time')} since {formats.moment(since, now, zone)}"
    dues = [each.due for each in found if each.due]
    return f"{tried}; {f'next try {formats.moment(min(dues), now, zone)}' if dues else 'not tried again'}"


def _why(found: Sequence[Waiting]) -> str:
    """Return why each address was not told; of the only one, without its name."""
    problems = {each.address: each.problem or "" for each in found}
    if len(problems) == 1:
        return "".join(problems.values())
    return " ".join(f"{address}: {problem}" for address, problem in problems.items())


def _todo(found: Sequence[Waiting]) -> str:
    """Return what to do; a reason may pass, as long as it is tried again."""
    if any(each.due for each in found):
        return f"If it does not come right by itself, {_MEND}"
    return f"{_MEND[0].upper()}{_MEND[1:]}"


def _row(each: Waiting, now: datetime, zone: ZoneInfo) -> tuple[str, ...]:
    due = formats.moment(each.due, now, zone) if each.due else "given up"
    return each.address, formats.moment(each.written, now, zone), due

"""The rules of what users cost: in a day, and in a month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Final

from usage_dash.alerts.findings import Finding, Ruling
from usage_dash.alerts.plain import plain
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.dear_users import Dear, dear_users
from usage_dash.settings.alert_rules import Rule, RuleName
from usage_dash.wording import amounts, formats

LOOKED_BACK: Final = timedelta(days=7)  # of days and months that ended since then it is told too


def user_day(moment: Moment, rule: Rule) -> Ruling:
    """Return who cost more than the limit today, or on a day that ended within a week."""
    found = dear_users(moment, "day", rule.limit, moment.today - LOOKED_BACK)
    return _ruling(found, rule.name, "none yet today", date.isoformat)


def user_month(moment: Moment, rule: Rule) -> Ruling:
    """Return who cost more than the limit this month, or in a month that ended within a week."""
    found = dear_users(moment, "month", rule.limit, moment.today - LOOKED_BACK)
    return _ruling(found, rule.name, "none yet this month", month_of)


def month_of(day: date) -> str:
    """Return the month of a day as a period."""
    return f"{day:%Y-%m}"


def called(names: Mapping[str, str]) -> dict[str, str]:
    """Return what a message calls users, by their ids and names: by id whoever has no name, or is called as others."""
    shown = {user_id: plain(name) if name else "" for user_id, name in names.items()}
    times = Counter(shown.values())
    return {user_id: _called(user_id, name, times[name]) for user_id, name in shown.items()}


def _called(user_id: str, name: str, times: int) -> str:
    if not name:
        return plain(user_id)
    return name if times == 1 else f"{name} ({plain(user_id)})"


def _ruling(found: Dear, rule: RuleName, none: str, period: Callable[[date], str]) -> Ruling:
    names = called({user.user_id: user.name for user in found.users})
    findings = tuple(
        Finding(
            rule,
            period(user.first),
            user.user_id,
            f"{names[user.user_id]} – {amounts.amount(user.cost, formats.money)}",
        )
        for user in found.users
    )
    highest = found.highest and f"highest {amounts.narrow_amount(found.highest, formats.money)}"
    return Ruling(highest or none, findings, users=found.near)

"""The rule of unusual days."""

from __future__ import annotations

from collections.abc import Mapping

from usage_dash.alerts.findings import Finding, Ruling
from usage_dash.alerts.of_users import LOOKED_BACK, called
from usage_dash.money.unusual import UnusualDay
from usage_dash.money.unusual_days import UnusualDays
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.names import names_of
from usage_dash.settings.alert_rules import Rule
from usage_dash.wording import formats


def unusual(moment: Moment, days: UnusualDays, rule: Rule) -> Ruling:
    """Return which days cost far more than usual, of the last week, and today so far; who is behind one is named."""
    found = days.of(moment, moment.today - LOOKED_BACK, moment.today)
    if found.since is None:
        return Ruling("known after some weeks", unknown=True)
    behind = [user.name for day in found.days for user in day.users]
    names = called(dict.fromkeys(behind, "") | names_of(moment, behind))
    findings = (Finding(rule.name, each.day.isoformat(), "", _line(each, names)) for each in found.days)
    is_so_today = any(each.so_far for each in found.days)
    return Ruling("today is" if is_so_today else "none today", tuple(findings), users=tuple(behind))


def _line(of: UnusualDay, names: Mapping[str, str]) -> str:
    cost = f"{'at least ' if of.at_least else ''}{formats.money(of.cost)}"
    day = f"{'So far ' if of.so_far else ''}{cost}, usual is {formats.money(of.usual)}."
    behind = [f"{names[each.name]} +{formats.money(each.dollars)}" for each in of.users]
    return f"{day} More than usual: {', '.join(behind)}" if behind else day

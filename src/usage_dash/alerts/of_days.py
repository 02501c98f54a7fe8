"""The rule of unusual days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from usage_dash.alerts.findings import Finding, Ruling
from usage_dash.alerts.of_users import called
from usage_dash.money.unusual import Unusual, UnusualDay
from usage_dash.settings.alert_rules import Rule
from usage_dash.wording import formats

_NAMED: Final = 3  # users who are behind a day


def unusual(found: Unusual, names: Mapping[str, str], today: date, rule: Rule) -> Ruling:
    """Return which days cost far more than usual, today so far among them; who is behind one is told by name."""
    if found.since is None:
        return Ruling("known after some weeks", unknown=True)
    findings = (Finding(rule.name, each.day.isoformat(), "", _line(each, names)) for each in found.days)
    is_so_today = any(each.day == today for each in found.days)
    return Ruling("today is" if is_so_today else "none today", tuple(findings))


def _line(of: UnusualDay, names: Mapping[str, str]) -> str:
    cost = f"{'at least ' if of.at_least else ''}{formats.money(of.cost)}"
    day = f"{'So far ' if of.so_far else ''}{cost}, usual is {formats.money(of.usual)}."
    behind = [
        f"{called(each.name, names.get(each.name, ''))} +{formats.money(each.dollars)}" for each in of.users[:_NAMED]
    ]
    return f"{day} More than usual: {', '.join(behind)}" if behind else day

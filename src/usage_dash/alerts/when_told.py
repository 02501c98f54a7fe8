"""By which alert rule somebody is told once a check is no longer good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_dash.alerts.standing import Standing
from usage_dash.settings.alert_rules import RuleName

_RULES: Final = {  # by the keys of checks
    "usage-arrives": RuleName.SILENT,
    "up-to-date": RuleName.FAILING,
    "documents-have-room": RuleName.FULL,
    "billed": RuleName.BILLED,
}


def when_told(standing: Standing) -> Mapping[str, str]:
    """Return the rules in words, by the keys of the checks that they watch over; without those that cannot be true."""
    words = {each.state.rule.name: each.state.words for each in standing.rules if not each.state.idle}
    return {check: words[rule] for check, rule in _RULES.items() if rule in words}

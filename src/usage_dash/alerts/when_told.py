"""By which alert rules somebody is told once a check is no longer good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from usage_dash.alerts.standing import Standing
from usage_dash.settings.alert_rules import RuleName

_RULES: Final = {  # by the keys of checks
    "usage-arrives": (RuleName.SILENT,),
    "up-to-date": (RuleName.FAILING,),
    "documents-have-room": (RuleName.FULL,),
    "billed": (RuleName.BILLED,),
    "budgets-hold": (RuleName.BUDGET, RuleName.FORECAST),
    "days-are-usual": (RuleName.UNUSUAL,),
}


def when_told(standing: Standing) -> Mapping[str, str]:
    """Return the rules in words, by the keys of the checks that they watch over; without those that cannot be true."""
    words = {each.state.rule.name: each.state.words for each in standing.rules if not each.state.idle}
    told = {check: ". ".join(words[rule] for rule in rules if rule in words) for check, rules in _RULES.items()}
    return {check: said for check, said in told.items() if said}

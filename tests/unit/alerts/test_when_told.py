"""Which checks alert rules watch over."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.fakes import SOURCE, MemoryRepository
from tests.unit.builders import NOON, batch, document, item

from usage_dash.access.viewer import Viewer
from usage_dash.alerts.findings import RuleState
from usage_dash.alerts.standing import RuleStanding, Standing
from usage_dash.alerts.when_told import when_told
from usage_dash.alerts.words import in_words
from usage_dash.checks.billed import as_billed
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.money.outlook import Outlook
from usage_dash.reporting.billed import Billed
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.settings.alert_rules import DEFAULT, Rule, rules_in
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.sync import Sync

NOW = datetime(2026, 11, 25, 14, 2, tzinfo=UTC)


def standing(*idle: str) -> Standing:
    rules = rules_in(DEFAULT)
    assert isinstance(rules, tuple)
    return Standing((), 300.0, NOW, tuple(_standing(rule, idle) for rule in rules), (), ())


def _standing(rule: Rule, idle: tuple[str, ...]) -> RuleStanding:
    why = "No key is set" if rule.name.value in idle else ""
    return RuleStanding(RuleState(rule, in_words(rule), "", why), None)


def test_rules_watch_over_checks_that_there_are() -> None:
    with closing(Ledger(SOURCE.identity, ZoneInfo("UTC"))) as ledger:
        ledger.apply(batch(document("ada", item(), size=1_000)))
        reports = Reports(ledger, ViewCache(), lambda: NOON)
        outlook = Outlook(reports, lambda: Budgets(month=100.0))
        checks = Checks(reports, Sync(MemoryRepository(), ledger), Rules(), 30, outlook=outlook)
        found = checks.of(EVERYBODY, Viewer.admin())
    bill = as_billed(Billed((), NOON.date(), NOON.date(), Sum(), 0.0, None, (), None, None), NOON)
    keys = {check.key for check in (*found, bill) if check}
    assert when_told(standing()).keys() <= keys
    assert len(when_told(standing())) == 6


def test_a_rule_that_cannot_be_true_tells_nobody() -> None:
    told = when_told(standing("billed"))
    assert "billed" not in told
    assert told["usage-arrives"] == "Nothing is recorded for 6 hours"


def test_a_check_that_several_rules_watch_over_tells_of_each() -> None:
    assert when_told(standing())["budgets-hold"] == "A budget reaches 50, 80, 100%. The forecast passes a budget"
    assert when_told(standing("budget"))["budgets-hold"] == "The forecast passes a budget"
    assert "budgets-hold" not in when_told(standing("budget", "forecast"))

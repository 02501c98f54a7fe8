"""What metrics tell of OpenAI's bill, and of everybody's budget."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.builders import NOON, document, item
from tests.unit.known import Named
from tests.unit.worlds import DAY, filled

from usage_dash.inside.metrics import Metrics
from usage_dash.ledger.bill import Ask
from usage_dash.ledger.ledger import Ledger
from usage_dash.money.outlook import Outlook
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.sync import Sync


def _told(sync: Sync, ledger: Ledger, *, asks_bill: bool) -> list[str]:
    return _lines(sync, ledger, "usage_dash_bill_", asks_bill=asks_bill)


def _lines(
    sync: Sync, ledger: Ledger, name: str, *, asks_bill: bool = False, budgets: Budgets | None = None
) -> list[str]:
    reports = Reports(ledger, ViewCache(), lambda: NOON)
    outlook = Outlook(reports, lambda: budgets or Budgets())
    body, _ = Metrics(sync, reports, outlook, asks_bill=asks_bill).scraped("")
    return [line for line in body.decode().splitlines() if line.startswith(name)]


@pytest.mark.parametrize(("problem", "failing"), [(None, "0.0"), ("OpenAI refused the key.", "1.0")])
def test_whether_the_bill_could_be_read_is_told(sync: Sync, ledger: Ledger, problem: str | None, failing: str) -> None:
    ledger.keep_bill(Ask("a question", whole=False, asked=NOON, due=NOON + timedelta(hours=1), problem=problem), None)
    asked, failed = _told(sync, ledger, asks_bill=True)
    assert float(asked.split()[1]) == NOON.timestamp()
    assert failed == f"usage_dash_bill_failing {failing}"


def test_a_bill_that_nobody_has_asked_for_or_asks_for_no_more_is_no_metric(sync: Sync, ledger: Ledger) -> None:
    assert _told(sync, ledger, asks_bill=True) == []
    ledger.keep_bill(Ask("a question", whole=False, asked=NOON, due=NOON, problem="It fails."), None)
    assert _told(sync, ledger, asks_bill=False) == []


def test_everybodys_budget_is_told_and_no_teams_or_users(sync: Sync, ledger: Ledger) -> None:
    days = [item(-DAY * number, cost=2.0) for number in range(70)]
    filled(ledger, [document("ada", *days)], {"ada": Named(team="Support")})
    told = _lines(sync, ledger, "usage_dash_budget", budgets=Budgets(50, {"Support": 31}, 20))
    assert told == [
        "usage_dash_budget_dollars 50.0",
        "usage_dash_budget_spent_dollars 30.0",
        "usage_dash_budget_forecast_dollars 60.0",
    ]
    assert _lines(sync, ledger, "usage_dash_budget", budgets=Budgets(teams={"Support": 31})) == []


def test_what_is_not_known_of_a_budget_is_no_metric(sync: Sync, ledger: Ledger) -> None:
    filled(ledger, [document("ada", item(cost=None))])
    assert _lines(sync, ledger, "usage_dash_budget", budgets=Budgets(50)) == ["usage_dash_budget_dollars 50.0"]

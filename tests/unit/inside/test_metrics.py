"""What metrics tell of OpenAI's bill."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.unit.builders import NOON

from usage_dash.inside.metrics import Metrics
from usage_dash.ledger.bill import Ask
from usage_dash.ledger.ledger import Ledger
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.sync.sync import Sync


def _told(sync: Sync, ledger: Ledger, *, asks_bill: bool) -> list[str]:
    body, _ = Metrics(sync, Reports(ledger, ViewCache()), asks_bill=asks_bill).scraped("")
    return [line for line in body.decode().splitlines() if line.startswith("usage_dash_bill_")]


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

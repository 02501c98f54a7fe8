from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from usage_dash.ledger.ledger import Ledger, LedgerError
from usage_dash.people.directory import People
from usage_dash.sync.people import keep_people


class FullLedger(Ledger):
    def take_people(self, people: pa.Table) -> None:
        raise LedgerError(f"No room for {people.num_rows}.")


def test_a_ledger_without_room_keeps_nobody_waiting_and_says_why(caplog: pytest.LogCaptureFixture) -> None:
    ledger = FullLedger("x", ZoneInfo("UTC"))
    with caplog.at_level(logging.ERROR):
        keep_people(ledger, People())
    ledger.close()
    assert caplog.messages == ["The page shows the people as they were before: No room for 0."]

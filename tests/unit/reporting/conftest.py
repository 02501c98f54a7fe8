from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from tests.unit.worlds import ZONES

from usage_dash.ledger.ledger import Ledger


@pytest.fixture(scope="module")
def ledgers() -> Iterator[dict[str, Ledger]]:
    opened = {zone: Ledger("demo:sample/(default)/usage", ZoneInfo(zone)) for zone in ZONES}
    yield opened
    for each in opened.values():
        each.close()

"""Ledgers that tests fill again and again, so that nothing of those before stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from zoneinfo import ZoneInfo

import pytest
from tests.unit.worlds import ZONES

from usage_dash.ledger.ledger import Ledger


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger("memory:usage", ZoneInfo("UTC"), keep_sums=False)) as opened:
        yield opened


@pytest.fixture(scope="session")
def ledgers() -> Iterator[dict[str, Ledger]]:
    opened = {zone: Ledger("memory:usage", ZoneInfo(zone), keep_sums=False) for zone in ZONES}
    yield opened
    for each in opened.values():
        each.close()

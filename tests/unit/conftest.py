"""A fake source, a ledger for it, and a sync between the two."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import MemoryRepository
from tests.unit.syncing import Clock, make

from usage_dash.ledger.ledger import Ledger
from usage_dash.sync.sync import Sync


@pytest.fixture
def source() -> MemoryRepository:
    return MemoryRepository()


@pytest.fixture
def ledger(source: MemoryRepository) -> Iterator[Ledger]:
    opened = Ledger(source.source.identity, ZoneInfo("UTC"))
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sync(source: MemoryRepository, ledger: Ledger, clock: Clock) -> Iterator[Sync]:
    """One that reads a first listing in several pages."""
    source.page_size = 10
    made = make(source, ledger, clock)
    yield made
    made.close()

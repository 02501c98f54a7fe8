"""A fake source, a ledger for it, a sync between the two, and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import MemoryRepository
from tests.unit.command_line import Cli, invoke
from tests.unit.syncing import Clock, make

from usage_dash.ledger.ledger import Ledger
from usage_dash.settings import SETTINGS
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


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """The command line in a directory of its own, without settings but those that a test gives."""
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)
    return invoke

"""OpenAI's bill in a whole app: asked for while an administrator looks, told on the page of trust, its key nowhere."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import DEADLINE, MemoryRepository
from tests.integration.page_client import PageClient
from tests.servers.openai_bill import KEY, Billed, Fault, OpenAIBillServer

from usage_dash.access.viewer import Role, Viewer
from usage_dash.app import create_dash
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.board import Board
from usage_dash.settings import Settings, SourceName

NOW = datetime.now(UTC)
TRUST = {"query": "", "at": "trust"}
DAYS = 40


@pytest.fixture
def server() -> Iterator[OpenAIBillServer]:
    with OpenAIBillServer(NOW.date()) as running:
        running.costs = [Billed(NOW.date() - timedelta(days=back), "gpt-5, input", 2.0) for back in range(DAYS)]
        yield running


def repository() -> MemoryRepository:
    """A source with one user who has used as much on each day as was billed, but for half of the last whole one."""
    entries = [
        {"timestamp": NOW - timedelta(days=back), "model": "gpt-5", "costUsd": 1.0 if back == 2 else 2.0, "calls": 1}
        for back in reversed(range(DAYS))
    ]
    made = MemoryRepository({"ada": {"totalCalls": DAYS, "lastUpdated": NOW, "recentUsage": entries}})
    made.clock = NOW
    return made


class Looking:
    """An app, and somebody who has its page open."""

    def __init__(self, settings: dict[str, Any]) -> None:
        app = create_dash(Settings.model_validate(settings), repository())
        self.board: Board = app.server.extensions["usage_dash_board"]
        self._page = PageClient(app.server)

    def look(self) -> str:
        """Ask for the page of trust, and wait for what that starts; return all that it holds."""
        found = self._page.refresh(asked=TRUST)
        self.board.sync.refresh(wait=DEADLINE)
        self.board.bill.wait()
        return json.dumps(found, ensure_ascii=False)


@contextmanager
def opened(server: OpenAIBillServer, **settings: Any) -> Iterator[Looking]:
    source = {"chosen_source": SourceName.FIRESTORE}
    looking = Looking({"openai_admin_key": KEY, "openai_base_url": server.address, **source, **settings})
    yield looking
    looking.board.close()


def checked(board: Board, role: Role = Role.ADMIN) -> list[str]:
    """What the checks say of the bill."""
    return [check.figure for check in board.checks.of(EVERYBODY, Viewer(role)) if check.key == "billed"]


def asked(server: OpenAIBillServer) -> int:
    return sum(each.path.endswith("/costs") for each in server.asked)


def test_the_bill_is_read_when_an_administrator_looks_and_told_at_the_next_look(server: OpenAIBillServer) -> None:
    with opened(server) as looking:
        assert server.asked == []
        looking.look()
        told = looking.look()
        assert asked(server) == 1
        assert "Recorded agrees with what OpenAI billed" in told
        assert checked(looking.board) == ["98%"]


def test_nobody_waits_for_openai(server: OpenAIBillServer) -> None:
    server.held.clear()
    with opened(server) as looking:
        looking.board.sync.refresh(wait=DEADLINE)
        for _ in range(3):
            assert checked(looking.board) == []
        assert server.arrived.acquire(timeout=DEADLINE)
        assert asked(server) == 1
    server.held.set()
    for thread in threading.enumerate():
        if thread.name == "bill":
            thread.join(DEADLINE)


def test_a_restart_within_the_hour_shows_the_last_answer_and_asks_nobody(
    server: OpenAIBillServer, tmp_path: Path
) -> None:
    for _ in range(2):
        with opened(server, ledger_file=tmp_path / "ledger.duckdb") as looking:
            looking.look()
            assert "Recorded agrees with what OpenAI billed" in looking.look()
    assert asked(server) == 1


def test_once_the_key_is_taken_away_the_bill_is_not_told_any_more(server: OpenAIBillServer, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.duckdb"
    with opened(server, ledger_file=ledger) as looking:
        looking.look()
        assert checked(looking.board) == ["98%"]
    with opened(server, ledger_file=ledger, openai_admin_key=None) as looking:
        looking.look()
        assert checked(looking.board) == []
    assert asked(server) == 1


def test_who_may_not_see_the_source_sees_no_bill_and_starts_nothing(server: OpenAIBillServer) -> None:
    with opened(server) as looking:
        looking.board.sync.refresh(wait=DEADLINE)
        for role in (Role.VIEWER, Role.LEAD, Role.SELF):
            assert checked(looking.board, role) == []
        looking.board.bill.wait()
        assert server.asked == []
        looking.look()
        assert checked(looking.board) == ["98%"]
        assert checked(looking.board, Role.VIEWER) == []


def test_a_refusal_is_told_and_the_key_is_nowhere(
    server: OpenAIBillServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.fault = Fault(401, json.dumps({"error": {"message": f"Incorrect API key provided: {KEY[:9]}***."}}))
    ledger = tmp_path / "ledger.duckdb"
    with caplog.at_level(logging.DEBUG), opened(server, ledger_file=ledger) as looking:
        pages = looking.look() + looking.look()
        assert "OpenAI does not accept the key (401)" in pages
        assert caplog.text.count("OpenAI's bill cannot be read") == 1
    assert server.asked[0].key == KEY
    for told in (pages, caplog.text, ledger.read_bytes().decode("latin-1")):
        assert KEY[:9] not in told


def test_a_sample_is_on_nobodys_bill(server: OpenAIBillServer) -> None:
    with opened(server, chosen_source=SourceName.DEMO) as looking:
        looking.look()
        looking.look()
        assert server.asked == []

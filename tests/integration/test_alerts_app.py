"""Alerts in a whole app: read, judged and told at a real webhook, once, also across restarts."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from tests.fakes import DEADLINE, MemoryRepository
from tests.servers.webhook import Webhook

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.alerts.standing import Standing
from usage_dash.alerts.watch import NoWatch, Pass, Watch
from usage_dash.app import create_dash
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page.board import Board
from usage_dash.page.request import parse
from usage_dash.page.trusted import trusted
from usage_dash.settings import Settings, SourceName

NOW = datetime.now(UTC)
TOKEN = "m" * 32
RULE = "user-day=50"


def source_of(*users: str) -> MemoryRepository:
    """A source whose users have each spent $61 just now."""
    entry = {"timestamp": NOW, "model": "gpt-5", "costUsd": 61.0, "calls": 1}
    documents = {user: {"totalCalls": 1, "lastUpdated": NOW, "recentUsage": [entry]} for user in users}
    made = MemoryRepository(documents)
    made.clock = NOW
    return made


@contextmanager
def served(source: MemoryRepository, **settings: Any) -> Iterator[tuple[Flask, Board]]:
    known = {"chosen_source": SourceName.FIRESTORE, "alert_rules": RULE, **settings}
    server = create_dash(Settings.model_validate(known), source).server
    board: Board = server.extensions["usage_dash_board"]
    yield server, board
    board.close()


def one_pass(board: Board) -> Pass:
    assert isinstance(board.watch, Watch)
    return board.watch.once()


def watchers() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "alerts"]


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as running:
        yield running


def test_where_nobody_is_to_be_told_nothing_is_read_while_nobody_looks() -> None:
    source = source_of("ada")
    with served(source) as (_, board):
        assert isinstance(board.watch, NoWatch)
        assert watchers() == []
        assert source.arrivals == 0


def test_of_a_sample_nobody_is_told(webhook: Webhook) -> None:
    settings = Settings.model_validate({"alerts": webhook.url, "chosen_source": SourceName.DEMO})
    board: Board = create_dash(settings).server.extensions["usage_dash_board"]
    assert isinstance(board.watch, NoWatch)
    board.close()


def test_whoever_crosses_is_told_once_also_across_restarts(webhook: Webhook, tmp_path: Path) -> None:
    kept = {"ledger_file": tmp_path / "ledger.duckdb", "alerts": webhook.url, "url": "https://usage.acme.example/"}
    with served(source_of("ada"), **kept) as (_, board):
        assert one_pass(board) == Pass(written=1, sent=1, failed=0, waiting=0)
        assert one_pass(board) == Pass(written=0, sent=0, failed=0, waiting=0)
    with served(source_of("ada", "bob"), **kept) as (_, board):
        assert one_pass(board) == Pass(written=1, sent=1, failed=0, waiting=0)
    first, second = webhook.wait(2)
    assert "ada – $61" in first.said["message"]
    assert "https://usage.acme.example/users/ada" in first.said["message"]
    assert "bob – $61" in second.said["message"]
    assert "ada" not in second.said["message"]


def test_what_was_not_delivered_waits_over_a_restart(webhook: Webhook, tmp_path: Path) -> None:
    kept = {"ledger_file": tmp_path / "ledger.duckdb", "alerts": webhook.url}
    webhook.status = 500
    with served(source_of("ada"), **kept) as (_, board):
        assert one_pass(board) == Pass(written=1, sent=0, failed=1, waiting=1)
    webhook.status = 200
    with served(source_of("ada"), **kept) as (_, board):
        assert one_pass(board) == Pass(written=0, sent=0, failed=0, waiting=1)  # it is not due as yet
        standing = board.watch.standing()
        assert standing is not None
        (waiting,) = standing.waiting
        assert (waiting.rule, waiting.tries) == ("user-day", 1)
        assert "secret" not in str(standing)


def test_neither_users_nor_addresses_are_in_the_log(
    webhook: Webhook, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    alerts = webhook.url.replace("json://", "json://somebody:secret-word@")
    with served(source_of("ada-lovelace"), alerts=alerts, ledger_file=tmp_path / "ledger.duckdb") as (_, board):
        one_pass(board)
        webhook.status = 500
        board.sync.refresh(wait=DEADLINE)
        one_pass(board)
    told = "\n".join(map(str, (*caplog.messages, caplog.text)))
    assert "Alerts: 1 written, 1 delivered, 0 failed, 0 waiting" in told
    for word in ("ada-lovelace", "secret-word", "somebody", str(webhook.port)):
        assert word not in told


def test_metrics_count_deliveries_and_name_no_address(webhook: Webhook) -> None:
    with served(source_of("ada"), alerts=webhook.url, metrics_token=TOKEN) as (server, board):
        one_pass(board)
        scraped = server.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        assert "usage_dash_alerts_delivered_total 1.0" in scraped
        assert "usage_dash_alert_failures_total 0.0" in scraped
        assert "usage_dash_alerts_waiting 0.0" in scraped
        assert str(webhook.port) not in scraped
        ready = server.test_client().get("/ready")
        assert ready.status_code == 200
    with served(source_of("ada"), metrics_token=TOKEN) as (server, _):
        assert "usage_dash_alert" not in (
            server.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
        )


class Hindered(NoWatch):
    """A watch whose last look has failed."""

    def standing(self, *, rules: bool = True) -> Standing:
        return Standing(("slack #costs",), 300.0, NOW if rules else None, (), (), (), "The disk is full.")


@pytest.mark.parametrize(("viewer", "told"), [(Viewer.admin(), True), (Viewer.viewer(), False)])
def test_who_sees_the_source_is_told_that_nobody_is_told(viewer: Viewer, told: bool) -> None:  # noqa: FBT001 - by name
    with served(source_of("ada")) as (_, board):
        board.sync.refresh(wait=DEADLINE)
        asked = parse(Admitted(viewer, EVERYBODY), {"at": "trust"}, board.reports.today)
        found = {check.key: check.why for check in trusted(replace(board, watch=Hindered()), asked).checks}
    assert found.get("alerts-are-judged") == ("The disk is full." if told else None)

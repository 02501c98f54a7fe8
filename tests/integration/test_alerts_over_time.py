"""Alerts at a real webhook and a real mail server, with restarts, wrong clocks and failures in between.

Nothing is lost, and nothing told twice but what a kill kept from being noted.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from tests.fakes import DEADLINE
from tests.servers.mail import TAKEN, MailServer
from tests.servers.webhook import Webhook
from tests.unit.alerting import SILENT, TODAY, FakeComposer, FakeJudge, user_day
from tests.unit.syncing import Clock

from usage_dash.alerts.deliveries import Deliveries
from usage_dash.alerts.findings import Finding
from usage_dash.alerts.memory import Memory
from usage_dash.alerts.sender import AppriseSender
from usage_dash.ledger.ledger import Ledger
from usage_dash.settings.alert_addresses import Address, alert_addresses

U1, U2 = user_day("u1"), user_day("u2")


class Forgetful(Ledger):
    """A ledger whose process is killed before it can note what was delivered, as long as the test says."""

    is_killed = False

    def delivered(self, alert: str, address: str, at: datetime) -> None:
        if not self.is_killed:
            super().delivered(alert, address, at)


class Dashboard:
    """A process that tells, on a ledger's file; it can be started anew."""

    def __init__(self, path: Path, addresses: tuple[Address, ...]) -> None:
        self.path, self.addresses = path, addresses
        self.clock, self.judge = Clock(), FakeJudge()
        self.open()

    def open(self) -> None:
        self.ledger = Forgetful("fake", ZoneInfo("UTC"), self.path)
        self.memory = Memory(self.ledger, self.addresses, FakeComposer(), self.clock.now)
        self.deliveries = Deliveries(self.memory, AppriseSender())

    def restart(self) -> None:
        self.ledger.close()
        self.open()

    def find(self, *findings: Finding, later: timedelta = timedelta(0)) -> None:
        self.clock.seconds += later.total_seconds()
        self.judge.findings = findings
        self.memory.take(self.judge.judge(self.memory.since()))
        self.deliveries.begin()
        assert self.deliveries.wait(DEADLINE)


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def dashboard(tmp_path: Path, webhook: Webhook, mail: MailServer) -> Iterator[Dashboard]:
    urls = f"{webhook.url} mailto://127.0.0.1:{mail.port}/ops@acme.example?from=bot@acme.example"
    addresses = alert_addresses(urls)
    assert isinstance(addresses, tuple)
    made = Dashboard(tmp_path / "ledger.duckdb", addresses)
    yield made
    made.ledger.close()


def posted(webhook: Webhook) -> list[str]:
    return [f"{each.said['title']} {each.said['message'].partition(chr(10))[0]}" for each in webhook.posted]


def mailed(mail: MailServer) -> list[str]:
    return [f"{each.mail['Subject']} {each.body.partition(chr(10))[0].strip()}" for each in mail.mailed]


def test_nothing_is_lost_and_nothing_told_twice(dashboard: Dashboard, webhook: Webhook, mail: MailServer) -> None:
    """The webhook is down from the second pass to the fourth, in which time the clock is wrong and it is restarted."""
    year, hours = timedelta(days=365), timedelta(hours=2)
    with webhook:
        dashboard.find(U1)
    dashboard.find(U1, SILENT)
    dashboard.restart()
    dashboard.find(U1, SILENT, later=-year)
    dashboard.restart()
    dashboard.find(U1, SILENT, later=2 * year)
    with webhook:
        dashboard.find(U1, SILENT, later=hours - year)
        mail.to_mail = "451 Try again later"
        dashboard.find(U1, U2)
        dashboard.restart()
        mail.to_mail = TAKEN
        for _ in range(3):
            dashboard.find(U1, U2, later=hours)
    told = [f"user-day {TODAY} u1", "silent", f"user-day {TODAY} u2", "over: silent"]
    assert sorted(map(shortened, posted(webhook))) == sorted(told)
    assert sorted(map(shortened, mailed(mail))) == sorted(told)
    assert dashboard.memory.sent().owed == ()


def shortened(line: str) -> str:
    return line.partition("Data as of")[0].strip()


def test_what_a_kill_kept_from_being_noted_comes_once_more_with_the_same_id(
    dashboard: Dashboard, webhook: Webhook, mail: MailServer
) -> None:
    with webhook:
        dashboard.ledger.is_killed = True
        dashboard.find(U1)
        dashboard.restart()
        for _ in range(2):
            dashboard.find(U1)
    first, second = webhook.posted
    assert first.said == second.said
    assert first.said["id"]
    assert len(mail.mailed) == 2
    assert len({each.mail["X-Usage-Dash-Id"] for each in mail.mailed}) == 1

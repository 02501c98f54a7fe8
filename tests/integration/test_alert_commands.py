"""Alerts by the program itself: a dashboard that is killed, and what a scheduler runs after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.servers.mail import MailServer
from tests.servers.ports import free_port
from tests.servers.program import DEADLINE, environ, read_until, running
from tests.servers.webhook import Webhook

PRIVATE = "TIiajkdnlazkcOXrIdevi7FQ"
TOKEN = "m" * 32
PROGRAM = [sys.executable, "-m", "usage_dash"]


@dataclass
class Place:
    """A folder with usage documents, and settings."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def write(self, **characters: int) -> None:
        """Let each user's document be so large, of 10,000 that it may have."""
        now = datetime.now(UTC).isoformat()
        documents = [
            {"userId": user, "lastUpdated": now, "totalCalls": 1, "notes": "x" * size}
            for user, size in characters.items()
        ]
        (self.folder / "usage.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in documents))

    def run(self, *arguments: str, **changes: str) -> tuple[int, str]:
        """Run a command of the program to its end; return its exit code and all that it said."""
        done = subprocess.run(  # noqa: S603 - our own program
            [*PROGRAM, *arguments],
            cwd=self.folder,
            env=environ(self.settings | changes),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert "Traceback" not in done.stdout
        assert PRIVATE not in done.stdout
        return done.returncode, done.stdout


@pytest.fixture
def place(tmp_path: Path) -> Place:
    settings = {
        "USAGE_DASH_SOURCE": "local",
        "USAGE_DASH_LOCAL_FILE": "usage.jsonl",
        "USAGE_DASH_LEDGER": "usage.duckdb",
        "USAGE_DASH_DOCUMENT_LIMIT": "10kB",
        "USAGE_DASH_ALERT_RULES": "full",
    }
    made = Place(tmp_path, settings)
    made.write(ada=10)
    return made


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as running_webhook:
        yield running_webhook


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with MailServer(login=("bot", PRIVATE)) as server:
        yield server


def _mail(server: MailServer) -> str:
    return f"mailto://bot:{PRIVATE}@127.0.0.1:{server.port}/ops@acme.example?from=bot@acme.example"


def _delivered(address: str) -> float:
    """Return how many deliveries a dashboard has counted."""
    asked = urllib.request.Request(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310 - ours
    with urllib.request.urlopen(asked, timeout=DEADLINE) as response:  # noqa: S310 - see above
        lines = response.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("usage_dash_alerts_delivered_total "))


def _until_delivered(address: str, count: int) -> None:
    until = time.monotonic() + DEADLINE
    while _delivered(address) < count:
        assert time.monotonic() < until
        time.sleep(0.05)


def test_what_a_killed_dashboard_told_is_not_told_again(place: Place, webhook: Webhook, mail: MailServer) -> None:
    place.settings |= {"USAGE_DASH_ALERTS": f"{webhook.url}, {_mail(mail)}", "USAGE_DASH_METRICS_TOKEN": TOKEN}
    place.write(ada=9_800)
    with running([*PROGRAM, "run"], place.folder, **place.settings, PORT="0") as dashboard:
        address = read_until(dashboard, r"http://127\.0\.0\.1:\d+")[0]
        webhook.wait(1), mail.wait(1)
        _until_delivered(address, 2)
        code, said = place.run("alerts", "run")
        assert (code, "that sends the alerts itself" in said) == (3, True)
        os.killpg(dashboard.pid, signal.SIGKILL)
    place.write(ada=9_800, bob=9_800)
    code, said = place.run("alerts", "run")
    assert (code, said.splitlines()[-1]) == (0, "1 new, 2 delivered, 0 not delivered, 0 waiting.")
    place.write(ada=10, bob=10)
    code, said = place.run("alerts", "run")
    assert (code, said.splitlines()[-1]) == (0, "2 new, 4 delivered, 0 not delivered, 0 waiting.")
    posted, mailed = webhook.wait(4), mail.wait(4)
    for told in ([each.said["message"] for each in posted], [each.body for each in mailed]):
        assert len(told) == 4
        assert ("ada" in told[0], "bob" in told[0]) == (True, False)
        assert ("ada" in told[1], "bob" in told[1]) == (False, True)
        assert ["What to do" in each for each in told] == [True, True, False, False]
    assert len({each.said["id"] for each in posted}) == 4
    assert [each.said["id"] for each in posted] == [each.mail["X-Usage-Dash-Id"] for each in mailed]


def test_what_is_not_delivered_is_said_and_waits(place: Place, webhook: Webhook) -> None:
    place.settings |= {"USAGE_DASH_ALERTS": f"{webhook.url}/{PRIVATE}"}
    place.write(ada=9_800)
    webhook.status = 503
    code, said = place.run("alerts", "run")
    assert (code, said.splitlines()[-2:]) == (
        1,
        ["1 new, 0 delivered, 1 not delivered, 1 waiting.", "json 127.0.0.1: It has failed (503); it is tried again."],
    )


def test_a_test_message_goes_to_each_address(place: Place, webhook: Webhook, mail: MailServer) -> None:
    silent = f"json://somebody:{PRIVATE}@127.0.0.1:{free_port()}/{PRIVATE}"
    code, said = place.run("alerts", "test", USAGE_DASH_ALERTS=f"{webhook.url} {silent} {_mail(mail)}")
    assert (code, said.splitlines()) == (
        1,
        [
            "json 127.0.0.1: delivered",
            "json 127.0.0.1: Nothing answers there: check host and port; it is tried again.",
            "mailto ops@acme.example: delivered",
        ],
    )
    assert webhook.posted[0].said["title"] == "usage-dash: This is a test"
    assert mail.mailed[0].body.replace("\r\n", "\n").startswith("This is a test.")
    assert webhook.posted[0].said["id"] == mail.mailed[0].mail["X-Usage-Dash-Id"]

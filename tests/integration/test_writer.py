"""The writer that docs/writer.md shows: nothing is lost by it under concurrency, and the checks find nothing wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest
from google.cloud import firestore
from tests.servers.chatbot import PROJECT, client_of
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer
from tests.tracked import ROOT

from usage_dash.checks.of_ledger import of_ledger
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.lately import Lately
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.sync.catch_up import catch_up

WRITER = ROOT / "src/usage_dash/page/writer/record-usage.mjs"
CLIENTS = ROOT / "tests/servers/writers.mjs"
SOON = 240.0  # seconds
TEN = {"clients": 10, "users": ["ada"], "answers": 4}
CALL = {"calls": 1, "inputTokens": 1000, "outputTokens": 200, "totalTokens": 1200}
YEARS = 3 * 365 * 86_400_000  # milliseconds


@dataclass(frozen=True, slots=True)
class Told:
    """What the clients told: the codes of failures, and how many answers are kept for later."""

    failures: list[str]
    kept: int


def write(host: str, **asked: Any) -> Told:
    node = shutil.which("node")
    assert node is not None
    done = subprocess.run(  # noqa: S603 - our own script
        [node, str(CLIENTS), host, json.dumps(TEN | asked)], capture_output=True, text=True, timeout=SOON, check=False
    )
    assert done.returncode == 0, done.stderr
    return Told(**json.loads(done.stdout))


@pytest.fixture
def client(server: FaultServer) -> Iterator[firestore.Client]:
    made = client_of(server.host)
    yield made
    made.close()


def _document(client: firestore.Client, user_id: str = "ada") -> dict[str, Any]:
    found: dict[str, Any] = client.collection("usage").document(user_id).get().to_dict()
    return found


def _check_sums(document: dict[str, Any], answers: int) -> None:
    assert document["totalCalls"] == answers
    assert document["totalInputTokens"] == 1000 * answers
    assert document["totalOutputTokens"] == 200 * answers
    assert document["totalTokens"] == 1200 * answers
    assert document["totalCostUsd"] == pytest.approx(0.0045 * answers)


def _wrong(host: str, *, twice: bool = False) -> dict[str, str]:
    """Return what the checks say that is wrong, after one sync or after two."""
    with (
        closing(FirestoreRepository(project=PROJECT, emulator_host=host)) as repository,
        closing(Ledger(repository.source.identity, ZoneInfo("UTC"))) as ledger,
    ):
        for _ in range(2 if twice else 1):
            catch_up(repository, ledger, reconcile_after=timedelta(0), on_page=lambda: None)
        with Reports(ledger, ViewCache()).moment(EVERYBODY) as moment:
            assert moment.documents > 0
            return {check.key: check.title for check in of_ledger(moment, Rules(), Lately()) if check.is_pressing}


def test_ten_clients_first_writes_at_the_same_moment_are_all_counted(
    server: FaultServer, client: firestore.Client
) -> None:
    assert write(server.host) == Told([], 0)
    document = _document(client)
    _check_sums(document, 40)
    entries = document["recentUsage"]
    assert len({entry["id"] for entry in entries}) == len(entries) == 40
    assert {key: entries[0][key] for key in CALL} == CALL
    assert _wrong(server.host, twice=True) == {}


def test_several_users_beside_each_other(server: FaultServer, client: firestore.Client) -> None:
    users = ["ada", "grace", "a user with spaces"]
    assert write(server.host, users=users, clients=9) == Told([], 0)
    for user_id in users:
        _check_sums(_document(client, user_id), 12)
    assert _wrong(server.host) == {}


def test_the_newest_hundred_entries_are_kept_and_all_are_counted(server: FaultServer, client: firestore.Client) -> None:
    write(server.host, clients=3, answers=45)
    document = _document(client)
    _check_sums(document, 135)
    times = [entry["timestamp"] for entry in document["recentUsage"]]
    assert len(times) == 100


@pytest.mark.parametrize("wrong_by", [-YEARS, YEARS], ids=["years behind", "years ahead"])
def test_a_clients_wrong_clock_dates_nothing(server: FaultServer, client: firestore.Client, wrong_by: int) -> None:
    began = datetime.now(UTC)
    write(server.host, wrongBy=wrong_by)
    ended = datetime.now(UTC)
    document = _document(client)
    for entry in document["recentUsage"]:
        assert began - timedelta(seconds=SOON) <= entry["timestamp"] <= document["lastUpdated"] <= ended
    assert document["createdAt"] <= document["lastUpdated"]
    assert _wrong(server.host) == {}


@pytest.mark.parametrize(
    "fault",
    [
        {"method": "BatchGetDocuments"},
        {"method": "Commit", "document": "/asked"},
        {"method": "Commit", "document": "/ada"},
    ],
)
def test_what_firestore_does_not_answer_is_tried_again_and_counted_once(
    server: FaultServer, client: firestore.Client, fault: dict[str, str]
) -> None:
    server.fail(grpc.StatusCode.UNAVAILABLE, times=5, **fault)  # a commit was written, and its answer is lost
    assert write(server.host, clients=2).kept == 0
    _check_sums(_document(client), 8)
    assert _wrong(server.host) == {}


def test_a_failure_is_told_and_the_answer_kept(server: FaultServer) -> None:
    server.fail(grpc.StatusCode.PERMISSION_DENIED, method="BatchGetDocuments")
    told = write(server.host, clients=1, answers=2)
    assert set(told.failures) == {"permission-denied"}
    assert told.kept == 2


def test_what_was_kept_is_counted_later_and_once(server: FaultServer, client: firestore.Client) -> None:
    # Each client asks twice for the time, then fails for its first answers; its next page counts them.
    server.fail(grpc.StatusCode.PERMISSION_DENIED, method="BatchGetDocuments", times=2)
    told = write(server.host, clients=1)
    assert told == Told(["permission-denied"] * 2, 0)
    _check_sums(_document(client), 4)


def test_an_answer_that_is_never_taken_keeps_no_other_from_being_counted(
    server: FaultServer, client: firestore.Client
) -> None:
    server.fail(grpc.StatusCode.PERMISSION_DENIED, method="BatchGetDocuments", times=2)  # that one, and the next
    assert write(server.host, clients=1, uncountable=1).kept == 1
    _check_sums(_document(client), 4)


def test_a_storage_that_is_full_keeps_no_answer_from_being_counted(
    server: FaultServer, client: firestore.Client
) -> None:
    assert write(server.host, clients=2, full=True) == Told([], 0)
    _check_sums(_document(client), 8)


def test_an_answer_kept_by_a_clock_that_was_set_right_is_not_of_the_future(
    server: FaultServer, client: firestore.Client
) -> None:
    server.fail(grpc.StatusCode.PERMISSION_DENIED, method="BatchGetDocuments", times=2)
    assert write(server.host, clients=1, wrongBy=YEARS, setRight=True).kept == 0
    document = _document(client)
    assert all(entry["timestamp"] <= document["lastUpdated"] for entry in document["recentUsage"])
    assert _wrong(server.host) == {}


def test_speech_stands_elsewhere_and_moves_nothing(server: FaultServer, client: firestore.Client) -> None:
    write(server.host, clients=2)
    before = _document(client)
    write(server.host, clients=2, answers=0, speech=3)
    assert _document(client) == before
    assert _document_of_speech(client)["ttsUsageCalls"] == 6
    assert _wrong(server.host) == {}


def _document_of_speech(client: firestore.Client) -> dict[str, Any]:
    found: dict[str, Any] = client.document("usage/ada/speech/totals").get().to_dict()
    return found


def test_a_document_of_the_old_writer_is_gone_on_with(server: FaultServer, client: firestore.Client) -> None:
    old = [CALL | {"timestamp": datetime(2026, 3, 2, 9, second, tzinfo=UTC)} for second in range(60)] * 5
    old = [entry | {"model": "gpt-4o", "costUsd": 0.0045, "note": number} for number, entry in enumerate(old)]
    name = f"projects/{PROJECT}/databases/(default)/documents/usage/ada"
    created = datetime(2026, 1, 1, tzinfo=UTC)
    sums = {"totalCalls": 300, "totalInputTokens": 300_000, "totalOutputTokens": 60_000, "totalTokens": 360_000}
    server.store.put(
        name, sums | {"totalCostUsd": 1.35, "createdAt": created, "lastUpdated": created, "recentUsage": old}
    )
    write(server.host, clients=1)
    document = _document(client)
    _check_sums(document, 304)
    assert document["createdAt"] == created
    assert [entry.get("note") for entry in document["recentUsage"]][-5:] == [299, None, None, None, None]
    assert len(document["recentUsage"]) == 100


def test_ten_clients_write_so_into_the_emulator_too() -> None:
    with Emulator() as emulator, closing(client_of(emulator.host)) as client:
        assert write(emulator.host, speech=1) == Told([], 0)
        _check_sums(_document(client), 40)
        assert len({entry["id"] for entry in _document(client)["recentUsage"]}) == 40
        assert _wrong(emulator.host) == {}


def test_the_documentation_shows_the_writer_that_is_tested() -> None:
    shown = re.findall(r"```js\n(.*?)```\n", (ROOT / "docs/writer.md").read_text(encoding="utf-8"), re.DOTALL)
    assert WRITER.read_text(encoding="utf-8") in shown

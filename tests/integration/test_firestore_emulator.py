"""The Firestore emulator as a source: written by the chatbot, restarted, shared, and forked over."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore
from tests.fakes import DEADLINE
from tests.servers.chatbot import PROJECT, Chatbot, client_of
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer

from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore.source import FirestoreRepository

ROOT = Path(__file__).parents[2]
CLOCK = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)


def _entry(minute: int, **fields: Any) -> dict[str, Any]:
    entry = {"timestamp": CLOCK + timedelta(minutes=minute), "model": "gpt-4o", "inputTokens": 10, "outputTokens": 5}
    return entry | {"totalTokens": 15, "costUsd": 0.25, "calls": 1} | fields


@pytest.fixture(params=["emulator", "server"])
def host(request: pytest.FixtureRequest) -> str:
    running: Emulator | FaultServer = request.getfixturevalue(request.param)
    return running.host


def test_what_the_chatbot_writes_is_read_in_full(host: str, collection: str) -> None:
    client = client_of(host)
    chatbot = Chatbot(client, collection)
    entries = [_entry(0), _entry(1, model="unknown"), _entry(2, calls=3, costUsd=1.5)]
    before = datetime.now(UTC) - timedelta(seconds=1)
    for entry in [*entries, entries[1]]:  # the same entry again counts in the totals, and stands in the array once
        chatbot.count("ada", entry, CLOCK)
    chatbot.count("grace", _entry(0), CLOCK)
    chatbot.count("gone", _entry(0), CLOCK)
    chatbot.delete("gone")
    repository = FirestoreRepository(project=PROJECT, collection=collection, emulator_host=host)
    (page,) = repository.listing()
    ada, grace = page.batch.users.to_pylist()
    assert (ada["total_calls"], ada["total_tokens"], ada["total_cost"]) == (6, 60, 2.25)
    assert ada["created_at"] == CLOCK == grace["last_updated"]
    assert before <= ada["last_updated"] <= datetime.now(UTC)
    rows = [row for row in page.batch.entries.to_pylist() if row["user_id"] == "ada"]
    assert [row["at"] for row in rows] == [entry["timestamp"] for entry in entries]
    assert [(row["model"], row["calls"], row["cost"]) for row in rows] == [
        ("gpt-4o", 1, 0.25),
        ("unknown", 1, 0.25),
        ("gpt-4o", 3, 1.5),
    ]
    assert page.batch.findings.num_rows == 0
    (changed,) = repository.changed(before)
    assert changed.batch.users["user_id"].to_pylist() == ["ada"]
    repository.close()
    client.close()


def test_a_restarted_emulator_is_found_again() -> None:
    with Emulator() as emulator:
        repository = FirestoreRepository(project=PROJECT, emulator_host=emulator.host)
        assert repository.count() == 0
        emulator.stop()
        with pytest.raises(SourceError) as failed:
            repository.count()
        assert failed.value.failure is Failure.UNREACHABLE
        emulator.start()
        assert _count_once_back(repository) == 0
        repository.close()


def _count_once_back(repository: FirestoreRepository) -> int:
    deadline = time.monotonic() + DEADLINE
    while True:
        try:
            return repository.count()
        except SourceError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # between two polls


def test_two_repositories_live_in_one_process(emulator: Emulator, server: FaultServer, collection: str) -> None:
    server.store.put(f"projects/{PROJECT}/databases/(default)/documents/{collection}/ada", {})
    one = FirestoreRepository(project=PROJECT, collection=collection, emulator_host=emulator.host)
    other = FirestoreRepository(project=PROJECT, collection=collection, emulator_host=server.host)
    assert (one.count(), other.count()) == (0, 1)
    one.close()
    assert other.count() == 1
    other.close()


def test_the_address_comes_from_the_settings_alone(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    repository = FirestoreRepository(emulator_host=server.host)
    assert repository.count() == 0
    repository.close()


def test_an_emulator_is_another_source_than_the_project_that_it_stands_in_for(server: FaultServer) -> None:
    real, emulated = (
        FirestoreRepository(project=PROJECT),
        FirestoreRepository(project=PROJECT, emulator_host=server.host),
    )
    assert real.source.identity != emulated.source.identity
    assert emulated.source.place == f"{PROJECT} (emulator)"
    assert FirestoreRepository(emulator_host=server.host).source.place == "google-cloud-firestore-emulator (emulator)"


_FORKING = """
import os, sys, threading
from usage_dash.repository.firestore.source import FirestoreRepository

repository = FirestoreRepository(project="acme-chatbot", emulator_host=sys.argv[1])
assert threading.active_count() == 1, threading.enumerate()
children = []
for _ in range(2):
    pid = os.fork()
    if pid == 0:
        os.write(1, f"child {repository.count()}\\n".encode())
        os._exit(0)
    children.append(pid)
for pid in children:
    assert os.waitpid(pid, 0)[1] == 0
os.write(1, f"parent {repository.count()}\\n".encode())
"""


@pytest.mark.parametrize("fork_support", ["0", "1"])
def test_a_repository_made_before_a_fork_works_in_every_process(server: FaultServer, fork_support: str) -> None:
    outcome = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", _FORKING, server.host],
        env=os.environ | {"GRPC_ENABLE_FORK_SUPPORT": fork_support},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert sorted(outcome.stdout.split("\n")) == ["", "child 0", "child 0", "parent 0"], outcome.stderr


def test_the_emulator_ends_with_its_parent() -> None:
    script = "from tests.servers.emulator import Emulator; e = Emulator(); e.start(); print(e.host, flush=True)"
    outcome = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", f"{script}; import os; os._exit(1)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    host, port = outcome.stdout.strip().split(":")
    deadline = time.monotonic() + DEADLINE
    while _listens(host, int(port)):
        assert time.monotonic() < deadline
        time.sleep(0.05)  # between two polls


def _listens(host: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((host, port)) == 0


def test_wild_ids_survive_the_way_through_google_s_client(
    emulator: Emulator, emulator_client: firestore.Client, collection: str
) -> None:
    ids = ["a b", "ünï", "\U0001f600", "%2F", "x" * 1500, "ü" * 750, "007", "7", "a\nb", "'\"\\", "\u202eabc"]
    for user_id in ids:
        emulator_client.collection(collection).document(user_id).set({"totalCalls": 1})
    repository = FirestoreRepository(project=PROJECT, collection=collection, emulator_host=emulator.host)
    listed = [user_id for page in repository.listing() for user_id in page.batch.users["user_id"].to_pylist()]
    assert listed == sorted(ids, key=str.encode)
    repository.close()

"""The doctor as people and scripts run it: against Firestore's protocol, wrong keys, closed ports and silence."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.cloud.firestore_admin_v1.types import Database
from tests.servers.chatbot import PROJECT, Chatbot, first_document
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer
from tests.servers.ports import free_port
from tests.servers.program import environ, read_until, running

SOON = 120.0  # seconds; without an end a call would wait for five minutes
USERS = f"projects/{PROJECT}/databases/(default)/documents/usage"

ENTRY = {
    "timestamp": datetime(2026, 3, 2, 9, tzinfo=UTC),
    "model": "gpt-4o",
    "inputTokens": 100,
    "outputTokens": 20,
    "totalTokens": 120,
    "costUsd": 0.00045,
    "calls": 1,
}
Answer = tuple[int, dict[str, dict[str, Any]]]
Ask = Callable[..., Answer]


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the doctor in a process of its own, in an empty folder."""

    def asked(*options: str, **changes: str) -> subprocess.CompletedProcess[str]:
        home = {"HOME": str(tmp_path), "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"), "NO_GCE_CHECK": "true"}
        return subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "usage_dash", "doctor", *options],
            cwd=tmp_path,
            env=environ(home | changes),
            capture_output=True,
            text=True,
            timeout=SOON,
            check=False,
        )

    return asked


@pytest.fixture
def ask(run: Callable[..., subprocess.CompletedProcess[str]]) -> Ask:
    """Asks for JSON, and gives the exit code and the checks by their keys."""

    def asked(**changes: str) -> Answer:
        done = run("--json", **changes)
        assert "Traceback" not in done.stderr
        told = json.loads(done.stdout)
        assert told["well"] is (done.returncode == 0)
        for check in told["checks"]:
            assert check["state"] not in {"act", "look"} or check["todo"].endswith((".", "`")), check
        return done.returncode, {check["key"]: check for check in told["checks"]}

    return asked


def _at(server: FaultServer, **more: str) -> dict[str, str]:
    return {"FIRESTORE_EMULATOR_HOST": server.host, "FIREBASE_PROJECT_ID": PROJECT} | more


def _states(checks: dict[str, dict[str, Any]], *keys: str) -> list[str]:
    return [checks[key]["state"] for key in keys]


@pytest.fixture
def filled(server: FaultServer) -> FaultServer:
    for number in range(30):
        name = f"user {number:02}"
        server.store.put(f"{USERS}/{name}", first_document(name, ENTRY, datetime.now(UTC)))
    return server


def _key(folder: Path, token_uri: str) -> Path:
    """Write a service account's key that is whole, and known to nobody."""
    made = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    account = {"type": "service_account", "project_id": PROJECT, "client_email": f"dash@{PROJECT}.iam.example"}
    file = folder / "key.json"
    file.write_text(json.dumps(account | {"private_key": pem, "private_key_id": "1", "token_uri": token_uri}))
    return file


def test_all_is_well_and_little_was_read(ask: Ask, filled: FaultServer) -> None:
    filled.database = Database(database_edition=Database.DatabaseEdition.STANDARD)
    code, checks = ask(**_at(filled, USAGE_DASH_LEDGER="usage.duckdb", USAGE_DASH_LEDGER_BACKUPS="."))
    assert code == 0
    assert {check["state"] for check in checks.values()} == {"good"}
    assert checks["collection"]["title"] == "The collection “usage” holds 30 usage documents"
    assert checks["ledger"]["title"] == "usage.duckdb will be made at the first start"
    assert filled.returned == 20
    assert [len(filled.made(method)) for method in ("RunAggregationQuery", "RunQuery", "Commit")] == [1, 1, 0]


def test_people_get_lines_and_one_sentence(run: Callable[..., Any], filled: FaultServer) -> None:
    done = run(**_at(filled))
    assert done.returncode == 0
    assert "\ngood  permission  Documents can be read\n" in done.stdout
    assert "\nlook  ledger      Nothing is kept across restarts" in done.stdout
    assert done.stdout.endswith("\n\n1 thing to look at.\n")
    assert done.stderr == ""


def test_the_emulator_has_no_edition(ask: Ask, emulator: Emulator, chatbot: Chatbot) -> None:
    chatbot.count("ada", ENTRY, datetime.now(UTC))
    there = {"FIRESTORE_EMULATOR_HOST": emulator.host, "FIREBASE_PROJECT_ID": PROJECT}
    code, checks = ask(**there, USAGE_COLLECTION=chatbot.collection)
    assert code == 0
    assert _states(checks, "permission", "edition", "collection", "documents", "clock") == [
        "good",
        "unknown",
        "good",
        "good",
        "good",
    ]


def test_an_enterprise_edition_is_told_with_its_index(ask: Ask, filled: FaultServer) -> None:
    filled.database = Database(database_edition=Database.DatabaseEdition.ENTERPRISE)
    _, checks = ask(**_at(filled))
    assert checks["edition"]["state"] == "look"
    assert "field-path=lastUpdated,order=ascending" in checks["edition"]["todo"]


def test_a_clock_that_is_wrong_is_told(ask: Ask, filled: FaultServer) -> None:
    filled.store.clock = lambda: datetime.now(UTC) + timedelta(hours=2)
    code, checks = ask(**_at(filled))
    assert (code, checks["clock"]["state"]) == (1, "act")
    assert "behind" in checks["clock"]["title"]


@pytest.mark.parametrize(
    ("status", "key"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "permission"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "permission"),
        (grpc.StatusCode.NOT_FOUND, "database"),
        (grpc.StatusCode.FAILED_PRECONDITION, "database"),
        (grpc.StatusCode.UNAUTHENTICATED, "credentials"),
        (grpc.StatusCode.UNAVAILABLE, "connection"),
    ],
)
def test_what_stands_in_the_way_is_named_once(ask: Ask, filled: FaultServer, status: grpc.StatusCode, key: str) -> None:
    filled.fail(status, "words about ada@example.org")
    code, checks = ask(**_at(filled, USAGE_DASH_LEDGER="usage.duckdb"))
    assert code == 1
    assert [check["key"] for check in checks.values() if check["state"] == "act"] == [key]
    assert "ada@example.org" not in json.dumps(checks)
    assert "collection" not in checks


def test_a_missing_index_is_found_by_a_real_query(ask: Ask, filled: FaultServer) -> None:
    details = "The query requires an index for collection usage and field lastUpdated."
    filled.fail(grpc.StatusCode.FAILED_PRECONDITION, details, method="RunQuery")
    _, checks = ask(**_at(filled))
    assert "gcloud firestore indexes fields update lastUpdated" in checks["database"]["todo"]


def test_silence_ends(ask: Ask, filled: FaultServer) -> None:
    filled.fail(None)
    code, checks = ask(**_at(filled))
    assert (code, checks["connection"]["state"]) == (1, "act")


def test_a_closed_port_is_told_at_once(ask: Ask) -> None:
    closed = f"127.0.0.1:{free_port()}"
    code, checks = ask(FIRESTORE_EMULATOR_HOST=closed, FIREBASE_PROJECT_ID=PROJECT)
    assert (code, checks["connection"]["state"]) == (1, "act")
    assert closed in checks["connection"]["todo"]


def test_a_key_that_was_cut_off_is_a_setting_to_mend(run: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text('{"type": "service_account", "project_id": "acme", "private_key": "SECRET')
    done = run("--json", FIREBASE_CREDENTIALS="key.json")
    assert done.returncode == 1
    assert "FIREBASE_CREDENTIALS must be a service account's key" in done.stdout
    assert "SECRET" not in done.stdout + done.stderr


def test_a_key_whose_issuer_cannot_be_reached(run: Callable[..., Any], tmp_path: Path) -> None:
    key = _key(tmp_path, f"http://127.0.0.1:{free_port()}/token")
    done = run("--json", FIREBASE_CREDENTIALS=str(key))
    checks = {check["key"]: check for check in json.loads(done.stdout)["checks"]}
    assert done.returncode == 1
    assert _states(checks, "credentials", "connection", "permission") == ["unknown", "act", "unknown"]
    assert "PRIVATE KEY" not in done.stdout + done.stderr


def test_without_any_credentials_the_command_that_signs_in_is_named(ask: Ask) -> None:
    code, checks = ask(FIREBASE_PROJECT_ID=PROJECT)
    assert (code, checks["credentials"]["state"]) == (1, "act")
    assert "`gcloud auth application-default login`" in checks["credentials"]["todo"]


def test_wrong_settings_are_all_there_is_to_say(ask: Ask) -> None:
    code, checks = ask(PORT="x", USAGE_DASH_TIMEZONE="Mars")
    assert (code, list(checks)) == (1, ["settings"])
    assert "PORT is “x”" in checks["settings"]["todo"]
    assert "USAGE_DASH_TIMEZONE is “Mars”" in checks["settings"]["todo"]


def test_no_secret_is_printed(run: Callable[..., Any], filled: FaultServer) -> None:
    secrets = {
        "USAGE_DASH_SECRET": "s" * 40,
        "USAGE_DASH_PASSWORD": "hunter2hunter2",
        "USAGE_DASH_EMBED_SECRET": "e" * 40,
    }
    openai = {"OPENAI_ADMIN_KEY": "sk-admin-hunter2", "OPENAI_BASE_URL": f"http://127.0.0.1:{free_port()}/v1"}
    for option in ((), ("--json",)):
        done = run(*option, **_at(filled), **secrets, **openai, USAGE_DASH_AUTH="password")
        said = done.stdout + done.stderr
        assert done.returncode == 1
        assert "OpenAI cannot be reached" in said
        assert not [secret for secret in (*secrets.values(), openai["OPENAI_ADMIN_KEY"]) if secret in said]


def test_a_ledger_that_the_dashboard_uses_is_well(ask: Ask, filled: FaultServer, tmp_path: Path) -> None:
    there = _at(filled, USAGE_DASH_LEDGER=str(tmp_path / "usage.duckdb"))
    with running([sys.executable, "-m", "usage_dash", "run"], tmp_path, PORT="0", **there) as process:
        read_until(process, r"usage-dash is at http://127\.0\.0\.1:\d+")
        code, checks = ask(**there)
    assert (code, checks["ledger"]["state"]) == (0, "good")
    assert "in use" in checks["ledger"]["title"]


def test_a_port_of_this_machine_that_is_not_firestores(ask: Ask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        code, checks = ask(
            FIRESTORE_EMULATOR_HOST=f"127.0.0.1:{listener.getsockname()[1]}", FIREBASE_PROJECT_ID=PROJECT
        )
    assert (code, checks["connection"]["state"]) == (1, "act")


def test_the_writers_faults_are_told_with_what_was_read_for_them(run: Callable[..., Any], filled: FaultServer) -> None:
    wrong = first_document("wrong", ENTRY | {"totalTokens": 7}, datetime.now(UTC))
    filled.store.put(f"{USERS}/wrong", wrong)
    done = run("--writer", "--json", **_at(filled))
    assert "Reading 31 documents, which costs about $0.0000" in done.stderr
    assert "Traceback" not in done.stderr
    told = json.loads(done.stdout)
    concerned = {
        user["user_id"] for check in told["checks"] if check["state"] in {"act", "look"} for user in check["users"]
    }
    assert "wrong" in concerned
    assert done.returncode == (0 if told["well"] else 1)


def test_the_writers_faults_need_a_source_that_can_be_read(run: Callable[..., Any], filled: FaultServer) -> None:
    filled.fail(grpc.StatusCode.PERMISSION_DENIED)
    done = run("--writer", **_at(filled))
    assert done.returncode == 1
    assert done.stdout.startswith("ACT   writer The documents were not looked at\n")
    assert "Firestore refused to let usage-dash read “usage”." in done.stdout


def test_programs_get_json_also_where_documents_could_not_be_looked_at(
    run: Callable[..., Any], filled: FaultServer
) -> None:
    filled.fail(grpc.StatusCode.PERMISSION_DENIED)
    denied = run("--writer", "--json", **_at(filled))
    wrong = run("--writer", "--json", USAGE_DASH_TIMEZONE="Mars")
    for done, key in ((denied, "writer"), (wrong, "settings")):
        told = json.loads(done.stdout)
        assert (done.returncode, told["well"], [check["key"] for check in told["checks"]]) == (1, False, [key])

"""How Firestore fails, in words, and how soon."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import grpc
import pytest
from tests.servers.fault import FaultServer

from usage_dash.documents.batch import IdRange
from usage_dash.repository.base import Failure, SourceError
from usage_dash.repository.firestore.source import FirestoreRepository

Code = grpc.StatusCode
Read = Callable[[FirestoreRepository], object]

USER = "ada@example.org"  # stands in the server's own words, and must not come out
BUDGET = 0.5  # seconds, where the server says nothing at all
ANSWERED = 3.0  # seconds that are enough for honest answers before the silence, on slow machines too
SOON = 60.0  # seconds; a call that no budget ends lasts five minutes
READS: dict[str, Read] = {
    "count": lambda repository: repository.count(),
    "count of a range": lambda repository: repository.count(IdRange("a", "b")),
    "listing": lambda repository: list(repository.listing()),
    "changed": lambda repository: list(repository.changed(datetime.now(UTC))),
}


def _open(host: str, budget: float = SOON, **settings: str) -> FirestoreRepository:
    return FirestoreRepository(**{"project": "acme-chatbot", "emulator_host": host, "budget": budget} | settings)


def _error(read: Read, repository: FirestoreRepository) -> SourceError:
    with pytest.raises(SourceError) as failed:
        read(repository)
    repository.close()
    return failed.value


def _failed(server: FaultServer, code: Code, details: str = "", reason: str = "", **settings: str) -> SourceError:
    server.fail(code, details, reason=reason)
    return _error(READS["count"], _open(server.host, **settings))


@pytest.fixture(params=READS)
def read(request: pytest.FixtureRequest) -> Read:
    return READS[request.param]


@pytest.mark.parametrize(
    ("code", "failure", "mendable"),
    [
        (Code.PERMISSION_DENIED, Failure.PERMISSION, False),
        (Code.UNAUTHENTICATED, Failure.CREDENTIALS, False),
        (Code.NOT_FOUND, Failure.NOT_FOUND, False),
        (Code.RESOURCE_EXHAUSTED, Failure.QUOTA, True),
        (Code.UNAVAILABLE, Failure.UNREACHABLE, True),
        (Code.DEADLINE_EXCEEDED, Failure.UNREACHABLE, True),
        (Code.CANCELLED, Failure.UNREACHABLE, True),
        (Code.ABORTED, Failure.UNREACHABLE, True),
        (Code.INTERNAL, Failure.UNREACHABLE, True),
        (Code.UNKNOWN, Failure.UNREACHABLE, True),
        (Code.FAILED_PRECONDITION, Failure.INVALID, False),
        (Code.INVALID_ARGUMENT, Failure.INVALID, False),
        (Code.UNIMPLEMENTED, Failure.INVALID, False),
        (Code.OUT_OF_RANGE, Failure.INVALID, False),
        (Code.DATA_LOSS, Failure.INVALID, False),
    ],
)
def test_each_status_has_its_words(
    server: FaultServer,
    read: Read,
    code: Code,
    failure: Failure,
    mendable: bool,  # noqa: FBT001 - a column of the table
) -> None:
    server.fail(code, f"words about {USER}")
    error = _error(read, _open(server.host))
    assert (error.failure, error.mendable_by_retry) == (failure, mendable)
    assert len(server.calls) == 1  # tried once, and no more
    text = " ".join([error.title, error.remedy, error.reason, error.command])
    assert USER not in text
    assert re.fullmatch(r"[A-Z].*[^.]", error.title)
    assert error.remedy.endswith(".")
    assert not error.reason.endswith(".")


def test_permission_denied_names_the_role_and_the_command(server: FaultServer) -> None:
    error = _failed(server, Code.PERMISSION_DENIED, "Missing or insufficient permissions.")
    assert error.title == "Firestore refused to let usage-dash read “usage”"
    assert "Cloud Datastore Viewer (roles/datastore.viewer)" in error.remedy
    assert error.command == (
        "gcloud projects add-iam-policy-binding acme-chatbot "
        "--member=serviceAccount:SERVICE_ACCOUNT_EMAIL --role=roles/datastore.viewer"
    )
    assert error.reason == "Firestore refused (permission denied)"


@pytest.mark.parametrize(("details", "reason"), [("", "SERVICE_DISABLED"), ("… SERVICE_DISABLED …", "")])
def test_an_api_that_is_switched_off_is_told_from_a_missing_role(
    server: FaultServer, details: str, reason: str
) -> None:
    error = _failed(server, Code.PERMISSION_DENIED, details, reason)
    assert error.command == "gcloud services enable firestore.googleapis.com --project=acme-chatbot"
    assert not error.mendable_by_retry


def test_a_project_that_does_not_exist_is_told_from_a_missing_role(server: FaultServer) -> None:
    error = _failed(server, Code.PERMISSION_DENIED, "Permission denied on resource project", "CONSUMER_INVALID")
    assert error.failure is Failure.NOT_FOUND
    assert "FIREBASE_PROJECT_ID" in error.remedy


def test_a_missing_database_is_named(server: FaultServer) -> None:
    error = _failed(server, Code.NOT_FOUND, "The database chat-eu does not exist", database="chat-eu")
    assert error.title == "There is no Firestore database “chat-eu” in project acme-chatbot"
    assert "FIRESTORE_DATABASE" in error.remedy


def test_datastore_mode_is_named(server: FaultServer) -> None:
    error = _failed(server, Code.FAILED_PRECONDITION, "not available for Firestore in Datastore Mode database x")
    assert error.title == "The database “(default)” is in Datastore mode"


def test_a_missing_index_names_its_command(server: FaultServer) -> None:
    details = "The query requires a COLLECTION_ASC index for collection usage and field lastUpdated."
    error = _failed(server, Code.FAILED_PRECONDITION, details, collection="apps/my web/usage data")
    assert error.command == (
        "gcloud firestore indexes fields update lastUpdated --collection-group='usage data' "
        "--database='(default)' --project=acme-chatbot --clear-exemption"
    )


def test_a_quota_that_is_used_up_says_when_it_starts_anew(server: FaultServer) -> None:
    assert "midnight Pacific time" in _failed(server, Code.RESOURCE_EXHAUSTED, "Quota exceeded.").remedy


def test_silence_ends_after_the_budget(server: FaultServer, read: Read) -> None:
    server.fail(None)
    started = time.monotonic()
    error = _error(read, _open(server.host, BUDGET))
    assert BUDGET <= time.monotonic() - started < SOON
    assert (error.failure, error.reason) == (Failure.UNREACHABLE, "Firestore can't be reached (no answer)")
    assert server.abandoned.wait(SOON)  # the call does not live on


def test_silence_in_mid_stream_ends_after_the_budget_and_is_not_tried_again(server: FaultServer) -> None:
    for number in range(400):
        server.store.put(f"projects/acme-chatbot/databases/(default)/documents/usage/{number:03}", {})
    server.fail(None, method="RunQuery", after=350)
    started = time.monotonic()
    error = _error(READS["listing"], _open(server.host, BUDGET))
    assert time.monotonic() - started < SOON
    assert error.reason == "Firestore can't be reached (no answer)"
    assert len(server.made("RunQuery")) == 1


def test_an_emulator_may_think_about_a_listing_for_longer_than_the_budget(server: FaultServer) -> None:
    server.store.put("projects/acme-chatbot/databases/(default)/documents/usage/ada", {})
    server.store.ignores_ids = True
    server.fail(None, method="RunQuery", seconds=ANSWERED * 1.2)
    repository = _open(server.host, ANSWERED)
    assert sum(page.batch.documents for page in repository.listing()) == 1
    repository.close()


def test_an_emulator_that_is_silent_altogether_is_noticed_within_the_budget(server: FaultServer) -> None:
    server.store.ignores_ids = True
    repository = _open(server.host, ANSWERED)
    assert sum(page.batch.documents for page in repository.listing()) == 0
    server.fail(None)
    started = time.monotonic()
    assert _error(READS["listing"], repository).failure is Failure.UNREACHABLE
    assert time.monotonic() - started < SOON


def test_a_reader_that_takes_its_time_is_not_silence_of_the_server(server: FaultServer) -> None:
    for number in range(700):
        server.store.put(f"projects/acme-chatbot/databases/(default)/documents/usage/{number:03}", {})
    repository = _open(server.host, ANSWERED)
    pages = repository.listing()
    first = next(pages)
    _let_pass(ANSWERED * 1.2)
    assert first.batch.documents + sum(page.batch.documents for page in pages) == 700
    repository.close()


def test_a_port_where_nothing_listens_is_noticed_before_the_budget_is_spent(deaf: str, read: Read) -> None:
    started = time.monotonic()
    error = _error(read, _open(deaf, budget=2 * SOON))
    assert time.monotonic() - started < SOON
    assert error.failure is Failure.UNREACHABLE
    assert f"Start the emulator at {deaf}" in error.remedy


@pytest.fixture
def mute() -> Iterator[str]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_port_that_never_answers_is_noticed_within_the_budget(mute: str, read: Read) -> None:
    started = time.monotonic()
    assert _error(read, _open(mute, BUDGET)).failure is Failure.UNREACHABLE
    assert time.monotonic() - started < SOON


def test_a_host_that_does_not_exist_is_noticed_within_the_budget() -> None:
    started = time.monotonic()
    error = _error(READS["count"], _open("no-such-host.invalid:8080", BUDGET))
    assert error.failure is Failure.UNREACHABLE
    assert time.monotonic() - started < SOON


def test_after_a_failure_the_same_repository_reads_on(server: FaultServer) -> None:
    repository = _open(server.host)
    server.fail(Code.UNAVAILABLE, times=1)
    with pytest.raises(SourceError):
        repository.count()
    assert repository.count() == 0
    repository.close()


def test_an_answer_without_the_sources_clock_is_refused(server: FaultServer) -> None:
    server.fail(Code.OK, method="RunQuery")
    error = _error(READS["changed"], _open(server.host))
    assert (error.failure, error.title) == (Failure.INVALID, "The answer is not one that Firestore gives")


def test_a_count_without_a_number_is_refused(server: FaultServer) -> None:
    server.fail(Code.OK, method="RunAggregationQuery")
    assert _error(READS["count"], _open(server.host)).title == "The answer is not one that Firestore gives"


@pytest.fixture
def babbler() -> Iterator[str]:
    """A server that answers every call with bytes that mean nothing."""
    method = grpc.unary_stream_rpc_method_handler(lambda _request, _context: iter([b"\xff\xff"]))
    methods = dict.fromkeys(["RunQuery", "RunAggregationQuery"], method)
    running = grpc.server(ThreadPoolExecutor(1))
    running.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("google.firestore.v1.Firestore", methods),))
    port = running.add_insecure_port("127.0.0.1:0")
    running.start()
    yield f"127.0.0.1:{port}"
    running.stop(grace=None).wait()


def test_bytes_that_mean_nothing_are_refused(babbler: str, read: Read) -> None:
    assert _error(read, _open(babbler)).title == "The answer is not one that Firestore gives"


def _let_pass(seconds: float) -> None:
    """Wait; time itself is what the test is about."""
    ended = time.monotonic() + seconds
    while time.monotonic() < ended:
        time.sleep(0.01)

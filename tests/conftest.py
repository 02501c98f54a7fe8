"""What tests share: emulators for the whole run, a server with chosen faults for each test, no deadlines."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud import firestore
from hypothesis import HealthCheck, settings
from tests.servers.chatbot import Chatbot, client_of
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer
from tests.servers.firebase_auth import AuthEmulator
from tests.servers.ports import free_port

# No example is too slow, and no data too slow to make: the machine may be busy with something else.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_this_repository() -> Iterator[None]:
    """What is compressed for the tests stays here, not in the user's cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(Path(__file__).parents[1] / ".cache"))
        yield


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """A running Firestore emulator; tests keep apart by their collections."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def emulator_client(emulator: Emulator) -> Iterator[firestore.Client]:
    """Google's client on the emulator, for writing."""
    client = client_of(emulator.host)
    yield client
    client.close()


@pytest.fixture(scope="session")
def auth_emulator() -> Iterator[AuthEmulator]:
    """A running emulator of Firebase Authentication; tests keep apart by their accounts' addresses."""
    with AuthEmulator() as running:
        yield running


@pytest.fixture
def collection() -> str:
    """The name of a collection that is this test's own."""
    return f"usage-{uuid.uuid4().hex}"


@pytest.fixture
def chatbot(emulator_client: firestore.Client, collection: str) -> Chatbot:
    """The chatbot, writing to the emulator into this test's collection."""
    return Chatbot(emulator_client, collection)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    """An honest Firestore server that can be told to fail."""
    with FaultServer() as running:
        yield running


@pytest.fixture
def deaf() -> str:
    """An address of this machine at which nothing listens."""
    return f"127.0.0.1:{free_port()}"

"""Calls to one Firestore database, for whoever reads something in it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from usage_dash.repository.firestore.calls import Connection, Request, open_channel, open_emulator_channel
from usage_dash.repository.firestore.errors import Place
from usage_dash.repository.firestore.login import Login, log_in

_EMULATOR_PROJECT: Final = "google-cloud-firestore-emulator"  # as google's client calls it when nobody names one
_OWNER: Final = (("authorization", "Bearer owner"),)  # what an emulator takes for an administrator


class Client:
    """Signs in and connects at the first call, once in each process, so it may be made before a server forks.

    `credentials` is a service account's key as parsed JSON, the path to a credentials file, or None for what the
    machine offers. An emulator at `emulator_host` needs none. `budget` is how many seconds Firestore may be silent.
    """

    def __init__(
        self,
        project: str | None,
        database: str,
        credentials: Mapping[str, Any] | Path | None,
        emulator_host: str | None,
        budget: float,
    ) -> None:
        self.emulator_host = emulator_host
        self.database = database
        self._project = project or (_EMULATOR_PROJECT if emulator_host else None)
        self._credentials = credentials
        self._budget = budget
        self._lock = threading.RLock()
        self._login: Login | None = None
        self._connections: dict[int, Connection] = {}  # by process; a parent's must not be touched after a fork

    @property
    def project(self) -> str:
        """The project's id. Raises `SourceError` when only the credentials name it and they are unusable."""
        return self._project or self._logged_in().project

    def place(self, collection: str) -> Place:
        """Return what `explain` tells of a collection that could not be read."""
        email = self._login.email if self._login else None
        return Place(self.project, self.database, collection, email, self.emulator_host)

    def call(self, request: Request, patience: float | None = None) -> Iterator[bytes]:
        """Yield the answers to a request; see `Connection.call`. Raises `SourceError` for unusable credentials."""
        return self._connection().call(request, patience or self._budget)

    def ask(self, method: str, request: bytes, routing: Mapping[str, str]) -> bytes:
        """Return the one answer to a request; see `Connection.ask`. Raises `SourceError` for unusable credentials."""
        return self._connection().ask(method, request, routing, self._budget)

    def close(self) -> None:
        """Let go of the connection and the credentials."""
        with self._lock:
            connection = self._connections.pop(os.getpid(), None)
            if connection:
                connection.close()
            if self._login:
                self._login.close()
                self._login = None

    def _connection(self) -> Connection:
        with self._lock:
            connection = self._connections.get(os.getpid())
            if connection is None:
                connection = self._connections[os.getpid()] = self._connect()
            return connection

    def _connect(self) -> Connection:
        name = f"projects/{self.project}/databases/{self.database}"
        if self.emulator_host:
            return Connection(open_emulator_channel(self.emulator_host), name, lambda: _OWNER)
        return Connection(open_channel(), name, self._logged_in().headers)

    def _logged_in(self) -> Login:
        with self._lock:
            if self._login is None:
                self._login = log_in(self._credentials, self._project, self._budget)
            return self._login

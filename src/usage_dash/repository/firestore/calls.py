"""Calls to Firestore that end: one attempt each, raw answers, and a limit on how long the server may be silent.

The client library's own `stream()` retries for minutes, cannot be stopped by a clock, and decodes slowly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode

import grpc
from google.cloud.firestore_v1.services.firestore import FirestoreClient
from google.cloud.firestore_v1.types import BatchGetDocumentsRequest, RunAggregationQueryRequest, RunQueryRequest

Metadata: TypeAlias = Sequence[tuple[str, str]]
Request: TypeAlias = RunQueryRequest | RunAggregationQueryRequest | BatchGetDocumentsRequest

_SERVICE: Final = "/google.firestore.v1.Firestore"
_LONGEST_SECONDS: Final = 300.0  # of one call, however lively; Firestore itself ends a query after 60
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", -1),  # a document of 1 MiB may take more than that on the wire
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.max_reconnect_backoff_ms", 5_000),  # or a server that is back would be noticed after two minutes
    ("grpc.enable_retries", 0),  # whoever calls decides when to try again
)


class SilenceError(Exception):
    """The server said nothing for longer than allowed."""


class AnswerError(Exception):
    """The server answered with something that Firestore would not."""


def open_channel() -> grpc.Channel:
    """Return a channel to Firestore; nothing is sent before the first call."""
    return grpc.secure_channel(FirestoreClient.DEFAULT_ENDPOINT, grpc.ssl_channel_credentials(), _OPTIONS)


def open_emulator_channel(host: str) -> grpc.Channel:
    """Return a channel to an emulator at `host`, as in "127.0.0.1:8080", past any proxy."""
    return grpc.insecure_channel(host, (*_OPTIONS, ("grpc.enable_http_proxy", 0)))


class Connection:
    """Calls over one channel to one database, for one process.

    `authorize` gives the headers that prove who calls, before each call; what it raises comes out of `call`.
    """

    def __init__(self, channel: grpc.Channel, database_name: str, authorize: Callable[[], Metadata]) -> None:
        self._channel = channel
        self._database_name = database_name
        self._authorize = authorize
        self._methods = {
            RunQueryRequest: self._method("RunQuery", RunQueryRequest.serialize),
            RunAggregationQueryRequest: self._method("RunAggregationQuery", RunAggregationQueryRequest.serialize),
            BatchGetDocumentsRequest: self._method("BatchGetDocuments", BatchGetDocumentsRequest.serialize),
        }

    def call(self, request: Request, patience: float) -> Iterator[bytes]:
        """Yield the answers to `request` as they stand on the wire, waiting at most `patience` seconds for each.

        Time that the caller takes between two answers does not count. Raises `grpc.RpcError` and `SilenceError`.
        """
        metadata = (
            ("google-cloud-resource-prefix", self._database_name),
            ("x-goog-request-params", urlencode(_routing(request), safe="/")),
            *self._authorize(),
        )
        call = self._methods[type(request)](request, timeout=max(patience, _LONGEST_SECONDS), metadata=metadata)
        watch = _Watch(call, patience)
        try:
            yield from watch.answers()
        finally:
            watch.stop()
            call.cancel()

    def ask(self, method: str, request: bytes, routing: Mapping[str, str], patience: float) -> bytes:
        """Return the one answer to a request of any of Google's services there. Raises `grpc.RpcError`."""
        metadata = (("x-goog-request-params", urlencode(routing, safe="/")), *self._authorize())
        call: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(method)
        return call(request, timeout=patience, metadata=metadata)

    def close(self) -> None:
        """End the calls under way and let go of the channel."""
        self._channel.close()

    def _method(self, name: str, serializer: Callable[..., bytes]) -> grpc.UnaryStreamMultiCallable[Request, bytes]:
        return self._channel.unary_stream(f"{_SERVICE}/{name}", request_serializer=serializer)


def _routing(request: Request) -> dict[str, str]:
    """Return the field of a request by which Google finds the server that answers it."""
    if isinstance(request, BatchGetDocumentsRequest):
        return {"database": request.database}
    return {"parent": request.parent}


class _Watch:
    """Cancels a call once somebody has waited `patience` seconds for its next answer."""

    def __init__(self, call: Any, patience: float) -> None:
        self._call = call  # grpc names no public type for it
        self._patience = patience
        self._waiting_since: float | None = None
        self._stopped = threading.Event()
        self._silent = False
        threading.Thread(target=self._run, name="firestore-watch", daemon=True).start()

    def answers(self) -> Iterator[bytes]:
        while True:
            self._waiting_since = time.monotonic()
            try:
                answer = next(self._call, None)
            except grpc.RpcError as error:
                if self._silent:
                    raise SilenceError from error
                raise
            finally:
                self._waiting_since = None
            if answer is None:
                return
            yield answer

    def stop(self) -> None:
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(self._left()):
            if self._left() <= 0:
                self._silent = True
                self._call.cancel()
                return

    def _left(self) -> float:
        since = self._waiting_since
        return self._patience if since is None else since + self._patience - time.monotonic()

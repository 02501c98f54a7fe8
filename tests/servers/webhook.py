"""A webhook of this machine that takes what is posted to it, or has a chosen fault."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self

from tests.servers.ports import free_port

_SECONDS_TO_END: Final = 0.02
_DEADLINE: Final = 60.0
_CHUNK: Final = b"x" * 2**20


class Fault(Enum):
    """How an answer goes wrong, after the message has arrived."""

    SILENT = auto()  # there is none, until the server ends
    DROPPED = auto()  # the connection is cut
    ENDLESS = auto()  # it goes on for as long as somebody reads
    DRIPPING = auto()  # so it does, but slowly


@dataclass(frozen=True, slots=True)
class Posted:
    """What arrived."""

    path: str
    headers: Mapping[str, str]
    said: Mapping[str, Any]


@dataclass(slots=True)
class Webhook:
    """Takes messages at `url` in a `with`, and answers with `status` or a fault; `posted` has what arrived.

    It can be started and ended again and again at its port.
    """

    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault | None = None
    port: int = field(default_factory=free_port)
    posted: deque[Posted] = field(default_factory=deque)
    over: threading.Event = field(default_factory=threading.Event)
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _server: _Server | None = None

    @property
    def url(self) -> str:
        """The address of it, for apprise."""
        return f"json://127.0.0.1:{self.port}/hook"

    def wait(self, count: int) -> list[Posted]:
        """Wait until so many messages have arrived, and return them."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.posted) >= count, _DEADLINE), f"{count} never arrived"
            return list(self.posted)

    def take(self, posted: Posted) -> None:
        """Note a message."""
        with self._changed:
            self.posted.append(posted)
            self._changed.notify_all()

    def __enter__(self) -> Self:
        self.over.clear()
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.webhook = self
        threading.Thread(target=self._server.serve_forever, args=[_SECONDS_TO_END], daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    webhook: Webhook


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        webhook = self.server.webhook
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        webhook.take(Posted(self.path, dict(self.headers), said))
        with suppress(OSError):  # who asked has gone
            self._answer(webhook)

    def do_GET(self) -> None:
        """Take what somebody asks who was led here."""
        self.server.webhook.take(Posted(self.path, dict(self.headers), {}))

    def _answer(self, webhook: Webhook) -> None:
        if webhook.fault is Fault.SILENT:
            webhook.over.wait()
        if webhook.fault in {Fault.SILENT, Fault.DROPPED}:
            self.close_connection = True
            return
        self.send_response(webhook.status)
        for name, value in webhook.headers.items():
            self.send_header(name, value)
        if webhook.fault is None:
            self.send_header("Content-Length", "0")
        self.end_headers()
        while webhook.fault is Fault.ENDLESS:
            self.wfile.write(_CHUNK)
        while webhook.fault is Fault.DRIPPING and not webhook.over.wait(_SECONDS_TO_END):
            self.wfile.write(b"x")

    def log_message(self, *_parts: object) -> None:
        """Keep still."""

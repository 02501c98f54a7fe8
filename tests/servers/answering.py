"""A small HTTP server of this machine: what it answers is one method of a subclass."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_SECONDS_TO_END = 0.02


class Answering(ABC):
    """Answers at `address` in a `with`; `paths` holds what was asked for."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.answering = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=[_SECONDS_TO_END], daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    @abstractmethod
    def answer(self, path: str) -> tuple[int, object]:
        """Return the status and the body of an answer: text as it is, or what becomes JSON."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answering: Answering


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        answering = self.server.answering
        answering.paths.append(self.path)
        status, said = answering.answer(self.path)
        body = (said if isinstance(said, str) else json.dumps(said)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(said, str) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_parts: object) -> None:
        """Keep still."""

"""What may stand between a browser and the dashboard: a proxy that passes on, or answers by itself, or falls silent."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, quote, urlsplit

_HOP_BY_HOP = {"connection", "date", "keep-alive", "server", "transfer-encoding"}
_SIGN_IN = "/sign-in"
_SECONDS_TO_END = 0.05  # within which it notices that it is to end
_FORM = '<!DOCTYPE html><title>Sign in</title><form method="post"><button id="enter">Sign in</button></form>'


@dataclass(frozen=True, slots=True)
class Odd:
    """An answer that is not the dashboard's; `whole` is False when the connection is cut in its midst."""

    status: int
    content_type: str = "text/html; charset=utf-8"
    body: str = "<!DOCTYPE html><title>Somebody else</title>"
    headers: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True


CUT = Odd(0)  # no answer at all


class Between:
    """Serves at `address` what `upstream` answers; use it in a `with`.

    `odd` is what every request gets instead; while `signed_in` is False, a redirect to a form that signs in and leads
    back. `rewritten` are headers put over those of requests, `delay` is how many seconds callbacks take longer, and
    while `going_on` is cleared none is answered. `asked` counts the callbacks that arrived.
    """

    def __init__(self, upstream: str) -> None:
        self.going_on = threading.Event()
        self.asked = 0
        self.pass_on()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.between, self._server.upstream = self, urlsplit(upstream).netloc
        self._thread = threading.Thread(target=self._server.serve_forever, args=[_SECONDS_TO_END], daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_port}/"

    def pass_on(self) -> None:
        """Pass everything on, as at first."""
        self.odd: Odd | None = None
        self.signed_in = True
        self.rewritten: dict[str, str] = {}
        self.delay = 0.0
        self.going_on.set()

    def __enter__(self) -> Between:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.going_on.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    between: Between
    upstream: str


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self._handle(b"")

    def do_POST(self) -> None:
        self._handle(self.rfile.read(int(self.headers["Content-Length"])))

    def _handle(self, body: bytes) -> None:
        between = self.server.between
        if "_dash-update-component" in self.path:
            between.asked += 1
            time.sleep(between.delay)
            between.going_on.wait()
        if self.path.startswith(_SIGN_IN):
            self._sign_in()
        elif not between.signed_in:
            self._send(Odd(HTTPStatus.FOUND, headers={"Location": f"{_SIGN_IN}?back={quote(self.path)}"}))
        elif between.odd is not None:
            self._send(between.odd)
        else:
            self._pass_on(body)

    def _sign_in(self) -> None:
        if self.command == "GET":
            self._send(Odd(HTTPStatus.OK, body=_FORM))
            return
        self.server.between.signed_in = True
        [back] = parse_qs(urlsplit(self.path).query)["back"]
        self._send(Odd(HTTPStatus.SEE_OTHER, headers={"Location": back}))

    def _pass_on(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.server.upstream)
        try:
            headers = {**self.headers, **self.server.between.rewritten}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            kept = [(name, value) for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
            self._write(answer.status, kept, answer.read())
        finally:
            connection.close()

    def _send(self, odd: Odd) -> None:
        self.close_connection = True
        if odd is CUT:
            return
        body = odd.body.encode()
        length = len(body) if odd.whole else len(body) + 1
        headers = {"Content-Type": odd.content_type, "Content-Length": str(length), **odd.headers}
        self._write(odd.status, list(headers.items()), body)

    def _write(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:  # the browser did not wait
            self.close_connection = True

    def log_message(self, *_parts: object) -> None:
        """Keep still."""

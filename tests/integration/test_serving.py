"""How requests are served: slow clients hold up nobody, and what is under way is answered before the end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.client import IncompleteRead
from pathlib import Path
from urllib.request import urlopen

import pytest
from tests.servers.nginx import LOCATIONS, nginx

DEADLINE = 60.0  # seconds
SLOW_CLIENTS = 200  # twenty-five for each thread
GATED = """
import sys
from usage_dash.web.serve import listen, serve

def breaking():
    yield b"a piece of a file"
    raise ZeroDivisionError

def endless():
    try:
        while True:
            yield b"x" * 1_000_000
    finally:
        print("let go", flush=True)

def app(environ, start_response):
    if environ["PATH_INFO"] == "/gated":
        print("asked", flush=True)
        sys.stdin.readline()
    start_response("200 OK", [])
    if environ["PATH_INFO"] == "/breaking":
        return breaking()
    if environ["PATH_INFO"] == "/endless":
        return endless()
    return [environ["wsgi.input"].read() or b"answered"]

listener = listen("127.0.0.1", 0)
serve(app, listener, on_ready=lambda: print(listener.getsockname()[1], flush=True))
"""
# It soon lets go whoever takes nothing, which a busy machine may look like.
HASTY = f"""
from usage_dash.web import serve as serving
serving._STALLED_SECONDS = 0.2
{GATED}"""
# Its threads are slow to tell that they have answered, which the end must not overtake.
LATE = """
import threading, time
from usage_dash.web.serve import listen, serve

def slow_down(frame, event, _):
    if event == "call" and frame.f_code.co_name == "pull_trigger":
        time.sleep(0.3)

def app(environ, start_response):
    start_response("200 OK", [])
    return [b"answered"]

threading.setprofile(slow_down)
listener = listen("127.0.0.1", 0)
serve(app, listener, on_ready=lambda: print(listener.getsockname()[1], flush=True))
for thread in set(threading.enumerate()) - {threading.current_thread()}:
    thread.join(1)
"""


class Serving:
    """A process whose answers to “/gated” wait for `open_gate`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self._line())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE)

    def get(self, path: str) -> bytes:
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=DEADLINE) as answer:
            body: bytes = answer.read()
        return body

    def is_asked(self) -> bool:
        """Wait until a request has come to the gate."""
        return self.says("asked")

    def says(self, what: str) -> bool:
        """Wait until the process says something, and tell whether it is this."""
        return self._line() == what

    def open_gate(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def takes_connections(self) -> bool:
        try:
            self.connect().close()
        except (ConnectionRefusedError, ConnectionResetError):  # the latter when it closes at this very moment
            return False
        return True

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


@contextmanager
def _serving(code: str, **pipes: int) -> Iterator[Serving]:
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **pipes) as process:  # noqa: S603 - ours
        yield Serving(process)
        process.kill()


@pytest.fixture
def serving() -> Iterator[Serving]:
    with _serving(GATED) as serving:
        yield serving


@contextmanager
def _slow_posts(serving: Serving, count: int) -> Iterator[list[socket.socket]]:
    """Send so many requests up to, but not including, the last byte of the body; each byte by itself."""
    with ExitStack() as stack:
        posts = [stack.enter_context(serving.connect()) for _ in range(count)]
        for post in posts:
            post.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            post.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n")
        for byte in (b"s", b"l", b"o"):
            for post in posts:
                post.sendall(byte)
        yield posts


def test_slow_posts_hold_up_nobody_and_are_answered_in_the_end(serving: Serving) -> None:
    with _slow_posts(serving, SLOW_CLIENTS) as posts:
        assert serving.get("/health") == b"answered"
        for post in posts:
            post.sendall(b"w")
        assert all(b"slow" in _whole(post) for post in posts)


def _whole(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received or received.endswith(b"\r\n\r\n"):
        if not (part := connection.recv(4096)):
            break
        received += part
    return received


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered_before_the_process_ends(serving: Serving, told: signal.Signals) -> None:
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(serving.get, "/gated")
        assert serving.is_asked()
        serving.process.send_signal(told)
        while serving.takes_connections():
            time.sleep(0.01)
        serving.open_gate()
        assert under_way.result(DEADLINE) == b"answered"
    assert serving.process.wait(DEADLINE) == 0


def test_a_thread_that_has_just_answered_is_waited_for() -> None:
    with _serving(LATE, stderr=subprocess.PIPE) as serving:
        assert serving.get("/") == b"answered"
        serving.process.terminate()
        _, said = serving.process.communicate(timeout=DEADLINE)
    assert (serving.process.returncode, said) == (0, "")


def test_a_connection_without_a_request_does_not_hold_up_the_end(serving: Serving) -> None:
    with _slow_posts(serving, 3), serving.connect():
        assert serving.get("/health") == b"answered"
        serving.process.terminate()
        assert serving.process.wait(DEADLINE) == 0


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_is_told_over_and_over_ends_as_if_it_was_told_once(
    serving: Serving, told: signal.Signals
) -> None:
    until = time.monotonic() + DEADLINE
    while serving.process.poll() is None and time.monotonic() < until:
        serving.process.send_signal(told)
    assert serving.process.returncode == 0


def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(serving: Serving) -> None:
    with pytest.raises(IncompleteRead):
        serving.get("/breaking")
    assert serving.get("/") == b"answered"


def test_nginx_passes_on_that_an_answer_breaks_off(serving: Serving, tmp_path: Path) -> None:
    with nginx(tmp_path, LOCATIONS["stripped"].format(upstream=f"http://127.0.0.1:{serving.port}")) as address:
        with pytest.raises(IncompleteRead), urlopen(f"{address}breaking", timeout=DEADLINE) as answer:  # noqa: S310 - ours
            answer.read()
        assert serving.get("/") == b"answered"


def test_who_takes_nothing_more_of_an_answer_is_let_go() -> None:
    """Nine of them, which is one more than there are threads."""
    with _serving(HASTY) as serving:
        for _ in range(9):
            with serving.connect() as connection:
                connection.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert connection.recv(1)
                assert serving.says("let go")
        assert serving.get("/") == b"answered"

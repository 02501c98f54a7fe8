"""How soon `/health` answers beside clients that send a body a byte at a time: `python -m benchmarks.slow_clients`.

The baseline is the same process without them. Then it is told to stop, with all of them still sending.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit
from urllib.request import urlopen

_ASKED = 100  # times
_HEAD = (
    b"POST /_dash-update-component HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 100000\r\n\r\n"
)


@contextmanager
def slow_clients(address: str, count: int) -> Iterator[None]:
    """Let so many clients send a byte a second each while the block lasts."""
    place, over = urlsplit(address), threading.Event()
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection((place.hostname, place.port))) for _ in range(count)]
        for client in clients:
            client.sendall(_HEAD)

        def send() -> None:
            with suppress(ConnectionError):  # the process was stopped
                while not over.wait(1.0):
                    for client in clients:
                        client.send(b" ")

        sender = threading.Thread(target=send)
        sender.start()
        try:
            yield
        finally:
            over.set()
            sender.join()


def health(address: str) -> list[float]:
    """Return the seconds that each of the answers took."""
    seconds = []
    for _ in range(_ASKED):
        start = time.perf_counter()
        with urlopen(f"{address}/health") as answer:  # noqa: S310 - our own server
            answer.read()
        seconds.append(time.perf_counter() - start)
        time.sleep(0.05)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=600)
    asked = parser.parse_args()
    command = [sys.executable, "-m", "usage_dash", "demo", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        address = next(word for line in process.stdout or () for word in line.split() if word.startswith("http://"))
        print(f"/health alone: {_told(health(address))}")
        with slow_clients(address, asked.clients):
            print(f"/health beside {asked.clients} slow clients: {_told(health(address))}")
            start = time.perf_counter()
            process.terminate()
            process.wait()
            print(f"stopped after {time.perf_counter() - start:.2f} s")


def _told(seconds: list[float]) -> str:
    return f"median {1000 * statistics.median(seconds):.1f} ms, longest {1000 * max(seconds):.0f} ms"


if __name__ == "__main__":
    main()

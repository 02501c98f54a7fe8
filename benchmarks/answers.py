"""How many answers a second one process gives, and their bytes on the wire: `python -m benchmarks.answers`.

10,000 users of 25 entries, read from the tests' Firestore server; eight connections that are kept, asking as fast as
they are answered, from a process of their own. The baseline is the stock page of `benchmarks.stock`.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import threading
import time
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from benchmarks.first_visit import both

_HEADERS = {"Content-Type": "application/json", "Accept-Encoding": "gzip, deflate, br"}
_UPDATE = "/_dash-update-component"


def question(address: str, output: str) -> dict[str, Any]:
    """Return what a page of that address asks first of the callback that has this output."""
    with urlopen(f"{address}_dash-dependencies") as answer:  # noqa: S310 - our own server
        [callback] = [one for one in json.load(answer) if output in one["output"]]
    names = [name.rsplit(".", 1) for name in callback["output"].strip(".").split("...")]
    return {
        "output": callback["output"],
        "outputs": [{"id": component, "property": name} for component, name in names],
        "inputs": [{**named, "value": None} for named in callback["inputs"]],
        "state": [{**named, "value": None} for named in callback["state"]],
        "changedPropIds": ["{id}.{property}".format(**callback["inputs"][0])],
    }


def ask(address: str, asked: dict[str, Any]) -> dict[str, Any]:
    """Return one answer."""
    connection = HTTPConnection(urlsplit(address).netloc)
    connection.request("POST", _UPDATE, json.dumps(asked), {"Content-Type": "application/json"})
    found: dict[str, Any] = json.load(connection.getresponse())
    connection.close()
    return found


def settled(address: str, whole: dict[str, Any]) -> dict[str, Any]:
    """Return the question of a page that holds everything, once no sync brings it news."""
    idle: dict[str, Any] = json.loads(json.dumps(whole))
    while True:
        idle["state"][0]["value"] = ask(address, whole)["response"]["held"]["data"]
        time.sleep(1)
        if "held" not in ask(address, idle)["response"]:
            return idle


def rate(address: str, asked: dict[str, Any], seconds: float, connections: int = 8) -> float:
    """Return the answers a second."""
    counts = [0] * connections
    end = time.monotonic() + seconds

    def go_on(place: int) -> None:
        connection = HTTPConnection(urlsplit(address).netloc)
        while time.monotonic() < end:
            connection.request("POST", _UPDATE, json.dumps(asked), _HEADERS)
            connection.getresponse().read()
            counts[place] += 1
        connection.close()

    threads = [threading.Thread(target=go_on, args=(place,)) for place in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def wire_bytes(address: str, asked: dict[str, Any]) -> int:
    """Return the bytes of one answer, its headers included."""
    host = urlsplit(address)
    body = json.dumps(asked).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in _HEADERS.items())
    with socket.create_connection((host.hostname, host.port)) as line:
        line.sendall(
            f"POST {_UPDATE} HTTP/1.1\r\nHost: {host.netloc}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        received = b""
        while b"\r\n\r\n" not in received:
            received += line.recv(65_536)
        headers, rest = received.split(b"\r\n\r\n", 1)
        [length] = [
            int(one.split(b":")[1]) for one in headers.split(b"\r\n") if one.lower().startswith(b"content-length")
        ]
        while len(rest) < length:
            rest += line.recv(65_536)
    return len(headers) + 4 + length


def main() -> None:
    """Measure all in turn, and print the medians as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("users", 10_000), ("entries", 25), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with both(asked.users, asked.entries) as (ours, theirs):
        whole = question(ours, "cards.children")
        idle = settled(ours, whole)
        kinds = {
            "stock page": (theirs, question(theirs, "cards.children")),
            "whole answer": (ours, whole),
            "idle refresh": (ours, idle),
        }
        rates: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(asked.rounds):
            for kind, (address, what) in kinds.items():
                rates[kind].append(rate(address, what, asked.seconds))
        result = {
            kind: {"a second": statistics.median(rates[kind]), "bytes": wire_bytes(address, what)}
            for kind, (address, what) in kinds.items()
        }
    print(json.dumps(result) if asked.json else _told(result))


def _told(result: dict[str, dict[str, float]]) -> str:
    baseline = result["stock page"]["a second"]
    return "\n".join(
        f"{kind}: {found['a second']:,.1f} a second, {found['a second'] / baseline:.1f} times; {found['bytes']:,} bytes"
        for kind, found in result.items()
    )


if __name__ == "__main__":
    main()

"""Decoding answers into columns, against google's client in the same run: `python -m benchmarks.decoding`.

Every way reads the same bytes: answers with documents like the chatbot's. The stock ways are google's `to_dict()`,
alone and with plain columns made of what it gives, which checks nothing; `parser` is ours one value at a time, which
the fast way must agree with and falls back to. The ways take turns in each round; the median of the rounds counts.
Slow ways read fewer documents, since theirs is a rate. Memory is measured in processes of their own, on Linux.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
import pyarrow as pa
from benchmarks.workload import EIGHTH, response
from google.cloud.firestore import DocumentSnapshot
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import RunQueryResponse

from usage_dash.documents.parse import batch_of
from usage_dash.repository.firestore.decode import decode
from usage_dash.repository.firestore.messages import decode_document
from usage_dash.repository.firestore.pages import PAGE_DOCUMENTS

Responses = Sequence[bytes]

_PEAKS = (PAGE_DOCUMENTS, 2_000)  # documents
_MEBIBYTE = 2**20


def snapshots(responses: Responses) -> list[dict[str, object]]:
    """Read documents as google's client does for `stream()`, without its calls."""
    read = []
    for answer in map(RunQueryResponse.deserialize, responses):
        document = answer.document
        fields = _helpers.decode_dict(document.fields, None)
        times = (answer.read_time, document.create_time, document.update_time)
        read.append(DocumentSnapshot(None, fields, True, *times).to_dict())  # noqa: FBT003 - google's signature
    return read


def snapshots_in_columns(responses: Responses) -> tuple[pa.Table, pa.Table]:
    """Make tables of users and entries of what `to_dict()` gives, as it is."""
    documents = snapshots(responses)
    entries = [one | {"userId": document["userId"]} for document in documents for one in document.pop("recentUsage")]
    return pa.Table.from_pylist(documents), pa.Table.from_pylist(entries)


def parser(responses: Responses) -> object:
    """Decode and parse value by value."""
    return batch_of(map(decode_document, responses))


def pages(responses: Responses) -> object:
    """Decode as the repository does, a page at a time."""
    return [decode(responses[start : start + PAGE_DOCUMENTS]) for start in range(0, len(responses), PAGE_DOCUMENTS)]


def rates(ways: Sequence[tuple[Callable[[Responses], object], Responses]], rounds: int) -> list[float]:
    """Documents a second of each way, the median of rounds in which the ways take turns."""
    seconds = [[_seconds(way, responses) for way, responses in ways] for _ in range(rounds)]
    medians = map(statistics.median, zip(*seconds, strict=True))
    return [len(responses) / median for (_, responses), median in zip(ways, medians, strict=True)]


def _seconds(way: Callable[[Responses], object], responses: Responses) -> float:
    start = time.perf_counter()
    way(responses)
    return time.perf_counter() - start


def peak(documents: int, entries: int) -> str:
    """Tell by how much memory grows at most while so many documents are decoded at once, the batch included."""
    decode([response(0, 1)])  # what is loaded once is not counted
    responses = [response(number, entries) for number in range(documents)]
    Path("/proc/self/clear_refs").write_text("5")  # forgets the highest so far
    before = psutil.Process().memory_info().rss
    batch, _ = decode(responses)
    highest = _highest_memory()
    held = batch.users.nbytes + batch.entries.nbytes
    wire = sum(map(len, responses))
    figures = [f"{size / _MEBIBYTE:.0f} MiB" for size in (highest - before, held, wire)]
    return "{:>6,} documents at once: {} more at most; the batch holds {}, the bytes {}".format(documents, *figures)


def _highest_memory() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    kibibytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kibibytes) * 1024


def main() -> None:
    """Measure and print."""
    command = argparse.ArgumentParser(description=__doc__)
    command.add_argument("--peak", type=int, help="decode so many documents once and print the memory it took")
    for name, default in (("documents", 2_000), ("sample", 200), ("entries", 100), ("rounds", 7)):
        command.add_argument(f"--{name}", type=int, default=default)
    asked = command.parse_args()
    if asked.peak:
        print(peak(asked.peak, asked.entries))
        return
    every = [response(number, asked.entries) for number in range(asked.documents)]
    more = [[response(number, asked.entries, eighth=name) for number in range(asked.documents)] for name in EIGHTH]
    ways = {
        "stock: to_dict() + columns": (snapshots_in_columns, every[: asked.sample]),
        "stock: to_dict() alone": (snapshots, every[: asked.sample]),
        "parser": (parser, every[: asked.sample]),
        "parser, an eighth field": (parser, more[0][: asked.sample]),
        "fast, by pages": (pages, every),
        **{f"fast, with {name}": (pages, responses) for name, responses in zip(EIGHTH, more, strict=True)},
        "fast, all at once": (decode, every),
    }
    found = rates(list(ways.values()), asked.rounds)
    print(f"{asked.documents:,} documents of {asked.entries} entries, {sum(map(len, every)) / _MEBIBYTE:.0f} MiB")
    for name, rate in zip(ways, found, strict=True):
        print(f"{name:<27} {rate:>8,.0f} documents/s {rate / found[0]:>6.1f} x")
    for documents in _PEAKS:
        again = [sys.executable, "-m", "benchmarks.decoding", "--peak", str(documents), "--entries", str(asked.entries)]
        subprocess.run(again, check=True)  # noqa: S603 - our own module


if __name__ == "__main__":
    main()

"""How fast a million entries leave as a file, and what memory that takes: `python -m benchmarks.export`.

One process, as it would serve, answers itself: the whole way from the ledger through the app, without a network. Memory
is what the process holds at most while it answers, above what it held when it had answered the page. The baseline is
what one writes first: `csv.writer` over the rows of the same question, a few thousand at a time.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psutil
from benchmarks.pages import page_queries
from benchmarks.workload import CannedSource
from flask import Flask

from usage_dash.app import create_app
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.settings import Settings, Way

_MEBIBYTE = 2**20
_LOOK_SECONDS = 0.005
_ROWS = 5_000  # that the baseline holds at once
_QUESTION = """
SELECT "at", day, user_id, name, email, team, model, calls, total_tokens, input_tokens, output_tokens, cost
FROM entries JOIN models USING (slot) JOIN people USING (user_key) WHERE day IS NOT NULL
"""
FILES = ("entries.csv", "entries.json", "focus.csv", "users.csv")


def served(users: int, entries: int) -> Flask:
    """Return an app that has read so many users' documents and answered the page."""
    settings = Settings(auth=(Way.NONE,), memory_limit="200MB", refresh_seconds=3600)
    app = create_app(settings, CannedSource(users, entries))
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=3600)
    page_queries(board.reports._ledger)
    return app


def fetch(app: Flask, name: str) -> int:
    """Take a file, dropping each piece as it comes; return its bytes."""
    with app.test_client().get(f"/export/{name}?range=all") as answer:
        if answer.status_code != 200:  # noqa: PLR2004 - as HTTP has it
            raise SystemExit(answer.text)
        return sum(map(len, answer.response))


def row_by_row(app: Flask) -> int:
    """Write the entries as one does first; return the bytes."""
    size = 0
    with app.extensions["usage_dash_board"].reports.moment(EVERYBODY) as moment:
        answer = moment.sql.execute(_QUESTION)
        while rows := answer.fetchmany(_ROWS):
            place = io.StringIO()
            csv.writer(place).writerows(rows)
            size += len(place.getvalue().encode())
    return size


@contextmanager
def _peak(found: dict[str, float]) -> Iterator[None]:
    """Note how much memory the process holds at most while the block lasts, in MiB above what it held before."""
    process, over = psutil.Process(), threading.Event()
    before = most = process.memory_info().rss

    def look() -> None:
        nonlocal most
        while not over.wait(_LOOK_SECONDS):
            most = max(most, process.memory_info().rss)

    watch = threading.Thread(target=look)
    watch.start()
    try:
        yield
    finally:
        over.set()
        watch.join()
        found["mib_above"] = (most - before) / _MEBIBYTE


def measure(work: Callable[[], int], rounds: int) -> dict[str, float]:
    """Return the median seconds, the bytes, and the most memory of the first round, which is the one that grows."""
    found: dict[str, float] = {}
    seconds = []
    for number in range(rounds):
        start = time.perf_counter()
        if number:
            work()
        else:
            with _peak(found):
                found["bytes"] = work()
        seconds.append(time.perf_counter() - start)
    return {"seconds": sorted(seconds)[rounds // 2], **found}


def main() -> None:
    """Measure, and print it as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100, help="in each document")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    app = served(asked.users, asked.entries)
    result: dict[str, Any] = {name: measure(lambda name=name: fetch(app, name), asked.rounds) for name in FILES}
    result["csv.writer, row by row"] = measure(lambda: row_by_row(app), asked.rounds)
    app.extensions["usage_dash_board"].close()
    print(json.dumps(result) if asked.json else _told(result, asked.users * asked.entries))


def _told(result: dict[str, dict[str, float]], entries: int) -> str:
    lines = [f"{entries:,} entries"]
    lines += [
        f"{name}: {found['seconds']:.2f} s, {entries / found['seconds']:,.0f} entries a second, "
        f"{found['bytes'] / 1e6:.0f} MB, {found['mib_above']:.0f} MiB above"
        for name, found in result.items()
    ]
    ratio = result["csv.writer, row by row"]["seconds"] / result["entries.csv"]["seconds"]
    return "\n".join([*lines, f"entries.csv against csv.writer: {ratio:.1f} times as fast"])


if __name__ == "__main__":
    main()

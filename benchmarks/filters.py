"""How long the server takes for a filtered page, and for a search: `python -m benchmarks.filters`.

One process, as it would serve: the ledger in memory under the default limit, and nothing kept of earlier answers, as
after each change of the data. The baseline of a filtered page is the page without filters, asked in turn. The
processor's time is what all threads take together, however busy the machine is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable
from statistics import median
from zoneinfo import ZoneInfo

import pyarrow as pa
from benchmarks.workload import CannedSource, user_id

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.documents.people import PEOPLE
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.money.outlook import Outlook
from usage_dash.page.answer import answer
from usage_dash.page.board import Board
from usage_dash.page.request import parse
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.search import search
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.sync.sync import Sync

Times = dict[str, dict[str, float]]  # of each work, by the watch and of the processor

_MEMORY_LIMIT = "200MB"
_TEAM = 500  # users
# Three names of ten have accents, which take longest to search.
_FIRST = ("Ada", "Bo", "Chioma", "Dmitri", "Emil", "Fatima", "Grace", "Hanna", "Inês", "Jürgen", "Kenji", "Maria")
_SYLLABLES = (
    "an",
    "ber",
    "ce",
    "do",
    "e",
    "frö",
    "ga",
    "ha",
    "i",
    "jen",
    "ko",
    "lin",
    "mo",
    "ny",
    "o",
    "pe",
    "ro",
    "sa",
)

PAGES = {
    "without filters": "",
    "two models": "model=gpt-4o&model=gpt-5.2",
    "a team of 500": "team=Team+1",
    "two models, a team of 500": "model=gpt-4o&model=gpt-5.2&team=Team+1",
    "ten users": "&".join(f"user={user_id(number)}" for number in range(10)),
}
SEARCHES = {
    "one letter": "a",
    "a name": "maria ber",
    "an id": "user-00042",
    "a team": "team 12",
    "nobody": "xyzzy",
}


def people(users: int) -> pa.Table:
    """Return who the users are: each has a name, an address and a team."""
    return pa.table(
        {
            "user_id": [user_id(number) for number in range(users)],
            "name": [_name(number) for number in range(users)],
            "email": [f"{number}@acme.example" for number in range(users)],
            "team": [f"Team {number // _TEAM}" for number in range(users)],
        },
        PEOPLE,
    )


def _name(number: int) -> str:
    """Return a name that nobody else has."""
    rest, first = divmod(number, len(_FIRST))
    last = ""
    for _ in range(4):
        rest, syllable = divmod(rest, len(_SYLLABLES))
        last += _SYLLABLES[syllable]
    return f"{_FIRST[first]} {last.capitalize()}"


def read(users: int, entries: int) -> tuple[Board, Ledger]:
    """Return a board whose ledger has read everything, and keeps no answer."""
    source = CannedSource(users, entries)
    ledger = Ledger(source.source.identity, ZoneInfo("UTC"), memory_limit=_MEMORY_LIMIT)
    ticks = itertools.count(step=60.0)
    sync = Sync(source, ledger, reconcile_hours=1e6, monotonic=lambda: next(ticks))
    sync.refresh(wait=3600)
    ledger.take_people(people(users))
    reports = Reports(ledger, ViewCache(most_bytes=0))
    return Board(source.source, sync, reports, Checks(reports, sync, Rules(), 30), Outlook(reports), 30), ledger


def pages(users: int, entries: int, rounds: int) -> Times:
    """Return how long the server thinks about each page, none of whose parts the browser has."""
    board, ledger = read(users, entries)
    state, admitted = board.sync.state, Admitted(Viewer.admin(), EVERYBODY)
    asked = {name: parse(admitted, {"query": query}, board.reports.today) for name, query in PAGES.items()}
    seconds = in_turn({name: lambda each=each: answer(board, state, each, {}) for name, each in asked.items()}, rounds)
    ledger.close()
    return seconds


def searches(users: int, rounds: int) -> Times:
    """Return how long each search takes."""
    board, ledger = read(users, 1)

    def found(text: str) -> None:
        with board.reports.moment(EVERYBODY) as moment:
            search(moment, text)

    seconds = in_turn({name: lambda text=text: found(text) for name, text in SEARCHES.items()}, rounds)
    ledger.close()
    return seconds


def in_turn(works: dict[str, Callable[[], object]], rounds: int) -> Times:
    """Return the median of each, measured in turn, so that what else goes on concerns all of them."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start, started = time.perf_counter(), time.process_time()
            work()
            taken[name].append((time.perf_counter() - start, time.process_time() - started))
    return {
        name: dict(zip(("seconds", "processor"), map(median, zip(*each, strict=True)), strict=True))
        for name, each in taken.items()
    }


def main() -> None:
    """Measure, and print it as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100, help="in each document")
    parser.add_argument("--searched", type=int, default=100_000, help="users among whom somebody searches")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    result = {
        "pages": pages(asked.users, asked.entries, asked.rounds),
        "searches": searches(asked.searched, asked.rounds),
    }
    print(json.dumps(result) if asked.json else _told(result, asked))


def _told(result: dict[str, Times], asked: argparse.Namespace) -> str:
    whole = result["pages"]["without filters"]["processor"]
    lines = [f"a page of {asked.users:,} users, {asked.users * asked.entries:,} entries"]
    lines += [f"{_line(name, each)}, ratio {each['processor'] / whole:.2f}" for name, each in result["pages"].items()]
    lines += [f"a search among {asked.searched:,} users"]
    lines += [_line(name, each) for name, each in result["searches"].items()]
    return "\n".join(lines)


def _line(name: str, each: dict[str, float]) -> str:
    return f"{name}: {1000 * each['seconds']:,.0f} ms, of the processor {1000 * each['processor']:,.0f} ms"


if __name__ == "__main__":
    main()

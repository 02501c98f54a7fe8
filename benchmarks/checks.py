"""What the checks add to a refresh, and how long their own page takes: `python -m benchmarks.checks`.

One process, as it would serve: the ledger in memory under the default limit, a source that answers at once. A refresh
reads what has changed and draws the overview, of which nothing is kept then, with the number of checks in its header.
The baseline is the same refresh without checks and budgets, in turn with it. The processor's time is what all threads
take together, however busy the machine is.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from zoneinfo import ZoneInfo

from benchmarks.filters import Times, in_turn
from benchmarks.workload import CannedSource

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.checks.check import Check
from usage_dash.checks.checks import Checks
from usage_dash.checks.of_ledger import CHECKS
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.money.outlook import Outlook
from usage_dash.page.answer import answer
from usage_dash.page.board import Board
from usage_dash.page.request import parse
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.sync import Sync

_MEMORY_LIMIT = "200MB"
_BUDGETS = Budgets(month=100_000, user=1_000)
_REFRESH, _UNCHECKED, _PAGE = "a refresh", "a refresh without checks", "a refresh of the checks' own page"


class Unchecked(Checks):
    """Checks nothing."""

    def of(self, scope: Scope, viewer: Viewer) -> tuple[Check, ...]:
        """Return no check."""
        del scope, viewer
        return ()


def works(board: Board, source: CannedSource, changed: int) -> dict[str, Callable[[], object]]:
    """Return the refreshes, after each of which so many users are new."""
    admitted, rounds = Admitted(Viewer.admin(), EVERYBODY), itertools.count(1)
    unchecked = replace(
        board,
        checks=Unchecked(board.reports, board.sync, Rules(), board.refresh_seconds),
        outlook=Outlook(board.reports),
    )

    def refresh(shown: Board, at: str) -> None:
        source.update(changed, next(rounds))
        state = shown.sync.refresh(force=True, wait=3600)
        answer(shown, state, parse(admitted, {"at": at}, shown.reports.today), {})

    return {
        _UNCHECKED: partial(refresh, unchecked, ""),
        _REFRESH: partial(refresh, board, ""),
        _PAGE: partial(refresh, board, "trust"),
    }


def alone(board: Board) -> dict[str, Callable[[], object]]:
    """Return each check of the ledger by itself."""

    def check(number: int) -> None:
        with board.reports.moment(EVERYBODY) as moment:
            CHECKS[number](moment, Rules())

    return {each.__name__.replace("_", " "): partial(check, number) for number, each in enumerate(CHECKS)}


def main() -> None:
    """Measure, and print it as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("users", 10_000), ("entries", 100), ("changed", 25), ("rounds", 15)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    source = CannedSource(asked.users, asked.entries)
    with closing(Ledger(source.source.identity, ZoneInfo("UTC"), memory_limit=_MEMORY_LIMIT)) as ledger:
        ticks = itertools.count(step=60.0)
        sync = Sync(source, ledger, reconcile_hours=1e6, monotonic=lambda: next(ticks))
        sync.refresh(wait=3600)
        reports = Reports(ledger, ViewCache())
        outlook = Outlook(reports, lambda: _BUDGETS)
        checks = Checks(reports, sync, Rules(), 30, outlook=outlook)
        board = Board(source.source, sync, reports, checks, outlook, 30)
        result = {
            "refreshes": in_turn(works(board, source, asked.changed), asked.rounds),
            "checks": in_turn(alone(board), asked.rounds),
        }
    print(json.dumps(result) if asked.json else _told(result, asked))


def _told(result: dict[str, Times], asked: argparse.Namespace) -> str:
    baseline = result["refreshes"][_UNCHECKED]["seconds"]
    lines = [f"{asked.users:,} users, {asked.users * asked.entries:,} entries, {asked.changed} documents changed"]
    lines += [
        f"{_line(name, each)}, ratio {each['seconds'] / baseline:.2f}" for name, each in result["refreshes"].items()
    ]
    lines += [_line(name, each) for name, each in result["checks"].items()]
    return "\n".join(lines)


def _line(name: str, each: dict[str, float]) -> str:
    return f"{name}: {1000 * each['seconds']:,.0f} ms, of the processor {1000 * each['processor']:,.0f} ms"


if __name__ == "__main__":
    main()

"""How long the server takes for a refresh, and how much memory it holds: `python -m benchmarks.pages`.

One process, as it would serve: the ledger in memory under the default limit, a source that answers at once. Time in
which a real source is waited for is not in the figures. The baseline of the queries is pandas on a frame of the same
entries, as a dashboard without a ledger would hold them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import psutil
from benchmarks.workload import CannedSource, median_seconds

from usage_dash.access.current import Admitted
from usage_dash.access.viewer import Viewer
from usage_dash.checks.checks import Checks
from usage_dash.checks.rules import Rules
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.money.outlook import Outlook
from usage_dash.page.answer import answer
from usage_dash.page.board import Board
from usage_dash.page.request import parse
from usage_dash.reporting import queries, trust, users
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.filters import Filters, UserQuery
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.sync.sync import Sync

_MEBIBYTE = 2**20
_MEMORY_LIMIT = "200MB"


def page_queries(ledger: Ledger) -> None:
    """Ask all that one page needs after a change."""
    filters = Filters()
    with Reports(ledger, ViewCache()).moment(EVERYBODY) as seen:
        queries.overview(seen, filters)
        queries.timeline(seen, filters)
        queries.model_split(seen, filters)
        users.users_page(seen, filters, UserQuery())
        trust.trust(seen)


def page_with_pandas(entries: pd.DataFrame) -> None:
    """Work out what the same page shows from a frame of entries."""
    days = entries["at"].dt.floor("D")
    first = days.max() - pd.Timedelta(days=29)
    shown, before = entries[days >= first], entries[(days < first) & (days >= first - pd.Timedelta(days=30))]
    for part in (shown, before):
        part[["cost", "calls", "total_tokens"]].sum()
        part["user_key"].nunique()
    shown.groupby([days, "slot"])[["cost", "calls"]].sum()
    shown.groupby("slot")[["cost", "calls", "total_tokens"]].sum()
    shown.groupby("user_key")["cost"].sum()
    entries.groupby("user_key")[["cost", "calls"]].sum().nlargest(10, "cost")


def frame(ledger: Ledger) -> pd.DataFrame:
    """Return all entries as a frame."""
    with ledger.reader() as sql:
        return sql.execute('SELECT user_key, "at", slot, total_tokens, cost, calls FROM entries').df()


def measure(users: int, entries: int, changed: int, *, with_pandas: bool) -> dict[str, Any]:
    """Read everything once, then refresh without and with changes; seconds, and memory in MiB."""
    source = CannedSource(users, entries)
    ledger = Ledger(source.source.identity, ZoneInfo("UTC"), memory_limit=_MEMORY_LIMIT)
    ticks = itertools.count(step=60.0)
    sync = Sync(source, ledger, reconcile_hours=1e6, monotonic=lambda: next(ticks))
    reports = Reports(ledger, ViewCache())
    board = Board(source.source, sync, reports, Checks(reports, sync, Rules(), 30), Outlook(reports), 30)
    asked = parse(Admitted(Viewer.admin(), EVERYBODY), None, None)
    start = time.perf_counter()
    state = sync.refresh(wait=3600)
    seconds = {"first read": time.perf_counter() - start}
    held = answer(board, state, asked, {})["held"]
    resident = psutil.Process().memory_info().rss / _MEBIBYTE
    seconds["nothing changed"] = median_seconds(lambda _: answer(board, sync.refresh(wait=60), asked, held), 21)
    seconds["page queries"] = median_seconds(lambda _: page_queries(ledger), 9)
    seconds[f"{changed} documents changed"] = _changed(source, sync, changed)
    if with_pandas:
        everything = frame(ledger)
        seconds["page with pandas"] = median_seconds(lambda _: page_with_pandas(everything), 3)
    return {"users": users, "entries": users * entries, "resident_mib": resident, "seconds": seconds}


def _changed(source: CannedSource, sync: Sync, changed: int) -> float:
    """The median of syncs that each decode and apply so many changed documents."""

    def prepared(round_: int) -> float:
        source.update(changed, round_)  # not part of the time: the source does this
        start = time.perf_counter()
        sync.refresh(wait=600)
        return time.perf_counter() - start

    return sorted(prepared(round_) for round_ in range(7))[3]


def main() -> None:
    """Measure, and print it as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--entries", type=int, default=100, help="in each document")
    parser.add_argument("--changed", type=int, default=100, help="documents between two refreshes")
    parser.add_argument("--no-pandas", action="store_true", help="leave out the baseline")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    result = measure(asked.users, asked.entries, asked.changed, with_pandas=not asked.no_pandas)
    print(json.dumps(result) if asked.json else _told(result))


def _told(result: dict[str, Any]) -> str:
    seconds = result["seconds"]
    lines = [f"{result['users']:,} users, {result['entries']:,} entries", f"resident: {result['resident_mib']:.0f} MiB"]
    lines += [f"{what}: {1000 * taken:,.0f} ms" for what, taken in seconds.items()]
    if "page with pandas" in seconds:
        ratio = seconds["page with pandas"] / seconds["page queries"]
        lines.append(f"page queries against pandas: {ratio:.1f} times as fast")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""How long a first visitor waits, in Chromium with an empty cache: `python -m benchmarks.first_visit`.

The server is warm and read 10,000 users of 25 entries from the tests' Firestore server; the baseline is the stock page
of `benchmarks.stock` over the same documents, visited in turn. Times are those of the browser, from the navigation on:
until figures can be read, until the first and all charts are drawn, and until Dash answers to clicks.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from benchmarks.first_visit_bytes import wait_for_brotli
from benchmarks.served import PROJECT, running, served
from tests.browser.dashboard import chromium

_PATIENCE_SECONDS = 120.0
_SIZE = (1_440, 1_000)  # pixels

# Looks at each frame, as a viewer would; what is hidden does not count.
_WATCH = """
(() => {
  const seen = (window.__seen = {});
  const shown = (found) => found && found.checkVisibility({visibilityProperty: true});
  const note = (name, holds) => { if (holds && !(name in seen)) seen[name] = Math.round(performance.now()); };
  let shifts = 0;
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) shifts += shift.value;
    seen.shift = shifts;
  }).observe({type: "layout-shift", buffered: true});
  const look = () => {
    const figures = [...document.querySelectorAll(".val")].filter((e) => shown(e) && /[0-9]/.test(e.textContent));
    const drawn = [...document.querySelectorAll(".js-plotly-plot")]
      .filter((e) => shown(e) && e.querySelector(".trace, .slice, .point, .bars path"));
    note("figures", figures.length >= 3);
    note("first chart", drawn.length >= 1);
    note("all charts", drawn.length >= 4);
    const alive = [...document.querySelectorAll("#react-entry-point :is(.val, .dash-cell)")].some(shown);
    note("live", alive);
    if (!("all charts" in seen && "live" in seen)) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})();
"""


@contextmanager
def usage_dash(firestore: str, cache: Path) -> Iterator[str]:
    """Serve the dashboard of what that Firestore server holds, read already; gives its address."""
    command = [sys.executable, "-m", "usage_dash", "run", "--port", "0"]
    environ = {
        "PATH": "/usr/bin:/bin",
        "FIRESTORE_EMULATOR_HOST": firestore,
        "FIREBASE_PROJECT_ID": PROJECT,
        "USAGE_DASH_AUTH": "none",
        "XDG_CACHE_HOME": str(cache),
    }
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:  # noqa: S603 - our own
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        yield next(word for line in process.stdout for word in line.split() if word.startswith("http://")) + "/"
        process.terminate()


def visit(address: str, slowdown: float) -> dict[str, float]:
    """Open the page in a browser that has never been there; milliseconds from the navigation on."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = chromium(Path(profile))
        try:
            driver.set_window_size(*_SIZE)
            driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": _WATCH})
            driver.execute_cdp_cmd("Emulation.setCPUThrottlingRate", {"rate": slowdown})
            driver.get(address)
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while time.monotonic() < deadline:
                seen: dict[str, float] = driver.execute_script("return window.__seen")
                if "all charts" in seen and "live" in seen:
                    time.sleep(0.5)  # for shifts that come late
                    return dict(driver.execute_script("return window.__seen"))
                time.sleep(0.1)
        finally:
            driver.quit()
    sys.exit(f"{address} was not drawn within {_PATIENCE_SECONDS:g} s")


def warm(address: str, users: int) -> None:
    """Wait until the first read is over, for only then does the page show all its figures, and its files are packed."""
    visit(address, 1)  # nothing is read before a page asks
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with urlopen(address) as answer:  # noqa: S310 - our own server
            document = answer.read().decode()
        if 'data-state="live"' in document:
            break
        time.sleep(0.2)
    wait_for_brotli(address, re.findall(r'(?:src|href)="(/[^"]+)"', document))
    print(f"{users:,} users read", file=sys.stderr)


@contextmanager
def both(users: int, entries: int) -> Iterator[tuple[str, str]]:
    """Serve the dashboard, warm, and the stock page over the same documents; gives their addresses."""
    with (
        served(users, entries) as firestore,
        tempfile.TemporaryDirectory() as cache,
        usage_dash(firestore, Path(cache)) as ours,
        running("benchmarks.stock", users, entries) as theirs,
    ):
        warm(ours, users)
        yield ours, theirs


def main() -> None:
    """Visit both pages in turn, and print the medians as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, default in (("users", 10_000), ("entries", 25), ("rounds", 7)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--slowdown", type=float, default=1.0, help="of the browser's CPU: 4 is a cheap phone")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with both(asked.users, asked.entries) as (ours, theirs):
        visits = [(visit(theirs, asked.slowdown), visit(ours, asked.slowdown)) for _ in range(asked.rounds)]
    result = {"stock": _medians([pair[0] for pair in visits]), "usage-dash": _medians([pair[1] for pair in visits])}
    print(json.dumps(result) if asked.json else _told(result))


def _medians(visits: list[dict[str, float]]) -> dict[str, float]:
    return {name: statistics.median(visit.get(name, 0) for visit in visits) for name in visits[0]}


def _told(result: dict[str, Any]) -> str:
    stock_chart = result["stock"]["first chart"]
    lines = []
    for page, seen in result.items():
        times = [
            f"{what} {seen[what]:,.0f} ms ({seen[what] / stock_chart:.2f})" for what in sorted(seen) if what != "shift"
        ]
        lines.append(f"{page}: {', '.join(times)}; layout shift {seen.get('shift', 0):.4f}")
    return "\n".join([*lines, "in brackets: in terms of the stock page's first chart"])


if __name__ == "__main__":
    main()

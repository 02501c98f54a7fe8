"""Bytes that a first visit loads in Chromium, headers included: `python -m benchmarks.first_visit_bytes`.

The baseline is the stock page of `benchmarks.stock`. Ours is visited over plain http, where browsers take gzip alone,
and as over https, where they take brotli: right after the first start, and when brotli is ready. Loopback counts as a
safe place, so Chromium offers there what it offers over https (`gzip, deflate, br, zstd`); encryption's own bytes are
not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from selenium import webdriver
from tests.browser.dashboard import chromium

_PATIENCE_SECONDS = 300.0
_KILOBYTE = 1_000
_LOADED = (
    "return document.querySelectorAll('.js-plotly-plot .main-svg:first-child').length >= 4"
    " && document.querySelectorAll('.dash-cell').length > 0"
)
_STOCK_ARGUMENTS = ("benchmarks.stock", "1000", "5")
_OUR_ARGUMENTS = ("usage_dash", "demo", "--port", "0")


@contextmanager
def served(arguments: tuple[str, ...], cache: Path) -> Iterator[str]:
    """Run a module that serves a page, with an empty cache folder, while the block lasts; gives its address."""
    command = [sys.executable, "-m", *arguments]
    environ = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ) as process:  # noqa: S603 - our own
        words = (word for line in process.stdout or () for word in line.split())
        try:
            yield next(word for word in words if word.startswith("http://")).rstrip("/") + "/"
        finally:
            process.terminate()


def visit(address: str, encodings: str | None = None) -> Counter[str]:
    """Open the page in a browser that has never been there; bytes on the wire by file.

    With `encodings` the browser says that it takes those alone.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = chromium(Path(profile))
        try:
            if encodings:
                driver.execute_cdp_cmd("Network.enable", {})
                headers = {"headers": {"Accept-Encoding": encodings}}
                driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", headers)
            driver.get("about:blank")
            driver.get_log("performance")
            driver.get(address)
            _wait_until_loaded(driver, address)
            events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        finally:
            driver.quit()
    return _bytes(events)


def _wait_until_loaded(driver: webdriver.Chrome, address: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not driver.execute_script(_LOADED):
        if time.monotonic() > deadline:
            sys.exit(f"{address} showed no charts and table within {_PATIENCE_SECONDS:g} s")
        time.sleep(0.1)


def _bytes(events: list[dict[str, Any]]) -> Counter[str]:
    names = {
        event["params"]["requestId"]: urlsplit(event["params"]["response"]["url"]).path
        for event in events
        if event["method"] == "Network.responseReceived" and event["params"]["response"]["url"].startswith("http")
    }
    sizes: Counter[str] = Counter()
    for event in events:
        if event["method"] == "Network.loadingFinished" and event["params"]["requestId"] in names:
            sizes[names[event["params"]["requestId"]]] += int(event["params"]["encodedDataLength"])
    return sizes


def wait_for_brotli(address: str, files: Iterable[str]) -> None:
    """Wait until each text among the files is sent with brotli."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    waiting = {file for file in files if urlsplit(file).path.endswith((".js", ".css"))}
    while waiting:
        waiting = {file for file in waiting if _is_gzip(address + file.lstrip("/"))}  # small ones are sent as they are
        if time.monotonic() > deadline:
            sys.exit(f"{sorted(waiting)} were not sent with brotli within {_PATIENCE_SECONDS:g} s")
        time.sleep(0.2)


def _is_gzip(url: str) -> bool:
    asked = Request(url, headers={"Accept-Encoding": "gzip, br"})  # noqa: S310 - our own server
    with urlopen(asked) as answer:  # noqa: S310 - our own server
        return bool(answer.headers["Content-Encoding"] == "gzip")


def measure() -> dict[str, Counter[str]]:
    """Visit the stock page and ours, which is kept waiting for nothing and then for brotli."""
    with tempfile.TemporaryDirectory() as cache:
        with served(_STOCK_ARGUMENTS, Path(cache)) as address:
            stock = visit(address)
        with served(_OUR_ARGUMENTS, Path(cache)) as address:
            start = visit(address)
            wait_for_brotli(address, start)
            return {
                "stock Dash page": stock,
                "usage-dash, right after its first start": start,
                "usage-dash over http (gzip)": visit(address, "gzip, deflate"),
                "usage-dash over https (brotli)": visit(address),
            }


def main() -> None:
    """Measure, and print it as text or JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    visits = measure()
    print(json.dumps(visits) if asked.json else _told(visits))


def _told(visits: Mapping[str, Counter[str]]) -> str:
    baseline, *_ = (files.total() for files in visits.values())
    lines = []
    for what, files in visits.items():
        total = files.total()
        lines.append(f"{what}: {total / _KILOBYTE:,.0f} kB in {len(files)} files, ratio {total / baseline:.2f}")
        lines += [f"  {size / _KILOBYTE:8,.1f} kB  {path}" for path, size in files.most_common(8)]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

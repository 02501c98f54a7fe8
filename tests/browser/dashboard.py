"""A dashboard served to a real browser, and what a viewer does and sees there."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flask import Flask
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from werkzeug.serving import make_server

_AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
_PATIENCE_SECONDS = 60.0  # with what must happen; nothing is waited for that must not
_SECONDS_TO_END = 0.05  # within which a server notices that it is to end
# What is asked for is answered, and what was answered is drawn.
_AT_REST = """
    const { stored, completed, ...underWay } = store.getState().callbacks;
    return !usageDash.isWaiting() && Object.values(underWay).every((each) => each.length === 0)
        && !document.getElementById("refresh-button").disabled;
"""
_NARROWEST_WINDOW = 500  # pixels; a phone's screen is emulated
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def chromium(
    profile: Path,
    *,
    waits: bool = True,
    preferences: Mapping[str, object] = MappingProxyType({}),
    flags: Sequence[str] = (),
) -> webdriver.Chrome:
    """Start Chromium with a fresh profile; its logs hold the console and the network.

    When it opens a page it `waits` until all files of it are there.
    """
    options = Options()
    options.add_experimental_option("prefs", dict(preferences))
    options.page_load_strategy = "normal" if waits else "none"
    options.binary_location = _executable("chromium", "chromium-browser", "google-chrome")
    for flag in (*_FLAGS, *flags, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service(_executable("chromedriver")), options=options)
    driver.set_script_timeout(_PATIENCE_SECONDS)
    return driver


def _executable(*names: str) -> str:
    for name in names:
        if found := shutil.which(name):
            return found
    raise RuntimeError(f"The browser tests need {names[0]}; on Debian: apt-get install chromium chromium-driver")


@contextmanager
def served(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve the app on a port of this machine (0: a free one), then close it; gives its address."""
    try:
        with listening(app, port) as address:
            yield address
    finally:
        app.extensions["usage_dash_board"].close()


@contextmanager
def listening(app: Flask, port: int = 0) -> Iterator[str]:
    """Serve any app on a port of this machine (0: a free one); gives its address."""
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=[_SECONDS_TO_END], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Dashboard:
    """The page as a viewer meets it."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, *, width: int = 1440, theme: str = "light") -> Dashboard:
        """Load the page anew, with an empty log and a remembered theme."""
        self.resize(width)
        self.driver.get(self.address + "health")  # the same origin, so the same storage
        self.until(lambda: self.run("return location.pathname.endsWith('/health')"), "its origin is there")
        self.run("localStorage.setItem('usage-dash-theme', arguments[0])", theme)
        self.driver.get_log("performance")
        self.driver.get_log("browser")
        self.driver.get(self.address)
        return self

    def fonts(self) -> None:
        """Wait until text is set in its own font."""
        self.driver.execute_async_script("document.fonts.ready.then(arguments[0])")

    def resize(self, width: int) -> None:
        """Give the window a width, or the screen of a phone."""
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.set_window_size(width, 1_000)
        if width < _NARROWEST_WINDOW:
            metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def until(self, true: Callable[[], Any], what: str) -> Any:
        """Wait for a condition; elements that were replaced meanwhile count as not yet."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        last: Exception | None = None
        while time.monotonic() < deadline:
            try:
                if found := true():
                    return found
            except Exception as error:  # noqa: BLE001 - whatever it was, it is told when the time is up
                last = error
            time.sleep(0.05)
        raise AssertionError(f"waited in vain until {what}") from last

    def ready(self) -> Dashboard:
        """Wait until data is shown, cards, charts and table, and nothing is under way."""
        undrawn = "document.querySelector('.panel:not([hidden]) .plot:not(:has(.main-svg))')"
        drawn = f"return document.querySelector('.view-data .panel') && !{undrawn}"
        self.until(lambda: self.run(drawn) and self.users(), "the page shows data")
        return self.at_rest()

    def at_rest(self) -> Dashboard:
        """Wait until nothing is under way, so that a press of the refresh button starts a sync of its own."""
        self.until(lambda: self.state() != "loading" and self.run(_AT_REST), "nothing is under way")
        return self

    def run(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def find(self, css: str) -> WebElement:
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def text(self, css: str) -> str:
        return str(self.run("return document.querySelector(arguments[0])?.textContent ?? ''", css))

    def state(self) -> str:
        return str(self.run("return document.getElementById('status').dataset.state"))

    def users(self) -> list[str]:
        """The ids in the table's rows, without the rows of entries."""
        return list(
            self.run(
                "return [...document.querySelectorAll('#users-table .toggle')]"
                ".map((button) => decodeURIComponent(button.dataset.user))"
            )
        )

    def column(self, name: str) -> list[str]:
        """A column's cells in the users' rows."""
        cells = f"#users-table tr:has(.toggle) td[data-dash-column={name}]"
        return [
            str(text)
            for text in self.run("return [...document.querySelectorAll(arguments[0])].map(c => c.innerText)", cells)
        ]

    def entries(self) -> list[str]:
        """The entries of opened rows, as model and time."""
        cells = "#users-table tr:has(.swatch) td[data-dash-column=user]"
        return [
            str(text)
            for text in self.run("return [...document.querySelectorAll(arguments[0])].map(c => c.innerText)", cells)
        ]

    def toggle(self, user: str) -> WebElement:
        return self.find(f".toggle[data-user='{user}']")

    def opened(self) -> list[str]:
        return [str(button.get_attribute("data-user")) for button in self.all(".toggle[aria-expanded=true]")]

    def choose(self, **changes: Any) -> None:
        """Change what is looked at, by names of the address's grammar; None takes a choice away."""
        self.run("usageDash.set(arguments[0])", changes)

    def range(self) -> str:
        """The range that is chosen in the bar."""
        return str(self.run("return document.querySelector('#range [aria-checked=true]')?.textContent ?? ''"))

    def query(self) -> str:
        """The query string of the page's address."""
        return self.driver.current_url.partition("?")[2]

    def refresh(self, button: str = "#refresh-button") -> None:
        """Press a button that refreshes, once, and wait for the answer."""
        self.at_rest()
        heard = self._heard()
        self.run("document.querySelector(arguments[0]).click()", button)
        self.until(lambda: self._heard() != heard, "the answer has come")
        self.at_rest()

    def _heard(self) -> str:
        return str(self.run("return window.usageDash.told"))

    def console(self) -> list[str]:
        """Warnings and errors since the last look."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] != "INFO"]

    def violations(self, within: str = "html") -> list[tuple[str, str]]:
        """What the accessibility checker finds in a part of the page, as rule and element."""
        if not self.run("return 'axe' in window"):
            self.run(_AXE.read_text())
        script = "axe.run(document.querySelector(arguments[0]), {resultTypes: ['violations']}).then(arguments[1])"
        found: dict[str, Any] = self.driver.execute_async_script(script, within)
        return [(rule["id"], node["html"]) for rule in found["violations"] for node in rule["nodes"]]

    def network(self) -> list[dict[str, Any]]:
        """Requests and answers since the last look, as DevTools events."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [event for event in events if event["method"].startswith("Network.")]

    def callbacks(self) -> list[dict[str, Any]]:
        """The answers to the callbacks' requests since the last look: what each carried, by component."""
        events: list[dict[str, Any]] = []

        def answered() -> bool:
            events.extend(self.network())
            ended = {event["params"]["requestId"] for event in events if event["method"] == "Network.loadingFinished"}
            return ended.issuperset(_asked(events))

        self.until(answered, "all requests are answered")
        bodies = [
            self.driver.execute_cdp_cmd("Network.getResponseBody", {"requestId": request})["body"]
            for request in _asked(events)
        ]
        return [json.loads(body)["response"] for body in bodies]

    def asks(self) -> bool:
        """Whether callbacks have asked the server for something since the last look."""
        return bool(_asked(self.network()))


def _asked(events: list[dict[str, Any]]) -> list[str]:
    """The ids of the requests that callbacks sent."""
    return [
        event["params"]["requestId"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
        and "_dash-update-component" in event["params"]["request"]["url"]
    ]

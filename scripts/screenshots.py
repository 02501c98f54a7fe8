"""Make the pictures in docs/images from the demo, in headless Chromium.

python scripts/screenshots.py
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait
from werkzeug.serving import make_server

from usage_dash.app import create_app
from usage_dash.settings import Settings, SourceName

IMAGES = Path(__file__).parent.parent / "docs" / "images"
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-prefers-reduced-motion")
PATIENCE_SECONDS = 30
OPENED_ROW = 1
SHOWN_ENTRIES = 4  # of the opened row; twenty would make the picture a list
FIRST_HEIGHT = 1_000

DRAWN = "return document.querySelectorAll('.view-data .panel:not([hidden]) .main-svg').length >= 5"
OPEN = f"document.querySelectorAll('.toggle')[{OPENED_ROW}].click()"
OPENED = "return document.querySelectorAll('#users-table .swatch').length > 0"
SHORTEN = f"""
  const rows = [...document.querySelectorAll('#users-table tr:has(.swatch)')].slice({SHOWN_ENTRIES});
  const pager = document.querySelector('#users-table tr:has(.more-row)');
  [...rows, pager].forEach((row) => (row.style.display = 'none'));
  return document.documentElement.scrollHeight;
"""
CHECKED = "return document.querySelector('.view-trust #recorded-and-billed .bars .point') !== null"
HEIGHT = "return document.documentElement.scrollHeight"
STILL = """
  const done = arguments[0];
  document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
"""


@dataclass(frozen=True)
class Picture:
    """One picture: its file's name, the window's width, the theme, and the page's path."""

    name: str
    width: int
    theme: str
    path: str = ""


PICTURES = (
    Picture("desktop-light", 1440, "light"),
    Picture("desktop-dark", 1440, "dark"),
    Picture("tablet", 820, "light"),
    Picture("phone", 390, "light"),
    Picture("trust", 1440, "light", "trust"),
)


def main() -> None:
    """Serve the demo and take all pictures of it."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo() as address, browser() as driver:
        for picture in PICTURES:
            target = IMAGES / f"{picture.name}.png"
            take(driver, address, picture, target)
            print(target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target)


def take(driver: webdriver.Chrome, address: str, picture: Picture, target: Path) -> None:
    """Open the page, the overview with one row opened, and picture it from top to bottom."""
    resize(driver, picture.width, FIRST_HEIGHT)
    driver.get(address + "health")  # the same origin, so the same storage
    driver.execute_script("localStorage.setItem('usage-dash-theme', arguments[0])", picture.theme)
    driver.get(address + picture.path)
    wait = WebDriverWait(driver, PATIENCE_SECONDS)
    height = checks(driver, wait) if picture.path else overview(driver, wait)
    resize(driver, picture.width, height)
    driver.execute_async_script(STILL)
    driver.save_screenshot(str(target))


def overview(driver: webdriver.Chrome, wait: WebDriverWait[webdriver.Chrome]) -> int:
    """Wait until all is drawn, and open a row; return how high the page is."""
    wait.until(lambda _: driver.execute_script(DRAWN))
    driver.execute_script(OPEN)
    wait.until(lambda _: driver.execute_script(OPENED))
    return int(driver.execute_script(SHORTEN))


def checks(driver: webdriver.Chrome, wait: WebDriverWait[webdriver.Chrome]) -> int:
    """Wait for the checks; return how high the page is."""
    wait.until(lambda _: driver.execute_script(CHECKED))
    return int(driver.execute_script(HEIGHT))


def resize(driver: webdriver.Chrome, width: int, height: int) -> None:
    """Make the page exactly so large."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


@contextmanager
def demo() -> Iterator[str]:
    """Serve sample data that stands still while it is pictured; gives the address."""
    app = create_app(Settings(chosen_source=SourceName.DEMO, refresh_seconds=3_600))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """Run Chromium with a profile of its own."""
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        raise SystemExit("Pictures need Chromium and its driver; on Debian: apt-get install chromium chromium-driver")
    options = Options()
    options.binary_location = chromium
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(service=Service(chromedriver), options=options)
        try:
            yield driver
        finally:
            driver.quit()


if __name__ == "__main__":
    main()

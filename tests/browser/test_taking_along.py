"""Files to take along from a portal's frame, which has no cookie and whose links carry no token."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from selenium import webdriver
from tests.browser import portals, scenes
from tests.browser.dashboard import Dashboard, chromium, served
from tests.browser.portals import Dash, Visit
from tests.fakes import MemoryRepository
from tests.servers.ports import free_port

WITHOUT_THIRD_PARTY_COOKIES = {"profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": True}
NAMES = "--host-resolver-rules=MAP *.test 127.0.0.1"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the browser puts files."""
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[webdriver.Chrome]:
    driver = chromium(tmp_path_factory.mktemp("export"), preferences=WITHOUT_THIRD_PARTY_COOKIES, flags=[NAMES])
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)})
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def usage() -> MemoryRepository:
    return portals.source()


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {name: free_port() for name in ("portal", "dash")}


@pytest.fixture(scope="module")
def dash(usage: MemoryRepository, ports: dict[str, int]) -> Iterator[Dash]:
    with portals.dash(usage, [f"http://portal.test:{ports['portal']}"], ports["dash"]) as running:
        yield running


@pytest.fixture
def page(browser: webdriver.Chrome, usage: MemoryRepository, ports: dict[str, int], dash: Dash) -> Iterator[Dashboard]:
    """The frame of somebody who sees their own usage alone."""
    dash.arrivals.clear()
    with (
        portals.portal(usage, f"http://usage.test:{ports['dash']}", ports["portal"]) as portal,
        portals.visiting(browser, portal, f"http://portal.test:{ports['portal']}/") as visit,
    ):
        yield _live(visit)


def _live(visit: Visit) -> Dashboard:
    page = visit.open("chen")
    visit.expect("live")
    return page.ready()


def _take(page: Dashboard, name: str) -> None:
    """Choose a file in the menu, which stays open."""
    button = page.find("[aria-controls=export]")
    if button.get_attribute("aria-expanded") != "true":
        button.click()
    page.find(f"a[data-export='{name}']").click()


def _lines(page: Dashboard, folder: Path, pattern: str) -> list[dict[str, str]]:
    """What is in the file that comes, which is then taken away."""
    page.until(lambda: list(folder.glob(pattern)), "the file is there")
    [file] = folder.glob(pattern)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        found = list(csv.DictReader(lines))
    file.unlink()
    return found


def test_what_the_menu_gives_adds_up_to_the_cards(browser: webdriver.Chrome, folder: Path) -> None:
    with served(scenes.app(scenes.repository())) as address:
        page = Dashboard(browser, address).open()
        page.ready()
        page.choose(range="7d")
        page.at_rest()
        _take(page, "users.csv")
        lines = _lines(page, folder, "usage-users-*.csv")
        assert f"${sum(float(line['total_cost_usd']) for line in lines):.2f}" == page.text("#total-cost")
        assert f"{sum(int(line['total_calls']) for line in lines):,}" == page.text("#total-calls")
        _take(page, "workbook.xlsx")
        page.until(lambda: list(folder.glob("usage-workbook-*.xlsx")), "the workbook is there")
        [file] = folder.glob("usage-workbook-*.xlsx")
        book = openpyxl.load_workbook(file)
        assert [row[0] for row in book["Users"].iter_rows(min_row=2, values_only=True)] == [
            line["user_id"] for line in lines
        ]
        assert book["Days"].max_row == 8
        browser.get("about:blank")


def test_a_file_comes_within_the_frames_scope_without_a_cookie(page: Dashboard, dash: Dash, folder: Path) -> None:
    _take(page, "users.csv")
    assert [line["user_id"] for line in _lines(page, folder, "usage-users-*.csv")] == ["chen.wei"]
    arrived = {one.path.rpartition("/")[0]: one for one in dash.arrivals if one.path.startswith("/export/")}
    asked, once = arrived["/export"], arrived["/export/once"]
    assert (asked.token or "").startswith("Bearer ey")
    assert (asked.cookie, once.token, once.cookie) == (None, None, None)
    assert page.text("[data-export-said]") == ""
    assert page.console() == []


def test_what_cannot_be_had_is_said_in_place(page: Dashboard) -> None:
    page.run("document.querySelector('a[data-export]').href += '?user=maria.oduya'")
    _take(page, "users.csv")
    page.until(lambda: page.text("[data-export-said]"), "it is said")
    assert page.text("[data-export-said]") == (
        "This address asks for a user who is not among those you may see, so there is no file of it."
    )
    assert page.find("#frame-state").get_attribute("data-state") == "live"

"""Files to take along from a portal's frame, which has no cookie and whose links carry no token."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from tests.browser import portals
from tests.browser.dashboard import Dashboard, chromium
from tests.browser.portals import Dash, Visit
from tests.fakes import MemoryRepository
from tests.servers.ports import free_port

WITHOUT_THIRD_PARTY_COOKIES = {"profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": True}
NAMES = "--host-resolver-rules=MAP *.test 127.0.0.1"
LINK = """
    const link = Object.assign(document.createElement("a"), {id: "take", href: arguments[0], textContent: "Users"});
    link.dataset.export = "";
    const said = Object.assign(document.createElement("p"), {id: "said"});
    said.dataset.exportSaid = "";
    document.body.prepend(link, said);
"""


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


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("usage-users-*.csv"))


def test_a_file_comes_within_the_frames_scope_without_a_cookie(page: Dashboard, dash: Dash, folder: Path) -> None:
    page.driver.execute_script(LINK, "export/users.csv?range=7d")
    page.find("#take").click()
    page.until(lambda: _files(folder), "the file is there")
    [file] = _files(folder)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert [line["user_id"] for line in csv.DictReader(lines)] == ["chen.wei"]
    arrived = {one.path.rpartition("/")[0]: one for one in dash.arrivals if one.path.startswith("/export/")}
    asked, once = arrived["/export"], arrived["/export/once"]
    assert (asked.token or "").startswith("Bearer ey")
    assert (asked.cookie, once.token, once.cookie) == (None, None, None)
    assert page.text("#said") == ""
    assert page.console() == []


def test_what_cannot_be_had_is_said_in_place(page: Dashboard) -> None:
    page.driver.execute_script(LINK, "export/users.csv?user=maria.oduya")
    page.find("#take").click()
    page.until(lambda: page.text("#said"), "it is said")
    assert page.text("#said") == (
        "This address asks for a user who is not among those you may see, so there is no file of it."
    )
    assert page.find("#frame-state").get_attribute("data-state") == "live"

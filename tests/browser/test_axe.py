"""What the accessibility checker finds on every view, in both themes, on a desk, a tablet and a phone: nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import FORBIDDEN, EagerClock, MemoryRepository

from usage_dash.app import create_dash
from usage_dash.settings import Settings, Way

Found = list[tuple[str, str, str]]

SECRET = "p" * 32
PEOPLE = """user_id,name,email,team
user-00,Maria Oduya,maria@acme.example,Support
user-01,Ben,,Sales
user-02,,,Support
broken,,,Idle
"""
CHARTS = 5
WIDTHS = [1440, 820, 390]
ON_A_DESK = {"calendar", "models", "team", "compare", "export", "account-menu"}
ON_A_PHONE = {"ranges", "filters", "export", "account-menu"}
FILTERED = (
    "from=2026-01-01&to=2026-12-31&model=gpt-4o&model=o4-mini&user=user-00&user=user-02&team=Support&by=week"
    "&compare=month&sum=cumulative&measure=users&top=teams&open=user-00&user=nobody"
)
OPENER = "[...document.querySelectorAll(`#react-entry-point {}`)].find((each) => each.getClientRects().length)"


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard of an administrator, with names, teams, and documents that need attention."""
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    source = scenes.repository()
    source.documents["broken"] = {"totalCostUsd": "a lot", "recentUsage": [1, 2]}
    source.documents["doubled"] = {**source.documents["user-03"], "userId": "doubled", "totalCostUsd": 0.01}
    page = serve(_app(source, people_file=people))
    page.driver.execute_cdp_cmd("Network.enable", {})
    yield _as(page, "admin@acme.example")
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {}})


def _app(source: MemoryRepository, **settings: object) -> Flask:
    told = {"auth": (Way.PROXY,), "proxy_header": "X-User", "proxy_secret": SECRET, "admins": "admin@acme.example"}
    server: Flask = create_dash(Settings(refresh_seconds=3600, **told, **settings), source, EagerClock()).server
    return server


def _as(page: Dashboard, who: str) -> Dashboard:
    headers = {"X-User": who, "X-Usage-Dash-Proxy-Secret": SECRET}
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": headers})
    return page


def _found(page: Dashboard, within: str = "html") -> Found:
    """What is found in both themes, and the light one stays."""
    found: Found = []
    for theme in ("dark", "light"):
        page.run("usageDash.setTheme(arguments[0])", theme)
        found += [(theme, *each) for each in page.violations(within)]
    return found


def _opened(page: Dashboard, width: int, query: str = "", path: str = "") -> Dashboard:
    page.resize(width)
    page.driver.get(f"{page.address}{path}?{query}")
    return page


def _press(page: Dashboard, css: str) -> bool:
    """Press the first of these that can be seen; tells whether there is one."""
    return bool(page.run(f"const found = {OPENER.format(css)}; found?.click(); return found !== undefined"))


def _escape(page: Dashboard) -> None:
    ActionChains(page.driver).send_keys(Keys.ESCAPE).perform()
    page.until(lambda: not page.all("[data-open], dialog[open]"), "it is closed")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_overview_and_all_that_opens_on_it(served_page: Dashboard, width: int) -> None:
    page = _opened(served_page, width, "open=user-00").ready()
    page.until(page.entries, "a row is open")
    found = {"the overview": _found(page)}
    for popover in ("ranges", "calendar", "models", "team", "compare", "export", "filters", "account-menu"):
        if _press(page, f"[aria-controls={popover}]"):
            page.until(lambda popover=popover: page.all(f"#{popover}[data-open]"), "it is open")
            found[popover] = _found(page, f"#{popover}")
            _escape(page)
    assert found.keys() - {"the overview"} == (ON_A_PHONE if width == 390 else ON_A_DESK)
    for dialog in ("shortcuts", "findings", "meter"):
        assert _press(page, f".foot [data-opens={dialog}]")
        page.until(lambda dialog=dialog: page.all(f"#{dialog}[open] td"), "the dialog is filled")
        found[dialog] = _found(page, f"#{dialog}")
        _escape(page)
    assert {view: each for view, each in found.items() if each} == {}


@pytest.mark.parametrize("width", WIDTHS)
def test_charts_as_tables_and_their_menus(served_page: Dashboard, width: int) -> None:
    page = _opened(served_page, width, "model=gpt-4o&by=week&sum=cumulative").ready()
    found: Found = []
    for menu in ("cost-over-time-tools", "calls-over-time-choices"):
        assert _press(page, f"[aria-controls={menu}]")
        page.until(lambda menu=menu: page.all(f"#{menu}[data-open]"), "the menu is open")
        found += _found(page, f"#{menu}")
        _escape(page)
    page.run("for (const item of document.querySelectorAll('[data-shows-table]')) item.click()")
    page.until(lambda: len(page.all(".as-table table")) == CHARTS, "all charts are tables")
    assert found + _found(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_users_that_are_found_and_nobody(served_page: Dashboard, width: int) -> None:
    page = _opened(served_page, width).ready()
    field = page.find("#react-entry-point [data-finds-users] input")
    field.send_keys("maria")
    page.until(lambda: "Maria Oduya" in page.text("#found-users"), "she is found")
    assert _found(page) == []
    field.send_keys("xyz")
    page.until(lambda: "Nobody called" in page.text("#found-users"), "nobody is found")
    assert _found(page, "#found-users") == []


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_filtered_and_what_is_left_out(served_page: Dashboard, width: int) -> None:
    page = _opened(served_page, width, FILTERED).ready()
    page.until(page.entries, "a row is open")
    assert "left out" in page.text("#bar")
    assert _found(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_filters_that_meet_nothing(served_page: Dashboard, width: int) -> None:
    page = _opened(served_page, width, "team=Idle&model=gpt-4o")
    page.until(lambda: "No usage of gpt-4o" in page.text("#react-entry-point .tbl"), "it says so")
    page.at_rest()
    assert _found(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("who", ["user-00", "broken", "nobody"])
def test_a_users_page(served_page: Dashboard, width: int, who: str) -> None:
    page = _opened(served_page, width, path=f"users/{who}")
    page.until(lambda: page.all("#react-entry-point .view-user [data-arrival]"), "the page is there")
    page.at_rest()
    assert _found(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("state", "view"), [("empty", ".view-empty .empty"), ("error", ".view-error .failed")])
def test_pages_without_figures(serve: Callable[[Flask], Dashboard], width: int, state: str, view: str) -> None:
    source = MemoryRepository({})
    if state == "error":
        source.fail_in(0, FORBIDDEN, times=100)
    page = _opened(_as(serve(_app(source)), "admin@acme.example"), width)
    page.until(lambda: page.all(f"#react-entry-point {view}"), "it says so")
    page.at_rest()
    assert _found(page) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_who_is_on_no_list(served_page: Dashboard, width: int) -> None:
    page = _as(served_page, "stranger@acme.example")
    try:
        _opened(page, width)
        page.until(lambda: page.all("#title"), "the page is there")
        for theme in ("light", "dark"):
            page.run("document.documentElement.dataset.bsTheme = arguments[0]", theme)
            assert page.violations() == []
    finally:
        _as(page, "admin@acme.example")

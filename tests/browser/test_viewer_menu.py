"""The menu of who looks: its theme, its ways on, and how it closes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import EagerClock

from usage_dash.app import create_dash
from usage_dash.settings import Settings, Way

SECRET = "p" * 32
BUTTON, MENU = "#react-entry-point .account > button", "#react-entry-point #account-menu"


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard]) -> Iterator[Dashboard]:
    """A dashboard behind a proxy that says who looks: Ada, who sees her own usage."""
    settings = Settings(
        refresh_seconds=3600,
        auth=(Way.PROXY,),
        proxy_header="X-User",
        proxy_secret=SECRET,
        see_self=True,
        self_claim="sub",
    )
    page = serve(create_dash(settings, scenes.repository(users=3), EagerClock()).server)
    headers = {"X-User": "user-01", "X-Usage-Dash-Proxy-Secret": SECRET}
    page.driver.execute_cdp_cmd("Network.enable", {})
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": headers})
    yield page
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {}})


def _opened(page: Dashboard) -> Dashboard:
    page.find(BUTTON).click()
    page.until(lambda: page.find(MENU).is_displayed(), "the menu is open")
    return page


def _theme(page: Dashboard) -> str:
    return str(page.run("return document.documentElement.dataset.bsTheme"))


@pytest.mark.parametrize("width", [1440, 390])
def test_the_theme_is_chosen_there_and_remembered(served_page: Dashboard, width: int) -> None:
    page = _opened(served_page.open(width=width).ready())
    radio = f"{MENU} [data-takes-theme={{}}]".format
    assert page.find(radio("light")).get_attribute("aria-checked") == "true"
    page.find(radio("dark")).click()
    page.until(lambda: _theme(page) == "dark", "it is dark")
    assert page.find(radio("dark")).get_attribute("aria-checked") == "true"
    assert page.find("#react-entry-point #theme-button").get_attribute("aria-label") == "Theme: dark"
    assert page.find("#react-entry-point #theme-button").is_displayed() == (width == 1440)
    assert page.violations() == []
    page.driver.refresh()
    page.ready()
    assert _theme(page) == "dark"


def test_on_a_phone_it_comes_from_below(served_page: Dashboard) -> None:
    page = _opened(served_page.open(width=390).ready())
    below = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom === window.innerHeight"
    assert page.run(below, MENU)


def test_it_closes_by_escape_which_gives_the_focus_back_and_by_a_click_beside_it(served_page: Dashboard) -> None:
    page = _opened(served_page.open().ready())
    page.find(f"{MENU} [data-takes-theme=light]").send_keys(Keys.ESCAPE)
    page.until(lambda: not page.find(MENU).is_displayed(), "it is closed")
    assert page.run("return document.activeElement === document.querySelector(arguments[0])", BUTTON)
    _opened(page)
    page.find("#total-cost").click()
    page.until(lambda: not page.find(MENU).is_displayed(), "it is closed")


def test_it_tells_the_short_cuts_and_goes(served_page: Dashboard) -> None:
    page = _opened(served_page.open().ready())
    page.find(f"{MENU} [data-opens=shortcuts]").click()
    page.until(lambda: page.all("#shortcuts[open]"), "the dialog is open")
    ActionChains(page.driver).send_keys(Keys.ESCAPE).perform()
    page.until(lambda: not page.all("#shortcuts[open]"), "the dialog is closed")
    assert not page.find(MENU).is_displayed()
    assert page.run("return document.activeElement === document.querySelector(arguments[0])", BUTTON)


def test_my_usage_is_ones_own_page(served_page: Dashboard) -> None:
    page = _opened(served_page.open().ready())
    page.find(f"{MENU} a").click()
    page.until(lambda: page.driver.current_url == f"{page.address}users/user-01", "one is there")
    assert not page.find(MENU).is_displayed()
    page.until(lambda: page.all("#pages [aria-current=true]"), "the overview is no longer the page")

"""The page by the keyboard alone: somebody finds the cause of a cost, and gets everywhere without being caught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import EagerClock

from usage_dash.app import create_dash
from usage_dash.settings import Settings

PEOPLE = "user_id,name,email,team\nuser-00,Maria Oduya,maria@acme.example,Research\nuser-01,Ben,,Support\n"
MOST_STEPS = 200  # of the Tab key, from one end of the page to the other
AT = "return document.activeElement.matches(arguments[0])"
# Where the focus is: which element of the page, what it is, and whether it can be seen that it has the focus.
FOCUS = """
  const at = document.activeElement;
  const place = [...document.querySelectorAll("*")].indexOf(at);
  const seen = at.getClientRects().length > 0 && getComputedStyle(at).outlineStyle !== "none";
  return at === document.body ? null : [place, at.outerHTML.slice(0, 120), seen];
"""


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    settings = Settings(refresh_seconds=3600, people_file=people)
    return serve(create_dash(settings, scenes.repository(), EagerClock()).server)


def _press(page: Dashboard, *keys: str) -> None:
    ActionChains(page.driver).send_keys(*keys).perform()


def _press_with_shift(page: Dashboard, key: str) -> None:
    ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(key).key_up(Keys.SHIFT).perform()


def _is_at(page: Dashboard, css: str) -> bool:
    return bool(page.run(AT, css))


def _tab_to(page: Dashboard, css: str, *, back: bool = False) -> None:
    """Press the Tab key until such an element has the focus."""
    for _ in range(MOST_STEPS):
        if back:
            _press_with_shift(page, Keys.TAB)
        else:
            _press(page, Keys.TAB)
        if _is_at(page, css):
            return
    raise AssertionError(f"the Tab key leads to no {css}")


def _asked(page: Dashboard) -> list[tuple[str, str]]:
    return parse_qsl(page.query(), keep_blank_values=True)


def _until_asked(page: Dashboard, *asked: tuple[str, str]) -> None:
    page.until(lambda: _asked(page) == list(asked), f"the address says {asked}")
    page.at_rest()


def test_the_cause_is_found(served_page: Dashboard) -> None:
    page = served_page.open().ready()
    _tab_to(page, "#range [aria-checked=true]")
    _press(page, Keys.ARROW_LEFT)
    _until_asked(page, ("range", "7d"))
    page.until(lambda: page.range() == "7 days", "the range is chosen")
    _tab_to(page, "[aria-controls=models]")
    _press(page, Keys.ENTER)
    _tab_to(page, "#models [data-value='gpt-4o']")
    _press(page, Keys.SPACE)
    _until_asked(page, ("range", "7d"), ("model", "gpt-4o"))
    _press(page, Keys.ESCAPE)
    assert _is_at(page, "[aria-controls=models]")
    _tab_to(page, "[data-finds-users] input")
    _press(page, *"maria")
    page.until(lambda: page.all("#found-users[data-open] [role=option]"), "she is found")
    _press(page, Keys.ARROW_DOWN)
    _press_with_shift(page, Keys.ENTER)
    page.until(lambda: page.text("#person h2") == "Maria Oduya", "her page is there")
    page.until(lambda: _is_at(page, "#person h2"), "the focus is at its title")
    assert page.driver.current_url == f"{page.address}users/user-00?range=7d&model=gpt-4o"
    _tab_to(page, ".crumbs a", back=True)
    _press(page, Keys.ENTER)
    page.until(lambda: page.find("#users-table").is_displayed(), "the overview is there")
    _until_asked(page, ("range", "7d"), ("model", "gpt-4o"))
    _tab_to(page, "[aria-controls=export]")
    _press(page, Keys.ENTER)
    assert _is_at(page, "#export [role=menuitem]")
    _press(page, Keys.ARROW_DOWN, Keys.END, Keys.ESCAPE)
    assert _is_at(page, "[aria-controls=export]")
    assert page.all("[data-open]") == []


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("path", ["?open=user-00", "users/user-00"])
def test_the_tab_key_leads_through_all_of_the_page_and_out(served_page: Dashboard, width: int, path: str) -> None:
    page = served_page
    page.resize(width)
    page.driver.get(page.address + path)
    page.until(lambda: page.all("#react-entry-point .view-data"), "the page is there")
    page.at_rest()
    steps = _steps(page)
    places = [place for place, _, _ in steps]
    assert places == sorted(set(places))  # in the order of the page, nothing twice
    assert [html for _, html, seen in steps if not seen] == []
    assert len(steps) > 12


def _steps(page: Dashboard) -> list[Any]:
    """Where the Tab key leads, from the first control of the page until it leaves the last."""
    _press(page, Keys.TAB)
    found = [page.run(FOCUS)]
    for _ in range(MOST_STEPS):
        _press(page, Keys.TAB)
        at = page.run(FOCUS)
        if at is None or at[0] == found[0][0]:
            return found
        found.append(at)
    raise AssertionError(f"the Tab key never leaves the page: {found[-3:]}")

"""One day that dwarfs all others: charts end below it, and show all of it on demand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import MemoryRepository

BUTTON = "#cost-over-time-head [aria-pressed]"
MOST = 2_000.0  # dollars of that day, of which others have 3.25 at most


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    source = scenes.repository()
    spike = scenes.entry(source.clock - timedelta(days=5), MOST, calls=9_000)
    source.documents["user-spike"] = scenes.document("user-spike", [spike])
    return source


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], source: MemoryRepository) -> Dashboard:
    return serve(scenes.app(source))


@pytest.fixture
def page(served_page: Dashboard) -> Dashboard:
    return served_page.open().ready()


def highest(page: Dashboard, chart: str = "cost-over-time") -> float:
    """Where the axis ends."""
    end: float = page.run(f"return document.querySelector('#{chart} .js-plotly-plot')._fullLayout.yaxis.range[1]")
    return end


def is_pressed(page: Dashboard) -> bool:
    return page.find(BUTTON).get_attribute("aria-pressed") == "true"


def test_a_press_shows_all_of_the_height_and_once_more_the_rest(page: Dashboard, source: MemoryRepository) -> None:
    page.until(lambda: highest(page) < MOST / 20, "the rest fills the chart")
    assert highest(page, "calls-over-time") < 9_000 / 20
    assert "Higher than shown: $2,0" in page.text("#cost-over-time-key")
    button = page.find(BUTTON)
    page.run("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    page.until(lambda: highest(page) > MOST, "the spike fits")
    page.until(lambda: highest(page, "calls-over-time") > 9_000, "that of the calls too")
    assert is_pressed(page)
    assert page.run("return document.activeElement.textContent") == "Full height"
    assert page.query() == "height=full"
    scenes.use(source, "user-00", cost=1.0)
    before = page.text("#cards")
    page.refresh()
    page.until(lambda: page.text("#cards") != before, "there is news")
    assert highest(page) > MOST
    assert is_pressed(page)
    page.find(BUTTON).click()
    page.until(lambda: highest(page) < MOST / 20, "the rest fills the chart again")
    assert page.query() == ""


def test_an_address_that_asks_for_all_of_it_gets_it(page: Dashboard) -> None:
    page.driver.get(f"{page.address}?height=full")
    page.ready().until(lambda: highest(page) > MOST, "the spike fits")
    assert is_pressed(page)
    assert "Higher" not in page.text("#cost-over-time-key")


def test_who_zoomed_in_keeps_that_whatever_the_height(page: Dashboard) -> None:
    shown = "return document.querySelector('#cost-over-time .js-plotly-plot').layout.xaxis.range"
    whole = page.run(shown)
    area = page.find("#cost-over-time .nsewdrag")
    ActionChains(page.driver).move_to_element(area).click_and_hold().move_by_offset(150, 0).release().perform()
    page.until(lambda: page.run(shown) != whole, "zoomed in")
    zoomed = page.run(shown)
    page.find(BUTTON).click()
    page.until(lambda: highest(page) > MOST, "the spike fits")
    assert page.run(shown) == zoomed

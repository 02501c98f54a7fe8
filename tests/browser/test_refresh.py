from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import DEADLINE, Gate, MemoryRepository

# What an answer may carry when nothing changed: the status with its time, the bill, when to ask again, no problem.
SMALL = {"clock", "bill-read", "bill-saved", "problem"}

# Notes each time that the button is disabled (true) or enabled, so that no such moment is missed.
WATCHED = """
    const [button] = arguments;
    window.seen = [];
    const note = () => window.seen.push(button.disabled);
    new MutationObserver(note).observe(button, { attributes: true, attributeFilter: ["disabled"] });
"""


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    return scenes.repository()


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], source: MemoryRepository) -> Dashboard:
    return serve(scenes.app(source))


@pytest.fixture
def page(served_page: Dashboard) -> Dashboard:
    return served_page.open().ready()


def test_the_button_brings_new_usage_at_once(page: Dashboard, source: MemoryRepository) -> None:
    before = page.text("#total-cost")
    scenes.use(source, "user-00", cost=1000.0)
    page.refresh()
    page.until(lambda: page.text("#total-cost") != before, "the new cost is shown")
    assert page.users()[0] == "user-00"


def test_one_refresh_is_one_request(page: Dashboard, source: MemoryRepository) -> None:
    page.callbacks()
    scenes.use(source, "user-01", cost=1.0)
    page.refresh()
    [answer] = page.callbacks()
    assert {"cards", "charts", "users-table"} <= answer.keys()


def test_a_refresh_without_news_carries_no_data(page: Dashboard) -> None:
    page.callbacks()
    page.refresh()
    [answer] = page.callbacks()
    assert answer.keys() <= SMALL


def test_the_button_is_disabled_while_it_runs_and_keeps_the_focus(page: Dashboard, source: MemoryRepository) -> None:
    gate = source.before = Gate()
    button = page.find("#refresh-button")
    page.run(WATCHED, button)
    page.run("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    assert gate.come.wait(DEADLINE)
    page.until(lambda: page.run("return window.seen")[:1] == [True], "disabled")
    source.before = lambda _what: None
    gate.open()
    page.until(lambda: page.run("return window.seen") == [True, False], "enabled again")
    page.until(lambda: page.run("return document.activeElement.id") == "refresh-button", "focused again")


def test_opened_rows_scroll_and_zoom_outlive_a_refresh(page: Dashboard, source: MemoryRepository) -> None:
    page.toggle("user-02").click()
    page.until(page.entries, "a row is open")
    shown = "return document.querySelector('#cost-over-time .js-plotly-plot').layout.xaxis.range"
    whole = page.run(shown)
    chart = page.find("#cost-over-time .nsewdrag")
    ActionChains(page.driver).move_to_element(chart).click_and_hold().move_by_offset(150, 0).release().perform()
    page.until(lambda: page.run(shown) != whole, "zoomed in")
    zoomed = page.run(shown)
    page.run("window.scrollTo(0, 500)")
    entries = len(page.entries())
    before = page.text("#total-cost")
    drawn = page.run("return document.querySelector('#cost-by-model .js-plotly-plot').data[0].customdata.join()")
    scenes.use(source, "user-02", cost=2.0)
    page.refresh()
    page.until(lambda: page.text("#total-cost") != before, "the new cost is shown")
    bars = "return document.querySelector('#cost-by-model .js-plotly-plot').data[0].customdata.join()"
    page.until(lambda: page.run(bars) != drawn, "the charts are drawn anew")
    assert page.run(shown) == zoomed
    assert page.opened() == ["user-02"]
    assert len(page.entries()) == entries
    assert page.run("return window.scrollY") == 500


def test_the_interval_refreshes_by_itself(serve: Callable[[Flask], Dashboard]) -> None:
    source = scenes.repository(users=3)
    page = serve(scenes.app(source, refresh_seconds=1)).open().ready()
    scenes.use(source, "user-new", cost=5000.0)
    page.until(lambda: page.users()[0] == "user-new", "the new user is on top")


def test_a_hidden_tab_asks_for_nothing_and_asks_at_once_when_shown(serve: Callable[[Flask], Dashboard]) -> None:
    source = scenes.repository(users=3)
    page = serve(scenes.app(source, refresh_seconds=1)).open().ready()
    _show(page, "false")
    page.until(lambda: not _asks_within(page, seconds=1.5), "the page is silent")
    scenes.use(source, "user-new", cost=5000.0)
    _show(page, "true")
    page.until(lambda: page.users()[0] == "user-new", "the new user is on top")


def _show(page: Dashboard, shown: str) -> None:
    page.run(f"Object.defineProperty(document, 'hidden', {{value: !{shown}, configurable: true}})")
    page.run("document.dispatchEvent(new Event('visibilitychange'))")


def _asks_within(page: Dashboard, *, seconds: float) -> bool:
    """Whether the page asks for something until a timer of its own, which is as slow as its others, has run out."""
    page.network()
    page.driver.execute_async_script("const [seconds, done] = arguments; setTimeout(done, seconds * 1000)", seconds)
    return page.asks()


def test_the_age_of_the_data_ticks(page: Dashboard, source: MemoryRepository) -> None:
    source.clock = datetime.now(UTC)  # or it might be so old that it ticks by the minute
    page.refresh()
    first = page.text("#status time")
    page.until(lambda: page.text("#status time") != first, "a second has passed")

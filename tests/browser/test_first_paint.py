"""The page before Dash is there, and the moment in which Dash takes it over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from selenium import webdriver
from selenium.webdriver.common.by import By
from tests.browser import scenes
from tests.browser.dashboard import Dashboard, chromium

from usage_dash.settings.budgets import Budgets

# The elements of a page in their order: tag, attributes, and text that stands in no other element. Times go on, and
# the button for the theme is named by a script.
STRUCTURE = """
  const own = ({childNodes}) => [...childNodes].filter((node) => node.nodeType === 3).map(({data}) => data).join("");
  const ours = ({name}) => !["id", "for", "style", "aria-label", "title", "checked"].includes(name);
  return [...document.querySelector(arguments[0]).querySelectorAll(arguments[1])].map((element) => [
    element.tagName,
    [...element.attributes].filter(ours).map(({name, value}) => `${name}=${value}`).sort().join(" "),
    element.tagName === "TIME" ? "" : own(element),
  ]);
"""
SEEN = ".topbar *, .bar :not(input), #notices *, #cards *, #budgets *, .panel > .hd *, .tbl > .hd *, .pager *, .trust *"
HERE = "return document.getElementById('still') !== null"


class Gate:
    """Holds back Dash's own script until it is opened, as a slow line would; a line that fails has no Plotly."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app
        self._open = threading.Event()
        self.fails = False

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if self.fails and "plotly" in environ["PATH_INFO"]:
            start_response("503 Service Unavailable", [])
            return []
        if "dash_renderer" in environ["PATH_INFO"]:
            self._open.wait()
        return self._app(environ, start_response)

    @contextmanager
    def closed(self) -> Iterator[None]:
        """Closed while the block lasts."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser that looks at a page while its files are still on the way."""
    driver = chromium(tmp_path_factory.mktemp("profile"), waits=False)
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.setCacheDisabled", {"cacheDisabled": True})  # or no gate could hold a script back
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def app() -> Flask:
    found = scenes.app(scenes.repository(), budgets=Budgets(100))
    found.wsgi_app = Gate(found.wsgi_app)  # type: ignore[method-assign]
    return found


@pytest.fixture
def gate(app: Flask) -> Gate:
    assert isinstance(app.wsgi_app, Gate)
    return app.wsgi_app


@pytest.fixture(scope="module")
def page(app: Flask, serve: Callable[[Flask], Dashboard]) -> Dashboard:
    app.extensions["usage_dash_board"].sync.refresh(wait=60)
    return serve(app)


@pytest.mark.parametrize("width", [1440, 390])
def test_dash_takes_over_what_is_there_already(page: Dashboard, gate: Gate, width: int) -> None:
    with gate.closed():
        page.open(width=width)
        page.until(lambda: page.run(HERE), "the document is there")
        assert page.text("#total-cost") == "$97.50"
        still = page.run(STRUCTURE, "#still", SEEN)
    page.ready()
    assert not page.run(HERE)
    assert page.run(STRUCTURE, "#react-entry-point", SEEN) == still
    assert len(still) > 80


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_moves(page: Dashboard, gate: Gate, width: int) -> None:
    places = """
      return ["#cards", "#budgets", ".charts", ".tbl", ".pager", ".foot"].map((part) => {
        const {x, y, width, height} = document.querySelector(arguments[0] + " " + part).getBoundingClientRect();
        return [x, y, width, height].map(Math.round);
      });
    """
    with gate.closed():
        page.open(width=width)
        page.until(lambda: page.run(HERE), "the document is there")
        page.fonts()
        before = page.run(places, "#still")
    page.ready()
    assert page.run(places, "#react-entry-point") == before


def test_the_font_is_asked_for_by_the_document_itself_or_words_would_move_when_it_comes(page: Dashboard) -> None:
    page.open().ready()
    page.fonts()
    files = "return performance.getEntriesByType('resource').filter(({name}) => name.endsWith('.woff2'))"
    assert [file["initiatorType"] for file in page.run(files)] == ["link"]


def test_what_is_pressed_before_dash_is_there_counts(page: Dashboard, gate: Gate) -> None:
    with gate.closed():
        page.open()
        page.until(lambda: page.run(HERE), "the document is there")
        page.find("#still [data-set*='7d']").click()
        page.find("#still #theme-button").click()
        page.run("document.querySelector('#still #refresh-button').focus()")
    page.ready()
    page.until(lambda: "in 7 days" in page.text("#cards"), "the figures are those of 7 days")
    page.until(lambda: page.range() == "7 days", "the bar says so")
    assert page.run("return document.documentElement.dataset.themeChoice") == "dark"
    assert page.run("return document.activeElement.id") == "refresh-button"


def test_charts_come_though_plotly_could_not_be_had_at_first(page: Dashboard, gate: Gate) -> None:
    drawn = "return document.querySelectorAll('.panel:not([hidden]) .js-plotly-plot').length"
    gate.fails = True
    page.open()
    page.until(lambda: page.users() != [], "all else is there")
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run(drawn) == 0
    gate.fails = False
    page.until(lambda: page.run(drawn) == 5, "the charts are drawn")
    assert [message for message in page.console() if "plotly-basic" not in message] == []


def test_no_id_is_there_twice(page: Dashboard) -> None:
    page.open().ready()
    twice = """
      const ids = [...document.querySelectorAll("[id]")].map(({id}) => id);
      return ids.filter((id, place) => ids.indexOf(id) !== place);
    """
    assert page.run(twice) == []


def test_figures_can_be_read_without_scripts(page: Dashboard, tmp_path: Path) -> None:
    driver = chromium(tmp_path, preferences={"profile.managed_default_content_settings.javascript": 2})
    try:
        driver.get(page.address)
        assert driver.find_element(By.ID, "total-cost").text == "$97.50"
        assert driver.find_element(By.ID, "status").text.startswith("Live")
        assert not driver.find_element(By.CSS_SELECTOR, ".tbl").is_displayed()
        assert "JavaScript" in driver.find_element(By.CSS_SELECTOR, "noscript > p").text
    finally:
        driver.quit()


def test_the_first_visit_asks_only_for_news(page: Dashboard) -> None:
    page.open().ready()
    page.until(lambda: page.run("return document.querySelector('#refresh-button').disabled") is False, "it is settled")
    [news] = page.callbacks()
    assert set(news) <= {"clock", "problem", "bill-read", "bill-saved"}


def test_a_page_without_data_shows_that_it_loads(serve: Callable[[Flask], Dashboard]) -> None:
    source = scenes.repository()
    app = scenes.app(source)
    gate = app.wsgi_app = Gate(app.wsgi_app)  # type: ignore[method-assign]
    page = serve(app)
    with gate.closed():
        page.open()
        page.until(lambda: page.run(HERE), "the document is there")
        assert page.text("#status") == "Loading"
        assert page.text("#total-cost") == ""
        assert page.all("#still .sk-value") != []
    page.ready()
    assert page.text("#total-cost") == "$97.50"

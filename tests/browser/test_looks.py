from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard

HOSTILE = "<img src=x onerror=document.title='owned'> **bold** [link](javascript:alert(1)) `code` \"'&lt;"


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard]) -> Dashboard:
    source = scenes.repository()
    at = source.clock
    source.documents[HOSTILE] = scenes.document(HOSTILE, [scenes.entry(at, cost=9000.0, model=HOSTILE)])
    source.documents["broken"] = {"totalCostUsd": "a lot", "recentUsage": [1, 2]}
    return serve(scenes.app(source))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(served_page: Dashboard, theme: str) -> None:
    page = served_page.open(theme=theme).ready()
    page.toggle("user-00").click()
    page.until(page.entries, "a row is open")
    assert page.violations() == []
    for dialog in ("findings", "meter"):
        page.run("document.querySelector(arguments[0]).click()", f"[data-opens={dialog}]")
        page.until(lambda dialog=dialog: page.all(f"#{dialog} td"), "the dialog is filled")
        assert page.violations() == []
        page.run("document.getElementById(arguments[0]).close()", dialog)


def test_the_theme_goes_round_and_is_remembered(served_page: Dashboard) -> None:
    page = served_page.open(theme="light").ready()
    theme = "return document.documentElement.dataset.bsTheme"
    line = "return document.querySelector('#calls-over-time .js-plotly-plot').data.at(-1).line.color"
    light = page.run(line)
    page.find("#theme-button").click()
    page.until(lambda: page.run(theme) == "dark", "dark")
    page.until(lambda: page.run(line) != light, "the charts follow")
    assert page.find("#theme-button").get_attribute("aria-label") == "Theme: dark"
    page.driver.refresh()
    page.ready()
    assert page.run(theme) == "dark"
    page.find("#theme-button").click()
    page.until(lambda: page.find("#theme-button").get_attribute("aria-label") == "Theme: as the system", "auto")
    assert page.run("return localStorage.getItem('usage-dash-theme')") == "auto"


def test_automatic_follows_the_system(served_page: Dashboard) -> None:
    page = served_page.open(theme="auto").ready()
    theme = "return document.documentElement.dataset.bsTheme"
    for scheme in ("dark", "light"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        page.until(lambda scheme=scheme: page.run(theme) == scheme, "the page follows")


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_the_page_never_scrolls_sideways(served_page: Dashboard, width: int) -> None:
    page = served_page.open(width=width).ready()
    page.run("document.querySelector('.toggle').click()")
    page.until(page.entries, "a row is open")
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    if width == 390:
        table = "const box = document.querySelector('.scroll'); return box.scrollWidth > box.clientWidth"
        assert page.run(table)
        assert page.find("#total-cost").is_displayed()


def test_names_are_text_whatever_they_hold(served_page: Dashboard) -> None:
    page = served_page.open().ready()
    assert page.users()[0] == HOSTILE
    page.run("document.querySelector('.toggle').click()")
    page.until(page.entries, "the row is open")
    assert HOSTILE in page.entries()[0]
    assert page.text(".note-row b:nth-of-type(2)") == HOSTILE
    assert (
        page.all("#users-table img, #users-table a:not([data-go]), #users-table strong, .panel a, .panel image") == []
    )
    assert [link.text for link in page.all("#users-table a")] == ["Open page"]
    assert page.driver.title == "OpenAI usage"
    assert page.console() == []


def test_findings_are_listed_on_demand(served_page: Dashboard) -> None:
    page = served_page.open().ready()
    assert "1 document needs attention" in page.text("#coverage")
    page.find("#coverage button").click()
    page.until(lambda: page.all("#findings-list td"), "the list is there")
    assert "broken" in page.text("#findings-list")
    assert "totalCostUsd" in page.text("#findings-list")


def test_what_reading_costs_is_told_on_demand(served_page: Dashboard) -> None:
    page = served_page.open().ready()
    page.find(".foot [data-opens=meter]").click()
    page.until(lambda: "Documents read" in page.text("#meter-table"), "the bill is there")
    assert "Estimated cost" in page.text("#meter-table")

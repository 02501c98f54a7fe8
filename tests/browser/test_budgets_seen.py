"""The strip of budgets: beneath the cards, whatever is filtered, on any screen and on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import MemoryRepository

from usage_dash.settings.budgets import Budgets

TEAMS = ("Support", "Sales", "Research", "Operations", "A team whose name is long enough for two lines of a phone")
LIMITS = dict(zip(TEAMS, (1.0, 2.0, 90_000.0, 80_000.0, 70_000.0), strict=True))
BEYOND = """
  const card = document.querySelector('.budgets').getBoundingClientRect();
  return [...document.querySelectorAll('.budgets :is(.t, .sub, .who, .bar-of)')].filter((part) => {
    const {left, right} = part.getBoundingClientRect();
    return left < card.left || right > card.right || part.scrollWidth > part.clientWidth + 1;
  }).map((part) => part.textContent);
"""


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    """Five users who cost a dollar on each of 70 days."""
    found = scenes.repository(users=0)
    days = [found.clock - timedelta(days=number) for number in range(70)]
    for number in range(len(TEAMS)):
        items = [scenes.entry(day, 1.0, scenes.MODELS[step % 2]) for step, day in enumerate(days)]
        found.documents[f"user-{number:02}"] = scenes.document(f"user-{number:02}", items)
    return found


@pytest.fixture(scope="module")
def page(
    source: MemoryRepository, serve: Callable[[Flask], Dashboard], tmp_path_factory: pytest.TempPathFactory
) -> Dashboard:
    people = tmp_path_factory.mktemp("people") / "people.csv"
    rows = (f"user-{number:02},,,{team}" for number, team in enumerate(TEAMS))
    people.write_text("\n".join(["user_id,name,email,team", *rows]), encoding="utf-8")
    budgets = Budgets(50_000.0, LIMITS, 3_000.0)
    return serve(scenes.app(source, people_file=people, budgets=budgets))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 820, 390])
def test_budgets_are_beneath_the_cards(page: Dashboard, width: int, theme: str) -> None:
    page.open(width=width, theme=theme).ready()
    page.fonts()
    assert "of $50,000 spent" in page.text(".budget")
    assert page.text(".budget .r .t") == "Lasts the month"
    assert [each.text.split("\n")[0] for each in page.all(".budgets > ul li")] == ["Support", "Sales", TEAMS[4]]
    cards, strip, charts = (page.find(part).rect for part in ("#cards", "#budgets", "#cost-over-time-panel"))
    assert cards["y"] + cards["height"] < strip["y"]
    assert strip["y"] + strip["height"] < charts["y"]
    assert page.run(BEYOND) == []
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.violations() == []
    assert page.console() == []


def test_others_are_opened_by_keyboard_and_stay_so_whatever_comes(page: Dashboard, source: MemoryRepository) -> None:
    page.open().ready()
    summary = page.find(".budgets summary")
    assert summary.text == "2 more budgets"
    assert not page.find(".budgets details ul").is_displayed()
    summary.send_keys(Keys.ENTER)
    assert "Operations" in page.find(".budgets details ul").text
    before = page.text(".budget .sub")
    scenes.use(source, "user-02", 1_000.0)
    page.refresh()
    page.until(lambda: page.text(".budget .sub") != before, "more was spent")
    assert page.find(".budgets details ul").is_displayed()
    assert page.violations() == []


def test_filters_leave_budgets_as_they_are_and_that_is_said(page: Dashboard) -> None:
    page.open().ready()
    spent, height = page.text(".budget .sub"), page.find("#budgets").size["height"]
    assert "all models" not in page.text(".budget")
    page.driver.get(f"{page.address}?model=gpt-5.2")
    page.ready()
    assert page.text(".budget .sub") == spent
    assert "all models and teams" in page.text(".budget")
    assert page.find("#budgets").size["height"] == height


def test_a_users_page_shows_their_allowance_and_the_page_of_trust_none(page: Dashboard) -> None:
    page.driver.get(f"{page.address}users/user-01")
    page.until(lambda: "of $3,000 spent" in page.text("#react-entry-point .budget"), "the allowance is there")
    assert page.text("#react-entry-point .budget h2").endswith("allowance")
    page.driver.get(f"{page.address}trust")
    page.until(lambda: page.all("#react-entry-point #check-budgets-hold"), "the checks are there")
    assert page.text("#check-budgets-hold .say b") == "2 budgets are used up"
    assert not page.all("#react-entry-point .budget")


def test_on_paper_all_budgets_are_there(page: Dashboard) -> None:
    page.open().ready()
    page.resize(700)  # an A4 sheet within its margins
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        seen = page.run("return [...document.querySelectorAll('.budgets li')].map((each) => each.checkVisibility())")
        assert seen == [True] * len(TEAMS)
        assert page.run(BEYOND) == []
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_budgets_there_is_no_strip(serve: Callable[[Flask], Dashboard]) -> None:
    page = serve(scenes.app(scenes.repository(users=2))).open().ready()
    assert not page.find("#budgets").is_displayed()
    cards, charts = page.find("#cards").rect, page.find("#cost-over-time-panel").rect
    assert charts["y"] - cards["y"] - cards["height"] == pytest.approx(16, abs=1)

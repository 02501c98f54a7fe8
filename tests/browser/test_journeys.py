"""What one comes for: who caused it, the answer as a link, the answer as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard, chromium
from tests.fakes import EagerClock, MemoryRepository
from tests.many import ManyUsers, name_of

from usage_dash.app import create_dash
from usage_dash.settings import Settings

PEOPLE = """user_id,name,email,team
user-00,Maria Oduya,maria@acme.example,Research
user-01,Tove Lindqvist,tove@acme.example,Support
user-02,Chen Wei,chen@acme.example,Research
user-03,Anna Petrov,anna@acme.example,Support
"""
NOON = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(hours=12)  # of yesterday
BAR = """
    const plot = document.querySelector(arguments[0] + ' .js-plotly-plot');
    const place = plot.data[0].y.findIndex((label) => label.includes(arguments[1]));
    return plot.querySelectorAll('.bars .point path')[place] ?? null;
"""
POINT = """
    const plot = document.querySelector('#cost-over-time .js-plotly-plot');
    const { xaxis, yaxis } = plot._fullLayout;
    const { left, top } = plot.getBoundingClientRect();
    return [left + xaxis._offset + xaxis.d2p(arguments[0]), top + yaxis._offset + yaxis._length / 2].map(Math.round);
"""


def _yesterday_doubled() -> MemoryRepository:
    """Four people who cost the same each day, and yesterday one of them, by one model, as much as all others."""
    documents = {}
    for number in range(4):
        times = [NOON - timedelta(days=day, minutes=number) for day in range(14)]
        entries = [scenes.entry(at, 1.0, model) for at in times for model in ("gpt-5.2", "gpt-4o")]
        if number == 1:
            entries.append(scenes.entry(NOON + timedelta(hours=1), 8.0, "o4-mini"))
        documents[f"user-{number:02}"] = scenes.document(f"user-{number:02}", entries)
    found = MemoryRepository(documents)
    found.clock = datetime.now(UTC)
    return found


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    people: Path = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text(PEOPLE)
    settings = Settings(refresh_seconds=3600, people_file=people)
    return serve(create_dash(settings, _yesterday_doubled(), EagerClock()).server)


@pytest.fixture
def page(served_page: Dashboard) -> Iterator[Dashboard]:
    yield served_page.open().ready()
    assert served_page.console() == []


def _click_bar(page: Dashboard, chart: str, name: str) -> None:
    bar = page.until(lambda: page.run(BAR, f"#{chart}", name), f"there is a bar for {name}")
    ActionChains(page.driver).move_to_element(bar).click().perform()


def _click_day(page: Dashboard, day: str) -> None:
    page.run("document.getElementById('cost-over-time').scrollIntoView({block: 'center'})")
    left, top = page.run(POINT, day)
    chain = ActionChains(page.driver)
    chain.w3c_actions.pointer_action.move_to_location(left, top)
    chain.click().perform()


def test_four_clicks_tell_who_by_which_model_and_which_team_caused_it(page: Dashboard) -> None:
    day = f"{NOON:%Y-%m-%d}"
    _click_day(page, day)
    page.until(lambda: page.text("#cards").count("$16.00") >= 1, "yesterday cost twice as much")
    _click_bar(page, "cost-by-model", "o4-mini")
    page.until(lambda: "$8.00" in page.text("#total-cost"), "by a model that is new")
    page.find("#react-entry-point [data-set*='teams']").click()
    page.until(lambda: page.run(BAR, "#top-users", "Support"), "in one team")
    assert page.run(BAR, "#top-users", "Research") is None
    assert (page.users(), page.column("user")) == (["user-01"], ["Tove Lindqvist\nuser-01"])
    page.find("#users-table tr:has(.toggle) [data-user='user-01']").click()
    page.until(lambda: page.entries() and "o4-mini" in page.entries()[0], "by one person, in one answer")
    assert parse_qs(page.query()) == {
        "from": [day],
        "to": [day],
        "model": ["o4-mini"],
        "top": ["teams"],
        "open": ["user-01"],
    }


def test_the_answer_is_a_link_that_shows_the_same_elsewhere_and_a_file_with_the_same_figures(
    page: Dashboard, tmp_path: Path
) -> None:
    page.choose(model="o4-mini", user=["user-01", "user-02"], by="week")
    page.until(lambda: "$8.00" in page.text("#total-cost"), "it is shown")
    page.at_rest()
    shown = page.text("#cards")
    other = chromium(tmp_path)
    try:
        other.set_window_size(1440, 1_000)
        other.get(page.driver.current_url)
        assert Dashboard(other, page.address).ready().text("#cards") == shown
    finally:
        other.quit()
    href = page.run("return document.querySelector('a[data-export][href*=\"users.csv\"]').href")
    answer = requests.get(href, timeout=60)
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["user_id"] for row in rows] == ["user-01"]
    assert sum(float(row["cost_usd"]) for row in rows) == 8.0


@pytest.fixture(scope="module")
def crowd(serve: Callable[[Flask], Dashboard], tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    many = ManyUsers(100_000)
    people = many.people(tmp_path_factory.mktemp("people") / "people.csv")
    return serve(create_dash(Settings(refresh_seconds=3600, people_file=people), many, EagerClock()).server)


def _found(page: Dashboard) -> list[str]:
    return [
        str(name) for name in page.run("return [...document.querySelectorAll('.found-user b')].map((b) => b.innerText)")
    ]


def test_one_of_a_hundred_thousand_is_found_as_one_types(crowd: Dashboard) -> None:
    page = crowd.open().ready()
    field = page.find("#react-entry-point #find-user")
    wanted = 54_321
    typed: Any = name_of(wanted).lower()
    field.send_keys(typed)
    page.until(lambda: _found(page) == [name_of(wanted)], "they are found")
    field.send_keys(Keys.ARROW_DOWN, Keys.ENTER)
    page.until(lambda: page.users() == [f"uid-{wanted:06}"], "they alone are shown")
    assert page.query() == f"user=uid-{wanted:06}"
    field = page.find("#react-entry-point #find-user")
    field.send_keys("elodie garcia")
    page.until(lambda: len(_found(page)) == 8, "accents do not matter")
    assert "1,000" in page.text(".found-users")
    assert page.console() == []

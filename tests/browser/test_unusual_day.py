"""An unusual day: a ring on the charts, words beneath them, and the way to what explains it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import MemoryRepository

RING = "return document.querySelector('#cost-over-time .js-plotly-plot').data.find(({ name }) => name === 'Unusual')?.x"
CHECK = "check-days-are-usual"
DAYS = 70


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    """Three users who cost ten dollars a day each, and on one day, three days ago, fifty."""
    source = scenes.repository(users=1)
    days = [source.clock - timedelta(days=number) for number in range(DAYS)]
    for user in ("ada", "bob", "eve"):
        entries = [scenes.entry(day, cost=50.0 if number == 3 else 10.0) for number, day in enumerate(days)]
        source.documents[user] = scenes.document(user, entries)
    return source


@pytest.fixture
def page(serve: Callable[[Flask], Dashboard], source: MemoryRepository) -> Dashboard:
    return serve(scenes.app(source)).open().ready()


def test_the_key_of_a_ring_leads_to_what_explains_it(page: Dashboard, source: MemoryRepository) -> None:
    day = (source.clock - timedelta(days=3)).date()
    page.until(lambda: page.run(RING) == [day.isoformat()], "the day has its ring")
    assert f"Unusual: {day.day} " in page.text("#cost-over-time-key")
    link = page.find("#cost-over-time-key .ring + span a")
    page.run("arguments[0].scrollIntoView({block: 'center'})", link)
    link.click()
    page.until(lambda: page.run(f"return document.querySelector('#{CHECK}[open]') !== null"), "the check is open")
    assert page.run("return document.activeElement.parentElement.id") == CHECK
    top, bottom, height = page.run(
        f"const box = document.querySelector('#{CHECK} summary').getBoundingClientRect();"
        " return [box.top, box.bottom, innerHeight]"
    )
    assert 0 <= top < bottom <= height
    page.driver.back()
    page.until(lambda: page.all("#react-entry-point .view-data:not(.view-trust)"), "the overview is there again")
    page.find("#react-entry-point a[href$='/trust']").click()
    page.until(lambda: page.all("#react-entry-point .view-trust"), "the page of trust is there")
    page.at_rest()
    assert page.run("return scrollY") == 0  # as whoever comes by another way finds it


def test_what_is_not_of_all_is_explained_nowhere(page: Dashboard) -> None:
    page.until(lambda: page.all("#cost-over-time-key .ring"), "the day has its ring")
    page.choose(user="ada")
    page.until(lambda: page.query() == "user=ada" and page.at_rest(), "it is of one user")
    page.until(lambda: not page.all("#cost-over-time-key .ring + span a"), "no check tells of it")
    assert page.all("#cost-over-time-key .ring")

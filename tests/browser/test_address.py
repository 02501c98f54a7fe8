"""All that is looked at stands in the address: reload, back, forward and a pasted link show the same page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard, chromium

PARTS = """
    const parts = ['#cards', '#users-table', '#pager', '.explore', ...document.querySelectorAll('.tag')];
    return parts.map((part) => (part.innerText ? part : document.querySelector(part)).innerText);
"""


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard]) -> Dashboard:
    return serve(scenes.app(scenes.repository()))


@pytest.fixture
def page(served_page: Dashboard) -> Iterator[Dashboard]:
    yield served_page.open().ready()
    assert served_page.console() == []


def _seen(page: Dashboard) -> Any:
    page.at_rest()
    return page.run(PARTS)


def _at(page: Dashboard, query: str) -> None:
    asked = sorted(parse_qsl(query))
    page.until(lambda: sorted(parse_qsl(page.query())) == asked, f"the address says {query}")


def _look_around(page: Dashboard) -> None:
    """A range, two models, an order, a row and its second page of entries."""
    page.choose(range="90d")
    page.choose(model=["gpt-4o", "gpt-5.2"])
    page.run("document.querySelector('th[data-dash-column=calls] .column-header--sort').click()")
    page.until(lambda: page.toggle("user-03"), "the row is there")
    page.toggle("user-03").click()
    page.until(lambda: page.opened() == ["user-03"] and page.entries(), "the row is open")


def test_a_reload_shows_the_same(page: Dashboard) -> None:
    _look_around(page)
    seen = _seen(page)
    page.driver.refresh()
    page.ready()
    assert _seen(page) == seen
    assert page.opened() == ["user-03"]


def test_a_link_shows_the_same_in_another_browser(page: Dashboard, tmp_path: Path) -> None:
    _look_around(page)
    seen, address = _seen(page), page.driver.current_url
    other = chromium(tmp_path)
    try:
        other.set_window_size(1440, 1_000)
        other.get(address)
        there = Dashboard(other, page.address).ready()
        assert _seen(there) == seen
        assert there.console() == []
    finally:
        other.quit()


def test_back_and_forward_go_through_what_was_looked_at(page: Dashboard) -> None:
    page.choose(range="7d")
    page.until(lambda: "in 7 days" in page.text("#cards"), "7 days")
    page.choose(model="gpt-4o")
    page.until(lambda: "itemised" in page.text("#cards"), "one model")
    page.run("history.back()")
    page.until(lambda: "itemised" not in page.text("#cards"), "all models again")
    assert "in 7 days" in page.text("#cards")
    page.run("history.back()")
    page.until(lambda: "in 30 days" in page.text("#cards"), "as it was at first")
    _at(page, "")
    page.run("history.go(2)")
    page.until(lambda: "itemised" in page.text("#cards") and "in 7 days" in page.text("#cards"), "forward again")
    _at(page, "range=7d&model=gpt-4o")


def test_choosing_what_is_chosen_adds_no_step(page: Dashboard) -> None:
    steps = page.run("return history.length")
    page.choose(range=None)
    page.choose(model=[])
    assert page.run("return history.length") == steps


def test_a_broken_link_gives_the_page_and_a_sentence_and_the_next_choice_mends_it(page: Dashboard) -> None:
    page.driver.get(f"{page.address}?range=9d&model=gpt-9&user=nobody&team=none&sort=x&page=-1&open=<b>")
    page.ready()
    assert page.text("#total-cost") == "$97.50"
    for words in ("a model that is not here", "a user who is not among those you may see", "a team that is not here"):
        assert words in page.text("#bar")
    page.choose(range="7d")
    page.until(lambda: "in 7 days" in page.text("#cards") and "not here" not in page.text("#bar"), "it is mended")
    _at(page, "range=7d&open=%3Cb%3E")


def test_a_users_page_has_an_address_of_its_own(page: Dashboard) -> None:
    page.choose(range="7d")
    page.run("usageDash.go(usageDash.params(), 'users/user-03')")
    page.until(lambda: "user-03" in page.text("#person"), "their page")
    assert page.driver.current_url == f"{page.address}users/user-03?range=7d"
    assert page.run("return document.activeElement.closest('#person') !== null")
    assert page.driver.title == "user-03 – OpenAI usage"
    seen = page.text("#cards")
    page.driver.refresh()
    page.until(lambda: page.run("return document.querySelector('#react-entry-point .view-user') !== null"), "again")
    page.at_rest()
    page.until(lambda: page.text("#cards") == seen and "user-03" in page.text("#person"), "the same")
    page.run("history.back()")
    page.until(page.users, "the overview")
    page.until(lambda: page.driver.title == "OpenAI usage", "its title")
    _at(page, "range=7d")


def test_two_choices_in_a_hurry_both_count(page: Dashboard) -> None:
    page.run("usageDash.toggle('model', 'gpt-4o'); usageDash.toggle('model', 'o4-mini')")
    _at(page, "model=gpt-4o&model=o4-mini")
    page.until(lambda: page.run("return document.querySelectorAll('#bar [data-toggle=model]').length") > 0, "the bar")

"""Short-cuts: what they do, when they rest, and that they can be turned off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard

OPEN = "#shortcuts[open]"


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard]) -> Dashboard:
    return serve(scenes.app(scenes.repository(users=3)))


@pytest.fixture
def page(served_page: Dashboard) -> Dashboard:
    page = served_page.open().ready()
    page.run("localStorage.removeItem('usage-dash-short-cuts')")
    page.driver.refresh()
    return page.ready()


def _press(page: Dashboard, *keys: str) -> None:
    ActionChains(page.driver).send_keys(*keys).perform()


def _focused(page: Dashboard) -> str:
    return str(page.run("return document.activeElement.dataset.opens ?? document.activeElement.tagName"))


def test_they_are_told_on_a_key_and_by_a_button(page: Dashboard) -> None:
    _press(page, "?")
    page.until(lambda: page.all(OPEN), "the dialog is open")
    assert "Find a user" in page.text(OPEN)
    assert page.violations() == []
    _press(page, Keys.ESCAPE)
    page.until(lambda: not page.all(OPEN), "it is closed")
    page.run("document.querySelector('.foot [data-opens=shortcuts]').focus()")
    _press(page, Keys.ENTER)
    page.until(lambda: page.all(OPEN), "the dialog is open")
    _press(page, Keys.ESCAPE)
    page.until(lambda: _focused(page) == "shortcuts", "the focus is back")


def test_a_key_refreshes(page: Dashboard) -> None:
    told = page.run("return window.usageDash.told")
    _press(page, "r")
    page.until(lambda: page.run("return window.usageDash.told") != told, "the answer has come")
    page.at_rest()


def test_keys_open_the_models_and_the_files_and_find_a_user(page: Dashboard) -> None:
    opened = "return [...document.querySelectorAll('[data-open]')].map(({id}) => id)"
    _press(page, "m")
    assert page.run(opened) == ["models"]
    _press(page, Keys.ESCAPE)
    _press(page, "e")
    assert page.run(opened) == ["export"]
    _press(page, "m")  # they rest while something is open
    assert page.run(opened) == ["export"]
    _press(page, Keys.ESCAPE)
    _press(page, "/")
    assert page.run("return document.activeElement.matches('[data-finds-users] input')")
    _press(page, *"user/m")
    assert page.run("return document.activeElement.value") == "user/m"


def test_two_keys_go_to_the_overview_with_what_is_chosen(page: Dashboard) -> None:
    page.driver.get(f"{page.address}trust?range=7d")
    page.until(lambda: page.all(".view-trust #checks details"), "the page of trust is there")
    page.at_rest()
    _press(page, "o")
    assert page.driver.current_url == f"{page.address}trust?range=7d"
    _press(page, "g", "o")
    page.until(lambda: page.driver.current_url == f"{page.address}?range=7d", "it is the overview")


def test_a_key_works_within_the_table(page: Dashboard) -> None:
    page.run("document.querySelector('.toggle').focus()")
    _press(page, "?")
    page.until(lambda: page.all(OPEN), "the dialog is open")


def test_they_rest_while_one_types(page: Dashboard) -> None:
    page.run("document.querySelector('.page').append(Object.assign(document.createElement('input'), {id: 'typed'}))")
    page.find("#typed").send_keys("gore?/m")
    assert page.find("#typed").get_attribute("value") == "gore?/m"
    assert page.all(OPEN) == []


def test_they_leave_the_browsers_own_keys_alone(page: Dashboard) -> None:
    for modifier in (Keys.CONTROL, Keys.ALT, Keys.META):
        ActionChains(page.driver).key_down(modifier).send_keys("?").key_up(modifier).perform()
    assert page.all(OPEN) == []


def test_they_can_be_turned_off_for_good(page: Dashboard) -> None:
    _press(page, "?")
    box = page.find(f"{OPEN} [role=checkbox]")
    assert box.get_attribute("aria-checked") == "true"
    box.send_keys(Keys.SPACE)
    page.until(lambda: box.get_attribute("aria-checked") == "false", "they are off")
    page.driver.refresh()
    page.ready()
    _press(page, "?")
    assert page.all(OPEN) == []
    page.find(".foot [data-opens=shortcuts]").click()
    page.until(lambda: page.all(f"{OPEN} [aria-checked=false]"), "the dialog says so")
    page.find(f"{OPEN} [role=checkbox]").click()
    _press(page, Keys.ESCAPE)
    page.until(lambda: not page.all(OPEN), "the dialog is closed")
    _press(page, "?")
    page.until(lambda: page.all(OPEN), "they are on")

"""One user's page: the way there and back, its entries, and what a browser adds to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import EagerClock

from usage_dash.app import create_dash
from usage_dash.settings import Settings

ENTRIES = "return [...document.querySelectorAll('#entries tbody tr')].map((row) => row.innerText)"
TIMES = "return [...document.querySelectorAll('#entries time')].map((time) => [time.dateTime, time.textContent])"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Users of whom two have names and teams; the dearest has an entry of tomorrow."""
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text("user_id,name,email,team\nuser-00,Maria Oduya,,Research\nuser-03,Tove Lindqvist,,Support\n")
    source = scenes.repository()
    tomorrow = scenes.entry(source.clock + timedelta(days=1), 0.25, "gpt-4o")
    source.documents["user-00"]["recentUsage"].append(tomorrow)
    server: Flask = create_dash(Settings(refresh_seconds=3600, people_file=people), source, EagerClock()).server
    return server


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], app: Flask) -> Dashboard:
    return serve(app)


@pytest.fixture
def page(served_page: Dashboard) -> Iterator[Dashboard]:
    yield served_page.open().ready()
    assert served_page.console() == []


def person(page: Dashboard, path: str = "users/user-03") -> Dashboard:
    """Load a user's page."""
    page.driver.get(page.address + path)
    page.until(lambda: page.run("return document.querySelector('#react-entry-point .view-user')"), "it is there")
    return page.at_rest()


def shown(page: Dashboard) -> list[str]:
    return list(page.run(ENTRIES))


def test_an_opened_row_leads_to_the_page_and_back(page: Dashboard) -> None:
    page.toggle("user-03").click()
    page.until(page.opened, "the row is open")
    page.run("document.querySelector('#users-table a[data-go]').focus()")
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page.until(lambda: page.text("#person h2") == "Tove Lindqvist", "the page")
    page.until(lambda: page.run("return document.activeElement.matches('#person h2')"), "the title has the focus")
    assert page.driver.current_url == f"{page.address}users/user-03"
    assert page.text("#total-cost") == "$6.60"
    assert page.text("#cost-per-call") == "$0.2200"
    assert not page.find("#users-table").is_displayed()
    page.find(".crumbs a").click()
    page.until(lambda: page.find("#users-table").is_displayed(), "the overview")
    assert page.driver.current_url == page.address
    page.run("history.back()")
    page.until(lambda: page.find("#entries").is_displayed(), "the page again")


def test_it_can_be_read_before_any_script(page: Dashboard) -> None:
    document = page.run("return fetch('/users/user-00').then((answer) => answer.text())")
    assert "Maria Oduya" in document
    assert "times are UTC" in document


def test_nobody_is_told_with_the_way_back(page: Dashboard) -> None:
    person(page, "users/nobody")
    assert "There is no user with this id among those you may see" in page.text("#person")
    assert not page.find("#cards").is_displayed()
    page.find(".nobody a").click()
    page.until(lambda: page.find("#users-table").is_displayed(), "the overview")


def test_entries_page_by_keyboard_and_stand_in_the_address(page: Dashboard) -> None:
    newest = shown(person(page))
    assert len(newest) == 12
    older = page.find("#entries [data-set]")
    page.run("arguments[0].focus()", older)
    ActionChains(page.driver).send_keys(Keys.ENTER).perform()
    page.until(lambda: page.query() == "page=2", "the address says so")
    page.until(lambda: page.text("#entries .pager").startswith("13–24 of 30"), "the second page")
    page.until(lambda: page.run("return document.activeElement.textContent") == "Older", "it keeps the focus")
    assert page.run("return scrollY > 0"), "the page stays where it is"
    page.driver.refresh()
    page.until(lambda: page.text("#react-entry-point #entries .pager").startswith("13–24"), "the same after a reload")
    page.at_rest()
    page.find("#entries [data-set]").click()
    page.until(lambda: shown(page) == newest and page.query() == "", "the newest again")


def test_a_model_filters_cards_and_entries_and_the_others_stay(page: Dashboard) -> None:
    person(page)
    page.run("document.querySelector(\"#react-entry-point #person-models [data-value='gpt-4o']\").focus()")
    ActionChains(page.driver).send_keys(Keys.SPACE).perform()
    page.until(lambda: page.text("#entries .sub").startswith("7 of gpt-4o"), "its entries")
    page.until(lambda: page.run("return document.activeElement.ariaPressed") == "true", "it keeps the focus")
    assert all("gpt-4o" in entry for entry in shown(page))
    assert "itemised, all time" in page.text("#cards")
    assert len(page.all("#person-models tbody tr")) == 4
    assert "90.0%" not in page.text("#person-panels")
    page.find("#person-models [data-value='gpt-4o']").click()
    page.until(lambda: page.text("#entries .sub").startswith("30 ·"), "all of them")


@pytest.mark.parametrize(
    ("zone", "told"), [("Asia/Kathmandu", "UTC+5:45"), ("America/Caracas", "UTC−4"), ("UTC", "UTC")]
)
def test_times_are_the_viewers_own_and_say_so(page: Dashboard, zone: str, told: str) -> None:
    page.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": zone})
    try:
        person(page)
        page.until(lambda: page.text("#entries .zone") == f" · times are yours, {told}", "the zone")
        page.find("#entries [data-set]").click()
        page.until(lambda: page.text("#entries .pager").startswith("13–24"), "the second page")
        page.until(lambda: _are_local(page), "their times are local, too")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})


def _are_local(page: Dashboard) -> bool:
    said = page.run(TIMES)
    hours = page.run(
        "return arguments[0].map((time) => new Date(time).toTimeString().slice(0, 5))", [at for at, _ in said]
    )
    return bool(said) and [words.split(", ")[1] for _, words in said] == hours


def test_the_id_can_be_copied(page: Dashboard) -> None:
    person(page)
    permission = {"origin": page.address, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    page.find(".copy").click()
    page.until(lambda: page.text(".copy") == "Copied", "it says so")
    assert page.run("return navigator.clipboard.readText()") == "user-03"


def test_where_nothing_can_be_copied_the_id_is_selected(page: Dashboard) -> None:
    person(page)
    page.run("navigator.clipboard.writeText = () => Promise.reject(new Error('not here'))")
    page.find(".copy").click()
    page.until(lambda: page.text(".copy") == "Selected", "it says so")
    assert page.run("return getSelection().toString()") == "user-03"


def test_nothing_of_what_findings_say_is_cut(page: Dashboard) -> None:
    person(page, "users/user-00")
    cut = "return [...document.querySelectorAll('.found .why')].map((why) => why.scrollHeight > why.clientHeight + 1)"
    found = page.run(cut)
    assert found
    assert not any(found)


def test_findings_tell_of_tomorrows_entry(page: Dashboard) -> None:
    person(page, "users/user-00")
    assert "1 entry is dated in the future" in page.text("#person-panels")
    assert "Entries explain more than the counters say" in page.text("#person-panels")
    assert "Nothing odd in this document." in person(page).text("#person-panels")


@pytest.mark.parametrize("path", ["users/user-00", "users/nobody", "?open=user-00"])
@pytest.mark.parametrize("width", [1440, 820, 390])
def test_axe_finds_nothing(served_page: Dashboard, path: str, width: int) -> None:
    page = served_page
    page.resize(width)
    page.driver.get(page.address + path)
    page.until(lambda: page.run("return document.querySelector('#react-entry-point #person')"), "it is there")
    page.at_rest()
    for theme in ("dark", "light"):
        page.run("usageDash.setTheme(arguments[0])", theme)
        assert page.violations() == []
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_the_table_has_what_fits_and_an_opened_row_the_rest(page: Dashboard) -> None:
    page.resize(390)
    page.driver.get(page.address + "?open=user-00")
    page.ready()
    headers = "[...document.querySelectorAll('#users-table th')].filter((header) => header.offsetWidth)"
    assert page.run(f"return {headers}.map((header) => header.innerText)") == ["Details", "User", "Cost", "Last active"]
    assert "Team Research" in page.find(".note-row").text
    assert page.run(
        "const {scrollWidth, clientWidth} = document.getElementById('users-place'); return scrollWidth <= clientWidth"
    )


def test_the_tables_place_is_as_high_as_the_table_will_be(page: Dashboard) -> None:
    place: Any = page.run(
        """
        const place = document.getElementById('users-place');
        const {height} = place.querySelector('table').getBoundingClientRect();
        const style = getComputedStyle(place);
        const [rows, named] = ['--rows', '--named'].map((name) => Number(style.getPropertyValue(name)));
        return [height, 37 + rows * 41 + named * 14];
        """
    )
    assert place[0] == pytest.approx(place[1], abs=1)


def test_on_paper_each_table_keeps_within_its_card(page: Dashboard) -> None:
    person(page)
    page.resize(700)  # an A4 sheet within its margins
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.find("#person-models table").is_displayed()
        assert page.run(BEYOND_CARDS) == []
        assert not page.find("#person .copy").is_displayed()
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


BEYOND_CARDS = """
  return [...document.querySelectorAll('.view-user .card table')].filter((table) =>
    table.getBoundingClientRect().right > table.closest('.card').getBoundingClientRect().right
  ).map((table) => table.closest('.card').querySelector('h2').textContent);
"""

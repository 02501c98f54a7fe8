"""The explore bar as people use it: by mouse, by keyboard alone, and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import EagerClock

from usage_dash.app import create_dash
from usage_dash.settings import Settings

LONG_TEAM = "Research and development in Europe"
PEOPLE = f"""user_id,name,email,team
user-00,Maria Oduya,maria@acme.example,Research
user-01,Tove Lindqvist,tove@acme.example,Support
user-02,Omar Aziz,,Support
user-03,,,{LONG_TEAM}
"""
HERE = "#react-entry-point"
OPEN = "return [...document.querySelectorAll('[data-open]')].map(({id}) => id)"
FOCUSED = "const at = document.activeElement; return at.ariaLabel ?? at.textContent"
PLACES = """return ['#cards', '#total-cost', '#users-table'].map((css) =>
    document.querySelector(`#react-entry-point ${css}`).getBoundingClientRect().top)"""


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], tmp_path_factory: pytest.TempPathFactory) -> Dashboard:
    people: Path = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text(PEOPLE)
    settings = Settings(refresh_seconds=3600, people_file=people)
    return serve(create_dash(settings, scenes.repository(), EagerClock()).server)


@pytest.fixture
def page(served_page: Dashboard) -> Dashboard:
    return served_page.open().ready()


@pytest.fixture
def phone(served_page: Dashboard) -> Dashboard:
    return served_page.open(width=390).ready()


def control(page: Dashboard, css: str) -> WebElement:
    return page.find(f"{HERE} {css}")


def opener(page: Dashboard, popover: str) -> WebElement:
    return control(page, f"[aria-controls={popover}]")


def open_(page: Dashboard, popover: str) -> WebElement:
    opener(page, popover).click()
    assert page.run(OPEN) == [popover]
    return control(page, f"#{popover}")


def press(page: Dashboard, *keys: str) -> None:
    ActionChains(page.driver).send_keys(*keys).perform()


def focused(page: Dashboard) -> str:
    return str(page.run(FOCUSED))


def asked(page: Dashboard) -> list[tuple[str, str]]:
    return parse_qsl(page.query(), keep_blank_values=True)


def chips(page: Dashboard) -> list[str]:
    said = page.run("return [...document.querySelectorAll('.tag')].map((chip) => chip.textContent)")
    assert all(each.startswith("Take away ") for each in said)
    return [each.removeprefix("Take away ") for each in said]


def line(page: Dashboard) -> str:
    return page.text(f"{HERE} .looked")


def typed(page: Dashboard, text: str) -> WebElement:
    """Type into the field that finds users, and wait for the answer."""
    field = control(page, "[data-finds-users] input")
    field.send_keys(text)
    page.until(lambda: page.text("#found-users .bottom"), "the server has answered")
    return field


@pytest.mark.parametrize("popover", ["models", "team", "calendar", "compare", "export"])
def test_a_popover_opens_under_its_button_and_escape_gives_the_focus_back(page: Dashboard, popover: str) -> None:
    places = page.run(PLACES)
    box = open_(page, popover)
    button = opener(page, popover)
    assert button.get_attribute("aria-expanded") == "true"
    assert 0 <= box.rect["y"] - (button.rect["y"] + button.rect["height"]) < 12
    assert page.run(PLACES) == places
    assert page.run("return document.activeElement.closest('[data-open]')?.id") == popover
    press(page, Keys.ESCAPE)
    assert page.run(OPEN) == []
    assert button.get_attribute("aria-expanded") == "false"
    assert page.driver.switch_to.active_element == button


def test_only_one_is_open_and_a_click_elsewhere_closes_it(page: Dashboard) -> None:
    open_(page, "models")
    open_(page, "export")
    control(page, "#cards").click()
    assert page.run(OPEN) == []
    assert asked(page) == []


def test_a_tick_acts_at_once_and_the_list_stays_open(page: Dashboard) -> None:
    places = page.run(PLACES)
    open_(page, "models")
    control(page, "#models [data-value='gpt-4o']").click()
    page.until(lambda: chips(page) == ["gpt-4o"], "the filter acts")
    page.until(lambda: page.text(f"{HERE} #aloud").endswith(", 1 filter."), "and is said aloud")
    assert asked(page) == [("model", "gpt-4o")]
    assert page.run(OPEN) == ["models"]
    row = control(page, "#models [data-value='gpt-4o']")
    assert row.get_attribute("aria-checked") == "true"
    assert page.driver.switch_to.active_element == row
    assert "1 of 4 models" in control(page, "#models").text
    assert "Figures come from entries, as counters know no model." in line(page)
    control(page, "#models [data-value='o4-mini']").click()
    page.until(lambda: chips(page) == ["gpt-4o", "o4-mini"], "both act")
    assert page.run(PLACES) == places
    control(page, "#models .link").click()
    page.until(lambda: chips(page) == [], "all are selected")
    assert asked(page) == []
    assert page.run(OPEN) == ["models"]


def test_models_are_found_and_ticked_by_keyboard_alone(page: Dashboard) -> None:
    page.run("arguments[0].focus()", opener(page, "models"))
    press(page, Keys.ENTER)
    press(page, *"mini")
    shown = (
        "return [...document.querySelectorAll('#models .opt')].filter((e) => e.offsetParent).map((e) => e.innerText)"
    )
    found = [row.splitlines()[0] for row in page.run(shown)]
    assert found == ["gpt-5-mini", "o4-mini"]
    press(page, Keys.ARROW_DOWN, Keys.END, Keys.SPACE)
    page.until(lambda: chips(page) == ["o4-mini"], "the last of them is ticked")
    press(page, Keys.ESCAPE)
    assert focused(page).startswith("Models")


def test_a_chip_takes_its_filter_away_and_the_focus_goes_on(page: Dashboard) -> None:
    page.choose(model=["gpt-4o", "gpt-5.2"], team="Support")
    page.until(lambda: len(chips(page)) == 3, "three filters")
    page.run("arguments[0].focus()", page.all(f"{HERE} .tag")[2])
    press(page, Keys.ENTER)
    page.until(lambda: len(chips(page)) == 2, "the team is taken away")
    assert [name for name, _ in asked(page)] == ["model", "model"]
    page.until(lambda: page.run("return document.activeElement.closest('.tags') !== null"), "the focus stays there")
    press(page, Keys.ENTER)
    page.until(lambda: chips(page) == [], "all are cleared")
    page.until(lambda: focused(page).startswith("30 days") or focused(page).startswith("Models"), "in the bar")


def test_a_team_is_chosen_by_keyboard(page: Dashboard) -> None:
    page.run("arguments[0].focus()", opener(page, "team"))
    press(page, Keys.ENTER)
    assert focused(page).startswith("All teams")
    press(page, Keys.ARROW_UP)
    assert focused(page).startswith("No team")
    press(page, "s")
    assert focused(page).startswith("Support")
    press(page, Keys.ENTER)
    page.until(lambda: chips(page) == ["Team Support"], "the team is looked at")
    assert asked(page) == [("team", "Support")]
    assert page.run(OPEN) == []
    assert focused(page) == "Team Support"
    assert page.text("#users-count").startswith("2")


def test_those_in_no_team_are_looked_at(page: Dashboard) -> None:
    open_(page, "team")
    control(page, "#team [role=menuitemradio]:last-child").click()
    page.until(lambda: chips(page) == ["No team"], "those in no team")
    assert asked(page) == [("team", "")]
    assert page.text("#users-count").startswith("21")


def test_two_clicks_in_the_calendar_are_a_range(page: Dashboard) -> None:
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=9), today - timedelta(days=2)
    box = open_(page, "calendar")
    control(page, f"[data-day='{last}']").click()
    assert "1 day, UTC" in box.text
    control(page, f"[data-day='{first}']").click()
    assert "8 days, UTC" in box.text
    assert asked(page) == []
    control(page, "[data-show-days]").click()
    page.until(lambda: "in 8 days" in page.text("#cards"), "these days are shown")
    assert asked(page) == [("from", first.isoformat()), ("to", last.isoformat())]
    assert page.run(OPEN) == []
    assert page.range() == ""
    assert f"{last.day} " in opener(page, "calendar").text


def test_the_calendar_is_walked_by_keyboard_and_has_no_days_to_come(page: Dashboard) -> None:
    today = datetime.now(UTC).date()
    open_(page, "calendar")
    day = "return document.activeElement.dataset.day"
    assert page.run(day) == today.isoformat()
    press(page, Keys.ARROW_RIGHT)
    assert page.run(day) == today.isoformat()
    press(page, Keys.ARROW_UP, Keys.ARROW_LEFT)
    assert page.run(day) == (today - timedelta(days=8)).isoformat()
    press(page, Keys.PAGE_UP, Keys.PAGE_UP, Keys.PAGE_UP)
    away = datetime.fromisoformat(page.run(day)).date()
    assert 85 < (today - away).days < 110
    press(page, Keys.ENTER, Keys.ARROW_DOWN, Keys.ENTER)
    control(page, "[data-show-days]").click()
    page.until(lambda: asked(page) == [("from", away.isoformat()), ("to", (away + timedelta(days=7)).isoformat())], "")
    open_(page, "calendar")
    while control(page, ".month:last-child .later").is_enabled():
        control(page, ".month:last-child .later").click()
    tomorrow = page.all(f"{HERE} [data-day='{today + timedelta(days=1)}']")
    assert [button for button in tomorrow if button.is_enabled()] == []
    assert control(page, "[aria-current=date]").get_attribute("data-day") == today.isoformat()


def test_days_can_be_typed(page: Dashboard) -> None:
    box = open_(page, "calendar")
    first, last = page.all(f"{HERE} .date")
    first.clear()
    first.send_keys("3 Febr 2026", Keys.TAB)
    last.clear()
    last.send_keys("soon", Keys.ENTER)
    assert "Write days as 3 Nov 2026" in box.text
    assert asked(page) == []
    last.clear()
    last.send_keys("2026-02-11", Keys.ENTER)
    page.until(lambda: asked(page) == [("from", "2026-02-03"), ("to", "2026-02-11")], "these days are shown")
    page.until(lambda: "3 – 11 Feb" in opener(page, "calendar").text, "and named")


def test_a_preset_is_one_click(page: Dashboard) -> None:
    open_(page, "calendar")
    control(page, "#calendar .pre button:last-child").click()
    page.until(lambda: "in all" in page.text("#cards"), "all of it")
    assert asked(page) == [("range", "all")]
    assert opener(page, "calendar").text == "All"
    assert not opener(page, "compare").is_enabled()


def test_users_are_found_as_one_types_and_filtered_by(page: Dashboard) -> None:
    field = typed(page, "mar")
    assert page.text("#found-users .bottom").startswith("2 users")
    assert page.run("return [...document.querySelectorAll('#found-users mark')].map((mark) => mark.textContent)") == [
        "Mar",
        "mar",
        "mar",
    ]
    assert field.get_attribute("aria-expanded") == "true"
    press(page, Keys.ENTER)
    assert asked(page) == []  # nobody is chosen
    press(page, Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    chosen = control(page, "#found-users [aria-selected=true]")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert "Omar Aziz" in chosen.text
    press(page, Keys.ENTER)
    page.until(lambda: chips(page) == ["User Omar Aziz"], "one user is looked at")
    assert asked(page) == [("user", "user-02")]
    assert page.run(OPEN) == []
    assert field.get_attribute("value") == ""
    assert page.driver.switch_to.active_element == field


def test_a_users_page_is_opened_from_those_found(page: Dashboard) -> None:
    typed(page, "tove@")
    press(page, Keys.ARROW_DOWN)
    ActionChains(page.driver).key_down(Keys.SHIFT).send_keys(Keys.ENTER).key_up(Keys.SHIFT).perform()
    page.until(lambda: page.driver.current_url.endswith("/users/user-01"), "the user's page")


def test_more_than_are_listed_are_told_and_nobody_too(page: Dashboard) -> None:
    field = typed(page, "user-")
    assert page.text("#found-users .bottom").startswith("8 of 25, type on")
    field.send_keys("xyz")
    page.until(lambda: "Nobody called" in page.text("#found-users"), "nobody is found")
    assert field.get_attribute("aria-expanded") == "false"
    press(page, Keys.ESCAPE)
    assert page.run(OPEN) == []
    assert page.driver.switch_to.active_element == field


def test_a_click_on_who_is_found_filters(page: Dashboard) -> None:
    typed(page, "oduya")
    control(page, "#found-users [role=option]").click()
    page.until(lambda: chips(page) == ["User Maria Oduya"], "one user is looked at")


def test_what_it_is_compared_with_can_be_nothing(page: Dashboard) -> None:
    assert "compared with" in line(page)
    open_(page, "compare")
    press(page, Keys.END, Keys.ENTER)
    page.until(lambda: "compared with" not in line(page), "compared with nothing")
    assert asked(page) == [("compare", "none")]
    assert opener(page, "compare").text == "vs\nnothing"


def test_files_and_the_link_follow_what_is_looked_at(page: Dashboard) -> None:
    page.choose(team="Support", range="7d")
    page.until(lambda: chips(page) == ["Team Support"], "the team is looked at")
    open_(page, "export")
    address = control(page, "[data-export='users.csv']").get_attribute("href")
    assert address == f"{page.address}export/users.csv?range=7d&team=Support"
    fetched = page.driver.execute_async_script(
        "fetch(arguments[0]).then((answer) => answer.text()).then(arguments[1])", address
    )
    assert "Tove Lindqvist" in fetched
    assert "Maria Oduya" not in fetched
    origin = page.address.rstrip("/")
    grant = {"origin": origin, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    control(page, "[data-copy-link]").click()
    page.until(lambda: "Link copied" in control(page, "#export").text, "the answer is in place")
    copied = page.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == page.driver.current_url


def test_with_nothing_to_export_the_menu_says_so_and_its_items_are_faint(page: Dashboard) -> None:
    page.choose(team="Support", user="user-00")
    page.until(lambda: page.text("#users-count") == "0", "the filters meet nobody")
    open_(page, "export")
    assert "Nothing to export" in control(page, "#export").text
    faint, plain = (
        control(page, f"#export {item}").value_of_css_property("color")
        for item in ("[role=menuitem][aria-disabled=true]", "[data-copy-link]")
    )
    assert faint != plain


@pytest.mark.parametrize("width", [1440, 1300, 1200, 820, 390])
def test_nothing_moves_whatever_is_filtered(served_page: Dashboard, width: int) -> None:
    page = served_page.open(width=width).ready()
    page.fonts()
    places = page.run(PLACES)
    models = list(scenes.MODELS)
    for number, choice in (
        (1, {"model": models[0]}),
        (2, {"model": models[0], "team": LONG_TEAM}),
        (4, {"model": models[:2], "team": "Support", "user": "user-01"}),
        (8, {"model": models, "team": LONG_TEAM, "user": ["user-00", "user-01", "user-02"]}),
        (1, {"model": None, "team": "Support", "user": None}),
    ):
        page.choose(**choice)
        page.until(lambda number=number: len(chips(page)) == number, "the filters act")
        assert page.run(PLACES) == places, number
        assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [820, 390])
def test_a_chip_without_room_comes_in_sight_with_the_focus(served_page: Dashboard, width: int) -> None:
    page = served_page.open(width=width).ready()
    page.choose(model=list(scenes.MODELS), user=["user-00", "user-01", "user-02"])
    page.until(lambda: len(chips(page)) == 7, "there are more chips than have room")
    right = "return document.activeElement.getBoundingClientRect().right"
    page.run("arguments[0].focus()", control(page, ".tag"))
    assert page.run("return document.querySelector('.tags > :last-child').getBoundingClientRect().right") > width
    press(page, *[Keys.TAB] * 6)
    assert focused(page) == "Take away User Omar Aziz"
    page.until(lambda: page.run(right) <= width, "the chip is in sight")
    press(page, Keys.ENTER)
    page.until(lambda: focused(page) == "Clear all", "the focus goes on")
    page.until(lambda: page.run(right) <= width, "that too is in sight")


def test_filters_are_one_sheet_on_a_phone(phone: Dashboard) -> None:
    assert not opener(phone, "models").is_displayed()
    open_(phone, "filters")
    control(phone, "#models [data-value='gpt-4o']").click()
    phone.until(lambda: "Filters\n1" in opener(phone, "filters").text, "the number of filters")
    control(phone, ".sheet [aria-controls=team]").click()
    assert phone.run(OPEN) == ["filters", "team"]
    press(phone, Keys.ESCAPE)
    assert phone.run(OPEN) == ["filters"]
    control(phone, ".sheet [aria-controls=team]").click()
    control(phone, "#team [role=menuitemradio]:nth-child(2)").click()
    phone.until(lambda: control(phone, ".acts .primary").text == "Show 2 users", "the sheet says what it will show")
    control(phone, ".acts .primary").click()
    assert phone.run(OPEN) == []
    assert chips(phone) == ["gpt-4o", "Team Support"]


def test_ranges_are_a_menu_on_a_phone_that_leads_to_the_calendar(phone: Dashboard) -> None:
    open_(phone, "ranges")
    control(phone, "#range [role=radio]").click()
    phone.until(lambda: opener(phone, "ranges").text == "7 days", "another range")
    assert phone.run(OPEN) == []
    open_(phone, "ranges")
    opener(phone, "calendar").click()
    assert phone.run(OPEN) == ["calendar"]
    press(phone, Keys.ESCAPE)
    assert phone.driver.switch_to.active_element == opener(phone, "ranges")


def test_a_press_beside_a_sheet_only_closes_it(phone: Dashboard) -> None:
    open_(phone, "export")
    above = phone.find("#react-entry-point .topbar h1").rect
    chain = ActionChains(phone.driver)
    chain.w3c_actions.pointer_action.move_to_location(int(above["x"]) + 200, 30)  # wherever the pointer was before
    chain.click().perform()
    assert phone.run(OPEN) == []


@pytest.mark.parametrize("width", [1440, 820, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_whatever_is_open(served_page: Dashboard, width: int, theme: str) -> None:
    page = served_page.open(width=width, theme=theme).ready()
    page.choose(model=["gpt-4o"], team="Support")
    page.until(lambda: len(chips(page)) == 2, "there are chips")
    popovers = ["models", "team", "calendar", "compare", "export"] if width > 640 else ["filters", "ranges", "export"]
    for popover in popovers:
        open_(page, popover)
        assert page.violations() == [], popover
        press(page, Keys.ESCAPE)
    typed(page, "a")
    assert page.violations() == []
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.console() == []

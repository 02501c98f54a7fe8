"""What a viewer does with the charts: filter by a click, look another way, read them as tables, take pictures."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import EagerClock, MemoryRepository

from usage_dash.app import create_dash
from usage_dash.settings import Settings

BARS = "#cost-by-model"
SMALL = 8  # models beside the usual four: more than are drawn each by itself
PEOPLE = "user_id,name,email,team\nuser-00,Maria Oduya,,Research\nuser-01,Tove Lindqvist,,Support\n"


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    source = scenes.repository()
    at = source.clock
    entries = [scenes.entry(at, cost=0.001, model=f"small-{number}") for number in range(SMALL)]
    source.documents["user-small"] = scenes.document("user-small", entries)
    return source


@pytest.fixture(scope="module")
def served_page(
    serve: Callable[[Flask], Dashboard], source: MemoryRepository, tmp_path_factory: pytest.TempPathFactory
) -> Dashboard:
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    settings = Settings(refresh_seconds=3600, people_file=people)
    server: Flask = create_dash(settings, source, EagerClock()).server
    return serve(server)


@pytest.fixture
def page(served_page: Dashboard) -> Dashboard:
    return served_page.open().ready()


def asked(page: Dashboard) -> list[tuple[str, str]]:
    """What the address asks for."""
    return parse_qsl(urlsplit(page.driver.current_url).query, keep_blank_values=True)


def until_asked(page: Dashboard, *pairs: tuple[str, str]) -> None:
    """Wait until the address asks for just this and the charts show it."""
    page.until(lambda: sorted(asked(page)) == sorted(pairs), f"the address has {pairs}")
    page.at_rest()


def click_at(page: Dashboard, css: str, right: float, down: float) -> None:
    """Click in an element, at so much of its width and height."""
    box = "const box = arguments[0].getBoundingClientRect(); return [box.left, box.top, box.width, box.height]"
    element = page.find(css)
    page.run("arguments[0].scrollIntoView({block: 'center'})", element)
    left, top, width, height = page.run(box, element)
    mouse = ActionChains(page.driver)
    mouse.w3c_actions.pointer_action.move_to_location(int(left + right * width), int(top + down * height))
    mouse.click().perform()


def click_in(page: Dashboard, plot: str, right: float, down: float) -> None:
    click_at(page, f"{plot} .nsewdrag", right, down)


def colours(page: Dashboard) -> list[str]:
    return list(page.run(f"return document.querySelector('{BARS} .js-plotly-plot').data[0].marker.color"))


def top_bar(page: Dashboard) -> str:
    """The dearest model; the donut begins with it too."""
    name: str = page.run(f"return document.querySelector('{BARS} .js-plotly-plot').data[0].y[0]")
    return name.strip("\u2068\u2069\u200b")


def title(page: Dashboard, chart: str) -> str:
    return page.text(f"#{chart}-title")


def press(page: Dashboard, css: str) -> None:
    """Press what has the focus, or is given it, by keyboard."""
    element = page.find(css)
    page.run("arguments[0].focus()", element)
    element.send_keys(Keys.ENTER)


def test_a_click_on_a_model_s_bar_filters_and_once_more_takes_it_away(page: Dashboard) -> None:
    whole = colours(page)
    click_in(page, BARS, 0.9, 0.5 / 8)
    until_asked(page, ("model", top_bar(page)))
    page.until(lambda: [len(colour) for colour in colours(page)] == [7, *[9] * 7], "the others are faint")
    assert page.run("return document.querySelector('#model-distribution .js-plotly-plot').data[0].labels.length") == 1
    click_in(page, BARS, 0.9, 0.5 / 8)
    until_asked(page)
    page.until(lambda: colours(page) == whole, "all are as before")


def test_a_slice_filters(page: Dashboard) -> None:
    page.run("document.querySelector('#model-distribution').scrollIntoView({block: 'center'})")
    mouse = ActionChains(page.driver)
    mouse.w3c_actions.pointer_action.move_to_location(*page.run(WITHIN, "#model-distribution .slice path"))
    mouse.click().perform()
    until_asked(page, ("model", top_bar(page)))


def test_many_small_models_together_filter_by_nothing(page: Dashboard) -> None:
    click_in(page, BARS, 0.05, 7.5 / 8)
    assert asked(page) == []
    click_in(page, BARS, 0.05, 6.5 / 8)
    page.until(lambda: [name for name, _value in asked(page)] == ["model"], "the bar above them filters")


def test_bars_of_users_and_teams_filter(page: Dashboard) -> None:
    click_in(page, "#top-users", 0.5, 0.5 / 6)
    until_asked(page, ("user", "user-00"))
    page.find("#top-users-head [data-set*='teams']").click()
    until_asked(page, ("user", "user-00"), ("top", "teams"))
    page.until(lambda: title(page, "top-users") == "Top teams", "the title says so")
    click_in(page, "#top-users", 0.5, 0.5)
    until_asked(page, ("user", "user-00"), ("team", "Research"), ("top", "teams"))
    click_in(page, "#top-users", 0.5, 0.5)
    until_asked(page, ("user", "user-00"), ("top", "teams"))


def test_a_point_in_time_opens_its_day_and_once_more_goes_back(page: Dashboard) -> None:
    page.find("#react-entry-point [data-set*='7d']").click()
    until_asked(page, ("range", "7d"))
    days = "return document.querySelector('#cost-over-time .js-plotly-plot').data[0].x"
    page.until(lambda: len(page.run(days)) == 7, "seven days are drawn")
    third = page.run(days)[2]
    click_in(page, "#cost-over-time", 2 / 6, 0.5)
    until_asked(page, ("from", third), ("to", third))
    page.until(lambda: page.run(days) == [third], "that day is drawn")
    click_in(page, "#calls-over-time", 0.3, 0.3)
    until_asked(page, ("range", "7d"))


def test_a_drag_zooms_and_filters_by_nothing(page: Dashboard) -> None:
    shown = "return document.querySelector('#cost-over-time .js-plotly-plot').layout.xaxis.range"
    whole = page.run(shown)
    area = page.find("#cost-over-time .nsewdrag")
    ActionChains(page.driver).move_to_element(area).click_and_hold().move_by_offset(150, 0).release().perform()
    page.until(lambda: page.run(shown) != whole, "zoomed in")
    assert asked(page) == []


def test_cost_is_looked_at_by_week_and_added_up_by_keyboard(page: Dashboard) -> None:
    day = page.find("#cost-over-time-head [data-set*='day']")
    page.run("arguments[0].focus()", day)
    day.send_keys(Keys.ARROW_RIGHT)
    until_asked(page, ("by", "week"))
    page.until(lambda: "Per week" in page.text("#cost-over-time-head"), "the words follow")
    assert page.run("return document.activeElement.textContent") == "Week"
    assert page.text("#cost-over-time-key").startswith("Total")
    page.find("#cost-over-time-head [data-set*='cumulative']").click()
    until_asked(page, ("by", "week"), ("sum", "cumulative"))
    total = "return document.querySelector('#cost-over-time .js-plotly-plot').data.at(-1).customdata.at(-1)"
    page.until(lambda: page.run(total).startswith("$97.5"), "the last point is all of it")


def test_the_measure_is_chosen_from_the_title(page: Dashboard) -> None:
    press(page, "#calls-over-time-title button")
    page.until(
        lambda: page.run("return document.activeElement.textContent") == "API calls over time", "the menu is open"
    )
    page.driver.switch_to.active_element.send_keys(Keys.END, Keys.ARROW_UP, Keys.ENTER)
    until_asked(page, ("measure", "users"))
    page.until(lambda: title(page, "calls-over-time") == "Active users", "the title follows")
    assert page.text("#calls-over-time-key") == "ReturningNew"
    assert page.run("return document.activeElement.parentElement.id") == "calls-over-time-title"


def shown_as_table(page: Dashboard, chart: str) -> Dashboard:
    press(page, f"#react-entry-point #{chart}-more")
    press(page, f"#react-entry-point [data-shows-table='{chart}']")
    page.until(lambda: page.all(f"#{chart}-table tbody tr"), "the table is there")
    return page


def test_a_chart_is_a_table_whose_rows_filter(page: Dashboard, source: MemoryRepository) -> None:
    shown_as_table(page, "cost-by-model")
    cells = "return [...document.querySelectorAll('#cost-by-model-table td')].map((cell) => cell.textContent)"
    bars = f"return document.querySelector('{BARS} .js-plotly-plot').data[0].customdata"
    assert [f"<b>{cell}</b>" for cell in page.run(cells)] == [text.split(": ")[1] for text in page.run(bars)]
    assert not page.find(f"{BARS}-summary").is_displayed()
    assert page.find("[data-shows-table='cost-by-model']").get_attribute("aria-checked") == "true"
    press(page, "#cost-by-model-table [data-row='1']")
    until_asked(page, ("model", page.text("#cost-by-model-table [data-row='1']").strip("\u2068\u2069")))
    row = "return document.querySelector('#cost-by-model-table [data-row=\"1\"]')"
    page.until(lambda: page.run(f"{row}.ariaPressed") == "true", "the row is pressed")
    assert page.run("return document.activeElement.dataset.row") == "1"
    assert page.all("#cost-by-model-table tr:last-child button") == []
    before = page.text("#cost-by-model-table")
    scenes.use(source, "user-00", cost=3.0, model="gpt-5.2")
    page.refresh()
    page.until(lambda: page.text("#cost-by-model-table") != before, "it follows a refresh")
    assert page.violations() == []
    press(page, "#react-entry-point #cost-by-model-more")
    press(page, "#react-entry-point [data-shows-table='cost-by-model']")
    page.until(lambda: page.find(f"{BARS}-summary").is_displayed(), "it is a chart again")


def test_the_days_of_a_chart_are_a_table_in_its_place(page: Dashboard) -> None:
    height = page.find("#cost-over-time-panel").size["height"]
    shown_as_table(page, "cost-over-time")
    assert len(page.all("#cost-over-time-table tbody tr")) == 30
    assert page.find("#cost-over-time-panel").size["height"] == height
    press(page, "#cost-over-time-table [data-row='29']")
    page.until(lambda: [name for name, _value in asked(page)] == ["from", "to"], "its day is looked at")
    page.until(lambda: len(page.all("#cost-over-time-table tbody tr")) == 1, "the table has that day")


@pytest.fixture
def downloads(page: Dashboard, tmp_path: Path) -> Iterator[Path]:
    behaviour = {"behavior": "allow", "downloadPath": str(tmp_path)}
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", behaviour)
    yield tmp_path
    page.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "default"})


@pytest.mark.parametrize("chart", ["cost-over-time", "model-distribution", "top-users"])
def test_a_chart_is_saved_as_a_picture(page: Dashboard, downloads: Path, chart: str) -> None:
    press(page, f"#react-entry-point #{chart}-more")
    press(page, f"#react-entry-point [data-saves='{chart}']")
    page.until(lambda: list(downloads.glob("*.png")), "the file is there")
    [file] = downloads.glob("*.png")
    days = page.run("return document.querySelector('#cost-over-time .js-plotly-plot').data[0].x")
    first, last = days[0], days[-1]
    assert file.name == f"{chart}_{first}_{last}.png"
    picture = file.read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", picture[16:24]) == (1920, 1080)
    assert page.console() == []


def test_paper_gets_a_report_in_light_without_controls(served_page: Dashboard) -> None:
    page = served_page.open(theme="dark").ready()
    surface = "return document.querySelector('#cost-over-time .js-plotly-plot').layout.paper_bgcolor"
    dark = page.run(surface)
    page.run("dispatchEvent(new Event('beforeprint'))")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        page.until(lambda: page.run(surface) == "#ffffff", "the figures are light")
        for control in (
            ".explore",
            "#cost-over-time-more",
            "#cost-over-time-head [data-set*='week']",
            "#refresh-button",
        ):
            assert not page.find(f"#react-entry-point {control}").is_displayed()
        for kept in ("h1", ".looked", "#cards", "#cost-over-time", "#top-users", "#users-table"):
            assert page.find(f"#react-entry-point {kept}").is_displayed()
        assert page.run(INSIDE) == []
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        page.run("dispatchEvent(new Event('afterprint'))")
    page.until(lambda: page.run(surface) == dark, "the screen is dark again")


WITHIN = """
  const shape = document.querySelector(arguments[0]);
  const { left, top, width, height } = shape.getBoundingClientRect();
  for (let step = 1; step < 400; step++) {
    const at = [Math.round(left + (width * (step % 20)) / 20), Math.round(top + (height * Math.floor(step / 20)) / 20)];
    if (document.elementFromPoint(...at) === shape) return at;
  }
"""
INSIDE = """
  return [...document.querySelectorAll('.panel:not([hidden]) .main-svg')].filter((svg) => {
    const [inner, outer] = [svg, svg.closest('.panel')].map((element) => element.getBoundingClientRect());
    return inner.left < outer.left || inner.right > outer.right || inner.bottom > outer.bottom;
  }).map((svg) => svg.closest('.panel').id);
"""


def test_who_sees_one_user_has_two_charts_in_the_second_row(serve: Callable[[Flask], Dashboard]) -> None:
    page = serve(scenes.app(scenes.repository(users=1))).open().ready()
    assert not page.find("#top-users-panel").is_displayed()
    widths: list[Any] = [
        page.find(f"#{chart}-panel").size["width"] for chart in ("calls-over-time", "model-distribution")
    ]
    assert widths[0] == widths[1] > 600

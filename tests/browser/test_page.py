from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard

HEADERS = (
    "User",
    "Cost",
    "Calls",
    "Tokens",
    "Input tokens",
    "Output tokens",
    "Cost / call",
    "Last 30 days",
    "Last active",
)


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard]) -> Dashboard:
    return serve(scenes.app(scenes.repository()))


@pytest.fixture
def page(served_page: Dashboard) -> Dashboard:
    return served_page.open().ready()


def test_first_paint_shows_the_frame_then_the_data(served_page: Dashboard) -> None:
    page = served_page.open()
    assert page.until(lambda: page.text("h1"), "the header is there") == "OpenAI usage"
    page.ready()
    assert page.state() == "live"
    assert page.text("#total-cost") == "$97.50"
    assert page.text("#total-calls") == "750"
    assert page.text("#total-tokens") == "750,000"
    assert page.text("#active-users") == "25"
    assert page.text(".source") == "fake · Firestore"
    assert page.driver.title == "OpenAI usage"


def test_charts_are_drawn_with_exact_figures_to_hover_over(page: Dashboard) -> None:
    bars = page.run("return document.querySelector('#cost-by-model .js-plotly-plot').data[0]")
    assert sorted(label.strip("\u200b\u2068\u2069") for label in bars["y"]) == sorted(scenes.MODELS)
    assert all(": <b>$" in text for text in bars["customdata"])
    total = page.run("return document.querySelector('#cost-over-time .js-plotly-plot').data.at(-1)")
    assert total["name"] == "Total"
    assert total["customdata"][-1].endswith(" so far")
    label = page.find("#cost-over-time-summary").get_attribute("aria-label")
    assert label.startswith("Line chart: daily cost, $97.50 in 30 days")


def test_a_click_on_a_header_sorts_and_another_turns_the_order(page: Dashboard) -> None:
    page.find("th[data-dash-column=user] .column-header--sort").click()
    page.until(lambda: page.find("th[data-dash-column=user]").get_attribute("aria-sort") == "ascending", "by user")
    page.find("th[data-dash-column=user] .column-header--sort").click()
    page.until(lambda: page.users()[0] == "user-24", "by user, backwards")
    page.find("th[data-dash-column=cost] .column-header--sort").click()
    page.until(lambda: page.users()[0] == "user-00", "dearest first")


def test_the_keyboard_sorts(page: Dashboard) -> None:
    header = page.find("th[data-dash-column=last_active] .column-header--sort")
    page.run("arguments[0].focus()", header)
    column = page.find("th[data-dash-column=last_active]")
    header.send_keys(Keys.ENTER)
    page.until(lambda: column.get_attribute("aria-sort") == "descending", "latest first")
    assert page.users()[0] == "user-00"
    header.send_keys(Keys.SPACE)
    page.until(lambda: page.users()[0] == "user-24", "the longest inactive first")


def test_pages_turn_on_the_server(page: Dashboard) -> None:
    assert page.text("#pager").startswith("1–10 of 25")
    assert len(page.users()) == 10
    page.find("#pager [aria-label='Next users']").click()
    page.until(lambda: page.users()[0] == "user-10", "the second page")
    assert page.text("#pager").startswith("11–20 of 25")
    page.find("#pager [aria-label='Next users']").click()
    page.until(lambda: len(page.users()) == 5, "the last page")
    assert page.find("#pager [aria-label='Next users']").get_attribute("aria-disabled") == "true"


def test_a_row_opens_in_place_by_mouse(page: Dashboard) -> None:
    page.toggle("user-01").click()
    page.until(lambda: len(page.entries()) == 20, "the entries are shown")
    rows = page.run("return [...document.querySelectorAll('#users-table tr')].map(row => row.innerText)")
    position = next(number for number, row in enumerate(rows) if "user-01" in row)
    assert "First seen" in rows[position + 1]
    assert "Top model gpt-5-mini (27% of cost)" in rows[position + 1]
    assert "30 entries explain 100% of this user’s cost" in rows[position + 1]
    assert page.entries()[0].startswith("gpt-5.2 ")
    page.toggle("user-01").click()
    page.until(lambda: not page.entries(), "the row is closed")


def test_entries_page_by_older_and_newer(page: Dashboard) -> None:
    page.toggle("user-00").click()
    page.until(lambda: len(page.entries()) == 20, "the newest entries")
    newest = page.entries()[0]
    page.find("[data-entries-page='1']").click()
    page.until(lambda: len(page.entries()) == 10, "the older ones")
    page.find("[data-entries-page='0']").click()
    page.until(lambda: page.entries()[0] == newest, "the newest again")


def test_a_row_opens_by_keyboard_and_keeps_the_focus(page: Dashboard) -> None:
    page.run("arguments[0].focus()", page.toggle("user-02"))
    page.toggle("user-02").send_keys(Keys.ENTER)
    page.until(lambda: page.opened() == ["user-02"], "open")
    page.until(lambda: page.run("return document.activeElement.dataset.user") == "user-02", "the focus stays")
    page.toggle("user-02").send_keys(Keys.SPACE)
    page.until(lambda: page.opened() == [], "closed")


def test_the_tab_key_reaches_everything_and_shows_where_it_is(page: Dashboard) -> None:
    """From the top of the page to its end: no trap, one stop for the range, an outline at each stop."""
    stop = """
        const at = document.activeElement;
        const outlined = document.querySelector(`label[for="${at.id}"]`) ?? at;
        return [at.ariaLabel ?? at.textContent ?? '', getComputedStyle(outlined).outlineStyle, at === document.body];
    """
    names = []
    for _ in range(60):
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        name, outline, is_over = page.run(stop)
        if is_over:
            break
        assert outline == "solid", name
        names.append(name)
    bar = ["30 days", "Custom", "Models All 4", "Find a user", "vs previous 30 days", "Export"]
    start = names.index("Theme: light") + 1
    assert names[start : start + len(bar)] == bar
    start = names.index("Sort by User")
    assert names[start : start + len(HEADERS)] == [f"Sort by {title}" for title in HEADERS]
    assert [name for name in names if name.startswith("Entries of")] == [
        f"Entries of \u2068user-{number:02}\u2069" for number in range(10)
    ]
    assert [name for name in names if name in {"Previous users", "Next users"}] == ["Previous users", "Next users"]
    assert any(name.endswith("reads saved") for name in names)


def test_an_opened_row_stays_open_when_sorting(page: Dashboard) -> None:
    page.toggle("user-03").click()
    page.until(lambda: page.opened() == ["user-03"], "open")
    page.find("th[data-dash-column=calls] .column-header--sort").click()
    page.until(lambda: page.find("th[data-dash-column=calls]").get_attribute("aria-sort") == "descending", "sorted")
    page.until(lambda: page.opened() == ["user-03"] and page.entries(), "still open")


def test_the_range_changes_cards_charts_and_table(page: Dashboard) -> None:
    page.find("#react-entry-point [data-set*='7d']").click()
    page.until(lambda: "in 7 days" in page.text("#cards"), "the cards")
    page.until(lambda: page.text("th[data-dash-column=range_cost]") == "Last 7 days", "the table")
    days = "return document.querySelector('#calls-over-time .js-plotly-plot').data[0].x.length"
    page.until(lambda: page.run(days) == 7, "the charts")
    assert page.text("#total-cost") == "$97.50"
    assert page.range() == "7 days"


def test_the_range_changes_by_keyboard(page: Dashboard) -> None:
    chosen = page.find("#range [aria-checked=true]")
    page.run("arguments[0].focus()", chosen)
    chosen.send_keys(Keys.ARROW_RIGHT)
    page.until(lambda: "in 90 days" in page.text("#cards"), "the next range")


def test_nothing_foreign_is_requested_and_nothing_is_complained_about(page: Dashboard) -> None:
    page.toggle("user-00").click()
    page.until(page.entries, "a row is open")
    sent = [
        event["params"]["request"]["url"] for event in page.network() if event["method"] == "Network.requestWillBeSent"
    ]
    foreign = [url for url in sent if not url.startswith((page.address, "data:", "chrome:"))]
    assert foreign == []
    assert any("plotly-basic.min.js" in url for url in sent)
    assert [url for url in sent if "package_data/plotly" in url] == []
    assert page.console() == []

"""The page of trust: the way there and back, what stays open, and what a browser adds to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import DEADLINE, EagerClock, MemoryRepository
from tests.servers.openai_bill import KEY, Billed, OpenAIBillServer

from usage_dash.app import create_dash
from usage_dash.settings import Settings, SourceName

OPEN = "return [...document.querySelectorAll('#react-entry-point #checks details[open]')].map((each) => each.id)"
CHECKS = "return [...document.querySelectorAll('#react-entry-point #checks details')].map((each) => each.id)"
BADGE = "#react-entry-point .pages .count"
THERE = "return document.querySelector('#react-entry-point .view-trust #checks details') !== null"


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    """A user's counters know more than their entries, an entry tells no time, and a field is named like a path."""
    source = scenes.repository()
    source.documents["user-04"]["totals.cost"] = 1.0
    source.documents["user-03"]["totalCostUsd"] *= 3
    source.documents["user-00"]["recentUsage"][0] = {**source.documents["user-00"]["recentUsage"][0], "timestamp": "?"}
    return source


@pytest.fixture(scope="module")
def app(source: MemoryRepository, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text("user_id,name,email,team\nuser-03,Tove Lindqvist,,Support\n")
    server: Flask = create_dash(Settings(refresh_seconds=3600, people_file=people), source, EagerClock()).server
    return server


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], app: Flask) -> Dashboard:
    return serve(app)


@pytest.fixture
def page(served_page: Dashboard) -> Iterator[Dashboard]:
    yield served_page.open().ready()
    assert served_page.console() == []


def trust(page: Dashboard, query: str = "") -> Dashboard:
    """Load the page."""
    page.driver.get(f"{page.address}trust{query}")
    page.until(lambda: page.run(THERE), "it is there")
    return page.at_rest()


def press(page: Dashboard, *keys: str) -> None:
    ActionChains(page.driver).send_keys(*keys).perform()


def test_the_header_leads_there_and_back(page: Dashboard) -> None:
    page.find("#react-entry-point .pages a + a").click()
    page.until(lambda: page.run(THERE), "the page")
    assert page.driver.current_url == f"{page.address}trust"
    assert page.driver.title == "Trust – OpenAI usage"
    page.until(
        lambda: page.run("return document.activeElement.id") == "recorded-of-billed", "the sentence has the focus"
    )
    assert not page.find("#users-table").is_displayed()
    assert page.find("#react-entry-point .pages a + a").get_attribute("aria-current") == "page"
    page.find("#react-entry-point .pages a").click()
    page.until(lambda: page.find("#users-table").is_displayed(), "the overview")
    assert page.driver.title == "OpenAI usage"
    page.run("history.back()")
    page.until(lambda: page.find("#checks").is_displayed(), "the page again")


def test_the_badge_tells_on_every_page_what_is_to_be_looked_at(page: Dashboard) -> None:
    looked_at = page.text(BADGE)
    assert int(looked_at) > 0
    trust(page)
    assert page.text(BADGE) == looked_at
    states = page.run("return document.querySelectorAll('#react-entry-point #checks .state:is(.act, .look)').length")
    assert states == int(looked_at)
    page.driver.get(f"{page.address}users/user-03")
    page.until(lambda: page.text(BADGE) == looked_at, "on a user's page, too")


def test_short_cuts_go_there_and_back(page: Dashboard) -> None:
    press(page, "g", "t")
    page.until(lambda: page.run(THERE), "the page")
    page.at_rest()
    press(page, "g", "o")
    page.until(lambda: page.find("#users-table").is_displayed(), "the overview")


def test_the_first_is_open_and_what_one_opened_stays_so_whatever_comes(
    page: Dashboard, source: MemoryRepository
) -> None:
    trust(page)
    ids = page.run(CHECKS)
    assert page.run(OPEN) == ids[:1]
    page.run("document.querySelector(`#react-entry-point #${arguments[0]} > summary`).click()", ids[0])
    page.run("document.querySelector(`#react-entry-point #${arguments[0]} > summary`).focus()", ids[1])
    press(page, Keys.ENTER)
    page.until(lambda: page.run(OPEN) == ids[1:2], "the second alone is open")
    told = page.text("#react-entry-point #checks")
    scenes.use(source, "user-05", 40.0)
    source.documents["user-05"]["totalCostUsd"] *= 9
    page.refresh()
    page.until(lambda: page.text("#react-entry-point #checks") != told, "there is news")
    assert page.run(OPEN) == ids[1:2]
    assert page.run("return document.activeElement.parentElement.id") == ids[1]
    page.find("#react-entry-point .pages a").click()
    page.until(lambda: page.find("#users-table").is_displayed(), "the overview")
    page.at_rest()
    page.find("#react-entry-point .pages a + a").click()
    page.until(lambda: page.run(THERE) and page.run(OPEN) == page.run(CHECKS)[:1], "it begins anew")


def test_users_concerned_lead_to_their_pages(page: Dashboard) -> None:
    trust(page)
    page.run("for (const each of document.querySelectorAll('#checks details:not([open]) > summary')) each.click()")
    page.run("document.querySelector(\"#react-entry-point #checks a[href='/users/user-03']\").click()")
    page.until(lambda: page.text("#person h2") == "Tove Lindqvist", "their page")
    assert page.driver.current_url == f"{page.address}users/user-03"


def test_the_footer_leads_there_where_it_tells_the_coverage(page: Dashboard) -> None:
    page.find("#react-entry-point #coverage a").click()
    page.until(lambda: page.run(THERE), "the page")
    assert not page.find("#react-entry-point #coverage").is_displayed()


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(served_page: Dashboard, width: int) -> None:
    page = served_page
    page.resize(width)
    trust(page)
    page.run("for (const each of document.querySelectorAll('#checks details:not([open]) > summary')) each.click()")
    for theme in ("dark", "light"):
        page.run("usageDash.setTheme(arguments[0])", theme)
        assert page.violations() == []
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")


def test_a_check_says_where_the_corrected_writer_is_to_be_copied(page: Dashboard) -> None:
    trust(page)
    page.run("for (const each of document.querySelectorAll('#checks details:not([open]) > summary')) each.click()")
    page.run("document.querySelector('#react-entry-point #checks [data-opens=writer]').click()")
    page.until(lambda: "runTransaction" in page.text("#writer pre"), "the dialog is filled")
    assert page.violations("#writer") == []
    permission = {"origin": page.address, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", permission)
    page.find("#writer .copy").click()
    page.until(lambda: page.text("#writer .copied") == "Copied", "it says so")
    assert "runTransaction" in page.run("return navigator.clipboard.readText()")


def test_on_paper_nothing_is_wider_than_its_card(page: Dashboard) -> None:
    trust(page)
    page.run("for (const each of document.querySelectorAll('#checks details:not([open]) > summary')) each.click()")
    page.resize(700)  # an A4 sheet within its margins
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.run("return document.documentElement.scrollWidth <= innerWidth")
        assert not page.find("#react-entry-point .pages").is_displayed()
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.fixture
def billed_page(serve: Callable[[Flask], Dashboard]) -> Iterator[Dashboard]:
    """A dashboard of which OpenAI bills a dollar a day more than is recorded."""
    source = scenes.repository(entries=80)
    today = datetime.now(UTC).date()
    recorded: dict[date, float] = defaultdict(float)
    for document in source.documents.values():
        for entry in document["recentUsage"]:
            recorded[entry["timestamp"].date()] += entry["costUsd"]
    with OpenAIBillServer(today) as bill:
        bill.costs = [Billed(day, "gpt-5.2, output", dollars + 1.0) for day, dollars in recorded.items()]
        firestore = {"chosen_source": SourceName.FIRESTORE, "openai_admin_key": KEY, "openai_base_url": bill.address}
        settings = Settings(refresh_seconds=3600, **firestore)
        app: Flask = create_dash(settings, source, EagerClock()).server
        board = app.extensions["usage_dash_board"]
        board.sync.refresh(wait=DEADLINE)
        board.bill.want()
        board.bill.wait()
        yield serve(app)


def test_what_is_recorded_stands_beside_what_openai_billed(billed_page: Dashboard) -> None:
    page = trust(billed_page.open())
    drawn = "return document.querySelectorAll('#recorded-and-billed .bars .point').length"
    page.until(lambda: page.run(drawn), "the days are drawn")
    assert page.text("#react-entry-point #recorded-of-billed").startswith("Recorded is ")
    assert "of what OpenAI billed" in page.text("#react-entry-point #recorded-of-billed")
    assert "Billed, not recorded" in page.text("#react-entry-point #gap")
    assert KEY not in page.driver.page_source
    page.run("document.querySelector(\"[data-shows-table='recorded-and-billed']\").click()")
    page.until(lambda: len(page.all("#recorded-and-billed-table tbody tr")) >= 30, "the same as a table")
    assert "provisional" in page.text("#recorded-and-billed-table tbody tr:last-child")
    for theme in ("dark", "light"):
        page.run("usageDash.setTheme(arguments[0])", theme)
        assert page.violations() == []
    page.find("#react-entry-point .pages a").click()
    page.ready()
    assert not page.run("return document.querySelector('#recorded-and-billed-panel').offsetParent")
    assert page.console() == []

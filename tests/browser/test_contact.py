"""What the page says and does when an answer does not come from usage-dash, or none comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from selenium import webdriver
from tests.browser import scenes
from tests.browser.dashboard import Dashboard, served
from tests.fakes import MemoryRepository
from tests.servers.between import CUT, Between, Odd

JSON = "application/json"
ODD = {
    "a server of another deploy": (
        Odd(400, "text/plain", "This request does not fit the page; reload it.\n"),
        "outdated",
    ),
    "a bad gateway": (Odd(502), "offline"),
    "a service that starts": (Odd(503), "offline"),
    "a gateway's time-out": (Odd(504), "offline"),
    "an error of the server": (Odd(500, "text/plain", "Internal Server Error"), "offline"),
    "a page that is not there": (Odd(404), "offline"),
    "JSON of somebody else": (Odd(200, JSON, '{"response": "hello"}'), "offline"),
    "JSON null": (Odd(200, JSON, "null"), "offline"),
    "broken JSON": (Odd(200, JSON, '{"multi": true, "resp'), "offline"),
    "text": (Odd(200, "text/plain", '{"multi": true, "response": {}}'), "offline"),
    "an answer cut short": (Odd(200, JSON, '{"multi": true, "response": {}}', whole=False), "offline"),
    "no answer": (CUT, "offline"),
}
SIGNED_OUT = {
    "a redirect to a page": Odd(302, headers={"Location": "/sign-in"}),
    "a redirect to another host": Odd(307, headers={"Location": "http://localhost:9/sign-in"}),
    "a page in place of JSON": Odd(200),
    "unauthorised": Odd(401, JSON, '{"error": "no session"}'),
    "forbidden by a proxy": Odd(403),
}
WORDS = {
    "outdated": ("Outdated", "usage-dash was updated.", "Reload"),
    "offline": ("No answer", "No answer from usage-dash.", "Try now"),
}


@pytest.fixture(scope="module")
def source() -> MemoryRepository:
    return scenes.repository()


@pytest.fixture(scope="module")
def upstream(source: MemoryRepository) -> Iterator[str]:
    with served(scenes.app(source)) as address:
        yield address


@pytest.fixture(scope="module")
def proxy(upstream: str) -> Iterator[Between]:
    with Between(upstream) as running:
        yield running


@pytest.fixture(scope="module")
def served_page(proxy: Between, driver: webdriver.Chrome) -> Iterator[Dashboard]:
    yield Dashboard(driver, proxy.address)
    driver.get("about:blank")  # or it would go on asking


@pytest.fixture
def page(served_page: Dashboard, proxy: Between) -> Dashboard:
    """A fresh page."""
    proxy.pass_on()
    return served_page.open().ready()


@pytest.fixture
def open_page(served_page: Dashboard, proxy: Between) -> Dashboard:
    """A page that may have seen other tests."""
    proxy.pass_on()
    page = served_page
    return page if page.driver.current_url == page.address else page.open().ready()


def _ask(page: Dashboard) -> None:
    page.run("document.getElementById('refresh-button').click()")


def _can_ask(page: Dashboard) -> bool:
    return page.find("#refresh-button").get_attribute("disabled") is None


def _expect(page: Dashboard, state: str) -> None:
    page.until(lambda: page.state() == state, f"it is told: {state}")
    pill, notice, action = WORDS[state]
    assert page.text("#status").startswith(pill)
    page.until(lambda: page.text("#contact b") == notice, "the notice says so too")
    assert page.text("#contact button") == action


@pytest.mark.parametrize(("odd", "state"), ODD.values(), ids=ODD)
def test_an_answer_that_is_not_ours_is_told_until_one_is(
    proxy: Between, open_page: Dashboard, odd: Odd, state: str
) -> None:
    page = open_page
    proxy.odd = odd
    _ask(page)
    _expect(page, state)
    page.until(lambda: _can_ask(page), "another try is possible")
    assert len(page.users()) == 10
    proxy.odd = None
    page.until(lambda: page.state() == "live", "it is live again by itself")
    page.until(lambda: page.text("#contact") == "", "the notice is gone")


@pytest.mark.parametrize("state", WORDS)
def test_axe_finds_nothing_while_nobody_answers(proxy: Between, page: Dashboard, state: str) -> None:
    proxy.odd = next(odd for odd, told in ODD.values() if told == state)
    page.choose(range="7d")
    _expect(page, state)
    assert page.violations() == []


@pytest.mark.parametrize("odd", SIGNED_OUT.values(), ids=SIGNED_OUT)
def test_where_a_sign_in_is_wanted_the_figures_go_and_nothing_is_asked_any_more(
    proxy: Between, page: Dashboard, odd: Odd
) -> None:
    page.toggle("user-00").click()
    page.until(page.entries, "a row is open")
    proxy.odd = odd
    _ask(page)
    _expect_the_end(page)
    shown = page.run("return document.body.outerHTML")
    assert not [word for word in ("$", "user-0", "gpt-", "Users") if word in shown]
    assert not page.all("#react-entry-point, #still, svg, canvas, dialog")
    asked = proxy.asked
    page.run("usageDash.askAgain(); document.dispatchEvent(new Event('visibilitychange'))")
    page.driver.execute_async_script("setTimeout(arguments[0], 500)")
    assert proxy.asked == asked
    assert page.violations() == []


def _expect_the_end(page: Dashboard) -> None:
    page.until(lambda: page.text("h1") == "Your session has ended", "it is told")
    assert page.state() == "signed-out"
    assert page.run("return document.activeElement.textContent") == "Sign in again"


def test_its_icons_show_though_nothing_can_be_had(proxy: Between, page: Dashboard) -> None:
    proxy.odd = CUT
    _ask(page)
    _expect(page, "offline")
    mask = page.run("return getComputedStyle(document.querySelector('#contact .icon')).maskImage")
    assert mask.startswith('url("data:image/svg+xml,')
    assert [message for message in page.console() if ".svg" in message] == []


def test_the_notice_stays_the_same_while_it_is_tried_again(proxy: Between, page: Dashboard) -> None:
    proxy.odd = CUT
    _ask(page)
    _expect(page, "offline")
    page.run("document.querySelector('#contact button').focus()")
    before = proxy.asked
    page.until(lambda: proxy.asked > before + 1, "it was tried again")
    page.until(lambda: page.text("#contact [data-since]") not in {"just now", "0 s ago"}, "the time goes on")
    assert page.run("return document.activeElement.closest('#contact') !== null")


def test_figures_of_another_range_are_called_so_and_change_when_contact_is_back(
    proxy: Between, page: Dashboard
) -> None:
    proxy.odd = Odd(502)
    shown = page.text("#cards")
    page.choose(range="7d")
    page.until(lambda: "The figures are still those of before." in page.text("#contact"), "it is said")
    assert page.text("#cards") == shown
    proxy.odd = None
    page.until(lambda: "in 7 days" in page.text("#cards"), "the figures follow")
    page.until(lambda: page.text("#contact") == "", "nothing is said any more")


def test_going_back_to_the_range_that_is_shown_takes_the_words_back(proxy: Between, page: Dashboard) -> None:
    proxy.odd = Odd(502)
    page.choose(range="90d")
    page.until(lambda: "still those of before" in page.text("#contact"), "it is said")
    page.choose(range=None)
    page.until(lambda: "still those" not in page.text("#contact"), "it is not said")
    assert page.state() == "offline"


def test_a_table_in_another_order_than_chosen_is_called_so(proxy: Between, page: Dashboard) -> None:
    proxy.odd = Odd(502)
    page.run("document.querySelector('th[data-dash-column=user] .column-header--sort').click()")
    page.until(lambda: "The table is still as it was." in page.text("#contact"), "it is said")
    proxy.odd = None
    page.until(lambda: page.users()[0] == "user-00" and page.text("#contact") == "", "the table follows")


def test_a_dialog_opened_meanwhile_is_filled_later(proxy: Between, page: Dashboard) -> None:
    proxy.odd = Odd(502)
    page.run("document.querySelector('[data-opens=meter]').click()")
    _expect(page, "offline")
    assert not page.all("#meter td")
    proxy.odd = None
    page.until(lambda: page.all("#meter td"), "the dialog is filled")
    page.until(lambda: page.state() == "live", "it is live again")


def test_signing_in_again_leads_back_to_the_same_choices(proxy: Between, page: Dashboard) -> None:
    page.choose(range="7d")
    page.until(lambda: "in 7 days" in page.text("#cards"), "7 days are shown")
    page.run("document.querySelector('th[data-dash-column=user] .column-header--sort').click()")
    page.until(lambda: page.users()[-1] == "user-09", "sorted by user")
    proxy.signed_in = False
    _ask(page)
    _expect_the_end(page)
    page.run("document.querySelector('[data-reload]').click()")
    page.until(lambda: page.all("#enter"), "the form is shown")
    page.find("#enter").click()
    page.until(lambda: page.all("#status"), "the page is back")
    page.ready()
    assert "in 7 days" in page.text("#cards")
    assert page.users()[-1] == "user-09"
    assert page.range() == "7 days"
    assert page.find("th[data-dash-column=user]").get_attribute("aria-sort") == "ascending"
    assert page.query() == "range=7d&sort=user"


def test_the_page_of_another_deploy_is_told_to_reload(proxy: Between, page: Dashboard) -> None:
    proxy.rewritten = {"X-Usage-Dash": "of-yesterday"}
    page.choose(range="mtd")
    _expect(page, "outdated")
    proxy.rewritten = {}
    page.run("document.querySelector('[data-reload]').click()")
    page.until(lambda: "this month" in page.text("#cards"), "the new page shows what was chosen")


@pytest.mark.parametrize(
    "address", ["?range=1e9&sort=<b>&page=0&open=", "?range=&sort=", "?x=1#y", "?range[]=7d&%E0%A4%A"]
)
def test_an_address_of_any_kind_shows_the_page(served_page: Dashboard, address: str) -> None:
    page = served_page
    page.driver.get(page.address + address)
    page.ready()
    assert page.range() == "30 days"
    assert page.find("th[data-dash-column=cost]").get_attribute("aria-sort") == "descending"


def test_a_server_that_never_answers_is_told_and_the_button_comes_back(proxy: Between, page: Dashboard) -> None:
    patience = page.run("const usual = usageDash.patience; usageDash.patience = 300; return usual")
    proxy.going_on.clear()
    page.find("#refresh-button").click()
    _expect(page, "offline")
    page.until(lambda: _can_ask(page), "another try is possible")
    page.run("usageDash.patience = arguments[0]", patience)
    proxy.going_on.set()
    page.until(lambda: page.state() == "live" and _can_ask(page), "it is live again")


def test_the_focus_goes_from_the_notice_to_the_button(proxy: Between, page: Dashboard) -> None:
    proxy.odd = CUT
    _ask(page)
    _expect(page, "offline")
    page.run("document.querySelector('#contact button').focus()")
    proxy.odd = None
    page.until(lambda: page.state() == "live", "it is live again")
    page.until(lambda: page.run("return document.activeElement.id") == "refresh-button", "the focus is kept")


def test_answers_slower_than_the_timer_all_arrive(
    serve: Callable[[Flask], Dashboard], driver: webdriver.Chrome
) -> None:
    direct = serve(scenes.app(scenes.repository(users=3), refresh_seconds=1))
    with Between(direct.address) as between:
        between.delay = 1.5  # seconds
        page = Dashboard(driver, between.address).open().ready()
        heard = {page.run("return window.usageDash.told")}
        page.until(lambda: heard.add(page.run("return window.usageDash.told")) or len(heard) > 2, "two more came")
        between.delay = 0
        between.going_on.clear()
        before = between.asked
        page.until(lambda: between.asked > before, "one is under way")
        driver.execute_async_script("setTimeout(arguments[0], 2500)")
        assert between.asked == before + 1
        driver.get("about:blank")

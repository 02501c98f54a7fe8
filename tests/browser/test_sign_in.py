"""Signing in and out in Chromium, by each way that has a page."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from tests.browser import scenes
from tests.browser.dashboard import Dashboard, served
from tests.servers.firebase_auth import AuthEmulator
from tests.servers.oidc import ACCOUNTS, OidcProvider
from tests.servers.ports import free_port
from tests.signing_in import dashboard

from usage_dash.settings.lists import Listed

PASSWORD = "for the team"  # noqa: S105 - of the tests
PORT = free_port()
APP = f"http://127.0.0.1:{PORT}"
HOSTILE = "<img src=x onerror=document.title='owned'> \"'&lt;</b><script>document.title='owned'</script>"
HOSTILE_EMAIL = "\"'><svg/onload=document.title='owned'>\"@acme.example"
THEMES = [("light", 1440), ("dark", 1440), ("light", 390)]


@pytest.fixture(autouse=True)
def _nobody_yet(driver: webdriver.Chrome) -> None:
    """Cookies know no ports: another test's would sign in here."""
    driver.execute_cdp_cmd("Network.clearBrowserCookies", {})


@pytest.fixture(scope="module")
def team(serve: Callable[[Flask], Dashboard]) -> Dashboard:
    """A dashboard with a shared password."""
    return serve(_team())


def _team() -> Flask:
    return dashboard(scenes.repository(), auth=("password",), password=PASSWORD, admin_password="for administrators")  # noqa: S106 - of the tests


def _field(page: Dashboard, name: str) -> WebElement:
    return page.find(f"form [name={name}]:not([hidden])")


def _typed(page: Dashboard, name: str) -> str:
    return str(_field(page, name).get_property("value"))


def _enter(page: Dashboard, password: str, email: str = "") -> None:
    if email:
        _field(page, "email").clear()
        _field(page, "email").send_keys(email)
    _field(page, "password").clear()
    _field(page, "password").send_keys(password)
    page.find(".enter").click()


def _heading(page: Dashboard) -> str:
    return page.text("h1")


def _focused(page: Dashboard) -> str:
    return str(page.run("return document.activeElement.name || document.activeElement.textContent"))


def _wait_for_a_problem(page: Dashboard, beginning: str) -> str:
    page.until(lambda: page.text(".err").startswith(beginning), f"it says: {beginning}")
    assert page.find(".err[role=alert]").is_displayed()
    return page.text(".err")


# The form


def test_the_first_field_has_the_focus_and_password_managers_find_their_way(team: Dashboard) -> None:
    page = team.open()
    assert _heading(page) == "Sign in to OpenAI usage"
    assert _focused(page) == "password"
    assert _field(page, "password").get_attribute("autocomplete") == "current-password"
    assert page.find("[name=username]").get_attribute("autocomplete") == "username"
    assert page.console() == []


def test_a_wrong_password_stands_under_the_field_and_what_was_typed_is_kept(team: Dashboard) -> None:
    page = team.open()
    _enter(page, "a wrong one")
    _wait_for_a_problem(page, "This is not the password.")
    assert _typed(page, "password") == "a wrong one"
    assert _focused(page) == "password"
    field = _field(page, "password")
    assert field.get_attribute("aria-invalid") == "true"
    assert page.find(".err").get_attribute("id") == field.get_attribute("aria-describedby")
    assert page.run("return document.querySelector('.err').getBoundingClientRect().top >= arguments[0]", _foot(field))
    assert page.driver.current_url == f"{page.address}sign-in"


def _foot(element: WebElement) -> float:
    return float(element.rect["y"] + element.rect["height"])


def test_while_it_waits_the_button_says_so_and_keeps_its_width(team: Dashboard) -> None:
    page = team.open()
    page.run(
        "const ask = fetch; window.fetch = (...all) => new Promise((go) => { window.goOn = () => go(ask(...all)); })"
    )
    before = page.find(".enter").size
    _enter(page, "a wrong one")
    page.until(lambda: page.text(".enter") == "Signing in…", "it says so")
    assert page.find(".enter").size == before
    assert not page.find(".enter").is_enabled()
    page.run("window.goOn()")
    page.until(lambda: page.text(".enter") == "Sign in", "it is over")
    assert page.find(".enter").is_enabled()


def test_too_many_tries_count_down(serve: Callable[[Flask], Dashboard]) -> None:
    page = serve(_team()).open()
    for more in ("4 more tries", "3 more tries", "2 more tries", "1 more try", "That was the last try"):
        _enter(page, "a wrong one")
        page.until(lambda more=more: more in page.text(".err"), f"it says: {more}")
    _enter(page, "a wrong one")
    told = _wait_for_a_problem(page, "Too many tries. You can try again in ")
    page.until(lambda: page.text(".err") != told, "it counts down")
    assert re.fullmatch(r"Too many tries. You can try again in \d:\d\d\.", page.text(".err"))
    assert not page.find(".enter").is_enabled()
    assert _typed(page, "password") == "a wrong one"
    assert page.find(".err span span").get_attribute("aria-live") == "off"
    assert page.violations() == []


def test_the_right_password_shows_usage_and_signing_out_ends_it(team: Dashboard) -> None:
    page = team.open()
    _enter(page, PASSWORD)
    page.until(lambda: page.all("#status"), "the page is there")
    page.ready()
    _sign_out(page)
    assert page.run("return document.activeElement.textContent") == "Sign in again"
    page.driver.back()
    page.until(lambda: _heading(page) == "Sign in to OpenAI usage", "going back shows nothing")
    assert page.driver.get_cookie("usage_dash") is None or page.all(".enter")


def _sign_out(page: Dashboard) -> None:
    page.find(".account > button").click()
    page.find(".account form button").click()
    page.until(lambda: _heading(page) == "You are signed out", "one is out")
    assert not page.all("#users-table")


def test_without_a_script_the_form_works(team: Dashboard) -> None:
    page = team.open()
    page.driver.get(f"{page.address}?range=7d")
    address = page.driver.current_url
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.driver.get(address)
        _press(page.driver, "a wrong one")
        page.until(lambda: _source(page.driver, "This is not the password."), "it says so")
        _press(page.driver, PASSWORD)
        page.until(lambda: _source(page.driver, "Live cost and usage"), "the page is there")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert page.driver.current_url == f"{page.address}?range=7d"


def _press(driver: webdriver.Chrome, password: str) -> None:
    """Type into the field that has the focus, and press Enter."""
    driver.execute_cdp_cmd("Input.insertText", {"text": password})
    for kind in ("keyDown", "keyUp"):
        driver.execute_cdp_cmd("Input.dispatchKeyEvent", {"type": kind, "key": "Enter", "code": "Enter", "text": "\r"})


def _source(driver: webdriver.Chrome, words: str) -> bool:
    return words in driver.page_source


def test_one_lands_where_one_wanted_to_go(team: Dashboard) -> None:
    page = team.open()
    page.driver.get(f"{page.address}?range=7d&sort=user")
    _enter(page, PASSWORD)
    page.until(lambda: page.all("#status"), "the page is there")
    page.ready()
    assert "in 7 days" in page.text("#cards")
    page.until(
        lambda: page.find("th[data-dash-column=user]").get_attribute("aria-sort") == "ascending",
        "it is said in the table",
    )


def test_a_session_that_ends_takes_all_figures_off_the_screen_and_is_gone_back_to(team: Dashboard) -> None:
    page = team.open()
    _enter(page, PASSWORD)
    page.until(lambda: page.all("#status"), "the page is there")
    page.ready()
    page.choose(range="7d")
    page.until(lambda: "in 7 days" in page.text("#cards"), "7 days are shown")
    page.run("document.querySelector('th[data-dash-column=user] .column-header--sort').click()")
    page.until(lambda: page.state() == "live" and page.users()[-1] == "user-09", "sorted by user")
    page.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
    page.run("document.querySelector('th[data-dash-column=user] .column-header--sort').click()")  # and this tells of it
    page.until(lambda: "Your session has ended" in page.text("body h1"), "it says so")
    seen = str(page.run("return document.body.innerText"))
    assert "user-0" not in page.run("return document.querySelector('main').outerHTML")
    assert "$" not in seen
    assert page.violations() == []
    page.network()
    page.run("window.dispatchEvent(new Event('focus')); document.dispatchEvent(new Event('visibilitychange'))")
    page.driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert not page.asks()
    page.find("[data-reload]").click()
    page.until(lambda: page.all(".enter"), "the form is there")
    _enter(page, PASSWORD)
    page.until(lambda: page.all("#status"), "the page is back")
    page.ready()
    assert "in 7 days" in page.text("#cards")
    assert page.users()[0] == "user-24"


# Firebase


@pytest.fixture(scope="module")
def firebase(serve: Callable[[Flask], Dashboard], auth_emulator: AuthEmulator) -> Iterator[Dashboard]:
    """A dashboard for the chatbot's own accounts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator.host)
        yield serve(
            dashboard(
                scenes.repository(),
                auth=("firebase",),
                project_id=auth_emulator.project,
                firebase_api_key="any",
                auth_emulator_host=auth_emulator.host,
                admins=(Listed(None, "mara.keller@acme.example"),),
                viewers=(Listed(None, "@viewers.example"),),
                see_self=False,
            )
        )


@pytest.fixture
def address() -> str:
    """An e-mail address that is this test's own."""
    return f"{secrets.token_hex(8)}@viewers.example"


def test_firebase_lets_in_whom_a_list_names(firebase: Dashboard, auth_emulator: AuthEmulator, address: str) -> None:
    auth_emulator.add(address, PASSWORD, name="Jo Brandt")
    page = firebase.open()
    assert page.text(".door p").startswith(f"With your account of {auth_emulator.project}.")
    assert _focused(page) == "email"
    _enter(page, "a wrong one", address)
    _wait_for_a_problem(page, "E-mail and password don’t match.")
    assert (_typed(page, "email"), _typed(page, "password")) == (address, "a wrong one")
    _enter(page, PASSWORD, address)
    page.until(lambda: page.all("#status"), "the page is there")
    page.ready()
    assert page.text(".account > button") == "JB"
    page.find(".account > button").click()
    assert page.text("#account-menu").startswith(f"Jo Brandt{address}Viewer · sees all users")
    assert page.violations() == []


def test_the_enter_key_signs_in(firebase: Dashboard, auth_emulator: AuthEmulator, address: str) -> None:
    auth_emulator.add(address, PASSWORD)
    page = firebase.open()
    _field(page, "email").send_keys(address)
    _field(page, "password").send_keys(PASSWORD, Keys.ENTER)
    page.until(lambda: page.all("#status"), "the page is there")
    assert address not in auth_emulator.reset_mails()


def test_forgot_it_sends_a_mail(firebase: Dashboard, auth_emulator: AuthEmulator, address: str) -> None:
    auth_emulator.add(address, PASSWORD)
    page = firebase.open()
    page.find(".forgot").click()
    _wait_for_a_problem(page, "Type your e-mail address first.")
    assert _focused(page) == "email"
    _field(page, "email").send_keys(address)
    page.find(".forgot").click()
    page.until(lambda: page.text(".done").startswith("If there is an account"), "it says so")
    assert page.find(".done[role=status]").is_displayed()
    assert not page.find(".err").is_displayed()
    assert auth_emulator.reset_mails()[-1] == address
    assert page.violations() == []


@pytest.mark.parametrize(("theme", "width"), THEMES)
def test_who_is_on_no_list_is_told_whom_to_ask(
    firebase: Dashboard, auth_emulator: AuthEmulator, address: str, theme: str, width: int
) -> None:
    stranger = f"{address}.org"
    auth_emulator.add(stranger, PASSWORD)
    page = firebase.open(theme=theme, width=width)
    _enter(page, PASSWORD, stranger)
    page.until(lambda: _heading(page) == "You are not on the list yet", "it says so")
    assert page.text(".say b") == stranger
    ask = page.find(".acts a")
    assert ask.text == "Ask mara.keller@acme.example by e-mail"
    assert str(ask.get_attribute("href")).startswith("mailto:mara.keller%40acme.example?subject=OpenAI%20usage&body=")
    assert page.violations() == []
    assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.find(".small-print a").click()
    page.until(lambda: _heading(page) == "You are not on the list yet", "it is looked again")
    page.find(".acts form button").click()
    page.until(lambda: _heading(page) == "You are signed out", "one is out")


# An OpenID provider


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    hostile = {"email": HOSTILE_EMAIL, "email_verified": True, "name": HOSTILE}
    accounts = {**ACCOUNTS, "mallory": hostile, "mallet": hostile}
    redirects = {"redirect_uris": [f"{APP}/sign-in/oidc/back"], "post_logout_redirect_uris": [f"{APP}/sign-out"]}
    with OidcProvider(**redirects, accounts=accounts) as running:
        yield running


@pytest.fixture(scope="module")
def company(provider: OidcProvider, driver: webdriver.Chrome) -> Iterator[Dashboard]:
    """A dashboard behind a company's sign-in."""
    app = dashboard(
        scenes.repository(),
        auth=("oidc",),
        oidc_issuer=provider.issuer,
        oidc_client_id=provider.client_id,
        oidc_client_secret=provider.client_secret,
        viewers=(Listed("sub", "mallory"),),
        admins=(Listed("groups", "finance"),),
    )
    with served(app, PORT) as address:
        yield Dashboard(driver, address)
        driver.get("about:blank")


def _enter_at_the_provider(page: Dashboard, login: str) -> None:
    page.find(".acts a.primary").click()
    page.until(lambda: page.all("#login"), "the provider asks")
    page.find("#login").send_keys(login)
    page.find("#enter").click()


def test_a_provider_lets_in_and_out(company: Dashboard) -> None:
    page = company.open()
    assert _focused(page) == "Sign in with 127.0.0.1"
    page.driver.get(f"{page.address}?range=7d")
    _enter_at_the_provider(page, "ada")
    page.until(lambda: page.all("#status"), "the page is there")
    page.ready()
    assert "in 7 days" in page.text("#cards")
    assert "ada@acme.example" in page.text(".account")
    _sign_out(page)
    assert "You are still signed in at 127.0.0.1." in page.text(".door")
    assert page.violations() == []
    page.driver.find_element(By.LINK_TEXT, "Sign out of 127.0.0.1 too").click()
    page.until(lambda: page.all("#leave"), "the provider asks")
    page.find("#leave").click()
    page.until(lambda: _heading(page) == "You are signed out", "one is back")
    assert page.driver.current_url == f"{APP}/sign-out"
    assert "still signed in" not in page.text(".door")


def test_who_refuses_at_the_provider_is_told_so(company: Dashboard) -> None:
    page = company.open()
    page.find(".acts a").click()
    page.until(lambda: page.all("#refuse"), "the provider asks")
    page.find("#refuse").click()
    page.until(lambda: page.all("#oidc-problem"), "one is back")
    _wait_for_a_problem(page, "127.0.0.1 did not sign you in.")
    assert page.violations() == []


def test_markup_in_claims_is_text_in_the_menu(company: Dashboard) -> None:
    page = company.open()
    _enter_at_the_provider(page, "mallory")
    page.until(lambda: page.all("#status"), "the page is there")
    page.ready()
    page.find(".account > button").click()
    assert HOSTILE in page.text(".account")
    assert HOSTILE_EMAIL in page.text(".account")
    _no_markup(page, ".account")


def test_markup_in_claims_is_text_for_who_is_on_no_list(company: Dashboard) -> None:
    page = company.open()
    _enter_at_the_provider(page, "mallet")
    page.until(lambda: _heading(page) == "You are not on the list yet", "it says so")
    assert page.text(".say b") == HOSTILE_EMAIL
    _no_markup(page, "body")


def _no_markup(page: Dashboard, css: str) -> None:
    assert page.all(f"{css} img, {css} svg, {css} script:not([src])") == []
    assert "owned" not in page.driver.title
    assert [line for line in page.console() if "status of 403" not in line] == []


# Looks


def _several() -> Flask:
    return dashboard(
        auth=("oidc", "password"),
        password=PASSWORD,
        oidc_issuer="http://127.0.0.1:9",
        oidc_client_id="a",
        oidc_client_secret="b",  # noqa: S106 - of the tests
    )


STATES: dict[str, Callable[[], Flask]] = {
    "a password": _team,
    "several ways": _several,
    "a setting is missing": lambda: dashboard(auth=("firebase",)),
    "by a proxy": lambda: dashboard(auth=("proxy",), proxy_header="X-Name", proxy_secret="p" * 32),
}


@pytest.mark.parametrize("app", STATES.values(), ids=STATES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    serve: Callable[[Flask], Dashboard], app: Callable[[], Flask]
) -> None:
    page = serve(app())
    for theme, width in THEMES:
        page.open(theme=theme, width=width)
        assert page.violations() == []
        assert page.run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.run("return document.documentElement.dataset.bsTheme") == theme


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_a_problem_and_after(team: Dashboard, theme: str) -> None:
    page = team.open(theme=theme)
    _enter(page, "a wrong one")
    _wait_for_a_problem(page, "This is not the password.")
    assert page.violations() == []
    page.driver.get(f"{page.address}sign-out")
    assert page.violations() == []

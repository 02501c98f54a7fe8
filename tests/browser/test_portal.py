"""The example's portal with the dashboard in its frame, on two sites, where third-party cookies are blocked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from tests.browser import portals
from tests.browser.dashboard import Dashboard, chromium
from tests.browser.portals import Dash, Portal, Visit
from tests.fakes import MemoryRepository
from tests.servers.ports import free_port

WITHOUT_THIRD_PARTY_COOKIES = {"profile.cookie_controls_mode": 1, "profile.block_third_party_cookies": True}
NAMES = "--host-resolver-rules=MAP *.test 127.0.0.1"
# The frame in its parent's process, as browsers do where memory is short: only then the driver logs what it does.
ONE_PROCESS = ("--disable-site-isolation-trials", "--disable-features=IsolateOrigins,site-per-process")
SECONDS = 8  # that a token of the hasty portal lives
PASSWORD, ADMIN_PASSWORD = "a viewer's password", "an administrator's password"
FIGURES = r"return document.body.innerText.match(/\$\d/)?.[0] ?? null"  # an amount of money, to be seen
NOTE_STATES = """
    const place = document.getElementById("frame-state");
    let last = place.dataset.state;
    Object.assign(window, {states: [], taken: []});
    addEventListener("message", ({data}) => data.usageDash === "token" && taken.push(Date.now()), true);
    const note = () => {
        if (place.dataset.state !== last) states.push([(last = place.dataset.state), Date.now()]);
    };
    new MutationObserver(note).observe(place, {attributes: true});
"""
FITS = """
    const {scrollHeight, scrollWidth} = document.documentElement;
    return scrollHeight <= innerHeight && scrollWidth <= innerWidth;
"""
ASK_WITH_COOKIES = """
    fetch("embed/me/card", {headers: {"X-Usage-Dash-Frame": "1"}})
        .then(async (answer) => arguments[0]([answer.status, await answer.text()]));
"""
ATTACK = """
    opener[0].postMessage({usageDash: "ended"}, "*");
    opener[0].postMessage({usageDash: "token", token: "forged"}, "*");
    opener[0].postMessage({usageDash: "last"}, "*");
    opener.postMessage({usageDash: "refused"}, "*");
    opener.postMessage({usageDash: "height", height: 7}, "*");
"""
QUICK = """
    const usual = setTimeout, began = performance.now();
    window.words = [];
    window.setTimeout = (act, after, ...more) => usual(act, after / 20, ...more); // time goes twenty times as fast
    const note = () => {
        if (!document.documentElement?.classList.contains("framed")) return; // nothing is begun yet
        words.push([document.getElementById("frame-state").innerText, (performance.now() - began) * 20]);
    };
    new MutationObserver(note).observe(document, {attributes: true, childList: true, subtree: true});
"""
VAIN = "The portal has not answered"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    driver = chromium(tmp_path_factory.mktemp("portal"), preferences=WITHOUT_THIRD_PARTY_COOKIES, flags=[NAMES])
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def usage() -> MemoryRepository:
    return portals.source()


@pytest.fixture(scope="module")
def ports() -> dict[str, int]:
    return {name: free_port() for name in ("portal", "hasty", "dash", "sibling", "own")}


@pytest.fixture(scope="module", autouse=True)
def dash(usage: MemoryRepository, ports: dict[str, int]) -> Iterator[Dash]:
    origins = [f"http://portal.test:{ports[name]}" for name in ("portal", "hasty")]
    with portals.dash(usage, origins, ports["dash"]) as running:
        yield running


@pytest.fixture(scope="module")
def portal(usage: MemoryRepository, ports: dict[str, int]) -> Iterator[Portal]:
    with portals.portal(usage, f"http://usage.test:{ports['dash']}", ports["portal"]) as running:
        yield running


@pytest.fixture(scope="module")
def hasty(usage: MemoryRepository, ports: dict[str, int]) -> Iterator[Portal]:
    """A portal whose tokens live for some seconds."""
    address = f"http://usage.test:{ports['dash']}"
    with portals.portal(usage, address, ports["hasty"], token_seconds=SECONDS) as running:
        yield running


@pytest.fixture
def visit(browser: webdriver.Chrome, ports: dict[str, int], portal: Portal) -> Iterator[Visit]:
    with portals.visiting(browser, portal, f"http://portal.test:{ports['portal']}/") as visit:
        yield visit


@pytest.fixture
def hasty_visit(browser: webdriver.Chrome, ports: dict[str, int], hasty: Portal) -> Iterator[Visit]:
    with portals.visiting(browser, hasty, f"http://portal.test:{ports['hasty']}/") as visit:
        yield visit


def _live(visit: Visit, who: str) -> Dashboard:
    page = visit.open(who)
    visit.expect("live")
    return page.ready()


def _ask(page: Dashboard) -> int:
    """Ask for figures as the page itself does; tells the answer's status, 204 when nothing was sent."""
    script = """
        const body = JSON.stringify({output: "..x.y..", inputs: [{id: "range", value: "7d"}]});
        fetch("_dash-update-component", {method: "POST", body}).then(({status}) => arguments[0](status));
    """
    return int(page.driver.execute_async_script(script))


# What is shown, and by what right


def test_third_party_cookies_are_blocked_in_this_browser(
    browser: webdriver.Chrome, ports: dict[str, int], dash: Dash
) -> None:
    own = f"http://localhost:{ports['dash']}/health"  # where browsers take secure cookies without TLS
    browser.get(own)
    browser.execute_script("document.cookie = 'tracks=me; SameSite=None; Secure'")
    browser.get(own)
    assert _cookie(dash) == "tracks=me"
    browser.get(f"http://portal.test:{ports['dash']}/health")
    script = "fetch(arguments[0], {mode: 'no-cors', credentials: 'include'}).then(() => arguments[1]())"
    browser.execute_async_script(script, f"{own}?from=elsewhere")
    assert _cookie(dash) is None


def _cookie(dash: Dash) -> str | None:
    """The cookie of the last request to see whether the process lives; browsers ask for icons by themselves."""
    return [one.cookie for one in dash.arrivals if one.path == "/health"][-1]


@pytest.mark.parametrize(
    ("who", "shown", "hidden"),
    [
        ("jo", ("$577.80", "12"), []),
        ("tove", ("$60.00", "2"), ["maria", "chen", "user-0", "$577", "$500"]),
        ("chen", ("$7.00", "1"), ["maria", "lindqvist", "svc-", "user-0", "$577", "$60"]),
    ],
)
def test_the_frame_shows_what_its_token_allows(
    visit: Visit, dash: Dash, who: str, shown: tuple[str, str], hidden: list[str]
) -> None:
    dash.arrivals.clear()
    page = _live(visit, who)
    assert (page.text("#total-cost"), page.text("#users-count")) == shown
    assert len(page.users()) == min(int(shown[1]), 5)
    whole = page.run("return document.documentElement.outerHTML")
    assert [word for word in hidden if word in whole] == []
    assert page.console() == []
    assert dash.asked()
    assert all((one.token or "").startswith("Bearer ey") and one.cookie is None for one in dash.asked())


def test_within_the_frame_the_page_of_trust_is_a_step_and_back(visit: Visit) -> None:
    page = _live(visit, "jo")
    page.run("document.querySelector('#react-entry-point #coverage a').click()")
    page.until(lambda: page.find("#react-entry-point #checks").is_displayed(), "the page of trust")
    assert "at=trust" in page.run("return location.search")
    page.until(lambda: page.run(FITS), "the frame is as high as the page")
    assert "OPENAI" not in page.text("#react-entry-point #trust")
    page.find("#react-entry-point #trust .crumbs a").click()
    page.until(page.users, "the overview")
    assert "at=" not in page.run("return location.search")
    assert page.console() == []


def test_what_a_browser_logs_of_a_frame(tmp_path: Path, ports: dict[str, int], hasty: Portal) -> None:
    driver = chromium(tmp_path, preferences=WITHOUT_THIRD_PARTY_COOKIES, flags=[NAMES, *ONE_PROCESS])
    try:
        with portals.visiting(driver, hasty, f"http://portal.test:{ports['hasty']}/") as visit:
            page = _live(visit, "chen")
            page.run("console.warn('it is heard')")
            assert "it is heard" in page.console()[0]
            page.toggle("chen.wei").click()
            page.until(page.entries, "a row opens")
            _assert_tokens_alone(page.network())
            hasty.status = 401
            visit.expect("ended")
            hasty.feel_well()
            page.find("[data-for=ended] [data-again]").click()
            visit.expect("live")
            page.ready()
            now = int(time.time())
            hasty.token = portals.signed("all", "another secret than the one we share", iat=now, exp=now + 60)
            page = visit.open("chen")
            visit.expect("refused")
            assert [said for said in page.console() if "Failed to load resource" not in said] == []
    finally:
        driver.quit()


def _assert_tokens_alone(events: list[dict[str, Any]]) -> None:
    """Every request for figures has a token, and none a cookie, in what the browser says that it has sent."""
    asked = {
        event["params"]["requestId"]
        for event in events
        if event["method"] == "Network.requestWillBeSent" and "_dash-update" in event["params"]["request"]["url"]
    }
    sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSentExtraInfo"]
    headers = [{name.lower() for name in one["headers"]} for one in sent if one["requestId"] in asked]
    assert len(headers) == len(asked) > 1
    assert all("authorization" in names and "cookie" not in names for names in headers)


def test_without_a_token_a_frame_of_a_sibling_domain_gets_nothing_though_an_administrators_cookie_comes(
    browser: webdriver.Chrome, usage: MemoryRepository, ports: dict[str, int]
) -> None:
    origin, own = f"http://portal.acme.test:{ports['sibling']}", f"http://usage.acme.test:{ports['own']}"
    doors = {"auth": ("password",), "password": PASSWORD, "admin_password": ADMIN_PASSWORD}
    with (
        portals.dash(usage, [origin], ports["own"], **doors) as dash,
        portals.portal(usage, own, ports["sibling"]) as portal,
    ):
        browser.get(f"{own}/sign-in")
        page = Dashboard(browser, f"{own}/")
        page.find("#password-password").send_keys(ADMIN_PASSWORD)
        page.find("button.enter").click()
        page.until(lambda: page.text("#total-cost") == "$577.80", "the administrator sees everything")
        with portals.visiting(browser, portal, f"{origin}/") as visit:
            dash.arrivals.clear()
            page = _live(visit, "chen")
            assert page.text("#total-cost") == "$7.00"
            assert all(one.token and one.cookie is None for one in dash.asked())
            refused = page.driver.execute_async_script(ASK_WITH_COOKIES)
            assert dash.asked()[-1].cookie
            assert refused == [401, "This frame has no token of its portal.\n"]


def test_a_portal_that_is_not_listed_shows_nothing(
    browser: webdriver.Chrome, ports: dict[str, int], portal: Portal, dash: Dash
) -> None:
    with portals.visiting(browser, portal, f"http://stranger.test:{ports['portal']}/") as visit:
        dash.arrivals.clear()
        visit.sign_in("jo")
        page = visit.page
        told: list[str] = []
        page.until(lambda: told.extend(page.console()) or "frame-ancestors" in " ".join(told), "it is refused")
        page.driver.switch_to.frame(page.find("usage-dash iframe"))
        assert page.all("#frame-state") == []
        assert dash.asked() == []


def test_messages_of_others_are_ignored(visit: Visit, ports: dict[str, int]) -> None:
    page = _live(visit, "jo")
    page.run("window.heard = []; addEventListener('message', ({data}) => heard.push(data.usageDash))")
    visit.outside()
    height = page.run("return document.querySelector('usage-dash iframe').clientHeight")
    mine = page.driver.current_window_handle
    page.run("open(arguments[0])", f"http://stranger.test:{ports['portal']}/sign-in")
    [stranger] = page.until(lambda: set(page.driver.window_handles) - {mine}, "a stranger's page is there")
    page.driver.switch_to.window(stranger)
    page.until(lambda: page.all(".door"), "it is loaded")
    page.run(ATTACK)
    page.driver.close()
    page.driver.switch_to.window(mine)
    visit.inside()
    page.until(lambda: page.run("return heard.includes('last')"), "all has arrived")
    assert page.run("return heard") == ["ended", "token", "last"]
    page.refresh()
    assert visit.state() == "live"
    visit.outside()
    assert page.run("return document.querySelector('usage-dash iframe').clientHeight") == height


# The portal's look


def test_the_frame_follows_the_portals_theme(visit: Visit) -> None:
    page = _live(visit, "jo")
    look = "return [document.documentElement.dataset.bsTheme, getComputedStyle(document.documentElement).colorScheme]"
    ground = "return getComputedStyle(document.body).backgroundColor"
    scheme = "return getComputedStyle(document.querySelector('usage-dash iframe')).colorScheme"
    for theme in ("light", "dark"):
        page.until(lambda theme=theme: page.run(look) == [theme, theme], f"the frame is {theme}")
        assert page.run(ground) == "rgba(0, 0, 0, 0)"
        visit.outside()
        assert page.run(scheme) == theme
        page.find("#theme").click()
        visit.inside()
    visit.outside()
    page.find("#theme").click()  # dark again
    visit.go()
    assert page.run(look) == ["dark", "dark"]
    visit.outside()
    page.find("#theme").click()


def test_the_frame_is_as_high_as_what_it_shows(visit: Visit) -> None:
    page = _live(visit, "jo")
    fits = "const r = document.documentElement; return innerHeight - Math.ceil(r.getBoundingClientRect().height)"
    page.until(lambda: page.run(fits) == 0, "it fits")
    before = page.run("return innerHeight")
    page.toggle("maria.oduya").click()
    page.until(lambda: page.run("return innerHeight") > before + 200, "it grows with an opened row")
    page.until(lambda: page.run(fits) == 0, "it fits")
    page.toggle("maria.oduya").click()
    page.until(lambda: page.run("return innerHeight") == before, "it shrinks again")
    assert page.run(FITS)


@pytest.mark.parametrize("width", [1064, 410])
def test_the_frame_fits_where_there_is_less_room(visit: Visit, width: int) -> None:
    visit.page.resize(width)
    page = _live(visit, "jo")
    fits = (
        "const {scrollHeight: h, scrollWidth: w} = document.documentElement; return h <= innerHeight && w <= innerWidth"
    )
    page.until(lambda: page.run(fits), "nothing is cut off")
    assert page.violations() == []


def test_an_element_that_knows_no_address_for_tokens_says_so(visit: Visit) -> None:
    page = _live(visit, "jo")
    visit.outside()
    page.run("document.querySelector('main').append(document.createElement('usage-dash'))")
    page.until(lambda: any("needs a token-url" in said for said in page.console()), "it is told")
    assert len(page.all("iframe")) == 1


# What one does there


def test_table_range_and_pages_work_in_a_frame(visit: Visit) -> None:
    page = _live(visit, "jo")
    assert page.users() == ["maria.oduya", "t.lindqvist", "svc-support-bot", "chen.wei", "user-00"]
    page.find("#pager button[data-users-page='1']").click()
    page.until(lambda: page.users()[0] == "user-01", "the next five")
    page.run("document.querySelector('th[data-dash-column=user] .column-header--sort').click()")
    page.until(lambda: page.users()[0] == "chen.wei", "sorted by user")
    page.toggle("chen.wei").click()
    page.until(lambda: page.opened() == ["chen.wei"] and page.entries(), "a row opens")
    page.choose(range="7d")
    page.until(lambda: "in 7 days" in page.text("#cards"), "another range")
    assert visit.state() == "live"
    assert page.console() == []


def test_a_dialog_opens_where_it_is_seen(visit: Visit) -> None:
    page = _live(visit, "chen")
    page.find("[data-opens=findings]").click()
    page.until(lambda: page.all("#findings td"), "the dialog is filled")
    place = "const r = document.getElementById('findings').getBoundingClientRect(); return [r.top, r.bottom]"
    top, bottom = page.run(place)
    button = page.run("return document.querySelector('[data-opens=findings]').getBoundingClientRect().top")
    assert top >= 0
    assert abs(bottom - button) < 40
    assert page.violations() == []
    page.find("[data-closes=findings]").click()
    assert page.console() == []


def test_the_portals_looks_choose_range_and_parts(visit: Visit) -> None:
    page = _live(visit, "jo")
    visit.outside()
    page.run(
        "const e = document.querySelector('usage-dash'); e.setAttribute('range', '7d');"
        "e.setAttribute('hide', 'charts,footer'); e.replaceWith(e.cloneNode())"
    )
    visit.inside()
    visit.expect("live")
    page.until(lambda: "in 7 days" in page.text("#cards"), "the range is the portal's")
    shown = "return ['.cards', '.charts', '.tbl', '.foot'].map((css) => document.querySelector(css).checkVisibility())"
    assert page.run(shown) == [True, False, True, False]


# Tokens that end


def test_a_token_is_renewed_without_the_page_noticing(hasty_visit: Visit, dash: Dash) -> None:
    page = _live(hasty_visit, "jo")
    page.toggle("maria.oduya").click()
    page.until(page.entries, "a row is open")
    page.run("window.same = true")
    page.run(NOTE_STATES)
    dash.arrivals.clear()
    page.refresh()
    page.until(lambda: page.run("return taken.length"), "another token comes")
    page.refresh()
    assert len({one.token for one in dash.asked()}) > 1
    assert page.run("return [window.same, window.states]") == [True, []]
    assert page.opened() == ["maria.oduya"]
    assert page.console() == []


def test_when_the_portals_session_ends_figures_go_and_come_back(hasty_visit: Visit, hasty: Portal, dash: Dash) -> None:
    page = _live(hasty_visit, "jo")
    hasty.status = 401
    hasty_visit.expect("ended")
    assert page.run(FIGURES) is None
    assert "maria" not in page.run("return document.documentElement.outerHTML")
    assert hasty_visit.said() == (
        "Your sign-in in the portal has ended\nSign in there again, and this part goes on by itself.\nTry again"
    )
    assert page.violations() == []
    asked, tokens = len(dash.asked()), hasty.tokens
    assert _ask(page) == 204
    assert len(dash.asked()) == asked
    page.find("[data-for=ended] [data-again]").click()
    page.until(lambda: hasty.tokens == tokens + 1, "the portal is asked once more")
    hasty.feel_well()
    hasty_visit.outside()
    page.run("window.dispatchEvent(new Event('focus'))")
    hasty_visit.expect("live")
    page.ready()
    assert page.text("#total-cost") == "$577.80"


def test_a_portal_that_leads_to_its_sign_in_has_ended_the_session(hasty_visit: Visit, hasty: Portal) -> None:
    page = _live(hasty_visit, "jo")
    hasty.status = 302
    hasty_visit.expect("ended")
    assert page.run(FIGURES) is None


def test_while_the_portals_server_fails_figures_stay_until_the_token_ends(hasty_visit: Visit, hasty: Portal) -> None:
    page = _live(hasty_visit, "jo")
    page.run(NOTE_STATES)
    page.until(lambda: page.run("return taken.length"), "a token comes")
    hasty.status = 503
    began, tokens = time.monotonic(), hasty.tokens
    page.until(lambda: page.find("#status").is_displayed() or page.run("return states.length"), "their age is told")
    page.until(lambda: page.run("return states.length"), "the state changes")
    [[state, at]] = page.run("return states")
    assert state == "ended"
    assert at - page.run("return taken.at(-1)") >= SECONDS * 1_000 - 50  # two clocks
    assert page.run(FIGURES) is None
    assert hasty_visit.said() == "The portal does not answer\nUsage comes back as soon as it does.\nTry again"
    assert tokens < hasty.tokens <= tokens + 2 + (time.monotonic() - began) / 5
    hasty.feel_well()
    page.find("[data-for=silent] [data-again]").click()
    hasty_visit.expect("live")
    page.ready()


@pytest.mark.parametrize("why", ["another secret", "no token at all", "sees too much", "long over"])
def test_a_token_that_is_refused_shows_nothing_and_is_not_asked_for_again(
    visit: Visit, portal: Portal, dash: Dash, why: str
) -> None:
    now = int(time.time())
    portal.token = {
        "another secret": portals.signed("all", "another secret than the one we share", iat=now, exp=now + 60),
        "no token at all": "nonsense",
        "sees too much": portals.signed({"users": ["chen.wei"], "teams": ["Support"]}, iat=now, exp=now + 60),
        "long over": portals.signed("all", iat=now - 3600, exp=now - 3000),
    }[why]
    page = visit.open("jo")
    visit.expect("ended" if why == "long over" else "refused")
    assert page.run(FIGURES) is None
    tokens, asked = portal.tokens, len(dash.asked())
    if why != "long over":
        visit.outside().run("window.dispatchEvent(new Event('focus'))")
        page = visit.inside()
    assert _ask(page) == 204
    assert (portal.tokens, len(dash.asked())) == (tokens, asked)
    if why == "another secret":
        assert visit.said() == "You may not see this usage\nIf you should, ask whoever runs the portal.\nTry again"
        assert page.violations() == []
        portal.feel_well()
        page.find("[data-for=refused] [data-again]").click()
        visit.expect("live")


def test_a_portal_that_does_not_answer_is_said_to_be_silent_after_a_while(
    browser: webdriver.Chrome, ports: dict[str, int], dash: Dash
) -> None:
    """Without a portal around it nobody answers."""
    added = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": QUICK})
    page = Dashboard(browser, f"http://usage.test:{ports['dash']}/embed")
    dash.arrivals.clear()
    try:
        browser.get(page.address)
        page.until(lambda: _words(page)[-1:] == [VAIN], "it is said")
        assert _words(page) == ["", "Waiting for the portal", VAIN]
        times = {text.split("\n")[0]: at for text, at in reversed(page.run("return words"))}
        assert times["Waiting for the portal"] >= 2_000
        assert times[VAIN] >= 15_000
        assert page.violations() == []
        page.find("[data-for=in-vain] [data-again]").click()
        page.until(lambda: _words(page)[3:] == ["", "Waiting for the portal", VAIN], "it is waited for once more")
        assert dash.asked() == []
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
        browser.get("about:blank")


def _words(page: Dashboard) -> list[str]:
    """What was said in turn, by its heading."""
    said = [text.split("\n")[0] for text, _ in page.run("return words")]
    return [text for place, text in enumerate(said) if place == 0 or text != said[place - 1]]


# The small card and the mounted dashboard


@pytest.mark.parametrize("width", [360, 280])
def test_my_usage_is_a_small_card_of_ones_own(visit: Visit, dash: Dash, width: int) -> None:
    dash.arrivals.clear()
    page = visit.open("tove", "my-usage")  # who may see her team elsewhere
    visit.expect("live")
    visit.outside()
    page.run("document.querySelector('usage-dash').style.width = `${arguments[0]}px`", width)
    visit.inside()
    page.until(lambda: page.run("return innerWidth") == width and page.run(FITS), "nothing is cut off")
    said = page.find(".mine").text.split("\n")
    assert said[0] == "My usage"
    assert {"$40.00 of $45.00", "Nearly used up", "Calls", "10", "Last 30 days", "$40.00"} <= set(said)
    assert page.find(".mine .meter.hot").get_attribute("aria-label") == "89% of the allowance"
    assert page.all("a, button:not([data-again])") == []
    assert "svc-" not in page.run("return document.documentElement.outerHTML")
    assert [(bool(one.token), one.cookie) for one in dash.asked()] == [(True, None)]
    assert page.violations() == []
    assert page.console() == []


def test_my_usage_of_who_has_used_nothing_says_so(visit: Visit) -> None:
    page = visit.open("jo", "my-usage")  # who may see everybody, but not in this card
    visit.expect("live")
    assert "No usage yet. Your first call shows here within a minute." in page.find(".mine").text
    assert page.run(FIGURES) is None


def test_my_usage_goes_when_the_session_ends(hasty_visit: Visit, hasty: Portal) -> None:
    page = hasty_visit.open("tove", "my-usage")
    hasty_visit.expect("live")
    hasty.status = 401
    hasty_visit.expect("ended")
    assert page.run(FIGURES) is None
    hasty.feel_well()
    page.find("[data-for=ended] [data-again]").click()
    hasty_visit.expect("live")
    assert "$40.00 of $45.00" in page.find(".mine").text


def test_the_dashboard_is_a_part_of_the_portal_for_who_is_signed_in(visit: Visit) -> None:
    visit.sign_in("tove")
    page = Dashboard(visit.page.driver, f"{visit.page.address}usage/")
    page.driver.get(page.address)
    page.ready()
    assert page.text("#total-cost") == "$60.00"
    page.toggle("t.lindqvist").click()
    page.until(page.entries, "a row opens")
    page.refresh()
    assert page.console() == []
    visit.page.driver.get(visit.page.address)
    visit.page.find("#leave").click()
    page.until(lambda: page.all("button[value=tove]"), "she is signed out of the portal")
    page.driver.get(page.address)
    assert page.text("h1") == "You are not signed in"


def test_the_way_back_after_signing_out_of_the_portal_shows_nothing(visit: Visit, dash: Dash) -> None:
    for path in ("", "my-usage"):
        visit.open("jo", path)
        visit.expect("live")
        visit.outside().find("#leave").click()
        visit.page.until(lambda: visit.page.all("button[value=chen]"), "the portal asks who comes")
        asked = len(dash.asked())
        visit.page.driver.back()
        visit.expect("ended")
        assert visit.page.run(FIGURES) is None
        assert len(dash.asked()) == asked


def test_another_persons_token_begins_anew(hasty_visit: Visit, hasty: Portal) -> None:
    page = _live(hasty_visit, "jo")
    page.run("document.querySelector('[data-opens=findings]')?.click()")
    assert len(page.users()) > 1
    now = int(time.time())
    hasty.token = portals.signed({"users": ["chen.wei"]}, iat=now, exp=now + 600)
    page.until(lambda: hasty_visit.inside() and page.users() == ["chen.wei"], "it is the other one's page")
    assert page.ready().text("#total-cost") == "$7.00"


def test_an_image_cannot_stand_for_the_script(visit: Visit, portal: Portal, ports: dict[str, int]) -> None:
    """A page's text may hold images with names, and those of a document stand for what it has."""
    portal.page = f"""<!DOCTYPE html><title>Portal</title><img name="currentScript" src="http://evil.test/x/">
        <script src="http://usage.test:{ports["dash"]}/embed.js"></script>
        <usage-dash token-url="/my-token"></usage-dash>"""
    visit.sign_in("jo")
    visit.go("page")
    visit.expect("live")
    frame = visit.outside().find("usage-dash iframe").get_attribute("src")
    assert str(frame).startswith(f"http://usage.test:{ports['dash']}/embed?")


def test_a_theme_that_is_the_same_is_not_told_again(visit: Visit) -> None:
    page = _live(visit, "jo")
    page.run("window.themes = 0; addEventListener('message', ({data}) => (themes += data.usageDash === 'theme'), true)")
    visit.outside().run("for (let n = 0; n < 50; n += 1) document.body.style.paddingTop = `${n % 2}px`")
    visit.page.run("document.documentElement.dataset.bsTheme = 'dark'")
    page = visit.inside()
    page.until(lambda: page.run("return document.documentElement.dataset.bsTheme") == "dark", "the theme has changed")
    assert page.run("return themes") == 1

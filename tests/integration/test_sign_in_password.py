"""Signing in with a shared password, how often it may be tried, and what a session is worth."""

from __future__ import annotations

import html
import json
import logging
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.integration.page_client import UPDATE
from tests.integration.page_client import request as page_request
from tests.signing_in import HOUR, SECRET, Clock, dashboard, door
from werkzeug.test import TestResponse

from usage_dash.settings.lists import Listed
from usage_dash.web import audit
from usage_dash.web.proxies import believe

VIEWER, ADMIN = "for the team", "for administrators"
PAGE = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
PAUSE = {"error": "Too many tries. You can try again in 5:00.", "wait": 300}
HERE = "http://localhost"


@pytest.fixture
def clock() -> Clock:
    return Clock()


def _door(clock: Clock, **settings: Any) -> Flask:
    return door(clock, **({"auth": ("password",), "password": VIEWER, "admin_password": ADMIN} | settings))


@pytest.fixture
def browser(clock: Clock) -> FlaskClient:
    return _door(clock).test_client()


def _enter(browser: FlaskClient, password: str = VIEWER, peer: str = "192.0.2.1", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"way": "password", "password": password}
    return browser.post(
        "/sign-in", data=form, headers={**JSON, "Origin": HERE, **named}, environ_base={"REMOTE_ADDR": peer}
    )


def _seen(browser: FlaskClient) -> str:
    answer = browser.get("/", headers=PAGE)
    return answer.headers["Location"] if answer.status_code == 303 else answer.text


# The passwords


@pytest.mark.parametrize(("password", "seen"), [(VIEWER, "viewer all"), (ADMIN, "admin all")])
def test_each_password_has_its_role(browser: FlaskClient, password: str, seen: str) -> None:
    assert _seen(browser) == "/sign-in"
    assert _enter(browser, password).json == {"next": "/"}
    assert _seen(browser) == seen


@pytest.mark.parametrize("given", ["", VIEWER[:-1], f"{VIEWER} ", VIEWER.upper(), f"{VIEWER}{ADMIN}", "\ud800", "\0"])
def test_anything_else_lets_nobody_in(browser: FlaskClient, given: str) -> None:
    answer = browser.post("/sign-in", data={"way": "password", "password": given.encode(errors="surrogatepass")})
    assert answer.status_code == 401
    assert "This is not the password." in answer.text
    assert _seen(browser) == "/sign-in"


def test_without_an_administrators_password_nobody_is_one(clock: Clock) -> None:
    browser = _door(clock, admin_password=None).test_client()
    for given in ("", "None", ADMIN):
        assert _enter(browser, given).status_code == 401


def test_lists_are_for_other_ways(clock: Clock) -> None:
    browser = _door(clock, viewers=(), admins=(Listed("sub", "viewer"),), see_self=True).test_client()
    _enter(browser)
    assert _seen(browser) == "viewer all"


@pytest.mark.parametrize("way", ["firebase", "oidc", "proxy", "none", "", "admin", "x" * 5_000, "a\nb"])
def test_a_way_that_is_not_chosen_lets_nobody_in(
    browser: FlaskClient, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = browser.post("/sign-in", data={"way": way, "email": "a@b.example", "password": VIEWER}, headers=JSON)
    assert (answer.status_code, answer.json) == (400, {"error": "Nobody can sign in this way here."})
    assert all(len(record.getMessage()) < 300 for record in caplog.records)


def test_without_the_script_the_form_is_shown_again_with_where_one_wanted_to_go(browser: FlaskClient) -> None:
    form = {"way": "password", "password": "a wrong one", "next": "/?range=7d"}
    answer = browser.post("/sign-in", data=form, headers=PAGE)
    assert answer.status_code == 401
    assert "This is not the password. 4 more tries, then a pause of up to 5 minutes." in answer.text
    assert 'name="next" value="/?range=7d"' in answer.text
    assert "a wrong one" not in answer.text
    answer = browser.post("/sign-in", data=form | {"password": VIEWER}, headers=PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?range=7d")


# How often


def test_five_wrong_tries_then_a_pause(browser: FlaskClient) -> None:
    told = [_enter(browser, "wrong").json["error"] for _ in range(5)]
    assert [sentence.removeprefix("This is not the password. ") for sentence in told] == [
        "4 more tries, then a pause of up to 5 minutes.",
        "3 more tries, then a pause of up to 5 minutes.",
        "2 more tries, then a pause of up to 5 minutes.",
        "1 more try, then a pause of up to 5 minutes.",
        "That was the last try for now.",
    ]
    for password in ("wrong", VIEWER, ADMIN):
        answer = _enter(browser, password)
        assert answer.status_code == 429
        assert 0 < answer.json["wait"] <= 300
        assert re.fullmatch(r"Too many tries. You can try again in \d:\d\d\.", answer.json["error"])
    assert _seen(browser) == "/sign-in"


def test_right_ones_do_not_count(browser: FlaskClient) -> None:
    for _ in range(10):
        assert _enter(browser).status_code == 200
    assert _enter(browser, "wrong").json["error"].startswith("This is not the password. 4 more tries")


def test_others_may_go_on_trying(browser: FlaskClient) -> None:
    for _ in range(5):
        _enter(browser, "wrong")
    assert _enter(browser, peer="192.0.2.2").status_code == 200


def test_a_network_of_ipv6_is_one(browser: FlaskClient) -> None:
    for number in range(5):
        assert _enter(browser, "wrong", f"2001:db8:0:1::{number + 1}").status_code == 401
    assert _enter(browser, peer="2001:db8:0:1:ffff::9").status_code == 429
    assert _enter(browser, peer="2001:db8:0:2::1").status_code == 200
    for number in range(5):
        _enter(browser, "wrong", f"::ffff:192.0.2.{number + 1}")
    assert _enter(browser, peer="::ffff:192.0.2.9").status_code == 200


@pytest.mark.parametrize("peer", ["", "unknown", "192.0.2.1:5678", "fe80::1%eth0"])
def test_an_address_that_is_none_is_limited_too(browser: FlaskClient, peer: str) -> None:
    assert [_enter(browser, "wrong", peer).status_code for _ in range(6)] == [401] * 5 + [429]


def test_an_address_that_one_makes_up_changes_nothing(browser: FlaskClient) -> None:
    tried = [
        _enter(browser, "wrong", X_Forwarded_For=f"198.51.100.{number}", X_Real_IP=f"198.51.100.{number}").status_code
        for number in range(6)
    ]
    assert tried == [401] * 5 + [429]


def test_behind_a_trusted_proxy_its_last_word_counts(clock: Clock) -> None:
    server = _door(clock)
    believe(server, 1)
    browser = server.test_client()
    told = [f"{number}, 198.51.100.1" for number in range(6)]  # before the comma stands what the client made up
    assert [_enter(browser, "wrong", X_Forwarded_For=each).status_code for each in told] == [401] * 5 + [429]
    assert _enter(browser, X_Forwarded_For="198.51.100.2").status_code == 200


# Sessions


def test_a_session_lasts_twelve_hours(browser: FlaskClient, clock: Clock) -> None:
    _enter(browser)
    clock.now += 12 * HOUR - 1
    assert _seen(browser) == "viewer all"
    clock.now += 1
    assert _seen(browser) == "/sign-in"


def test_a_session_of_the_future_is_none(browser: FlaskClient, clock: Clock) -> None:
    _enter(browser)
    clock.now -= 1
    assert _seen(browser) == "/sign-in"


def _cookie(browser: FlaskClient) -> str:
    found = browser.get_cookie("usage_dash")
    assert found
    return found.value


def _with(server: Flask, cookie: str) -> FlaskClient:
    browser = server.test_client()
    browser.set_cookie("usage_dash", cookie)
    return browser


def test_the_cookie_is_for_no_script_and_for_no_other_site(browser: FlaskClient) -> None:
    parts = _enter(browser).headers["Set-Cookie"].split("; ")
    assert parts[0].startswith("usage_dash=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts)
    assert not any(part.startswith("Domain") for part in parts)


def test_a_session_that_was_left_is_over_for_a_copy_of_its_cookie(clock: Clock) -> None:
    server = _door(clock)
    browser = server.test_client()
    _enter(browser)
    cookie = _cookie(browser)
    answer = browser.post("/sign-out", headers={"Origin": HERE, **PAGE})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-out")
    assert "You are signed out" in browser.get("/sign-out", headers=PAGE).text
    assert _seen(_with(server, cookie)) == "/sign-in"


@pytest.mark.parametrize(
    "settings", [{"secret": "t" * 32}, {"password": "another one"}, {"admin_password": "another one"}]
)
def test_another_secret_or_password_ends_all_sessions(clock: Clock, settings: dict[str, str]) -> None:
    browser = _door(clock).test_client()
    _enter(browser)
    assert _seen(_with(_door(clock), _cookie(browser))) == "viewer all"
    assert _seen(_with(_door(clock, **settings), _cookie(browser))) == "/sign-in"


def test_passwords_that_change_places_end_sessions_too(clock: Clock) -> None:
    browser = _door(clock).test_client()
    _enter(browser)
    assert _seen(_with(_door(clock, password=ADMIN, admin_password=VIEWER), _cookie(browser))) == "/sign-in"


def test_a_way_that_is_chosen_no_longer_ends_its_sessions(clock: Clock) -> None:
    browser = _door(clock).test_client()
    _enter(browser)
    oidc = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "a", "oidc_client_secret": "b"}
    assert _seen(_with(_door(clock, auth=("oidc",), **oidc), _cookie(browser))) == "/sign-in"


def test_a_cookie_that_was_changed_is_none(clock: Clock) -> None:
    server = _door(clock)
    browser = server.test_client()
    _enter(browser)
    payload, time, signature = _cookie(browser).rsplit(".", 2)
    for forged in (
        f"{_changed(payload)}.{time}.{signature}",
        f"{payload}.{_changed(time)}.{signature}",
        f"{payload}.{time}.{_changed(signature)}",
        f"{payload}.{time}.{signature[:-1]}",
        f"{payload}.{time}.",
        payload,
        "",
        "x" * 4_000,
    ):
        assert _seen(_with(server, forged)) == "/sign-in"


def _changed(text: str) -> str:
    return f"{text[:2]}{'B' if text[2] == 'A' else 'A'}{text[3:]}"


def test_what_the_server_signed_otherwise_is_no_session(clock: Clock) -> None:
    server = _door(clock)
    for odd in ({"key": "k"}, {"key": "k", "since": clock.now, "way": "root", "subject": "", "email": "", "name": ""}):
        browser = server.test_client()
        with browser.session_transaction() as kept:
            kept.update(odd)
        assert _seen(browser) == "/sign-in"


def test_the_secret_itself_signs_nothing(clock: Clock) -> None:
    assert _door(clock).secret_key != SECRET.encode()


# Requests of other sites


@pytest.mark.parametrize("path", ["/sign-in", "/sign-out"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": HERE},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
    ids=str,
)
def test_no_other_site_signs_in_or_out(browser: FlaskClient, path: str, headers: dict[str, str]) -> None:
    _enter(browser)
    before = _cookie(browser)
    answer = browser.post(path, data={"way": "password", "password": ADMIN}, headers=headers)
    assert answer.status_code == 403
    assert "does not come from a page of usage-dash" in answer.text
    assert _cookie(browser) == before
    assert _seen(browser) == "viewer all"


def test_who_has_a_session_must_say_where_a_request_comes_from(browser: FlaskClient) -> None:
    assert _enter(browser).status_code == 200
    assert browser.post("/sign-out").status_code == 403
    assert _seen(browser) == "viewer all"
    assert browser.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


@pytest.mark.parametrize("path", ["/sign-out", "/sign-in"])
def test_reading_an_address_changes_nothing(browser: FlaskClient, path: str) -> None:
    _enter(browser)
    assert browser.get(path, headers=PAGE).headers["Location"] == "/"
    assert _seen(browser) == "viewer all"


@pytest.fixture(scope="module")
def whole() -> Flask:
    return dashboard(auth=("password",), password=VIEWER, admin_password=ADMIN)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": HERE}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
    ],
    ids=str,
)
def test_callbacks_answer_pages_of_ours(whole: Flask, headers: dict[str, str], status: int) -> None:
    browser = whole.test_client()
    _enter(browser)
    body = page_request(browser)
    for part in body["inputs"] + body["state"]:
        part["value"] = None
    assert browser.post(UPDATE, json=body, headers=headers).status_code == status


def test_without_a_session_callbacks_and_the_layout_are_refused(whole: Flask) -> None:
    browser = whole.test_client()
    for answer in (
        browser.get("/_dash-layout"),
        browser.get("/_dash-dependencies"),
        browser.post(UPDATE, json={}, headers={"Origin": HERE}),
    ):
        assert (answer.status_code, answer.text) == (401, "Sign in first.\n")


def test_pages_of_the_door_carry_the_headers_of_the_page_and_are_kept_nowhere(whole: Flask) -> None:
    answer = whole.test_client().get("/sign-in", headers=PAGE)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text
    for file in re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.text):
        with whole.test_client().get(html.unescape(file)) as found:
            assert found.status_code == 200


# What is missing


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"auth": ("password",)}, ["USAGE_DASH_PASSWORD"]),
        ({"auth": ("firebase",)}, ["FIREBASE_API_KEY", "FIREBASE_PROJECT_ID"]),
        (
            {"auth": ("oidc",), "oidc_issuer": "https://login.acme.example"},
            ["USAGE_DASH_OIDC_CLIENT_ID", "USAGE_DASH_OIDC_CLIENT_SECRET"],
        ),
        (
            {"auth": ("proxy", "password"), "password": VIEWER, "proxy_header": "X-A"},
            ["USAGE_DASH_PROXY_JWKS", "USAGE_DASH_PROXY_AUDIENCE", "USAGE_DASH_PROXY_ISSUER"],
        ),
        ({"auth": ("proxy",), "proxy_secret": "p" * 32}, ["USAGE_DASH_PROXY_HEADER"]),
    ],
    ids=str,
)
def test_a_way_without_its_settings_shows_which_and_lets_nobody_in(settings: dict[str, Any], names: list[str]) -> None:
    browser = dashboard(**settings).test_client()
    for path in ("/", "/sign-in", "/sign-out", "/embed/me/card"):
        answer = browser.get(path, headers=PAGE)
        assert answer.status_code == 503
        assert re.findall(r"<code>([^<]+)</code>", answer.text) == names
    assert browser.get("/health").status_code == 200
    answer = browser.get("/_dash-layout")
    assert (answer.status_code, answer.text) == (503, "usage-dash is not set up yet.\n")
    assert browser.post("/sign-in", data={"way": "password", "password": VIEWER}).status_code == 503


# Several ways


def test_several_ways_share_a_page_in_their_order(clock: Clock) -> None:
    oidc = {"oidc_issuer": "http://127.0.0.1:9", "oidc_client_id": "a", "oidc_client_secret": "b"}
    for ways, first in ((("oidc", "password"), "oidc"), (("password", "oidc"), "password")):
        page = _door(clock, auth=ways, **oidc).test_client().get("/sign-in", headers=PAGE).text
        places = {"oidc": page.index("Sign in with"), "password": page.index('name="password"')}
        assert min(places, key=lambda way: places[way]) == first
        [focused] = re.findall(r"<(?:input|a)[^>]* autofocus>", page)
        assert 'name="password"' in focused  # the first field, or else the only button
        assert page.count("primary") == 1
        assert page.count('role="separator"') == 1


# The audit


def test_each_sign_in_refusal_and_sign_out_is_one_line(browser: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _enter(browser, "a wrong one")
    _enter(browser, ADMIN)
    browser.post("/sign-out", headers={"Origin": HERE})
    for _ in range(5):
        _enter(browser, "a wrong one")
    lines = [record.getMessage() for record in caplog.records if record.name == "usage_dash.audit"]
    wrong = 'refused {"way": "password", "why": "This is not the password."}'
    assert lines[:3] == [
        wrong,
        'signed in {"way": "password", "who": "administrator"}',
        'signed out {"way": "password", "who": "administrator"}',
    ]
    assert lines[3:] == [wrong] * 4 + ['refused {"way": "any", "why": "too many tries"}']
    for secret in (VIEWER, ADMIN, "a wrong one", SECRET):
        assert secret not in caplog.text


def test_no_address_makes_another_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    odd = "a@b.example\r\n2026-01-01 INFO signed in\u2028\x1b[2J"
    audit.note("refused", "firebase", odd + "x" * 2_000)
    [line] = [record.getMessage() for record in caplog.records if record.name == "usage_dash.audit"]
    assert line.isprintable()
    assert len(line) < 400
    assert json.loads(line.removeprefix("refused "))["who"].startswith("a@b.example")


@pytest.mark.parametrize(
    "peers",
    [
        [f"203.0.113.9:{port}" for port in range(4000, 4006)],
        [f"[2001:db8::1]:{port}" for port in range(4000, 4006)],
        ["::ffff:203.0.113.9", "203.0.113.9", "::ffff:203.0.113.9", "203.0.113.9", "203.0.113.9", "203.0.113.9"],
        ["unknown", "_hidden", "", "10.0.0", "a,b", "::1::"],
        [f"2001:db8::{host}" for host in range(1, 7)],
    ],
    ids=["ports", "ports of IPv6", "IPv4 in IPv6", "no address", "one subscriber's"],
)
def test_one_place_is_one_place_however_its_address_is_written(browser: FlaskClient, peers: list[str]) -> None:
    statuses = [_enter(browser, "a wrong one", peer).status_code for peer in peers]
    assert statuses == [401] * 5 + [429]

"""Signing in with Firebase's own emulator, and what is said when Google is not as it should be."""

from __future__ import annotations

import base64
import logging
import secrets
import threading
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.servers.firebase_auth import AuthEmulator
from tests.servers.one_answer import KEY_INVALID, REFERRER_BLOCKED, OneAnswer
from tests.signing_in import HOUR, Clock, door
from werkzeug.test import TestResponse

from usage_dash.settings import Settings, SettingsError
from usage_dash.settings.lists import Listed
from usage_dash.web.sign_in.firebase import Firebase
from usage_dash.web.sign_in.refusals import RefusedError

PASSWORD = "correct horse"  # noqa: S105 - of the emulator's accounts
KEY = "AIza-this-is-the-web-api-key"
WRONG = "E-mail and password don’t match."


@pytest.fixture
def email() -> str:
    """An address that is this test's own."""
    return f"{secrets.token_hex(8)}@acme.example"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _in_the_environment(auth_emulator: AuthEmulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where firebase-admin looks for it."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator.host)


def _settings(emulator: AuthEmulator) -> dict[str, Any]:
    return {
        "auth": ("firebase",),
        "project_id": emulator.project,
        "firebase_api_key": KEY,
        "auth_emulator_host": emulator.host,
    }


@pytest.fixture
def browser(auth_emulator: AuthEmulator, clock: Clock, email: str) -> FlaskClient:
    """One at a dashboard that has this test's address on the list of viewers."""
    return _browser(auth_emulator, clock, viewers=(Listed(None, email),))


def _browser(emulator: AuthEmulator, clock: Clock, **settings: Any) -> FlaskClient:
    return door(clock, **(_settings(emulator) | settings)).test_client()


def _enter(browser: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    form = {"way": "firebase", "email": email, "password": password}
    return browser.post("/sign-in", data=form, headers={"Accept": "application/json"})


def _forget(browser: FlaskClient, email: str) -> TestResponse:
    return browser.post("/sign-in/forgot", data={"email": email}, headers={"Accept": "application/json"})


def _seen(browser: FlaskClient) -> str:
    """What stands for usage, or the way to sign in."""
    answer = browser.get("/", headers={"Accept": "text/html"})
    return answer.headers["Location"] if answer.status_code == 303 else answer.text


def _refusal(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.json["error"]


@pytest.fixture
def firebase(auth_emulator: AuthEmulator, clock: Clock) -> Firebase:
    return Firebase(Settings(**_settings(auth_emulator)), (), clock)


# Who comes in


def test_somebody_on_a_list_comes_in(auth_emulator: AuthEmulator, browser: FlaskClient, email: str) -> None:
    auth_emulator.add(email, PASSWORD)
    assert _seen(browser) == "/sign-in"
    assert _enter(browser, email).json == {"next": "/"}
    assert _seen(browser) == "viewer all"


def test_what_stands_on_a_list_may_be_written_otherwise(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    assert _enter(browser, f"  {email.upper()} ").status_code == 200
    assert _seen(browser) == "viewer all"


def test_who_is_on_no_list_is_told_so_and_sees_nothing(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(f"other-{email}", PASSWORD)
    assert _enter(browser, f"other-{email}").status_code == 200
    answer = browser.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 403
    assert "You are not on the list yet" in answer.text
    assert f"other-{email}" in answer.text


def test_one_sees_ones_own_usage_where_that_is_on(auth_emulator: AuthEmulator, clock: Clock, email: str) -> None:
    uid = auth_emulator.add(email, PASSWORD, verified=False)
    browser = _browser(auth_emulator, clock, see_self=True)
    _enter(browser, email)
    assert _seen(browser) == f"self {uid}"


@pytest.mark.parametrize("listed", [lambda email: Listed(None, email), lambda email: Listed("email", email)])
def test_an_address_that_is_not_verified_is_on_no_list(
    auth_emulator: AuthEmulator, clock: Clock, email: str, listed: Any
) -> None:
    auth_emulator.add(email, PASSWORD, verified=False)
    browser = _browser(auth_emulator, clock, admins=(listed(email), Listed(None, "@acme.example")))
    assert _enter(browser, email).status_code == 200
    assert browser.get("/", headers={"Accept": "text/html"}).status_code == 403


# Who does not


def test_nobody_is_told_which_of_the_two_was_wrong(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    assert _refusal(_enter(browser, email, "wrong")) == (401, f"{WRONG} 4 more tries, then a pause of up to 5 minutes.")
    assert _refusal(_enter(browser, f"no-{email}")) == (401, f"{WRONG} 3 more tries, then a pause of up to 5 minutes.")


def test_nor_where_the_project_tells(auth_emulator: AuthEmulator, browser: FlaskClient, email: str) -> None:
    auth_emulator.add(email, PASSWORD)
    auth_emulator.tell_apart(told=True)
    try:
        assert _refusal(_enter(browser, email, "wrong")) == (
            401,
            f"{WRONG} 4 more tries, then a pause of up to 5 minutes.",
        )
        assert _refusal(_enter(browser, f"no-{email}")) == (
            401,
            f"{WRONG} 3 more tries, then a pause of up to 5 minutes.",
        )
    finally:
        auth_emulator.tell_apart(told=False)


@pytest.mark.parametrize(("told", "sentence"), [(False, WRONG), (True, "it signs in with Google. “Forgot it?”")])
def test_an_account_without_a_password_is_told_so_where_the_project_tells(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str, *, told: bool, sentence: str
) -> None:
    auth_emulator.add_without_password(email)
    auth_emulator.tell_apart(told=told)
    try:
        assert sentence in _refusal(_enter(browser, email))[1]
    finally:
        auth_emulator.tell_apart(told=False)


def test_a_second_factor_is_not_passed_by(auth_emulator: AuthEmulator, browser: FlaskClient, email: str) -> None:
    auth_emulator.add(email, PASSWORD, second_factor=True)
    status, sentence = _refusal(_enter(browser, email))
    assert status == 403
    assert "second factor" in sentence
    assert _seen(browser) == "/sign-in"


def test_a_disabled_account_is_told_so(auth_emulator: AuthEmulator, browser: FlaskClient, email: str) -> None:
    auth_emulator.disable(auth_emulator.add(email, PASSWORD))
    assert _refusal(_enter(browser, email)) == (403, "This account is disabled. Ask who runs the chatbot.")


def test_whatever_tells_something_of_an_account_counts_as_a_try(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.disable(auth_emulator.add(email, PASSWORD))
    assert [_enter(browser, email).status_code for _ in range(6)] == [403] * 5 + [429]


@pytest.mark.parametrize(("email", "password"), [("nobody", PASSWORD), ("", PASSWORD), ("a@b.example", "")])
def test_what_is_no_address_or_no_password_lets_nobody_in(browser: FlaskClient, email: str, password: str) -> None:
    status, sentence = _refusal(_enter(browser, email, password))
    assert status in {401, 422}
    assert sentence


# Forgot it?


def test_a_mail_is_sent_and_nobody_is_told_whether_there_is_an_account(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    sent, not_sent = _forget(browser, email), _forget(browser, f"no-{email}")
    assert [mailed for mailed in auth_emulator.reset_mails() if mailed.endswith(email)] == [email]
    assert (sent.status_code, sent.json) == (not_sent.status_code, not_sent.json)
    assert "If there is an account with this address" in sent.json["done"]


def test_nor_where_the_project_tells_or_the_account_is_disabled(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.disable(auth_emulator.add(email, PASSWORD))
    auth_emulator.tell_apart(told=True)
    try:
        answers = [_forget(browser, email), _forget(browser, f"no-{email}")]
    finally:
        auth_emulator.tell_apart(told=False)
    assert answers[0].status_code == 200
    assert answers[0].json == answers[1].json


def test_mails_are_limited_too(browser: FlaskClient, email: str) -> None:
    assert [_forget(browser, email).status_code for _ in range(6)] == [200] * 5 + [429]


def test_without_an_address_it_is_asked_for(browser: FlaskClient) -> None:
    assert _refusal(_forget(browser, "")) == (422, "Type your e-mail address first.")


# How long a session lasts


def test_a_session_goes_on_for_twelve_hours_at_most(
    auth_emulator: AuthEmulator, clock: Clock, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    _enter(browser, email)
    for _ in range(11):
        clock.now += HOUR
        assert _seen(browser) == "viewer all"
    clock.now += HOUR - 1
    assert _seen(browser) == "viewer all"
    clock.now += 1
    assert _seen(browser) == "/sign-in"


@pytest.mark.parametrize("end", ["disable", "revoke", "delete"])
def test_who_may_no_longer_sign_in_is_out_after_an_hour(
    auth_emulator: AuthEmulator, clock: Clock, browser: FlaskClient, email: str, end: str
) -> None:
    uid = auth_emulator.add(email, PASSWORD)
    _enter(browser, email)
    getattr(auth_emulator, end)(uid)
    clock.now += HOUR - 1
    assert _seen(browser) == "viewer all"
    clock.now += 1
    assert _seen(browser) == "/sign-in"
    clock.now -= HOUR
    assert _seen(browser) == "/sign-in"


def test_a_session_of_before_a_restart_is_none(
    auth_emulator: AuthEmulator, clock: Clock, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    _enter(browser, email)
    cookie = browser.get_cookie("usage_dash")
    assert cookie
    after = _browser(auth_emulator, clock, viewers=(Listed(None, email),))
    after.set_cookie("usage_dash", cookie.value)
    assert _seen(after) == "/sign-in"


def test_who_signs_out_is_out_for_whoever_copied_the_cookie(
    auth_emulator: AuthEmulator, browser: FlaskClient, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    _enter(browser, email)
    cookie = browser.get_cookie("usage_dash")
    assert cookie
    assert browser.post("/sign-out", headers={"Origin": "http://localhost"}).status_code == 303
    browser.set_cookie("usage_dash", cookie.value)
    assert _seen(browser) == "/sign-in"


def test_changed_claims_count_after_an_hour(
    auth_emulator: AuthEmulator, clock: Clock, firebase: Firebase, email: str
) -> None:
    uid = auth_emulator.add(email, PASSWORD)
    firebase.hold("session", *firebase.sign_in(email, PASSWORD))
    auth_emulator.change(uid, displayName="Ada")
    clock.now += HOUR
    found = firebase.still("session")
    assert found
    assert found.name == "Ada"


def test_many_requests_at_once_ask_firebase_once(auth_emulator: AuthEmulator, clock: Clock, email: str) -> None:
    auth_emulator.add(email, PASSWORD)
    firebase = Firebase(Settings(**_settings(auth_emulator)), (), clock)
    identity, _token = firebase.sign_in(email, PASSWORD)
    with OneAnswer() as google:
        held = Firebase(Settings(**_settings(auth_emulator)), (), clock, google.address)
        held.hold("session", identity, "refresh token")
        clock.now += HOUR
        found: list[object] = []
        threads = [threading.Thread(target=lambda: found.append(held.still("session"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [identity] * 8
        assert google.paths == ["/securetoken.googleapis.com/v1/token"]


# When Google is not as it should be


@pytest.fixture
def google() -> Iterator[OneAnswer]:
    with OneAnswer() as running:
        yield running


@pytest.mark.parametrize(
    ("status", "body"), [(500, ""), (503, {}), (200, "<html>"), (200, "[]"), (302, ""), (429, {"error": {}})]
)
def test_a_session_outlives_a_firebase_that_cannot_be_asked(
    *,
    auth_emulator: AuthEmulator,
    clock: Clock,
    google: OneAnswer,
    firebase: Firebase,
    email: str,
    status: int,
    body: Any,
) -> None:
    auth_emulator.add(email, PASSWORD)
    identity, token = firebase.sign_in(email, PASSWORD)
    google.status, google.body = status, body
    held = Firebase(Settings(**_settings(auth_emulator)), (), clock, google.address)
    held.hold("session", identity, token)
    clock.now += HOUR
    assert held.still("session") == identity
    assert held.still("session") == identity
    assert len(google.paths) == 1
    clock.now += 60
    assert held.still("session") == identity
    assert len(google.paths) == 2
    google.status, google.body = 400, {"error": {"code": 400, "message": "USER_NOT_FOUND"}}
    clock.now += 60
    assert held.still("session") is None


@pytest.mark.parametrize(("status", "body"), [(500, ""), (200, "<html>"), (200, "[]"), (429, {"error": {}})])
def test_a_firebase_that_cannot_be_asked_is_named(
    auth_emulator: AuthEmulator, google: OneAnswer, status: int, body: Any
) -> None:
    google.status, google.body = status, body
    firebase = Firebase(Settings(**_settings(auth_emulator)), (), base=google.address)
    for ask in (lambda: firebase.sign_in("a@b.example", PASSWORD), lambda: firebase.send_reset("a@b.example")):
        with pytest.raises(RefusedError, match="can’t be reached") as refused:
            ask()
        assert refused.value.status == 503


def test_nobody_at_all_is_named_too(auth_emulator: AuthEmulator, deaf: str) -> None:
    firebase = Firebase(Settings(**_settings(auth_emulator)), (), base=f"http://{deaf}")
    with pytest.raises(RefusedError, match="can’t be reached"):
        firebase.sign_in("a@b.example", PASSWORD)


@pytest.mark.parametrize(
    ("body", "sentence", "remedy"),
    [
        (REFERRER_BLOCKED, "restricted to websites", "restricted to websites (HTTP referrers)"),
        (KEY_INVALID, "does not let usage-dash ask it", "See whether FIREBASE_API_KEY is"),
        ({"error": "odd"}, "does not let usage-dash ask it", "See whether FIREBASE_API_KEY is"),
    ],
)
def test_a_key_that_google_refuses_is_explained_in_the_log(
    *,
    auth_emulator: AuthEmulator,
    google: OneAnswer,
    caplog: pytest.LogCaptureFixture,
    body: Mapping[str, Any],
    sentence: str,
    remedy: str,
) -> None:
    google.status, google.body = 403, body
    firebase = Firebase(Settings(**_settings(auth_emulator)), (), base=google.address)
    with pytest.raises(RefusedError, match=sentence) as refused:
        firebase.sign_in("a@b.example", PASSWORD)
    assert refused.value.status == 503
    assert remedy in caplog.text
    assert KEY not in caplog.text


def test_a_token_of_another_project_lets_nobody_in(auth_emulator: AuthEmulator, email: str) -> None:
    auth_emulator.add(email, PASSWORD)
    firebase = Firebase(Settings(**(_settings(auth_emulator) | {"project_id": "another-project"})), ())
    with pytest.raises(RefusedError, match="does not let usage-dash"):
        firebase.sign_in(email, PASSWORD)


def test_an_emulator_that_only_one_side_knows_is_refused(
    auth_emulator: AuthEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST")
    with pytest.raises(SettingsError, match="must stand in the environment itself"):
        Firebase(Settings(**_settings(auth_emulator)), ())


# Secrets


def test_no_secret_gets_into_the_log_or_the_cookie(
    auth_emulator: AuthEmulator, clock: Clock, browser: FlaskClient, email: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    auth_emulator.add(email, PASSWORD)
    _enter(browser, email, "a wrong one")
    _forget(browser, email)
    _enter(browser, email)
    clock.now += HOUR
    assert _seen(browser) == "viewer all"
    cookie = browser.get_cookie("usage_dash")
    assert cookie
    payload = _payload(cookie.value)
    for text in (caplog.text, payload):
        for secret in (PASSWORD, "a wrong one", KEY, "eyJ"):  # tokens begin with the last
            assert secret not in text
    assert '"way"' in payload
    assert f'signed in {{"way": "firebase", "who": "{email}"}}' in caplog.text


def _payload(cookie: str) -> str:
    """What a session's cookie says."""
    compressed, text = cookie.startswith("."), cookie.lstrip(".").split(".")[0]
    said = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return (zlib.decompress(said) if compressed else said).decode()

"""Signing in with a certified OpenID provider, over HTTP as a browser does it."""

from __future__ import annotations

import json
import logging
import re
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, quote, urljoin, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm
from tests.browser.dashboard import served
from tests.servers.jwks import Signer
from tests.servers.oidc import ACCOUNTS, OidcProvider
from tests.servers.one_answer import OneAnswer
from tests.servers.ports import free_port
from tests.signing_in import HOUR, Clock, dashboard, door
from werkzeug.test import TestResponse

from usage_dash.settings.lists import Led, Listed

PORT = free_port()
APP = f"http://127.0.0.1:{PORT}"
BACK, LEFT = f"{APP}/sign-in/oidc/back", f"{APP}/sign-out"
PAGE = {"Accept": "text/html"}
PEOPLE: Mapping[str, Mapping[str, object]] = {
    **ACCOUNTS,
    "bob": {"email": "bob@acme.example", "email_verified": False, "name": "Bob", "groups": ["sales", "finance"]},
    "cyd": {"email": "cyd@acme.example", "name": "Cyd", "groups": ["sales"]},
    "eve": {"email": "eve@acme.example", "email_verified": "true", "groups": "finance"},
    "gus": {
        "email": "gus@acme.example",
        "email_verified": True,
        "name": "Gus " * 2_000,
        "groups": ["finance", *(f"{number:08}-0000-0000-0000-000000000000" for number in range(400))],
    },
    "fay": {"email": "fay@acme.example", "email_verified": True},
}


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider(redirect_uris=[BACK], post_logout_redirect_uris=[LEFT], accounts=PEOPLE) as running:
        yield running


@pytest.fixture
def outside() -> Iterator[requests.Session]:
    """The browser's part at the provider: it keeps cookies, and follows nothing by itself."""
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


def _settings(provider: OidcProvider, **others: Any) -> dict[str, Any]:
    return {
        "auth": ("oidc",),
        "oidc_issuer": provider.issuer,
        "oidc_client_id": provider.client_id,
        "oidc_client_secret": provider.client_secret,
        **others,
    }


def _browser(provider: OidcProvider, clock: Clock | None = None, **others: Any) -> FlaskClient:
    return door(clock or Clock(), **_settings(provider, **others)).test_client()


@pytest.fixture
def browser(provider: OidcProvider) -> FlaskClient:
    """One at a dashboard for all of the company's verified addresses."""
    return _browser(provider, viewers=(Listed(None, "@acme.example"),))


def _ours(browser: FlaskClient, address: str) -> TestResponse:
    """Follow a redirect to the app."""
    assert address.startswith(APP), address
    return browser.get(address.removeprefix(APP), base_url=APP, headers=PAGE)


def _go(browser: FlaskClient, wanted: str = "/") -> str:
    """Press “Sign in with …”; gives where that leads."""
    answer = browser.get("/sign-in/oidc", query_string={"next": wanted}, base_url=APP, headers=PAGE)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def _at_the_provider(outside: requests.Session, address: str, **fields: str) -> str:
    """Open its address and fill in its form, if it shows one; gives where that leads."""
    answer = outside.get(address, allow_redirects=False)
    while not answer.is_redirect or not answer.headers["Location"].startswith(APP):
        if answer.is_redirect:
            answer = outside.get(urljoin(answer.url, answer.headers["Location"]), allow_redirects=False)
        else:
            assert "<form" in answer.text, answer.text
            answer = _submitted(outside, answer, fields)
    return answer.headers["Location"]


def _submitted(outside: requests.Session, page: requests.Response, fields: Mapping[str, str]) -> requests.Response:
    action = re.search(r'action="([^"]+)"', page.text)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page.text))
    address = urljoin(page.url, action[1] if action else "")
    return outside.post(address, data=hidden | fields, allow_redirects=False)


def _sign_in(browser: FlaskClient, outside: requests.Session, login: str = "ada", wanted: str = "/") -> TestResponse:
    return _ours(browser, _at_the_provider(outside, _go(browser, wanted), login=login))


def _seen(browser: FlaskClient) -> str:
    """What stands for usage, the way to sign in, or the title of what says no."""
    answer = browser.get("/", base_url=APP, headers=PAGE)
    if answer.status_code == 303:
        return answer.headers["Location"]
    title = re.search(r'id="title">([^<]+)', answer.text)
    return title[1] if title else answer.text


def _query(address: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}


def _problem(answer: TestResponse) -> str:
    """The sentence under the button."""
    found = re.search(r'id="oidc-problem" role="alert" ?><span[^>]*></span><span>([^<]+)', answer.text)
    assert found, answer.text
    return found[1]


# Who comes in


def test_the_way_to_the_provider_carries_state_nonce_and_a_challenge(browser: FlaskClient) -> None:
    asked, again = _query(_go(browser)), _query(_go(browser))
    assert (
        asked.items()
        >= {
            "response_type": "code",
            "scope": "openid email profile",
            "redirect_uri": BACK,
            "code_challenge_method": "S256",
        }.items()
    )
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name]) >= 20
        assert asked[name] != again[name]


def test_somebody_on_a_list_comes_in(browser: FlaskClient, outside: requests.Session) -> None:
    assert _sign_in(browser, outside).headers["Location"] == "/"
    assert _seen(browser) == "viewer all"


@pytest.mark.parametrize("login", ["bob", "cyd", "eve"])
def test_an_address_counts_only_where_the_provider_vouches_for_it(
    browser: FlaskClient, outside: requests.Session, login: str
) -> None:
    assert _sign_in(browser, outside, login).status_code == 303
    assert _seen(browser) == "You are not on the list yet"


@pytest.mark.parametrize(
    ("login", "seen"),
    [
        ("ada", "admin all"),
        ("bob", "admin all"),
        ("cyd", "lead "),
        ("eve", "admin all"),
        ("fay", "You are not on the list yet"),
    ],
)
def test_a_claim_may_be_one_value_or_several(
    provider: OidcProvider, outside: requests.Session, login: str, seen: str
) -> None:
    sales = Led(Listed("groups", "sales"), frozenset({"Sales"}))
    browser = _browser(provider, admins=(Listed("groups", "finance"),), leads=(sales,))
    _sign_in(browser, outside, login)
    assert _seen(browser) == seen


def test_a_claim_may_name_ones_own_document(provider: OidcProvider, outside: requests.Session) -> None:
    browser = _browser(provider, see_self=True, self_claim="uid")
    _sign_in(browser, outside)
    assert _seen(browser) == "self doc-1"


def test_claims_on_no_list_are_not_kept(browser: FlaskClient, outside: requests.Session) -> None:
    _sign_in(browser, outside)
    with browser.session_transaction(base_url=APP) as kept:
        assert set(kept) == {"_permanent", "key", "since", "way", "subject", "email", "name", "claims"}
        assert kept["claims"] == []


def test_whoever_is_in_some_hundred_groups_comes_in_all_the_same(
    provider: OidcProvider, outside: requests.Session
) -> None:
    browser = _browser(provider, admins=(Listed("groups", "finance"),), viewers=(Listed("groups", "all"),))
    _sign_in(browser, outside, "gus")
    cookie = browser.get_cookie("usage_dash", "127.0.0.1")
    assert cookie
    assert len(cookie.value) < 2_000
    assert _seen(browser) == "admin all"


# Where one comes out


@pytest.mark.parametrize("wanted", ["/?range=7d&sort=user", "/embed/me", "/%2F", "/ä"])
def test_one_lands_where_one_wanted_to_go(browser: FlaskClient, outside: requests.Session, wanted: str) -> None:
    landed = _sign_in(browser, outside, wanted=wanted).headers["Location"]
    assert landed == quote(wanted, safe="/?=&%")


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "/\t/evil.example",
        "/\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "http://[",
        "//[",
        "",
        f"/{'x' * 2_000}",
    ],
)
def test_one_never_lands_elsewhere(browser: FlaskClient, outside: requests.Session, wanted: str) -> None:
    answer = _sign_in(browser, outside, wanted=wanted)
    assert answer.headers["Location"] == "/"
    assert "a=b" not in str(answer.headers)


def test_under_a_path_one_never_lands_outside_of_it(provider: OidcProvider) -> None:
    browser = _browser(provider, url_prefix="/usage/")
    for wanted in ("/", "/usage", "/other/", "//evil.example"):
        page = browser.get("/sign-in", query_string={"next": wanted}, headers=PAGE)
        assert 'href="/usage/sign-in/oidc?next=%2Fusage%2F"' in page.text


# Who does not come in


def test_who_refuses_at_the_provider_is_told_so(browser: FlaskClient, outside: requests.Session) -> None:
    back = _at_the_provider(outside, _go(browser), refuse="yes")
    assert _query(back)["error"] == "access_denied"
    answer = _ours(browser, back)
    assert answer.status_code == 403
    assert _problem(answer).startswith("127.0.0.1 did not sign you in.")
    assert _seen(browser) == "/sign-in"


@pytest.mark.parametrize("forged", ["other", "", None])
def test_a_state_that_is_not_ours_lets_nobody_in(
    browser: FlaskClient, outside: requests.Session, forged: str | None
) -> None:
    back = _query(_at_the_provider(outside, _go(browser), login="ada"))
    state = {} if forged is None else {"state": forged}
    answer = browser.get("/sign-in/oidc/back", query_string={"code": back["code"], **state}, headers=PAGE)
    assert answer.status_code == 403
    assert _problem(answer).startswith("127.0.0.1 did not sign you in.")
    assert _seen(browser) == "/sign-in"


def test_another_browser_cannot_use_the_way_back(
    provider: OidcProvider, browser: FlaskClient, outside: requests.Session
) -> None:
    back = _at_the_provider(outside, _go(browser), login="ada")
    other = _browser(provider, viewers=(Listed(None, "@acme.example"),))
    assert _ours(other, back).status_code == 403
    assert _seen(other) == "/sign-in"
    assert _ours(browser, back).status_code == 303


def test_a_code_is_good_for_once(browser: FlaskClient, outside: requests.Session) -> None:
    going = _go(browser)
    before = browser.get_cookie("usage_dash", "127.0.0.1")
    assert before
    back = _at_the_provider(outside, going, login="ada")
    assert _ours(browser, back).status_code == 303
    assert _ours(browser, back).status_code == 403
    browser.set_cookie("usage_dash", before.value, domain="127.0.0.1")  # as whoever copied all of it would
    answer = _ours(browser, back)
    assert answer.status_code == 403
    assert _problem(answer)


def test_a_made_up_code_lets_nobody_in(browser: FlaskClient) -> None:
    state = _query(_go(browser))["state"]
    answer = _ours(browser, f"{BACK}?code=made-up&state={state}")
    assert answer.status_code == 403
    assert _problem(answer)


def test_what_others_make_up_of_an_error_is_no_line_of_the_log(
    browser: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = _ours(browser, f"{BACK}?error=x&error_description=%0a2026-01-01+ERROR+made+up%0d%0a<b>")
    assert answer.status_code == 403
    assert "made up" not in answer.text
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_a_wrong_client_secret_is_told_of_in_a_sentence(provider: OidcProvider, outside: requests.Session) -> None:
    browser = _browser(provider, oidc_client_secret=f"not {provider.client_secret}")
    assert _problem(_sign_in(browser, outside)).startswith("127.0.0.1 did not sign you in.")


def test_the_session_is_new_at_sign_in(browser: FlaskClient, outside: requests.Session) -> None:
    going = _go(browser)
    with browser.session_transaction(base_url=APP) as planted:
        planted["key"] = "planted"
    _ours(browser, _at_the_provider(outside, going, login="ada"))
    with browser.session_transaction(base_url=APP) as kept:
        first = kept["key"]
        assert first != "planted"
        assert not [name for name in kept if name.startswith("_state")]
    _sign_in(browser, outside)
    with browser.session_transaction(base_url=APP) as kept:
        assert kept["key"] != first


def test_many_tries_leave_room_in_the_cookie(browser: FlaskClient, outside: requests.Session) -> None:
    for _ in range(20):
        _go(browser, f"/?{'x' * 990}")
    cookie = browser.get_cookie("usage_dash", "127.0.0.1")
    assert cookie
    assert len(cookie.value) < 4_000
    _sign_in(browser, outside)
    assert _seen(browser) == "viewer all"


def test_a_session_ends_after_twelve_hours(provider: OidcProvider, outside: requests.Session) -> None:
    clock = Clock()
    browser = _browser(provider, clock, viewers=(Listed(None, "@acme.example"),))
    _sign_in(browser, outside)
    clock.now += 12 * HOUR - 1
    assert _seen(browser) == "viewer all"
    clock.now += 1
    assert _seen(browser) == "/sign-in"


# A provider that is not as it should be


def test_a_provider_that_is_down_is_named(provider: OidcProvider, deaf: str) -> None:
    browser = _browser(provider, oidc_issuer=f"http://{deaf}")
    answer = browser.get("/sign-in/oidc", headers=PAGE)
    assert answer.status_code == 502
    assert _problem(answer) == "127.0.0.1 can’t be reached, so nobody can be signed in. Try again in a minute."


@pytest.mark.parametrize(("status", "body"), [(500, ""), (200, "<html>"), (404, {}), (302, "")])
def test_an_issuer_that_is_none_is_named(provider: OidcProvider, status: int, body: object) -> None:
    with OneAnswer(status, body) as odd:
        answer = _browser(provider, oidc_issuer=odd.address).get("/sign-in/oidc", headers=PAGE)
    assert answer.status_code == 502
    assert "can’t be reached" in _problem(answer)


@pytest.mark.parametrize("metadata", [{}, {"issuer": "https://login.other.example"}, {"issuer": None}, ["odd"]])
def test_an_issuer_of_another_name_is_refused(
    provider: OidcProvider, metadata: object, caplog: pytest.LogCaptureFixture
) -> None:
    with OneAnswer(200, metadata) as odd:
        answer = _browser(provider, oidc_issuer=odd.address).get("/sign-in/oidc", headers=PAGE)
    assert answer.status_code == 502
    assert _problem(answer)
    assert "USAGE_DASH_OIDC_ISSUER" in caplog.text or metadata == ["odd"]


def test_an_issuer_without_an_address_to_go_to_is_told_of(provider: OidcProvider) -> None:
    with OneAnswer(200) as odd:
        odd.body = {"issuer": odd.address}
        answer = _browser(provider, oidc_issuer=odd.address).get("/sign-in/oidc", headers=PAGE)
    assert answer.status_code == 502
    assert _problem(answer)


def test_an_issuer_may_end_with_a_slash(provider: OidcProvider, outside: requests.Session) -> None:
    browser = _browser(provider, oidc_issuer=f"{provider.issuer}/", admins=(Listed("sub", "ada"),))
    _sign_in(browser, outside)
    assert _seen(browser) == "admin all"


# The way out


def test_signing_out_ends_the_session_here_and_is_offered_at_the_provider(
    provider: OidcProvider, outside: requests.Session
) -> None:
    settings = _settings(provider, viewers=(Listed(None, "@acme.example"),))
    with served(dashboard(**settings), PORT):
        _enter_over_http(outside)
        assert "OpenAI usage" in outside.get(APP, headers=PAGE).text
        copied = outside.cookies["usage_dash"]
        assert outside.get(f"{APP}/sign-out", headers=PAGE, allow_redirects=False).headers["Location"] == "/"
        page = outside.post(f"{APP}/sign-out", headers={"Origin": APP, **PAGE})
        assert page.url == LEFT
        assert "You are still signed in at 127.0.0.1." in page.text
        refused = requests.get(APP, headers=PAGE, cookies={"usage_dash": copied}, allow_redirects=False, timeout=60)
        assert refused.headers["Location"] == "/sign-in"
        [way_out] = re.findall(r'href="([^"]+)">Sign out of 127.0.0.1 too', page.text)
        back = _at_the_provider(outside, way_out.replace("&amp;", "&"), logout="yes")
        assert back == LEFT
        page = outside.get(back, headers=PAGE)
        assert "You are signed out" in page.text
        assert "still signed in" not in page.text
        assert 'id="login"' in outside.get(f"{APP}/sign-in/oidc", headers=PAGE).text


def _enter_over_http(browser: requests.Session) -> None:
    page = browser.get(APP, headers=PAGE)
    assert page.url == f"{APP}/sign-in"
    [way] = re.findall(r'href="(/sign-in/oidc[^"]*)"', page.text)
    page = browser.get(f"{APP}{way}", headers=PAGE)
    entered = _submitted(browser, page, {"login": "ada"})
    while entered.is_redirect:
        entered = browser.get(urljoin(entered.url, entered.headers["Location"]), headers=PAGE, allow_redirects=False)
    assert entered.url == f"{APP}/"


def test_nothing_secret_is_logged(
    provider: OidcProvider, browser: FlaskClient, outside: requests.Session, caplog: pytest.LogCaptureFixture
) -> None:
    going = _go(browser)
    back = _at_the_provider(outside, going, login="ada")
    with browser.session_transaction(base_url=APP) as kept:
        [state] = [value for name, value in kept.items() if name.startswith("_state")]
    caplog.set_level(logging.DEBUG)
    _ours(browser, back)
    secrets = [provider.client_secret, _query(back)["code"], state["data"]["code_verifier"], "eyJ"]
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert json.dumps({"way": "oidc", "who": "ada@acme.example"}) in caplog.text


# Forged ID tokens


@pytest.fixture(scope="module")
def signer() -> Iterator[Signer]:
    with Signer() as running:
        yield running


def _forged(provider: OidcProvider, signer: Signer, claims: Mapping[str, Any], **how: Any) -> str:
    """Come back from a provider that hands out an ID token with these claims; gives what is seen then."""
    with OneAnswer(200) as forger:
        places = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        keys = signer.key_set()
        forger.body = {"issuer": forger.address, **dict.fromkeys(places, forger.address), **keys}
        browser = _browser(provider, oidc_issuer=forger.address, viewers=(Listed("sub", "ada"),))
        asked = _query(_go(browser))
        usual = {"iss": forger.address, "aud": provider.client_id, "sub": "ada", "nonce": asked["nonce"]}
        usual |= {"iat": int(time.time()), "exp": int(time.time()) + 300}
        given = {name: value for name, value in (usual | claims).items() if value is not None}
        token = signer.sign(given, **how)
        forger.body |= {"access_token": "access", "token_type": "Bearer", "id_token": token, "sub": "ada"}
        answer = _ours(browser, f"{BACK}?code=any&state={asked['state']}")
        assert answer.status_code == 303 or _problem(answer)
        return _seen(browser)


def test_a_good_id_token_lets_in(provider: OidcProvider, signer: Signer) -> None:
    assert _forged(provider, signer, {}) == "viewer all"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://login.other.example"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"sub": ["ada"]},
    ],
    ids=str,
)
def test_an_id_token_that_is_not_for_this_sign_in_lets_nobody_in(
    provider: OidcProvider, signer: Signer, claims: Mapping[str, Any]
) -> None:
    assert _forged(provider, signer, claims) == "/sign-in"


def test_an_id_token_that_is_not_signed_by_the_provider_lets_nobody_in(provider: OidcProvider, signer: Signer) -> None:
    public = ECAlgorithm.from_jwk(signer.key_set()["keys"][0]).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    assert _forged(provider, signer, {}, algorithm="none") == "/sign-in"
    assert _forged(provider, signer, {}, algorithm="HS256", key=provider.client_secret) == "/sign-in"
    assert _forged(provider, signer, {}, algorithm="HS256", key=b64encode(public), kid="ec-0") == "/sign-in"
    assert _forged(provider, signer, {}, key=ec.generate_private_key(ec.SECP256R1())) == "/sign-in"


def test_what_the_provider_tells_of_somebody_else_is_not_used(provider: OidcProvider, signer: Signer) -> None:
    assert _forged(provider, signer, {"sub": "eve"}) == "You are not on the list yet"

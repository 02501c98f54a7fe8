"""Identity from what stands in front: nginx that writes a header, signed or beside a secret; and who gets past it."""

from __future__ import annotations

import html
import http.client
import re
import socket
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask, request
from flask.testing import FlaskClient
from jwt.algorithms import ECAlgorithm
from tests.browser.dashboard import listening, served
from tests.servers.jwks import Signer
from tests.servers.nginx import nginx, nginx_tls
from tests.servers.one_answer import OneAnswer
from tests.signing_in import Clock, dashboard, door

from usage_dash.settings import Settings
from usage_dash.settings.lists import Listed
from usage_dash.web.sign_in.proxy import Assertions, ProxyError

PAGE = {"Accept": "text/html"}
HEADER = "X-Assertion"
AUDIENCE, ISSUER = "/projects/1/apps/usage", "https://proxy.acme.example"
PLAIN = "X-Forwarded-Email"
SECRET = "p" * 32
SECRET_HEADER = "X-Usage-Dash-Proxy-Secret"  # noqa: S105 - its name
NOT_VALID = "the proxy’s assertion is not valid"
ON_LISTS = {"viewers": (Listed(None, "@acme.example"),), "admins": (Listed("groups", "finance"),)}


@pytest.fixture(scope="module")
def signer() -> Iterator[Signer]:
    with Signer() as running:
        yield running


def _signed_settings(jwks: str, **others: Any) -> dict[str, Any]:
    return {
        "auth": ("proxy",),
        "proxy_header": HEADER,
        "proxy_jwks": jwks,
        "proxy_audience": AUDIENCE,
        "proxy_issuer": ISSUER,
        **ON_LISTS,
        **others,
    }


def _plain_settings(**others: Any) -> dict[str, Any]:
    return {"auth": ("proxy",), "proxy_header": PLAIN, "proxy_secret": SECRET, **ON_LISTS, **others}


def _claims(**others: Any) -> dict[str, Any]:
    now = int(time.time())
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "1", "email": "ada@acme.example", "iat": now, "exp": now + 300}
    return {name: value for name, value in (usual | others).items() if value is not None}


@pytest.fixture
def browser(signer: Signer) -> FlaskClient:
    return door(Clock(), **_signed_settings(signer.jwks)).test_client()


def _told(browser: FlaskClient, **headers: str) -> tuple[int, str]:
    """What a request with these headers is told, by their names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = browser.get("/", headers={**PAGE, **named})
    why = re.search(r"says who you are, but (.+?)\. Ask whoever runs it", answer.text)
    return answer.status_code, html.unescape(why[1]) if why else answer.text


# Signed assertions


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_whom_the_proxy_vouches_for_comes_in(browser: FlaskClient, signer: Signer, algorithm: str) -> None:
    assert _told(browser, X_Assertion=signer.sign(_claims(), algorithm=algorithm)) == (200, "viewer all")


def test_claims_of_an_assertion_count(browser: FlaskClient, signer: Signer) -> None:
    assert _told(browser, X_Assertion=signer.sign(_claims(groups=["finance"]))) == (200, "admin all")


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "eve@other.example"},
        {"email": "eve@acme.example.org"},
        {"email": "eve@mail.acme.example"},
        {"email": "acme.example"},
        {"email": "@acme.example@other.example"},
        {"email": None},
        {"email_verified": False},
        {"email": ["a@acme.example"]},
    ],
)
def test_who_is_on_no_list_is_told_so(browser: FlaskClient, signer: Signer, claims: Mapping[str, Any]) -> None:
    status, text = _told(browser, X_Assertion=signer.sign(_claims(**claims)))
    assert status == 403
    assert "You are not on the list yet" in text
    assert "Sign in as someone else" not in text


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://other.example"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_an_assertion_for_others_or_of_another_time_lets_nobody_in(
    browser: FlaskClient, signer: Signer, claims: Mapping[str, Any]
) -> None:
    assert _told(browser, X_Assertion=signer.sign(_claims(**claims))) == (401, NOT_VALID)


def test_a_forged_assertion_lets_nobody_in(browser: FlaskClient, signer: Signer) -> None:
    mine = ec.generate_private_key(ec.SECP256R1())
    public = ECAlgorithm.from_jwk(signer.key_set()["keys"][0]).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    good = signer.sign(_claims())
    forged = {
        "another key": signer.sign(_claims(), key=mine),
        "another key by an unknown name": signer.sign(_claims(), key=mine, kid="mine"),
        "a key in its header": signer.sign(
            _claims(), key=mine, headers={"jwk": ECAlgorithm.to_jwk(mine.public_key(), as_dict=True)}
        ),
        "a key's address in its header": signer.sign(_claims(), key=mine, headers={"jku": "http://127.0.0.1:9/"}),
        "no signature": signer.sign(_claims(), algorithm="none", kid="ec-0"),
        "no signature, no key": signer.sign(_claims(), algorithm="none"),
        "the public key as a secret": signer.sign(_claims(), algorithm="HS256", key=b64encode(public), kid="ec-0"),
        "a key of another kind": signer.sign(
            _claims(), algorithm="RS256", key=rsa.generate_private_key(65537, 2048), kid="ec-0"
        ),
        "a short HS256 key": signer.sign(_claims(), algorithm="HS256", key=b"k" * 32, kid="rsa-0"),
        "no name of a key": ".".join([b64encode(b'{"alg":"ES256"}').decode(), *good.split(".")[1:]]),
        "other claims": ".".join([good.split(".")[0], b64encode(b'{"sub":"2"}').decode(), good.split(".")[2]]),
        "a cut signature": good[:-4],
        "no token": "ada@acme.example",
        "nothing": "",
        "two": f"{good},{good}",
        "two with a space": f"{good}, {good}",
        "nested by the thousand": f"{b64encode(b'[' * 20_000).decode()}.e30.",
    }
    for what, assertion in forged.items():
        assert _told(browser, X_Assertion=assertion) == (401, NOT_VALID), what
    assert _told(browser, X_Assertion=good)[0] == 200


def test_a_request_of_a_script_is_told_in_a_sentence_too(browser: FlaskClient) -> None:
    answer = browser.get("/_dash-layout", headers={HEADER: "forged", "Sec-Fetch-Mode": "cors"})
    assert (answer.status_code, answer.text) == (401, f"You cannot be let in: {NOT_VALID}.\n")


def test_keys_may_change() -> None:
    with Signer() as signer:
        reader = Assertions(Settings(**_signed_settings(signer.jwks)), (), cooldown=0)
        old = signer.sign(_claims())
        assert _read(reader, old) == "ada@acme.example"
        signer.rotate()
        assert _read(reader, signer.sign(_claims())) == "ada@acme.example"
        with pytest.raises(ProxyError, match="not valid"):
            _read(reader, old)


def test_unknown_keys_do_not_make_us_ask_each_time() -> None:
    with Signer() as signer:
        reader = Assertions(Settings(**_signed_settings(signer.jwks)), ())
        for number in range(20):
            with pytest.raises(ProxyError, match="not valid"):
                _read(reader, signer.sign(_claims(), kid=f"unknown-{number}"))
        assert signer.asked == 1


def test_keys_that_are_known_outlive_a_place_that_is_down() -> None:
    with Signer() as signer:
        reader = Assertions(Settings(**_signed_settings(signer.jwks)), (), cooldown=0)
        assert _read(reader, signer.sign(_claims()))
        signer.status = 503
        assert _read(reader, signer.sign(_claims()))
        with pytest.raises(ProxyError, match="keys cannot be had") as refused:
            _read(reader, signer.sign(_claims(), kid="new"))
        assert refused.value.status == 503


def _read(reader: Assertions, assertion: str) -> str:
    with Flask("test").test_request_context(headers={HEADER: assertion}):
        found = reader.identity(request)
    return found.email if found else ""


@pytest.mark.parametrize(("status", "body"), [(503, {}), (200, "<html>"), (200, "[]"), (200, {"keys": []}), (302, "")])
def test_keys_that_cannot_be_had_are_named(
    signer: Signer, status: int, body: object, caplog: pytest.LogCaptureFixture
) -> None:
    with OneAnswer(status, body) as odd:
        browser = door(Clock(), **_signed_settings(odd.address)).test_client()
        told = _told(browser, X_Assertion=signer.sign(_claims()))
    assert told == (503, "the proxy’s keys cannot be had")
    assert "USAGE_DASH_PROXY_JWKS" in caplog.text


def test_nobody_at_their_place_is_named_too(signer: Signer, deaf: str) -> None:
    browser = door(Clock(), **_signed_settings(f"http://{deaf}/jwks")).test_client()
    assert _told(browser, X_Assertion=signer.sign(_claims()))[0] == 503


# Plain names


@pytest.fixture
def plain() -> FlaskClient:
    return door(Clock(), **_plain_settings()).test_client()


def test_a_name_beside_the_secret_comes_in(plain: FlaskClient) -> None:
    told = {"X_Usage_Dash_Proxy_Secret": SECRET}
    assert _told(plain, X_Forwarded_Email="Ada@acme.example", **told) == (200, "viewer all")


def test_a_name_that_is_no_address_is_the_claim_sub() -> None:
    browser = door(Clock(), **_plain_settings(viewers=(Listed("sub", "ada"),))).test_client()
    told = {"X_Usage_Dash_Proxy_Secret": SECRET}
    assert _told(browser, X_Forwarded_Email="ada", **told) == (200, "viewer all")
    assert _told(browser, X_Forwarded_Email="eve", **told)[0] == 403


@pytest.mark.parametrize("secret", ["", "q" * 32, SECRET[:-1], f"{SECRET},{SECRET}", "ü" * 32])
def test_a_name_without_the_secret_lets_nobody_in(plain: FlaskClient, secret: str) -> None:
    status, text = _told(plain, X_Forwarded_Email="ada@acme.example", X_Usage_Dash_Proxy_Secret=secret)
    assert status == 401
    assert "its secret is missing or another one" in text


@pytest.mark.parametrize(
    "name",
    ["", "ada@acme.example,eve@acme.example", "ada@acme.example, eve", "a b", "a;b", f"{'a' * 400}@acme.example"],
)
def test_a_header_with_no_name_or_several_lets_nobody_in(plain: FlaskClient, name: str) -> None:
    status, text = _told(plain, X_Forwarded_Email=name, X_Usage_Dash_Proxy_Secret=SECRET)
    assert status == 401
    assert "holds no name, or more than one" in text


def test_the_secret_alone_is_nobody(plain: FlaskClient) -> None:
    status, text = _told(plain, X_Usage_Dash_Proxy_Secret=SECRET)
    assert status == 401
    assert "Come in by the front" in text


# Together with another way


def test_who_does_not_come_by_the_proxy_may_sign_in_otherwise(signer: Signer) -> None:
    browser = _with_password(signer)
    assert browser.get("/", headers=PAGE).headers["Location"] == "/sign-in"
    _enter(browser)
    assert _told(browser) == (200, "viewer all")
    assert _told(browser, X_Assertion=signer.sign(_claims(groups="finance"))) == (200, "admin all")


def test_an_assertion_that_is_not_valid_never_falls_back_to_a_session(signer: Signer) -> None:
    browser = _with_password(signer)
    _enter(browser)
    for assertion in ("forged", "", signer.sign(_claims(), algorithm="none")):
        assert _told(browser, X_Assertion=assertion) == (401, NOT_VALID)
        answer = browser.get("/sign-in", headers={HEADER: assertion, **PAGE})
        assert answer.status_code == 401
        assert NOT_VALID in answer.text
    status, _text = _told(browser, X_Assertion=signer.sign(_claims(email="eve@other.example")))
    assert status == 403


def _with_password(signer: Signer) -> FlaskClient:
    settings = _signed_settings(signer.jwks, auth=("proxy", "password"), password="of the team")  # noqa: S106 - a test's
    return door(Clock(), **settings).test_client()


def _enter(browser: FlaskClient) -> None:
    answer = browser.post("/sign-in", data={"way": "password", "password": "of the team"})
    assert answer.status_code == 303


# Through nginx


@contextmanager
def _behind(folder: Path, app: Flask, location: str, *, tls: bool = False) -> Iterator[tuple[str, str]]:
    """Serve the app behind nginx; gives the address there, and the one past it."""
    with served(app) as upstream:
        configured = location.format(upstream=upstream.rstrip("/"))
        front = nginx_tls(folder, configured) if tls else nginx(folder, configured)
        with front as address:
            yield address, upstream


@pytest.fixture
def outside() -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.trust_env = False
        opened.headers.update(PAGE)
        yield opened


WRITES_A_NAME = (
    "proxy_set_header X-Forwarded-Email ada@acme.example; "
    f"proxy_set_header {SECRET_HEADER} {SECRET}; proxy_pass {{upstream}}/;"
)


def _account(page: requests.Response) -> str:
    """Whose menu a page has."""
    found = re.search(r'aria-label="(Account [^"]*)"', page.text)
    return found[1] if found else ""


@pytest.mark.parametrize("tls", [False, True])
def test_what_the_client_says_is_replaced(tmp_path: Path, outside: requests.Session, *, tls: bool) -> None:
    outside.verify = str(tmp_path / "certificate.pem")
    app = dashboard(**_plain_settings(url_prefix="/usage/"))
    claimed = [PLAIN, PLAIN.lower(), PLAIN.upper(), PLAIN.replace("-", "_"), "X_Forwarded-Email"]
    with _behind(tmp_path, app, WRITES_A_NAME, tls=tls) as (address, _past):
        assert _account(outside.get(address)) == "Account A: ada@acme.example"
        for name in claimed:
            assert _account(outside.get(address, headers={name: "eve@acme.example"})) == "Account A: ada@acme.example"
        for name in (SECRET_HEADER, SECRET_HEADER.lower(), SECRET_HEADER.replace("-", "_")):
            assert outside.get(address, headers={name: "q" * 32}).status_code == 200


@pytest.mark.parametrize(
    "lines",
    [
        ["X-Forwarded-Email: eve@acme.example", "X-Forwarded-Email: eve@acme.example"],
        ["X-Forwarded-Email : eve@acme.example"],
        ["x-forwarded-email:eve@acme.example"],
        ["X-Forwarded-Email:\teve@acme.example"],
        ["X_Forwarded_Email: eve@acme.example"],
        ["X-Other: a", " X-Forwarded-Email: eve@acme.example"],
        ["Connection: X-Forwarded-Email, X-Usage-Dash-Proxy-Secret"],
    ],
    ids=str,
)
def test_no_odd_line_gets_past_nginx(tmp_path: Path, lines: list[str]) -> None:
    app = dashboard(**_plain_settings(url_prefix="/usage/"))
    with _behind(tmp_path, app, WRITES_A_NAME) as (address, _past):
        told = _raw(address, lines)
    assert "eve@acme.example" not in told
    assert "Account A: ada@acme.example" in told or "400 Bad Request" in told


@pytest.mark.parametrize(
    "lines",
    [
        ["X-Forwarded-Email: ada@acme.example"],
        ["X-Forwarded-Email: ada@acme.example", "X-Usage-Dash-Proxy-Secret:"],
        ["X_Forwarded_Email: ada@acme.example", f"X_Usage_Dash_Proxy_Secret: {SECRET}"],
        ["X-Forwarded-Email: ada@acme.example", f"X_Usage_Dash_Proxy_Secret: {SECRET}"],
        [
            f"X-Usage-Dash-Proxy-Secret: {SECRET}",
            "X-Forwarded-Email: a@acme.example",
            "X-Forwarded-Email: b@acme.example",
        ],
        [],
    ],
    ids=str,
)
def test_past_nginx_nobody_comes_in(lines: list[str]) -> None:
    with served(dashboard(**_plain_settings())) as upstream:
        told = _raw(upstream, lines)
    assert told.startswith("HTTP/1.1 401 ")
    assert "Account A" not in told


def _raw(address: str, lines: list[str]) -> str:
    """Ask for the page with exactly these lines of headers; gives the whole answer."""
    parts = urlsplit(address)
    head = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", *lines]
    if not any(line.startswith("Connection:") for line in lines):
        head.append("Connection: close")
    with socket.create_connection((parts.hostname or "", parts.port or 80)) as connection:
        connection.sendall("\r\n".join([*head, "Accept: text/html", "", ""]).encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return f"HTTP/1.1 {answer.status} {answer.reason}\n{answer.read().decode()}"


def test_an_assertion_comes_through_nginx(tmp_path: Path, outside: requests.Session, signer: Signer) -> None:
    app = dashboard(**_signed_settings(signer.jwks, url_prefix="/usage/"))
    with _behind(tmp_path, app, "proxy_pass {upstream}/;") as (address, past):
        page = outside.get(address, headers={HEADER: signer.sign(_claims())})
        assert _account(page) == "Account A: ada@acme.example"
        assert "Sign out" not in page.text
        for place in (address, past, f"{past}usage/", f"{past}sign-in"):
            page = outside.get(place)
            assert page.status_code == 401
            assert "Come in by the front" in page.text
            assert "Account A" not in page.text
        assert NOT_VALID in outside.get(address, headers={HEADER: "forged"}).text


def test_the_way_to_sign_in_keeps_to_the_path(tmp_path: Path, outside: requests.Session) -> None:
    settings = {"auth": ("password",), "password": "of the team", "url_prefix": "/usage/", "trusted_proxies": 1}
    outside.verify = str(tmp_path / "certificate.pem")
    with _behind(tmp_path, dashboard(**settings), "proxy_pass {upstream}/;", tls=True) as (address, _past):
        page = outside.get(f"{address}?range=7d")
        assert page.url == f"{address}sign-in?next=%2Fusage%2F%3Frange%3D7d"
        form = {"way": "password", "password": "of the team", "next": "/usage/?range=7d"}
        entered = outside.post(f"{address}sign-in", data=form, headers={"Origin": address.removesuffix("/usage/")})
        assert entered.url == f"{address}?range=7d"
        [cookie] = list(outside.cookies)
        assert (cookie.name, cookie.path, cookie.secure) == ("usage_dash", "/usage/", True)


def test_under_no_path_the_cookie_is_one_that_no_other_host_can_set() -> None:
    app = dashboard(auth=("password",), password="of the team", trusted_proxies=1)  # noqa: S106 - a test's
    with listening(app) as address, requests.Session() as session:
        origin = address.rstrip("/").replace("http:", "https:")
        told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1", "Origin": origin}
        form = {"way": "password", "password": "of the team"}
        answer = session.post(f"{address}sign-in", data=form, headers=told, allow_redirects=False)
    app.extensions["usage_dash_board"].close()
    parts = answer.headers["Set-Cookie"].split("; ")
    assert parts[0].startswith("__Host-usage_dash=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(parts)


def test_a_letter_that_looks_like_another_makes_another_address(signer: Signer) -> None:
    browser = door(Clock(), **_signed_settings(signer.jwks, viewers=(Listed(None, "mark@acme.example"),))).test_client()
    for name, status in (("mark", 200), ("MARK", 200), ("mar\N{KELVIN SIGN}", 403)):
        assert _told(browser, X_Assertion=signer.sign(_claims(email=f"{name}@acme.example")))[0] == status

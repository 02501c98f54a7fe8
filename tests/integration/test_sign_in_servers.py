"""The servers that tests of signing in go by do what those tests take for granted."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import jwt
import pytest
import requests
from firebase_admin import App, auth, credentials, delete_app, initialize_app
from tests.servers.firebase_auth import AuthEmulator
from tests.servers.jwks import Signer
from tests.servers.nginx import nginx_tls
from tests.servers.oidc import ACCOUNTS, OidcProvider
from tests.servers.ports import free_port

PASSWORD = "correct horse"  # noqa: S105 - of the emulator's accounts


@pytest.fixture
def session() -> Iterator[requests.Session]:
    """A browser's part: it keeps cookies, and follows nothing by itself."""
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


# The OpenID provider

APP = f"http://127.0.0.1:{free_port()}"  # where nobody needs to listen
BACK, LEFT = f"{APP}/back", f"{APP}/left"


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with OidcProvider(redirect_uris=[BACK], post_logout_redirect_uris=[LEFT]) as running:
        yield running


@pytest.fixture
def endpoints(provider: OidcProvider, session: requests.Session) -> dict[str, str]:
    return dict(session.get(f"{provider.issuer}/.well-known/openid-configuration").json())


def _followed(session: requests.Session, answer: requests.Response) -> requests.Response:
    """Follow redirects within the provider; the last answer is a page, or leads to the app."""
    while answer.is_redirect and not answer.headers["Location"].startswith(APP):
        answer = session.get(urljoin(answer.url, answer.headers["Location"]), allow_redirects=False)
    return answer


def _submitted(session: requests.Session, page: requests.Response, **fields: str) -> requests.Response:
    """Fill in the page's form, with what it hides, and send it."""
    action = re.search(r'action="([^"]+)"', page.text)
    hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page.text))
    address = urljoin(page.url, action[1] if action else "")
    return _followed(session, session.post(address, data=hidden | fields, allow_redirects=False))


def _asked(session: requests.Session, endpoints: Mapping[str, str], provider: OidcProvider, verifier: str) -> Any:
    """Go where somebody begins to sign in; without a verifier, without PKCE."""
    parameters = {"client_id": provider.client_id, "response_type": "code", "redirect_uri": BACK, "state": "s"}
    parameters |= {"scope": "openid email profile", "nonce": "n"}
    if verifier:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        parameters |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    address = endpoints["authorization_endpoint"]
    return _followed(session, session.get(address, params=parameters, allow_redirects=False))


def _query(answer: requests.Response) -> dict[str, str]:
    assert answer.headers["Location"].startswith(BACK), answer.text
    return {name: value for name, [value] in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def _tokens(session: requests.Session, endpoints: Mapping[str, str], provider: OidcProvider) -> dict[str, str]:
    """Sign in as Ada."""
    verifier = secrets.token_urlsafe(32)
    code = _query(_submitted(session, _asked(session, endpoints, provider, verifier), login="ada"))["code"]
    body = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
    client = (provider.client_id, provider.client_secret)
    answer = session.post(endpoints["token_endpoint"], data=body, auth=client)
    assert answer.status_code == HTTPStatus.OK, answer.text
    return dict(answer.json())


def test_the_provider_signs_in_whom_the_form_names(
    provider: OidcProvider, endpoints: dict[str, str], session: requests.Session
) -> None:
    tokens = _tokens(session, endpoints, provider)
    [key] = jwt.PyJWKSet.from_dict(session.get(endpoints["jwks_uri"]).json()).keys
    claims = jwt.decode(
        tokens["id_token"], key, ["RS256"], audience=provider.client_id, issuer=provider.issuer, leeway=60
    )
    assert claims.items() >= {"sub": "ada", "nonce": "n", **ACCOUNTS["ada"]}.items()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert session.get(endpoints["userinfo_endpoint"], headers=bearer).json() == {"sub": "ada", **ACCOUNTS["ada"]}


def test_the_provider_asks_again_for_an_unknown_login_and_takes_a_refusal(
    provider: OidcProvider, endpoints: dict[str, str], session: requests.Session
) -> None:
    page = _asked(session, endpoints, provider, secrets.token_urlsafe(32))
    page = _submitted(session, page, login="nobody")
    assert page.status_code == HTTPStatus.OK
    assert 'id="login"' in page.text
    assert _query(_submitted(session, page, refuse="yes")).items() >= {"error": "access_denied", "state": "s"}.items()


def test_the_provider_insists_on_pkce(
    provider: OidcProvider, endpoints: dict[str, str], session: requests.Session
) -> None:
    assert _query(_asked(session, endpoints, provider, ""))["error"] == "invalid_request"


def test_the_provider_signs_out_and_asks_for_the_login_again(
    provider: OidcProvider, endpoints: dict[str, str], session: requests.Session
) -> None:
    tokens = _tokens(session, endpoints, provider)
    assert "code" in _query(_asked(session, endpoints, provider, secrets.token_urlsafe(32)))  # no form any more
    ending = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": LEFT}
    page = session.get(endpoints["end_session_endpoint"], params=ending)
    assert 'id="leave"' in page.text
    assert _submitted(session, page, logout="yes").headers["Location"] == LEFT
    assert 'id="login"' in _asked(session, endpoints, provider, secrets.token_urlsafe(32)).text


# Firebase Authentication


def _signed_in(emulator: AuthEmulator, session: requests.Session, email: str, password: str = PASSWORD) -> Any:
    body = {"email": email, "password": password, "returnSecureToken": True}
    address = f"http://{emulator.host}/identitytoolkit.googleapis.com/v1/accounts:signInWithPassword"
    return session.post(address, params={"key": "any"}, json=body).json()


def _refreshed(emulator: AuthEmulator, session: requests.Session, token: str) -> Any:
    body = {"grant_type": "refresh_token", "refresh_token": token}
    address = f"http://{emulator.host}/securetoken.googleapis.com/v1/token"
    return session.post(address, params={"key": "any"}, data=body).json()


def _mail_reset(emulator: AuthEmulator, session: requests.Session, email: str) -> Any:
    body = {"requestType": "PASSWORD_RESET", "email": email}
    address = f"http://{emulator.host}/identitytoolkit.googleapis.com/v1/accounts:sendOobCode"
    return session.post(address, params={"key": "any"}, json=body).json()


def _error(answer: Mapping[str, Any]) -> str:
    return str(answer["error"]["message"])


@pytest.fixture
def email() -> str:
    """An address that is this test's own."""
    return f"{secrets.token_hex(8)}@acme.example"


@pytest.fixture
def admin(auth_emulator: AuthEmulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """Google's own Admin SDK at the emulator."""
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", auth_emulator.host)
    app = initialize_app(_Nobody(), {"projectId": auth_emulator.project}, name=secrets.token_hex(8))
    yield app
    delete_app(app)


class _Nobody(credentials.Base):
    """The emulator asks for no credential."""

    def get_credential(self) -> None:
        return None


def test_the_auth_emulator_signs_in_and_refreshes(
    auth_emulator: AuthEmulator, session: requests.Session, email: str, admin: App
) -> None:
    uid = auth_emulator.add(email, PASSWORD, uid=f"uid-{email}", name="Ada")
    entered = _signed_in(auth_emulator, session, email)
    assert (entered["localId"], uid) == (uid, f"uid-{email}")
    fresh = _refreshed(auth_emulator, session, entered["refreshToken"])
    for token in (entered["idToken"], fresh["id_token"]):
        claims = auth.verify_id_token(token, admin, check_revoked=True, clock_skew_seconds=60)
        assert claims.items() >= {"uid": uid, "email": email, "email_verified": True, "name": "Ada"}.items()


def test_the_auth_emulator_does_not_tell_what_was_wrong(
    auth_emulator: AuthEmulator, session: requests.Session, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    auth_emulator.add_without_password(f"google-{email}")
    for address, password in ((email, "wrong horse"), (f"google-{email}", PASSWORD), (f"no-{email}", PASSWORD)):
        assert _error(_signed_in(auth_emulator, session, address, password)) == "INVALID_LOGIN_CREDENTIALS"


def test_the_auth_emulator_tells_what_was_wrong_when_told_to(
    auth_emulator: AuthEmulator, session: requests.Session, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    auth_emulator.add_without_password(f"google-{email}")
    auth_emulator.tell_apart(told=True)
    try:
        assert _error(_signed_in(auth_emulator, session, email, "wrong horse")) == "INVALID_PASSWORD"
        assert _error(_signed_in(auth_emulator, session, f"google-{email}")) == "INVALID_PASSWORD"
        assert _error(_signed_in(auth_emulator, session, f"no-{email}")) == "EMAIL_NOT_FOUND"
    finally:
        auth_emulator.tell_apart(told=False)


def test_the_auth_emulator_lets_nobody_in_by_the_first_of_two_factors(
    auth_emulator: AuthEmulator, session: requests.Session, email: str
) -> None:
    auth_emulator.add(email, PASSWORD, second_factor=True)
    entered = _signed_in(auth_emulator, session, email)
    assert entered["mfaPendingCredential"]
    assert not entered.keys() & {"idToken", "refreshToken"}


def test_the_auth_emulator_refuses_accounts_that_were_disabled_or_deleted(
    auth_emulator: AuthEmulator, session: requests.Session, email: str
) -> None:
    uid = auth_emulator.add(email, PASSWORD)
    token = _signed_in(auth_emulator, session, email)["refreshToken"]
    auth_emulator.disable(uid)
    assert _error(_signed_in(auth_emulator, session, email, "wrong horse")) == "USER_DISABLED"
    assert _error(_refreshed(auth_emulator, session, token)) == "USER_DISABLED"
    auth_emulator.delete(uid)
    assert _error(_refreshed(auth_emulator, session, token)) == "INVALID_REFRESH_TOKEN"


def test_the_auth_emulator_refuses_revoked_tokens_and_takes_later_ones(
    auth_emulator: AuthEmulator, session: requests.Session, email: str
) -> None:
    uid = auth_emulator.add(email, PASSWORD)
    token = _signed_in(auth_emulator, session, email)["refreshToken"]
    auth_emulator.revoke(uid)
    assert _error(_refreshed(auth_emulator, session, token)) == "TOKEN_EXPIRED"
    token = _signed_in(auth_emulator, session, email)["refreshToken"]
    assert _refreshed(auth_emulator, session, token)["user_id"] == uid


def test_the_auth_emulator_keeps_the_mails_for_new_passwords(
    auth_emulator: AuthEmulator, session: requests.Session, email: str
) -> None:
    auth_emulator.add(email, PASSWORD)
    assert _mail_reset(auth_emulator, session, email)["email"] == email
    _mail_reset(auth_emulator, session, f"no-{email}")
    assert [mailed for mailed in auth_emulator.reset_mails() if mailed.endswith(email)] == [email]


def test_an_auth_emulator_can_be_emptied(session: requests.Session, email: str) -> None:
    with AuthEmulator() as emulator:
        emulator.add(email, PASSWORD)
        emulator.clear()
        assert _error(_signed_in(emulator, session, email)) == "INVALID_LOGIN_CREDENTIALS"


# The signer of assertions


@pytest.mark.parametrize("algorithm", ["ES256", "RS256"])
def test_the_signer_publishes_what_it_signs_by(session: requests.Session, algorithm: str) -> None:
    with Signer() as signer:
        old = signer.sign({"sub": "ada"}, algorithm=algorithm)
        keys = jwt.PyJWKSet.from_dict(session.get(signer.jwks).json())
        assert jwt.decode(old, keys[jwt.get_unverified_header(old)["kid"]], [algorithm]) == {"sub": "ada"}
        signer.rotate()
        new = signer.sign({"sub": "ada"}, algorithm=algorithm)
        keys = jwt.PyJWKSet.from_dict(session.get(signer.jwks).json())
        assert jwt.decode(new, keys[jwt.get_unverified_header(new)["kid"]], [algorithm]) == {"sub": "ada"}
        with pytest.raises(KeyError):
            keys[jwt.get_unverified_header(old)["kid"]]
        assert signer.asked == 2


def test_the_signer_signs_badly_when_told_to(session: requests.Session) -> None:
    with Signer() as signer, Signer() as other:
        forged = other.sign({"sub": "ada"}, kid="ec-0", headers={"typ": "at+jwt"})
        assert jwt.get_unverified_header(forged) == {"alg": "ES256", "kid": "ec-0", "typ": "at+jwt"}
        with pytest.raises(jwt.InvalidSignatureError):
            jwt.decode(forged, jwt.PyJWKSet.from_dict(signer.key_set())["ec-0"], ["ES256"])
        symmetric = signer.sign({"sub": "ada"}, algorithm="HS256", key="k" * 32)
        assert jwt.decode(symmetric, "k" * 32, ["HS256"]) == {"sub": "ada"}
        assert jwt.get_unverified_header(signer.sign({}, algorithm="none"))["alg"] == "none"
        signer.status = HTTPStatus.SERVICE_UNAVAILABLE
        assert session.get(signer.jwks).status_code == HTTPStatus.SERVICE_UNAVAILABLE


# nginx with TLS


class _Echo(BaseHTTPRequestHandler):
    """Answers with the headers of requests."""

    def do_GET(self) -> None:
        body = json.dumps(dict(self.headers)).encode()
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_parts: object) -> None:
        """Keep still."""


@contextmanager
def _echo() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_nginx_serves_tls_and_tells_of_it(tmp_path: Path, session: requests.Session) -> None:
    session.verify = str(tmp_path / "certificate.pem")
    with _echo() as upstream:
        location = f"proxy_pass {upstream}; proxy_set_header X-Forwarded-Email ada@acme.example;"
        with nginx_tls(tmp_path, location, ["127.0.0.1", "usage.acme.example"], server="server_tokens off;") as address:
            answer = session.get(
                address, headers={"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Email": "eve@x.example"}
            )
            told = answer.json()
            assert answer.headers["Server"] == "nginx"
            assert told["Host"] == urlsplit(address).netloc
            assert told["X-Forwarded-Proto"] == "https"
            assert told["X-Forwarded-For"] == "192.0.2.1, 127.0.0.1"
            assert told["X-Forwarded-Email"] == "ada@acme.example"

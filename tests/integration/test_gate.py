"""The gate: every place of the app, in each way that it is served, with each identity. What is not on the short list of
open places is answered to nobody who was not let in, and to everybody else with their scope alone.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from flask import Flask, request, session
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from tests.browser.scenes import document, entry
from tests.fakes import DEADLINE, FORBIDDEN, MemoryRepository
from tests.integration.page_client import UPDATE, find, request_of, text
from tests.servers.ports import free_port
from werkzeug.routing import Rule

from usage_dash import Viewer, mount
from usage_dash.app import create_app
from usage_dash.page import ids
from usage_dash.settings import Settings, SettingsError, Way
from usage_dash.settings.budgets import Budgets
from usage_dash.settings.tokens import ApiToken, See, digest_of, new_token
from usage_dash.web.proxies import believe

EMBED_SECRET, PROXY_SECRET = "e" * 32, "p" * 32
NOW = datetime.now(UTC)
USERS = {"u-ada": ("Support", "model-of-ada", 7.43), "u-bob": ("Sales", "model-of-bob", 70.0)}
# What a scope of u-ada alone may never learn; no second of a minute reads like one of the sums.
HIDDEN = ("u-bob", "model-of-bob", "70.00", "77.43", "$9,999", "9999.0", "$8,888", "8888.0")
BUDGETS = Budgets(9_999, {"Support": 55.5, "Sales": 8_888}, 66.5)
TOLD = {  # of the budgets, by who asks
    "admin": {"$9,999", "$55.50", "$8,888"},
    "viewer": {"$9,999", "$55.50", "$8,888"},
    "lead": {"$55.50"},
    "self": {"$66.50"},
}

PROGRAMS = {name: new_token() for name in ("viewer", "lead", "self")}
API_TOKENS = (
    ApiToken("ci", digest_of(PROGRAMS["viewer"]), See.ALL),
    ApiToken("support", digest_of(PROGRAMS["lead"]), See.TEAM, frozenset({"Support"})),
    ApiToken("ada", digest_of(PROGRAMS["self"]), See.USER, frozenset({"u-ada"})),
)
API = "/api/v1"
QUESTIONS = (
    *("overview", "timeline", "models", "teams", "unusual", "users", "entries"),
    *("budgets", "status", "users/u-ada"),
)

# All that is answered without an identity, by path: kept short, and without data.
OPEN = {
    "/health",
    "/ready",
    "/metrics",  # which has a token of its own
    "/_favicon.ico",
    "/assets/<path:filename>",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>",
    "/embed",
    "/embed/me",
    "/embed.js",
    "/sign-in",
    "/sign-in/forgot",
    "/sign-in/oidc",
    "/sign-in/oidc/back",
    "/sign-out",
    "/export/once/<name>",  # whoever has an address of it may have what was promised there, once
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("people") / "people.csv"
    lines = [f"{user},,{user}@acme.example,{team}" for user, (team, *_) in USERS.items()]
    file.write_text("\n".join(["user_id,name,email,team", *lines]))
    return file


def _repository() -> MemoryRepository:
    at = NOW - timedelta(minutes=5)
    found = MemoryRepository(
        {user: document(user, [entry(at, cost, model)]) for user, (_, model, cost) in USERS.items()}
    )
    found.clock = NOW
    return found


@dataclass(frozen=True)
class Served:
    """An app, and how somebody is made known to it; `app` answers below `prefix`."""

    app: Flask
    dashboard: Flask
    known: Callable[[FlaskClient, str], dict[str, str]]
    prefix: str = ""

    def client(self, who: str) -> Asking:
        client = self.app.test_client()
        return Asking(client, self.known(client, who), self.prefix)


class Asking:
    """Somebody's requests, as a page of ours sends them."""

    def __init__(self, client: FlaskClient, headers: dict[str, str], prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._headers = {"Origin": "http://localhost", **headers}

    def __call__(self, method: str, path: str, **more: Any) -> Any:
        headers = self._headers | more.pop("headers", {})
        return self._client.open(self._prefix + path, method=method, headers=headers, buffered=True, **more)


ROLES = {
    "admin": Viewer.admin("Ann"),
    "viewer": Viewer.viewer(),
    "lead": Viewer.lead(["Support"]),
    "self": Viewer.only(["u-ada"]),
}
SEE = {"viewer": "all", "lead": {"teams": ["Support"]}, "self": {"users": ["u-ada"]}}
LETS_IN = ("admin", "viewer", "lead", "self")
KEPT_OUT = ("nobody", "expired", "forged")


def _settings(people: Path, *ways: Way, **more: Any) -> Settings:
    return Settings(
        auth=ways or None,
        people_file=people,
        embed_secret=(EMBED_SECRET,),
        embed_origins=("https://portal.example",),
        api_tokens=API_TOKENS,
        refresh_seconds=3600,
        budgets=BUDGETS,
        **more,
    )


def _token(who: str, **more: Any) -> str:
    now = int(time.time()) - (2_000 if who == "expired" else 0)
    see = SEE.get(who, "all")
    claims = {"aud": "usage-dash", "iat": now, "exp": now + 600, "sub": who, "see": see, **more}
    return jwt.encode(claims, "f" * 32 if who == "forged" else EMBED_SECRET, algorithm="HS256")


def _by_proxy(people: Path) -> Served:
    settings = _settings(
        people,
        Way.PROXY,
        proxy_header="X-User",
        proxy_secret=PROXY_SECRET,
        admins="admin@acme.example",
        viewers="viewer@acme.example",
        leads="lead@acme.example:Support",
        see_self=True,
    )
    app = create_app(settings, _repository())

    def known(_client: FlaskClient, who: str) -> dict[str, str]:
        if who in {"nobody", "expired"}:
            return {}
        user = "u-ada" if who == "self" else who
        secret = "x" * 32 if who == "forged" else PROXY_SECRET
        return {"X-User": f"{user}@acme.example", "X-Usage-Dash-Proxy-Secret": secret}

    return Served(app, app, known)


def _by_password(people: Path) -> Served:
    passwords = {"admin": "battery staple", "viewer": "correct horse"}
    settings = _settings(
        people, Way.PASSWORD, password=passwords["viewer"], admin_password=passwords["admin"], secret="s" * 32
    )
    app = create_app(settings, _repository())

    def known(client: FlaskClient, who: str) -> dict[str, str]:
        if who in passwords:
            form = {"way": "password", "password": passwords[who]}
            assert client.post("/sign-in", data=form, headers={"Origin": "http://localhost"}).status_code == 303
        if who in {"expired", "forged"}:
            client.set_cookie("usage_dash", _session(app, Way.PASSWORD, "administrator", who))
        return {} if who in {*passwords, *KEPT_OUT} else {"Authorization": f"Bearer {_token(who)}"}

    return Served(app, app, known)


def _session(app: Flask, way: Way, subject: str, who: str) -> str:
    """A session's cookie as ours are, that began yesterday or that somebody else has signed."""
    begun = time.time() - (13 * 3_600 if who == "expired" else 0)
    told = {"way": way, "subject": subject, "email": "admin@acme.example", "name": "", "claims": []}
    signer = Flask("signer")
    signer.secret_key = b"another" if who == "forged" else app.secret_key
    return str(_cookies(signer).dumps({"key": "k", "since": begun, "_permanent": True, **told}))


def _by_providers(people: Path) -> Served:
    """Firebase and an OpenID provider, neither of which answers: nobody needs them to be kept out."""
    nobody = f"127.0.0.1:{free_port()}"
    settings = _settings(
        people,
        Way.FIREBASE,
        Way.OIDC,
        secret="s" * 32,
        firebase_api_key="key",
        project_id="acme-chatbot",
        auth_emulator_host=nobody,
        oidc_issuer=f"http://{nobody}",
        oidc_client_id="usage-dash",
        oidc_client_secret="c" * 32,
        admins="admin@acme.example",
    )
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIREBASE_AUTH_EMULATOR_HOST", nobody)  # firebase-admin looks for it there
        app = create_app(settings, _repository())

    def known(client: FlaskClient, who: str) -> dict[str, str]:
        if who == "admin" or who in {"expired", "forged"}:
            client.set_cookie("usage_dash", _session(app, Way.OIDC, "ann", who))
        return {} if who in {"admin", *KEPT_OUT} else {"Authorization": f"Bearer {_token(who)}"}

    return Served(app, app, known)


def _by_token(people: Path) -> Served:
    app = create_app(_settings(people, Way.NONE), _repository())

    def known(_client: FlaskClient, who: str) -> dict[str, str]:
        if who == "nobody":
            return {"X-Usage-Dash-Frame": "1"}
        return {} if who == "admin" else {"Authorization": f"Bearer {_token(who)}"}

    return Served(app, app, known)


def _mounted(people: Path) -> Served:
    host = Flask("host")
    host.secret_key = "h" * 32
    host.add_url_rule("/enter/<who>", view_func=_enter)
    dashboard = mount(host, "/usage", _current_viewer, _settings(people), _repository())

    def known(client: FlaskClient, who: str) -> dict[str, str]:
        if who in ROLES:
            client.get(f"/enter/{who}")
        if who == "forged":
            other = Flask("other")
            other.secret_key = b"another"
            client.set_cookie("session", str(_cookies(other).dumps({"who": "admin"})))
        return {}

    return Served(host, dashboard, known, "/usage")


def _cookies(signer: Flask) -> Any:
    """What signs sessions as an app with this secret does."""
    return SecureCookieSessionInterface().get_signing_serializer(signer)


def _enter(who: str) -> str:
    session["who"] = who
    return "in"


def _current_viewer() -> Viewer | None:
    assert request.path.startswith("/usage")
    return ROLES.get(session.get("who", ""))


PLACES = {
    "proxy": _by_proxy,
    "password": _by_password,
    "providers": _by_providers,
    "token": _by_token,
    "mounted": _mounted,
}


@pytest.fixture(scope="module", params=PLACES.values(), ids=list(PLACES))
def served(request: pytest.FixtureRequest, people: Path) -> Iterator[Served]:
    found: Served = request.param(people)
    board = found.dashboard.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    yield found
    board.close()


def _paths(rule: Rule) -> list[str]:
    """Paths that a rule answers: places in it filled with what is there, and with what is odd."""
    fillings = {
        "/<path:path>": [
            "/users/u-bob",
            "/trust",
            "/embed/other",
            "/embed/",
            "/assetsx",
            "/health/x",
            "/sign-in/x",
            "/_dash-layout/",
        ],
        "/assets/<path:filename>": ["/assets/app.css"],
        "/export/<name>": ["/export/users.csv", "/export/entries.json", "/export/workbook.xlsx"],
        "/export/once/<name>": ["/export/once/guessed"],
        "/api/v1/users/<id:user_id>": ["/api/v1/users/u-bob", "/api/v1/users/u-ada"],
        "/api/v1/<path:elsewhere>": ["/api/v1/nothing", "/api/v1/overview/", "/api/v1//"],
    }
    suites = "/_dash-component-suites/"
    return (
        ["/_dash-component-suites/dash/nope.js"]
        if rule.rule.startswith(suites)
        else fillings.get(rule.rule, [rule.rule])
    )


def _routes(dashboard: Flask) -> list[tuple[str, str, str]]:
    """Every rule, with a path of it and a method that it takes, and some that it does not."""
    return [
        (rule.rule, path, method)
        for rule in dashboard.url_map.iter_rules()
        for path in _paths(rule)
        for method in sorted({*(rule.methods or ()), "GET", "POST", "PUT", "DELETE", "OPTIONS"})
    ]


@pytest.mark.parametrize("who", KEPT_OUT)
def test_whoever_was_not_let_in_gets_nothing_but_the_open_places(served: Served, who: str) -> None:
    ask = served.client(who)
    answered = set()
    for rule, path, method in _routes(served.dashboard):
        answer = ask(method, path, json={} if method == "POST" else None)
        said = answer.get_data().decode(errors="replace")
        assert not [word for word in ("u-ada", "model-of", "7.43") if word in said], (method, path)
        if answer.status_code not in {401, 403, 405, 503} and not _leads_to_sign_in(answer):
            answered.add(rule)
    assert answered <= OPEN


def _leads_to_sign_in(answer: Any) -> bool:
    return answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("who", KEPT_OUT)
def test_layout_dependencies_and_callbacks_are_kept_from_whoever_was_not_let_in(served: Served, who: str) -> None:
    ask = served.client(who)
    for path in (
        "/_dash-layout",
        "/_dash-dependencies",
        "/",
        "/embed/me/card",
        "/users/u-bob",
        "/trust",
        "/_reload-hash",
    ):
        answer = ask("GET", path, headers={"Sec-Fetch-Mode": "cors"})
        assert answer.status_code in {401, 403}, path
    for body in _callbacks(served):
        answer = ask("POST", UPDATE, json=body)
        assert answer.status_code in {401, 403}
        assert "u-ada" not in answer.get_data(as_text=True)


def _callbacks(served: Served) -> list[dict[str, Any]]:
    """What the page asks: for itself, with rows of both users opened, and for its dialogs."""
    dependencies = served.client("viewer")("GET", "/_dash-dependencies").json
    page = request_of(dependencies)
    page["inputs"][2]["value"] = {"query": urlencode([("open", user) for user in USERS])}
    return [page, request_of(dependencies, f"{ids.METER_TABLE}.children")]


@pytest.mark.parametrize("who", LETS_IN)
def test_who_was_let_in_sees_their_scope_and_what_their_role_may(served: Served, who: str) -> None:
    ask = served.client(who)
    page, dialogs = (ask("POST", UPDATE, json=body) for body in _callbacks(served))
    assert (page.status_code, dialogs.status_code) == (200, 200)
    seen = page.text + dialogs.text
    assert "u-ada" in seen
    if who in {"lead", "self"}:
        assert not [word for word in HIDDEN if word in seen]
    else:
        assert all(word in seen for word in ("u-bob", "model-of-bob"))
    assert ("Documents read" in dialogs.text) == (who == "admin")
    assert ("All documents are as they should be" in dialogs.text) == (who in {"admin", "self"})
    assert (ids.BILL_READ in page.json["response"]) == (who == "admin")


@pytest.mark.parametrize("who", LETS_IN)
def test_documents_and_cards_show_their_scope(served: Served, who: str) -> None:
    ask = served.client(who)
    for path in ("/", "/users/u-ada", "/embed/me/card"):
        seen = ask("GET", path).text
        assert "7.43" in seen or "77.43" in seen, path
        if who in {"lead", "self"}:
            assert not [word for word in HIDDEN if word in seen], path
        assert ("fake · Firestore" in seen) == (who == "admin" and path != "/embed/me/card")


@pytest.mark.parametrize("who", LETS_IN)
def test_budgets_are_told_to_who_may_see_what_they_are_of(served: Served, who: str) -> None:
    seen = served.client(who)("GET", "/").text
    assert {limit for limit in ("$9,999", "$55.50", "$8,888", "$66.50") if f"of {limit} spent" in seen} == TOLD[who]
    assert "of $66.50 spent" in served.client(who)("GET", "/users/u-ada").text
    assert ("of $66.50 " in served.client(who)("GET", "/embed/me/card").text) == (who == "self")


@pytest.mark.parametrize("who", LETS_IN)
def test_what_can_be_trusted_is_told_of_their_scope(served: Served, who: str) -> None:
    seen = served.client(who)("GET", "/trust").text
    assert 'id="recorded-of-billed"' in seen
    assert ("OPENAI_ADMIN_KEY" in seen) == (who == "admin")
    if who in {"lead", "self"}:
        assert not [word for word in HIDDEN if word in seen]


@pytest.mark.parametrize("who", LETS_IN)
def test_a_users_page_shows_them_within_the_scope_and_else_as_nobody(served: Served, who: str) -> None:
    seen = served.client(who)("GET", "/users/u-bob").text
    nobody = served.client(who)("GET", "/users/u-zed").text
    if who in {"lead", "self"}:
        assert not [word for word in HIDDEN[1:] if word in seen]
        assert len(seen) == len(nobody)  # but for the id, which is in the address
    else:
        assert all(word in seen for word in ("70.00", "model-of-bob"))
        assert "70.00" not in nobody


@pytest.mark.parametrize("who", ["lead", "self"])
def test_what_another_viewer_holds_gives_nothing_away(served: Served, who: str) -> None:
    body = _callbacks(served)[0]
    held = served.client("viewer")("POST", UPDATE, json=body).json["response"]["held"]["data"]
    body["state"][0]["value"] = held
    answer = served.client(who)("POST", UPDATE, json=body)
    assert answer.json["response"].keys() >= {"cards", "users-table", "status-slot"}
    assert not [word for word in HIDDEN if word in answer.text]


@pytest.mark.parametrize("first", ["viewer", "admin"])
@pytest.mark.parametrize("who", ["lead", "self"])
def test_what_was_drawn_for_a_wider_scope_is_not_sent_to_a_narrower_one(served: Served, first: str, who: str) -> None:
    body = _callbacks(served)[0]
    wide = served.client(first)("POST", UPDATE, json=body).json["response"]
    narrow = served.client(who)("POST", UPDATE, json=body).json["response"]
    assert not set(wide["held"]["data"].values()) & set(narrow["held"]["data"].values())
    assert "u-bob" not in json.dumps(narrow)


def test_administrators_and_viewers_share_no_part_that_tells_of_documents(served: Served) -> None:
    body = _callbacks(served)[0]
    held = [
        served.client(who)("POST", UPDATE, json=body).json["response"]["held"]["data"] for who in ("admin", "viewer")
    ]
    assert not set(held[0].values()) & set(held[1].values())


@pytest.mark.parametrize("who", ["lead", "self"])
def test_leaving_a_parameter_out_never_shows_more(served: Served, who: str) -> None:
    ask = served.client(who)
    body = _callbacks(served)[0]
    names = ["inputs", "state", "changedPropIds", "outputs"]
    for count in range(1, len(names) + 1):
        for left_out in itertools.combinations(names, count):
            answer = ask("POST", UPDATE, json={name: value for name, value in body.items() if name not in left_out})
            assert answer.status_code in {200, 400}
            assert not [word for word in HIDDEN if word in answer.text], left_out
    for part in (*body["inputs"], *body["state"]):
        kept, part["value"] = part.get("value"), None
        assert not [word for word in HIDDEN if word in ask("POST", UPDATE, json=body).text]
        part["value"] = kept


def test_a_request_of_another_sites_page_is_refused(served: Served) -> None:
    body = _callbacks(served)[0]
    ask = served.client("viewer")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none", "Origin": "null"},
    ):
        assert ask("POST", UPDATE, json=body, headers=headers).status_code == 403, headers
    assert ask("POST", UPDATE, json=body, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


@pytest.mark.parametrize("kind", ["iframe", "frame", "embed", "object"])
def test_only_the_documents_of_frames_are_shown_in_frames(served: Served, kind: str) -> None:
    ask = served.client("viewer")
    for path in ("/", "/users/u-bob", "/embed/me/card", "/sign-in"):
        answer = ask("GET", path, headers={"Sec-Fetch-Dest": kind})
        assert answer.status_code == 401
        assert "7.43" not in answer.text
    for path in ("/embed", "/embed/me"):
        answer = ask("GET", path, headers={"Sec-Fetch-Dest": kind})
        assert answer.status_code == 200
        assert "frame-ancestors https://portal.example" in answer.headers["Content-Security-Policy"]


def test_a_frames_request_is_judged_by_its_token_alone(served: Served) -> None:
    """Whoever is signed in beside it, an administrator even."""
    for who in ("admin", "viewer"):
        ask = served.client(who)
        body = _callbacks(served)[0]
        narrow = ask("POST", UPDATE, json=body, headers={"Authorization": f"Bearer {_token('self')}"})
        assert narrow.status_code == 200
        assert not [word for word in HIDDEN if word in narrow.text]
        for authorization in (f"Bearer {_token('forged')}", f"Bearer {_token('expired')}", "Bearer", "", "Negotiate x"):
            refused = ask("POST", UPDATE, json=body, headers={"Authorization": authorization})
            assert refused.status_code == 401, authorization
            assert refused.headers["WWW-Authenticate"].startswith("Bearer error=")
    ask = served.client("admin")
    assert ask("POST", UPDATE, json=body, headers={"X-Usage-Dash-Frame": "1"}).status_code == 401


def test_a_token_may_name_users_with_slashes_and_marks(people: Path) -> None:
    odd = ["a/b", "../u-bob", "<b>", "u-ada' OR '1'='1", "%2e", "\u202eada", " ", "u-ada,u-bob"]
    at = NOW - timedelta(minutes=5)
    source = MemoryRepository({user: document(user, [entry(at, 1.0)]) for user in [*odd, *USERS]})
    app = create_app(_settings(people, Way.NONE), source)
    app.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    client = app.test_client()
    dependencies = client.get("/_dash-dependencies").json
    for user in odd:
        headers = {"Authorization": f"Bearer {_token('self', see={'users': [user]})}"}
        answer = client.post(UPDATE, json=request_of(dependencies), headers=headers)
        assert answer.json["response"][ids.USERS_COUNT]["children"] == "1"
        assert text(find(answer.json["response"]["cards"]["children"], ids.TOTAL_COST)) == "$1.00"
    app.extensions["usage_dash_board"].close()


def test_a_failing_source_tells_only_administrators_what_it_is(people: Path) -> None:
    source = MemoryRepository()
    source.fail_in(0, FORBIDDEN, times=100)
    app = create_app(_settings(people, Way.NONE), source)
    app.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    client = app.test_client()
    body = request_of(client.get("/_dash-dependencies").json)
    assert FORBIDDEN.remedy in client.post(UPDATE, json=body).text
    for who in ("viewer", "lead", "self"):
        answer = client.post(UPDATE, json=body, headers={"Authorization": f"Bearer {_token(who)}"})
        assert "Whoever runs this dashboard sees the reason" in answer.text
        assert not [word for word in (FORBIDDEN.title, FORBIDDEN.remedy, "usage”", "fake") if word in answer.text]
    app.extensions["usage_dash_board"].close()


def test_https_is_kept_to_once_it_was_used(people: Path) -> None:
    app = create_app(_settings(people, Way.NONE), _repository())
    believe(app, 1)
    client = app.test_client()
    assert "Strict-Transport-Security" not in client.get("/health").headers
    answer = client.get("/", headers={"X-Forwarded-Proto": "https"})
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    app.extensions["usage_dash_board"].close()


def test_a_page_that_was_made_for_somebody_else_is_over(served: Served) -> None:
    """As when another person has signed in, in another tab of the same browser."""
    made_for = re.compile(r'<html lang="en" data-viewer="([0-9a-f]+)">')
    body = _callbacks(served)[0]
    [admins] = made_for.findall(served.client("admin")("GET", "/").text)
    ask = served.client("admin")
    for viewer, status in ((admins, 200), ("", 200), ("somebody-elses", 401)):
        assert ask("POST", UPDATE, json=body, headers={"X-Usage-Dash-Viewer": viewer}).status_code == status
    assert '<html lang="en" data-viewer="">' in ask("GET", "/embed").text


def test_no_document_may_run_a_script_that_it_was_not_given(served: Served) -> None:
    ask = served.client("viewer")
    for path in ("/", "/embed", "/embed/me", "/sign-in", "/sign-out", "/nothing"):
        answer = ask("GET", path)
        policy = answer.headers["Content-Security-Policy"]
        assert re.search(r"script-src 'self'(?: 'sha256-[^']+')+;", policy)
        assert not re.search(r"<[^>]+\son\w+=", answer.text)


def test_where_everybody_is_let_in_a_proxy_may_have_asked_for_a_password(people: Path) -> None:
    app = create_app(_settings(people, Way.NONE), _repository())
    client = app.test_client()
    for scheme in ("Basic", "basic", "BASIC"):
        assert client.get("/_dash-layout", headers={"Authorization": f"{scheme} YTpi"}).status_code == 200
    for other in ("Bearer x", "bearer x", "Negotiate x", "", "Basic", "basic", "Basically YTpi"):
        assert client.get("/_dash-layout", headers={"Authorization": other}).status_code == 401
    app.extensions["usage_dash_board"].close()


def test_where_people_sign_in_no_other_password_stands_beside_it(people: Path) -> None:
    served = _by_proxy(people)
    assert served.client("admin")("GET", "/_dash-layout").status_code == 200
    refused = served.client("admin")("GET", "/_dash-layout", headers={"Authorization": "Basic YTpi"})
    assert refused.status_code == 401
    served.app.extensions["usage_dash_board"].close()


def test_a_platforms_visitors_are_led_to_https(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    app = create_app(_settings(people, Way.PROXY, proxy_header="X-User", proxy_secret=PROXY_SECRET), _repository())
    client = app.test_client()
    for path, status in (("/sign-in?next=/x", 308), ("/", 308), ("/health", 200)):
        answer = client.get(path, headers={"Host": "a.herokuapp.com", "X-Forwarded-Proto": "http"})
        assert answer.status_code == status
        assert answer.headers.get("Location", f"https://a.herokuapp.com{path}") == f"https://a.herokuapp.com{path}"
    foreign = client.get("/", headers={"Host": "evil.example", "X-Forwarded-Proto": "http"})
    assert foreign.status_code == 400
    app.extensions["usage_dash_board"].close()


@pytest.mark.parametrize(
    "path",
    ["/assets/?v=1", "/assets//a.css?v=1", "/assets/%2fa.css?v=1", "/_dash-component-suites/", "/embed.js/x?v=1"],
)
def test_no_document_with_figures_is_kept_by_anybody_however_its_path_looks(served: Served, path: str) -> None:
    for who in LETS_IN:
        answer = served.client(who)("GET", path)
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "origin", ["http://[", "http://[::1", "http://ev\N{ACCOUNT OF}il", "//localhost", "localhost", ""]
)
def test_an_odd_origin_is_another_sites(served: Served, origin: str) -> None:
    body = _callbacks(served)[0]
    headers = {"Origin": origin.encode().decode("latin-1")}
    assert served.client("viewer")("POST", UPDATE, json=body, headers=headers).status_code == 403
    assert served.client("nobody")("POST", "/sign-out", headers=headers).status_code in {401, 403, 405}


def test_a_page_with_tls_is_not_asked_by_one_without(people: Path) -> None:
    app = create_app(_settings(people, Way.NONE), _repository())
    believe(app, 1)
    client = app.test_client()
    body = request_of(client.get("/_dash-dependencies").json)
    for proto, origin, status in (
        ("https", "https://localhost", 200),
        ("https", "http://localhost", 403),
        ("http", "http://localhost", 200),
        ("http", "https://localhost", 200),  # a proxy with TLS that is not believed
    ):
        answer = client.post(UPDATE, json=body, headers={"Origin": origin, "X-Forwarded-Proto": proto})
        assert answer.status_code == status, (proto, origin)
    app.extensions["usage_dash_board"].close()


def test_a_name_that_only_a_header_tells_is_not_enough(people: Path) -> None:
    """A page that points its name at us can send that header itself, past a proxy that lets it through."""
    app = create_app(_settings(people, Way.NONE, hosts=("usage.example",)), _repository())
    believe(app, 1)
    client = app.test_client()
    for host, told, status in (
        ("usage.example", None, 200),
        ("127.0.0.1:8050", "usage.example", 200),
        ("evil.example", "usage.example", 400),
        ("evil.example", "localhost", 400),
        ("usage.example", "evil.example", 400),
    ):
        headers = {"Host": host} | ({"X-Forwarded-Host": told} if told else {})
        assert client.get("/_dash-layout", headers=headers).status_code == status, (host, told)
    app.extensions["usage_dash_board"].close()


def test_a_request_from_a_frames_document_needs_its_token(served: Served) -> None:
    body = _callbacks(served)[0]
    for page in ("/embed", "/embed?range=7d", "/embed/me", "/usage/embed"):
        answer = served.client("admin")("POST", UPDATE, json=body, headers={"Referer": f"http://localhost{page}"})
        assert answer.status_code == 401


@pytest.mark.parametrize("path", ["", "/", "usage!", "/assets", "/a b"])
def test_a_dashboard_is_mounted_below_a_path_of_its_own(path: str) -> None:
    with pytest.raises(SettingsError, match=r"mount"):
        mount(Flask("host"), path, _current_viewer, Settings(), _repository())


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("who", PROGRAMS)
def test_a_program_sees_what_its_token_says(served: Served, who: str) -> None:
    """Whoever is signed in beside it, an administrator even."""
    ask = served.client("admin")
    for question in QUESTIONS:
        answer = ask("GET", f"{API}/{question}", headers=_bearer(PROGRAMS[who]))
        assert (answer.status_code, answer.mimetype) == (200, "application/json"), question
        assert answer.headers["Cache-Control"] == "no-store"
        if who != "viewer":
            assert not [word for word in (*HIDDEN, "77.43", "Sales") if word in answer.text], question
    taken = ask("GET", "/export/users.csv", headers=_bearer(PROGRAMS[who]))
    assert (taken.status_code, "u-bob" in taken.text) == (200, who == "viewer")
    users = ask("GET", f"{API}/users", headers=_bearer(PROGRAMS[who])).json
    assert [user["user_id"] for user in users["users"]] == (["u-bob", "u-ada"] if who == "viewer" else ["u-ada"])


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer "])
def test_a_scheme_may_be_written_in_any_case(served: Served, scheme: str) -> None:
    """And what comes with it is still all that decides, whoever is signed in beside it."""
    ask = served.client("admin")
    program = ask("GET", f"{API}/users", headers={"Authorization": f"{scheme} {PROGRAMS['self']}"})
    assert [user["user_id"] for user in program.json["users"]] == ["u-ada"]
    frame = {"Authorization": f"{scheme} {_token('self')}"}
    answer = ask("POST", UPDATE, json=_callbacks(served)[0], headers=frame)
    assert (answer.status_code, [word for word in HIDDEN if word in answer.text]) == (200, [])
    forged = ask("GET", f"{API}/users", headers={"Authorization": f"{scheme} {new_token()}"})
    assert forged.status_code == 401


@pytest.mark.parametrize("who", LETS_IN)
def test_who_was_let_in_may_ask_as_programs_do(served: Served, who: str) -> None:
    ask = served.client(who)
    for question in QUESTIONS:
        answer = ask("GET", f"{API}/{question}")
        assert answer.status_code == 200
        if who in {"lead", "self"}:
            assert not [word for word in HIDDEN if word in answer.text], question
    for user in ("u-bob", "nobody"):
        answer = ask("GET", f"{API}/users/{user}")
        assert answer.status_code == (200 if user == "u-bob" and who in {"admin", "viewer"} else 404)
        if answer.status_code == 404:
            assert answer.json["detail"] == "This asks for a user who is not among those you may see."
    assert (ask("GET", f"{API}/users/u-ada").json["findings"] is None) == (who in {"viewer", "lead"})


@pytest.mark.parametrize("filters", ["user=u-bob", "team=Sales", "model=model-of-bob", "user=u-ada&user=u-bob"])
@pytest.mark.parametrize("who", ["lead", "self"])
def test_no_filter_widens_what_a_program_sees(served: Served, who: str, filters: str) -> None:
    ask = served.client("admin")
    for question in QUESTIONS[:-3]:
        answer = ask("GET", f"{API}/{question}?{filters}", headers=_bearer(PROGRAMS[who]))
        assert answer.status_code == 404, question
        assert not [word for word in HIDDEN if word in answer.text]


def test_a_programs_token_is_for_programs_places_alone(served: Served) -> None:
    ask = served.client("admin")
    body = _callbacks(served)[0]
    for method, path in (("GET", "/"), ("GET", "/users/u-ada"), ("GET", "/embed/me/card"), ("POST", UPDATE)):
        more = {"json": body} if method == "POST" else {}
        answer = ask(method, path, headers=_bearer(PROGRAMS["viewer"]), **more)
        assert answer.status_code == 401, path
        assert "u-ada" not in answer.text
        assert "a program's token is for /api/v1 and /export alone" in answer.headers["WWW-Authenticate"]


def test_another_token_lets_no_program_in(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    ask = served.client("admin")
    for token in (new_token(), API_TOKENS[0].digest, "udash_", _token("forged"), _token("expired"), ""):
        caplog.clear()
        with caplog.at_level("INFO", "usage_dash.audit"):
            answer = ask("GET", f"{API}/overview", headers=_bearer(token))
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), token
        assert answer.json["detail"].startswith("This token lets nobody in: ")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer error=")
        assert caplog.text.count("refused") == 1
        assert not token or token not in caplog.text + answer.text


@pytest.mark.parametrize("who", KEPT_OUT)
def test_programs_that_were_not_let_in_are_told_in_json_whatever_they_accept(served: Served, who: str) -> None:
    ask = served.client(who)
    for path in (*(f"{API}/{question}" for question in QUESTIONS), API, f"{API}/openapi.json", f"{API}/nothing"):
        answer = ask("GET", path, headers={"Accept": "text/html", "Sec-Fetch-Mode": "navigate"})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json"), path
        assert answer.json["status"] == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_whatever_goes_wrong_programs_are_told_in_json(served: Served) -> None:
    ask = served.client("viewer")
    for method, path, status in (
        ("GET", API, 404),
        ("GET", f"{API}/", 404),
        ("GET", f"{API}/nothing", 404),
        ("GET", f"{API}/overview/", 404),
        ("POST", f"{API}/overview", 405),
        ("DELETE", f"{API}/users/u-ada", 405),
        ("GET", f"{API}/overview?range=8d", 400),
    ):
        answer = ask(method, path)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), path
        assert answer.json["status"] == status
        assert "<" not in answer.text


def test_what_programs_are_told_is_compressed_kept_by_nobody_and_for_no_other_site(served: Served) -> None:
    ask = served.client("viewer")
    for method in ("GET", "HEAD", "OPTIONS"):
        headers = {"Accept-Encoding": "br", "Origin": "https://evil.example"}
        answer = ask(method, f"{API}/timeline", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert not [name for name in answer.headers.keys() if name.lower().startswith("access-control-")]  # noqa: SIM118
        assert method != "GET" or answer.headers["Content-Encoding"] == "br"

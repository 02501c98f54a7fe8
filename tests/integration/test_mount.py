"""The dashboard as a part of another Flask app, whose own sign-in decides."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, abort, make_response, request, session
from flask.testing import FlaskClient
from tests.browser import scenes
from tests.fakes import DEADLINE, MemoryRepository
from tests.integration.page_client import find, request_of, text

import usage_dash
from usage_dash import Viewer
from usage_dash.settings import Settings

CurrentViewer = Callable[[], Viewer | None]
Mount = Callable[..., Flask]
PEOPLE = "user_id,name,email,team\nuser-00,Ann,ann@acme.example,Support\nuser-01,Bo,bo@acme.example,Sales\n"
VIEWERS = {
    "admin": (Viewer.admin("Ada"), "$3.00", 4),
    "viewer": (Viewer.viewer("Vic"), "$3.00", 4),
    "lead": (Viewer.lead(["Support"], "Lee"), "$1.20", 1),
    "own": (Viewer.only(["user-01"], "Sam"), "$0.9000", 1),
    "nobody's": (Viewer.only([]), "", 0),
}
# What a portal may be asked, in its places and in none.
HOSTS_OWN = [
    ("GET", "/"),
    ("GET", "/me"),
    ("HEAD", "/"),
    ("POST", "/"),
    ("POST", "/echo"),
    ("OPTIONS", "/echo"),
    ("GET", "/broken"),
    ("GET", "/forbidden"),
    ("GET", "/nowhere"),
    ("GET", "/usages"),
    ("GET", "/assets/app.css"),
    ("GET", "/health"),
    ("GET", "/embed"),
    ("GET", "/_dash-layout"),
    ("GET", "/files/note.txt"),
]


def host_app(folder: Path) -> Flask:
    """A portal with sessions, pages for errors, files and headers of its own."""
    host = Flask("host", static_folder=str(folder), static_url_path="/files")
    host.secret_key = "a secret of the host alone, not ours"  # noqa: S105 - of tests alone

    @host.route("/", methods=["GET", "POST"])
    def start() -> Response:
        session["seen"] = True
        return make_response("<p>Welcome", 200, {"Cache-Control": "max-age=60"})

    @host.get("/me")
    def me() -> dict[str, str]:
        return {"who": session.get("who", "nobody")}

    @host.post("/echo")
    def echo() -> bytes:
        return request.get_data()

    @host.post("/sign-in")
    def enter() -> str:
        session["who"] = request.form["who"]
        return "in"

    @host.get("/broken")
    def broken() -> str:
        raise RuntimeError("of the host's own")

    @host.get("/forbidden")
    def forbidden() -> str:
        abort(403)

    @host.errorhandler(404)
    @host.errorhandler(403)
    @host.errorhandler(500)
    def sorry(error: Exception) -> tuple[str, int]:
        return f"The host is sorry: {type(error).__name__}", getattr(error, "code", 500) or 500

    @host.after_request
    def dress(response: Response) -> Response:
        response.headers["X-Host"] = "dressed"
        return response

    return host


@pytest.fixture(scope="module")
def usage() -> MemoryRepository:
    """Four users, of $1.20, $0.90, $0.60 and $0.30."""
    return scenes.repository(users=4, entries=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "note.txt").write_text("of the host", encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def mount(usage: MemoryRepository, folder: Path) -> Iterator[Mount]:
    """Mount dashboards that have read their source, until the test is over."""
    with ExitStack() as stack:

        def mounted(host: Flask, current_viewer: CurrentViewer, path: str = "/usage") -> Flask:
            settings = Settings(people_file=folder / "people.csv")
            server = usage_dash.mount(host, path, current_viewer, settings, usage)
            board = server.extensions["usage_dash_board"]
            stack.callback(board.close)
            board.sync.refresh(wait=DEADLINE)
            return server

        yield mounted


class Below:
    """A browser's requests of the dashboard below a path of the host."""

    def __init__(self, host: Flask, path: str = "/usage") -> None:
        self.client: FlaskClient = host.test_client()
        self._path = path

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(self._path + path, buffered=True, **options)

    def post(self, path: str, **options: Any) -> Any:
        return self.client.post(self._path + path, headers={"Origin": "http://localhost"}, **options)


def _all_of(app: Flask, method: str, path: str) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Ask as a browser does; returns status, body and headers without the time."""
    headers = {"Accept-Encoding": "br, gzip"}
    answer = app.test_client().open(path, method=method, data=b"a=b", headers=headers, buffered=True)
    answer.headers.pop("Date", None)
    return answer.status_code, answer.data, list(answer.headers)


@pytest.mark.parametrize(("method", "path"), HOSTS_OWN)
def test_the_hosts_own_answers_are_the_same_with_and_without(
    folder: Path, mount: Mount, method: str, path: str
) -> None:
    alone, host = host_app(folder), host_app(folder)
    mount(host, Viewer.admin)
    assert _all_of(host, method, path) == _all_of(alone, method, path)


def test_the_dashboards_answers_are_not_the_hosts(folder: Path, mount: Mount) -> None:
    host = host_app(folder)
    mount(host, Viewer.admin)
    page, missing = Below(host).get("/"), Below(host).get("/nowhere/at-all.css")
    assert "X-Host" not in page.headers
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "The host is sorry" not in missing.text


def test_its_addresses_are_below_the_path(folder: Path, mount: Mount) -> None:
    host = host_app(folder)
    mount(host, Viewer.admin)
    below = Below(host)
    assert below.get("").headers["Location"].endswith("/usage/")
    assert 'src="/usage/_dash-component-suites/' in below.get("/").text
    assert below.get("/health").status_code == 200
    assert below.get("/assets/app.css").mimetype == "text/css"


@pytest.mark.parametrize("name", VIEWERS)
def test_each_sees_what_they_may(folder: Path, mount: Mount, name: str) -> None:
    viewer, cost, users = VIEWERS[name]
    host = host_app(folder)
    mount(host, lambda: viewer)
    below = Below(host)
    answer = below.post("/_dash-update-component", json=_body(below))
    assert answer.status_code == 200
    parts = answer.json["response"]
    if users:
        assert text(find(parts["cards"]["children"], "total-cost")) == cost
        assert len(parts["users-table"]["data"]) == users
    else:
        assert not {"cards", "users-table"} & parts.keys()
    assert ("bill-read" in parts) == (name == "admin")


def _body(below: Below) -> dict[str, Any]:
    """Return a callback's request as the page sends it first."""
    return request_of(below.get("/_dash-dependencies").json)


def test_the_function_sees_the_hosts_request_and_session(folder: Path, mount: Mount) -> None:
    host = host_app(folder)
    seen: list[tuple[str, str, str | None, str, bytes]] = []

    def current_viewer() -> Viewer | None:
        said = (request.method, request.path, request.cookies.get("mine"), request.root_path, request.get_data())
        seen.append(said)
        return Viewer.viewer() if session.get("who") == "ann" else None

    mount(host, current_viewer)
    below = Below(host)
    assert below.get("/_dash-layout").status_code == 401
    below.client.post("/sign-in", data={"who": "ann"})
    below.client.set_cookie("mine", "yes")
    assert below.get("/_dash-layout?x=1").status_code == 200
    body = _body(below)
    assert below.post("/_dash-update-component", json=body).status_code == 200
    assert seen[1][:4] == ("GET", "/usage/_dash-layout", "yes", "")
    assert seen[-1] == ("POST", "/usage/_dash-update-component", "yes", "", b"")


def test_who_is_not_signed_in_gets_a_page_or_a_sentence(folder: Path, mount: Mount) -> None:
    host = host_app(folder)
    mount(host, lambda: None)
    page = Below(host).get("/", headers={"Accept": "text/html"})
    assert page.status_code == 401
    assert "You are not signed in" in page.text
    assert "user-0" not in page.text
    answer = Below(host).get("/_dash-layout", headers={"Sec-Fetch-Mode": "cors"})
    assert (answer.status_code, answer.text) == (401, "Sign in first.\n")


def _raise() -> Viewer:
    raise RuntimeError("the host's database is away")


@pytest.mark.parametrize(
    ("current_viewer", "why"),
    [
        (_raise, "the host's database is away"),
        (lambda: "admin", "current_viewer returned str"),
        (lambda: True, "current_viewer returned bool"),
        (lambda: Viewer.admin, "current_viewer returned method"),
        (lambda: abort(403), "current_viewer failed"),
        (lambda: Viewer.lead("Support"), "Give a list"),
    ],
)
def test_a_function_that_fails_lets_nobody_in_and_the_log_says_why(
    folder: Path, mount: Mount, caplog: pytest.LogCaptureFixture, current_viewer: CurrentViewer, why: str
) -> None:
    host = host_app(folder)
    mount(host, current_viewer)
    caplog.set_level(logging.ERROR)
    for path in ("/", "/_dash-layout", "/embed/me/card"):
        answer = Below(host).get(path)
        assert (answer.status_code, answer.text) == (
            500,
            "The page that this dashboard is a part of cannot say who you are.\n",
        )
    assert why in caplog.text


def test_two_in_one_process_know_nothing_of_each_other(folder: Path, mount: Mount) -> None:
    host, other = host_app(folder), host_app(folder)
    mount(host, lambda: Viewer.lead(["Support"]), "/support")
    mount(host, lambda: Viewer.lead(["Sales"]), "/sales/costs/")
    mount(other, lambda: None)
    for path, user, others in (("/support", "user-00", "user-01"), ("/sales/costs", "user-01", "user-00")):
        below = Below(host, path)
        answer = below.post("/_dash-update-component", json=_body(below)).text
        assert user in answer
        assert others not in answer
        assert f'"{path}/_dash-component-suites/' in below.get("/").text
    assert Below(other).get("/").status_code == 401
    assert host.test_client().get("/me").json == {"who": "nobody"}


def test_another_sites_page_can_call_nothing_with_the_hosts_cookie(folder: Path, mount: Mount) -> None:
    host = host_app(folder)
    mount(host, Viewer.admin)
    below = Below(host)
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        path = "/usage/_dash-update-component"
        assert below.client.post(path, json=_body(below), headers=headers).status_code == 403


def test_around_the_host_nobody_is_let_in(folder: Path, mount: Mount) -> None:
    server = mount(host_app(folder), Viewer.admin)
    assert server.test_client().get("/_dash-layout").status_code == 401


def test_settings_of_a_way_to_sign_in_are_left_aside(folder: Path, usage: MemoryRepository) -> None:
    host = host_app(folder)
    settings = Settings(auth=("password",), password="a shared password", url_prefix="/elsewhere/")  # noqa: S106
    server = usage_dash.mount(host, "/usage", lambda: None, settings, usage)
    try:
        assert Below(host).get("/").status_code == 401
        assert "password" not in Below(host).get("/sign-in").text.lower()
    finally:
        server.extensions["usage_dash_board"].close()

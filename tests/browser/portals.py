"""The example's portal and a dashboard, on sites of their own, and what a person does in the portal."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
from flask import Flask
from selenium import webdriver
from tests.browser import scenes
from tests.browser.dashboard import Dashboard, listening
from tests.fakes import DEADLINE, EagerClock, MemoryRepository
from werkzeug.wrappers import Response

from usage_dash.app import create_dash
from usage_dash.settings import Settings
from usage_dash.settings.budgets import Budgets

if TYPE_CHECKING:
    from types import ModuleType

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_EXAMPLE = Path(__file__).parents[2] / "examples" / "portal"
PEOPLE_FILE = _EXAMPLE / "people.csv"
SECRET = "a secret that the portal shares with us"  # noqa: S105 - of tests alone
BUDGETS = Budgets(10_000, users={"t.lindqvist": 45})
# What the people of the example have used, in dollars, by the ids of their documents.
COSTS = {"maria.oduya": 500.0, "t.lindqvist": 40.0, "svc-support-bot": 20.0, "chen.wei": 7.0}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request that arrived at the dashboard, with what it said of who asks."""

    path: str
    token: str | None
    cookie: str | None


class Dash:
    """A dashboard that notes the requests that arrive."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.arrivals: list[Arrival] = []
        self._answer, app.wsgi_app = app.wsgi_app, self  # type: ignore[method-assign] # as documented

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        said = (environ.get("HTTP_AUTHORIZATION"), environ.get("HTTP_COOKIE"))
        self.arrivals.append(Arrival(environ["PATH_INFO"], *said))
        return self._answer(environ, start_response)

    def asked(self) -> list[Arrival]:
        """Give the requests for figures that have arrived."""
        return [one for one in self.arrivals if one.path in {"/_dash-update-component", "/embed/me/card"}]


class Portal:
    """The example's portal, which can be told to answer otherwise where its page asks for tokens."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._answer: WSGIApplication = app.wsgi_app
        self.tokens = 0  # that were asked for
        self.feel_well()
        app.wsgi_app = self  # type: ignore[method-assign] # as documented

    def feel_well(self) -> None:
        """Answer as at first."""
        self.status: int | None = None
        self.token: str | None = None
        self.page = ""  # another page of the portal, at /page
        self.going_on = threading.Event()
        self.going_on.set()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        own = {"/my-token": self._token, "/page": lambda: Response(self.page, mimetype="text/html")}
        answer: WSGIApplication = own.get(environ["PATH_INFO"], lambda: self._answer)()
        return answer(environ, start_response)

    def _token(self) -> WSGIApplication:
        self.tokens += 1
        assert self.going_on.wait(DEADLINE)
        if self.status is not None:
            return Response(status=self.status, headers={"Location": "/sign-in"})
        if self.token is not None:
            return Response(f'{{"token": "{self.token}"}}', mimetype="application/json")
        return self._answer


class Visit:
    """A portal's page as a person meets it; `page` is what is looked at, as a rule the frame."""

    def __init__(self, page: Dashboard) -> None:
        self.page = page

    def sign_in(self, who: str) -> None:
        """Sign in to the portal anew."""
        self.page.driver.get(self.page.address + "sign-in")
        self.page.find(f"button[value={who}]").click()
        self.page.until(lambda: self.page.all("#leave"), "the portal lets in")

    def open(self, who: str, path: str = "") -> Dashboard:
        """Sign in, open a page of the portal, and step into its frame."""
        self.sign_in(who)
        self.page.driver.get_log("performance")
        self.page.driver.get_log("browser")
        return self.go(path)

    def go(self, path: str = "") -> Dashboard:
        """Open a page of the portal, and step into its frame."""
        self.page.driver.get(self.page.address + path)
        return self.inside()

    def inside(self) -> Dashboard:
        """Step into the frame."""
        self.outside()
        frame = self.page.until(lambda: self.page.find("usage-dash iframe"), "there is a frame")
        self.page.driver.switch_to.frame(frame)
        self.page.until(self.state, "the frame has its page")
        return self.page

    def outside(self) -> Dashboard:
        """Step back to the portal's own page."""
        self.page.driver.switch_to.default_content()
        return self.page

    def state(self) -> str:
        """Tell the frame's state."""
        return str(self.page.run("return document.getElementById('frame-state')?.dataset.state ?? ''"))

    def expect(self, state: str) -> None:
        """Wait for a state of the frame, whose page may be another by then."""
        self.page.until(lambda: self.inside() and self.state() == state, f"the frame is {state}")

    def said(self) -> str:
        """Tell what the frame says in place of usage."""
        return str(self.page.find("#frame-state").text)


def example() -> ModuleType:
    """Import the example."""
    spec = importlib.util.spec_from_file_location("example_portal", _EXAMPLE / "portal.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for themselves
    spec.loader.exec_module(module)
    return module


def source() -> MemoryRepository:
    """The example's people, whose documents are as they should be but for one entry, and some others."""
    found = scenes.repository(users=8)
    for user, dollars in COSTS.items():
        times = [found.clock - timedelta(seconds=step) for step in range(10)]
        found.documents[user] = scenes.document(user, [scenes.entry(at, dollars / 10) for at in times])
    found.documents["chen.wei"]["recentUsage"].append({"timestamp": found.clock, "model": "gpt-4o"})
    return found


@contextmanager
def dash(usage: MemoryRepository, portals: Sequence[str], port: int, **settings: Any) -> Iterator[Dash]:
    """Serve a dashboard that these portals may show in a frame, and that has read its source."""
    made = Settings(
        hosts=(".test",),
        embed_origins=tuple(portals),
        embed_secret=(SECRET,),
        people_file=PEOPLE_FILE,
        budgets=BUDGETS,
        **settings,
    )
    app: Flask = create_dash(made, usage, EagerClock()).server
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    running = Dash(app)
    with listening(app, port):
        yield running
    board.close()


@contextmanager
def visiting(browser: webdriver.Chrome, portal: Portal, address: str) -> Iterator[Visit]:
    """Visit a portal that feels well, and leave it again."""
    page = Dashboard(browser, address)
    page.resize(1440)
    portal.feel_well()
    browser.get_log("browser")
    yield Visit(page)
    portal.feel_well()
    browser.switch_to.default_content()
    browser.get("about:blank")  # or an open page would go on asking


@contextmanager
def portal(usage: MemoryRepository, dashboard: str, port: int, *, token_seconds: int = 600) -> Iterator[Portal]:
    """Serve the example's portal."""
    settings = Settings(people_file=PEOPLE_FILE)
    made = example().make_portal(dashboard, SECRET, token_seconds=token_seconds, settings=settings, repository=usage)
    running = Portal(made)
    with listening(made, port):
        yield running
    made.extensions["usage_dash"].extensions["usage_dash_board"].close()


def signed(see: object, secret: str = SECRET, **claims: Any) -> str:
    """Sign a token as a portal does."""
    return jwt.encode({"aud": "usage-dash", "sub": "Jo", "see": see, **claims}, secret, algorithm="HS256")

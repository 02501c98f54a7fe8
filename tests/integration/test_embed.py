"""What portals show in frames, over HTTP: the documents, the script, and the small card."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.browser import scenes
from tests.fakes import DEADLINE, FORBIDDEN, EagerClock, Gate, MemoryRepository

from usage_dash.app import create_dash
from usage_dash.settings import Settings
from usage_dash.settings.currencies import Currency

ORIGIN = "https://portal.example.com"
SECRET = "a secret that the portal shares with us"  # noqa: S105 - of tests alone
Serve = Callable[..., FlaskClient]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Make apps of a source, that have read it or not, and let go of them when the test is over."""
    with ExitStack() as stack:

        def client(
            usage: MemoryRepository,
            *,
            read: bool = True,
            origins: tuple[str, ...] = (ORIGIN,),
            currency: Currency | None = None,
        ) -> FlaskClient:
            settings = Settings(embed_origins=origins, embed_secret=(SECRET,), currency=currency)
            app: Flask = create_dash(settings, usage, EagerClock()).server
            board = app.extensions["usage_dash_board"]
            stack.callback(board.close)
            if read:
                board.sync.refresh(wait=DEADLINE)
            return app.test_client()

        yield client


def _card(client: FlaskClient, see: object) -> str:
    now = int(time.time())
    claims = {"aud": "usage-dash", "iat": now, "exp": now + 60, "sub": "Jo", "see": see}
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    answer = client.get("/embed/me/card", headers={"Authorization": f"Bearer {token}", "X-Usage-Dash-Frame": "1"})
    assert answer.status_code == 200
    return answer.text


def _said(html: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", html).split())


def test_the_card_tells_ones_own_usage(serve: Serve) -> None:
    usage = scenes.repository(users=3, entries=1)
    said = _said(_card(serve(usage), {"users": ["user-01"]}))
    at = usage.clock.strftime("%H:%M")
    assert said.startswith(f"My usage {usage.clock:%B} $0.0200 this month Calls 1 Last 30 days $0.0200 As of {at}, UTC")


def test_the_card_tells_the_cost_in_the_other_currency_as_well(serve: Serve) -> None:
    client = serve(scenes.repository(users=3, entries=1), currency=Currency("JPY", 150.0, date(2026, 11, 1)))
    card = _card(client, {"users": ["user-01"]})
    assert "$0.0200 this month ≈ ¥3.00 Calls" in _said(card)
    assert 'title="at ¥150 a dollar, since 1 Nov 2026"' in card


@pytest.mark.parametrize("see", ["all", {"teams": []}])
def test_the_card_calls_nobody_elses_usage_mine(serve: Serve, see: object) -> None:
    assert _said(_card(serve(scenes.repository(users=3, entries=1)), see)).startswith("Usage ")


def test_the_card_of_who_has_used_nothing(serve: Serve) -> None:
    said = _said(_card(serve(scenes.repository(users=3)), {"users": ["user-99"]}))
    assert said == "My usage No usage yet. Your first call shows here within a minute."


def test_the_card_while_usage_is_read_for_the_first_time(serve: Serve) -> None:
    usage = scenes.repository(users=3)
    usage.before = gate = Gate()
    client = serve(usage, read=False)
    try:
        html = _card(client, {"users": ["user-01"]})
    finally:
        gate.open()
    assert _said(html) == "My usage Reading your usage…"
    assert "data-soon" in html


def test_the_card_when_the_source_refuses_says_nothing_of_it(serve: Serve) -> None:
    usage = scenes.repository(users=3)
    usage.fail_in(0, FORBIDDEN, times=99)
    said = _said(_card(serve(usage), {"users": ["user-01"]}))
    assert said == "My usage Your usage can’t be read at the moment."


@pytest.mark.parametrize("path", ["/embed", "/embed/me"])
def test_documents_of_frames_are_the_same_for_all_and_may_be_shown_by_the_portals_alone(
    serve: Serve, path: str
) -> None:
    usage = scenes.repository(users=3)
    answers = [serve(source, origins=(ORIGIN,)).get(path) for source in (usage, MemoryRepository())]
    first, second = (re.sub('"end_id":"[^"]*"', "", answer.text) for answer in answers)  # of Dash, for each process
    assert first == second
    assert "user-0" not in answers[0].text
    assert f"frame-ancestors {ORIGIN}" in answers[0].headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in answers[0].headers
    nobody = serve(usage, origins=()).get(path)
    assert "frame-ancestors 'none'" in nobody.headers["Content-Security-Policy"]


def test_the_document_of_a_frame_has_its_states_and_fewer_rows(serve: Serve) -> None:
    text = serve(scenes.repository(users=3)).get("/embed?range=7d&theme=dark&sort=calls&user-page=ada").text
    assert 'id="frame-state"' in text
    assert 'data-state="waiting"' in text
    layout: Any = re.findall(r'id="carried-layout">(.*?)</script>', text)[0]
    assert '"rows":5' in layout
    assert '"query":"range=7d&sort=calls","at":"users/ada"' in layout.replace("\\u0026", "&").replace("\\u002f", "/")


@pytest.mark.parametrize(
    ("said", "at"), [("at=trust", "trust"), ("at=elsewhere", ""), ("at=trust&user-page=ada", "users/ada"), ("", "")]
)
def test_a_frames_address_says_which_page_it_shows(serve: Serve, said: str, at: str) -> None:
    text = serve(scenes.repository(users=3)).get(f"/embed?range=7d&{said}").text
    [layout] = re.findall(r'id="carried-layout">(.*?)</script>', text)
    assert f'"query":"range=7d","at":"{at}"' in layout.replace("\\u002f", "/")


def test_the_portals_script_is_asked_for_each_time_and_sent_when_it_has_changed(serve: Serve) -> None:
    client = serve(scenes.repository(users=1))
    first = client.get("/embed.js")
    assert (first.mimetype, first.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    again = client.get("/embed.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")

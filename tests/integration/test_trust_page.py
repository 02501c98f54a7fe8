"""The page of trust over HTTP: its document, its answers, and what of it each role is told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.browser import scenes
from tests.fakes import DEADLINE, EagerClock, MemoryRepository
from tests.integration.page_client import UPDATE, request, request_of, text

import usage_dash
from usage_dash import Viewer
from usage_dash.app import create_dash
from usage_dash.settings import Settings

SECRET = "a secret that the portal shares with us"  # noqa: S105 - of tests alone
PEOPLE = "user_id,name,email,team\nuser-00,Maria Oduya,,Support\nuser-01,Ben Aziz,,Sales\n"
USAGE = ("cards", "users-table", "person")  # parts of other pages
Serve = Callable[..., FlaskClient]


def flawed() -> MemoryRepository:
    """Two users whose counters know of twice what their entries explain, and a third."""
    source = scenes.repository(users=3)
    for user in ("user-00", "user-01"):
        for counter in ("totalCostUsd", "totalCalls", "totalTokens", "totalInputTokens", "totalOutputTokens"):
            source.documents[user][counter] *= 2
    return source


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Make apps that have read their source, and let go of them when the test is over."""
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)
    with ExitStack() as stack:

        def client(source: MemoryRepository | None = None, *, host: Flask | None = None, **more: Any) -> FlaskClient:
            settings = Settings(people_file=people, embed_secret=(SECRET,), **more)
            if host is None:
                app: Flask = create_dash(settings, source or flawed(), EagerClock()).server
            else:
                app = usage_dash.mount(host, "/usage", lambda: Viewer.admin("Ada"), settings, source or flawed())
            board = app.extensions["usage_dash_board"]
            stack.callback(board.close)
            board.sync.refresh(wait=DEADLINE)
            return (host or app).test_client()

        yield client


def asked(client: FlaskClient, *, see: object = None, at: str = "trust", held: object = None) -> dict[str, Any]:
    """The page's answer at a path, for a frame's viewer, or for whoever needs no sign-in."""
    claims = {"aud": "usage-dash", "iat": int(time.time()), "exp": int(time.time()) + 60, "sub": "Jo", "see": see}
    token = {"Authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}", "X-Usage-Dash-Frame": "1"}
    headers = token if see else {}
    body = request_of(client.get("/_dash-dependencies", headers=headers).json) if see else request(client)
    for part in body["inputs"] + body["state"]:
        part["value"] = {"asked": {"query": "", "at": at}, "held": held}.get(part["id"])
    answer = client.post(UPDATE, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    response: dict[str, Any] = answer.json["response"]
    return response


def said(answer: dict[str, Any], part: str) -> str:
    return (
        text(answer[part]["children"])
        .removeprefix("OverviewTrust" if part == "trust" else "")
        .replace("\u2068", "")
        .replace("\u2069", "")
    )


@pytest.mark.parametrize(("prefix", "link"), [("/", "/trust"), ("/usage/", "/usage/trust")])
def test_the_document_has_it_before_any_script(serve: Serve, prefix: str, link: str) -> None:
    client = serve(url_prefix=prefix)
    html = client.get(link).text
    still = html.partition('id="react-entry-point"')[0]
    assert 'class="body view-data view-trust"' in still
    assert '<h2 id="recorded-of-billed"' in still
    assert "<details" in still
    assert re.search(f'<a (?=[^>]*href="{link}")[^>]*aria-current="page"[^>]*>Trust', still)
    assert re.search(r'<details id="check-[a-z-]+" class="checked" open>', still)
    assert f'href="{prefix}users/user-00"' in still


def test_within_another_app_it_is_below_its_path(serve: Serve) -> None:
    client = serve(host=Flask("host"))
    html = client.get("/usage/trust").text
    assert '<h2 id="recorded-of-billed"' in html
    assert 'href="/usage/users/user-00"' in html


def test_an_answer_has_this_page_and_nothing_of_others(serve: Serve) -> None:
    answer = asked(serve())
    assert answer["body"]["className"] == "body view-data view-trust"
    assert said(answer, "trust").startswith("Counters and entries agree on 55% of the cost.")
    assert "set OPENAI_ADMIN_KEY" in said(answer, "trust")
    assert not answer.keys() & set(USAGE)
    assert answer["charts"]["data"] == {}


def test_the_badge_is_on_every_page(serve: Serve) -> None:
    client = serve()
    for at in ("", "users/user-00", "trust"):
        assert re.search(r"Trust(\d+), \1 things? to look at", said(asked(client, at=at), "pages"))


def test_what_the_browser_holds_is_not_sent_again(serve: Serve) -> None:
    client = serve()
    first = asked(client)
    held = first["held"]["data"]
    assert set(held) == {"frame", "trust"}
    again = asked(client, held=held)
    assert not again.keys() & {"trust", "checks", "charts", "pages", "held"}
    lacking = asked(client, held={"frame": held["frame"]})
    assert {"trust", "checks"} <= lacking.keys()
    assert "pages" not in lacking


def test_a_fault_that_comes_is_sent(serve: Serve) -> None:
    source = scenes.repository(users=3)
    client = serve(source)
    before = asked(client)
    scenes.use(source, "user-00", 1.0)
    source.documents["user-00"]["totalCostUsd"] *= 3
    body = request(client)
    for part in body["inputs"] + body["state"]:
        part["value"] = {"asked": {"query": "", "at": "trust"}, "held": before["held"]["data"]}.get(part["id"])
    body["changedPropIds"] = ["refresh-button.n_clicks"]
    after = client.post(UPDATE, json=body).json["response"]
    assert "user-00" in {each["href"].rpartition("/")[2] for each in _links(after["checks"]["children"])}


def _links(tree: Any) -> Iterator[dict[str, Any]]:
    for each in tree if isinstance(tree, list) else [tree]:
        if isinstance(each, dict):
            props = each.get("props", each)
            yield from [props] if "href" in props else []
            yield from _links(props.get("children"))


@pytest.mark.parametrize("see", ["all", {"teams": ["Support"]}])
def test_who_may_not_see_findings_is_told_no_names_no_bill_and_no_source(serve: Serve, see: object) -> None:
    answer = asked(serve(), see=see)
    told = said(answer, "checks")
    assert "explain" in told
    assert list(_links(answer["checks"]["children"])) == []
    assert "Maria" not in told
    assert "since the last sync" not in told
    assert "OpenAI" not in said(answer, "trust")
    assert "OPENAI_ADMIN_KEY" not in str(answer)


def test_a_lead_is_told_of_their_teams_alone(serve: Serve) -> None:
    alone = scenes.repository(users=3)
    assert said(asked(serve(alone), see="all"), "trust").startswith("Counters and entries agree on 100%")
    answer = asked(serve(), see={"teams": ["Support"]})
    assert said(answer, "trust").startswith("Counters and entries agree on 50% of the cost.")


def test_who_sees_one_document_is_told_of_it_alone(serve: Serve) -> None:
    answer = asked(serve(), see={"users": ["user-01"]})
    assert {each["href"] for each in _links(answer["checks"]["children"])} <= {"/users/user-01"}
    assert "user-00" not in str(answer)
    assert "OPENAI" not in str(answer)


def test_before_there_is_usage_there_is_nothing_to_trust(serve: Serve) -> None:
    answer = asked(serve(MemoryRepository({})))
    assert answer["body"]["className"] == "body view-empty view-trust"
    assert "trust" not in answer

"""Names that hold markup, written to Firestore as a writer can, and what they do where they are shown: nothing.

Each name would change the document's title if any part of it ran, and would make an element if any part were taken for
HTML.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import jwt
import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.fakes import DEADLINE
from tests.servers.chatbot import PROJECT, Chatbot
from tests.servers.emulator import Emulator

from usage_dash.app import create_app
from usage_dash.settings import Settings, Way

OWN = "document.title='owned'"
HOSTILE = {
    "an image": f'<img src=x onerror="{OWN}">',
    "a script": f"</script><script>{OWN}</script>",
    "a way out of an attribute": f"\"><svg onload={OWN}>'",
    "a link": f"[x](javascript:{OWN})",
    "a template": "{{constructor.constructor('document.title=1')()}}${document.title=1}",
    "another direction": "\u202eevil\u2066</bdi><b>",
}
TEAM = HOSTILE["an image"]
SECRET, EMBED_SECRET = "p" * 32, "e" * 32
AT = datetime.now(UTC) - timedelta(minutes=5)
MADE = "[src=x], [onload], [onerror], #still b, svg[onload], a[href^='javascript']"


def _entry(model: str) -> dict[str, object]:
    return scenes.entry(AT, 7.25, model)


@pytest.fixture(scope="module")
def app(emulator: Emulator, emulator_client: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A dashboard of users and models with such names, one team of all, and a proxy that says who looks."""
    chatbot = Chatbot(emulator_client, "usage-of-odd-names")  # type: ignore[arg-type] # google's client
    people = tmp_path_factory.mktemp("people") / "people.csv"
    lines = ["user_id,name,email,team"]
    for name in HOSTILE.values():
        user = name.replace("/", "|")  # ids hold no slash
        chatbot.count(user, _entry(name), AT)
        lines.append(f'"{user.replace(chr(34), chr(34) * 2)}",,,"{TEAM.replace(chr(34), chr(34) * 2)}"')
    people.write_text("\n".join(lines), encoding="utf-8")
    settings = Settings(
        project_id=PROJECT,
        emulator_host=emulator.host,
        collection=chatbot.collection,
        auth=(Way.PROXY,),
        proxy_header="X-User",
        proxy_secret=SECRET,
        admins="admin@acme.example",
        leads=f"lead@acme.example:{TEAM}",
        people_file=people,
        embed_secret=(EMBED_SECRET,),
    )
    made = create_app(settings)
    made.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    return made


@pytest.fixture(scope="module")
def served_page(serve: Callable[[Flask], Dashboard], app: Flask) -> Iterator[Dashboard]:
    page = serve(app)
    page.driver.execute_cdp_cmd("Network.enable", {})
    yield page
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {}})


def _as(page: Dashboard, who: str) -> Dashboard:
    headers = {"X-User": who, "X-Usage-Dash-Proxy-Secret": SECRET}
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": headers})
    return page


def _nothing_happened(page: Dashboard) -> None:
    assert str(page.run("return document.title")).endswith("OpenAI usage")  # a script would call it “owned”
    assert page.all(MADE) == []
    assert [line for line in page.console() if "Content Security Policy" in line] == []


def test_users_and_models_are_text_in_tables_charts_and_dialogs(served_page: Dashboard) -> None:
    page = _as(served_page, "admin@acme.example").open().ready()
    assert len(page.users()) == len(HOSTILE)
    for button in range(len(HOSTILE)):
        page.run("document.querySelectorAll('.toggle')[arguments[0]].click()", button)
        page.until(lambda button=button: len(page.opened()) == button + 1, "the row is open")
    page.until(lambda: len(page.entries()) == len(HOSTILE), "entries are shown")
    shown = "".join(page.users() + page.entries())
    for name in HOSTILE.values():
        assert name[:12].strip("\u202e") in shown.replace("|", "/")
    page.run("document.querySelector('#cost-by-model .draglayer .nsewdrag').dispatchEvent(new MouseEvent('mousemove'))")
    page.run("document.querySelector('[data-opens=meter]').click()")
    page.until(lambda: page.all("#meter td"), "the dialog is filled")
    assert "onerror" in page.text("#meter")
    _nothing_happened(page)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_users_page_holds_them_as_text(served_page: Dashboard, name: str) -> None:
    page, user = _as(served_page, "admin@acme.example").open().ready(), name.replace("/", "|")
    page.driver.get(f"{page.address}users/{quote(user, safe='')}")
    page.until(lambda: user in page.text("#react-entry-point #person h2"), "their page")
    page.at_rest()
    assert name in page.text("#react-entry-point #person-models")
    assert name in page.text("#react-entry-point #entries")
    assert TEAM in page.text("#react-entry-point #person-facts")
    page.run("document.querySelector('#person-models [data-toggle]').click()")
    page.until(lambda: page.query().startswith("model="), "it is filtered by")
    page.at_rest()
    _nothing_happened(page)


def test_teams_are_text_in_the_menu_of_who_looks(served_page: Dashboard) -> None:
    page = _as(served_page, "lead@acme.example").open().ready()
    page.run("document.querySelector('#react-entry-point .account > button').click()")
    page.until(lambda: TEAM in page.find("#react-entry-point #account-menu").text, "the team is shown")
    assert len(page.users()) == len(HOSTILE)
    _nothing_happened(page)


@pytest.mark.parametrize("who", [name for name in HOSTILE.values() if name.isascii() and not set(name) & set(" ,;")])
def test_who_is_on_no_list_is_named_as_text(served_page: Dashboard, who: str) -> None:
    page = _as(served_page, who)
    page.driver.get(page.address)
    page.until(lambda: page.all("#title"), "the page is there")
    assert page.text(".say b") == who
    assert page.run("return document.title") == "You are not on the list yet – OpenAI usage"
    assert page.all(MADE) == []


def test_a_frames_card_and_page_hold_them_as_text(served_page: Dashboard) -> None:
    now = int(time.time())
    claims = {"aud": "usage-dash", "iat": now, "exp": now + 600, "sub": TEAM, "see": {"teams": [TEAM]}}
    token = jwt.encode(claims, EMBED_SECRET, algorithm="HS256")
    page = served_page
    page.driver.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Authorization": f"Bearer {token}"}})
    page.open().ready()
    assert len(page.users()) == len(HOSTILE)
    _nothing_happened(page)

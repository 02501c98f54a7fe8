"""assets/fetch.js alone, in an empty document whose own fetch answers every request with its name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selenium import webdriver
from tests.browser import scenes
from tests.browser.dashboard import served

from usage_dash.page.document import assets_folder

UPDATE = "/_dash-update-component?endId=x"
ASKED = {"range.value": "30d", "asked.data": {"sort": "cost", "opened": []}, "held.data": None}
BODY = {
    "output": "..cards.children..",
    "inputs": [
        {"id": "range", "property": "value", "value": "30d"},
        {"id": "asked", "property": "data", "value": {"sort": "cost", "opened": []}},
    ],
    "state": [{"id": "held", "property": "data"}],
}
SETUP = """
    const [blocks, source] = arguments;
    window.sent = [];
    window.heard = [];
    window.usageDash = { heard: (verdict) => window.heard.push(verdict), settle() {} };
    window.fetch = async (url, options) => {
      window.sent.push([url, options?.headers ?? {}]);
      return Response.json({ multi: true, response: { from: "server" } });
    };
    document.body.replaceChildren();
    for (const [id, asked, text] of [["facts", null, '{"version": "v1"}'], ...blocks]) {
      const block = document.createElement("script");
      Object.assign(block, { type: "application/json", id, textContent: text });
      if (asked) block.dataset.asked = asked;
      document.body.append(block);
    }
    new Function(source)();
"""
ASK = """
    const [url, options, done] = arguments;
    window.fetch(url, options ?? undefined).then((answer) => answer.json()).then(done);
"""


class Door:
    """The wrapper over a fetch that notes what it is asked."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self._driver = driver

    def set_up(self, *blocks: tuple[str, object, object]) -> None:
        texts = [(name, asked and json.dumps(asked), json.dumps(value)) for name, asked, value in blocks]
        self._driver.execute_script(SETUP, texts, (assets_folder() / "fetch.js").read_text())

    def get(self, url: str) -> Any:
        return self._driver.execute_async_script(ASK, url, {"headers": {"Accept": "any"}})

    def post(self, body: object) -> Any:
        options = {"method": "POST", "headers": {}, "body": json.dumps(body)}
        return self._driver.execute_async_script(ASK, UPDATE, options)["response"]

    def sent(self) -> list[Any]:
        return list(self._driver.execute_script("return window.sent"))

    def heard(self) -> list[str]:
        return list(self._driver.execute_script("return window.heard"))


@pytest.fixture(scope="module")
def blank(driver: webdriver.Chrome) -> Any:
    with served(scenes.app(scenes.repository(users=1))) as address:
        driver.get(address + "health")
        yield Door(driver)
        driver.get("about:blank")


CARRIED_ANSWER = ("carried-answer", ASKED, {"multi": True, "response": {"from": "document"}})


@pytest.mark.parametrize("name", ["layout", "dependencies"])
def test_what_the_document_carries_is_served_once(blank: Door, name: str) -> None:
    blank.set_up((f"carried-{name}", None, ["of", "the document"]))
    assert blank.get(f"/under/a/path/_dash-{name}") == ["of", "the document"]
    assert blank.sent() == []
    assert blank.get(f"/under/a/path/_dash-{name}")["response"] == {"from": "server"}


def test_what_it_does_not_carry_is_asked_of_the_server_with_the_pages_version(blank: Door) -> None:
    blank.set_up()
    blank.get("/_dash-layout")
    assert blank.sent() == [["/_dash-layout", {"Accept": "any", "X-Usage-Dash": "v1"}]]


def test_the_first_answer_is_served_once_to_whoever_asks_the_same(blank: Door) -> None:
    blank.set_up(CARRIED_ANSWER)
    assert blank.post(BODY) == {"from": "document"}
    assert blank.heard() == ["ours"]
    assert blank.post(BODY) == {"from": "server"}
    assert len(blank.sent()) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"inputs": [{"id": "range", "property": "value", "value": "7d"}, BODY["inputs"][1]]},
        {"inputs": [BODY["inputs"][0], {"id": "asked", "property": "data", "value": {"sort": "user", "opened": []}}]},
        {"state": [{"id": "held", "property": "data", "value": {"report": "key"}}]},
        {"inputs": [BODY["inputs"][0]]},
        {"inputs": [*BODY["inputs"], {"id": "refresh-button", "property": "n_clicks", "value": 1}]},
        {"inputs": [{"id": "opened-dialog", "property": "data", "value": "30d"}], "state": None},
    ],
)
def test_the_first_answer_is_not_served_to_another_question_nor_to_any_after_it(
    blank: Door, other: dict[str, Any]
) -> None:
    blank.set_up(CARRIED_ANSWER)
    asked = {name: value for name, value in {**BODY, **other}.items() if value is not None}
    assert blank.post(asked) == {"from": "server"}
    assert blank.post(BODY) == {"from": "server"}


def test_requests_of_others_go_out_as_they_are(blank: Door) -> None:
    blank.set_up(CARRIED_ANSWER)
    blank.get("/assets/some.json")
    assert blank.sent() == [["/assets/some.json", {"Accept": "any"}]]

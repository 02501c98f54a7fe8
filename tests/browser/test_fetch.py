"""assets/fetch.js alone, in an empty document whose own fetch answers every request with its name."""

from __future__ import annotations

import json
from typing import Any

import pytest
from selenium import webdriver
from tests.browser import scenes
from tests.browser.dashboard import served

from usage_dash.page.document import assets_folder

SETUP = """
    const [blocks, source] = arguments;
    window.sent = [];
    window.usageDash = {};
    document.documentElement.dataset.viewer = "ada";
    window.fetch = async (url, options) => {
      window.sent.push([url, options?.headers ?? {}]);
      return Response.json({ multi: true, response: { from: "server" } });
    };
    document.body.replaceChildren();
    for (const [id, text] of [["facts", '{"version": "v1"}'], ...blocks]) {
      const block = document.createElement("script");
      document.body.append(Object.assign(block, { type: "application/json", id, textContent: text }));
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

    def set_up(self, *blocks: tuple[str, object]) -> None:
        texts = [(name, json.dumps(value)) for name, value in blocks]
        self._driver.execute_script(SETUP, texts, (assets_folder() / "fetch.js").read_text())

    def get(self, url: str) -> Any:
        return self._driver.execute_async_script(ASK, url, {"headers": {"Accept": "any"}})

    def sent(self) -> list[Any]:
        return list(self._driver.execute_script("return window.sent"))


@pytest.fixture(scope="module")
def blank(driver: webdriver.Chrome) -> Any:
    with served(scenes.app(scenes.repository(users=1))) as address:
        driver.get(address + "health")
        yield Door(driver)
        driver.get("about:blank")


@pytest.mark.parametrize("name", ["layout", "dependencies"])
def test_what_the_document_carries_is_served_once(blank: Door, name: str) -> None:
    blank.set_up((f"carried-{name}", ["of", "the document"]))
    assert blank.get(f"/under/a/path/_dash-{name}") == ["of", "the document"]
    assert blank.sent() == []
    assert blank.get(f"/under/a/path/_dash-{name}")["response"] == {"from": "server"}


def test_what_it_does_not_carry_is_asked_of_the_server_with_the_pages_version(blank: Door) -> None:
    blank.set_up()
    blank.get("/_dash-layout")
    assert blank.sent() == [["/_dash-layout", {"Accept": "any", "X-Usage-Dash": "v1", "X-Usage-Dash-Viewer": "ada"}]]


def test_requests_of_others_go_out_as_they_are(blank: Door) -> None:
    blank.set_up()
    blank.get("/assets/some.json")
    assert blank.sent() == [["/assets/some.json", {"Accept": "any"}]]

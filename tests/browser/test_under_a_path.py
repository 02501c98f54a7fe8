"""Under a path of Debian's nginx, in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from tests.browser import scenes
from tests.browser.dashboard import Dashboard
from tests.servers.nginx import LOCATIONS, nginx


@pytest.fixture(params=LOCATIONS.values(), ids=list(LOCATIONS))
def page(request: pytest.FixtureRequest, serve: Callable[[Flask], Dashboard], tmp_path: Path) -> Iterator[Dashboard]:
    page = serve(scenes.app(scenes.repository(), url_prefix="/usage/"))
    with nginx(tmp_path, request.param.format(upstream=page.address.rstrip("/"))) as address:
        page.address = address
        yield page
        page.driver.get("about:blank")


SENT = (
    "return performance.getEntriesByType('resource')"
    ".filter(file => file.name.includes('/usage/assets/') && file.transferSize > 0).map(file => file.name)"
)


def test_the_page_becomes_live_and_its_assets_are_kept(page: Dashboard) -> None:
    page.open().ready()
    page.until(lambda: page.state() == "live", "the page is live")
    assert page.text("#total-cost") == "$97.50"
    assert page.console() == []
    sent = set(page.run(SENT))
    assert len(sent) > 10
    page.open().ready()
    assert sent.intersection(page.run(SENT)) == set()

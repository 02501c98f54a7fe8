"""Behind Debian's nginx, under a path: the page, its files and its data, as an HTTP client gets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
from tests.browser import scenes
from tests.browser.dashboard import served
from tests.servers.nginx import LOCATIONS, nginx

FOR_GOOD = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def upstream() -> Iterator[str]:
    with served(scenes.app(scenes.repository(users=1), url_prefix="/usage/")) as address:
        yield address.rstrip("/")


@pytest.fixture(params=LOCATIONS.values(), ids=list(LOCATIONS))
def shown(request: pytest.FixtureRequest, upstream: str, tmp_path: Path) -> Iterator[str]:
    """The page's address at nginx."""
    with nginx(tmp_path, request.param.format(upstream=upstream)) as address:
        yield address


def _get(address: str) -> tuple[str, bytes]:
    """What is said of caching, and the body."""
    with urlopen(address) as answer:  # noqa: S310 - our own servers
        return answer.headers["Cache-Control"], answer.read()


def test_every_file_that_the_page_names_comes_through_and_is_kept_for_good(shown: str) -> None:
    files = re.findall(r'<(?:script|link)\b[^>]* (?:src|href)="([^"]+)"', _get(shown)[1].decode())
    assert len(files) > 15
    for file in files:
        caching, content = _get(urljoin(shown, file))
        assert caching == FOR_GOOD
        assert content


def test_health_is_told_at_both_places(shown: str, upstream: str) -> None:
    for address in (shown, f"{upstream}/", f"{upstream}/usage/"):
        assert _get(f"{address}health") == ("no-store", b"OK")

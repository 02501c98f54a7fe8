"""The address at which people open the page: as it is set, or by the name that a platform gives."""

from __future__ import annotations

import pytest

from usage_dash.settings import Settings
from usage_dash.web.platforms import public_url

RENDER = {"RENDER": "true", "RENDER_EXTERNAL_HOSTNAME": "usage.onrender.com"}
HEROKU = {"DYNO": "web.1"}


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        (HEROKU, None),
        ({**HEROKU, "HEROKU_APP_DEFAULT_DOMAIN_NAME": "usage-1a2b.herokuapp.com"}, "https://usage-1a2b.herokuapp.com/"),
        (RENDER, "https://usage.onrender.com/"),
    ],
)
def test_a_platform_tells_the_address(environ: dict[str, str], expected: str | None) -> None:
    assert public_url(Settings(), environ) == expected


def test_the_path_of_the_page_is_a_part_of_it() -> None:
    assert public_url(Settings(url_prefix="/usage/"), RENDER) == "https://usage.onrender.com/usage/"


def test_what_is_set_counts() -> None:
    assert public_url(Settings(url="https://usage.acme.example/"), RENDER) == "https://usage.acme.example/"

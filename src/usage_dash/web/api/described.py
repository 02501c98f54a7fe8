"""The server whose places are described by what they take and give (OpenAPI), without pages that show that."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from flask_openapi3 import Info, OpenAPI, SecurityScheme, Server

from usage_dash import __version__
from usage_dash.web.api.asking import refuse_invalid
from usage_dash.web.api.shapes import Problem

_ABOUT: Final = """\
What the page shows, for programs: the same figures, the same query string, and whose usage the token says. Costs are US
dollars, times UTC, days those of the reporting time zone. What is unknown is null, and never 0.

Each request carries a token that `usage-dash token` has made: `Authorization: Bearer udash_…`. A browser that is signed
in may ask, too."""


def make_server(name: str, prefix: str, **options: Any) -> OpenAPI:
    """Return a Flask server, shown below the path `prefix`, that describes the places of the API."""
    return OpenAPI(
        name,
        info=Info(title="usage-dash", version=__version__, description=_ABOUT),
        servers=[Server(url=prefix.rstrip("/") or "/")],
        security_schemes={"token": SecurityScheme(type="http", scheme="bearer")},
        validation_error_status=HTTPStatus.BAD_REQUEST.value,
        validation_error_model=Problem,
        validation_error_callback=refuse_invalid,
        operation_id_callback=_name,
        doc_ui=False,
        **options,
    )


def _name(*, name: str, path: str, method: str) -> str:  # noqa: ARG001 - what it is called with
    return name

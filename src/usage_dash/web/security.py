"""What every HTTP answer carries, and which requests are refused before they reach a callback."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from dash import Dash
from dash.exceptions import DependencyException
from flask import Flask, Response, request
from flask_compress import Compress
from secure import ContentSecurityPolicy, PermissionsPolicy, ReferrerPolicy, Secure, XContentTypeOptions

from usage_dash.web.answers import Refusal, refusal
from usage_dash.web.gate import DOCUMENTS_TO_FRAME

_DASH_YEAR = 31_536_000  # seconds; what Dash itself gives to a file with a fingerprint in its name
_FOR_GOOD = "public, max-age=31536000, immutable"
_DYNAMIC = ["text/html", "application/json"]
_HTTPS_ALONE = "max-age=31536000"
_PAGE = "X-Usage-Dash"  # the header by which a page names its version (assets/fetch.js)
_ASSETS = "/assets/"  # paths as the app knows them, without what a proxy puts before them
_ASSET = "_dash_assets.static"  # places, as Flask calls them
_FILES = {_ASSET, "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>", "embed.script"}
_UPDATE = "/_dash-update-component"
_MISFIT = "This request does not fit the page; reload it."
_NO_SUCH_FILE = "There is no such file."
_LONGEST_BODY = 256 * 1024  # bytes; fifty opened rows with the longest ids need less


def compress(server: Flask) -> None:
    """Send documents and data compressed as they are made; files have a way of their own."""
    server.config.update(COMPRESS_MIMETYPES=_DYNAMIC, COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=5)
    Compress(server)


def secure(server: Flask, app: Dash, embed_origins: Sequence[str]) -> None:
    """Set security and caching headers; call it when all callbacks are registered.

    A page says what it may do; elsewhere such words would be carried for nothing. Documents of frames may be shown by
    pages of `embed_origins`, no other document by any.
    """
    document, framed = _document(app, []), _document(app, embed_origins)
    anything = Secure(xcto=XContentTypeOptions().nosniff())

    @server.after_request
    def dress(response: Response) -> Response:
        ours = framed if request.endpoint in DOCUMENTS_TO_FRAME else document
        (ours if response.mimetype == "text/html" else anything).set_headers(response)
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = _HTTPS_ALONE
            if ours is document and response.mimetype == "text/html":
                response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cache-Control"] = _caching(response)
        if response.cache_control.no_store:
            response.headers.pop("Vary", None)  # it speaks to caches
        return response


def _document(app: Dash, embed_origins: Sequence[str]) -> Secure:
    return Secure(
        csp=ContentSecurityPolicy()
        .default_src("'self'")
        .script_src("'self'", *app.csp_hashes())
        .style_src("'self'", "'unsafe-inline'")  # plotly and DataTable write styles
        .img_src("'self'", "data:", "blob:")  # plotly makes pictures of charts by way of blobs
        .object_src("'none'")
        .base_uri("'self'")
        .form_action("'self'")
        .frame_ancestors(*(embed_origins or ["'none'"])),
        permissions=PermissionsPolicy().geolocation().camera().microphone(),
        referrer=ReferrerPolicy().same_origin(),
        xcto=XContentTypeOptions().nosniff(),
    )


def refuse_misfits(server: Flask, app: Dash, version: str) -> None:
    """Answer requests that no page of ours sends with 400, 404 or 413; Dash would answer 500.

    The page of another deploy is refused with 400 too, by the version that it names.
    """
    server.config["MAX_CONTENT_LENGTH"] = _LONGEST_BODY

    @server.before_request
    def check() -> Refusal | None:
        if request.path != _UPDATE or (_is_of(version) and _fits(_body(), app.callback_map)):
            return None
        return refusal(_MISFIT, HTTPStatus.BAD_REQUEST)

    @server.errorhandler(DependencyException)
    def no_such_file(_error: DependencyException) -> Refusal:
        return refusal(_NO_SUCH_FILE, HTTPStatus.NOT_FOUND)


def _is_of(version: str) -> bool:
    """Whether the request comes from a page of this version, or from whoever is no page."""
    return request.headers.get(_PAGE, version) == version


def _body() -> Any:
    try:
        return request.get_json(silent=True)
    except RecursionError:  # nested by the thousand
        return None


def _caching(response: Response) -> str:
    """Files are kept for good where their URL changes with them, else asked for again; all that tells usage is not."""
    if request.endpoint not in _FILES:  # judged by the place that answered: many paths look like a file's
        return "no-store"
    versioned = request.endpoint == _ASSET and ("v" in request.args or request.path.startswith(f"{_ASSETS}vendor/"))
    if response.status_code in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED} and (
        versioned or response.cache_control.max_age == _DASH_YEAR
    ):
        return _FOR_GOOD
    return "no-cache"


def _fits(body: Any, callbacks: dict[str, Any]) -> bool:
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    callback = callbacks.get(body["output"])
    return (
        callback is not None
        and _names(body.get("inputs", [])) == _names(callback["inputs"])
        and _names(body.get("state", [])) == _names(callback["state"])
        and _names(_flat(body.get("outputs", [])))
        == [(out.component_id, out.component_property) for out in _flat(callback["output"])]
        and _are_among(body.get("changedPropIds", []), callback["inputs"])
    )


def _names(parts: Any) -> list[tuple[Any, Any]] | None:
    """Ids and properties, in order; None when the shape is another one."""
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return None
    return [(part.get("id"), part.get("property")) for part in parts]


def _flat(outputs: Any) -> list[Any]:
    return outputs if isinstance(outputs, list) else [outputs]


def _are_among(values: Any, inputs: list[dict[str, Any]]) -> bool:
    """Whether what is said to have changed are inputs."""
    known = [f"{each['id']}.{each['property']}" for each in inputs]
    return isinstance(values, list) and all(value in known for value in values)

"""Proxies in front: what they say of a request is believed of as many of them as the settings name, and of no more."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Flask, redirect, request
from werkzeug import Response
from werkzeug.middleware.proxy_fix import ProxyFix

from usage_dash.settings import Settings
from usage_dash.web.answers import PROBES
from usage_dash.web.platforms import platform_of


def trusted(settings: Settings, environ: Mapping[str, str]) -> int:
    """Return how many proxies are believed: Heroku and Render each have one of their own."""
    if settings.trusted_proxies is not None:
        return settings.trusted_proxies
    return 1 if platform_of(environ) else 0


def keep_to_https(server: Flask) -> None:
    """Lead whoever asks the platform's router without TLS to the same address with it."""

    @server.before_request
    def lead() -> Response | None:
        if request.headers.get("X-Forwarded-Proto") != "http" or request.path in PROBES:
            return None
        return redirect(request.url.replace("http://", "https://", 1), HTTPStatus.PERMANENT_REDIRECT)


def believe(server: Flask, count: int) -> None:
    """Take address, scheme and host of a request from the headers that the nearest `count` proxies have written."""
    if count:
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign] # as documented

"""Safe by default: other machines are served only where somebody wrote down who may look, and how that is kept safe.

The same is asked twice: before anything listens, with a sentence that ends the start, and of each request, whichever
WSGI server listens wherever.
"""

from __future__ import annotations

from http import HTTPStatus

from flask import Flask, request

from usage_dash.settings import Settings, SettingsError, Way
from usage_dash.settings.addresses import is_loopback
from usage_dash.web.answers import Refusal, refusal

_REFUSED = "usage-dash serves only the machine that it runs on, because {}. Whoever runs it can {}."
# What proxies write of whom they ask for.
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via")
_KEEPS_SESSIONS = {Way.PASSWORD, Way.FIREBASE, Way.OIDC}


def require_safe_address(place: str, settings: Settings) -> None:
    """Raise `SettingsError` when `place`, an address or a platform, can be reached from elsewhere unallowed."""
    danger = _danger(settings)
    if danger and not is_loopback(place):
        why, remedy = danger
        raise SettingsError(f"usage-dash refuses to serve on {place}, because {why}: {remedy}.")


def refuse_other_machines(server: Flask, settings: Settings) -> None:
    """Answer other machines with 403 unless that is safe. Who comes through a proxy is one, wherever the proxy runs."""
    danger = _danger(settings)
    if danger is None:
        return
    sentence = _REFUSED.format(*danger)

    @server.before_request
    def check() -> Refusal | None:
        near = not request.remote_addr or is_loopback(request.remote_addr)  # a Unix socket has no address
        if near and not any(name in request.headers for name in _FORWARDED):
            return None
        return refusal(sentence, HTTPStatus.FORBIDDEN)


def _danger(settings: Settings) -> tuple[str, str] | None:
    """Return why nobody but this machine may be served, and what would change that; None when others may."""
    if settings.auth is None:
        return (
            "no way to sign in is named, and everybody who reaches that address would see all usage",
            "set USAGE_DASH_AUTH to password, firebase, oidc or proxy; USAGE_DASH_AUTH=none is for where something "
            "in front of it decides who may look",
        )
    if settings.auth_emulator_host:
        return (
            "FIREBASE_AUTH_EMULATOR_HOST is set, and with an emulator everybody can be whoever they like",
            "take that variable away",
        )
    if settings.secret is None and _KEEPS_SESSIONS.intersection(settings.auth):
        return (
            "USAGE_DASH_SECRET, which signs the sessions of who has signed in, is not set",
            "set it to what “openssl rand -hex 32” prints",
        )
    return None

"""Settings that a way needs and that are missing: the page then says so, in place of data or of a process that ends."""

from __future__ import annotations

from typing import Final

from usage_dash.settings import Settings, Way

_PASSWORD: Final = {"USAGE_DASH_PASSWORD": "password"}
_FIREBASE: Final = {"FIREBASE_API_KEY": "firebase_api_key"}
_OIDC: Final = {
    "USAGE_DASH_OIDC_ISSUER": "oidc_issuer",
    "USAGE_DASH_OIDC_CLIENT_ID": "oidc_client_id",
    "USAGE_DASH_OIDC_CLIENT_SECRET": "oidc_client_secret",
}
_PLAIN: Final = {"USAGE_DASH_PROXY_HEADER": "proxy_header", "USAGE_DASH_PROXY_SECRET": "proxy_secret"}
_SIGNED: Final = {
    "USAGE_DASH_PROXY_HEADER": "proxy_header",
    "USAGE_DASH_PROXY_JWKS": "proxy_jwks",
    "USAGE_DASH_PROXY_AUDIENCE": "proxy_audience",
    "USAGE_DASH_PROXY_ISSUER": "proxy_issuer",
}


def missing(settings: Settings) -> tuple[str, ...]:
    """Return the names of the settings that the chosen ways lack; none when all is there."""
    needed: dict[str, str] = {}
    for way in settings.auth or ():
        needed |= _needed(way, settings)
    lacking = [name for name, field in needed.items() if getattr(settings, field) is None]
    if Way.FIREBASE in (settings.auth or ()) and settings.firebase_project is None:
        lacking.append("FIREBASE_PROJECT_ID")
    return tuple(lacking)


def _needed(way: Way, settings: Settings) -> dict[str, str]:
    match way:
        case Way.NONE:
            return {}
        case Way.PASSWORD:
            return _PASSWORD
        case Way.FIREBASE:
            return _FIREBASE
        case Way.OIDC:
            return _OIDC
        case Way.PROXY:
            return _PLAIN if settings.proxy_secret and not settings.proxy_jwks else _SIGNED

"""The way password: one password for viewers, another for administrators."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import SecretStr

from usage_dash.access.identity import Identity
from usage_dash.access.lists import ADMINISTRATOR
from usage_dash.settings import Way

_VIEWER = "viewer"


def identify(given: str, password: SecretStr, admin_password: SecretStr | None) -> Identity | None:
    """Return whose password was given; None when it is nobody's. It takes as long however much of it is right."""
    is_admin = _is(given, admin_password.get_secret_value()) if admin_password else False
    is_viewer = _is(given, password.get_secret_value())
    if not (is_admin or is_viewer):
        return None
    return Identity(Way.PASSWORD, ADMINISTRATOR if is_admin else _VIEWER)


def _is(given: str, password: str) -> bool:
    one, other = (hashlib.sha256(text.encode(errors="surrogatepass")).digest() for text in (given, password))
    return hmac.compare_digest(one, other)

"""The way proxy: who asks is told by what stands in front, in a header, signed or beside a shared secret."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import jwt
from flask import Request

from usage_dash.access.identity import Identity, identity_of
from usage_dash.settings import Settings, Way
from usage_dash.web.sign_in.counterpart import Counterpart, SilentError

_log = logging.getLogger(__name__)
SECRET_HEADER: Final = "X-Usage-Dash-Proxy-Secret"  # noqa: S105 - its name
_ALGORITHMS: Final = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "EdDSA"]
_LEEWAY: Final = 60  # seconds, that clocks may differ
_PATIENCE: Final = 5  # seconds, for the keys
_COOLDOWN: Final = 10.0  # seconds after which keys are asked for again, when an assertion names one that is not known
_LONGEST_NAME: Final = 320  # characters; an e-mail address has no more


class ProxyError(Exception):
    """A header that proves nothing: one sentence, and the status to answer with."""

    def __init__(self, why: str, status: HTTPStatus = HTTPStatus.UNAUTHORIZED) -> None:
        super().__init__(why)
        self.status = status


class _NoKeysError(Exception):
    """Why there are no keys to verify with."""


class Assertions:
    """Reads assertions that a proxy has signed, such as those of Google IAP and Cloudflare Access."""

    def __init__(self, settings: Settings, wanted: Iterable[str], cooldown: float = _COOLDOWN) -> None:
        self._header = str(settings.proxy_header)
        self._audience, self._issuer = settings.proxy_audience, settings.proxy_issuer
        self._keys = jwt.PyJWKClient(str(settings.proxy_jwks), timeout=_PATIENCE, cooldown_duration=cooldown)
        # By one thread alone: the others would only wait for the same keys.
        self._counterpart = Counterpart(_NoKeysError, jwt.PyJWKClientConnectionError, at_once=1)
        self._wanted = frozenset(wanted)

    def identity(self, request: Request) -> Identity | None:
        """Return who asks; None when the proxy says nothing. Raise `ProxyError`."""
        assertion = request.headers.get(self._header)
        if assertion is None:
            return None
        try:
            self._counterpart.ask(self._need_keys)
            key = self._counterpart.ask(lambda: self._keys.get_signing_key_from_jwt(assertion))
            return identity_of(Way.PROXY, _vouched(self._verified(assertion, key)), self._wanted)
        except SilentError as error:
            raise _no_keys(error) from error
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise ProxyError("the proxy’s assertion is not valid") from error

    def _need_keys(self) -> None:
        try:
            self._keys.get_jwk_set()
        except (jwt.PyJWTError, OSError, ValueError, RecursionError) as error:
            raise _NoKeysError(str(error)) from error

    def _verified(self, assertion: str, key: jwt.PyJWK) -> dict[str, Any]:
        return jwt.decode(
            assertion,
            key,
            algorithms=_ALGORITHMS,
            audience=self._audience,
            issuer=self._issuer,
            leeway=_LEEWAY,
            options={"require": ["exp", "iat", "aud", "iss", "sub"], "enforce_minimum_key_length": True},
        )


class PlainNames:
    """Reads names that a proxy writes beside a secret which only it and we know. A name is the claim sub as well."""

    def __init__(self, settings: Settings, wanted: Iterable[str]) -> None:
        self._header = str(settings.proxy_header)
        self._secret = settings.proxy_secret.get_secret_value() if settings.proxy_secret else ""
        self._wanted = frozenset(wanted)

    def identity(self, request: Request) -> Identity | None:
        """Return who asks; None when the proxy says nothing. Raise `ProxyError`."""
        name = request.headers.get(self._header)
        if name is None:
            return None
        given = request.headers.get(SECRET_HEADER, "")
        if not self._secret or not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise ProxyError("the header does not come from the proxy: its secret is missing or another one")
        if not _is_one_name(name):
            raise ProxyError("the proxy’s header holds no name, or more than one")
        return identity_of(Way.PROXY, _vouched({"sub": name} | ({"email": name} if "@" in name else {})), self._wanted)


def _no_keys(error: Exception) -> ProxyError:
    _log.error("The keys of USAGE_DASH_PROXY_JWKS cannot be had: %s", error)
    return ProxyError("the proxy’s keys cannot be had", HTTPStatus.SERVICE_UNAVAILABLE)


def _vouched(claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims with an e-mail address that counts unless the proxy itself says that it is not verified."""
    return {"email_verified": True} | claims


def _is_one_name(name: str) -> bool:
    """Whether a header holds one name: two headers of the same name arrive as one, with a comma."""
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and not set(name) & set(",; ")

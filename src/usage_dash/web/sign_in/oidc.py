"""The way oidc: any OpenID Connect provider, by the code flow with PKCE, state and nonce. Authlib does the protocol."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, session
from joserfc.errors import JoseError

from usage_dash.access.identity import Identity, identity_of
from usage_dash.settings import Settings, Way

_log = logging.getLogger(__name__)
_PATIENCE: Final = 10  # seconds
_NEXT: Final = "next"  # where the visitor wanted to go, in the session until they come back


class ProviderError(Exception):
    """Why the provider let nobody in, in a sentence for them."""


_UNREACHABLE: Final = "{} can’t be reached, so nobody can be signed in. Try again in a minute."
_REFUSED: Final = "{} did not sign you in. Try again; if that does not help, ask who runs this dashboard."


class Provider:
    """An OpenID Connect provider, by the name of its host."""

    def __init__(self, server: Flask, settings: Settings, wanted: Iterable[str]) -> None:
        """Make it of settings that lack nothing; the provider is first asked when somebody signs in."""
        logging.getLogger("authlib").setLevel(logging.INFO)  # below it, it logs what proves who asks
        issuer = str(settings.oidc_issuer).rstrip("/")
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
        self.name = str(urlsplit(issuer).hostname)
        self._issuer = issuer
        self._wanted = frozenset(wanted)
        self._client: Any = OAuth(server).register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=secret,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "default_timeout": _PATIENCE,
            },
        )

    def go(self, back: str, wanted: str) -> Response:
        """Return the way to the provider, from where it leads to the address `back`. Raise `ProviderError`."""
        try:
            self._check_issuer()
            answer: Response = self._client.authorize_redirect(back)
        except (requests.RequestException, ValueError, RuntimeError) as error:
            raise self._trouble(_UNREACHABLE, error) from error
        session[_NEXT] = wanted
        return answer

    def come_back(self) -> tuple[Identity, str]:
        """Return who has come back from the provider, and where they wanted to go. Raise `ProviderError`."""
        wanted = str(session.get(_NEXT, ""))
        try:
            token = self._client.authorize_access_token()
            return identity_of(Way.OIDC, self._claims(token), self._wanted), wanted
        except requests.RequestException as error:
            raise self._trouble(_UNREACHABLE, error) from error
        except (OAuthError, JoseError, ValueError, KeyError, RuntimeError) as error:
            raise self._trouble(_REFUSED, error) from error

    def way_out(self, back: str) -> str | None:
        """Return the address at which somebody signs out of the provider too; None when it offers none."""
        try:
            endpoint = self._client.load_server_metadata().get("end_session_endpoint")
        except (requests.RequestException, ValueError):
            return None
        if not isinstance(endpoint, str) or urlsplit(endpoint).scheme not in {"https", "http"}:
            return None
        return f"{endpoint}?{urlencode({'client_id': self._client.client_id, 'post_logout_redirect_uri': back})}"

    def _claims(self, token: dict[str, Any]) -> dict[str, Any]:
        """Return the claims of the ID token, and those that the provider tells only when it is asked."""
        claims = dict(token["userinfo"])
        if "email" in claims and self._wanted <= claims.keys():
            return claims
        told = dict(self._client.userinfo(token=token))
        if told.get("sub") != claims["sub"]:
            raise ValueError("the provider told of somebody else")
        return told | claims

    def _check_issuer(self) -> None:
        told = str(self._client.load_server_metadata().get("issuer", "")).rstrip("/")
        if told != self._issuer:
            raise ValueError(f"the provider calls itself {told!r}, USAGE_DASH_OIDC_ISSUER calls it {self._issuer!r}")

    def _trouble(self, sentence: str, error: Exception) -> ProviderError:
        _log.warning("Signing in with %s failed: %s: %s", self.name, type(error).__name__, error)
        return ProviderError(sentence.format(self.name))

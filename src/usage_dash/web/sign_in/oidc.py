"""The way oidc: any OpenID Connect provider, by the code flow with PKCE, state and nonce. Authlib does the protocol."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from authlib.common.urls import add_params_to_uri
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, session
from joserfc.errors import JoseError

from usage_dash.access.identity import Identity, identity_of
from usage_dash.settings import Settings, Way
from usage_dash.web.sign_in.counterpart import Counterpart, SilentError
from usage_dash.web.sign_in.refusals import ProviderError

_log = logging.getLogger(__name__)
_PATIENCE: Final = 10  # seconds
_AT_ONCE: Final = 4  # of our threads, at the provider
_CLIENT: Final = "provider"  # what Authlib calls it
_EMAIL: Final = frozenset({"email", "email_verified"})
_ODD: Final = (ValueError, TypeError, LookupError, AttributeError, RuntimeError)  # what odd answers make of Authlib
_NEXT: Final = "next"  # where the visitor wanted to go, in the session until they come back


_UNREACHABLE: Final = "{} can’t be reached, so nobody can be signed in. Try again in a minute."
_MISNAMED: Final = "{} calls itself otherwise than this dashboard does. Whoever runs it finds both names in its log."
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
        self._counterpart = Counterpart(requests.RequestException, at_once=_AT_ONCE)
        self._client: Any = OAuth(server).register(
            _CLIENT,
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
        _forget_states()
        try:
            answer: Response = self._counterpart.ask(lambda: self._way_in(back))
        except (SilentError, *_ODD) as error:
            raise self._trouble(_UNREACHABLE, error) from error
        session[_NEXT] = wanted
        return answer

    def come_back(self) -> tuple[Identity, str]:
        """Return who has come back from the provider, and where they wanted to go. Raise `ProviderError`."""
        wanted = str(session.get(_NEXT, ""))
        try:
            claims = self._counterpart.ask(lambda: self._claims(self._client.authorize_access_token()))
            return identity_of(Way.OIDC, claims, self._wanted), wanted
        except SilentError as error:
            raise self._trouble(_UNREACHABLE, error) from error
        except (OAuthError, JoseError, *_ODD) as error:
            raise self._trouble(_REFUSED, error) from error

    def way_out(self, back: str) -> str | None:
        """Return the address at which somebody signs out of the provider too; None when it offers none."""
        try:
            endpoint = self._counterpart.ask(self._client.load_server_metadata).get("end_session_endpoint")
        except (SilentError, *_ODD):
            return None
        if not isinstance(endpoint, str) or urlsplit(endpoint).scheme not in {"https", "http"}:
            return None
        asked = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return str(add_params_to_uri(endpoint, asked))

    def _claims(self, token: dict[str, Any]) -> dict[str, Any]:
        """Return the claims of the ID token, and those that the provider tells only when it is asked."""
        claims = dict(token["userinfo"])
        if claims.keys() >= self._wanted | _EMAIL or not self._tells_more():
            return claims
        told = dict(self._client.userinfo(token=token))
        if told.get("sub") != claims["sub"]:
            _log.warning("%s calls somebody otherwise when it is asked, so what it says then is not used.", self.name)
            return claims
        # An address and whether it was verified belong together, wherever they are told.
        pair = claims if "email_verified" in claims else told
        return told | claims | {name: pair.get(name) for name in _EMAIL}

    def _tells_more(self) -> bool:
        return "userinfo_endpoint" in self._client.load_server_metadata()

    def _way_in(self, back: str) -> Response:
        self._check_issuer()
        answer: Response = self._client.authorize_redirect(back)
        return answer

    def _check_issuer(self) -> None:
        told = str(self._client.load_server_metadata().get("issuer", "")).rstrip("/")
        if told != self._issuer:
            error = ValueError(f"the provider calls itself {told!r}, USAGE_DASH_OIDC_ISSUER calls it {self._issuer!r}")
            raise self._trouble(_MISNAMED, error)

    def _trouble(self, sentence: str, error: Exception) -> ProviderError:
        # Its words may be those of an address that anybody can make up.
        _log.warning("Signing in with %s failed: %s: %.500r", self.name, type(error).__name__, str(error))
        return ProviderError(sentence.format(self.name))


def _forget_states() -> None:
    """Forget where earlier tries to sign in were; a cookie has no room for many."""
    for name in [name for name in session if name.startswith(f"_state_{_CLIENT}_")]:
        del session[name]

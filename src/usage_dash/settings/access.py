"""Settings of who may look: ways to sign in, lists of people, and portals."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from usage_dash.settings import addresses, lists, readers, tokens
from usage_dash.settings.lists import Led, Listed
from usage_dash.settings.names import NameSettings
from usage_dash.settings.source import HOST_AND_PORT
from usage_dash.settings.table import setting
from usage_dash.settings.tokens import ApiToken


class Way(StrEnum):
    """How it is told who is looking."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the way's name
    FIREBASE = "firebase"
    OIDC = "oidc"
    PROXY = "proxy"


class AccessSettings(NameSettings):
    """Who may look at what is shown."""

    auth: Annotated[tuple[Way, ...] | None, NoDecode, BeforeValidator(readers.words)] = setting(
        "USAGE_DASH_AUTH",
        None,
        "How people sign in: password, firebase, oidc, proxy, or several with commas; none lets everybody in.",
        "none, or one or several of password, firebase, oidc and proxy with commas between",
        unset="serve this machine only, without sign-in",
    )
    secret: Annotated[SecretStr, BeforeValidator(readers.secret)] | None = setting(
        "USAGE_DASH_SECRET",
        None,
        "Signs the sessions of who has signed in; needed beyond this machine. 32 characters at least.",
        "a random text of at least 32 characters, such as “openssl rand -hex 32” prints",
        unset="made anew at each start",
        secret=True,
    )
    password: SecretStr | None = setting(
        "USAGE_DASH_PASSWORD",
        None,
        "The shared password of the way password; whoever has it is a viewer. 8 characters at least.",
        "a password of at least 8 characters",
        secret=True,
        min_length=8,
    )
    admin_password: SecretStr | None = setting(
        "USAGE_DASH_ADMIN_PASSWORD",
        None,
        "Another password of the way password; whoever has it is an administrator. 8 characters at least.",
        "a password of at least 8 characters",
        secret=True,
        min_length=8,
    )
    firebase_api_key: str | None = setting(
        "FIREBASE_API_KEY",
        None,
        "The web API key of the chatbot's Firebase project, for the way firebase.",
        "the web API key of a Firebase project",
        also="NEXT_PUBLIC_FIREBASE_API_KEY",
        secret=True,
        pattern=r"^[\w-]+$",
    )
    auth_emulator_host: str | None = setting(
        "FIREBASE_AUTH_EMULATOR_HOST",
        None,
        "Address of a Firebase Auth emulator for the way firebase. It checks no signature, so it is for this machine "
        "alone, and has to stand in the environment itself, not in .env.",
        "a host and a port such as 127.0.0.1:9099",
        pattern=HOST_AND_PORT,
    )
    oidc_issuer: Annotated[str, AfterValidator(addresses.safe_address)] | None = setting(
        "USAGE_DASH_OIDC_ISSUER",
        None,
        "Issuer of the way oidc; its /.well-known/openid-configuration must answer.",
        "an address such as https://login.example.com, with http only on this machine",
    )
    oidc_client_id: str | None = setting(
        "USAGE_DASH_OIDC_CLIENT_ID", None, "What the issuer calls usage-dash.", "a client id"
    )
    oidc_client_secret: SecretStr | None = setting(
        "USAGE_DASH_OIDC_CLIENT_SECRET",
        None,
        "The secret that the issuer gave with the client id.",
        "a client secret",
        secret=True,
    )
    proxy_header: str | None = setting(
        "USAGE_DASH_PROXY_HEADER",
        None,
        "Header in which a proxy says who is looking, for the way proxy: a signed assertion or a plain name.",
        "a header's name such as X-Goog-IAP-JWT-Assertion",
        pattern=r"^[A-Za-z][A-Za-z0-9-]*$",
    )
    proxy_jwks: Annotated[str, AfterValidator(addresses.safe_address)] | None = setting(
        "USAGE_DASH_PROXY_JWKS",
        None,
        "Where the keys are that sign the proxy's assertions.",
        "an address such as https://www.gstatic.com/iap/verify/public_key-jwk, with http only on this machine",
    )
    proxy_audience: str | None = setting(
        "USAGE_DASH_PROXY_AUDIENCE", None, "For whom the proxy's assertions are made.", "an audience"
    )
    proxy_issuer: str | None = setting(
        "USAGE_DASH_PROXY_ISSUER",
        None,
        "Who makes the proxy's assertions.",
        "an issuer such as https://cloud.google.com/iap",
    )
    proxy_secret: Annotated[SecretStr, BeforeValidator(readers.sent_secret)] | None = setting(
        "USAGE_DASH_PROXY_SECRET",
        None,
        "What the proxy sends in X-Usage-Dash-Proxy-Secret beside a plain name. 32 characters at least.",
        "a random text of at least 32 characters, such as “openssl rand -hex 32” prints",
        secret=True,
    )
    admins: Annotated[tuple[Listed, ...], NoDecode, BeforeValidator(lists.listed)] = setting(
        "USAGE_DASH_ADMINS",
        (),
        "Who sees everything, with what reading costs and what is wrong in documents: e-mail addresses, @domains or "
        "claim=value, with commas between.",
        "e-mail addresses, @domains or claim=value, with commas between",
        unset="nobody",
    )
    viewers: Annotated[tuple[Listed, ...], NoDecode, BeforeValidator(lists.listed)] = setting(
        "USAGE_DASH_VIEWERS",
        (),
        "Who sees everybody's usage, named in the same way.",
        "e-mail addresses, @domains or claim=value, with commas between",
        unset="nobody",
    )
    leads: Annotated[tuple[Led, ...], NoDecode, BeforeValidator(lists.leads)] = setting(
        "USAGE_DASH_LEADS",
        (),
        "Who sees the usage of which teams, such as lead@acme.example:Support+Sales, with commas between.",
        "who:team or who:team+team with commas between, where who is as in USAGE_DASH_ADMINS",
        unset="nobody",
    )
    see_self: Annotated[bool, BeforeValidator(readers.switch)] = setting(
        "USAGE_DASH_SELF",
        False,  # noqa: FBT003 - a default, which has no name
        "on: whoever signs in sees their own usage, whatever lists they are on.",
        "on or off",
        unset="off",
    )
    self_claim: str | None = setting(
        "USAGE_DASH_SELF_CLAIM",
        None,
        "Claim of oidc and proxy that holds the id of somebody's own usage document, for USAGE_DASH_SELF.",
        "a claim's name",
        unset="firebase knows it, else by e-mail from the people file",
    )
    people_file: Annotated[Path, AfterValidator(readers.file)] | None = setting(
        "USAGE_DASH_PEOPLE",
        None,
        "CSV file that tells people's names and teams: user_id,name,email,team. It is read again when it changes.",
        "the path to a CSV file that exists",
    )
    embed_secret: Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(readers.secrets)] = setting(
        "USAGE_DASH_EMBED_SECRET",
        (),
        "Signs the tokens of portals that show usage-dash in a frame; two with a comma between while it is changed. "
        "32 characters at least.",
        "one or two random texts of at least 32 characters, with a comma between",
        unset="none",
        secret=True,
    )
    embed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(addresses.origins)] = setting(
        "USAGE_DASH_EMBED_ORIGINS",
        (),
        "Portals that may show usage-dash in a frame, with commas between.",
        "origins such as https://portal.example.com with commas between, each by its full name, without a path",
        unset="nobody",
    )

    api_tokens: Annotated[tuple[ApiToken, ...], NoDecode, BeforeValidator(tokens.api_tokens)] = setting(
        "USAGE_DASH_API_TOKENS",
        (),
        "Programs that may ask for figures, each as “usage-dash token” prints it, with commas between. A token that is "
        "taken away here lets nobody in any more.",
        "name:see:hash as “usage-dash token” prints it, with commas between, where see is all, team=… or user=…",
        unset="nobody",
        secret=True,
    )

    @model_validator(mode="after")
    def _none_stands_alone(self) -> AccessSettings:
        if self.auth and Way.NONE in self.auth and len(self.auth) > 1:
            raise PydanticCustomError(
                "sentence",
                "USAGE_DASH_AUTH is none together with another way: none lets everybody in, so it stands alone.",
            )
        return self

    @model_validator(mode="after")
    def _passwords_differ(self) -> AccessSettings:
        if self.password and self.password == self.admin_password:
            raise PydanticCustomError(
                "sentence",
                "USAGE_DASH_ADMIN_PASSWORD is the same as USAGE_DASH_PASSWORD, so every viewer would be an "
                "administrator: choose another.",
            )
        return self

    @property
    def firebase_project(self) -> str | None:
        """The project whose Firebase Auth the way firebase asks."""
        return self.project_id or (self.firebase_credentials.project_id if self.firebase_credentials else None)

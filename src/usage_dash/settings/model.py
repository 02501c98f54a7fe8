"""The settings: the name, default and help of each, and what it may be."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from usage_dash.service_account import ServiceAccount
from usage_dash.settings import addresses, lists, readers
from usage_dash.settings.lists import Led, Listed
from usage_dash.settings.table import setting

_HOST_AND_PORT = r"^[^\s/]+:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$"


class SourceName(StrEnum):
    """Where usage documents can come from."""

    FIRESTORE = "firestore"
    LOCAL = "local"
    DEMO = "demo"


class Way(StrEnum):
    """How it is told who is looking."""

    NONE = "none"
    PASSWORD = "password"  # noqa: S105 - the way's name
    FIREBASE = "firebase"
    OIDC = "oidc"
    PROXY = "proxy"


class Settings(BaseModel):
    """How one dashboard runs; read from the environment by `load`, or made by hand with field names."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        validate_by_name=True,
        validate_by_alias=True,
        str_strip_whitespace=True,
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )

    firebase_credentials: Annotated[ServiceAccount | None, NoDecode, BeforeValidator(readers.account)] = setting(
        "FIREBASE_CREDENTIALS",
        None,
        "Service-account key: its JSON, base64 of that JSON, or the path to its file.",
        "a service account's key as JSON, as base64 of it, or as the path to its file",
        secret=True,
        repr=False,
    )
    application_credentials: Annotated[Path, AfterValidator(readers.file)] | None = setting(
        "GOOGLE_APPLICATION_CREDENTIALS",
        None,
        "Path to a credentials file of Google's own format, used when FIREBASE_CREDENTIALS is not set.",
        "the path to a file that exists",
        secret=True,  # people paste keys here
        repr=False,
    )
    project_id: str | None = setting(
        "FIREBASE_PROJECT_ID",
        None,
        "Firebase project to read; only needed when the credentials name none, or another one.",
        "a project id such as acme-chatbot",
        unset="as the credentials say",
        also="NEXT_PUBLIC_FIREBASE_PROJECT_ID",
        pattern=r"^[a-z][a-z0-9.:-]{2,62}$",
    )
    database: str = setting(
        "FIRESTORE_DATABASE",
        "(default)",
        "Firestore database to read.",
        "(default) or a database id of 4 to 63 lower-case letters, digits and hyphens",
        pattern=r"^(\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$",
    )
    emulator_host: str | None = setting(
        "FIRESTORE_EMULATOR_HOST",
        None,
        "Address of a Firestore emulator to read instead of Firestore; it needs no credentials.",
        "a host and a port such as 127.0.0.1:8080",
        pattern=_HOST_AND_PORT,
    )
    collection: Annotated[str, AfterValidator(readers.collection)] = setting(
        "USAGE_COLLECTION",
        "usage",
        "Collection that holds the usage documents: its name, or its path below a document.",
        "a collection's name such as usage, or its path such as apps/web/usage: an odd number of segments",
    )
    chosen_source: SourceName | None = setting(
        "USAGE_DASH_SOURCE",
        None,
        "Where usage documents come from: firestore, local or demo.",
        "firestore, local or demo",
        unset="firestore when credentials, a project or an emulator are set, else demo",
    )
    local_file: Path | None = setting(
        "USAGE_DASH_LOCAL_FILE",
        None,
        "File of usage documents for the source local, as usage-dash export-documents writes it.",
        "the path to a JSON Lines file",
    )
    refresh_seconds: int = setting(
        "USAGE_DASH_REFRESH_SECONDS",
        30,
        "Seconds between two refreshes of an open page.",
        "a whole number of seconds from 1 to 86400",
        ge=1,
        le=86_400,
    )
    reconcile_hours: float = setting(
        "USAGE_DASH_RECONCILE_HOURS",
        6.0,
        "Hours after which all documents are compared again, not only the changed ones.",
        "a number of hours above 0, up to 8760",
        gt=0,
        le=8_760,
    )
    timezone: Annotated[ZoneInfo, BeforeValidator(readers.zone)] = setting(
        "USAGE_DASH_TIMEZONE",
        ZoneInfo("UTC"),
        "Time zone of the reporting days.",
        "a time zone's name such as UTC, Europe/Berlin or America/New_York",
    )
    ledger_file: Annotated[Path, AfterValidator(readers.new_file)] | None = setting(
        "USAGE_DASH_LEDGER",
        None,
        "File that keeps the ledger across restarts, so that only what changed is read; the demo needs none.",
        "the path of a file in a directory that exists",
        unset="in memory",
    )
    memory_limit: str = setting(
        "USAGE_DASH_MEMORY_LIMIT",
        "200MB",
        "Memory that the ledger may take before it spills to disk.",
        "a size of at least 50MB, such as 200MB or 1GB",
        pattern=r"^(([5-9]\d|\d{3,})(\.\d+)?\s*M|\d+(\.\d+)?\s*[GT])i?B$",
    )
    read_price: float = setting(
        "USAGE_DASH_READ_PRICE",
        0.06,
        "US dollars for 100,000 document reads, for the cost estimate; 0.06 is the list price of nam5.",
        "a number of dollars from 0",
        ge=0,
    )
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
        pattern=_HOST_AND_PORT,
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
    proxy_secret: Annotated[SecretStr, BeforeValidator(readers.secret)] | None = setting(
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
        "CSV file that tells people's teams: user_id,name,email,team. It is read again when it changes.",
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
    trusted_proxies: int | None = setting(
        "USAGE_DASH_TRUSTED_PROXIES",
        None,
        "How many proxies stand in front, whose X-Forwarded-For, -Proto and -Host are believed.",
        "a whole number from 0 to 9",
        unset="1 on Heroku and Render, else 0",
        ge=0,
        le=9,
    )
    host: str | None = setting(
        "HOST",
        None,
        "Address to listen on; any but this machine's own needs USAGE_DASH_AUTH.",
        "an address or a host name such as 127.0.0.1",
        unset="127.0.0.1, or every address on Heroku and Render",
        pattern=r"^[^\s/]+$",
    )
    port: int = setting(
        "PORT",
        8050,
        "Port to listen on; 0 takes a free one.",
        "a whole number from 0 to 65535",
        ge=0,
        le=65_535,
    )
    hosts: Annotated[tuple[str, ...] | None, NoDecode, BeforeValidator(addresses.hosts)] = setting(
        "USAGE_DASH_HOSTS",
        None,
        "Host names under which the page is opened, with commas between; .example.com stands for all below it.",
        "host names such as usage.example.com or .example.com, with commas between, without scheme, port or path",
        unset="localhost and any address, and the names that Heroku and Render give",
    )
    url_prefix: Annotated[str, AfterValidator(addresses.url_prefix)] = setting(
        "USAGE_DASH_URL_PREFIX",
        "/",
        "Path under which a proxy shows the page, whether it strips that path or not.",
        "a path such as /usage/, not one that the page uses itself (assets, health, embed, sign-in, sign-out)",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(readers.upper)] = setting(
        "USAGE_DASH_LOG_LEVEL",
        "INFO",
        "How much is logged.",
        "DEBUG, INFO, WARNING or ERROR",
    )

    @model_validator(mode="after")
    def _local_has_a_file(self) -> Settings:
        if self.source is SourceName.LOCAL and self.local_file is None:
            raise PydanticCustomError("sentence", "USAGE_DASH_SOURCE=local needs USAGE_DASH_LOCAL_FILE to name a file.")
        return self

    @model_validator(mode="after")
    def _none_stands_alone(self) -> Settings:
        if self.auth and Way.NONE in self.auth and len(self.auth) > 1:
            raise PydanticCustomError(
                "sentence",
                "USAGE_DASH_AUTH is none together with another way: none lets everybody in, so it stands alone.",
            )
        return self

    @model_validator(mode="after")
    def _passwords_differ(self) -> Settings:
        if self.password and self.password == self.admin_password:
            raise PydanticCustomError(
                "sentence",
                "USAGE_DASH_ADMIN_PASSWORD is the same as USAGE_DASH_PASSWORD, so every viewer would be an "
                "administrator: choose another.",
            )
        return self

    @property
    def source(self) -> SourceName:
        """Where usage documents come from: as chosen, or Firestore when anything of it is configured, or the demo."""
        if self.chosen_source is not None:
            return self.chosen_source
        configured = (self.firebase_credentials, self.application_credentials, self.project_id, self.emulator_host)
        return SourceName.FIRESTORE if any(configured) else SourceName.DEMO

    @property
    def firebase_project(self) -> str | None:
        """The project whose Firebase Auth the way firebase asks."""
        return self.project_id or (self.firebase_credentials.project_id if self.firebase_credentials else None)

    @property
    def ledger(self) -> Path | None:
        """The file to keep the ledger in; None: in memory. Sample data begins anew at each start, so it has none."""
        return None if self.source is SourceName.DEMO else self.ledger_file

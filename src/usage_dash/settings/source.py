"""Settings of what is shown: where usage documents come from, how often they are read, and where they are kept."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from usage_dash.service_account import ServiceAccount
from usage_dash.settings import currencies, readers
from usage_dash.settings.currencies import Currency
from usage_dash.settings.table import setting

HOST_AND_PORT = r"^[^\s/]+:([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d{2}|655[0-2]\d|6553[0-5])$"


class SourceName(StrEnum):
    """Where usage documents can come from."""

    FIRESTORE = "firestore"
    LOCAL = "local"
    DEMO = "demo"


class SourceSettings(BaseModel):
    """What is shown; how settings of all kinds are read."""

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
        pattern=HOST_AND_PORT,
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
        24.0,
        "Hours after which all documents are compared again, not only the changed ones and those that counts and sums "
        "tell of.",
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
    currency: Annotated[Currency | None, NoDecode, BeforeValidator(currencies.currency)] = setting(
        "USAGE_DASH_CURRENCY",
        None,
        "Another currency to show beside US dollars, at a fixed rate, such as EUR 0.92 since 2026-11-01.",
        "another currency's code of three letters, what a US dollar is worth in it, above 0, and since when, such as "
        "EUR 0.92 since 2026-11-01",
    )
    model_names: Annotated[Literal["written", "family"], BeforeValidator(readers.lower)] = setting(
        "USAGE_DASH_MODEL_NAMES",
        "written",
        "How models are told apart: as written, or by family, whatever the case, the provider and the date in a name.",
        "written or family",
    )
    ledger_file: Annotated[Path, AfterValidator(readers.new_file)] | None = setting(
        "USAGE_DASH_LEDGER",
        None,
        "File that keeps the ledger across restarts, so that only what changed is read; the demo needs none.",
        "the path of a file in a directory that exists",
        unset="in memory",
    )
    ledger_backups: Annotated[Path, AfterValidator(readers.folder)] | None = setting(
        "USAGE_DASH_LEDGER_BACKUPS",
        None,
        "Directory, best on another disk, for a copy of the ledger's file on each day when something is read; the last "
        "seven are kept.",
        "the path of a directory that exists",
    )
    keep_deleted: Annotated[bool, BeforeValidator(readers.switch)] = setting(
        "USAGE_DASH_KEEP_DELETED",
        True,  # noqa: FBT003 - a default, which has no name
        "on: users who are gone leave anonymous sums by day and model, so that no month shrinks. off: those go too.",
        "on or off",
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

    egress_price: float = setting(
        "USAGE_DASH_EGRESS_PRICE",
        0.12,
        "US dollars for a GiB that Firestore sends beyond the 10 that are free each month, for the cost estimate; 0.12 "
        "is the list price to the internet.",
        "a number of dollars from 0",
        ge=0,
    )

    @model_validator(mode="after")
    def _local_has_a_file(self) -> SourceSettings:
        if self.source is SourceName.LOCAL and self.local_file is None:
            raise PydanticCustomError("sentence", "USAGE_DASH_SOURCE=local needs USAGE_DASH_LOCAL_FILE to name a file.")
        return self

    @property
    def source(self) -> SourceName:
        """Where usage documents come from: as chosen, or Firestore when anything of it is configured, or the demo."""
        if self.chosen_source is not None:
            return self.chosen_source
        configured = (self.firebase_credentials, self.application_credentials, self.project_id, self.emulator_host)
        return SourceName.FIRESTORE if any(configured) else SourceName.DEMO

    @property
    def ledger(self) -> Path | None:
        """The file to keep the ledger in; None: in memory. Sample data begins anew at each start, so it has none."""
        return None if self.source is SourceName.DEMO else self.ledger_file

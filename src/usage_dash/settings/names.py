"""Settings of users' names: where they are looked up, and how long they are kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from usage_dash.settings import readers
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting


class NamesFrom(StrEnum):
    """Where users' names can be looked up."""

    FIRESTORE = "firestore"
    AUTH = "auth"


class NameSettings(SourceSettings):
    """What users are called."""

    names: NamesFrom | None = setting(
        "USAGE_DASH_NAMES",
        None,
        "Where users' names are looked up that the people file does not tell: firestore, a document for each user, or "
        "auth, their accounts in Firebase Auth.",
        "firestore or auth",
        unset="nowhere",
    )
    names_collection: Annotated[str, AfterValidator(readers.collection)] = setting(
        "USAGE_DASH_NAMES_COLLECTION",
        "users",
        "Collection that holds a document for each user, for USAGE_DASH_NAMES=firestore.",
        "a collection's name such as users, or its path such as apps/web/users: an odd number of segments",
    )
    name_fields: Annotated[tuple[str, ...], NoDecode, BeforeValidator(readers.fields)] = setting(
        "USAGE_DASH_NAME_FIELDS",
        "username,email",
        "Fields of these documents that hold the name and the e-mail address; a dot leads into a map.",
        "one or two fields such as username,email or profile.name",
        validate_default=True,
    )
    names_days: int = setting(
        "USAGE_DASH_NAMES_DAYS",
        7,
        "Days after which a looked-up name is looked up again.",
        "a whole number of days from 1 to 365",
        ge=1,
        le=365,
    )

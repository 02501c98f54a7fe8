"""Settings of checks: limits that figures are held against."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from usage_dash.settings import readers
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting


class CheckSettings(SourceSettings):
    """What is checked against."""

    document_limit: Annotated[int, BeforeValidator(readers.octets)] = setting(
        "USAGE_DASH_DOCUMENT_LIMIT",
        "1MiB",
        "How large a usage document may become; editions of Firestore differ.",
        "a size from 1 kB to 1 GB, such as 1MiB, 4 MiB or 1048576",
        validate_default=True,
    )
    silent_hours: int = setting(
        "USAGE_DASH_SILENT_HOURS",
        6,
        "Hours without usage, while it is usual, after which that is worth a look.",
        "a whole number of hours from 1 to 168",
        ge=1,
        le=168,
    )

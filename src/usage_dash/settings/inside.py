"""Settings of what is seen of the inside: logs and metrics."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, SecretStr

from usage_dash.settings import readers
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting


class InsideSettings(SourceSettings):
    """What whoever runs the dashboard sees of its inside."""

    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(readers.upper)] = setting(
        "USAGE_DASH_LOG_LEVEL",
        "INFO",
        "How much is logged.",
        "DEBUG, INFO, WARNING or ERROR",
    )
    log_format: Annotated[Literal["text", "json"], BeforeValidator(readers.lower)] = setting(
        "USAGE_DASH_LOG_FORMAT",
        "text",
        "How lines of the log are written: as text for people, or each as one object of JSON.",
        "text or json",
    )
    metrics_token: Annotated[SecretStr, BeforeValidator(readers.sent_secret)] | None = setting(
        "USAGE_DASH_METRICS_TOKEN",
        None,
        "The bearer token for /metrics, which is not there without one. 32 characters at least.",
        "a random text of at least 32 characters, such as “openssl rand -hex 32” prints",
        unset="no /metrics",
        secret=True,
    )

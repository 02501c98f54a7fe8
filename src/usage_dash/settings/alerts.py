"""Settings of alerts: who is told, and of what."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

from usage_dash.settings.alert_rules import DEFAULT, Rule, rules_in
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting


class AlertSettings(SourceSettings):
    """What is told to whom."""

    alert_rules: Annotated[tuple[Rule, ...], NoDecode, BeforeValidator(rules_in)] = setting(
        "USAGE_DASH_ALERT_RULES",
        DEFAULT,
        "What the alerts tell of, with commas between; docs/alerts.md says what each rule means.",
        "alert rules such as user-day=50, user-month=200, budget=50/80/100, forecast, unusual, silent=6h, failing=10m, "
        "full and billed=90, with commas between",
        validate_default=True,
    )

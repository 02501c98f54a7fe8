"""Settings of alerts: who is told, of what, and how often it is looked whether there is something to tell."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from usage_dash.settings import addresses
from usage_dash.settings.alert_addresses import Address, alert_addresses
from usage_dash.settings.alert_rules import DEFAULT, Rule, rules_in
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting


class AlertSettings(SourceSettings):
    """What is told to whom."""

    alerts: Annotated[tuple[Address, ...], NoDecode, BeforeValidator(alert_addresses)] = setting(
        "USAGE_DASH_ALERTS",
        (),
        "Who is told, as addresses of apprise with spaces or commas between: Slack, Teams, e-mail, webhooks and many "
        "others; docs/alerts.md has examples.",
        "addresses such as mailtos://user:password@example.com or jsons://example.com/hook, with spaces or commas "
        "between",
        unset="nobody",
        secret=True,
    )
    alert_rules: Annotated[tuple[Rule, ...], NoDecode, BeforeValidator(rules_in)] = setting(
        "USAGE_DASH_ALERT_RULES",
        DEFAULT,
        "What the alerts tell of, with commas between; docs/alerts.md says what each rule means.",
        "alert rules such as user-day=50, user-month=200, budget=50/80/100, forecast, unusual, silent=6h, failing=10m, "
        "full and billed=90, with commas between",
        validate_default=True,
    )
    alert_minutes: int = setting(
        "USAGE_DASH_ALERT_MINUTES",
        5,
        "Minutes between two looks whether there is something to tell. If anybody is to be told, each look reads what "
        "changed, as a viewer's does.",
        "a whole number of minutes from 1 to 1440",
        ge=1,
        le=1440,
    )
    url: Annotated[str, AfterValidator(addresses.page_address)] | None = setting(
        "USAGE_DASH_URL",
        None,
        "Address at which people open the page, for the links in alerts.",
        "an address such as https://usage.example.com/, with the path of USAGE_DASH_URL_PREFIX if there is one",
        unset="the name that Heroku or Render gives, else no links",
    )

"""The settings: the name, default and help of each, and what it may be."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from usage_dash.settings import addresses
from usage_dash.settings.access import AccessSettings, Way
from usage_dash.settings.alerts import AlertSettings
from usage_dash.settings.budgets import BudgetSettings
from usage_dash.settings.checks import CheckSettings
from usage_dash.settings.inside import InsideSettings
from usage_dash.settings.names import NamesFrom
from usage_dash.settings.openai import OpenAISettings
from usage_dash.settings.prices import PriceSettings
from usage_dash.settings.source import SourceName
from usage_dash.settings.table import setting

__all__ = ["NamesFrom", "Settings", "SourceName", "Way"]


class Settings(
    AccessSettings, OpenAISettings, CheckSettings, PriceSettings, BudgetSettings, AlertSettings, InsideSettings
):
    """How one dashboard runs; read from the environment by `load`, or made by hand with field names."""

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
        "a path such as /usage/, not one that the page uses itself (api, assets, health, ready, metrics, embed, "
        "sign-in, sign-out)",
    )

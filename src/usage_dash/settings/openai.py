"""Settings of OpenAI's bill, with which what is recorded can be compared."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from usage_dash.settings import addresses, readers
from usage_dash.settings.source import SourceSettings
from usage_dash.settings.table import setting


class OpenAISettings(SourceSettings):
    """Whose bill is read, and where."""

    openai_admin_key: Annotated[SecretStr, BeforeValidator(readers.key)] | None = setting(
        "OPENAI_ADMIN_KEY",
        None,
        "Admin key of the OpenAI organisation whose bill is compared with what is recorded; it is only sent to OpenAI.",
        "an admin key such as an organisation's owner makes, in one line",
        secret=True,
    )
    openai_projects: Annotated[tuple[str, ...], NoDecode, BeforeValidator(readers.ids)] = setting(
        "OPENAI_PROJECT_IDS",
        (),
        "The chatbot's projects at OpenAI, with commas between; an organisation has other uses too.",
        "project ids such as proj_abc123, with commas between",
        unset="the whole organisation",
        secret=True,  # people paste keys here
    )
    openai_api_keys: Annotated[tuple[str, ...], NoDecode, BeforeValidator(readers.ids)] = setting(
        "OPENAI_API_KEY_IDS",
        (),
        "Ids of the API keys that the chatbot uses, with commas between: not the keys themselves. With "
        "OPENAI_PROJECT_IDS, other keys of these projects are told apart as other callers.",
        "ids of API keys such as key_abc123, with commas between, not the keys themselves",
        unset="all keys",
        secret=True,  # see above
    )
    openai_base_url: Annotated[str, AfterValidator(addresses.safe_address)] = setting(
        "OPENAI_BASE_URL",
        "https://api.openai.com/v1",
        "Where OpenAI's API is asked for the bill; another address is for proxies and tests.",
        "an address such as https://api.openai.com/v1, with http only on this machine",
        secret=True,  # see above
    )

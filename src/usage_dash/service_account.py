"""The key of a Google service account, however it was handed over, and never shown."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NEEDED = ("project_id", "client_email", "private_key", "token_uri")


@dataclass(frozen=True, slots=True, repr=False)
class ServiceAccount:
    """A service-account key, as parsed JSON in `info`. Its repr holds nothing of it."""

    info: Mapping[str, Any]

    @property
    def project_id(self) -> str:
        """The project that the account belongs to."""
        return str(self.info["project_id"])

    def __repr__(self) -> str:
        """Name the type only: keys end up in logs by their repr."""
        return "ServiceAccount(…)"


def parse(value: str) -> ServiceAccount:
    """Read a key given as JSON, as base64 of that JSON, or as the path to its file.

    Raises `ValueError` with a clause that says what is wrong and holds nothing of the value.
    """
    try:
        info = json.loads(_json_text(value.strip()))
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("its JSON is broken") from None
    if not isinstance(info, dict) or info.get("type") != "service_account":
        raise ValueError("what it holds is not a service account's key")
    missing = [name for name in _NEEDED if not isinstance(info.get(name), str)]
    if missing:
        raise ValueError(f"the key lacks “{missing[0]}”")
    return ServiceAccount(info)


def _json_text(value: str) -> str:
    if value.startswith("{"):
        return value
    decoded = _from_base64(value)
    return decoded if decoded.startswith("{") else _from_file(value)


def _from_base64(value: str) -> str:
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode().strip()
    except (binascii.Error, ValueError):
        return ""  # then it is a path


def _from_file(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8")
    except (OSError, RuntimeError, ValueError):
        raise ValueError("it is neither JSON nor base64 of it, and no file of that name can be read") from None

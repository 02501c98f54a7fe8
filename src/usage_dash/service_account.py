"""The key of a Google service account, however it was handed over and wrapped on its way, and never shown."""

from __future__ import annotations

import base64
import binascii
import json
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_NEEDED = ("project_id", "client_email", "private_key", "token_uri")
_AROUND = string.whitespace + "\ufeff\"'`"  # a byte order mark, and quotes that a shell or a form kept
_PEM_START = "-----BEGIN"
_PEM = re.compile(r"-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----(.*)-----END \1-----", re.DOTALL)
_PEM_LINE = 64  # characters
_BREAK = re.compile(r"\\+[nr]?|\s")  # of a line, more or less escaped; base64 has neither backslashes nor blanks


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

    What shells, dashboards and editors do to a key on its way is undone where it is unambiguous: quotes kept around it,
    escapes doubled or resolved, line breaks lost or real ones in strings, another alphabet of base64 or no padding, a
    byte order mark. Raises `ValueError` with a clause that says what is wrong and holds nothing of the value.
    """
    info = _parsed(_json_text(value.strip(_AROUND)))
    if not isinstance(info, dict) or info.get("type") != "service_account":
        raise ValueError("what it holds is not a service account's key")
    missing = [name for name in _NEEDED if not isinstance(info.get(name), str)]
    if missing:
        raise ValueError(f"the key lacks “{missing[0]}”")
    return ServiceAccount({**info, "private_key": _pem(info["private_key"])})


def _json_text(text: str) -> str:
    if text.startswith("{"):
        return text
    if text.startswith(_PEM_START):
        raise ValueError("it is the private key alone, and the whole JSON around it is needed")
    decoded = _from_base64(text).strip(_AROUND)
    return decoded if decoded.startswith("{") else _from_file(text).strip(_AROUND)


def _from_base64(text: str) -> str:
    """Decode either alphabet, with or without padding; one that was cut gives what is left of it."""
    digits = "".join(text.split()).translate(str.maketrans("-_", "+/")).rstrip("=")
    if len(digits) % 4 == 1:
        digits = digits[:-1]  # half a byte
    try:
        return _decoded(base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True))
    except (binascii.Error, ValueError):
        return ""  # then it is a path


def _from_file(path: str) -> str:
    try:
        return _decoded(Path(path).expanduser().read_bytes())
    except (OSError, RuntimeError, ValueError):
        raise ValueError("it is neither JSON nor base64 of it, and no file of that name can be read") from None


def _decoded(data: bytes) -> str:
    return data.decode(json.detect_encoding(data))  # Windows writes UTF-16, and marks of byte order


def _parsed(text: str) -> Any:
    """Parse the first reading of a text that is JSON."""
    failures: list[json.JSONDecodeError] = []
    for reading in _readings(text):
        try:
            return json.loads(reading, strict=False)  # line breaks may be real ones
        except json.JSONDecodeError as error:
            failures.append(error)
        except RecursionError:
            break  # nested by the thousand: no key is
    if any(map(_ends_early, failures)):
        raise ValueError("its JSON ends early: was it cut?")
    raise ValueError(f"its JSON is broken at character {max((error.pos for error in failures), default=0) + 1}")


def _readings(text: str) -> Iterator[str]:
    """As it stands; as it was before its quotes were escaped; as it was before its line breaks were."""
    yield text
    try:
        yield str(json.loads('"' + text.rstrip("\\") + '"', strict=False))
    except json.JSONDecodeError:  # quotes stand in it
        yield text.replace("\\n", "\n")


def _ends_early(error: json.JSONDecodeError) -> bool:
    return error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string")


def _pem(key: str) -> str:
    """Give a private key its line breaks back."""
    if not key.strip().startswith(_PEM_START):
        raise ValueError(f"its “private_key” is not in PEM form, which begins with “{_PEM_START}”")
    found = _PEM.search(key)
    if found is None:
        raise ValueError("its “private_key” ends early: was it cut?")
    kind, body = found[1], _BREAK.sub("", found[2])
    try:
        base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("its “private_key” was altered on its way: what stands in it is no base64") from None
    lines = [body[start : start + _PEM_LINE] for start in range(0, len(body), _PEM_LINE)]
    return "\n".join([f"{_PEM_START} {kind}-----", *lines, f"-----END {kind}-----", ""])

"""Keys of service accounts: read however they were wrapped on their way, else refused with what is wrong."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.service_account import ServiceAccount, parse

Wrap = Callable[[str], str]

SECRET = "c2VjcmV0" * 20
LINES = "\n".join(SECRET[start : start + 64] for start in range(0, len(SECRET), 64))
KEY = {
    "type": "service_account",
    "project_id": "acme-chatbot",
    "client_email": "usage-dash@acme-chatbot.example",
    "private_key": f"-----BEGIN PRIVATE KEY-----\n{LINES}\n-----END PRIVATE KEY-----\n",
    "token_uri": "https://token.example/",
}
COMPACT, INDENTED = json.dumps(KEY), json.dumps(KEY, indent=2)
BYTE_ORDER_MARK = "\ufeff"


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _url_safe(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


def _in_lines(text: str) -> str:
    encoded = _base64(text)
    return "\n".join(encoded[start : start + 76] for start in range(0, len(encoded), 76))


def _wide(text: str) -> str:
    """As Windows' own tools encode it."""
    return base64.b64encode(text.encode("utf-16")).decode()


JSON_WRAPS: dict[str, Wrap] = {
    "as it stands": str,
    "line breaks escaped twice": lambda text: text.replace("\\n", "\\\\n"),
    "line breaks escaped three times": lambda text: text.replace("\\n", "\\\\\\n"),
    "real line breaks in the string": lambda text: text.replace("\\n", "\n"),
    "line breaks of Windows in the string": lambda text: text.replace("\\n", "\r\n"),
    "line breaks turned into blanks": lambda text: text.replace("\\n", " "),
    "all line breaks escaped": lambda text: text.replace("\n", "\\n"),
    "a string of JSON": json.dumps,
    "a string of JSON without its quotes": lambda text: json.dumps(text)[1:-1],
    "only the quotes escaped": lambda text: text.replace('"', '\\"'),
}
ENCODINGS: dict[str, Wrap] = {
    "none": str,
    "base64": _base64,
    "base64 in lines": _in_lines,
    "base64 for URLs": _url_safe,
    "base64 without padding": lambda text: _base64(text).rstrip("="),
    "base64 of UTF-16": _wide,
    "base64 with a byte order mark": lambda text: _base64(BYTE_ORDER_MARK + text),
}
OUTSIDES: dict[str, Wrap] = {
    "nothing": str,
    "blanks": lambda text: f"  {text}\n",
    "single quotes": lambda text: f"'{text}'",
    "double quotes": lambda text: f'"{text}"',
    "a byte order mark": lambda text: BYTE_ORDER_MARK + text,
}


@given(
    st.sampled_from([COMPACT, INDENTED]),
    st.sampled_from(list(JSON_WRAPS)),
    st.sampled_from(list(OUTSIDES)),
    st.sampled_from(list(ENCODINGS)),
    st.lists(st.sampled_from(list(OUTSIDES)), max_size=2),
)
def test_a_key_is_read_however_it_was_wrapped(
    text: str, wrap: str, inside: str, encoding: str, outsides: list[str]
) -> None:
    wrapped = ENCODINGS[encoding](OUTSIDES[inside](JSON_WRAPS[wrap](text)))
    for outside in outsides:
        wrapped = OUTSIDES[outside](wrapped)
    account = parse(wrapped)
    assert account.info == KEY
    assert account.project_id == "acme-chatbot"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_path_is_followed_to_a_file_of_any_encoding(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "key.json"
    file.write_text(INDENTED, encoding=encoding)
    for value in (str(file), "key.json", f" '{file}'\n"):
        assert parse(value).info == KEY


def _with(**changes: object) -> str:
    return json.dumps({**KEY, **changes})


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ('{"type": ', "its JSON ends early: was it cut?"),
        (COMPACT[:200], "its JSON ends early: was it cut?"),
        (json.dumps(COMPACT)[:200], "its JSON ends early: was it cut?"),
        (_base64(COMPACT)[:200], "its JSON ends early: was it cut?"),
        (_base64(COMPACT)[:201], "its JSON ends early: was it cut?"),
        ("{'type': 'service_account'}", "its JSON is broken at character 2"),
        (f"{COMPACT};", f"its JSON is broken at character {len(COMPACT) + 1}"),
        ("{" * 100_000, "its JSON is broken at character 2"),
        ('{"a":' * 100_000, "its JSON is broken at character 1"),
        ("{}", "what it holds is not a service account's key"),
        (_with(type="authorized_user"), "what it holds is not a service account's key"),
        (_with(private_key=None), "the key lacks “private_key”"),
        (KEY["private_key"], "it is the private key alone, and the whole JSON around it is needed"),
        (_with(private_key=SECRET), "its “private_key” is not in PEM form, which begins with “-----BEGIN”"),
        (_with(private_key=KEY["private_key"][:100]), "its “private_key” ends early: was it cut?"),
        (
            _with(private_key=KEY["private_key"].replace("c2", "…")),
            "its “private_key” was altered on its way: what stands in it is no base64",
        ),
        (SECRET, "it is neither JSON nor base64 of it, and no file of that name can be read"),
        (f"/secrets/{SECRET}.json", "it is neither JSON nor base64 of it, and no file of that name can be read"),
        (SECRET * 2000, "it is neither JSON nor base64 of it, and no file of that name can be read"),
        (f"\x01{SECRET}", "it is neither JSON nor base64 of it, and no file of that name can be read"),
        ("~no-such-user-at-all/key.json", "it is neither JSON nor base64 of it, and no file of that name can be read"),
    ],
)
def test_what_is_wrong_with_a_key_is_said_without_showing_it(value: str, reason: str) -> None:
    with pytest.raises(ValueError, match=re.escape(reason)) as caught:
        parse(value)
    assert str(caught.value) == reason
    assert SECRET not in repr(caught.value.__cause__) + str(caught.value)


def _reason(value: str) -> str:
    try:
        return f"read: {parse(value)}"
    except ValueError as error:
        return str(error)


@given(st.text(st.characters(codec="utf-8")))
def test_a_wrong_text_is_a_value_error(text: str) -> None:
    assert _reason(text).startswith(("its JSON", "what it holds", "the key", "it is "))


@given(st.dictionaries(st.sampled_from(list(KEY)), st.none() | st.text(st.characters(codec="utf-8"))))
def test_a_key_is_whole_or_refused(changes: dict[str, Any]) -> None:
    info = KEY | changes
    changed_pem = info["private_key"] != KEY["private_key"]
    if info["type"] == "service_account" and None not in info.values() and not changed_pem:
        assert parse(json.dumps(info)) == ServiceAccount(info)
    else:
        assert _reason(json.dumps(info)).startswith(("what it holds", "the key lacks", "its “private_key”"))

"""Tokens of programs in the settings: what is written is read, and nothing else is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.settings import SETTINGS, SettingsError, load
from usage_dash.settings.tokens import PREFIX, ApiToken, See, api_tokens, digest_of, is_name, new_token, written

NAMES = st.from_regex(r"[\w.@-]{1,20}", fullmatch=True).filter(is_name)
WHOSE = st.frozensets(st.text(st.characters(codec="utf-8"), min_size=1, max_size=20), min_size=1, max_size=5)
DIGESTS = st.binary(max_size=8).map(lambda part: digest_of(part.hex()))
TOKENS = st.one_of(
    st.builds(ApiToken, NAMES, DIGESTS, st.just(See.ALL)),
    st.builds(ApiToken, NAMES, DIGESTS, st.sampled_from([See.TEAM, See.USER]), WHOSE),
)
HASH = digest_of("secret")


@given(st.lists(TOKENS, max_size=5, unique_by=lambda token: token.digest))
def test_what_is_written_is_read(tokens: list[ApiToken]) -> None:
    assert api_tokens(", ".join(map(written, tokens))) == tuple(tokens)


@given(TOKENS)
def test_a_line_can_stand_in_a_file_of_settings_without_quotes(token: ApiToken) -> None:
    assert not re.search(r"[\s,#$'\"\\]", written(token))


@given(st.text(max_size=40) | st.from_regex(r"\w{0,3}:(all|team=|user=)?\w{0,3}:[0-9a-f]{63,65}"))
def test_anything_is_read_or_refused_with_a_clause_that_holds_nothing_of_it(text: str) -> None:
    try:
        read = api_tokens(text)
    except ValueError as error:
        told = str(error)
        assert told == "one hash stands there twice" or re.fullmatch(r"number \d+ (has no|does not) [a-z\d ]+", told)
    else:
        assert isinstance(read, tuple)
        assert all(len(token.digest) == 64 and (token.see is See.ALL) == (not token.whose) for token in read)


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (f"all:{HASH}", "number 1 does not say whose usage it shows"),
        (HASH, "number 1 does not end with a hash"),
        (f":all:{HASH}", "number 1 has no name"),
        (f"my ci:all:{HASH}", "number 1 has no name"),
        (f"ci:all:{HASH[:-1]}", "number 1 does not end with a hash"),
        (f"ci:all:{HASH.upper()}", "number 1 does not end with a hash"),
        ("ci:all:udash_AAAA", "number 1 does not end with a hash"),
        (f"ci:{HASH}", "number 1 does not say whose"),
        (f"ci::{HASH}", "number 1 does not say whose"),
        (f"ci:All:{HASH}", "number 1 does not say whose"),
        (f"ci:all=x:{HASH}", "number 1 does not say whose"),
        (f"ci:team:{HASH}", "number 1 does not say whose"),
        (f"ci:team=:{HASH}", "number 1 does not say whose"),
        (f"ci:team=A+:{HASH}", "number 1 does not say whose"),
        (f"ci:teams=A:{HASH}", "number 1 does not say whose"),
        (f"ci:user=%FF:{HASH}", "number 1 does not say whose"),
        (f"ci:user=\udcff:{HASH}", "number 1 does not say whose"),
        (f"ci:all:{HASH}, two:all:x", "number 2 does not end"),
        (f"ci:all:{HASH},two:team=A:{HASH}", "one hash stands there twice"),
    ],
)
def test_what_is_wrong_is_named(text: str, clause: str) -> None:
    with pytest.raises(ValueError, match=clause):
        api_tokens(text)


def test_a_wrong_setting_is_told_without_what_it_holds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)
    token = new_token()
    monkeypatch.setenv("USAGE_DASH_API_TOKENS", f"ci:all:{token}")
    with pytest.raises(SettingsError) as told:
        load()
    assert str(told.value) == (
        "USAGE_DASH_API_TOKENS must be name:see:hash as “usage-dash token” prints it, with commas between, where "
        "see is all, team=… or user=…, but number 1 does not end with a hash of 64 digits and small letters up to f."
    )
    monkeypatch.setenv("USAGE_DASH_API_TOKENS", f"ci:team=R%26D+Sales:{digest_of(token)}")
    assert load().api_tokens == (ApiToken("ci", digest_of(token), See.TEAM, frozenset({"R&D", "Sales"})),)


def test_no_two_tokens_are_the_same_and_each_is_long() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(re.fullmatch(PREFIX + r"[\w-]{43}", token) for token in made)

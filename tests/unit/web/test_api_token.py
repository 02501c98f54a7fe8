"""A program's token shows what its line in the settings says, and another one nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.access.viewer import Viewer
from usage_dash.settings.tokens import ApiToken, See, digest_of, new_token
from usage_dash.web.api_token import is_one, viewer_of
from usage_dash.web.frame_token import TokenError

TOKENS = {name: new_token() for name in ("all", "team", "user")}
KNOWN = (
    ApiToken("ci", digest_of(TOKENS["all"]), See.ALL),
    ApiToken("support", digest_of(TOKENS["team"]), See.TEAM, frozenset({"Support"})),
    ApiToken("ada", digest_of(TOKENS["user"]), See.USER, frozenset({"u-ada"})),
)


def test_a_token_shows_what_its_line_says() -> None:
    assert viewer_of(TOKENS["all"], KNOWN) == Viewer.viewer("ci")
    assert viewer_of(TOKENS["team"], KNOWN) == Viewer.lead(["Support"], "support")
    assert viewer_of(TOKENS["user"], KNOWN) == Viewer.only(["u-ada"], "ada")


def test_a_token_that_was_taken_away_shows_nothing() -> None:
    for known in ((), KNOWN[1:]):
        with pytest.raises(TokenError, match="holds it no more"):
            viewer_of(TOKENS["all"], known)


@given(st.text(max_size=60) | st.sampled_from([*TOKENS.values()]).map(lambda token: token[:-1]))
def test_anything_else_is_no_token(text: str) -> None:
    for token in (text, f"udash_{text}", digest_of(text), *(each.digest for each in KNOWN)):
        with pytest.raises(TokenError):
            viewer_of(token, KNOWN)


def test_a_frames_token_is_no_programs() -> None:
    assert all(map(is_one, TOKENS.values()))
    assert not is_one("eyJhbGciOiJIUzI1NiJ9.eyJzZWUiOiJhbGwifQ.c2lnbmF0dXJl")

"""The token of a frame: what lets whom in, and that all else is refused."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.access.viewer import Viewer
from usage_dash.web.frame_token import TokenError, viewer_of

SECRET, OLD, OTHER = "s" * 32, "o" * 40, "x" * 32
SECRETS = (SECRET, OLD)


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    good = {"aud": "usage-dash", "iat": now, "exp": now + 900, "sub": "jo", "see": "all"}
    return {name: value for name, value in (good | changed).items() if value is not ...}


def token(secret: str = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm=algorithm, headers=headers)


def raw(header: object, payload: object, signature: str = "") -> str:
    """A token of any two parts."""
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, payload)]
    return ".".join([*parts, signature])


@pytest.mark.parametrize(
    ("see", "viewer"),
    [
        ("all", Viewer.viewer("jo")),
        ({"users": ["u-1", "u/2"]}, Viewer.only(["u-1", "u/2"], "jo")),
        ({"teams": ["Support"]}, Viewer.lead(["Support"], "jo")),
        ({"users": []}, Viewer.only([], "jo")),
        ({"teams": []}, Viewer.lead([], "jo")),
        ({"users": [str(n) for n in range(1_000)]}, Viewer.only(map(str, range(1_000)), "jo")),
    ],
)
def test_who_may_see_what(see: object, viewer: Viewer) -> None:
    assert viewer_of(token(see=see), SECRETS) == viewer
    assert viewer_of(token(OLD, see=see), SECRETS) == viewer


NOW = int(time.time())
REFUSED = {
    "no audience": {"aud": ...},
    "another audience": {"aud": "usage"},
    "a list of audiences": {"aud": ["usage-dash"]},
    "no issue time": {"iat": ...},
    "no end": {"exp": ...},
    "nobody": {"sub": ...},
    "an empty name": {"sub": ""},
    "a long name": {"sub": "j" * 2_000},
    "a number for a name": {"sub": 7},
    "no see": {"see": ...},
    "see nothing": {"see": None},
    "see a list": {"see": ["u"]},
    "see everybody by another word": {"see": "everybody"},
    "see in other letters": {"see": "ALL"},
    "see true": {"see": True},
    "see an empty object": {"see": {}},
    "see two keys": {"see": {"users": ["u"], "teams": ["t"]}},
    "see an unknown key": {"see": {"all": True}},
    "see an unknown key besides": {"see": {"users": ["u"], "all": True}},
    "see as text of JSON": {"see": '{"users": ["u"]}'},
    "users as text": {"see": {"users": "u"}},
    "users as an object": {"see": {"users": {"u": 1}}},
    "users that are no text": {"see": {"users": [1]}},
    "a user that is no text": {"see": {"users": ["\ud800"]}},
    "a name that is no text": {"sub": "\ud800"},
    "an empty user": {"see": {"users": [""]}},
    "a long user": {"see": {"users": ["u" * 2_000]}},
    "a null team": {"see": {"teams": [None]}},
    "too many users": {"see": {"users": [str(n) for n in range(1_001)]}},
    "an unknown claim": {"role": "admin"},
    "a life of sixteen minutes": {"iat": NOW, "exp": NOW + 960},
    "a life of a day": {"iat": NOW, "exp": NOW + 86_400},
    "no life": {"iat": NOW + 30, "exp": NOW + 30},
    "ended": {"iat": NOW - 900, "exp": NOW - 61},
    "of tomorrow": {"iat": NOW + 3_600, "exp": NOW + 4_000},
    "times as text": {"iat": str(NOW), "exp": str(NOW + 60)},
    "times with parts": {"iat": NOW + 0.5, "exp": NOW + 60.5},
    "a time that is true": {"iat": True},
    "an endless time": {"exp": 10**400},
}


@pytest.mark.parametrize("changed", REFUSED.values(), ids=list(REFUSED))
def test_all_else_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(TokenError):
        viewer_of(token(**changed), SECRETS)


@pytest.mark.parametrize("missing", ["aud", "iat", "exp", "sub", "see"])
def test_leaving_a_claim_out_never_shows_anything(missing: str) -> None:
    with pytest.raises(TokenError):
        viewer_of(token(**{missing: ...}), SECRETS)


@given(
    see=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["users", "teams", "all"]), inner),
    )
)
def test_whatever_is_to_be_seen_is_read_as_it_is_written_or_refused(see: Any) -> None:
    try:
        viewer = viewer_of(token(see=see), SECRETS)
    except TokenError:
        return
    if see == "all":
        assert viewer == Viewer.viewer("jo")
    else:
        [(kind, names)] = see.items()
        assert viewer == (Viewer.only if kind == "users" else Viewer.lead)(names, "jo")


@pytest.mark.parametrize("secrets", [(), (OTHER,), (SECRET[:-1] + "t",)])
def test_who_does_not_know_the_secret_signs_for_nobody(secrets: tuple[str, ...]) -> None:
    with pytest.raises(TokenError, match="no secret"):
        viewer_of(token(), secrets)


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    with pytest.raises(TokenError):
        viewer_of(token("s" * 64, algorithm), ("s" * 64,))


def test_no_algorithm_and_no_signature_are_refused() -> None:
    signed = token()
    header, payload, signature = signed.split(".")
    for forged in (
        raw({"alg": "none"}, claims()),
        raw({"alg": "None", "typ": "JWT"}, claims(), "AA"),
        raw({"alg": "HS256"}, claims(), signature),
        raw({"alg": "HS256", "kid": "../../dev/null"}, claims(), signature),
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        "", ".", "..", "a.b.c", " ", "null", "é.é.é", "." * 1_000, signed * 60,
    ):  # fmt: skip
        with pytest.raises(TokenError):
            viewer_of(forged, SECRETS)


def test_a_header_that_asks_for_something_critical_is_refused() -> None:
    with pytest.raises(TokenError):
        viewer_of(token(headers={"crit": ["see"], "see": "all"}), SECRETS)


@pytest.mark.parametrize("name", ["jku", "x5u", "jwk", "enc", "zip", "cty"])
def test_a_header_that_would_have_to_be_understood_is_refused(name: str) -> None:
    with pytest.raises(TokenError, match="header"):
        viewer_of(token(headers={name: "https://evil.example"}), SECRETS)
    assert viewer_of(token(headers={"kid": "2"}), SECRETS) == Viewer.viewer("jo")


def test_only_a_token_that_has_ended_is_told_to_have_ended() -> None:
    with pytest.raises(TokenError) as ended:
        viewer_of(token(**REFUSED["ended"]), SECRETS)
    with pytest.raises(TokenError) as forged:
        viewer_of(token(OTHER, **REFUSED["ended"]), SECRETS)
    assert (ended.value.code, forged.value.code) == ("expired", "invalid_token")


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda part: base64.urlsafe_b64encode(part).decode()))
def test_anything_else_is_no_token(text: str) -> None:
    with pytest.raises(TokenError):
        viewer_of(text, SECRETS)

"""The token of a frame: a JWT that a portal signs, and that says what its page may show. Whatever is odd is refused.

PyJWT checks signature, times and audience; it lets lifetimes of a day, times as text and short keys pass, so those are
checked here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import jwt

from usage_dash.access.viewer import Viewer
from usage_dash.documents.values import well_formed

AUDIENCE: Final = "usage-dash"
LONGEST_LIFE: Final = 15 * 60  # seconds
_LEEWAY: Final = 60  # seconds, that clocks may differ
_CLAIMS: Final = frozenset({"aud", "iat", "exp", "sub", "see"})
_HEADER: Final = frozenset({"alg", "typ", "kid"})
_LONGEST_TOKEN: Final = 64 * 1024  # characters; a thousand ids need 42,000
_LONGEST_NAME: Final = 1_500  # characters
_MOST_NAMES: Final = 1_000


class TokenError(Exception):
    """A token that lets nobody in: `code` is of RFC 6750 or “expired”, the message says why, to the portal's makers."""

    def __init__(self, why: str, code: str = "invalid_token") -> None:
        super().__init__(why)
        self.code = code


def viewer_of(token: str, secrets: Sequence[str]) -> Viewer:
    """Return who may see what, as a portal with one of these `secrets` has signed it. Raise `TokenError`."""
    if len(token) > _LONGEST_TOKEN:
        raise TokenError("the token is too long")
    _check_header(token)
    claims = _verified(token, secrets)
    if claims.keys() != _CLAIMS:
        raise TokenError(f"the claims must be {', '.join(sorted(_CLAIMS))}, no more and no less")
    _check_times(claims["iat"], claims["exp"])
    name = _name(claims["sub"], "sub")
    return _viewer(claims["see"], name)


def _verified(token: str, secrets: Sequence[str]) -> dict[str, Any]:
    """Return the claims of a token that one of the secrets has signed, that is for us, and that is valid now."""
    for secret in secrets:
        try:
            return jwt.decode(
                token,
                secret,
                algorithms=["HS256"],
                audience=AUDIENCE,
                leeway=_LEEWAY,
                options={
                    "require": ["aud", "iat", "exp", "sub"],
                    "strict_aud": True,
                    "enforce_minimum_key_length": True,
                },
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError as error:
            raise TokenError("the token has ended", "expired") from error
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise TokenError("the token is no JWT of HS256 for usage-dash, or its time has not come") from error
    raise TokenError("no secret of USAGE_DASH_EMBED_SECRET has signed the token")


def _check_header(token: str) -> None:
    """Refuse what would have to be understood: where other keys are, say, or that something is encrypted."""
    try:
        header = jwt.get_unverified_header(token)
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise TokenError("the token is no JWT") from error
    if not header.keys() <= _HEADER:
        raise TokenError(f"the header may hold {', '.join(sorted(_HEADER))}, and no more")


def _check_times(issued: object, ends: object) -> None:
    if type(issued) is not int or type(ends) is not int:
        raise TokenError("iat and exp must be whole numbers of seconds")
    if not 0 < ends - issued <= LONGEST_LIFE:
        raise TokenError("a token may live for 15 minutes at most")


def _viewer(see: object, name: str) -> Viewer:
    match see:
        case "all":
            return Viewer.viewer(name)
        case {"users": users, **others} if not others:
            return Viewer.only(_names(users, "see.users"), name)
        case {"teams": teams, **others} if not others:
            return Viewer.lead(_names(teams, "see.teams"), name)
    raise TokenError("see must be “all”, or an object with the one key users or teams")


def _names(values: object, what: str) -> list[str]:
    if not isinstance(values, list) or len(values) > _MOST_NAMES:
        raise TokenError(f"{what} must be a list of at most {_MOST_NAMES:,}")
    return [_name(value, f"each of {what}") for value in values]


def _name(value: object, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME or well_formed(value) != value:
        raise TokenError(f"{what} must be a text")
    return value

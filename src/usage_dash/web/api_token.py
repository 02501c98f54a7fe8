"""The token of a program that asks for figures: random text, of which the settings hold the hash."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from usage_dash.access.viewer import Viewer
from usage_dash.settings.tokens import PREFIX, ApiToken, See, digest_of
from usage_dash.web.frame_token import TokenError


def is_one(token: str) -> bool:
    """Whether a token is a program's; no JWT begins like one."""
    return token.startswith(PREFIX)


def viewer_of(token: str, known: Sequence[ApiToken]) -> Viewer:
    """Return who may see what with a token. Raise `TokenError` when the settings do not know it, or no longer."""
    digest = digest_of(token)
    # All are looked at, and each takes the same time.
    found = [each for each in known if hmac.compare_digest(each.digest, digest)]
    if not found:
        raise TokenError("USAGE_DASH_API_TOKENS does not hold the hash of the token, or holds it no more")
    return _viewer(found[0])


def _viewer(token: ApiToken) -> Viewer:
    match token.see:
        case See.ALL:
            return Viewer.viewer(token.name)
        case See.TEAM:
            return Viewer.lead(token.whose, token.name)
        case See.USER:
            return Viewer.only(token.whose, token.name)

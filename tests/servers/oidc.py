"""A company's sign-in: npm's certified OpenID provider in a process of its own.

Its pages ask for a login alone. Cookies know no ports: a browser sends this provider's (`_session`, `_interaction`) to
every other server of 127.0.0.1 as well, and theirs to it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from tests.servers import node
from tests.servers.ports import free_port

Claims = Mapping[str, object]

_SCRIPT = Path(__file__).with_suffix(".mjs")
ACCOUNTS: Mapping[str, Claims] = {
    "ada": {
        "email": "ada@acme.example",
        "email_verified": True,
        "name": "Ada",
        "groups": ["finance"],
        "uid": "doc-1",
    }
}


class OidcProvider:
    """Runs in a `with`, and ends with this process at the latest. Its only client has a secret and must use PKCE.

    `accounts` are claims by login. Those of the scopes email (`email`, `email_verified`) and profile (`name`,
    `preferred_username`) come with these, all others with openid; ID tokens and userinfo carry the same.

    The form has a field #login and the buttons #enter and #refuse; the page to sign out, #leave.
    """

    def __init__(
        self,
        *,
        redirect_uris: Sequence[str],
        post_logout_redirect_uris: Sequence[str] = (),
        accounts: Mapping[str, Claims] = ACCOUNTS,
    ) -> None:
        self._port = free_port()
        self.issuer = f"http://127.0.0.1:{self._port}"
        self.client_id = "usage-dash"
        self.client_secret = secrets.token_urlsafe()
        self._client = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uris": list(redirect_uris),
            "post_logout_redirect_uris": list(post_logout_redirect_uris),
        }
        self._accounts = {login: dict(claims) for login, claims in accounts.items()}

    def __enter__(self) -> OidcProvider:
        told = json.dumps({"port": self._port, "client": self._client, "accounts": self._accounts})
        self._process = node.started(_SCRIPT, told)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        node.stop(self._process)

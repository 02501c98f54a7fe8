"""Firebase Authentication: firebase-tools' own emulator, in a process of its own, without its command line.

What it does not do as Firebase does:

- ID tokens are not signed (`"alg": "none"`), and any API key will do. Nobody is told TOO_MANY_ATTEMPTS_TRY_LATER.
- It tells unknown addresses (EMAIL_NOT_FOUND) from wrong passwords (INVALID_PASSWORD), as projects made before
  September 2023 do. Later ones say INVALID_LOGIN_CREDENTIALS to both, and so does it here, until `tell_apart`.
- Refresh tokens outlive revocations and new passwords; `firebase_auth.mjs` makes it refuse them (TOKEN_EXPIRED). Those
  of deleted accounts are refused as INVALID_REFRESH_TOKEN, where Firebase says USER_NOT_FOUND.
- Second factors are text messages alone, and always switched on.
- Mails are only kept, and outlive the accounts that they were for.
- It has no answer to what tenants and a project's configuration are asked: `firebase_auth.mjs` leaves that out.

To know: an account without a password is answered as a wrong password is; a disabled one (USER_DISABLED) whatever the
password; and one with a second factor by a success without any tokens, but with `mfaPendingCredential`.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from tests.servers import node
from tests.servers.ports import free_port

_SCRIPT = Path(__file__).with_suffix(".mjs")
_PHONE = "+15555550100"


class AuthEmulator:
    """Runs in a `with`, and ends with this process at the latest. `host` is as in "127.0.0.1:9099"."""

    def __init__(self) -> None:
        self.project = "demo-usage-dash"  # “demo-…” is never a real project
        self._port = free_port()
        self.host = f"127.0.0.1:{self._port}"

    def add(
        self,
        email: str,
        password: str,
        *,
        uid: str | None = None,
        verified: bool = True,
        name: str | None = None,
        second_factor: bool = False,
    ) -> str:
        """Add an account, and return its uid."""
        account = {"email": email, "password": password, "emailVerified": verified}
        account |= {"localId": uid} if uid else {}
        account |= {"displayName": name} if name else {}
        account |= {"mfaInfo": [{"phoneInfo": _PHONE}]} if second_factor else {}
        return str(self._account("", account)["localId"])

    def add_without_password(self, email: str) -> str:
        """Add an account that signs in with Google alone, and return its uid."""
        uid = f"google-{email}"
        google = {"providerId": "google.com", "rawId": email, "email": email}
        account = {"localId": uid, "email": email, "emailVerified": True, "providerUserInfo": [google]}
        errors = self._account(":batchCreate", {"users": [account]})["error"]
        if errors:
            raise ValueError(errors)
        return uid

    def disable(self, uid: str) -> None:
        """Disable an account, as the console does."""
        self._account(":update", {"localId": uid, "disableUser": True})

    def change(self, uid: str, **fields: object) -> None:
        """Change what an account says, by the names of Identity Toolkit, such as `displayName`."""
        self._account(":update", {"localId": uid, **fields})

    def revoke(self, uid: str) -> None:
        """Revoke an account's refresh tokens, as the Admin SDK does; ID tokens of this very second stay valid."""
        self._account(":update", {"localId": uid, "validSince": str(int(time.time()))})

    def delete(self, uid: str) -> None:
        """Delete an account."""
        self._account(":delete", {"localId": uid})

    def reset_mails(self) -> list[str]:
        """List to whom a link for a new password was mailed, in order, since the start."""
        mails = self._ask("GET", f"emulator/v1/projects/{self.project}/oobCodes")["oobCodes"]
        return [mail["email"] for mail in mails if mail["requestType"] == "PASSWORD_RESET"]

    def tell_apart(self, *, told: bool) -> None:
        """Say whether callers are told unknown addresses from wrong passwords, as by old projects."""
        privacy = {"emailPrivacyConfig": {"enableImprovedEmailPrivacy": not told}}
        self._ask("PATCH", f"emulator/v1/projects/{self.project}/config", privacy)

    def clear(self) -> None:
        """Delete all accounts; mails stay."""
        self._ask("DELETE", f"emulator/v1/projects/{self.project}/accounts")
        self.tell_apart(told=False)

    def _account(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._ask("POST", f"identitytoolkit.googleapis.com/v1/projects/{self.project}/accounts{method}", body)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        with requests.Session() as session:
            session.trust_env = False  # neither proxies nor what ~/.netrc says
            headers = {"Authorization": "Bearer owner"}
            answer = session.request(method, f"http://{self.host}/{path}", json=body, headers=headers)
        if not answer.ok:
            raise ValueError(answer.text)
        return dict(answer.json())

    def __enter__(self) -> AuthEmulator:
        self._home = tempfile.TemporaryDirectory()
        # Without a home of its own it would read what firebase-tools keeps in the user's.
        environment = {"PATH": os.environ["PATH"], "HOME": self._home.name, "XDG_CONFIG_HOME": self._home.name}
        try:
            self._process = node.started(_SCRIPT, str(self._port), self.project, env=environment)
        except RuntimeError:
            self._home.cleanup()
            raise
        self.tell_apart(told=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        node.stop(self._process)
        self._home.cleanup()

"""What stands in front of the program on platforms: it ends https, and says who has come by which scheme."""

from __future__ import annotations

from typing import Any

import requests
from tests.servers.program import DEADLINE

VISITOR = "203.0.113.7"
BY_SCRIPT = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}  # what a page's script adds


class Router(requests.Session):
    """Asks as it does for a browser that has come by https, which keeps its last session's cookie."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__()
        self.trust_env = False
        self._address = f"http://127.0.0.1:{port}"
        self.headers.update(
            {
                "Host": host,
                "Origin": f"https://{host}",
                "Accept": "text/html",
                "X-Forwarded-For": VISITOR,
                "X-Forwarded-Proto": "https",
                "X-Forwarded-Port": "443",
            }
        )

    def ask(self, path: str, **sent: Any) -> requests.Response:
        """Ask for a path; what a form or a script sends is posted."""
        method = "POST" if {"data", "json"} & sent.keys() else "GET"
        return self.request(method, self._address + path, timeout=DEADLINE, allow_redirects=False, **sent)

    def sign_in(self, way: str, **typed: str) -> requests.Response:
        """Sign in by a way that has a form."""
        answer = self.ask("/sign-in", data={"way": way, "next": "/", **typed})
        self.headers["Cookie"] = answer.headers.get("Set-Cookie", "").partition(";")[0]
        return answer

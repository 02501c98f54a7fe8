"""Where things of the dashboard are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses on the dashboard's own host; `root` is its path there, with a slash at both ends.

    `kept` is the query string that overview and trust are asked with, unless another is given.
    """

    root: str = "/"
    kept: str = ""

    def keeping(self, query: str) -> Links:
        """Return the same that keep what a query string chooses."""
        return replace(self, kept=query)

    def overview(self, query: str | None = None) -> str:
        """Return where the overview is, for a query string."""
        return f"{self.root}{_asking(self.kept if query is None else query)}"

    def trust(self) -> str:
        """Return where it is told how far the figures can be trusted."""
        return f"{self.root}trust{_asking(self.kept)}"

    def check(self, key: str) -> str:
        """Return where a check is told, on the page of trust."""
        return f"{self.trust()}#check-{key}"

    def sign_out(self) -> str:
        """Return where one leaves."""
        return f"{self.root}sign-out"

    def user_page(self, user_id: str, query: str = "") -> str:
        """Return where a user's page is, whatever their id is, for a query string."""
        return f"{self.root}users/{quote(user_id, safe='')}{_asking(query)}"

    def export(self, what: str, query: str = "") -> str:
        """Return where a file to take along is, such as “users.csv”, for a query string."""
        return f"{self.root}export/{what}{_asking(query)}"


def _asking(query: str) -> str:
    return f"?{query}" if query else ""

"""Who the made-up team are: names and teams, as a people file would tell them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from usage_dash.repository.demo.sample import everybody

_NAMES: Final = {  # of those whose ids do not tell
    "t.lindqvist": "Tove Lindqvist",
    "a.petrov": "Anna Petrov",
    "n.okafor": "Ngozi Okafor",
    "r.tanaka": "Ren Tanaka",
}
_TEAMS: Final = ("Research", "Support", "Research", "Sales", "Operations", "Support", "Research")
_SERVICE: Final = "svc-"  # begins the id of a program, which has no name and is in no team


def persons() -> Iterator[tuple[str, str, str, str]]:
    """Return id, name, e-mail address and team of all who can be in a sample."""
    for number, user in enumerate(everybody()):
        if not user.startswith(_SERVICE):
            name = _NAMES.get(user) or user.replace(".", " ").title()
            yield user, name, f"{user}@acme.example", _TEAMS[number % len(_TEAMS)]

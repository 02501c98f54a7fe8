"""What a viewer has chosen of what they may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Choice:
    """Models by their names, users by their ids, and a team; nothing chosen is all of them. The team “” is no team."""

    models: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    team: str | None = None


ALL_CHOSEN: Final = Choice()

"""Making checks of one sentence, as the doctor's are."""

from __future__ import annotations

from usage_dash.checks.check import Check, State


def good(key: str, title: str, detail: str = "") -> Check:
    """Return a check of what is as it should be."""
    return _told(key, State.GOOD, title, detail, "")


def look(key: str, title: str, todo: str, detail: str = "") -> Check:
    """Return a check of what may be meant so, or not."""
    return _told(key, State.LOOK, title, detail, todo)


def act(key: str, title: str, todo: str, detail: str = "") -> Check:
    """Return a check of what has to be mended."""
    return _told(key, State.ACT, title, detail, todo)


def unknown(key: str, title: str, todo: str = "", detail: str = "") -> Check:
    """Return a check of what could not be found out."""
    return _told(key, State.UNKNOWN, title, detail, todo)


def _told(key: str, state: State, title: str, detail: str, todo: str) -> Check:
    return Check(key, state, title, detail, figure="", unit="", why="", todo=todo)

"""What is raised when settings cannot be used."""

from __future__ import annotations


class SettingsError(Exception):
    """Settings that cannot be used: one sentence a line, each naming the setting and what is allowed."""

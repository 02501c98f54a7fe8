"""Cells of the users table, as HTML that means just what it says."""

from __future__ import annotations

import re
import unicodedata

from usage_dash.page.names import contained, fenced
from usage_dash.reporting.user_models import UserRow, UsersPage
from usage_dash.wording import formats

TOGGLE = "toggle"  # the column before the first

_UNWRITABLE = {"Cc", "Cs", "Cn"}  # categories of Unicode: controls, halves of a pair, not yet anything


def escape(text: str) -> str:
    """Any text as HTML that means just this text, within Markdown too; what HTML has no sign for is a space."""
    shown = "".join(letter if unicodedata.category(letter) not in _UNWRITABLE else " " for letter in text)
    return re.sub(r"[^A-Za-z0-9 ]", lambda found: f"&#{ord(found[0])};", shown)


def named(name: str, aside: str = "") -> str:
    """A name with its whole self as the title, for there may be no room for it."""
    return f'<div title="{escape(fenced(name))}">{foreign(name)}{aside}</div>'


def foreign(name: str) -> str:
    """A name that others chose, fenced."""
    return f"<bdi>{escape(contained(name))}</bdi>"


def share(user: UserRow, page: UsersPage) -> str:
    """A user's share of the cost; at most that where somebody else's cost is not known."""
    return f"{'≤ ' if user.share and page.shares_at_most else ''}{formats.share(user.share)}"


def part_of(page: int, page_size: int, shown: int, total: int) -> str:
    """Which of all rows are shown on a page: 1–10 of 1,284."""
    first = page * page_size + 1
    return f"{first:,}–{first + shown - 1:,} of {total:,}" if shown else ""

"""The doctor's words: lines for a terminal, and JSON for programs."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

import orjson

from usage_dash.checks.check import Check, State
from usage_dash.wording import formats

_WIDTH: Final = 100
_CODE: Final = re.compile("`[^`]*`")
_JOINT: Final = "\0"  # a space that is no place to break a line
_INDENT: Final = " " * 20
_WORDS: Final = {State.ACT: "ACT", State.LOOK: "look", State.GOOD: "good", State.UNKNOWN: "?"}


def as_text(checks: Iterable[Check]) -> str:
    """Return the checks for people: of each how it stands, and beneath, what to do."""
    return "\n".join(line for check in checks for line in _lines(check))


def as_json(checks: tuple[Check, ...], *, well: bool) -> str:
    """Return the checks for programs; `well` says that nothing has to be mended."""
    told = {"well": well, "checks": [_told(check) for check in checks]}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def summary(checks: Iterable[Check]) -> str:
    """Return one sentence about all of them."""
    states = [check.state for check in checks]
    mend, look = states.count(State.ACT), states.count(State.LOOK)
    parts = [f"{formats.counted(mend, 'thing')} to mend"] if mend else []
    parts += [f"{formats.counted(look, 'thing')} to look at"] if look else []
    return f"{' and '.join(parts)}." if parts else "All is well."


def _lines(check: Check) -> Iterator[str]:
    yield from _wrapped(check.title, f"{_WORDS[check.state]:<5} {check.key:<13} ")
    if check.detail:
        yield from _wrapped(f"{check.detail}.", _INDENT)
    if check.state is not State.GOOD:
        for words in filter(None, (check.why, check.todo)):
            yield from _wrapped(words, f"{_INDENT[:-2]}→ ")
    for user in check.users:
        yield from _wrapped(f"{user.user_id}: {user.how}", f"{_INDENT[:-2]}· ")
    if check.others:
        yield from _wrapped(f"and {formats.number(check.others)} more", f"{_INDENT[:-2]}· ")


def _wrapped(words: str, first: str) -> list[str]:
    """Break words into lines, but nothing between backticks: a command is copied from here."""
    whole = _CODE.sub(lambda code: code[0].replace(" ", _JOINT), words)
    lines = textwrap.wrap(
        whole, _WIDTH, initial_indent=first, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_JOINT, " ") for line in lines]


def _told(check: Check) -> dict[str, Any]:
    return {
        "key": check.key,
        "state": check.state.value,
        "title": check.title,
        "detail": check.detail,
        "why": check.why,
        "todo": check.todo,
        "users": [{"user_id": user.user_id, "how": user.how} for user in check.users],
        "others": check.others,
    }

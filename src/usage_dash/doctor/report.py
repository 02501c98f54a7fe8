"""The doctor's words: lines for a terminal, and JSON for programs."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from typing import Any, Final

from usage_dash.checks.check import Check, State
from usage_dash.documents.values import well_formed
from usage_dash.wording import formats

_WIDTH: Final = 100
_CODE: Final = re.compile("`[^`]*`")
_JOINT: Final = "\0"  # a space that is no place to break a line
_WORDS: Final = {State.ACT: "ACT", State.LOOK: "look", State.GOOD: "good", State.UNKNOWN: "?"}


def as_text(checks: Iterable[Check]) -> str:
    """Return the checks for people: of each how it stands, and beneath, what to do."""
    checks = tuple(checks)
    width = max((len(check.key) for check in checks), default=0)
    return "\n".join(line for check in checks for line in _lines(check, width))


def as_json(checks: tuple[Check, ...], *, well: bool) -> str:
    """Return the checks for programs; `well` says that nothing has to be mended."""
    told = {"well": well, "checks": [_told(check) for check in checks]}
    return well_formed(json.dumps(told, ensure_ascii=False, indent=2))  # names of files can be bytes that are no text


def summary(checks: Iterable[Check]) -> str:
    """Return one sentence about all of them."""
    states = [check.state for check in checks]
    mend, look = states.count(State.ACT), states.count(State.LOOK)
    parts = [f"{formats.counted(mend, 'thing')} to mend"] if mend else []
    parts += [f"{formats.counted(look, 'thing')} to look at"] if look else []
    return f"{' and '.join(parts)}." if parts else "All is well."


def _lines(check: Check, width: int) -> Iterator[str]:
    """Yield a check's lines; its key has `width` characters, and what stands beneath begins where its title does."""
    indent = " " * (width + 7)
    yield from _wrapped(check.title, f"{_WORDS[check.state]:<5} {check.key:<{width}} ", indent)
    if check.detail:
        yield from _wrapped(f"{check.detail}.", indent, indent)
    if check.state is not State.GOOD:
        for sign, words in _beneath(check):
            yield from _wrapped(words, f"{indent[:-2]}{sign} ", indent)


def _beneath(check: Check) -> Iterator[tuple[str, str]]:
    """Yield why a check stands as it does, what to do, and what it is about, each with its sign."""
    yield from (("→", words) for words in (check.why, check.todo) if words)
    yield from (("·", f"{user.user_id}: {user.how}") for user in check.users)
    if check.table is not None:
        yield from (("·", ", ".join(row)) for row in (check.table.heads, *check.table.rows))
    if check.others:
        yield "·", f"and {formats.number(check.others)} more"


def _wrapped(words: str, first: str, indent: str) -> list[str]:
    """Break words into lines, but nothing between backticks: a command is copied from here.

    Names are anybody's, and could tell the terminal to do something.
    """
    shown = "".join(each if each.isprintable() else "�" for each in words)
    whole = _CODE.sub(lambda code: code[0].replace(" ", _JOINT), shown)
    lines = textwrap.wrap(
        whole, _WIDTH, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
    return [line.replace(_JOINT, " ") for line in lines]


def _told(check: Check) -> dict[str, Any]:
    return {
        "key": check.key,
        "state": check.state.value,
        "title": check.title,
        "detail": check.detail,
        "figure": check.figure,
        "unit": check.unit,
        "dollars": check.dollars,
        "why": check.why,
        "todo": check.todo,
        "users": [{"user_id": user.user_id, "how": user.how} for user in check.users],
        "others": check.others,
        "facts": dict(check.facts),
        "table": None if check.table is None else {"heads": check.table.heads, "rows": check.table.rows},
    }

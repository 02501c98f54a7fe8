"""Lists to choose from that may be very long: the page carries the dearest, and whatever is chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children

_T = TypeVar("_T")

MOST: Final = 100  # that are listed, unless more are chosen; each is a kilobyte


def parted(found: Sequence[_T], keep: Callable[[_T], bool]) -> tuple[list[_T], list[_T]]:
    """Return the first of them, and all those to `keep`, and then the rest; both in their order."""
    room = MOST - sum(map(keep, found))
    listed: list[_T] = []
    rest: list[_T] = []
    for each in found:
        if keep(each):
            listed.append(each)
        elif room > 0:
            listed.append(each)
            room -= 1
        else:
            rest.append(each)
    return listed, rest


def not_listed(count: int, name: str) -> list[Component]:
    """Return the sentence that so many are not listed, and how one is chosen all the same; none where all are."""
    if not count:
        return []
    said: Children = [f"{count:,} more are not listed. The address takes each: ", html.B(f"{name}=…")]
    return [html.Div(html.Span(said), className="bottom rest")]

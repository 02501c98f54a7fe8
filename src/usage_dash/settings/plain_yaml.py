"""YAML without what needs a second look: names and values as they are written, and names with values below them.

So `no` is a name like others, and `010` is not eight. What stands for something else is refused: aliases and anchors,
tags, lists, and further documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

_DEEPEST: Final = 2


@dataclass(frozen=True, slots=True)
class Pair:
    """A name, the line in which it stands, counted from 1, and its value, or what stands below it."""

    line: int
    name: str
    value: str | tuple[Pair, ...]


class PlainYamlError(Exception):
    """What is wrong, a clause, and in which line."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


def pairs(text: str) -> tuple[Pair, ...]:
    """Return the names in a text with their values, none for one without any. Raise `PlainYamlError`."""
    events = _plain(text)
    first = next(events, None)
    if first is None or (isinstance(first, yaml.ScalarEvent) and not first.value):
        return ()
    if not isinstance(first, yaml.MappingStartEvent):
        raise PlainYamlError(_line(first), "it holds no names with values")
    found = tuple(_below(events, 1))
    for _ in events:  # which is refused where it begins
        pass
    return found


def _below(events: Iterator[Any], depth: int) -> Iterator[Pair]:
    """Go through the names and values of what has just begun."""
    for event in events:
        if isinstance(event, yaml.MappingEndEvent):
            return
        if not isinstance(event, yaml.ScalarEvent):
            raise PlainYamlError(_line(event), "what stands there is no name")
        yield Pair(_line(event), event.value.strip(), _value(next(events), events, depth))


def _value(event: Any, events: Iterator[Any], depth: int) -> str | tuple[Pair, ...]:
    if isinstance(event, yaml.ScalarEvent):
        return event.value
    if depth == _DEEPEST:
        raise PlainYamlError(_line(event), "there is one level too many")
    return tuple(_below(events, depth + 1))


def _plain(text: str) -> Iterator[Any]:
    """Go through what a text holds; refuse what is not plain."""
    documents = 0
    for event in _events(text):
        documents += isinstance(event, yaml.DocumentStartEvent)
        problem = "another document begins there" if documents > 1 else _problem(event)
        if problem:
            raise PlainYamlError(_line(event), problem)
        if isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent | yaml.CollectionEndEvent):
            yield event


def _problem(event: Any) -> str:
    if isinstance(event, yaml.AliasEvent):
        return f"*{event.anchor} stands for something else"
    if isinstance(event, yaml.SequenceStartEvent):
        return "a list is no names with values"
    if getattr(event, "anchor", None):
        return f"&{event.anchor} is there to be repeated, which nothing can be"
    return f"{event.tag} changes what is written" if getattr(event, "tag", None) else ""


def _events(text: str) -> Iterator[Any]:
    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise PlainYamlError(mark.line + 1 if mark else 1, error.problem or "it is no YAML") from error
    except yaml.reader.ReaderError as error:
        raise PlainYamlError(text.count("\n", 0, error.position) + 1, "it holds what no text does") from error
    except (ValueError, OverflowError) as error:  # an escaped character that there is not
        raise PlainYamlError(1, "it is no YAML") from error


def _line(event: Any) -> int:
    line: int = event.start_mark.line + 1
    return line

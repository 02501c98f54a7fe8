"""The grammar of alert rules: `user-day=50, budget=50/80/100, forecast, silent=6h`; what is wrong is named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, LiteralString

from pydantic_core import PydanticCustomError

from usage_dash.settings.readers import parts

DEFAULT: Final = "budget=50/80/100, forecast, unusual, silent=6h, failing=10m, full, billed=90"
_SHOWN_CHARACTERS: Final = 80
_NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_TIME: Final = re.compile(r"(\d{1,6})\s*([mhd])", re.ASCII)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds
_SECONDS: Final = {"m": _MINUTE, "h": _HOUR, "d": _DAY}
_WEEK: Final = 7 * _DAY
_MOST_PERCENT: Final = 500  # of a budget; whoever spent that much has been told


class RuleName(StrEnum):
    """What somebody can be told of."""

    USER_DAY = "user-day"
    USER_MONTH = "user-month"
    BUDGET = "budget"
    FORECAST = "forecast"
    UNUSUAL = "unusual"
    SILENT = "silent"
    FAILING = "failing"
    FULL = "full"
    BILLED = "billed"


@dataclass(frozen=True, slots=True)
class Rule:
    """An alert rule; its `text` is how the settings have it: “user-day=50”, “budget=50/80/100”, “forecast”.

    Its `limits` are dollars, percents or seconds, the least first; a rule without a limit has none.
    """

    name: RuleName
    limits: tuple[float, ...]
    text: str

    @property
    def limit(self) -> float:
        """The one limit of a rule that has one."""
        return self.limits[0]


@dataclass(frozen=True, slots=True)
class _Form:
    """How a rule's limits are read, which raises `ValueError`, the words for what they are, and how that looks."""

    read: Callable[[str], tuple[float, ...]]
    takes: str
    example: str


def rules_in(value: object) -> object:
    """Return the rules of a list with commas. Raise a sentence that names what is none, or stands there twice."""
    if not isinstance(value, str):
        return value
    found = tuple(map(_rule, parts(value)))
    if not found:
        raise _sentence("names no rule, so nobody would be told anything: there are {rules}.", rules=_examples())
    for name, times in Counter(rule.name for rule in found).items():
        if times > 1:
            raise _sentence("has {name} more than once: leave one of them.", name=name.value)
    return found


def _rule(text: str) -> Rule:
    name, _, limits = (part.strip() for part in text.lower().partition("="))
    if name not in {each.value for each in RuleName}:
        raise _sentence("has “{shown}”, which is no rule: there are {rules}.", shown=_shown(text), rules=_examples())
    form = _FORMS[RuleName(name)]
    try:
        read = form.read(limits)
    except ValueError:
        wanted = {"name": name, "takes": form.takes, "example": form.example}
        raise _sentence("has “{shown}”, but {name} takes {takes}: {example}.", shown=_shown(text), **wanted) from None
    return Rule(RuleName(name), read, f"{name}={''.join(limits.split())}" if read else name)


def _nothing(text: str) -> tuple[float, ...]:
    if text:
        raise ValueError(text)
    return ()


def _dollars(text: str) -> tuple[float, ...]:
    dollars = _number(text)
    if dollars <= 0:
        raise ValueError(text)
    return (dollars,)


def _percents(text: str) -> tuple[float, ...]:
    found = sorted(_number(part.strip()) for part in text.split("/"))
    if len(set(found)) < len(found) or not 1 <= found[0] <= found[-1] <= _MOST_PERCENT:
        raise ValueError(text)
    return tuple(found)


def _percent(text: str) -> tuple[float, ...]:
    percent = _number(text)
    if not 1 <= percent <= 100:  # noqa: PLR2004 - as percents are
        raise ValueError(text)
    return (percent,)


def _hours(text: str) -> tuple[float, ...]:
    seconds = _time(text)
    if seconds % _HOUR or not _HOUR <= seconds <= _WEEK:
        raise ValueError(text)
    return (seconds,)


def _minutes(text: str) -> tuple[float, ...]:
    seconds = _time(text)
    if not _MINUTE <= seconds <= _WEEK:
        raise ValueError(text)
    return (seconds,)


def _number(text: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _time(text: str) -> float:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return float(found[1]) * _SECONDS[found[2]]


_FORMS: Final[Mapping[RuleName, _Form]] = {
    RuleName.USER_DAY: _Form(_dollars, "a number of dollars above 0", "user-day=50"),
    RuleName.USER_MONTH: _Form(_dollars, "a number of dollars above 0", "user-month=200"),
    RuleName.BUDGET: _Form(_percents, f"percents from 1 to {_MOST_PERCENT}, each once", "budget=50/80/100"),
    RuleName.FORECAST: _Form(_nothing, "no limit", "forecast"),
    RuleName.UNUSUAL: _Form(_nothing, "no limit", "unusual"),
    RuleName.SILENT: _Form(_hours, "whole hours from 1h to 168h, or days", "silent=6h"),
    RuleName.FAILING: _Form(_minutes, "minutes, hours or days from 1m to 7d", "failing=10m"),
    RuleName.FULL: _Form(_nothing, "no limit", "full"),
    RuleName.BILLED: _Form(_percent, "a percent from 1 to 100", "billed=90"),
}


def _examples() -> str:
    return ", ".join(form.example for form in _FORMS.values())


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _sentence(wrong: LiteralString, **context: str) -> PydanticCustomError:
    """Return an error whose message is a format, since anything may be written: that stands in its context."""
    sentence: LiteralString = f"USAGE_DASH_ALERT_RULES {wrong}"
    return PydanticCustomError("sentence", sentence, {**context})

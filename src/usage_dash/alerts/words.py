"""The alert rules in words: what each tells of, what a message of it is called, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from usage_dash.alerts.places import span_of
from usage_dash.reporting.dear_users import MOST
from usage_dash.settings.alert_rules import Rule, RuleName
from usage_dash.wording import formats

_WORDS: Final[dict[RuleName, Callable[[Rule], str]]] = {
    RuleName.USER_DAY: lambda rule: f"A user costs more than {_dollars(rule)} a day",
    RuleName.USER_MONTH: lambda rule: f"A user costs more than {_dollars(rule)} a month",
    RuleName.BUDGET: lambda rule: f"A budget reaches {', '.join(f'{limit:g}' for limit in rule.limits)}%",
    RuleName.FORECAST: lambda _: "The forecast passes a budget",
    RuleName.UNUSUAL: lambda _: "A day is unusual",
    RuleName.SILENT: lambda rule: f"Nothing is recorded for {length_of(rule)}",
    RuleName.FAILING: lambda rule: f"No sync goes well for {length_of(rule)}",
    RuleName.FULL: lambda _: "A document is nearly full",
    RuleName.BILLED: lambda rule: f"Recorded is under {rule.limit:g}% of billed",
}
_TITLES: Final[dict[RuleName, Callable[[Rule, str, Sequence[str]], str]]] = {
    RuleName.USER_DAY: lambda rule, day, users: _users(rule, day, users, "on"),
    RuleName.USER_MONTH: lambda rule, month, users: _users(rule, month, users, "in"),
    RuleName.BUDGET: lambda _, month, budgets: _budgets(month, budgets),
    RuleName.FORECAST: lambda _, month, budgets: (
        f"The forecast passes {formats.counted(len(budgets), 'budget')} of {_named(month)}"
    ),
    RuleName.UNUSUAL: lambda _, day, __: f"{_named(day)} is an unusual day",
    RuleName.SILENT: lambda rule, _, __: f"Nothing is recorded for {length_of(rule)}",
    RuleName.FAILING: lambda _, __, ___: "Newer usage can’t be read",
    RuleName.FULL: lambda _, __, documents: f"{_at_least(documents, 'document is', 'documents are')} nearly full",
    RuleName.BILLED: lambda rule, _, __: f"Recorded is under {rule.limit:g}% of what OpenAI billed",
}
_OVER: Final[dict[RuleName, Callable[[Rule, int], str]]] = {
    RuleName.FORECAST: lambda _, count: f"The forecast no longer passes {formats.counted(count, 'budget')}",
    RuleName.SILENT: lambda _, __: "Usage is recorded again",
    RuleName.FAILING: lambda _, __: "Usage can be read again",
    RuleName.FULL: lambda _, count: f"{formats.counted(count, 'document has', 'documents have')} room again",
    RuleName.BILLED: lambda rule, _: f"Recorded is no longer under {rule.limit:g}% of what OpenAI billed",
}
_COMPARE: Final = "Compare the month with the one before, by user and by model."
ADVICE: Final = {
    RuleName.USER_DAY: "Look at which models and how many tokens a call it was, and ask whoever it is.",
    RuleName.USER_MONTH: _COMPARE,
    RuleName.BUDGET: f"{_COMPARE} Budgets are set by USAGE_DASH_BUDGETS.",
    RuleName.FORECAST: f"{_COMPARE} The forecast adds to what was spent what days to come usually cost.",
    RuleName.UNUSUAL: "Look at whether it was meant, and at who is behind it.",
    RuleName.FULL: "Let the writer keep the newest 100 entries, as the corrected one does "
    "(docs/writer.md). Once a document is full, every further call of its user is lost without a word.",
}
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400  # seconds


def in_words(rule: Rule) -> str:
    """Return what a rule tells of: “A user costs more than $50 a day”."""
    return _WORDS[rule.name](rule)


def title(rule: Rule, period: str, lines: Sequence[str]) -> str:
    """Return what a message is called that has these lines: “3 users cost more than $50 on 26 Nov 2026”."""
    return _TITLES[rule.name](rule, period, lines)


def over_title(rule: Rule, count: int) -> str:
    """Return what a message is called when so many events are over: “Usage is recorded again”."""
    return _OVER[rule.name](rule, count)


def length_of(rule: Rule) -> str:
    """Return the length of time that is a rule's limit: 6 hours, 10 minutes, 2 days."""
    for unit, word in ((_DAY, "day"), (_HOUR, "hour")):
        if rule.limit % unit == 0:
            return formats.counted(int(rule.limit / unit), word)
    return formats.counted(int(rule.limit / _MINUTE), "minute")


def _dollars(rule: Rule) -> str:
    return formats.money(rule.limit).removesuffix(".00")


def _users(rule: Rule, period: str, users: Sequence[str], within: str) -> str:
    return f"{_at_least(users, 'user', 'users')} cost more than {_dollars(rule)} {within} {_named(period)}"


def _at_least(lines: Sequence[str], one: str, many: str) -> str:
    """Return how many there are; of as many as are asked for there may be more."""
    counted = formats.counted(len(lines), one, many)
    return f"At least {counted}" if len(lines) >= MOST else counted


def _budgets(month: str, lines: Sequence[str]) -> str:
    if len(lines) == 1:
        return f"Budget of {_named(month)}: {lines[0]}"
    return f"{formats.counted(len(lines), 'budget')} of {_named(month)} have reached a mark"


def _named(period: str) -> str:
    """Return a day or a month as people read it."""
    first, last = span_of(period)
    return formats.day(first) if first == last else formats.month(first)

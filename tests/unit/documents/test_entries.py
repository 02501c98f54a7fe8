"""One entry: each rule by example."""

import math
from collections import Counter

import pytest
from tests.unit.samples import A_CLEAN_ENTRY, ABSENT, NOON, an_entry, known_values, parse_entries
from tests.unit.strategies import ENTRY_FIELDS, Raw, google_time

from usage_dash.documents.findings import Action, Finding, Problem
from usage_dash.documents.parse import Entry


def parse_entry(**changes: object) -> tuple[Entry, tuple[Finding, ...]]:
    document = parse_entries(an_entry(**changes))
    (entry,) = document.entries
    return entry, document.findings


@pytest.mark.parametrize(
    ("changes", "expected", "problem", "action"),
    [
        ({"calls": ABSENT}, {"calls": 1}, Problem.MISSING, Action.ONE_CALL),
        ({"calls": -2}, {"calls": 1}, Problem.NEGATIVE, Action.ONE_CALL),
        ({"calls": "2"}, {"calls": 2}, Problem.NUMBER_AS_TEXT, Action.READ_AS_NUMBER),
        ({"model": ABSENT}, {"model": "unknown"}, Problem.MISSING, Action.UNKNOWN_MODEL),
        ({"model": " "}, {"model": "unknown"}, Problem.BLANK, Action.UNKNOWN_MODEL),
        ({"model": 4}, {"model": "unknown"}, Problem.NOT_TEXT, Action.UNKNOWN_MODEL),
        ({"model": "\ud800"}, {"model": "\ufffd"}, Problem.BROKEN_UNICODE, Action.CHARACTERS_REPLACED),
        ({"totalTokens": ABSENT}, {"totalTokens": 150}, Problem.MISSING, Action.INPUT_PLUS_OUTPUT),
        ({"totalTokens": "many"}, {"totalTokens": 150}, Problem.NOT_A_NUMBER, Action.INPUT_PLUS_OUTPUT),
        ({"timestamp": ABSENT}, {"timestamp": None}, Problem.MISSING, Action.IN_NO_RANGE),
        ({"timestamp": "soon"}, {"timestamp": None}, Problem.NOT_A_TIMESTAMP, Action.IN_NO_RANGE),
        ({"timestamp": "2024-07-25T12:00"}, {"timestamp": NOON}, Problem.NO_ZONE, Action.READ_AS_UTC),
        ({"costUsd": math.nan}, {"costUsd": None}, Problem.NOT_FINITE, Action.LEFT_OUT_OF_SUMS),
        ({"costUsd": ABSENT}, {"costUsd": None}, Problem.MISSING, Action.LEFT_OUT_OF_SUMS),
        ({"inputTokens": 1.5}, {"inputTokens": 2}, Problem.FRACTION, Action.ROUNDED),
        ({"costUsd": "$1.25"}, {"costUsd": 1.25}, Problem.NUMBER_AS_TEXT, Action.READ_AS_NUMBER),
        ({"timestamp": "1721908800"}, {"timestamp": NOON}, Problem.NUMBER_AS_TEXT, Action.READ_AS_NUMBER),
        ({"outputTokens": True}, {"outputTokens": None}, Problem.NOT_A_NUMBER, Action.LEFT_OUT_OF_SUMS),
    ],
)
def test_a_broken_field_never_loses_the_entry(changes: Raw, expected: Raw, problem: Problem, action: Action) -> None:
    (field,) = changes
    entry, findings = parse_entry(**changes)
    assert known_values(entry) == known_values(A_CLEAN_ENTRY) | expected
    assert findings == (Finding(f"recentUsage[0].{field}", problem, action),)


def test_an_empty_entry_is_one_call_of_an_unknown_model() -> None:
    document = parse_entries({})
    (entry,) = document.entries
    assert known_values(entry) == dict.fromkeys(ENTRY_FIELDS) | {"model": "unknown", "calls": 1}
    assert Counter(finding.problem for finding in document.findings) == {Problem.MISSING: len(ENTRY_FIELDS)}


def test_the_model_unknown_is_silent() -> None:
    assert parse_entry(model="unknown") == (Entry(NOON, "unknown", 100, 50, 150, 0.0125, 1, None), ())


def test_an_entry_without_calls_may_count_no_call_when_it_says_so() -> None:
    entry, findings = parse_entry(calls=0)
    assert (entry.calls, findings) == (0, ())


@pytest.mark.parametrize(
    ("changes", "rest"),
    [
        ({"feature": "chat", "a": {"b": [1.0]}}, '{"a":{"b":[1]},"feature":"chat"}'),
        ({"costUsd": "1.5"}, '{"costUsd":"1.5"}'),
        ({"costUsd": None}, '{"costUsd":null}'),
        ({"costUsd": math.nan}, '{"costUsd":{"$float":"nan"}}'),
        ({"calls": ABSENT}, '{"calls":{"$missing":null}}'),
        ({"timestamp": 1_721_908_800_000}, '{"timestamp":1721908800000}'),
        ({"timestamp": "2024-07-25T12:00:00"}, '{"timestamp":"2024-07-25T12:00:00"}'),
        ({"timestamp": "Thu, 25 Jul 2024 12:00:00 GMT"}, '{"timestamp":"Thu, 25 Jul 2024 12:00:00 GMT"}'),
        ({"timestamp": {"seconds": 1721908800}}, '{"timestamp":{"seconds":1721908800}}'),
        ({"totalTokens": 150.5}, '{"totalTokens":150.5}'),
        (
            {"timestamp": google_time(NOON, nanoseconds=1)},
            '{"timestamp":{"$time":"2024-07-25T12:00:00.000000+00:00 1 ns"}}',
        ),
        ({"timestamp": "2024-07-25T12:00:00Z"}, None),
        ({"timestamp": "2024-07-25T14:00:00+02:00"}, None),
        ({"timestamp": NOON}, None),
        ({"inputTokens": 100.0, "costUsd": 1}, None),
    ],
)
def test_rest_holds_what_the_columns_do_not(changes: Raw, rest: str | None) -> None:
    entry, _ = parse_entry(**changes)
    assert entry.rest == rest


def test_what_is_nested_too_deeply_is_cut_with_a_finding() -> None:
    deep: object = "bottom"
    for _ in range(1000):
        deep = [deep]
    entry, findings = parse_entry(extra=deep)
    assert entry.rest is not None
    assert "bottom" not in entry.rest
    assert findings == (Finding("recentUsage[0]", Problem.TOO_DEEP, Action.CUT_SHORT),)

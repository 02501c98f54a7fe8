"""Usage documents: each rule by example."""

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from google.cloud.firestore import GeoPoint
from tests.unit.samples import A_CLEAN_ENTRY, ABSENT, NOON, a_document, an_entry, known_values, parse_entries
from tests.unit.strategies import TOTAL_FIELDS, Raw, google_time

from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS
from usage_dash.documents.findings import Action, Finding, Problem
from usage_dash.documents.parse import UsageDocument, batch_of, parse
from usage_dash.documents.values import MAX_COUNT

# The document


def test_a_document_as_the_chatbot_writes_it_is_read_without_findings() -> None:
    assert parse("ada", a_document(an_entry())) == UsageDocument(
        user_id="ada",
        total_calls=3,
        total_input_tokens=300,
        total_output_tokens=150,
        total_tokens=450,
        total_cost=0.0375,
        last_updated=NOON,
        created_at=NOON - timedelta(days=1),
        dated=True,
        entries=(A_CLEAN_ENTRY,),
        findings=(),
        summed_calls=3.0,
    )


@pytest.mark.parametrize("raw", [None, 5, math.nan, "text", b"bytes", [], [1], NOON, GeoPoint(1, 2)])
def test_what_is_no_map_is_a_user_without_usage(raw: object) -> None:
    document = parse("ada", raw)
    assert document == UsageDocument(
        user_id="ada",
        total_calls=None,
        total_input_tokens=None,
        total_output_tokens=None,
        total_tokens=None,
        total_cost=None,
        last_updated=None,
        created_at=None,
        dated=False,
        entries=(),
        findings=(Finding("document", Problem.NOT_A_MAP, Action.LISTED_WITHOUT_USAGE),),
    )


@pytest.mark.parametrize("raw", [{}, {"userId": "ada"}, {"name": "Ada", "settings": {"theme": "dark"}}])
def test_a_document_without_any_usage_field_has_one_finding(raw: Raw) -> None:
    document = parse("ada", raw)
    assert document.findings == (Finding("document", Problem.EMPTY, Action.LISTED_WITHOUT_USAGE),)
    assert document.total_cost is None


SPEECH = {"ttsUsageCalls": 3, "ttsTotalTokens": 120, "recentTtsUsage": [{"timestamp": NOON, "voice": "alloy"}]}


@pytest.mark.parametrize(
    "raw",
    [
        SPEECH,
        SPEECH | {"userId": "ada", "lastUpdated": NOON},
        SPEECH | {"totalCalls": 0, "recentUsage": []},
        SPEECH | {"totalCalls": 0, "totalCostUsd": 0.0},
        SPEECH | {"recentUsage": []},
        {"totalCalls": 0, "recentUsage": []},
        {"totalSpeechCost": 0.5},
        {"stt_calls": 2},
    ],
)
def test_a_user_who_made_no_calls_used_nothing_and_is_no_finding(raw: Raw) -> None:
    document = parse("ada", raw)
    assert document.findings == ()
    assert document.entries == ()
    totals = (document.total_calls, document.total_input_tokens, document.total_output_tokens, document.total_tokens)
    assert (*totals, document.total_cost) == (0, 0, 0, 0, 0.0)
    assert document.last_updated == raw.get("lastUpdated")


@pytest.mark.parametrize(
    "raw",
    [
        SPEECH | {"totalCalls": 3},
        SPEECH | {"totalCalls": 0, "totalTokens": 7},
        SPEECH | {"totalCalls": None},
        SPEECH | {"totalTokens": 0},
        SPEECH | {"recentUsage": [an_entry()]},
        SPEECH | {"totalCalls": 0, "recentUsage": [an_entry()]},
        {"totalCalls": 0, "recentUsage": None},
        {"recentUsage": []},
        {"lastUpdated": NOON},
    ],
)
def test_what_a_document_does_not_say_is_unknown_unless_it_says_that_no_calls_were_made(raw: Raw) -> None:
    document = parse("ada", raw)
    assert document.total_cost is None
    assert Finding("totalCostUsd", Problem.MISSING, Action.LEFT_OUT_OF_SUMS) in document.findings


def test_a_total_that_cannot_be_used_is_a_finding_without_calls_too() -> None:
    document = parse("ada", a_document(totalCalls=0, totalCostUsd="x"))
    assert document.total_cost is None
    assert Finding("totalCostUsd", Problem.NOT_A_NUMBER, Action.LEFT_OUT_OF_SUMS) in document.findings


def test_unknown_fields_of_a_document_are_ignored() -> None:
    assert parse("ada", a_document(ttsUsageCalls="many", more={"a": [None]})) == parse("ada", a_document())


@pytest.mark.parametrize(
    ("names", "field", "count"),
    [
        (["recentUsage.0.model", "recentUsage.0.calls"], "recentUsage.…", 2),
        (["totals.cost"], "totals.…", 1),
        (["totalCalls.x"], "totalCalls.…", 1),
    ],
)
def test_a_path_as_a_fields_name_is_found_without_its_end(names: list[str], field: str, count: int) -> None:
    document = parse("ada", a_document(**dict.fromkeys(names, 1)))
    assert document.findings == (Finding(field, Problem.PATH_AS_NAME, Action.NOT_READ, count),)


@pytest.mark.parametrize("name", ["gpt-5.2", "totals", "totals.", ".cost", "ttsUsage.calls", "Totals.cost"])
def test_other_names_with_dots_are_no_paths(name: str) -> None:
    assert parse("ada", a_document(**{name: 1})).findings == ()


def test_a_document_of_nothing_but_paths_says_so() -> None:
    problems = [finding.problem for finding in parse("ada", {"totals.cost": 1}).findings]
    assert problems == [Problem.PATH_AS_NAME, Problem.EMPTY]


@pytest.mark.parametrize("field", ["totalCalls", "totalInputTokens", "totalOutputTokens", "totalCostUsd"])
@pytest.mark.parametrize(
    ("value", "problem"), [(ABSENT, Problem.MISSING), (None, Problem.NULL), (-1, Problem.NEGATIVE)]
)
def test_a_total_that_cannot_be_used_is_nothing_and_left_out(field: str, value: object, problem: Problem) -> None:
    document = parse("ada", a_document(**{field: value}))
    column = {
        "totalCalls": "total_calls",
        "totalInputTokens": "total_input_tokens",
        "totalOutputTokens": "total_output_tokens",
        "totalCostUsd": "total_cost",
    }[field]
    assert getattr(document, column) is None
    assert document.findings == (Finding(field, problem, Action.LEFT_OUT_OF_SUMS),)


def test_a_total_as_text_is_read() -> None:
    document = parse("ada", a_document(totalCostUsd="1.5"))
    assert document.total_cost == 1.5
    assert document.findings == (Finding("totalCostUsd", Problem.NUMBER_AS_TEXT, Action.READ_AS_NUMBER),)


@pytest.mark.parametrize(("value", "problem"), [(ABSENT, Problem.MISSING), (None, Problem.NULL)])
def test_total_tokens_without_a_value_are_input_plus_output(value: object, problem: Problem) -> None:
    document = parse("ada", a_document(totalTokens=value))
    assert document.total_tokens == 450
    assert document.findings == (Finding("totalTokens", problem, Action.INPUT_PLUS_OUTPUT),)


@pytest.mark.parametrize("output", [None, MAX_COUNT])
def test_total_tokens_are_not_guessed_when_the_sum_is_unknown_or_too_large(output: object) -> None:
    document = parse("ada", a_document(totalTokens=ABSENT, totalOutputTokens=output))
    assert document.total_tokens is None
    assert Finding("totalTokens", Problem.MISSING, Action.LEFT_OUT_OF_SUMS) in document.findings


@pytest.mark.parametrize("field", ["lastUpdated", "createdAt"])
@pytest.mark.parametrize(
    ("value", "problem"),
    [(ABSENT, Problem.MISSING), (None, Problem.NULL), ("soon", Problem.NOT_A_TIMESTAMP), (-1, Problem.OUT_OF_RANGE)],
)
def test_a_time_that_cannot_be_used_is_left_blank(field: str, value: object, problem: Problem) -> None:
    document = parse("ada", a_document(**{field: value}))
    assert {"lastUpdated": document.last_updated, "createdAt": document.created_at}[field] is None
    assert document.findings == (Finding(field, problem, Action.LEFT_BLANK),)


@pytest.mark.parametrize(
    ("last_updated", "dated"),
    [
        (google_time(NOON), True),
        (NOON, True),
        (NOON.replace(tzinfo=None), True),
        (google_time(datetime(9999, 1, 1, tzinfo=UTC)), False),
        ("2024-07-25T12:00:00Z", False),
        (1_721_908_800_000, False),
        ({"seconds": 1_721_908_800, "nanoseconds": 0}, False),
        (None, False),
        (ABSENT, False),
    ],
)
def test_only_a_real_timestamp_makes_a_document_dated(last_updated: object, dated: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    assert parse("ada", a_document(lastUpdated=last_updated)).dated is dated


@pytest.mark.parametrize("claimed", ["grace", "", None, 7, ["ada"], pd.NA])
def test_a_user_id_that_differs_from_the_documents_id_is_overruled(claimed: object) -> None:
    document = parse("ada", a_document(userId=claimed))
    assert document.user_id == "ada"
    assert document.findings == (Finding("userId", Problem.OTHER_USER, Action.ID_USED),)


def test_a_document_without_user_id_is_fine() -> None:
    assert parse("ada", a_document(userId=ABSENT)) == parse("ada", a_document())


def test_an_id_with_lone_surrogates_is_made_writable() -> None:
    document = parse("a\udc00", a_document(userId="a\udc00"))
    assert document.user_id == "a\ufffd"
    assert document.findings == (Finding("document id", Problem.BROKEN_UNICODE, Action.CHARACTERS_REPLACED),)


# The array

NO_USAGE = dict.fromkeys(TOTAL_FIELDS, 0)


def test_without_usage_the_array_may_be_absent() -> None:
    assert parse("ada", a_document(recentUsage=ABSENT, **NO_USAGE)).findings == ()


@pytest.mark.parametrize("field", TOTAL_FIELDS)
def test_with_any_usage_the_array_must_be_there(field: str) -> None:
    document = parse("ada", a_document(recentUsage=ABSENT, **NO_USAGE | {field: 1}))
    assert document.findings == (Finding("recentUsage", Problem.MISSING, Action.NO_ENTRIES),)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (ABSENT, Problem.MISSING),
        (None, Problem.NULL),
        ({"0": an_entry(), "length": 1}, Problem.NOT_A_LIST),
        ({}, Problem.NOT_A_LIST),
        ("none", Problem.NOT_A_LIST),
        ("[" * 100_000, Problem.NOT_A_LIST),
        (0, Problem.NOT_A_LIST),
    ],
)
def test_without_an_array_nothing_is_itemised_and_the_totals_stay(value: object, problem: Problem) -> None:
    document = parse("ada", a_document(recentUsage=value))
    assert document.entries == ()
    assert document.total_calls == 3
    assert document.findings == (Finding("recentUsage", problem, Action.NO_ENTRIES),)


@pytest.mark.parametrize(
    "value",
    [
        {str(place): an_entry(calls=place) for place in (10, 9, 0)},
        {"-Nx0": an_entry(calls=0), "-Nx1": an_entry(calls=9), "-Nx2": an_entry(calls=10)},
        json.dumps([an_entry(calls=calls, timestamp="2024-07-25T12:00:00Z") for calls in (0, 9, 10)]),
    ],
)
def test_entries_in_a_map_or_in_json_text_are_read_in_their_order(value: object) -> None:
    document = parse("ada", a_document(recentUsage=value))
    assert [known_values(entry) for entry in document.entries] == [
        known_values(A_CLEAN_ENTRY) | {"calls": calls} for calls in (0, 9, 10)
    ]
    assert document.findings == (Finding("recentUsage", Problem.NOT_A_LIST, Action.READ_AS_LIST),)


def test_an_entry_in_json_text_is_read() -> None:
    document = parse_entries(an_entry(calls=2), json.dumps(an_entry(timestamp="2024-07-25T12:00:00Z")), "[]", "{")
    assert document.entries[1:] == (A_CLEAN_ENTRY,)
    assert document.findings == (
        Finding("recentUsage[1]", Problem.NOT_A_MAP, Action.READ_AS_MAP),
        Finding("recentUsage[2]", Problem.NOT_A_MAP, Action.SKIPPED, count=2),
    )


def test_an_empty_array_is_fine() -> None:
    assert parse("ada", a_document()).findings == ()


def test_items_that_are_no_maps_are_skipped_and_counted() -> None:
    document = parse_entries(an_entry(), None, "entry", [an_entry()], an_entry(calls=2))
    assert [entry.calls for entry in document.entries] == [1, 2]
    assert document.findings == (Finding("recentUsage[1]", Problem.NOT_A_MAP, Action.SKIPPED, count=3),)


def test_the_same_entry_twice_is_one() -> None:
    document = parse_entries(an_entry(), an_entry(calls=2), an_entry(calls=1.0), an_entry())
    assert [entry.calls for entry in document.entries] == [1, 2]
    assert document.findings == (Finding("recentUsage[2]", Problem.REPEATED, Action.COUNTED_ONCE, count=2),)


def test_findings_of_one_kind_are_one_that_names_the_first_place() -> None:
    document = parse_entries(
        an_entry(),
        an_entry(costUsd="1"),
        an_entry(costUsd="2"),
        an_entry(costUsd=None),
        an_entry(calls="2"),
    )
    assert document.findings == (
        Finding("recentUsage[1].costUsd", Problem.NUMBER_AS_TEXT, Action.READ_AS_NUMBER, count=2),
        Finding("recentUsage[3].costUsd", Problem.NULL, Action.LEFT_OUT_OF_SUMS),
        Finding("recentUsage[4].calls", Problem.NUMBER_AS_TEXT, Action.READ_AS_NUMBER),
    )


def test_a_field_of_an_entry_is_not_taken_for_the_documents() -> None:
    document = parse("ada", a_document(an_entry(totalTokens=None), totalTokens=None))
    assert document.findings == (
        Finding("totalTokens", Problem.NULL, Action.INPUT_PLUS_OUTPUT),
        Finding("recentUsage[0].totalTokens", Problem.NULL, Action.INPUT_PLUS_OUTPUT),
    )


def test_a_document_of_a_mebibyte_is_read_whole() -> None:
    entries = [an_entry(inputTokens=index) for index in range(8000)]
    document = parse("ada", a_document(*entries))
    assert [entry.input_tokens for entry in document.entries] == list(range(8000))
    assert document.findings == ()


# The vocabulary

DEEP: list[object] = []
DEEP.append(DEEP)
ONE_DOCUMENT_A_PROBLEM: dict[Problem, Callable[[], object]] = {
    Problem.MISSING: lambda: a_document(totalCalls=ABSENT),
    Problem.NULL: lambda: a_document(totalCalls=None),
    Problem.EMPTY: dict,
    Problem.NOT_A_MAP: list,
    Problem.NOT_A_LIST: lambda: a_document(recentUsage={}),
    Problem.NOT_A_NUMBER: lambda: a_document(totalCalls="x"),
    Problem.NOT_FINITE: lambda: a_document(totalCalls=math.inf),
    Problem.NEGATIVE: lambda: a_document(totalCalls=-1),
    Problem.FRACTION: lambda: a_document(totalCalls=0.5),
    Problem.OUT_OF_RANGE: lambda: a_document(totalCalls=2**63),
    Problem.NUMBER_AS_TEXT: lambda: a_document(totalCalls="3"),
    Problem.NOT_A_TIMESTAMP: lambda: a_document(createdAt="x"),
    Problem.NO_ZONE: lambda: a_document(createdAt="2024-07-25"),
    Problem.NOT_TEXT: lambda: a_document(an_entry(model=1)),
    Problem.BLANK: lambda: a_document(an_entry(model="")),
    Problem.BROKEN_UNICODE: lambda: a_document(an_entry(model="\udfff")),
    Problem.OTHER_USER: lambda: a_document(userId="grace"),
    Problem.REPEATED: lambda: a_document(an_entry(), an_entry()),
    Problem.PATH_AS_NAME: lambda: a_document(**{"totals.cost": 3}),
    Problem.TOO_DEEP: lambda: a_document(an_entry(extra=DEEP)),
}


@pytest.mark.parametrize("problem", ONE_DOCUMENT_A_PROBLEM)
def test_each_problem_is_found_alone(problem: Problem) -> None:
    (finding,) = parse("ada", ONE_DOCUMENT_A_PROBLEM[problem]()).findings
    assert finding.problem == problem
    assert finding.count == 1


def test_every_problem_of_a_document_has_an_example() -> None:
    found_by_a_source = {Problem.REPEATED_ID}  # takes two documents
    assert set(ONE_DOCUMENT_A_PROBLEM) == set(Problem) - found_by_a_source


# Batches


def test_a_batch_of_nothing_has_the_tables_columns() -> None:
    batch = batch_of([])
    assert (batch.users.schema, batch.entries.schema, batch.findings.schema) == (USERS, ENTRIES, FINDINGS)
    assert (batch.users.num_rows, batch.entries.num_rows, batch.findings.num_rows) == (0, 0, 0)
    assert batch.documents == 0


def test_a_batch_counts_positions_within_each_document() -> None:
    documents = (
        parse("ada", a_document(an_entry(), None, an_entry(calls=2))),
        parse("grace", a_document(an_entry(), userId="grace")),
        parse("nobody", {}),
    )
    batch = batch_of(iter(documents))
    assert batch.documents == 3
    assert batch.entries.select(["user_id", "position", "calls"]).to_pylist() == [
        {"user_id": "ada", "position": 0, "calls": 1},
        {"user_id": "ada", "position": 1, "calls": 2},
        {"user_id": "grace", "position": 0, "calls": 1},
    ]
    assert batch.findings.to_pylist() == [
        {
            "user_id": "ada",
            "field": "recentUsage[1]",
            "problem": "not a map",
            "action": "item skipped",
            "count": 1,
        },
        {
            "user_id": "nobody",
            "field": "document",
            "problem": "empty of usage",
            "action": "listed without usage",
            "count": 1,
        },
    ]

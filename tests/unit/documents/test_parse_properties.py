"""What holds for any usage document whatever."""

import json
import math
import re
from datetime import UTC, datetime
from random import Random

from google.cloud.firestore import GeoPoint
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.samples import ABSENT, NOON, a_document, an_entry, known_values, parse_entries
from tests.unit.strategies import (
    ENTRY_FIELDS,
    Raw,
    clean_documents,
    clean_entries,
    clean_entry_lists,
    google_time,
    user_ids,
    wild_documents,
    wild_entries,
    wild_values,
)

from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS
from usage_dash.documents.findings import Action, Problem
from usage_dash.documents.parse import Entry, UsageDocument, batch_of, parse


def rows_of(document: UsageDocument) -> dict[str, list[Raw]]:
    """The rows that a document becomes in the tables of a batch, by hand."""
    user = {name: getattr(document, name) for name in USERS.names}
    entries = [
        {"user_id": document.user_id, "position": position} | {name: getattr(entry, name) for name in ENTRIES.names[2:]}
        for position, entry in enumerate(document.entries)
    ]
    findings = [
        {"user_id": document.user_id} | {name: getattr(finding, name) for name in FINDINGS.names[1:]}
        for finding in document.findings
    ]
    return {"users": [user], "entries": entries, "findings": findings}


@given(user_ids, wild_documents | wild_values)
def test_any_document_can_be_read_and_travels_through_arrow(user_id: str, raw: object) -> None:
    document = parse(user_id, raw)
    batch = batch_of([document])
    rows = rows_of(document)
    assert batch.users.to_pylist() == rows["users"]
    assert batch.entries.to_pylist() == rows["entries"]
    assert batch.findings.to_pylist() == rows["findings"]


@given(clean_documents)
def test_a_clean_document_has_no_findings_and_loses_nothing(raw: Raw) -> None:
    assert parse("ada", raw) == UsageDocument(
        user_id="ada",
        total_calls=raw["totalCalls"],
        total_input_tokens=raw["totalInputTokens"],
        total_output_tokens=raw["totalOutputTokens"],
        total_tokens=raw["totalTokens"],
        total_cost=raw["totalCostUsd"],
        last_updated=instant(raw["lastUpdated"]),
        created_at=instant(raw["createdAt"]),
        dated=isinstance(raw["lastUpdated"], datetime),
        entries=tuple(clean_entry(item) for item in raw["recentUsage"]),
        findings=(),
        summed_calls=float(raw["totalCalls"]),
    )


def clean_entry(raw: Raw) -> Entry:
    columns = [instant(raw["timestamp"]), *(raw[field] for field in ENTRY_FIELDS[1:]), None]
    return Entry(*columns)


def instant(raw: str | datetime) -> datetime:
    return datetime.fromisoformat(raw) if isinstance(raw, str) else raw


@given(wild_documents, st.randoms(use_true_random=False))
def test_reading_is_deterministic_whatever_the_order_of_keys(raw: Raw, random: Random) -> None:
    assert parse("ada", shuffled(raw, random)) == parse("ada", raw)


def shuffled(raw: object, random: Random) -> object:
    if isinstance(raw, dict):
        items = [(key, shuffled(value, random)) for key, value in raw.items()]
        random.shuffle(items)
        return dict(items)
    return [shuffled(item, random) for item in raw] if isinstance(raw, list) else raw


@given(clean_entry_lists, wild_entries | wild_values, st.integers(0, 5))
def test_an_item_never_hides_or_changes_another(items: list[Raw], wild: object, place: int) -> None:
    alone = parse_entries(wild).entries
    others = parse_entries(*items).entries
    together = parse_entries(*items[:place], wild, *items[place:]).entries
    assert tuple(entry for entry in together if entry not in alone) == tuple(e for e in others if e not in alone)
    assert set(together) == set(alone) | set(others)


@given(clean_entries, st.sampled_from(ENTRY_FIELDS), wild_values)
def test_a_field_never_changes_another(entry: Raw, field: str, wild: object) -> None:
    (before,) = parse_entries(entry).entries
    (after,) = parse_entries(entry | {field: wild}).entries
    changed = {name for name, value in known_values(after).items() if value != known_values(before)[name]}
    assert changed <= {field}


@given(st.lists(clean_documents, max_size=3), wild_documents | wild_values)
def test_a_document_never_hides_another(raws: list[Raw], wild: object) -> None:
    documents = [parse(f"user {index}", raw) for index, raw in enumerate(raws)]
    batch = batch_of([*documents[:1], parse("wild", wild), *documents[1:]])
    rows = [row for row in batch.users.to_pylist() if row["user_id"] != "wild"]
    assert rows == [row for document in documents for row in rows_of(document)["users"]]
    entries = [row for row in batch.entries.to_pylist() if row["user_id"] != "wild"]
    assert entries == [row for document in documents for row in rows_of(document)["entries"]]


@given(wild_documents)
def test_every_item_is_an_entry_or_counted_in_a_finding(raw: Raw) -> None:
    items = raw.get("recentUsage")
    document = parse("ada", raw)
    lost = sum(f.count for f in document.findings if f.action in (Action.SKIPPED, Action.COUNTED_ONCE))
    is_list = isinstance(items, list) or any(f.action == Action.READ_AS_LIST for f in document.findings)
    assert len(document.entries) + lost == (len(items) if is_list else 0)


@given(wild_entries)
def test_nothing_in_an_entry_is_left_out_or_filled_in_without_a_finding(raw: Raw) -> None:
    document = parse_entries(raw)
    (entry,) = document.entries
    found = {finding.field.removeprefix("recentUsage[0].") for finding in document.findings}
    for field, value in known_values(entry).items():
        if value is None or field not in raw:
            assert field in found
        if field in found or field not in raw:
            assert entry.rest is not None
            assert field in json.loads(entry.rest)


@given(wild_documents)
def test_no_total_is_left_out_without_a_finding(raw: Raw) -> None:
    document = parse("ada", raw)
    columns = {
        "totalCalls": document.total_calls,
        "totalInputTokens": document.total_input_tokens,
        "totalOutputTokens": document.total_output_tokens,
        "totalTokens": document.total_tokens,
        "totalCostUsd": document.total_cost,
        "lastUpdated": document.last_updated,
        "createdAt": document.created_at,
    }
    found = {finding.field for finding in document.findings}
    unused = document.total_calls == 0 and document.total_cost == 0  # then a time may be absent
    absent = {"lastUpdated", "createdAt"} - raw.keys() if unused else set()
    assert "document" in found or {field for field, value in columns.items() if value is None} <= found | absent


SAMPLES: tuple[object, ...] = (
    ABSENT,
    None,
    True,
    1,
    1.0,
    0,
    -1,
    1.5,
    2**53,
    float(2**53),
    2**53 + 1,
    math.nan,
    math.inf,
    "",
    " ",
    "1",
    "1.0",
    " 1",
    "unknown",
    "\ud800",
    "\ufffd",
    "2024-07-25T12:00:00",
    b"1",
    [],
    [1],
    {},
    {"a": 1},
    {"$missing": None},
    {"$float": "nan"},
    {"seconds": 1_721_908_800, "nanoseconds": 0},
    1_721_908_800,
    1_721_908_800_000,
    google_time(NOON),
    google_time(NOON, nanoseconds=1),
    google_time(NOON, nanoseconds=2),
    google_time(datetime(9999, 1, 1, tzinfo=UTC)),
    GeoPoint(1, 2),
    GeoPoint(1, 3),
)


def same_in_firestore(a: object, b: object) -> bool:
    """How `arrayUnion` compares: numbers by their value, NaN equal to itself, nothing else across types."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a):
        return math.isnan(b)
    if isinstance(a, datetime) and isinstance(b, datetime):
        return (a, getattr(a, "nanosecond", 0)) == (b, getattr(b, "nanosecond", 0))
    return a == b


@given(st.sampled_from([*ENTRY_FIELDS, "extra"]), st.sampled_from(SAMPLES), st.sampled_from(SAMPLES))
def test_two_items_are_one_entry_exactly_when_firestore_takes_them_for_the_same(
    field: str, a: object, b: object
) -> None:
    document = parse_entries(an_entry(**{field: a}), an_entry(**{field: b}))
    assert (len(document.entries) == 1) == same_in_firestore(a, b)


SECRET = "ada.lovelace@example.org"  # noqa: S105 - stands for user data
PLACE = re.compile(r"document( id)?|userId|[a-zA-Z]+|recentUsage\[\d+\](\.[a-zA-Z]+)?")


@given(st.sampled_from([SECRET, [SECRET], {SECRET: SECRET}, SECRET.encode()]), st.booleans(), st.data())
def test_findings_never_hold_what_the_document_says(secret: object, whole: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn
    fields = data.draw(st.lists(st.sampled_from([*a_document(), SECRET]), unique=True))
    entry = dict.fromkeys(data.draw(st.lists(st.sampled_from([*ENTRY_FIELDS, SECRET]), unique=True)), secret)
    raw = secret if whole else a_document(entry, secret) | dict.fromkeys(fields, secret)
    for finding in parse("ada", raw).findings:
        assert PLACE.fullmatch(finding.field)
        assert finding.problem in set(Problem)
        assert finding.action in set(Action)


@given(st.lists(wild_documents, max_size=4))
def test_a_batch_has_the_tables_schemas_and_all_rows(raws: list[Raw]) -> None:
    documents = [parse(f"user {index}", raw) for index, raw in enumerate(raws)]
    batch = batch_of(documents)
    assert (batch.users.schema, batch.entries.schema, batch.findings.schema) == (USERS, ENTRIES, FINDINGS)
    assert batch.documents == len(documents)
    assert batch.entries.num_rows == sum(len(document.entries) for document in documents)
    assert batch.findings.num_rows == sum(len(document.findings) for document in documents)

"""The fast decoding gives exactly what decoding every document in full gives, and is fast where it should be."""

import math
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.message import DecodeError
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from tests.unit.samples import ABSENT, NOON, a_document, an_entry
from tests.unit.strategies import Raw, firestore_documents, firestore_values, google_time
from tests.unit.wire_builders import (
    READ_TIME,
    double_field,
    extended_entries,
    field,
    integer_field,
    items,
    map_field,
    response,
    response_of,
    timestamp,
    value,
    written_entries,
)

from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS, Batch
from usage_dash.documents.parse import batch_of
from usage_dash.documents.sizes import size_of_value
from usage_dash.repository.firestore.decode import decode
from usage_dash.repository.firestore.entries import read_entries, sizes_of
from usage_dash.repository.firestore.messages import decode_document, decode_item, user_id_of

PROGRESS = field(3, timestamp(READ_TIME))  # a response without a document


def in_full(responses: list[bytes]) -> Batch:
    return batch_of(decode_document(response) for response in responses if user_id_of(response) is not None)


def assert_same(*responses: bytes) -> Batch:
    fast, full = decode(responses)[0], in_full(list(responses))
    for name, schema in (("users", USERS), ("entries", ENTRIES), ("findings", FINDINGS)):
        table = getattr(fast, name)
        table.validate(full=True)
        assert table.schema.equals(schema)
        assert table.equals(getattr(full, name)), name
    return fast


def with_items(*entries: bytes, user_id: str = "ada") -> bytes:
    own = [(name, value(raw)) for name, raw in a_document(userId=user_id, recentUsage=ABSENT).items()]
    array = field(9, b"".join(field(1, entry) for entry in entries))
    return response_of([*own, ("recentUsage", array)], user_id)


def are_read(*entries: bytes) -> list[bool]:
    complete: list[bool] = read_entries(entries).complete.tolist()
    return complete


def entry(**changes: object) -> bytes:
    return value(an_entry(**changes))


def value_nested(levels: int) -> object:
    return [value_nested(levels - 1)] if levels else 1


def fields_of(**changes: object) -> dict[str, bytes]:
    return {name: map_field(1, name, value(raw)) for name, raw in an_entry(**changes).items()}


def entry_with(**fields: bytes) -> bytes:
    """An entry's bytes with some of its fields written another way."""
    return field(6, b"".join((fields_of() | fields).values()))


# Any document


@given(st.lists(firestore_documents.map(response) | st.just(PROGRESS), max_size=4))
def test_wild_documents_come_out_the_same(responses: list[bytes]) -> None:
    assert_same(*responses)


@given(st.lists(st.lists(items, max_size=6), max_size=4))
def test_entries_of_any_form_come_out_the_same(arrays: list[list[bytes]]) -> None:
    assert_same(*(with_items(*array) for array in arrays))


@st.composite
def damaged(draw: DrawFn) -> bytes:
    entries = draw(st.lists(written_entries, min_size=1, max_size=3))
    whole = with_items(*map(value, entries))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(whole) - 1))
        whole = whole[:place] + draw(st.binary(max_size=1)) + whole[place + 1 :]
    return whole


@given(damaged())
def test_damaged_bytes_come_out_the_same_or_are_refused(response: bytes) -> None:
    try:
        in_full([response])
    except DecodeError:
        with suppress(DecodeError):  # the damage may be in a part that nobody looks at
            decode([response])
    else:
        assert_same(response)


@given(st.lists(st.binary(max_size=80), max_size=5))
@example([b"2\x0b\n\x7f\n\x05calls"])  # a field that claims to go on far behind the end
def test_any_bytes_can_stand_in_the_place_of_entries(junk: list[bytes]) -> None:
    assert not any(are_read(*junk))


# What is read without decoding it in full


@given(st.lists(written_entries, min_size=1, max_size=20))
def test_what_the_chatbot_writes_is_read_from_its_bytes(entries: list[Raw]) -> None:
    assert all(are_read(*map(value, entries)))


@pytest.mark.parametrize(
    "item",
    [
        entry(costUsd=0),
        entry(costUsd=7),
        entry(costUsd=0.0),
        entry(costUsd=2.0**53),
        entry(inputTokens=0, outputTokens=127, totalTokens=128, calls=2**49 - 1),
        entry(timestamp=datetime(1979, 1, 1, tzinfo=UTC)),
        entry(timestamp=datetime(2199, 12, 31, 23, 59, 59, 999_999, UTC)),
        entry(timestamp=NOON + timedelta(microseconds=1)),
        entry(model="m" * 115),
        entry(model="modèle \N{SNOWMAN}\0"),
        value(dict(reversed(an_entry().items()))),
        entry(extra=1),
        entry(callz=1, modem="gpt-4o", inputTokent=2),
        entry(**{"$time": "now", "": None, "ü" * 60: True, "a": {"b": [1, {"c": b"\0"}]}, "text": "x" * 9000}),
        entry(**{f"field {number}": number for number in range(30)}),
        entry_with(calls=map_field(1, "calls", integer_field(2, 1, 6))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**9) + integer_field(2, 0)))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**6, 5)))),
    ],
)
def test_clean_entries_are_read_from_their_bytes(item: bytes) -> None:
    assert are_read(item) == [True]
    assert assert_same(with_items(item)).findings.num_rows == 0


@pytest.mark.parametrize(
    "item",
    [
        # Values that need the tolerant parser
        entry(inputTokens=2**49),
        entry(inputTokens=-1),
        entry(inputTokens=5.0),
        entry(inputTokens="5"),
        entry(inputTokens=None),
        entry(calls=True),
        entry(calls=ABSENT),
        entry(costUsd=-0.0),
        entry(costUsd=-1.0),
        entry(costUsd=math.nan),
        entry(costUsd=math.inf),
        entry(costUsd=math.nextafter(2**53, math.inf)),
        entry(costUsd=-7),
        entry(timestamp="2024-07-25T12:00:00Z"),
        entry(timestamp=google_time(NOON, 1)),
        entry(timestamp=datetime(1978, 1, 1, tzinfo=UTC)),
        entry(timestamp=datetime(2200, 1, 1, tzinfo=UTC)),
        entry(timestamp=1.7e9),
        entry(model=""),
        entry(model=" \N{NO-BREAK SPACE}"),
        entry(model="m" * 116),
        entry(model=b"gpt-4o"),
        entry(calls=ABSENT, extra=1),
        entry(__type__="__vector__", value=[1.0]),
        entry(extra=value_nested(20)),
        entry(calls=ABSENT, callz=1),
        entry(model=ABSENT, modem="gpt-4o"),
        # What is no entry
        b"",
        value(None),
        value("gpt-4o"),
        value([an_entry()]),
        value({}),
        # Bytes that a parser takes as well
        entry_with(calls=map_field(1, "calls", value(1)) * 2),
        entry_with(calls=map_field(1, "model", value("twice"))),
        entry_with(extra=map_field(1, "extra", value(1)) * 2),
        entry_with(extra=map_field(1, "extra", value(1) + value(2)), calls=b""),
        entry_with(**{f"{number}": map_field(1, f"{number}", value(1)) for number in range(40)}),
        entry_with(calls=map_field(1, "calls", b"")),
        entry_with(calls=map_field(1, "calls", value(1) + value(2))),
        entry_with(calls=map_field(1, "calls", value(1) + value("one"))),
        entry_with(calls=map_field(1, "calls", value(1) + field(30, b""))),
        entry_with(calls=map_field(1, "calls", value(1) + field(30, b"eight"))),
        entry_with(calls=map_field(1, "calls", field(20, field(1, b"add")))),
        entry_with(calls=field(1, field(2, value(1)) + field(1, b"calls"))),
        entry_with(calls=field(1, field(1, b"calls") + field(2, value(1)) + field(30, b""))),
        entry_with(calls=field(1, field(1, b"calls") + field(2, value(1)), 2)),
        entry_with(calls=field(1, field(1, b"calls") + field(2, value(1), 2))),
        entry_with(calls=field(1, field(1, b"calls"))),
        entry_with(calls=field(1, field(1, b"calls") + field(3, value(1)))),
        entry_with(model=map_field(1, "model", value("gpt-4o") + field(30, b""))),
        entry_with(model=map_field(1, "model", value("gpt-4o") + value(65))),
        entry_with(costUsd=map_field(1, "costUsd", double_field(3, 0.5) + value(5))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**9) + integer_field(2, 10**9)))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**9) + integer_field(2, -1000)))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(2, 1000) + integer_field(1, 10**9)))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**9) + integer_field(3, 1000)))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**9) * 2))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(3, 10**9)))),
        entry_with(timestamp=map_field(1, "timestamp", field(10, integer_field(1, 10**9)) + value(1000))),
        entry_with(timestamp=map_field(1, "timestamp", field(8, timestamp(NOON)))),
        field(9, b"".join(fields_of().values())),
        field(6, b"".join(fields_of(calls=ABSENT, model="m" * 99).values())) + fields_of()["calls"],
        entry() + field(30, b""),
        entry() + value(1),
        entry() + field(6, b""),
        field(6, b"".join(fields_of().values()), 3),
    ],
)
def test_any_other_entry_leaves_its_document_to_the_parser(item: bytes) -> None:
    assert are_read(entry(), item, entry()) == [True, False, True]
    assert_same(with_items(entry(calls=2), item), with_items(entry(), user_id="grace"))


@pytest.mark.parametrize(
    "item",
    [
        entry_with(model=map_field(1, "model", field(17, b"gpt-\xff"))),
        entry_with(model=b"\n\x85\n\x05model\x12\x7c" + field(17, b"m" * 121)),  # a size of two bytes, 0x85 0x0A
        entry_with(calls=b"\n\x0a\n\x05calls\x12\x01\x10"),  # a number with no bytes
    ],
)
def test_an_entry_that_no_parser_takes_is_refused(item: bytes) -> None:
    assert are_read(item) == [False]
    with pytest.raises(DecodeError):
        decode([with_items(item)])


@given(st.lists(extended_entries, min_size=1, max_size=5))
def test_unknown_fields_of_any_kind_are_read_beside_the_known_ones(entries: list[Raw]) -> None:
    assert all(are_read(*map(value, entries)))
    responses = [with_items(*map(value, entries)), with_items(*map(value, entries[:1]), user_id="grace")]
    assert_same(*responses)


def test_an_unknown_field_makes_no_document_slow() -> None:
    tidy = response(a_document(*({"cachedTokens": number} | an_entry() for number in range(50)), plan="team"))
    odd = with_items(entry(calls="1"), user_id="odd")
    batch, slow = decode([tidy, odd, tidy.replace(b"ada", b"eve")])
    assert slow == 1
    assert batch.entries["rest"][0].as_py() == '{"cachedTokens":0}'


# Sizes


@given(st.lists(items | firestore_values.map(value), max_size=6))
def test_items_of_any_array_have_the_size_of_what_they_hold(items: list[bytes]) -> None:
    assert sizes_of(items).tolist() == [size_of_value(decode_item(item)) for item in items]


def test_speech_beside_the_entries_is_in_a_documents_size() -> None:
    speech = {"at": NOON, "voice": "alloy", "characters": 300, "ok": True, "note": None, "raw": b"123", "balance": -7}
    small, large = (a_document(an_entry(), recentTtsUsage=[speech] * count) for count in (1, 101))
    batch = assert_same(response(small), response(large, "eve"))
    sizes = batch.users["size"].to_pylist()
    assert sizes[1] - sizes[0] == 100 * (3 + 8 + 6 + 6 + 11 + 8 + 3 + 1 + 5 + 1 + 4 + 3 + 8 + 8)


# Documents


def test_nothing_gives_empty_tables() -> None:
    assert assert_same().documents == 0
    assert assert_same(PROGRESS).documents == 0


def test_documents_keep_the_order_of_their_responses() -> None:
    tidy = with_items(entry(), entry(calls=2), user_id="tidy")
    wild = with_items(value(5), entry(calls="1"), entry(calls=3), user_id="wild")
    late = with_items(entry(calls=4), user_id="late")
    batch = assert_same(tidy, PROGRESS, wild, late)
    assert batch.users["user_id"].to_pylist() == ["tidy", "wild", "late"]
    assert batch.entries["user_id"].to_pylist() == ["tidy", "tidy", "wild", "wild", "late"]
    assert batch.entries["calls"].to_pylist() == [1, 2, 1, 3, 4]
    assert batch.entries["position"].to_pylist() == [0, 1, 0, 1, 0]


def test_the_same_entry_in_one_document_counts_once_however_it_is_written() -> None:
    whole, double, turned = entry(costUsd=5), entry(costUsd=5.0), value(dict(reversed(an_entry(costUsd=5).items())))
    assert are_read(whole, double, turned) == [True, True, True]
    batch = assert_same(with_items(whole, double, turned), with_items(whole, user_id="grace"))
    assert batch.entries["user_id"].to_pylist() == ["ada", "grace"]
    assert batch.findings["problem"].to_pylist() == ["the same entry again"]


@pytest.mark.parametrize("user_id", ["a%2Fb", "日本 \N{SNOWMAN}", "", "__x__", "." * 1500])
def test_a_document_is_named_by_the_last_segment_of_its_name(user_id: str) -> None:
    batch = assert_same(response(a_document(an_entry(), userId=user_id), user_id))
    assert batch.users["user_id"].to_pylist() == batch.entries["user_id"].to_pylist() == [user_id]


@pytest.mark.parametrize(
    "changes",
    [
        {"userId": "someone else"},
        {"userId": None},
        {"userId": ["ada"]},
        {"totalCalls": 2**63 - 1, "totalTokens": -1, "totalCostUsd": "0.5"},
        {"totalCalls": [3], "totalTokens": {"n": 3}},
        {"lastUpdated": {"seconds": 1_700_000_000, "nanoseconds": 5}},
        {"lastUpdated": google_time(NOON, 999), "createdAt": NOON.isoformat()},
        {"ttsUsageCalls": 5, "recentTtsUsage": [an_entry(), {"voice": [1]}], "settings": {"tags": ["a", {"b": []}]}},
        {"__type__": "__vector__", "value": [1.0]},
        {"": 1},
    ],
)
def test_odd_fields_beside_clean_entries(changes: Raw) -> None:
    assert assert_same(response(a_document(an_entry(), **changes))).entries.num_rows == 1


@pytest.mark.parametrize("recent", [ABSENT, None, [], {}, "none", {"0": 1}, 5, [[]], [None]])
def test_documents_without_entries(recent: object) -> None:
    assert assert_same(response(a_document(recentUsage=recent))).entries.num_rows == 0
    assert assert_same(response({} if recent is ABSENT else {"recentUsage": recent})).entries.num_rows == 0


def test_a_field_that_stands_twice_means_the_last_one() -> None:
    pairs = [("totalCalls", value(1)), ("recentUsage", value([an_entry()])), ("totalCalls", value(2))]
    batch = assert_same(response_of([*pairs, ("recentUsage", value([an_entry(calls=7)]))]))
    assert batch.users["total_calls"].to_pylist() == [2]
    assert batch.entries["calls"].to_pylist() == [7]


def test_thousands_of_entries_keep_their_order() -> None:
    many = [entry(inputTokens=number) for number in range(3000)]
    wild = with_items(entry(calls="1"), user_id="wild")
    batch = assert_same(with_items(*many), wild, with_items(*many, user_id="grace"))
    assert batch.entries["input_tokens"].to_pylist() == [*range(3000), 100, *range(3000)]


@pytest.mark.parametrize("cut", [1, 40, 200])
def test_a_response_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(DecodeError):
        decode([with_items(entry())[:-cut]])

"""What every source of usage documents keeps to. A new kind of repository is one more maker in `MAKERS`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from google.cloud import firestore
from tests.fakes import MemoryRepository
from tests.servers.chatbot import PROJECT
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer

from usage_dash.documents.batch import EVERYTHING, Batch, IdRange
from usage_dash.documents.parse import batch_of, parse
from usage_dash.documents.sizes import size_of_document, size_of_value
from usage_dash.repository.base import FUTURE, Page, RangesUnsupportedError, UsageRepository
from usage_dash.repository.demo.source import DemoRepository
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.repository.local_file import LocalRepository

Documents = dict[str, dict[str, Any]]

NOW = datetime.now(UTC)
LONG_AGO = datetime(1990, 1, 1, tzinfo=UTC)
MOST_DOCUMENTS = 500  # in a page


def _document(last_updated: object, **fields: object) -> dict[str, Any]:
    entry = {
        "timestamp": NOW - timedelta(days=1),
        "model": "gpt-4o-mini",
        "inputTokens": 100,
        "outputTokens": 20,
        "totalTokens": 120,
        "costUsd": 0.000027,
        "calls": 1,
    }
    totals = {"totalCalls": 2, "totalInputTokens": 200, "totalOutputTokens": 40, "totalTokens": 240}
    dates = {"lastUpdated": last_updated, "createdAt": NOW - timedelta(days=2)}
    return totals | dates | {"totalCostUsd": 0.000054, "recentUsage": [entry]} | fields


DATED = {
    "ada": NOW,
    "Zoë": NOW - timedelta(seconds=1),
    "zoe": NOW - timedelta(seconds=2),
    "a user with spaces": NOW - timedelta(minutes=1),
    "\U0001f600 above the ligatures": NOW - timedelta(minutes=2),
    "ﬀ below the smileys": NOW - timedelta(minutes=3),
    "10": NOW - timedelta(hours=1),
    "9": NOW - timedelta(days=1),
    "%2F+&?#\\\"'": NOW - timedelta(days=100),
    "x" * 1500: NOW - timedelta(days=300),
    "an old clock": LONG_AGO,
    "a clock a little ahead": NOW + FUTURE - timedelta(minutes=1),
}
UNSEEN_BY_DATE: Documents = {
    "a clock far ahead": _document(NOW + timedelta(days=400)),
    "null": _document(None),
    "a number": _document(1_700_000_000),
    "empty": {},
    "undated": {"totalCalls": 3, "totalCostUsd": 1, "recentUsage": [{"costUsd": "0.5", "extra": [1, {"a": None}]}]},
}
DOCUMENTS: Documents = {user_id: _document(dated) for user_id, dated in DATED.items()} | UNSEEN_BY_DATE
RANGES = [
    EVERYTHING,
    IdRange(after="9"),
    IdRange(until="zoe"),
    IdRange(after="ada", until="ﬀ below the smileys"),
    IdRange(after="between two ids", until="z"),
    IdRange(after="x" * 1500, until="x" * 1500),
    IdRange(after="\U0010ffff"),
]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of repository: `make` returns one that holds just the given documents, `counts_ranges` by id or not."""

    make: Callable[[pytest.FixtureRequest, Documents], UsageRepository]
    counts_ranges: bool = True


def _on_emulator(request: pytest.FixtureRequest, documents: Documents) -> UsageRepository:
    client: firestore.Client = request.getfixturevalue("emulator_client")
    emulator: Emulator = request.getfixturevalue("emulator")
    collection: str = request.getfixturevalue("collection")
    batch = client.batch()
    for user_id, fields in documents.items():
        batch.set(client.collection(collection).document(user_id), fields)
    batch.commit()
    return FirestoreRepository(project=PROJECT, collection=collection, emulator_host=emulator.host)


def _on_server(request: pytest.FixtureRequest, documents: Documents) -> UsageRepository:
    server: FaultServer = request.getfixturevalue("server")
    for user_id, fields in documents.items():
        server.store.put(f"projects/{PROJECT}/databases/(default)/documents/usage/{user_id}", fields)
    return FirestoreRepository(project=PROJECT, emulator_host=server.host)


def _in_file(request: pytest.FixtureRequest, documents: Documents) -> UsageRepository:
    path: Path = request.getfixturevalue("tmp_path") / "usage.jsonl"
    lines = (
        json.dumps({"userId": user_id} | fields, default=datetime.isoformat) for user_id, fields in documents.items()
    )
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return LocalRepository(path, "usage")


def _in_memory(_request: pytest.FixtureRequest, documents: Documents) -> UsageRepository:
    fake = MemoryRepository(documents)
    fake.clock = NOW
    return fake


def _demo(_request: pytest.FixtureRequest, _documents: Documents) -> UsageRepository:
    return DemoRepository(now=lambda: NOW)


MAKERS = {
    "firestore-emulator": Kind(_on_emulator, counts_ranges=False),
    "firestore-server": Kind(_on_server),
    "local": Kind(_in_file),
    "fake": Kind(_in_memory),
}
SAMPLE = {"demo": Kind(_demo)}  # makes up its own documents

Make = Callable[[Documents], UsageRepository]


@pytest.fixture(params=MAKERS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return MAKERS[request.param]


@pytest.fixture
def make(request: pytest.FixtureRequest, kind: Kind) -> Iterator[Make]:
    made: list[UsageRepository] = []

    def maker(documents: Documents) -> UsageRepository:
        made.append(kind.make(request, documents))
        return made[-1]

    yield maker
    for repository in made:
        repository.close()


@pytest.fixture(params=MAKERS | SAMPLE)
def any_repository(request: pytest.FixtureRequest) -> Iterator[UsageRepository]:
    repository = (MAKERS | SAMPLE)[request.param].make(request, DOCUMENTS)
    yield repository
    repository.close()


def _ids(pages: Iterable[Page]) -> list[str]:
    return [user_id for page in pages for user_id in page.batch.users["user_id"].to_pylist()]


def _sorted(ids: Iterable[str]) -> list[str]:
    return sorted(ids, key=str.encode)


def _inside(ids: IdRange) -> list[str]:
    after = b"" if ids.after is None else ids.after.encode()
    return [
        user_id
        for user_id in _sorted(DOCUMENTS)
        if after < user_id.encode() and (ids.until is None or user_id.encode() <= ids.until.encode())
    ]


def _rows(batches: Iterable[Batch], table: str) -> list[dict[str, Any]]:
    """Return all rows of one table, in an order that does not depend on theirs."""
    rows = (row for batch in batches for row in getattr(batch, table).to_pylist())
    return sorted(rows, key=lambda row: (row["user_id"], row.get("position"), repr(row)))


def _users(pages: Iterable[Page]) -> list[dict[str, Any]]:
    return _rows((page.batch for page in pages), "users")


def test_every_document_is_counted_and_listed_in_the_order_of_its_ids_bytes(make: Make) -> None:
    repository = make(DOCUMENTS)
    assert repository.count() == len(DOCUMENTS)
    assert _ids(repository.listing()) == _sorted(DOCUMENTS)


def test_a_listing_gives_what_parsing_the_documents_gives(make: Make) -> None:
    listed = [page.batch for page in make(DOCUMENTS).listing()]
    parsed = batch_of(parse(user_id, fields) for user_id, fields in DOCUMENTS.items())
    for table in ("users", "entries", "findings"):
        sizes = {"size": None} if table == "users" else {}  # they depend on the collection's name
        assert [row | sizes for row in _rows(listed, table)] == _rows([parsed], table)


def test_every_document_has_the_size_that_firestore_counts_for_it(make: Make) -> None:
    entry = {"timestamp": NOW, "model": "gpt-4o", "calls": 2, "note": [None, True]}
    users = _users(make({"a": _document(NOW), "b": _document(NOW) | {"recentUsage": [entry], "ttsCalls": 1}}).listing())
    larger = size_of_value(_document(NOW) | {"recentUsage": [entry], "ttsCalls": 1}) - size_of_value(_document(NOW))
    assert users[1]["size"] - users[0]["size"] == larger
    assert users[0]["size"] >= size_of_document("usage/a", _document(NOW))


@pytest.mark.parametrize("ids", RANGES, ids=range(len(RANGES)))
def test_a_listing_of_a_range_holds_just_its_documents(make: Make, ids: IdRange) -> None:
    assert _ids(make(DOCUMENTS).listing(ids)) == _inside(ids)


@pytest.mark.parametrize("ids", RANGES[1:], ids=range(1, len(RANGES)))
def test_a_range_is_counted_or_refused_but_never_miscounted(make: Make, kind: Kind, ids: IdRange) -> None:
    repository = make(DOCUMENTS)
    if kind.counts_ranges:
        assert repository.count(ids) == len(_inside(ids))
    else:
        with pytest.raises(RangesUnsupportedError):
            repository.count(ids)


@pytest.mark.parametrize("ids", RANGES, ids=range(len(RANGES)))
def test_the_calls_of_a_range_are_added_up_or_refused_but_never_wrong(make: Make, kind: Kind, ids: IdRange) -> None:
    repository = make(DOCUMENTS)
    if kind.counts_ranges or ids == EVERYTHING:
        assert repository.total_calls(ids) == sum(DOCUMENTS[each].get("totalCalls", 0) for each in _inside(ids))
    else:
        with pytest.raises(RangesUnsupportedError):
            repository.total_calls(ids)


SAID = ["12", "many", 2.5, 3.0, -4, None, True, [1], {"a": 1}, 2**40]


@pytest.mark.parametrize("said", [[7], *([each] for each in SAID), SAID], ids=repr)
def test_only_numbers_are_added_up_and_a_batch_holds_what_is(make: Make, said: list[object]) -> None:
    repository = make({f"u{place:02}": _document(NOW, totalCalls=each) for place, each in enumerate(said)})
    numbers = [each for each in said if isinstance(each, int | float) and not isinstance(each, bool)]
    assert repository.total_calls() == sum(numbers)
    held = [row["summed_calls"] for row in _users(repository.listing())]
    assert [each for each in held if each is not None] == numbers


@pytest.mark.parametrize("said", [[math.nan], [math.inf, 1], [-math.inf], [math.inf, -math.inf]], ids=repr)
def test_what_is_not_finite_makes_no_finite_sum(make: Make, said: list[float]) -> None:
    repository = make({f"u{place:02}": _document(NOW, totalCalls=each) for place, each in enumerate(said)})
    assert not math.isfinite(repository.total_calls())
    assert not math.isfinite(sum(row["summed_calls"] for row in _users(repository.listing())))


def test_changed_documents_come_oldest_first_and_only_those_dated_in_time(make: Make) -> None:
    by_age = sorted(DATED, key=lambda user_id: DATED[user_id])
    assert _ids(make(DOCUMENTS).changed(LONG_AGO)) == by_age
    assert _ids(make(DOCUMENTS).changed(LONG_AGO + timedelta(microseconds=1))) == by_age[1:]


def test_the_very_moment_asked_for_is_included(make: Make) -> None:
    assert _ids(make(DOCUMENTS).changed(DATED["ada"])) == ["ada", "a clock a little ahead"]


def test_the_latest_are_those_dated_last_and_no_more_than_asked_for(make: Make) -> None:
    dated = DATED | {"a clock far ahead": NOW + timedelta(days=400)}
    page = make(DOCUMENTS).latest(3)
    assert _sorted(_ids([page])) == _sorted(sorted(dated, key=lambda user_id: dated[user_id])[-3:])
    assert page.reads in {0, 3}  # what is free has no bill
    assert _sorted(_ids([make(DOCUMENTS).latest(100)])) == _sorted(dated)


def test_an_empty_source_has_no_latest_document_but_a_clock(make: Make) -> None:
    page = make({}).latest(3)
    assert page.batch.documents == 0
    assert page.read_time.utcoffset() == timedelta(0)


def test_when_nothing_changed_the_clock_still_comes(make: Make) -> None:
    pages = list(make({"ada": _document(LONG_AGO)}).changed(NOW))
    assert _ids(pages) == []
    assert pages[0].read_time.utcoffset() == timedelta(0)


def test_an_empty_source_counts_nothing_and_lists_one_empty_page(make: Make) -> None:
    repository = make({})
    assert repository.count() == repository.total_calls() == 0
    for pages in (
        list(repository.listing()),
        list(repository.listing(IdRange("a", "b"))),
        list(repository.changed(NOW)),
    ):
        assert [page.batch.documents for page in pages] == [0]


def test_many_documents_come_in_bounded_pages_without_a_gap_or_a_double(make: Make) -> None:
    many = {f"user {number}": {"lastUpdated": NOW - timedelta(seconds=number)} for number in range(MOST_DOCUMENTS)}
    many |= {f"{number}": _document(NOW) for number in range(MOST_DOCUMENTS // 2)}
    repository = make(many)
    pages = list(repository.listing())
    assert _ids(pages) == _sorted(many)
    assert all(0 < page.batch.documents <= MOST_DOCUMENTS for page in pages)
    assert len(pages) > 1
    assert _sorted(_ids(repository.changed(LONG_AGO))) == _sorted(many)


def test_counts_and_listings_of_neighbouring_ranges_add_up(any_repository: UsageRepository) -> None:
    ids = _ids(any_repository.listing())
    assert ids == _sorted(ids)
    assert any_repository.count() == len(ids) > 0
    said = [row["summed_calls"] for row in _users(any_repository.listing())]
    assert any_repository.total_calls() == sum(each for each in said if each is not None) > 0
    middle = ids[len(ids) // 2]
    left, right = IdRange(until=middle), IdRange(after=middle)
    assert _ids(any_repository.listing(left)) + _ids(any_repository.listing(right)) == ids


def test_changed_documents_are_dated_and_equal_the_listed_ones(any_repository: UsageRepository) -> None:
    listed = {row["user_id"]: row for row in _users(any_repository.listing())}
    changed = _users(any_repository.changed(NOW - timedelta(days=400)))
    assert changed
    for row in changed:
        assert row["dated"]
        assert row == listed[row["user_id"]]


def test_the_clock_does_not_run_ahead_and_moves_forward_only(any_repository: UsageRepository) -> None:
    times = [page.read_time for pages in (any_repository.listing(), any_repository.changed(NOW)) for page in pages]
    assert times == sorted(times)
    assert times[-1] <= datetime.now(UTC)


def test_the_source_names_one_place(any_repository: UsageRepository) -> None:
    assert any_repository.source == any_repository.source
    assert any_repository.source.holder.name in any_repository.source.identity

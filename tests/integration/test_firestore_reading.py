"""Reading Firestore: which requests go out, how answers become pages, and what happens when they break off."""

from __future__ import annotations

import urllib.parse
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from tests.fakes import DEADLINE
from tests.servers.chatbot import PROJECT
from tests.servers.fault import FaultServer

from usage_dash.documents.batch import IdRange
from usage_dash.repository.base import FUTURE, Failure, Page, RangesUnsupportedError, SourceError
from usage_dash.repository.firestore.pages import PAGE_BYTES, PAGE_DOCUMENTS
from usage_dash.repository.firestore.source import FirestoreRepository

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DATABASE = f"projects/{PROJECT}/databases/(default)"
PROBES = 2  # counts that tell whether the source knows ranges of ids
MANY = [f"user-{number:04}" for number in range(3 * PAGE_DOCUMENTS + 7)]

Open = Callable[..., FirestoreRepository]


@pytest.fixture
def connect(server: FaultServer) -> Iterator[Open]:
    """Open repositories on the server, which tells the time, with patience."""
    opened: list[FirestoreRepository] = []

    def open_one(**settings: Any) -> FirestoreRepository:
        defaults = {"project": PROJECT, "emulator_host": server.host, "budget": DEADLINE, "now": lambda: NOW}
        opened.append(FirestoreRepository(**defaults | settings))
        return opened[-1]

    server.store.clock = lambda: NOW
    yield open_one
    for repository in opened:
        repository.close()


def _fill(server: FaultServer, ids: Iterable[str], parent: str = f"{DATABASE}/documents/usage", **fields: Any) -> None:
    for user_id in ids:
        server.store.put(f"{parent}/{user_id}", {"lastUpdated": NOW, "totalCalls": 1} | fields)


def _ids(pages: Iterable[Page]) -> list[str]:
    return [user_id for page in pages for user_id in page.batch.users["user_id"].to_pylist()]


def _listing_ids(server: FaultServer) -> list[tuple[str, ...]]:
    """The bounds of each listing that was asked for, as document ids."""
    queries = [call.message.structured_query for call in server.made("RunQuery")]
    return [
        tuple(
            part.field_filter.value.reference_value.rpartition("/")[2] for part in query.where.composite_filter.filters
        )
        for query in queries
    ]


class _Reader:
    """Reads pages until they fail, and keeps both."""

    def __init__(self, pages: Iterator[Page]) -> None:
        self.pages: list[Page] = []
        with pytest.raises(SourceError) as failed:
            self.pages.extend(pages)  # keeps what came before the error
        self.error = failed.value


def _sizes(pages: Iterable[Page]) -> list[int]:
    return [page.batch.documents for page in pages]


def test_a_listing_is_one_query_cut_into_pages(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY)
    pages = list(connect().listing())
    assert _ids(pages) == MANY
    assert _sizes(pages) == [PAGE_DOCUMENTS] * 3 + [7]
    assert [page.queries for page in pages] == [1 + PROBES, 0, 0, 0]
    assert sum(page.reads for page in pages) == server.returned + PROBES == len(MANY) + PROBES
    assert _listing_ids(server) == [()]


def test_large_documents_make_pages_of_few(server: FaultServer, connect: Open) -> None:
    megabyte = "x" * 2**20
    _fill(server, MANY[:20], filler=megabyte)
    pages = list(connect().listing())
    assert _ids(pages) == MANY[:20]
    assert max(page.wire_bytes for page in pages) < PAGE_BYTES + 2 * len(megabyte)
    assert _sizes(pages)[:2] == [8, 8]
    assert sum(page.wire_bytes for page in pages) > 20 * len(megabyte)


def test_nothing_found_is_one_read(connect: Open) -> None:
    (page,) = connect().changed(NOW)
    assert (page.batch.documents, page.queries, page.reads, page.read_time) == (0, 1, 1, NOW)
    assert page.wire_bytes > 0


def test_a_range_is_asked_for_by_full_document_names(server: FaultServer, connect: Open) -> None:
    _fill(server, ["ada", "grace", "zoë"])
    assert _ids(connect().listing(IdRange("ada", "zoë"))) == ["grace", "zoë"]
    assert _listing_ids(server) == [("ada", "zoë")]
    filters = server.made("RunQuery")[0].message.structured_query.where.composite_filter.filters
    assert filters[0].field_filter.value.reference_value == f"{DATABASE}/documents/usage/ada"


def test_counting_a_range_reads_no_document(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY)
    assert connect().count(IdRange(MANY[9], MANY[19])) == 10
    assert connect().count() == len(MANY)
    assert server.returned == 0


def test_whether_ranges_are_known_is_asked_once(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY[:5])
    repository = connect()
    for _ in range(3):
        assert repository.count(IdRange(after=MANY[0])) == 4
    assert len(server.made("RunAggregationQuery")) == 3 + PROBES


def test_what_it_took_to_ask_is_on_the_bill_of_the_next_page_and_once(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY[:5])
    repository = connect()
    repository.count(IdRange(after=MANY[0]))
    bills = [[(page.queries, page.reads) for page in repository.changed(NOW)] for _ in range(2)]
    assert bills == [[(1 + PROBES, 5 + PROBES)], [(1, 5)]]


def test_an_empty_collection_leaves_open_whether_ranges_are_known(server: FaultServer, connect: Open) -> None:
    repository = connect()
    with pytest.raises(RangesUnsupportedError):
        repository.count(IdRange(after="a"))
    _fill(server, ["ada"])
    assert repository.count(IdRange(after="a")) == 1


def test_only_the_emulator_would_ignore_ids_and_then_nothing_is_asked_by_id(server: FaultServer, connect: Open) -> None:
    _fill(server, ["b", "a", "c"])
    server.store.ignores_ids = True
    repository = connect()
    with pytest.raises(RangesUnsupportedError):
        repository.count(IdRange(after="a"))
    server.store.in_order = False
    pages = list(repository.listing(IdRange(after="a")))
    assert _ids(pages) == ["b", "c"]
    assert [page.reads for page in pages] == [3 + 1], "the documents, and what showed that the filter is ignored"
    assert _listing_ids(server) == [()]


def test_a_listing_out_of_order_is_refused_and_then_sorted(server: FaultServer, connect: Open) -> None:
    _fill(server, reversed(MANY))
    server.store.in_order = False
    repository = connect()
    refused = _Reader(repository.listing())
    assert refused.error.failure is Failure.INVALID
    assert refused.error.mendable_by_retry
    assert refused.pages == []
    pages = list(repository.listing())
    assert _ids(pages) == MANY
    assert _sizes(pages) == [PAGE_DOCUMENTS] * 3 + [7]
    assert [page.reads for page in pages] == [len(MANY) + PROBES, 0, 0, 0]


@pytest.mark.parametrize("status", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
def test_a_listing_that_is_cut_goes_on_after_its_last_document(
    server: FaultServer, connect: Open, status: grpc.StatusCode
) -> None:
    _fill(server, MANY)
    server.fail(status, method="RunQuery", after=PAGE_DOCUMENTS + 100, times=2)
    pages = list(connect().listing(IdRange(until=MANY[-2])))
    assert _ids(pages) == MANY[:-1]
    assert server.returned == len(MANY) - 1  # none was read twice
    assert _listing_ids(server) == [(MANY[-2],), (MANY[399], MANY[-2]), (MANY[799], MANY[-2])]
    assert sum(page.queries for page in pages) == 3 + PROBES


def test_a_listing_cut_within_its_first_page_fails_with_what_it_got(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY)
    server.fail(grpc.StatusCode.UNAVAILABLE, method="RunQuery", after=5)
    cut = _Reader(connect().listing())
    assert _ids(cut.pages) == MANY[:5]
    assert "unavailable" in cut.error.reason
    assert len(server.made("RunQuery")) == 1


def test_a_listing_that_cannot_go_on_fails_with_the_original_error(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY)
    server.fail(grpc.StatusCode.PERMISSION_DENIED, method="RunQuery", after=PAGE_DOCUMENTS + 1)
    cut = _Reader(connect().listing())
    assert _ids(cut.pages) == MANY[: PAGE_DOCUMENTS + 1]
    assert cut.error.failure is Failure.PERMISSION
    assert len(server.made("RunQuery")) == 1


def test_changes_that_are_cut_fail_with_what_they_got(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY)
    server.fail(grpc.StatusCode.RESOURCE_EXHAUSTED, method="RunQuery", after=PAGE_DOCUMENTS + 1)
    cut = _Reader(connect().changed(NOW))
    assert _sizes(cut.pages) == [PAGE_DOCUMENTS, 1]
    assert cut.error.failure is Failure.QUOTA
    assert len(server.made("RunQuery")) == 1


def test_what_is_dated_far_ahead_is_not_billed_at_each_refresh(server: FaultServer, connect: Open) -> None:
    _fill(server, ["soon"], lastUpdated=NOW + FUTURE)
    _fill(server, ["later"], lastUpdated=NOW + FUTURE + timedelta(microseconds=1))
    assert _ids(connect().changed(NOW)) == ["soon"]
    assert server.returned == 1


@pytest.mark.parametrize("behind", [timedelta(minutes=1), timedelta(hours=1), timedelta(days=365)])
def test_a_clock_here_that_is_behind_hides_no_change(server: FaultServer, connect: Open, behind: timedelta) -> None:
    _fill(server, ["just now"], lastUpdated=NOW)
    _fill(server, ["an hour ago"], lastUpdated=NOW - timedelta(hours=1))
    repository = connect(now=lambda: NOW - behind)
    pages = list(repository.changed(NOW - timedelta(hours=2)))
    assert set(_ids(pages)) == {"just now", "an hour ago"}
    assert server.returned == 2
    assert {page.read_time for page in pages} == {NOW}


def test_a_clock_here_that_is_behind_costs_nothing_while_somebody_looks(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY, lastUpdated=NOW - timedelta(minutes=30))
    repository = connect(now=lambda: NOW - timedelta(hours=1))
    assert _ids(repository.changed(NOW - timedelta(seconds=40))) == []
    assert len(server.made("RunQuery")) == 1


def test_a_collection_below_a_document(server: FaultServer, connect: Open) -> None:
    _fill(server, ["ada"], parent=f"{DATABASE}/documents/apps/zoë 1/usage")
    _fill(server, ["not this one"])
    repository = connect(collection="apps/zoë 1/usage")
    assert _ids(repository.listing()) == ["ada"]
    assert repository.count(IdRange("a", "b")) == 1
    assert repository.source.holder.name == "apps/zoë 1/usage"


@pytest.mark.parametrize("path", ["", "/", "usage/", "apps/web", "a//b"])
def test_a_path_that_is_no_collection_is_refused_at_once(path: str) -> None:
    with pytest.raises(ValueError, match="not the path of a collection"):
        FirestoreRepository(project=PROJECT, collection=path)


def test_a_call_says_which_database_it_is_for(server: FaultServer, connect: Open) -> None:
    named = f"projects/{PROJECT}/databases/chat-eu"
    _fill(server, ["ada"], parent=f"{named}/documents/usage")
    repository = connect(database="chat-eu")
    assert _ids(repository.listing()) == ["ada"]
    headers = server.calls[-1].headers
    assert headers["google-cloud-resource-prefix"] == named
    assert urllib.parse.unquote(headers["x-goog-request-params"]) == f"parent={named}/documents"
    assert repository.source.identity == f"firestore:{PROJECT} (emulator)/chat-eu/usage"


@pytest.mark.parametrize(
    "user_id", ["constructor", "__proto__x", ".a", "ü" * 750, "\U0010ffff", "\x01", "a\nb", "%", "~"]
)
def test_any_id_is_listed_and_counted(server: FaultServer, connect: Open, user_id: str) -> None:
    _fill(server, [user_id, "mm"])
    repository = connect()
    assert set(_ids(repository.listing())) == {user_id, "mm"}
    assert _ids(repository.listing(IdRange(until=user_id)))[-1] == user_id
    assert user_id not in _ids(repository.listing(IdRange(after=user_id)))
    assert repository.count(IdRange(until=user_id)) + repository.count(IdRange(after=user_id)) == 2


def test_an_abandoned_listing_ends_the_call(server: FaultServer, connect: Open) -> None:
    _fill(server, MANY)
    server.fail(None, method="RunQuery", after=PAGE_DOCUMENTS)
    pages = connect().listing()
    assert _sizes([next(pages)]) == [PAGE_DOCUMENTS]
    pages.close()
    assert server.abandoned.wait(DEADLINE)

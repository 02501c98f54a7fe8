"""Usage documents in Cloud Firestore, read with as few and as bounded calls as possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import grpc
from google.cloud.firestore_v1.types import RunAggregationQueryRequest, RunAggregationQueryResponse

from usage_dash.documents.batch import EVERYTHING, IdRange
from usage_dash.repository.base import (
    FUTURE,
    Edition,
    Holder,
    Page,
    RangesUnsupportedError,
    Source,
    SumsUnsupportedError,
)
from usage_dash.repository.firestore import requests
from usage_dash.repository.firestore.calls import AnswerError
from usage_dash.repository.firestore.client import Client
from usage_dash.repository.firestore.errors import CALL_ERRORS, Place, explain
from usage_dash.repository.firestore.messages import user_id_of
from usage_dash.repository.firestore.pages import PAGE_DOCUMENTS, last_id, pages, pages_at_once, within

_CUT: Final = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)  # Firestore ends a query after 60 s
# What Firestore answers where `totalCalls` has no index, and a source that knows no sums.
_NO_SUMS: Final = (
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.UNIMPLEMENTED,
)
_EMULATOR_PATIENCE: Final = 900.0  # seconds; the one of npm thinks about all of an answer before it says a word
_ANSWER: Final = RunAggregationQueryResponse.pb()

# To find out whether a source filters on ids: this range holds all ids that people use, and the next holds none.
_NEARLY_ALL: Final = IdRange(after="!")
_NONE: Final = IdRange(after="!", until="!")


class FirestoreRepository:
    """One collection of usage documents in one Firestore database.

    `credentials` is a service account's key as parsed JSON, the path to a credentials file, or None for what the
    machine offers. An emulator at `emulator_host` needs none. Connects at the first call, once in each process, so it
    may be made before a server forks. `budget` is how many seconds Firestore may be silent; no call is tried twice.
    """

    def __init__(
        self,
        *,
        project: str | None = None,
        database: str = "(default)",
        collection: str = "usage",
        credentials: Mapping[str, Any] | Path | None = None,
        emulator_host: str | None = None,
        budget: float = 10.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = Client(project, database, credentials, emulator_host, budget)
        self._target = requests.Collection(project or "", database, collection)
        self._now = now
        self._probes = 0  # counts made to find that out, which no page has carried yet
        self._knows_ids: bool | None = None  # whether the source orders by id and filters on it; None: not known yet

    @property
    def source(self) -> Source:
        """Where the documents come from; an emulator is another place than the project that it stands in for.

        Raises `SourceError` when only the credentials name the project and they are unusable.
        """
        collection = self._collection
        project = f"{collection.project} (emulator)" if self._client.emulator_host else collection.project
        return Source(
            identity=f"firestore:{project}/{collection.database}/{collection.path}",
            label=f"{project} · Firestore",
            place=project,
            holder=Holder("collection", collection.path, "USAGE_COLLECTION"),
        )

    def count(self, ids: IdRange = EVERYTHING) -> int:
        """Count the documents in `ids`; see `UsageRepository.count`.

        The first count of a range costs two or three more, once, to find out whether the source knows ranges; the next
        page carries their bill.
        """
        try:
            if ids != EVERYTHING and not self._source_knows_ids():
                raise RangesUnsupportedError
            return self._count(ids)
        except CALL_ERRORS as error:
            raise explain(error, self._place) from error

    def total_calls(self, ids: IdRange = EVERYTHING) -> float:
        """Add up the `totalCalls` of the documents in `ids`; see `UsageRepository.total_calls`, and `count`."""
        try:
            if ids != EVERYTHING and not self._source_knows_ids():
                raise RangesUnsupportedError
            return self._aggregate(requests.total_calls(self._collection, ids))
        except CALL_ERRORS as error:
            code = error.code() if isinstance(error, grpc.Call) else None
            if code in _NO_SUMS:
                raise SumsUnsupportedError from error
            raise explain(error, self._place) from error

    def changed(self, since: datetime) -> Iterator[Page]:
        """Read documents dated at or after `since`, oldest first; see `UsageRepository.changed`."""
        try:
            yield from self._with_probes(self._changed(since))
        except CALL_ERRORS as error:
            raise explain(error, self._place) from error

    def listing(self, ids: IdRange = EVERYTHING) -> Iterator[Page]:
        """Read every document in `ids`, ordered by id; see `UsageRepository.listing`.

        Goes on by itself after Firestore ended the query, unless that happened within the first page.
        """
        try:
            yield from self._with_probes(self._listed(ids) if self._source_knows_ids() else self._sorted(ids))
        except CALL_ERRORS as error:
            raise explain(error, self._place) from error

    def latest(self, limit: int) -> Page:
        """Read the `limit` documents that were dated last; see `UsageRepository.latest`."""
        try:
            responses = list(self._client.call(requests.latest(self._collection, limit)))
            return next(pages_at_once(responses, filter(user_id_of, responses)))
        except CALL_ERRORS as error:
            raise explain(error, self._place) from error

    def edition(self) -> Edition | None:
        """Return the database's edition; None where it is not told. Raises `SourceError` for unusable credentials."""
        from usage_dash.repository.firestore.edition import edition_of  # noqa: PLC0415 - heavy, and seldom asked

        return edition_of(self._client)

    @property
    def account(self) -> str | None:
        """The service account's address, once it has read; None when it is not known."""
        return self._place.email

    def close(self) -> None:
        """Let go of the connection and the credentials."""
        self._client.close()

    def _with_probes(self, pages: Iterator[Page]) -> Iterator[Page]:
        """Put the probes made so far, one query and one read each, on the bill of the page that comes next."""
        for page in pages:
            probes, self._probes = self._probes, 0
            yield replace(page, queries=page.queries + probes, reads=page.reads + probes) if probes else page

    def _changed(self, since: datetime) -> Iterator[Page]:
        # Without an end, what is dated far ahead would be billed at each refresh until its day comes.
        until = max(since, self._now()) + FUTURE
        while True:
            read_time = None
            for page in pages(self._client.call(requests.changed(self._collection, since, until))):
                read_time = read_time or page.read_time
                yield page
            if read_time is None or read_time <= until:
                return
            since, until = until, read_time + FUTURE  # this machine's clock is behind the source's

    def _listed(self, ids: IdRange) -> Iterator[Page]:
        while True:
            documents = 0
            try:
                for page in pages(self._client.call(requests.listing(self._collection, ids))):
                    ids = IdRange(self._checked_last_id(page, ids), ids.until)
                    documents += page.batch.documents
                    yield page
            except grpc.RpcError as error:
                if documents < PAGE_DOCUMENTS or not isinstance(error, grpc.Call) or error.code() not in _CUT:
                    raise
            else:
                return

    def _checked_last_id(self, page: Page, ids: IdRange) -> str | None:
        try:
            return last_id(page, ids)
        except AnswerError:
            self._knows_ids = False  # so that the next listing sorts by itself
            raise

    def _sorted(self, ids: IdRange) -> Iterator[Page]:
        """List a source that does not order by id or cannot filter on it, as small emulators do: by reading it all."""
        self._count(EVERYTHING)  # fails soon if the source is gone, because what follows waits for long
        responses = list(self._client.call(requests.listing(self._collection, EVERYTHING), _EMULATOR_PATIENCE))
        found = ((user_id_of(response), response) for response in responses)
        wanted = {user_id: response for user_id, response in found if user_id is not None and within(user_id, ids)}
        in_order = sorted(wanted, key=str.encode)
        yield from pages_at_once(responses, map(wanted.__getitem__, in_order))

    def _source_knows_ids(self) -> bool:
        if self._knows_ids is None:
            if self._probe(_NONE):  # it ignores such filters
                self._knows_ids = False
            elif self._probe(_NEARLY_ALL):
                self._knows_ids = True
            elif self._probe(EVERYTHING):  # nothing passes such a filter
                self._knows_ids = False
        return self._knows_ids or False  # an empty collection does not tell, and costs nothing to read

    def _probe(self, ids: IdRange) -> bool:
        found = self._count(ids, up_to=1)
        self._probes += 1
        return found > 0

    def _count(self, ids: IdRange, up_to: int | None = None) -> int:
        return int(self._aggregate(requests.count(self._collection, ids, up_to)))

    def _aggregate(self, request: RunAggregationQueryRequest) -> float:
        for response in self._client.call(request):
            fields = _ANSWER.FromString(response).result.aggregate_fields
            if requests.RESULT in fields:
                number = fields[requests.RESULT]
                return number.double_value if number.HasField("double_value") else float(number.integer_value)
        raise AnswerError

    @property
    def _collection(self) -> requests.Collection:
        return replace(self._target, project=self._client.project)

    @property
    def _place(self) -> Place:
        return self._client.place(self._target.path)

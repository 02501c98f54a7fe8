"""What usage-dash asks Firestore for: requests as protobuf, and the names they use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from google.cloud.firestore_v1.field_path import FieldPath
from google.cloud.firestore_v1.types import (
    BatchGetDocumentsRequest,
    DocumentMask,
    RunAggregationQueryRequest,
    RunQueryRequest,
    StructuredAggregationQuery,
    StructuredQuery,
    Value,
)

from usage_dash.documents.batch import IdRange
from usage_dash.documents.fields import LAST_UPDATED, TOTALS

RESULT = "result"  # the alias that the answer of a count or a sum stands under
_ID = "__name__"
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)  # Firestore's first timestamp
_Aggregation = StructuredAggregationQuery.Aggregation
_Operator = StructuredQuery.FieldFilter.Operator
_AT_LEAST, _AT_MOST, _ABOVE = (
    _Operator.GREATER_THAN_OR_EQUAL,
    _Operator.LESS_THAN_OR_EQUAL,
    _Operator.GREATER_THAN,
)


@dataclass(frozen=True, slots=True)
class Collection:
    """Where documents are; `path` is as in "usage" or, below another document, "apps/web/usage"."""

    project: str
    database: str
    path: str

    def __post_init__(self) -> None:
        """Refuse a path that names a document, or nothing, with a `ValueError`."""
        segments = self.path.split("/")
        if not all(segments) or len(segments) % 2 == 0:
            raise ValueError(f"“{self.path}” is not the path of a collection, such as usage or apps/web/usage.")

    @property
    def database_name(self) -> str:
        """The database's resource name."""
        return f"projects/{self.project}/databases/{self.database}"

    @property
    def parent(self) -> str:
        """The resource name of what the collection lies below."""
        document, _, _ = self.path.rpartition("/")
        root = f"{self.database_name}/documents"
        return f"{root}/{document}" if document else root

    @property
    def name(self) -> str:
        """The last segment of the path."""
        return self.path.rpartition("/")[2]

    def document(self, user_id: str) -> str:
        """Return the resource name of a document in the collection."""
        return f"{self.parent}/{self.name}/{user_id}"


def changed(collection: Collection, since: datetime, until: datetime) -> RunQueryRequest:
    """Ask for documents whose `lastUpdated` is a timestamp from `since` to `until`, oldest first."""
    filters = [
        _filter(LAST_UPDATED, _AT_LEAST, Value(timestamp_value=since)),
        _filter(LAST_UPDATED, _AT_MOST, Value(timestamp_value=until)),
    ]
    return RunQueryRequest(
        parent=collection.parent, structured_query=_query(collection, filters, order_by=LAST_UPDATED)
    )


def listing(collection: Collection, ids: IdRange) -> RunQueryRequest:
    """Ask for every document in `ids`, in their order."""
    query = _query(collection, _id_filters(collection, ids), order_by=_ID)
    return RunQueryRequest(parent=collection.parent, structured_query=query)


def latest(collection: Collection, limit: int) -> RunQueryRequest:
    """Ask for up to `limit` documents whose `lastUpdated` is a timestamp, the latest first."""
    query = _query(collection, [_filter(LAST_UPDATED, _ABOVE, Value(timestamp_value=_LONG_AGO))])
    field = StructuredQuery.FieldReference(field_path=LAST_UPDATED)
    query.order_by = [StructuredQuery.Order(field=field, direction=StructuredQuery.Direction.DESCENDING)]
    query.limit = limit
    return RunQueryRequest(parent=collection.parent, structured_query=query)


def count(collection: Collection, ids: IdRange, up_to: int | None = None) -> RunAggregationQueryRequest:
    """Ask how many documents are in `ids`, counting no further than `up_to`; the answer stands under `RESULT`."""
    counted = _Aggregation.Count(up_to=up_to)
    return _aggregated(collection, ids, _Aggregation(alias=RESULT, count=counted))


def total_calls(collection: Collection, ids: IdRange) -> RunAggregationQueryRequest:
    """Ask for the sum of `totalCalls` in `ids`; the answer stands under `RESULT`.

    In a query of its own: a count beside it would leave out the documents that have no such field.
    """
    summed = _Aggregation.Sum(field=StructuredQuery.FieldReference(field_path=TOTALS[0].name))
    return _aggregated(collection, ids, _Aggregation(alias=RESULT, sum=summed))


def fields_of(collection: Collection, ids: Iterable[str], fields: Iterable[str]) -> BatchGetDocumentsRequest:
    """Ask for these documents, and of each for no more than these fields; a dot leads into a map."""
    paths = [FieldPath(*field.split(".")).to_api_repr() for field in fields]
    return BatchGetDocumentsRequest(
        database=collection.database_name,
        documents=[collection.document(each) for each in ids],
        mask=DocumentMask(field_paths=paths),
    )


def _aggregated(
    collection: Collection, ids: IdRange, aggregation: StructuredAggregationQuery.Aggregation
) -> RunAggregationQueryRequest:
    query = StructuredAggregationQuery(
        structured_query=_query(collection, _id_filters(collection, ids)), aggregations=[aggregation]
    )
    return RunAggregationQueryRequest(parent=collection.parent, structured_aggregation_query=query)


def _query(
    collection: Collection, filters: list[StructuredQuery.Filter], order_by: str | None = None
) -> StructuredQuery:
    query = StructuredQuery(from_=[StructuredQuery.CollectionSelector(collection_id=collection.name)])
    if filters:
        together = StructuredQuery.CompositeFilter(op=StructuredQuery.CompositeFilter.Operator.AND, filters=filters)
        query.where = StructuredQuery.Filter(composite_filter=together)
    if order_by:
        field = StructuredQuery.FieldReference(field_path=order_by)
        query.order_by = [StructuredQuery.Order(field=field, direction=StructuredQuery.Direction.ASCENDING)]
    return query


def _id_filters(collection: Collection, ids: IdRange) -> list[StructuredQuery.Filter]:
    bounds = ((_ABOVE, ids.after), (_AT_MOST, ids.until))
    return [
        _filter(_ID, operator, Value(reference_value=collection.document(user_id)))
        for operator, user_id in bounds
        if user_id is not None
    ]


def _filter(field: str, operator: int, value: Value) -> StructuredQuery.Filter:
    return StructuredQuery.Filter(
        field_filter=StructuredQuery.FieldFilter(
            field=StructuredQuery.FieldReference(field_path=field), op=operator, value=value
        )
    )

"""Usage documents and entries as the chatbot writes them, to change field by field."""

from datetime import UTC, datetime, timedelta

from tests.unit.strategies import ENTRY_FIELDS, Raw, google_time

from usage_dash.documents.parse import Entry, UsageDocument, parse

NOON = datetime(2024, 7, 25, 12, tzinfo=UTC)
ABSENT = object()
A_CLEAN_ENTRY = Entry(NOON, "gpt-4o", 100, 50, 150, 0.0125, 1, None)  # `an_entry`, read


def an_entry(**changes: object) -> Raw:
    entry = {
        "timestamp": google_time(NOON),
        "model": "gpt-4o",
        "inputTokens": 100,
        "outputTokens": 50,
        "totalTokens": 150,
        "costUsd": 0.0125,
        "calls": 1,
    }
    return _changed(entry, changes)


def a_document(*entries: object, **changes: object) -> Raw:
    document = {
        "userId": "ada",
        "totalCalls": 3,
        "totalInputTokens": 300,
        "totalOutputTokens": 150,
        "totalTokens": 450,
        "totalCostUsd": 0.0375,
        "lastUpdated": google_time(NOON),
        "createdAt": google_time(NOON - timedelta(days=1)),
        "recentUsage": list(entries),
    }
    return _changed(document, changes)


def _changed(raw: Raw, changes: Raw) -> Raw:
    return {name: value for name, value in (raw | changes).items() if value is not ABSENT}


def parse_entries(*items: object) -> UsageDocument:
    return parse("ada", a_document(*items))


def known_values(entry: Entry) -> Raw:
    columns = (entry.at, entry.model, entry.input_tokens, entry.output_tokens, entry.total_tokens)
    return dict(zip(ENTRY_FIELDS, (*columns, entry.cost, entry.calls), strict=True))

"""Usage documents for property tests: clean ones, and wild ones as clocks, old writers and hand edits leave them.

`firestore_*` draw only what a Firestore document can hold, as google's client decodes it; `json_*` only what a JSON
parser gives; `wild_*` draw either.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd
from google.api_core.datetime_helpers import DatetimeWithNanoseconds
from google.cloud.firestore import DocumentReference, GeoPoint
from google.cloud.firestore_v1.vector import Vector
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

Raw = dict[str, Any]

ENTRY_FIELDS = ("timestamp", "model", "inputTokens", "outputTokens", "totalTokens", "costUsd", "calls")
TOTAL_FIELDS = ("totalCalls", "totalInputTokens", "totalOutputTokens", "totalTokens", "totalCostUsd")
TIME_FIELDS = ("lastUpdated", "createdAt")

INT64 = st.integers(-(2**63), 2**63 - 1)
UTF8_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
ANY_TEXT = st.text(max_size=12)  # lone surrogates too


def google_time(at: datetime, nanoseconds: int = 0) -> DatetimeWithNanoseconds:
    """The instant `at` plus some nanoseconds below a microsecond, as google's client gives it."""
    nanosecond = at.microsecond * 1000 + nanoseconds
    return DatetimeWithNanoseconds(*at.timetuple()[:6], nanosecond=nanosecond, tzinfo=UTC)  # type: ignore[no-untyped-call] # google's


# Clean values

clean_counts = st.integers(0, 2**63 - 1) | st.integers(0, 2**53).map(float)
clean_costs = st.floats(0, 2**53) | st.integers(0, 2**53)
clean_instants = st.datetimes(datetime(1970, 1, 1), datetime(2199, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
clean_times = clean_instants.map(google_time) | clean_instants | clean_instants.map(datetime.isoformat)
clean_models = st.sampled_from(["gpt-4o", "gpt-4o-mini", "unknown", "modèle ü", " spaced "])


def _clean_entry() -> SearchStrategy[Raw]:
    return st.fixed_dictionaries(
        {
            "timestamp": clean_times,
            "model": clean_models,
            "inputTokens": clean_counts,
            "outputTokens": clean_counts,
            "totalTokens": clean_counts,
            "costUsd": clean_costs,
            "calls": clean_counts,
        }
    )


clean_entries = _clean_entry()
clean_entry_lists = st.lists(clean_entries, max_size=5, unique_by=lambda entry: entry["inputTokens"])


def _clean_document() -> SearchStrategy[Raw]:
    totals = dict.fromkeys(TOTAL_FIELDS, clean_counts) | {"totalCostUsd": clean_costs}
    return st.fixed_dictionaries(
        totals | dict.fromkeys(TIME_FIELDS, clean_times) | {"recentUsage": clean_entry_lists},
        optional={"ttsUsageCalls": st.integers(), "recentTtsUsage": st.lists(st.integers(), max_size=2)},
    )


clean_documents = _clean_document()


# Wild values

firestore_times = st.builds(
    google_time,
    st.datetimes(timezones=st.just(UTC)),
    st.integers(0, 999),
)
firestore_scalars = st.one_of(
    st.none(),
    st.booleans(),
    INT64,
    st.floats(),
    UTF8_TEXT,
    firestore_times,
    st.binary(max_size=6),
    st.builds(GeoPoint, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(DocumentReference, st.just("usage"), st.sampled_from(["ada", "grace"])),
    st.builds(Vector, st.lists(st.floats(-1, 1), max_size=3)),
)
json_scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT)

numeric_texts = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=0, max_value=10**6).map(lambda n: f" {n} "),
    st.sampled_from(["1_000", "١٢", "0x10", "1e400", "-0", "+5", ".5", "1.", "1,5", "9" * 5000, "NaN"]),
)
iso_texts = st.one_of(
    st.datetimes().map(datetime.isoformat),
    st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30)))).map(datetime.isoformat),
    st.dates().map(str),
    st.sampled_from(
        ["2024-02-30T00:00:00Z", "2024-01-01T25:00:00Z", "0001-01-01T00:00:00+05:00", "2024-01-01T00:00:00.123456789Z"]
    ),
)
epoch_numbers = st.one_of(
    st.integers(-(10**18), 10**20),
    st.floats(0, 1e18),
    st.sampled_from([0, -1, 1_700_000_000, 1_700_000_000_000, 1_700_000_000_000_000, math.nan]),
)
timestamp_maps = st.one_of(
    st.fixed_dictionaries({"seconds": INT64, "nanoseconds": st.integers(0, 10**9 - 1)}),
    st.fixed_dictionaries({"_seconds": st.integers(0, 4 * 10**9), "_nanoseconds": st.integers(-5, 10**9)}),
    st.fixed_dictionaries({"seconds": st.text(max_size=3) | st.none()}, optional={"nanoseconds": st.booleans()}),
)
field_names = st.sampled_from([*ENTRY_FIELDS, "$time", "$missing", "extra", ""]) | UTF8_TEXT


def _nested(scalars: SearchStrategy[object], names: SearchStrategy[str]) -> SearchStrategy[object]:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
        max_leaves=6,
    )


_readable = numeric_texts | iso_texts | epoch_numbers | timestamp_maps  # at least nearly
firestore_values = _nested(firestore_scalars, field_names) | numeric_texts | iso_texts | INT64
json_values = _nested(json_scalars, field_names | ANY_TEXT) | _readable
odd_values = st.sampled_from(
    [object, (1, 2), {1: "a", ("b",): 2}, range(3), 10**400, -(10**400), 1j, datetime(2024, 1, 1), set(), pd.NA]  # noqa: DTZ001 - a time without zone is the point
)  # what no source gives, and nothing may break on
wild_values = firestore_values | json_values | odd_values


def entries_of(values: SearchStrategy[object]) -> SearchStrategy[Raw]:
    """Entries with any field clean, absent, or one of `values`; unknown fields too."""
    clean = {
        "timestamp": clean_times,
        "model": clean_models,
        "costUsd": clean_costs,
    }
    known = {name: clean.get(name, clean_counts) | values for name in ENTRY_FIELDS}
    nothing: Raw = {}
    unknown = st.just(nothing) | st.dictionaries(field_names, values, max_size=2)
    return st.builds(lambda extra, entry: extra | entry, unknown, st.fixed_dictionaries({}, optional=known))


def documents_of(values: SearchStrategy[object]) -> SearchStrategy[Raw]:
    """Usage documents with any field clean, absent, or one of `values`; some items of `recentUsage` are no entries."""
    items = clean_entries | entries_of(values) | values
    fields = {
        **dict.fromkeys(TOTAL_FIELDS, clean_counts | values),
        **dict.fromkeys(TIME_FIELDS, clean_times | values),
        "recentUsage": st.lists(items, max_size=6) | values,
        "userId": values,
        "ttsUsageCalls": values,
    }
    return st.fixed_dictionaries({}, optional=fields)


wild_entries = entries_of(wild_values)
wild_documents = documents_of(wild_values)
firestore_documents = documents_of(firestore_values)
json_documents = documents_of(json_values)
user_ids = ANY_TEXT

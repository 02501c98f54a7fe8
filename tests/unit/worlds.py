"""Usage documents of any kind, in any zone and at any time, and ledgers that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from tests.unit.builders import Document, Item, batch, document

from usage_dash.documents.batch import EVERYTHING
from usage_dash.ledger.ledger import Ledger

DAY = 24 * 60
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe")
PROPERTY = settings(max_examples=50)


def filled(ledger: Ledger, documents: Iterable[Document]) -> Ledger:
    """The ledger with these documents and no history."""
    ledger.apply(batch(), within=EVERYTHING)
    ledger.apply(batch(*documents))
    return ledger


# Costs are multiples of 1/64, so that sums are exact in any order.
_COSTS = st.one_of(st.none(), st.integers(0, 640).map(lambda parts: parts / 64))
_COUNTS = st.one_of(st.none(), st.integers(0, 50))
# Minutes from now: anywhere in half a year, and close to the bounds of ranges.
_MINUTES = st.one_of(
    st.integers(-190 * DAY, 3 * DAY),
    st.builds(
        lambda days, minutes: days * DAY + minutes,
        st.sampled_from([0, -6, -7, -13, -14, -29, -30, -31, -59, -60, -89, -90, -179, -180, -500]),
        st.integers(-1500, 1500),
    ),
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, datetime, list[Document]]:
    zone = draw(st.sampled_from(ZONES))
    # From four o'clock on: before that, clocks that change make a time of day ambiguous.
    local = datetime(2026, 1, 1, 4, tzinfo=ZoneInfo(zone)) + timedelta(
        days=draw(st.integers(0, 364)), minutes=draw(st.integers(0, 19 * 60))
    )
    now = local.astimezone(UTC)
    items = st.builds(
        Item,
        at=st.one_of(st.none(), _MINUTES.map(lambda minutes: now + timedelta(minutes=minutes))),
        model=st.sampled_from(["gpt-5", "gpt-5-mini", "unknown"]),
        total_tokens=_COUNTS,
        cost=_COSTS,
        calls=st.integers(1, 5),
    )
    documents = st.builds(
        lambda user_id, items, totals: document(user_id, *items, **totals),
        st.text(min_size=1, max_size=3),
        st.lists(items, max_size=8, unique=True),
        st.fixed_dictionaries(
            {
                "total_calls": _COUNTS,
                "total_input_tokens": _COUNTS,
                "total_output_tokens": _COUNTS,
                "total_tokens": _COUNTS,
                "total_cost": _COSTS,
                "last_updated": st.one_of(st.none(), st.integers(0, 3).map(lambda hours: now - timedelta(hours=hours))),
            }
        ),
    )
    return zone, now, draw(st.lists(documents, max_size=6, unique_by=lambda each: each.user_id))

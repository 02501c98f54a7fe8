"""Usage documents of any kind, in any zone and at any time, and ledgers that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st
from tests.unit.builders import Document, Item, batch, document
from tests.unit.known import Known, Named

from usage_dash.documents.batch import EVERYTHING
from usage_dash.documents.people import PEOPLE
from usage_dash.ledger.choice import Choice
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import ALL_USERS, EVERYBODY, Scope
from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName

DAY = 24 * 60
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati", "Australia/Lord_Howe")
MODELS = ("gpt-5", "gpt-5-mini", "unknown")
TEAMS = ("", "Sales", "Support", "support")
PROPERTY = settings(max_examples=50)


def filled(ledger: Ledger, documents: Iterable[Document], people: Mapping[str, Named] | None = None) -> Ledger:
    """The ledger with these documents and people, and no history."""
    ledger.apply(batch(), within=EVERYTHING)
    ledger.apply(batch(*documents))
    ledger.take_people(told(people or {}))
    return ledger


def told(people: Mapping[str, Named]) -> pa.Table:
    """What a people file says."""
    return pa.Table.from_pylist([{"user_id": user, **each._asdict()} for user, each in people.items()], PEOPLE)


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
        model=st.sampled_from(MODELS),
        input_tokens=_COUNTS,
        output_tokens=_COUNTS,
        total_tokens=_COUNTS,
        cost=_COSTS,
        calls=st.integers(1, 5),
    )
    documents = st.builds(
        lambda user_id, items, totals, age: document(user_id, *items, created_at=_created(items, age), **totals),
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
        st.sampled_from([None, timedelta(hours=-1), timedelta(days=1), timedelta(days=1, minutes=1)]),
    )
    return zone, now, draw(st.lists(documents, max_size=6, unique_by=lambda each: each.user_id))


def _created(items: Iterable[Item], age: timedelta | None) -> datetime | None:
    """When a document was made that was so old at its first item."""
    first = min((item.at for item in items if item.at), default=None)
    return first and age and first - age


_PEOPLE = st.builds(
    Named,
    name=st.sampled_from(["", "ada", "Ada", "Émile", "zoë", "Bob"]),
    email=st.sampled_from(["", "ada@acme.example"]),
    team=st.sampled_from(TEAMS),
)


@dataclass(frozen=True)
class Asked:
    """Who asks what, when, of which documents and people."""

    zone: str
    now: datetime
    documents: list[Document]
    people: dict[str, Named]
    scope: Scope
    filters: Filters

    @property
    def seen(self) -> list[Document]:
        """The documents that the scope may see."""
        users = self.scope.users
        return [each for each in self.documents if users is ALL_USERS or each.user_id in users]

    @property
    def known(self) -> Known:
        return Known(self.seen, ZoneInfo(self.zone), self.filters, self.now, self.people)


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    zone, now, documents = draw(worlds())
    users = st.sets(st.sampled_from([*(each.user_id for each in documents), "stranger"])).map(frozenset)
    people = {each.user_id: draw(_PEOPLE) for each in documents if draw(st.booleans())}
    scope = draw(st.just(EVERYBODY) | st.builds(Scope, users))
    today = now.astimezone(ZoneInfo(zone)).date()
    filters = st.builds(
        Filters,
        range=st.sampled_from(RangeName) | _days(today),
        choice=st.builds(
            Choice,
            models=st.just(()) | st.sets(st.sampled_from([*MODELS, "gpt-0"]), min_size=1).map(_ordered),
            users=st.just(()) | users.map(_ordered),
            team=st.none() | st.sampled_from([*TEAMS, "Nowhere"]),
        ),
        by=st.none() | st.sampled_from(By),
        compare=st.sampled_from(Compare),
    )
    return Asked(zone, now, documents, people, scope, draw(filters))


def _days(today: date) -> st.SearchStrategy[Days]:
    """Some days until today."""
    back = st.integers(0, 40) | st.integers(0, 500)
    return st.builds(lambda end, length: Days(today - timedelta(end + length), today - timedelta(end)), back, back)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))

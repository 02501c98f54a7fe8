"""Usage documents of any kind, in any zone and at any time, and ledgers that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st
from tests.unit.builders import Document, Item, batch, document
from tests.unit.known import MEASURES, Growth, Known, Named

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
PROPERTY = settings(max_examples=25)  # each fills ledgers and asks them; every run draws others


class World(NamedTuple):
    """Documents in a zone and at a time, and how the ledger came to know them, if it was told when it read them."""

    zone: str
    now: datetime
    documents: list[Document]
    growth: Growth | None


def filled(
    ledger: Ledger,
    documents: Iterable[Document],
    people: Mapping[str, Named] | None = None,
    growth: Growth | None = None,
) -> Ledger:
    """The ledger with these documents and people, and no history but their growth."""
    ledger.apply(batch(), within=EVERYTHING)
    ledger.forget_gone()
    if growth:
        ledger.apply(batch(*growth.before), read_time=growth.since)
        ledger.apply(batch(*documents), EVERYTHING, read_time=growth.until, since=growth.since)
    else:
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
def worlds(draw: st.DrawFn) -> World:
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
    found = draw(st.lists(documents, max_size=6, unique_by=lambda each: each.user_id))
    if not draw(st.booleans()):
        return World(zone, now, found, None)
    gone = draw(st.integers(0, min(2, len(found))))
    until = now - timedelta(minutes=draw(st.integers(0, 90)))
    since = until - timedelta(minutes=draw(st.integers(1, 3 * DAY)))
    there = [_before(draw, each) for each in found[gone:] if draw(st.integers(0, 3))]
    return World(zone, now, found[gone:], Growth((*found[:gone], *there), since, until))


def _before(draw: st.DrawFn, now: Document) -> Document:
    """The document as it may have been: with fewer items, and counters that said less, more, nothing or the same."""
    grown = {
        name: change if change is None or said is None else max(said - change, 0)
        for name in MEASURES
        for said in [getattr(now, name)]
        for change in [draw(st.sampled_from([0, 0, 1, 1, 3, 8, -2, None]))]
    }
    return replace(now, items=now.items[: draw(st.integers(0, len(now.items)))], **grown)


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
    growth: Growth | None = None

    @property
    def seen(self) -> list[Document]:
        """The documents that the scope may see."""
        users = self.scope.users
        return [each for each in self.documents if users is ALL_USERS or each.user_id in users]

    @property
    def known(self) -> Known:
        sees_all = self.scope.users is ALL_USERS
        return Known(self.seen, ZoneInfo(self.zone), self.filters, self.now, self.people, self.growth, sees_all)

    @property
    def growth_seen(self) -> Growth | None:
        """How the documents grew that the scope may see; everybody's holds what those who are gone left."""
        return self.growth if self.scope.users is ALL_USERS else self.growth and self.growth.of(self.seen)

    def fill(self, ledger: Ledger) -> Ledger:
        """Put into the ledger what is there."""
        return filled(ledger, self.documents, self.people, self.growth)


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    zone, now, documents, growth = draw(worlds())
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
    return Asked(zone, now, documents, people, scope, draw(filters), growth)


def _days(today: date) -> st.SearchStrategy[Days]:
    """Some days until today."""
    back = st.integers(0, 40) | st.integers(0, 500)
    return st.builds(lambda end, length: Days(today - timedelta(end + length), today - timedelta(end)), back, back)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names))

"""The queries' questions, answered by going through documents in plain Python.

`Growth` is how the ledger came to know documents: by reading them twice, which tells what no entry explains, and what
users who have gone meanwhile left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.unit.builders import Document, Item

from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName, UserSort
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust_models import Trust
from usage_dash.reporting.view_models import Counts, ModelUsage, TeamUsage, TopUser

DAY = timedelta(days=1)
LENGTHS = {RangeName.WEEK: 7, RangeName.MONTH: 30, RangeName.QUARTER: 90}


class Named(NamedTuple):
    """What is known of a person."""

    name: str = ""
    email: str = ""
    team: str = ""


MEASURES = {  # of items, by the counters that they are compared with
    "total_calls": "calls",
    "total_input_tokens": "input_tokens",
    "total_output_tokens": "output_tokens",
    "total_tokens": "total_tokens",
    "total_cost": "cost",
}
NOT_ITEMISED = "Not itemised"
NOBODY = ""  # the id of no user


@dataclass(frozen=True)
class Entry:
    """What was used at a time that a clock on the wall showed: an entry unless it was `booked`, or is nobody's."""

    user_id: str
    wall: datetime
    item: Item
    booked: bool = False


@dataclass(frozen=True)
class Growth:
    """Documents as they were when first read, at `since`; at `until` all were read again, and some were gone."""

    before: tuple[Document, ...]
    since: datetime
    until: datetime

    def of(self, documents: Iterable[Document]) -> Growth:
        """The growth of these documents alone."""
        ids = {each.user_id for each in documents}
        return replace(self, before=tuple(each for each in self.before if each.user_id in ids))

    def with_items(self, are_kept: Callable[[Item], bool]) -> Growth:
        before = (replace(each, items=tuple(filter(are_kept, each.items))) for each in self.before)
        return replace(self, before=tuple(before))

    def was(self, user_id: str) -> Document | None:
        return next((each for each in self.before if each.user_id == user_id), None)

    def first_read(self, user_id: str, item: Item) -> datetime:
        was = self.was(user_id)
        return self.since if was and item in was.items else self.until

    def booked(self, now: Document) -> Item | None:
        """What the counters of a document grew by that no new entry explains."""
        was = self.was(now.user_id)
        if was is None:
            return None
        found = {measure: _booked(was, now, counter, measure) for counter, measure in MEASURES.items()}
        written = now.last_updated
        at = written if written and self.since < written <= self.until else self.until
        return Item(at, NOT_ITEMISED, **found) if any(found.values()) else None

    def gone(self, documents: Iterable[Document]) -> list[Document]:
        """Those who were there, and are not among the documents any more."""
        there = {each.user_id for each in documents}
        return [each for each in self.before if each.user_id not in there]


def _booked(was: Document, now: Document, counter: str, measure: str) -> Any:
    before, after = getattr(was, counter), getattr(now, counter)
    if before is None or after is None:
        return None
    due = (after - _held(now, measure)) - (before - _held(was, measure))
    return max(0, min(due, after - before))


def _held(document: Document, measure: str) -> Any:
    return sum(getattr(item, measure) or 0 for item in document.items)


def _opening(document: Document) -> Item | None:
    """What the counters of a document say beyond its entries; none where they say no more."""
    found = {
        measure: None if said is None else max(0, said - _held(document, measure))
        for counter, measure in MEASURES.items()
        for said in [getattr(document, counter)]
    }
    return Item(None, NOT_ITEMISED, **found) if any(found.values()) else None


def _together(items: list[Item]) -> Item:
    """Their sum, where all lack the same."""
    found = {measure: [getattr(item, measure) for item in items] for measure in MEASURES.values()}
    sums = {measure: None if None in values else sum(values) for measure, values in found.items()}
    return replace(items[0], at=None, **sums)


def cost(entries: list[Entry]) -> Sum:
    return added(each.item.cost for each in entries)


def calls(entries: list[Entry]) -> Sum:
    return added(each.item.calls for each in entries)


def tokens(entries: list[Entry]) -> Sum:
    return added(each.item.total_tokens for each in entries)


def input_tokens(entries: list[Entry]) -> Sum:
    return added(each.item.input_tokens for each in entries)


def output_tokens(entries: list[Entry]) -> Sum:
    return added(each.item.output_tokens for each in entries)


def active(entries: list[Entry]) -> Sum:
    return Sum(len({each.user_id for each in entries} - {NOBODY}))


def added(values: Iterable[float | None]) -> Sum:
    found = list(values)
    return Sum(sum(value for value in found if value is not None), found.count(None))


@dataclass(frozen=True)
class Known:
    """What should be shown of these documents; costs are multiples of 1/64, so that their sums are exact.

    `everybody` are the documents that may be seen. With `sees_all`, so is what those who are gone left behind.
    """

    everybody: list[Document]
    zone: ZoneInfo
    filters: Filters
    now: datetime
    people: Mapping[str, Named] = field(default_factory=dict)
    growth: Growth | None = None
    sees_all: bool = True

    @property
    def here(self) -> datetime:
        return self.now.astimezone(self.zone).replace(tzinfo=None)

    def named(self, user_id: str) -> Named:
        return self.people.get(user_id, Named())

    def left(self, *, users: bool = True, team: bool = True) -> list[Document]:
        """The documents that filters of these kinds leave."""
        choice = self.filters.choice
        return [
            each
            for each in self.everybody
            if not (users and choice.users) or each.user_id in choice.users
            if not team or choice.team is None or self.named(each.user_id).team == choice.team
        ]

    def chosen(self, *, models: bool = True) -> list[Document]:
        """The documents that the filters leave, with the items that they leave."""
        choice, left = self.filters.choice, self.left()
        if not (models and choice.models):
            return left
        kept = [replace(each, items=tuple(item for item in each.items if item.model in choice.models)) for each in left]
        return [each for each in kept if each.items]

    @property
    def documents(self) -> list[Document]:
        return self.chosen()

    def counted_at(self, user_id: str, item: Item) -> datetime | None:
        """When an entry counts: when it was first read, if it has no time or one after that."""
        times = [item.at, self.growth and self.growth.first_read(user_id, item)]
        return min((time for time in times if time), default=None)

    def on_the_wall(self, at: datetime) -> datetime:
        return at.astimezone(self.zone).replace(tzinfo=None)

    def spent(self, *, models: bool = True, users: bool = True, team: bool = True) -> list[Entry]:
        """What was used, so far as it has a day and filters of these kinds leave it."""
        choice = self.filters.choice
        found = [entry for each in self.left(users=users, team=team) for entry in self.used_by(each)]
        if not (users and choice.users) and not (team and choice.team):
            found += [Entry(NOBODY, datetime.combine(day, time()), item) for day, item in self.left_behind if day]
        return [each for each in found if not (models and choice.models) or each.item.model in choice.models]

    def used_by(self, each: Document) -> Iterator[Entry]:
        for item in each.items:
            if at := self.counted_at(each.user_id, item):
                yield Entry(each.user_id, self.on_the_wall(at), item)
        if booked := self.growth and self.growth.booked(each):
            assert booked.at
            yield Entry(each.user_id, self.on_the_wall(booked.at), booked, booked=True)

    @property
    def left_behind(self) -> list[tuple[date | None, Item]]:
        """What users who are gone left by day and model; what is unknown stands by itself."""
        parts: dict[Any, list[Item]] = {}
        for day, item in self._left_behind():
            lacking = tuple(getattr(item, measure) is None for measure in MEASURES.values())
            parts.setdefault((day, item.model, lacking), []).append(item)
        return [(day, _together(items)) for (day, _model, _lacking), items in parts.items()]

    def _left_behind(self) -> Iterator[tuple[date | None, Item]]:
        if self.growth is None or not self.sees_all:
            return
        for each in self.growth.gone(self.everybody):
            for item in each.items:
                at = self.counted_at(each.user_id, item)
                yield at and self.on_the_wall(at).date(), item
            if opening := _opening(each):
                yield None, opening

    @property
    def gone(self) -> list[Item]:
        """What is chosen of what users who are gone left, of any day and of none."""
        choice = self.filters.choice
        if choice.users or choice.team:
            return []
        return [item for _day, item in self.left_behind if not choice.models or item.model in choice.models]

    def within(self, spent: list[Entry]) -> list[Entry]:
        first, last = self.bounds
        return [each for each in spent if first <= each.wall.date() <= last]

    @property
    def shown(self) -> list[Entry]:
        return self.within(self.spent())

    @property
    def listed(self) -> list[Entry]:
        """Those of them that are somebody's entries."""
        return [each for each in self.shown if not each.booked and each.user_id != NOBODY]

    @property
    def bounds(self) -> tuple[date, date]:
        today, asked = self.here.date(), self.filters.range
        month = today.replace(day=1)
        if isinstance(asked, Days):
            return asked.first, asked.last
        if asked is RangeName.ALL:
            days = [each.wall.date() for each in self.spent()]
            return min((day for day in days if date(2020, 6, 1) <= day <= today), default=today), today
        if asked is RangeName.MONTH_TO_DATE:
            return month, today
        if asked is RangeName.LAST_MONTH:
            return month_before(month), month - DAY
        return today - (LENGTHS[asked] - 1) * DAY, today

    @property
    def compared(self) -> tuple[date, datetime] | None:
        """From which day until which time of clocks on the wall entries are compared with."""
        (first, last), asked, compare = self.bounds, self.filters.range, self.filters.compare
        if compare is Compare.NONE or asked is RangeName.ALL:
            return None
        if asked in {RangeName.MONTH_TO_DATE, RangeName.LAST_MONTH}:
            begin, end = month_before(first), first - DAY
            if asked is RangeName.LAST_MONTH or self.here.day > end.day:
                return begin, datetime.combine(end, time.max)
            return begin, self.here.replace(year=end.year, month=end.month)
        if compare is Compare.MONTH:
            begin, end = month_before(first), month_before(last)
        else:
            days = (last - first) + DAY
            begin, end = first - days, last - days
        return begin, datetime.combine(end, self.here.time() if last == self.here.date() else time.max)

    @property
    def before(self) -> list[Entry] | None:
        if self.compared is None:
            return None
        begin, until = self.compared
        return [each for each in self.spent() if begin <= each.wall.date() and each.wall <= until]

    @property
    def by(self) -> By:
        first, last = self.bounds
        days = (last - first).days + 1
        return self.filters.by or (By.DAY if days <= 92 else By.WEEK if days <= 731 else By.MONTH)

    @property
    def buckets(self) -> list[date]:
        first, last = self.bounds
        days = [first + number * DAY for number in range((last - first).days + 1)]
        return sorted({self.bucket(day) for day in days})

    def bucket(self, day: date) -> date:
        if self.by is By.WEEK:
            return date.fromisocalendar(*day.isocalendar()[:2], 1)
        return day.replace(day=1) if self.by is By.MONTH else day

    @property
    def cut(self) -> tuple[bool, bool]:
        """Whether the first and the last bucket are not whole."""
        (first, last), today = self.bounds, self.here.date()
        return self.bucket(first - DAY) == self.bucket(first), today == last or self.bucket(last + DAY) == self.bucket(
            last
        )

    def in_buckets(self, figure: Callable[[list[Entry]], Sum], entries: list[Entry]) -> tuple[Sum, ...]:
        holds = {
            bucket: [each for each in entries if self.bucket(each.wall.date()) == bucket] for bucket in self.buckets
        }
        return tuple(figure(held) for held in holds.values())

    def spark(self, figure: Callable[[list[Entry]], Sum], entries: list[Entry]) -> tuple[float | None, ...]:
        return tuple(each.least for each in self.in_buckets(figure, entries))

    @property
    def new(self) -> tuple[int, ...]:
        """How many users of each bucket are new in it."""
        return tuple(int(each.known) for each in self.in_buckets(active, list(filter(self.is_start, self.shown))))

    def is_start(self, entry: Entry) -> bool:
        """Whether all that is known of the user began in the entry's bucket."""
        if entry.user_id == NOBODY:
            return False
        each = next(each for each in self.everybody if each.user_id == entry.user_id)
        times = [item.at if booked else self.counted_at(each.user_id, item) for item, booked in self._items(each)]
        first = min(at for at in times if at and self.is_day(self.on_the_wall(at).date()))
        day = first.astimezone(self.zone).date()
        begin, end = self.bounds
        there_before = each.created_at is not None and first - each.created_at > DAY
        return begin <= day <= end and self.bucket(day) == self.bucket(entry.wall.date()) and not there_before

    def _items(self, each: Document) -> list[tuple[Item, bool]]:
        return [(entry.item, entry.booked) for entry in self.used_by(each)]

    def models_of(self, shown: list[Entry]) -> list[ModelUsage]:
        """Slots are left at 0, but for what is not itemised, which is last."""
        chosen = self.filters.choice.models
        by_model = {
            model: [each for each in shown if each.item.model == model] for model in {each.item.model for each in shown}
        }
        usage = [
            ModelUsage(
                model,
                -1 if model == NOT_ITEMISED else 0,
                cost(held),
                calls(held),
                tokens(held),
                chosen=not chosen or model in chosen,
            )
            for model, held in by_model.items()
        ]
        return sorted(usage, key=lambda each: (-each.slot, *dearest_first(each.cost), each.model))

    @property
    def models(self) -> list[ModelUsage]:
        return self.models_of(self.shown)

    @property
    def all_models(self) -> list[ModelUsage]:
        return self.models_of(self.within(self.spent(models=False)))

    @property
    def top_users(self) -> list[TopUser]:
        chosen, shown = self.filters.choice.users, self.within(self.spent(users=False))
        spent = {
            user: cost([each for each in shown if each.user_id == user])
            for user in {each.user_id for each in shown} - {NOBODY}
        }
        users = sorted(spent, key=lambda user: (*dearest_first(spent[user]), user))
        return [TopUser(user, self.named(user).name, spent[user], not chosen or user in chosen) for user in users]

    @property
    def teams(self) -> list[TeamUsage]:
        chosen = self.filters.choice.team
        members: dict[str, list[Entry]] = {}
        for each in self.within(self.spent(team=False)):
            members.setdefault(self.named(each.user_id).team, []).append(each)
        usage = [
            TeamUsage(team, cost(held), calls(held), tokens(held), int(active(held).known), chosen in {None, team})
            for team, held in members.items()
        ]
        return sorted(usage, key=lambda each: (*dearest_first(each.cost), each.team))

    @property
    def counts(self) -> Counts:
        teams = {self.named(each.user_id).team for each in self.shown}
        return Counts(
            len(self.documents), len(self.buckets), len(self.models), len(teams), len(self.listed), bool(self.gone)
        )

    def all_time(self, name: str) -> Sum:
        """What the documents' counters say, or their entries, and what users who are gone left."""
        left = added(getattr(item, _OF_ITEMS.get(name, name)) for item in self.gone)
        parts = [*(self.total(each, name) for each in self.documents), left]
        return Sum(sum(part.known for part in parts), sum(part.lacking for part in parts))

    def total(self, each: Document, name: str) -> Sum:
        """An all-time figure of a document: its counter, or where models are chosen what their entries add up to."""
        if self.filters.choice.models:
            return added(getattr(item, _OF_ITEMS.get(name, name)) for item in each.items)
        return counter(each, name)

    @property
    def users_with_usage(self) -> int:
        return sum(map(self.is_used, self.documents))

    def is_used(self, each: Document) -> bool:
        return bool(each.items or each.total_cost or each.total_calls or each.total_tokens)

    def is_day(self, day: date) -> bool:
        """Whether some range can hold it."""
        return date(2020, 6, 1) <= day <= self.here.date()

    def is_placed(self, user_id: str, item: Item) -> bool:
        """Whether some range can hold the entry."""
        at = self.counted_at(user_id, item)
        return at is not None and self.is_day(self.on_the_wall(at).date())

    @property
    def coverage(self) -> float | None:
        totalled = [each for each in self.chosen(models=False) if each.total_cost is not None]
        totals = sum(each.total_cost or 0 for each in totalled)
        return sum(map(self.explained, totalled)) / totals if totals else None

    def explained(self, each: Document) -> float:
        placed = sum(item.cost or 0 for item in each.items if self.is_placed(each.user_id, item))
        return min(placed, each.total_cost or 0)

    @property
    def exceeding(self) -> list[str]:
        """Those whose entries cost more than their total, the worst first."""
        excess = {
            each.user_id: sum(item.cost or 0 for item in each.items) - each.total_cost
            for each in self.chosen(models=False)
            if each.total_cost is not None
        }
        return [user for user in sorted(excess, key=lambda user: (-excess[user], user)) if excess[user] > 0]

    @property
    def trust(self) -> Trust:
        items = [item for each in self.documents for item in each.items]
        unplaced = [item for each in self.documents for item in each.items if not self.is_placed(each.user_id, item)]
        untimed = sum(self.counted_at(each.user_id, item) is None for each in self.documents for item in each.items)
        return Trust(
            coverage=self.coverage,
            untotalled=sum(counter(each, "cost").lacking for each in self.chosen(models=False)),
            exceeding=len(self.exceeding),
            exceeding_users=tuple(self.exceeding[:3]),
            untimed=untimed,
            misdated=len(unplaced) - untimed,
            unplaced_cost=added(item.cost for item in unplaced),
            uncosted=sum(item.cost is None for item in items),
            flawed_documents=0,
        )

    def of_user(self, user_id: str) -> list[Entry]:
        return [each for each in self.shown if each.user_id == user_id]

    def last_active(self, each: Document) -> datetime | None:
        if not self.is_used(each):
            return None
        placed = [item for item in each.items if self.is_placed(each.user_id, item)]
        booked = self.growth and self.growth.booked(each)
        if booked and not self.filters.choice.models:
            placed.append(booked)
        times = [item.at for item in placed if item.at and item.at <= self.now]
        return max(times, default=None if self.filters.choice.models else each.last_updated)

    def cost_per_call(self, each: Document) -> float | None:
        spent, calls = self.total(each, "cost").exact, self.total(each, "calls").exact
        return spent / calls if spent is not None and calls else None

    def sorted_users(self, sort: UserSort, *, descending: bool) -> list[str]:
        values: dict[UserSort, Callable[[Document], float | str | datetime | None]] = {
            UserSort.USER: lambda each: caseless(self.named(each.user_id).name or each.user_id),
            UserSort.TEAM: lambda each: caseless(self.named(each.user_id).team) or None,
            UserSort.COST: lambda each: self.total(each, "cost").least,
            UserSort.CALLS: lambda each: self.total(each, "calls").least,
            UserSort.TOKENS: lambda each: self.total(each, "tokens").least,
            UserSort.INPUT_TOKENS: lambda each: self.total(each, "input_tokens").least,
            UserSort.OUTPUT_TOKENS: lambda each: self.total(each, "output_tokens").least,
            UserSort.COST_PER_CALL: self.cost_per_call,
            UserSort.RANGE_COST: lambda each: cost(self.of_user(each.user_id)).least,
            UserSort.LAST_ACTIVE: self.last_active,
        }
        value = values[sort]
        by_id = sorted(self.documents, key=lambda each: each.user_id)
        # Python's sort keeps ties in their order, in reverse too.
        said = sorted((each for each in by_id if value(each) is not None), key=value, reverse=descending)
        return [each.user_id for each in [*said, *(each for each in by_id if value(each) is None)]]


_OF_ITEMS = {"tokens": "total_tokens"}


def month_before(day: date) -> date:
    """The same day of the month before, or its last."""
    end = day.replace(day=1) - DAY
    return end.replace(day=min(day.day, end.day))


def dearest_first(cost: Sum) -> tuple[bool, float]:
    return cost.least is None, -cost.known


def caseless(text: str) -> str:
    return "".join("i" if character == "İ" else character.lower() for character in text)


def counter(each: Document, name: str) -> Sum:
    """A counter of the document; the least that it can be, when the document does not say."""
    total = getattr(each, f"total_{name}")
    if total is not None:
        return Sum(total)
    if each.total_calls == 0 and not each.items:
        return Sum(0)
    return Sum(added(getattr(item, _OF_ITEMS.get(name, name)) for item in each.items).known, 1)

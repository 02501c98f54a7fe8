"""The queries' questions, answered by going through documents in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.unit.builders import Document, Item

from usage_dash.reporting.filters import RangeName, UserSort
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import ModelUsage, Trust

DAY = timedelta(days=1)
LENGTHS = {RangeName.WEEK: 7, RangeName.MONTH: 30, RangeName.QUARTER: 90}


@dataclass(frozen=True)
class Entry:
    """An entry with the time that a clock on the wall showed."""

    user_id: str
    wall: datetime
    item: Item


def cost(entries: list[Entry]) -> Sum:
    return added(each.item.cost for each in entries)


def calls(entries: list[Entry]) -> Sum:
    return added(each.item.calls for each in entries)


def tokens(entries: list[Entry]) -> Sum:
    return added(each.item.total_tokens for each in entries)


def active(entries: list[Entry]) -> Sum:
    return Sum(len({each.user_id for each in entries}))


def added(values: Iterable[float | None]) -> Sum:
    found = list(values)
    return Sum(sum(value for value in found if value is not None), found.count(None))


@dataclass(frozen=True)
class Known:
    """What should be shown of these documents; costs are multiples of 1/64, so that their sums are exact."""

    documents: list[Document]
    zone: ZoneInfo
    name: RangeName
    now: datetime

    @property
    def here(self) -> datetime:
        return self.now.astimezone(self.zone).replace(tzinfo=None)

    @property
    def entries(self) -> list[Entry]:
        return [
            Entry(each.user_id, item.at.astimezone(self.zone).replace(tzinfo=None), item)
            for each in self.documents
            for item in each.items
            if item.at
        ]

    @property
    def bounds(self) -> tuple[date, date]:
        today = self.here.date()
        if self.name is RangeName.ALL:
            days = [each.wall.date() for each in self.entries]
            return min((day for day in days if date(2020, 6, 1) <= day <= today), default=today), today
        if self.name is RangeName.MONTH_TO_DATE:
            return today.replace(day=1), today
        return today - (LENGTHS[self.name] - 1) * DAY, today

    @property
    def shown(self) -> list[Entry]:
        first, last = self.bounds
        return [each for each in self.entries if first <= each.wall.date() <= last]

    @property
    def before(self) -> list[Entry]:
        first, _ = self.bounds
        last, until = first - DAY, self.here.time()
        if self.name is not RangeName.MONTH_TO_DATE:
            begin = first - LENGTHS[self.name] * DAY
        else:
            begin = last.replace(day=1)
            last, until = (last.replace(day=self.here.day), until) if self.here.day <= last.day else (last, time.max)
        return [
            each for each in self.entries if begin <= each.wall.date() and each.wall <= datetime.combine(last, until)
        ]

    @property
    def buckets(self) -> list[date]:
        first, last = self.bounds
        days = [first + number * DAY for number in range((last - first).days + 1)]
        return sorted({self.bucket(day) for day in days})

    def bucket(self, day: date) -> date:
        first, last = self.bounds
        return day.replace(day=1) if (last - first).days + 1 > 400 else day

    def in_buckets(self, figure: Callable[[list[Entry]], Sum], entries: list[Entry]) -> tuple[Sum, ...]:
        holds = {
            bucket: [each for each in entries if self.bucket(each.wall.date()) == bucket] for bucket in self.buckets
        }
        return tuple(figure(held) for held in holds.values())

    def spark(self, figure: Callable[[list[Entry]], Sum], entries: list[Entry]) -> tuple[float | None, ...]:
        return tuple(each.least for each in self.in_buckets(figure, entries))

    @property
    def models(self) -> list[ModelUsage]:
        """Slots are left at -1."""
        by_model = {
            model: [each for each in self.shown if each.item.model == model]
            for model in {each.item.model for each in self.shown}
        }
        usage = [
            ModelUsage(model, -1, cost(held), int(calls(held).known), tokens(held)) for model, held in by_model.items()
        ]
        return sorted(usage, key=lambda each: (each.cost.least is None, -each.cost.known, each.model))

    @property
    def users_with_usage(self) -> int:
        return sum(map(is_used, self.documents))

    def is_placed(self, item: Item) -> bool:
        """Whether some range can hold the entry."""
        return item.at is not None and date(2020, 6, 1) <= item.at.astimezone(self.zone).date() <= self.here.date()

    @property
    def coverage(self) -> float | None:
        totalled = [each for each in self.documents if each.total_cost is not None]
        totals = sum(each.total_cost or 0 for each in totalled)
        return sum(map(self.explained, totalled)) / totals if totals else None

    def explained(self, each: Document) -> float:
        placed = sum(item.cost or 0 for item in each.items if self.is_placed(item))
        return min(placed, each.total_cost or 0)

    @property
    def exceeding(self) -> list[str]:
        """Those whose entries cost more than their total, the worst first."""
        excess = {
            each.user_id: sum(item.cost or 0 for item in each.items) - each.total_cost
            for each in self.documents
            if each.total_cost is not None
        }
        return [user for user in sorted(excess, key=lambda user: (-excess[user], user)) if excess[user] > 0]

    @property
    def trust(self) -> Trust:
        items = [item for each in self.documents for item in each.items]
        unplaced = [item for item in items if not self.is_placed(item)]
        untimed = sum(item.at is None for item in items)
        return Trust(
            coverage=self.coverage,
            untotalled=sum(counter(each, "cost").lacking for each in self.documents),
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
        if not is_used(each):
            return None
        times = [item.at for item in each.items if item.at and self.is_placed(item) and item.at <= self.now]
        return max(times, default=each.last_updated)

    def sorted_users(self, sort: UserSort, *, descending: bool) -> list[str]:
        values: dict[UserSort, Callable[[Document], float | str | datetime | None]] = {
            UserSort.USER: lambda each: each.user_id,
            UserSort.COST: lambda each: counter(each, "cost").least,
            UserSort.CALLS: lambda each: counter(each, "calls").least,
            UserSort.TOKENS: lambda each: counter(each, "tokens").least,
            UserSort.INPUT_TOKENS: lambda each: counter(each, "input_tokens").least,
            UserSort.OUTPUT_TOKENS: lambda each: counter(each, "output_tokens").least,
            UserSort.COST_PER_CALL: cost_per_call,
            UserSort.RANGE_COST: lambda each: cost(self.of_user(each.user_id)).least,
            UserSort.LAST_ACTIVE: self.last_active,
        }
        value = values[sort]
        by_id = sorted(self.documents, key=lambda each: each.user_id)
        # Python's sort keeps ties in their order, in reverse too.
        said = sorted((each for each in by_id if value(each) is not None), key=value, reverse=descending)
        return [each.user_id for each in [*said, *(each for each in by_id if value(each) is None)]]


def is_used(each: Document) -> bool:
    return bool(each.items or each.total_cost or each.total_calls or each.total_tokens)


def counter(each: Document, name: str) -> Sum:
    """A counter of the document; the least that it can be, when the document does not say."""
    total = getattr(each, f"total_{name}")
    if total is not None:
        return Sum(total)
    if each.total_calls == 0 and not each.items:
        return Sum(0)
    field = "total_tokens" if name == "tokens" else name
    return Sum(added(getattr(item, field) for item in each.items).known, 1)


def cost_per_call(each: Document) -> float | None:
    spent, calls = counter(each, "cost").exact, counter(each, "calls").exact
    return spent / calls if spent is not None and calls else None

"""The queries' questions, answered by going through documents in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tests.unit.builders import Document, Item

from usage_dash.reporting.filters import RangeName, UserSort
from usage_dash.reporting.view_models import ModelUsage

DAY = timedelta(days=1)
LENGTHS = {RangeName.WEEK: 7, RangeName.MONTH: 30, RangeName.QUARTER: 90}


@dataclass(frozen=True)
class Entry:
    """An entry with the time that a clock on the wall showed."""

    user_id: str
    wall: datetime
    item: Item


def cost(entries: list[Entry]) -> float:
    return sum(each.item.cost or 0 for each in entries)


def calls(entries: list[Entry]) -> float:
    return sum(each.item.calls for each in entries)


def tokens(entries: list[Entry]) -> float:
    return sum(each.item.total_tokens or 0 for each in entries)


def active(entries: list[Entry]) -> float:
    return len({each.user_id for each in entries})


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

    def spark(self, figure: Callable[[list[Entry]], float], entries: list[Entry]) -> tuple[float, ...]:
        holds = {
            bucket: [each for each in entries if self.bucket(each.wall.date()) == bucket] for bucket in self.buckets
        }
        return tuple(figure(held) for held in holds.values())

    @property
    def models(self) -> list[ModelUsage]:
        """Slots are left at -1."""
        by_model = {
            model: [each for each in self.shown if each.item.model == model]
            for model in {each.item.model for each in self.shown}
        }
        usage = [
            ModelUsage(model, -1, cost(held), int(calls(held)), int(tokens(held))) for model, held in by_model.items()
        ]
        return sorted(usage, key=lambda each: (-each.cost, each.model))

    @property
    def users_with_usage(self) -> int:
        return sum(
            bool(each.items or any(total for total in (each.total_cost, each.total_calls, each.total_tokens)))
            for each in self.documents
        )

    @property
    def coverage(self) -> float | None:
        totals = sum(each.total_cost or 0 for each in self.documents)
        itemised = sum(item.cost or 0 for each in self.documents for item in each.items)
        return itemised / totals if totals else None

    def of_user(self, user_id: str) -> list[Entry]:
        return [each for each in self.shown if each.user_id == user_id]

    def last_active(self, each: Document) -> datetime | None:
        return each.last_updated or max((item.at for item in each.items if item.at), default=None)

    def sorted_users(self, sort: UserSort, *, descending: bool) -> list[str]:
        values: dict[UserSort, Callable[[Document], float | str | datetime | None]] = {
            UserSort.USER: lambda each: each.user_id,
            UserSort.COST: lambda each: each.total_cost,
            UserSort.CALLS: lambda each: each.total_calls,
            UserSort.TOKENS: lambda each: each.total_tokens,
            UserSort.INPUT_TOKENS: lambda each: each.total_input_tokens,
            UserSort.OUTPUT_TOKENS: lambda each: each.total_output_tokens,
            UserSort.COST_PER_CALL: cost_per_call,
            UserSort.RANGE_COST: lambda each: range_cost(self.of_user(each.user_id)),
            UserSort.LAST_ACTIVE: self.last_active,
        }
        value = values[sort]
        by_id = sorted(self.documents, key=lambda each: each.user_id)
        # Python's sort keeps ties in their order, in reverse too.
        said = sorted((each for each in by_id if value(each) is not None), key=value, reverse=descending)
        return [each.user_id for each in [*said, *(each for each in by_id if value(each) is None)]]


def range_cost(entries: list[Entry]) -> float | None:
    return None if entries and all(each.item.cost is None for each in entries) else cost(entries)


def cost_per_call(each: Document) -> float | None:
    return each.total_cost / each.total_calls if each.total_cost is not None and each.total_calls else None

"""View models as the queries would give them, for tests of what is drawn from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.trust_models import Trust
from usage_dash.reporting.user_models import EntryRow, UserDetail, UserRow, UsersPage
from usage_dash.reporting.view_models import Figure, ModelSeries, ModelUsage, Overview, Range, Spent, Timeline

NOW = datetime(2026, 11, 24, 11, 30, tzinfo=UTC)
DAYS = tuple(date(2026, 11, 18) + timedelta(days=number) for number in range(7))


def split(models: int) -> tuple[ModelUsage, ...]:
    """Models m0, m1, … each cheaper than the one before."""
    return tuple(
        ModelUsage(f"m{n}", slot=n, cost=Sum(100.0 / (n + 1)), calls=Sum(10 * (n + 1)), tokens=Sum(1_000))
        for n in range(models)
    )


def not_itemised(cost: float = 3.5, calls: int = 7, *, chosen: bool = True) -> ModelUsage:
    """What no entry explains."""
    return ModelUsage("Not itemised", slot=-1, cost=Sum(cost), calls=Sum(calls), tokens=Sum(700), chosen=chosen)


def partly_itemised(models: int) -> Timeline:
    """The timeline with fifty cents and a call a day, 100 tokens, that no entry explains."""
    whole = timeline(models)
    rest = ModelSeries("Not itemised", -1, (Sum(0.5),) * 7)
    spent = Spent(cost=Sum(0.5), calls=Sum(1), tokens=Sum(100), input_tokens=Sum(80), output_tokens=Sum(20))
    costs = tuple(Sum(cost.known + 0.5) for cost in whole.cost)
    return replace(whole, cost=costs, models=(*whole.models, rest), not_itemised=(spent,) * 7)


def timeline(models: int) -> Timeline:
    series = tuple(ModelSeries(usage.model, usage.slot, (Sum(usage.cost.known / 7),) * 7) for usage in split(models))
    costs = tuple(total(one.cost[day] for one in series) for day in range(7))
    calls = (total(usage.calls for usage in split(models)),) * 7
    return Timeline(
        days=DAYS,
        bucket=By.DAY,
        cost=costs,
        calls=calls,
        models=series,
        tokens=(Sum(1_000),) * 7,
        input_tokens=(Sum(800),) * 7,
        output_tokens=(Sum(200),) * 7,
        active=(3,) * 7,
        new=(1,) + (0,) * 6,
    )


def overview() -> Overview:
    spark = (1.0, 2.0, 3.0)
    return Overview(
        range=Range(DAYS[0], DAYS[-1], "in 7 days"),
        cost=Figure(Sum(18_204.61), Sum(1_939.54), Sum(1_725.57), spark),
        calls=Figure(Sum(612_480), Sum(59_523), Sum(59_523), spark),
        tokens=Figure(Sum(1_840_000_000), Sum(214_600_000), Sum(221_700_000), spark),
        active_users=Figure(Sum(1_284), Sum(362), Sum(341), spark),
    )


def trust() -> Trust:
    return Trust(
        coverage=0.94,
        untotalled=0,
        exceeding=0,
        exceeding_users=(),
        untimed=0,
        misdated=0,
        unplaced_cost=Sum(),
        uncosted=0,
        flawed_documents=2,
    )


def all_time() -> Overview:
    """The range “all”, which nothing preceded."""
    seen = overview()
    figures = {
        name: replace(getattr(seen, name), previous=None) for name in ("cost", "calls", "tokens", "active_users")
    }
    return replace(seen, range=replace(seen.range, label="in all"), **figures)


def user(user_id: str = "maria.oduya") -> UserRow:
    return UserRow(
        user_id=user_id,
        cost=Sum(2_841.22),
        share=0.156,
        calls=Sum(88_135),
        tokens=Sum(222_100_000),
        input_tokens=Sum(167_500_000),
        output_tokens=Sum(54_600_000),
        cost_per_call=0.0322,
        range_cost=Sum(120.5),
        spark=(1.0, 0.0, 2.0),
        last_active=NOW - timedelta(minutes=51),
    )


def unknown_user() -> UserRow:
    """A document that says nothing but its id."""
    unknown = Sum(0, lacking=1)
    return UserRow("ghost", unknown, None, unknown, unknown, unknown, unknown, None, Sum(), (0.0, 0.0), None)


def users_page(*rows: UserRow, total: int | None = None, page: int = 0) -> UsersPage:
    return UsersPage(rows, len(rows) if total is None else total, page, 10, top_share=0.312)


def detail(user_id: str = "maria.oduya", *, model: str = "gpt-5.2", entries: int = 100) -> UserDetail:
    entry = EntryRow(NOW, model, 0, 1_224, 943, 0.0428, 3)
    return UserDetail(
        user_id=user_id,
        first_seen=datetime(2026, 2, 3, 8, tzinfo=UTC),
        top_model=model,
        top_model_share=0.71,
        tokens_per_call=2_540.0,
        entries_total=entries,
        unplaced=0,
        uncosted=0,
        coverage=0.18,
        entries=(entry, EntryRow(None, "unknown", 1, None, None, None, 1))[:entries],
        page=0,
        page_size=20,
    )

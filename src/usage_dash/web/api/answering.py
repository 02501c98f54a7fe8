"""The page's questions, answered in the API's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypedDict

from usage_dash.money import unusual_days
from usage_dash.money.budgets import Standing
from usage_dash.money.forecast import Forecast
from usage_dash.money.unusual import Behind, UnusualDay
from usage_dash.money.words import last_day
from usage_dash.reporting import queries, top, trust
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.filters import Filters
from usage_dash.reporting.person import Amounts
from usage_dash.reporting.person import Person as KnownPerson
from usage_dash.reporting.price_band import SameTokens
from usage_dash.reporting.ranges import end_of
from usage_dash.reporting.spans import range_shown
from usage_dash.reporting.stretches import Stretch
from usage_dash.reporting.user_models import Gone, ListedEntry, UserRow
from usage_dash.reporting.users import users_gone
from usage_dash.reporting.view_models import Figure, ModelUsage, Overview, Range, Timeline
from usage_dash.web.api import shapes
from usage_dash.web.api.shapes import Cost, CostFigure, Count, CountFigure, Days


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a moment of data that is as of `data_time`."""

    moment: Moment
    filters: Filters
    data_time: datetime


class _Head(TypedDict):
    data_time: datetime
    time_zone: str
    range: Days


class _UnusualDay(TypedDict):
    day: date
    so_far: bool
    cost: float
    at_least: bool
    usual: float
    compared: int
    parts: list[shapes.Part]
    users: list[shapes.Behind]
    teams: list[shapes.Behind]
    models: list[shapes.Behind]


class _Figures(_Head):
    compared: Days | None
    itemised: bool
    cost: CostFigure
    calls: CountFigure
    tokens: CountFigure
    active_users: CountFigure
    coverage: float | None


def figures(asked: Asked) -> shapes.Figures:
    """Return the figures of the cards."""
    return shapes.Figures(**_figures(asked))


def line(asked: Asked) -> shapes.Line:
    """Return figures over time."""
    found, shown = queries.timeline(asked.moment, asked.filters), range_shown(asked.moment, asked.filters)
    return shapes.Line(
        **_head(asked),
        by=found.bucket,
        buckets=[_bucket(found, number, shown) for number in range(len(found.days))],
        models=[
            shapes.ModelLine(model=series.model, itemised=series.itemised, cost=list(map(Cost.of, series.cost)))
            for series in found.models
        ],
    )


def models(asked: Asked) -> shapes.Models:
    """Return the models of the range."""
    return shapes.Models(**_head(asked), models=_models(queries.model_split(asked.moment, asked.filters)))


def teams(asked: Asked) -> shapes.Teams:
    """Return the teams of the range."""
    found = [
        shapes.TeamFigures(
            team=team.team,
            cost=Cost.of(team.cost),
            calls=Count.of(team.calls),
            tokens=Count.of(team.tokens),
            active_users=team.users,
        )
        for team in top.teams(asked.moment, asked.filters)
        if team.chosen
    ]
    return shapes.Teams(**_head(asked), teams=found)


def unusual(asked: Asked) -> shapes.Unusual:
    """Return the unusual days and users of the range."""
    shown = range_shown(asked.moment, asked.filters)
    found = unusual_days.unusual(asked.moment, shown.first, shown.last)
    return shapes.Unusual(
        **_head(asked),
        since=found.since,
        days=[shapes.UnusualDay(**_unusual(each)) for each in found.days],
        users=[shapes.UnusualUser(**_unusual(each.on), user_id=each.user_id) for each in found.users],
    )


def users(asked: Asked, found: Stretch[UserRow], next_: str | None) -> shapes.Users:
    """Return some of the users."""
    gone = users_gone(asked.moment, range_shown(asked.moment, asked.filters))
    return shapes.Users(
        **_head(asked),
        total=found.total,
        users=list(map(_user, found.rows)),
        gone=_gone(gone) if gone else None,
        next=next_,
    )


def entries(asked: Asked, found: Stretch[ListedEntry], next_: str | None) -> shapes.Entries:
    """Return some of the entries."""
    return shapes.Entries(**_head(asked), total=found.total, entries=list(map(_entry, found.rows)), next=next_)


def person(asked: Asked, found: KnownPerson, same: SameTokens, *, findings: bool) -> shapes.Person:
    """Return one user, with what the `same` tokens would cost elsewhere, and for who may see them the `findings`."""
    return shapes.Person(
        **_figures(asked),
        user_id=found.user_id,
        name=found.name or None,
        email=found.email or None,
        team=found.team,
        first_seen=found.first_seen,
        last_active=found.last_active,
        share=found.standing.share,
        rank=found.standing.rank,
        users=found.standing.of,
        models=_models(found.models),
        same_tokens_on=[
            shapes.SameTokens(model=each.model, least=each.bounds.least, most=each.bounds.most) for each in same.on
        ],
        document=shapes.Document(
            bytes=found.size.octets,
            entries=found.size.entries,
            trimmed=found.size.trimmed,
            counters=_amounts(found.coverage.counters),
            explained=_amounts(found.coverage.entries),
        ),
        findings=[
            shapes.Finding(field=each.field, problem=each.problem, action=each.action, places=each.count)
            for each in found.findings
        ]
        if findings
        else None,
    )


def budgets(found: Sequence[Standing], today: date, zone: str, data_time: datetime) -> shapes.Budgets:
    """Return how budgets stand in the month of `today`."""
    return shapes.Budgets(
        data_time=data_time,
        time_zone=zone,
        month=Days(first=today.replace(day=1), last=last_day(today)),
        budgets=list(map(_budget, found)),
    )


def _head(asked: Asked) -> _Head:
    shown = range_shown(asked.moment, asked.filters)
    return {"data_time": asked.data_time, "time_zone": asked.moment.zone.key, "range": _days(shown)}


def _figures(asked: Asked) -> _Figures:
    found: Overview = queries.overview(asked.moment, asked.filters)
    return {
        **_head(asked),
        "compared": _days(found.compared) if found.compared else None,
        "itemised": found.itemised,
        "cost": _cost_figure(found.cost),
        "calls": _count_figure(found.calls),
        "tokens": _count_figure(found.tokens),
        "active_users": _count_figure(found.active_users),
        "coverage": trust.trust(asked.moment).coverage,
    }


def _unusual(found: UnusualDay) -> _UnusualDay:
    return {
        "day": found.day,
        "so_far": found.so_far,
        "cost": found.cost,
        "at_least": found.at_least,
        "usual": found.usual,
        "compared": found.compared,
        "parts": [shapes.Part(factor=each.factor, dollars=each.dollars) for each in found.parts],
        "users": _behind(found.users),
        "teams": _behind(found.teams),
        "models": _behind(found.models),
    }


def _behind(found: Iterable[Behind]) -> list[shapes.Behind]:
    return [shapes.Behind(name=each.name, dollars=each.dollars, share=each.share) for each in found]


def _days(found: Range) -> Days:
    return Days(first=found.first, last=found.last)


def _cost_figure(found: Figure) -> CostFigure:
    previous = Cost.of(found.previous) if found.previous else None
    return CostFigure(total=Cost.of(found.total), in_range=Cost.of(found.in_range), previous=previous)


def _count_figure(found: Figure) -> CountFigure:
    previous = Count.of(found.previous) if found.previous else None
    return CountFigure(total=Count.of(found.total), in_range=Count.of(found.in_range), previous=previous)


def _bucket(found: Timeline, number: int, shown: Range) -> shapes.Bucket:
    first = found.days[number]
    return shapes.Bucket(
        first=max(first, shown.first),
        last=min(end_of(first, found.bucket), shown.last),
        cost=Cost.of(found.cost[number]),
        calls=Count.of(found.calls[number]),
        tokens=Count.of(found.tokens[number]),
        input_tokens=Count.of(found.input_tokens[number]),
        output_tokens=Count.of(found.output_tokens[number]),
        active_users=found.active[number],
        new_users=found.new[number],
    )


def _models(found: Iterable[ModelUsage]) -> list[shapes.Model]:
    return [
        shapes.Model(
            model=each.model,
            itemised=each.itemised,
            variants=list(each.variants),
            cost=Cost.of(each.cost),
            calls=Count.of(each.calls),
            tokens=Count.of(each.tokens),
        )
        for each in found
    ]


def _amounts(found: Amounts) -> shapes.Counters:
    return shapes.Counters(cost=Cost.of(found.cost), calls=Count.of(found.calls), tokens=Count.of(found.tokens))


def _gone(found: Gone) -> shapes.Gone:
    return shapes.Gone(
        cost=Cost.of(found.cost),
        calls=Count.of(found.calls),
        tokens=Count.of(found.tokens),
        input_tokens=Count.of(found.input_tokens),
        output_tokens=Count.of(found.output_tokens),
        range_cost=Cost.of(found.range_cost),
    )


def _budget(found: Standing) -> shapes.Budget:
    return shapes.Budget(
        kind=found.kind,
        name=found.name or None,
        limit=found.limit,
        spent=Cost.of(found.spent),
        outcome=found.outcome,
        ends=found.ends,
        forecast=_forecast(found.forecast) if found.forecast else None,
    )


def _forecast(found: Forecast) -> shapes.Forecast:
    return shapes.Forecast(
        month=Cost.of(found.month),
        low=found.low,
        high=found.high,
        pace=Cost.of(found.pace) if found.pace else None,
        weeks=found.weeks,
    )


def _user(found: UserRow) -> shapes.User:
    return shapes.User(
        user_id=found.user_id,
        name=found.name or None,
        team=found.team,
        cost=Cost.of(found.cost),
        share=found.share,
        calls=Count.of(found.calls),
        tokens=Count.of(found.tokens),
        input_tokens=Count.of(found.input_tokens),
        output_tokens=Count.of(found.output_tokens),
        cost_per_call=found.cost_per_call,
        range_cost=Cost.of(found.range_cost),
        last_active=found.last_active,
    )


def _entry(found: ListedEntry) -> shapes.Entry:
    return shapes.Entry(
        at=found.at,
        day=found.day,
        user_id=found.user_id,
        model=found.model,
        cost=found.cost,
        calls=found.calls,
        tokens=found.tokens,
        input_tokens=found.input_tokens,
        output_tokens=found.output_tokens,
    )

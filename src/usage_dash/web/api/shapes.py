"""What the API answers, as models of which its description is made. What is unknown is null, and never 0."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from usage_dash.money.budgets import Kind, Outcome
from usage_dash.money.decomposition import Factor
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum
from usage_dash.sync.state import Phase

Lacking = Annotated[int, Field(ge=0, description="How many of its parts are unknown.")]
Share = Annotated[float | None, Field(ge=0, description="From 0 to 1; null where it is unknown.")]
Name = Annotated[str | None, Field(description="Null where it is not known.")]
Team = Annotated[str, Field(description="Empty: in no team.")]
Calls = Annotated[int, Field(ge=0)]


class Shape(BaseModel):
    """What all models share: nothing stands in an answer that is not described."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Cost(Shape):
    """US dollars. `exact` is null where a part is unknown; `least` is what is known, null where that is nothing."""

    exact: float | None = Field(ge=0)
    least: float | None = Field(ge=0)
    lacking: Lacking

    @classmethod
    def of(cls, found: Sum) -> Cost:
        """Return a sum of dollars."""
        return cls(exact=found.exact, least=found.least, lacking=found.lacking)


class Count(Shape):
    """A number. `exact` is null where a part is unknown; `least` is what is known, null where that is nothing."""

    exact: int | None = Field(ge=0)
    least: int | None = Field(ge=0)
    lacking: Lacking

    @classmethod
    def of(cls, found: Sum) -> Count:
        """Return a sum of whole numbers."""
        return cls(exact=_whole(found.exact), least=_whole(found.least), lacking=found.lacking)


class Days(Shape):
    """Reporting days, both included."""

    first: date
    last: date


class CostFigure(Shape):
    """Dollars all-time, in the range, and in what it is compared with, up to the same time; null for nothing."""

    total: Cost
    in_range: Cost
    previous: Cost | None


class CountFigure(Shape):
    """A number all-time, in the range, and in what it is compared with, up to the same time; null for nothing."""

    total: Count
    in_range: Count
    previous: Count | None


class Answer(Shape):
    """What all answers say: of when the data is, and in which zone reporting days begin."""

    data_time: datetime
    time_zone: str


class AnswerOfRange(Answer):
    """An answer about a range."""

    range: Days


class Figures(AnswerOfRange):
    """The figures of the cards.

    `itemised`: models are chosen, so that totals are from entries too. `coverage` is the share of the total cost that
    entries explain.
    """

    compared: Days | None = Field(description="The days that the range is compared with.")
    itemised: bool
    cost: CostFigure
    calls: CountFigure
    tokens: CountFigure
    active_users: CountFigure
    coverage: Share


class Bucket(Shape):
    """A day, week or month, as far as it is in the range."""

    first: date
    last: date
    cost: Cost
    calls: Count
    tokens: Count
    input_tokens: Count
    output_tokens: Count
    active_users: int = Field(ge=0)
    new_users: int = Field(ge=0, description="Active users whose first known usage is in it.")


Itemised = Annotated[bool, Field(description="False for what no entry explains, which is no model’s and comes last.")]


class ModelLine(Shape):
    """What a model cost in each bucket."""

    model: str
    itemised: Itemised
    cost: list[Cost]


class Line(AnswerOfRange):
    """Figures over time; models are the dearest first, and as long as the buckets."""

    by: By
    buckets: list[Bucket]
    models: list[ModelLine]


class Model(Shape):
    """A model in the range; `variants` are its names as they were written, where names are read as families."""

    model: str
    itemised: Itemised
    variants: list[str]
    cost: Cost
    calls: Count
    tokens: Count


class Models(AnswerOfRange):
    """The models of the range, the dearest first."""

    models: list[Model]


class TeamFigures(Shape):
    """A team in the range. What users who are gone left behind is in no team, and nobody’s."""

    team: Team
    cost: Cost
    calls: Count
    tokens: Count
    active_users: int = Field(ge=0)


class Teams(AnswerOfRange):
    """The teams of the range, the dearest first."""

    teams: list[TeamFigures]


class Part(Shape):
    """What of a change is by one factor: negative where it made for less."""

    factor: Factor
    dollars: float


class Behind(Shape):
    """What a user (by id), a team or a model cost more than usual, and the share of the day's change that is."""

    name: str
    dollars: float = Field(ge=0)
    share: float = Field(ge=0, description="Above 1 where others cost less than usual.")


class UnusualDay(Shape):
    """A day that cost far more than is usual for its weekday. `parts` add up to what it cost more.

    What was booked over more than a day is left out of its cost, as it may be of another.
    """

    day: date
    so_far: bool = Field(description="It is today, and goes on.")
    cost: float = Field(ge=0, description="US dollars.")
    at_least: bool = Field(description="A part of the cost is unknown.")
    usual: float = Field(ge=0, description="The median of the days that it is compared with.")
    compared: int = Field(ge=1, description="How many days that are.")
    parts: list[Part]
    users: list[Behind] = Field(description="Who is behind it, at most three; so with teams and models.")
    teams: list[Behind]
    models: list[Behind]


class UnusualUser(UnusualDay):
    """A user's day that cost far more than is usual for that user."""

    user_id: str


class Unusual(AnswerOfRange):
    """What is unusual in the range, the latest first; users are told of its last two weeks."""

    since: date | None = Field(description="The first of these days that could be judged; null where none could.")
    days: list[UnusualDay]
    users: list[UnusualUser]


class User(Shape):
    """A user: all-time figures, and the cost in the range."""

    user_id: str
    name: Name
    team: Team
    cost: Cost
    share: Share
    calls: Count
    tokens: Count
    input_tokens: Count
    output_tokens: Count
    cost_per_call: float | None = Field(ge=0)
    range_cost: Cost
    last_active: datetime | None


Total = Annotated[int, Field(ge=0, description="How many there are in all.")]
Next = Annotated[str | None, Field(description="Where the list goes on; null at its end.")]


class Gone(Shape):
    """What users who are gone left behind: all-time figures, and the cost in the range."""

    cost: Cost
    calls: Count
    tokens: Count
    input_tokens: Count
    output_tokens: Count
    range_cost: Cost


class Users(AnswerOfRange):
    """Some of the users, and what those who are gone left behind: together they are the figures of `overview`."""

    total: Total
    users: list[User]
    gone: Gone | None = Field(description="Null for nothing, and for who may not see everybody.")
    next: Next


class Counters(Shape):
    """What a document's counters say, or its entries."""

    cost: Cost
    calls: Count
    tokens: Count


class Document(Shape):
    """A usage document: its size as Firestore counts it, its entries, and those that it no longer holds."""

    bytes: int | None = Field(ge=0, description="Null where the source does not say; 1,048,576 are its limit.")
    entries: int = Field(ge=0)
    trimmed: int = Field(ge=0)
    counters: Counters
    explained: Counters = Field(description="What its entries that are in some range add up to.")


class Finding(Shape):
    """What was wrong in a document, and what was done about it, in so many places."""

    field: str
    problem: str
    action: str
    places: int = Field(ge=1)


class SameTokens(Shape):
    """What a range's tokens would cost on a model at today's list price, from all input cached to none."""

    model: str
    least: float = Field(ge=0, description="US dollars.")
    most: float = Field(ge=0, description="US dollars.")


class Person(Figures):
    """One user."""

    user_id: str
    name: Name
    email: Name
    team: Team
    first_seen: datetime | None
    last_active: datetime | None
    share: Share
    rank: int | None = Field(ge=1, description="By all-time cost; null where somebody's is unknown.")
    users: int = Field(ge=1, description="How many users that is of.")
    models: list[Model]
    same_tokens_on: list[SameTokens] = Field(description="The cheapest first; models that the team has used.")
    document: Document
    findings: list[Finding] | None = Field(description="Null for who may not see them.")


class Entry(Shape):
    """One known entry of a user's document. It counts on `day`: of no or a future time, when it was first read."""

    at: datetime | None = Field(description="Null where its time cannot be read.")
    day: date
    user_id: str
    model: str
    cost: float | None = Field(ge=0, description="US dollars.")
    calls: Calls
    tokens: int | None = Field(ge=0)
    input_tokens: int | None = Field(ge=0)
    output_tokens: int | None = Field(ge=0)


class Entries(AnswerOfRange):
    """Some of the entries, the newest first."""

    total: Total
    entries: list[Entry]
    next: Next


class Forecast(Shape):
    """What a month will cost in all; it is meant to lie from `low` to `high` in eight of ten months.

    `pace` is what it would cost if all of its days cost as much as the whole ones so far.
    """

    month: Cost
    low: float | None = Field(ge=0, description="US dollars; null where costs are unknown.")
    high: float | None = Field(ge=0, description="US dollars; null where costs are unknown.")
    pace: Cost | None = Field(description="Null on the first day.")
    weeks: int = Field(ge=2, description="How many weeks it looks back at.")


class Budget(Shape):
    """A month's budget of everybody, of a team or of a user."""

    kind: Kind
    name: str | None = Field(description="The team’s name, or the user’s id; null for everybody’s.")
    limit: float = Field(gt=0, description="US dollars a month.")
    spent: Cost
    outcome: Outcome = Field(description="How it will do, as far as is known.")
    ends: date | None = Field(description="The day on which it was used up, or will be; null for not this month.")
    forecast: Forecast | None = Field(description="Null under two weeks of usage.")


class Budgets(Answer):
    """Budgets of this month, everybody’s first, then by danger; for who sees only their own usage, their allowance."""

    month: Days
    budgets: list[Budget]


class Status(Shape):
    """How the data is: `live`, `stale` while the source fails, `loading` and `error` before there is any."""

    phase: Phase
    data_time: datetime | None
    problem: str | None = Field(description="Why newer data cannot be had.")
    retry_at: datetime | None
    users: int = Field(ge=0, description="How many users there are to be seen.")
    time_zone: str
    today: date = Field(description="The reporting day.")
    version: str = Field(description="Of usage-dash.")


class Problem(Shape):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str = Field(description="One sentence for people.")
    errors: list[str] = Field(default=[], description="What of the query string cannot be.")


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)

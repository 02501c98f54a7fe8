"""Made-up usage that looks like a team's: skewed, quiet at weekends, one unusual day, and never standing still.

On the unusual day one of them tries something out, with many more calls than ever, all on the dearest model.

A pure function of the seed, the time at which it begins and the time asked for. Sessions, several calls in one entry,
make up the history and go on day by day. From the beginning on single calls come on top, every few seconds at first
and then more rarely, so that a page left open for days does not drown its own history. A few of them are counted
without an entry, as real ones are whose writer writes the two one after the other and stops between.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

HISTORY_DAYS = 330
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_MICROS = 1_000_000  # in a second
_SATURDAY = 5
_WEEKEND = 0.55
_TRIAL = 0.35  # of a usual day's sessions, on the unusual day, beside them
_TRIED_BY, _TRIED_ON = 6, 0  # in _LEADERS and MODELS
_SESSIONS = 190  # on a weekday, today
_GROWTH = 0.0016  # a day
_CALLS = 18.0  # in a session, at most; less for those who have fewer sessions
_MORNING, _STAYING = 0.6, 0.6  # shares of sessions, and of people
_LIVE_GAP, _LIVE_SLOWING = 4.0, 300.0  # call k comes 4 k + k² / 300 seconds after the beginning
_LIVE_SIZE = 0.2  # of a usual call
_LIVE_CHUNK = 256
_LIVE_UNITEMISED = 6  # each so many-th is counted without an entry

_LEADERS = {  # and their shares of everybody's usage
    "maria.oduya": 0.156,
    "t.lindqvist": 0.109,
    "chen.wei": 0.092,
    "svc-support-bot": 0.055,
    "a.petrov": 0.071,
    "jules.martin": 0.049,
    "n.okafor": 0.039,
    "r.tanaka": 0.036,
}
_FOLLOWERS = 320
_FIRST = "ana ben carla dmitri elif femi greta hugo ines jonas kofi lena mateo nadia omar priya quinn rosa sami yuki"
_LAST = (
    "abebe bianchi costa diallo eriksen fontaine garcia haddad ivanova jensen kowalski lopez mensah nguyen olsen "
    "patel quist rossi silva tran ueda varga weber yilmaz"
)


@dataclass(frozen=True, slots=True)
class Model:
    """A model: dollars for a million tokens, usual tokens of a call, and its share of sessions then and now."""

    name: str
    input_price: float
    output_price: float
    input_tokens: int
    output_tokens: int
    share_then: float
    share_now: float


MODELS = (
    Model("gpt-5.2", 1.75, 14.0, 1100, 3800, 0.20, 0.31),
    Model("gpt-5-mini", 0.25, 2.0, 1200, 3000, 0.19, 0.26),
    Model("gpt-4o", 2.5, 10.0, 2600, 1900, 0.38, 0.22),
    Model("gpt-4o-mini", 0.15, 0.6, 1600, 700, 0.14, 0.08),
    Model("o4-mini", 1.1, 4.4, 1000, 4300, 0.09, 0.13),
)


@dataclass(frozen=True, slots=True)
class Usage:
    """Usage as columns: microseconds since 1970, indices into `users` and `MODELS`, tokens, calls and dollars.

    What is not `itemised` has no entry, and counters alone tell of it.
    """

    at: Ints
    user: Ints
    model: Ints
    input_tokens: Ints
    output_tokens: Ints
    calls: Ints
    cost: Floats
    itemised: Bools

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.at)

    def take(self, rows: Ints) -> Usage:
        """Give these rows, in this order."""
        return Usage(*(column[rows] for column in self.columns()))

    def columns(self) -> list[npt.NDArray[Any]]:
        """Give all columns, in the order of the fields."""
        return [getattr(self, field.name) for field in fields(self)]


class Sample:
    """The made-up usage of one team, which begins to live at `began`."""

    def __init__(self, began: datetime, seed: int) -> None:
        """Make the history before `began`, and the rest of that day."""
        self._seed = seed
        self._began = began
        self._first_day = began.replace(hour=0, minute=0, second=0, microsecond=0) - HISTORY_DAYS * _DAY
        self._unusual = _unusual_day(self._first_day)
        random = np.random.default_rng([seed, 0])
        self.users, self._weight = _people(random)
        self._joined, self._left = _spans(random, len(self.users))
        self._taste = random.gamma(5.0, size=(len(self.users), len(MODELS)))
        self._around_the_clock = np.array([user.startswith("svc-") for user in self.users])
        self._days = HISTORY_DAYS + 1
        self._sessions = _together([self._sessions_of(day) for day in range(self._days)])
        self._chunks = 1
        self._live = self._live_chunk(0)

    def until(self, now: datetime) -> Usage:
        """Give all usage up to and including `now`, in no particular order."""
        while self._first_day + self._days * _DAY <= now:
            self._sessions = _together([self._sessions, self._sessions_of(self._days)])
            self._days += 1
        while self._chunks * _LIVE_CHUNK <= _live_calls((now - self._began).total_seconds()):
            self._live = _together([self._live, self._live_chunk(self._chunks)])
            self._chunks += 1
        usage = _together([self._sessions, self._live])
        return usage.take(np.flatnonzero(usage.at <= micros(now)))

    def _sessions_of(self, day: int) -> Usage:
        """Make the sessions of a day, counted from the first one of the history."""
        random = np.random.default_rng([self._seed, 1, day])
        date = self._first_day + day * _DAY
        mean = _SESSIONS * math.exp(_GROWTH * min(0, day - HISTORY_DAYS)) * random.lognormal(sigma=0.07)
        mean *= _WEEKEND if date.weekday() >= _SATURDAY else 1.0
        usual = self._made(random, date, self._pick(random, round(mean), day))
        if day != self._unusual:
            return usual
        trial = np.full(round(mean * _TRIAL), _TRIED_BY)
        return _together([usual, self._made(random, date, trial, np.full(len(trial), _TRIED_ON))])

    def _made(self, random: np.random.Generator, date: datetime, user: Ints, model: Ints | None = None) -> Usage:
        """Make sessions of these users on a day; without a model each is made on one of the usual ones."""
        count = len(user)
        hours = np.where(self._around_the_clock[user], random.uniform(0, 24, count), _office_hours(random, count))
        length = _CALLS * (self._weight[user] / self._weight.max()) ** 0.2
        calls = 1 + random.poisson(length * random.gamma(3.0, 1 / 3, count))
        at = micros(date) + _whole(hours * 3600 * _MICROS)
        return self._entries(random, at, user, calls, self._models(random, at, user) if model is None else model)

    def _live_chunk(self, chunk: int) -> Usage:
        """Make some single calls since the beginning."""
        random = np.random.default_rng([self._seed, 2, chunk])
        number = np.arange(chunk * _LIVE_CHUNK, (chunk + 1) * _LIVE_CHUNK) + 1.0
        after = _LIVE_GAP * number + number**2 / _LIVE_SLOWING + random.uniform(0, 2.5, _LIVE_CHUNK)
        user = self._pick(random, _LIVE_CHUNK, HISTORY_DAYS)
        ones = np.ones(_LIVE_CHUNK, dtype=np.int64)
        at = micros(self._began) + _whole(after * _MICROS)
        live = self._entries(random, at, user, ones, self._models(random, at, user), size=_LIVE_SIZE)
        return replace(live, itemised=_whole(number) % _LIVE_UNITEMISED != 0)

    def _pick(self, random: np.random.Generator, count: int, day: int) -> Ints:
        """Choose who begins a session on a day."""
        active = (self._joined <= day) & (day < self._left)
        chance = np.where(active, self._weight**0.8, 0.0)
        return random.choice(len(self.users), size=count, p=chance / chance.sum())

    def _entries(
        self, random: np.random.Generator, at: Ints, user: Ints, calls: Ints, model: Ints, *, size: float = 1.0
    ) -> Usage:
        """Fill in tokens and cost; `size` scales the tokens of a call."""
        spread = size * random.lognormal(sigma=0.35, size=(2, len(at)))
        input_tokens = _whole(_of_models("input_tokens")[model] * calls * spread[0]) + 1
        output_tokens = _whole(_of_models("output_tokens")[model] * calls * spread[1]) + 1
        dollars = input_tokens * _of_models("input_price")[model] + output_tokens * _of_models("output_price")[model]
        cost, itemised = np.round(dollars / 1e6, 6), np.ones(len(at), dtype=np.bool_)
        return Usage(at, user, model, input_tokens, output_tokens, calls, cost, itemised)

    def _models(self, random: np.random.Generator, at: Ints, user: Ints) -> Ints:
        """Choose models: the team moves from older to newer ones, and everybody has a taste."""
        age = (at - micros(self._first_day)) / (HISTORY_DAYS * 86_400 * _MICROS)
        progress = np.clip(age, 0, 1)[:, np.newaxis]
        share = _of_models("share_then") * (1 - progress) + _of_models("share_now") * progress
        reach = np.cumsum(share * self._taste[user], axis=1)
        return _whole((random.uniform(size=(len(at), 1)) * reach[:, -1:] > reach).sum(axis=1))


def _unusual_day(first_day: datetime) -> int:
    """Find the last day in the middle of a week that is at least eight days before today."""
    tuesday_to_thursday = (1, 2, 3)
    days = range(HISTORY_DAYS - 8, 0, -1)
    return next(day for day in days if (first_day + day * _DAY).weekday() in tuesday_to_thursday)


def _people(random: np.random.Generator) -> tuple[list[str], Floats]:
    """Give ids and shares of usage; a few people use most of it."""
    possible = _followers()
    followers = [possible[index] for index in random.permutation(len(possible))[:_FOLLOWERS]]
    tail = (np.arange(_FOLLOWERS) + 8.0) ** -1.1
    leaders = np.array(list(_LEADERS.values()))
    return [*_LEADERS, *followers], np.concatenate([leaders, tail / tail.sum() * (1 - leaders.sum())])


def _followers() -> list[str]:
    return [f"{first}.{last}" for first, last in itertools.product(_FIRST.split(), _LAST.split())]


def everybody() -> list[str]:
    """Return the ids of all who can be in a sample, of whatever seed."""
    return [*_LEADERS, *_followers()]


def _spans(random: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Give the days on which people come and go; those who use it most came early and stay."""
    joined = random.integers(0, HISTORY_DAYS - 3, size=count)
    joined[: len(_LEADERS)] = random.integers(0, 25, size=len(_LEADERS))
    joined[0] = 0  # there is always somebody
    stays = random.uniform(size=count) < _STAYING
    stays[: len(_LEADERS)] = True
    left = np.where(stays, np.iinfo(np.int64).max, joined + random.integers(10, 160, size=count))
    return joined, left


def _office_hours(random: np.random.Generator, count: int) -> Floats:
    """Give hours of the day, mostly late morning and afternoon."""
    in_the_morning = random.uniform(size=count) < _MORNING
    hours: Floats = np.where(in_the_morning, random.normal(10.4, 1.7, count), random.normal(15.2, 2.2, count)) % 24
    return hours


def _live_calls(seconds: float) -> int:
    """Count the single calls that come within `seconds` of the beginning, at most."""
    half = _LIVE_GAP * _LIVE_SLOWING / 2
    return math.ceil(math.sqrt(half**2 + _LIVE_SLOWING * max(0.0, seconds)) - half)


def _of_models(field: str) -> Floats:
    return np.array([getattr(model, field) for model in MODELS], dtype=np.float64)


def _together(parts: list[Usage]) -> Usage:
    columns = zip(*(part.columns() for part in parts), strict=True)
    return Usage(*(np.concatenate(column) for column in columns))


def micros(at: datetime) -> int:
    """Return a time as entries have it."""
    return (at - _EPOCH) // timedelta(microseconds=1)


def _whole(numbers: npt.NDArray[Any]) -> Ints:
    return numbers.astype(np.int64)

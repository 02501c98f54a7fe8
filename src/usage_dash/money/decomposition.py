"""A change of cost, split exactly into users, calls per user, tokens per call, model mix and price.

What was used cost users times calls per user, times the sum over models of their share of calls, times tokens per call,
times price of a token. Each factor's part is its Shapley value: what the cost changes by when this factor alone goes
from before to after, averaged over all orders in which the five can do so. Analysts of energy use know this as the
refined Laspeyres or Sun's method. Like the other exact one, by logarithmic means (LMDI), it leaves no rest and prefers
no order; but it needs no logarithm of zero. There, where a model comes or goes, LMDI gives all of its cost to the mix,
also what more calls cost.

- *Model mix* is on which models calls were made. That a model takes more tokens for a call than another is part of it,
  while *tokens per call* are those of calls on the same model.
- *Price* is what a token of a model cost, whatever its kind: more output among the same tokens makes it dearer too.
- A factor that one side does not know, as the price of a model that was not used, is there what it is on the other. So
  a model that is new or gone changes neither price nor tokens per call, and where nobody used anything on one side, all
  is by users.
- What cannot be split stands by itself: what is not itemised, as it has no model; what users who are gone left behind,
  as they are no longer counted; and what has no known users, calls or tokens.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, partial
from itertools import combinations
from typing import Final


class Factor(StrEnum):
    """What changes a cost, in words."""

    USERS = "users"
    CALLS = "calls per user"
    TOKENS = "tokens per call"
    MODELS = "model mix"
    PRICE = "price"
    NOT_ITEMISED = "not itemised"
    GONE = "users who are gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Part:
    """How many dollars of a change are by a factor; negative where it made for less."""

    factor: Factor
    dollars: float


@dataclass(frozen=True, slots=True)
class OfModel:
    """What was used of one model."""

    calls: float
    tokens: float
    cost: float

    @property
    def splits(self) -> bool:
        """Whether its cost can be told by calls and tokens."""
        return self.calls > 0 and self.tokens > 0


_NOTHING: Final = OfModel(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Usage:
    """What was used on a day, or on an average one: none of it negative, all costs known.

    `users` are those of the `models`. What entries do not explain is `not_itemised`; `gone` is what users who are gone
    left behind; `unknown` is what else is in no model.
    """

    users: float = 0.0
    models: Mapping[str, OfModel] = field(default_factory=dict)
    not_itemised: float = 0.0
    gone: float = 0.0
    unknown: float = 0.0

    @cached_property
    def split(self) -> Mapping[str, OfModel]:
        """Those of the models whose cost can be split."""
        return {name: each for name, each in self.models.items() if each.splits and self.users > 0}

    @cached_property
    def calls(self) -> float:
        """Their calls."""
        return math.fsum(each.calls for each in self.split.values())

    @property
    def unsplit(self) -> float:
        """What else they cost, and what is in no model."""
        others = [each.cost for name, each in self.models.items() if name not in self.split]
        return math.fsum([self.unknown, *others])

    def of(self, model: str) -> OfModel:
        """Return what was used of a model."""
        return self.models.get(model, _NOTHING)

    @property
    def cost(self) -> float:
        """All of it."""
        return math.fsum([self.not_itemised, self.gone, self.unknown, *(each.cost for each in self.models.values())])


_FIVE: Final = (Factor.USERS, Factor.CALLS, Factor.TOKENS, Factor.MODELS, Factor.PRICE)


def split(before: Usage, after: Usage) -> tuple[Part, ...]:
    """Return the parts of the change from one to the other, one of each factor, which add up to it."""
    worths = {changed: _worth(before, after, changed) for changed in _subsets(_FIVE)}
    return (
        *(Part(factor, _shapley(factor, worths)) for factor in _FIVE),
        Part(Factor.NOT_ITEMISED, after.not_itemised - before.not_itemised),
        Part(Factor.GONE, after.gone - before.gone),
        Part(Factor.UNKNOWN, after.unsplit - before.unsplit),
    )


def _shapley(factor: Factor, worths: Mapping[frozenset[Factor], float]) -> float:
    """Return what a factor changes, averaged over all orders."""
    others = _subsets([each for each in _FIVE if each is not factor])
    return math.fsum(_weight(len(before)) * (worths[before | {factor}] - worths[before]) for before in others)


def _weight(earlier: int) -> float:
    """Return the share of orders in which these factors, so many, come before one."""
    return 1 / (len(_FIVE) * math.comb(len(_FIVE) - 1, earlier))


def _subsets(factors: Sequence[Factor]) -> list[frozenset[Factor]]:
    return [frozenset(some) for size in range(len(factors) + 1) for some in combinations(factors, size)]


def _worth(before: Usage, after: Usage, changed: frozenset[Factor]) -> float:
    """Return what usage costs that is as after in what has `changed`, and else as before."""

    def sides(factor: Factor) -> tuple[Usage, Usage]:
        return (after, before) if factor in changed else (before, after)

    users = sides(Factor.USERS)[0].users if sides(Factor.USERS)[0].split else 0.0
    calls = _known(_calls_per_user, *sides(Factor.CALLS))
    return (
        users
        * calls
        * math.fsum(
            _known(partial(_share, name), *sides(Factor.MODELS))
            * _known(partial(_tokens_per_call, name), *sides(Factor.TOKENS))
            * _known(partial(_price, name), *sides(Factor.PRICE))
            for name in {**before.split, **after.split}
        )
    )


def _known(ratio: Callable[[Usage], float | None], usage: Usage, other: Usage) -> float:
    """Return a ratio of the one or, where it does not know it, of the other; where neither does, none is needed."""
    found = ratio(usage)
    return (ratio(other) or 0.0) if found is None else found


def _calls_per_user(usage: Usage) -> float | None:
    return usage.calls / usage.users if usage.split else None


def _share(name: str, usage: Usage) -> float | None:
    if not usage.split:
        return None
    return usage.split[name].calls / usage.calls if name in usage.split else 0.0


def _tokens_per_call(name: str, usage: Usage) -> float | None:
    return usage.split[name].tokens / usage.split[name].calls if name in usage.split else None


def _price(name: str, usage: Usage) -> float | None:
    return usage.split[name].cost / usage.split[name].tokens if name in usage.split else None

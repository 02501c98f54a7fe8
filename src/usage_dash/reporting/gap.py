"""What explains the gap between what OpenAI billed and what is recorded, in dollars that add up to it.

Calls, tokens and costs are compared by families of models, as OpenAI bills by dated names and writers record others.
What a token of a model costs is OpenAI's own average: its cost there by its tokens there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import fsum

LOST = "Calls never recorded"
FREE = "Models without a price"
EXCESS = "Recorded, not billed here"
CACHED = "Cached input"
SERVICES = "Voice, images and tools"
CALLERS = "Other callers of this project"
UNEXPLAINED = "Not explained"

_CENTS, _FINE = 2, 4  # decimals of parts where one comes to a dollar, and else: as amounts are written


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the gap; negative where more is recorded than was billed."""

    what: str
    detail: str
    dollars: float


@dataclass(frozen=True, slots=True)
class Answered:
    """What OpenAI says of a model; `saved` is how much less its cached input cost than other input."""

    cost: float = 0.0
    requests: int = 0
    tokens: int = 0
    saved: float = 0.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is recorded of a model; None where some do not say their tokens. `free` have no cost, or one of $0."""

    cost: float = 0.0
    calls: int = 0
    tokens: int | None = 0
    free_calls: int = 0
    free_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """All that is known of the gap of some days: `dollars` were billed more than recorded.

    `not_itemised` is what is recorded of no model. `services` and `callers` are what each cost that is no model which
    answers in text, and each API key that is not the chatbot's.
    """

    dollars: float
    answered: Mapping[str, Answered] = field(default_factory=dict)
    recorded: Mapping[str, Recorded] = field(default_factory=dict)
    not_itemised: Recorded = field(default_factory=Recorded)
    services: Mapping[str, float] = field(default_factory=dict)
    callers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A model as OpenAI and as the ledger know it, in dollars: what is lost, in excess, free, and saved by the cache.

    Amounts are tokens, or calls where not all tokens are known.
    """

    name: str
    answered: Answered
    recorded: Recorded

    @property
    def _amounts(self) -> tuple[float, float, float]:
        """How much was billed, recorded, and recorded without a cost."""
        theirs, ours = self.answered, self.recorded
        if theirs.tokens and ours.tokens is not None:
            return theirs.tokens, ours.tokens, ours.free_tokens
        return theirs.requests, ours.calls, ours.free_calls

    @property
    def part(self) -> float:
        """How much is recorded of each that was billed; more than 1 where more is."""
        billed, recorded, _ = self._amounts
        return recorded / billed if billed else 1.0

    @property
    def lost(self) -> float:
        return self.answered.cost * max(0.0, 1 - self.part)

    @property
    def lost_calls(self) -> int:
        return max(0, self.answered.requests - self.recorded.calls) if self.part < 1 else 0

    @property
    def excess(self) -> float:
        return self.recorded.cost * (1 - 1 / self.part) if self.part > 1 else 0.0

    @property
    def free(self) -> float:
        billed, _, free = self._amounts
        return self.answered.cost * free / billed / max(1.0, self.part) if billed else 0.0

    @property
    def saved(self) -> float:
        """What the cache saved, so far as the recorded cost does not know of it."""
        due = self.answered.cost * min(1.0, self.part) - self.free
        beyond = self.recorded.cost - self.excess - due
        return max(0.0, min(self.answered.saved * min(1.0, self.part), beyond))


def explain(gap: Gap) -> tuple[Part, ...]:
    """Return the parts of a gap, with what nothing explains last; they add up to it, rounded as amounts are written.

    What was not measured is no part, nor is what comes to nothing.
    """
    found = [*_of_models(gap), _of_services(gap), _of_callers(gap)]
    dollars = [part.dollars for part in found]
    largest = max(map(abs, [gap.dollars, gap.dollars - fsum(dollars), *dollars]))
    decimals = _CENTS if round(largest, _CENTS) >= 1 else _FINE
    unit = 10**decimals
    units = [round(round(part.dollars, decimals) * unit) for part in found]
    rest = round(round(gap.dollars, decimals) * unit) - sum(units)
    whole = [Part(part.what, part.detail, count / unit) for part, count in zip(found, units, strict=True) if count]
    unexplained = Part(UNEXPLAINED, "other prices, or what was not measured", rest / unit)
    return (*sorted(whole, key=lambda part: -part.dollars), *([unexplained] if rest else []))


def _of_models(gap: Gap) -> list[Part]:
    """Return what calls and prices explain; nothing where OpenAI did not say how much each model answered."""
    if not gap.answered:
        return []
    pairs = [_Pair(name, theirs, gap.recorded.get(name, Recorded())) for name, theirs in gap.answered.items()]
    others = {name: ours for name, ours in gap.recorded.items() if name not in gap.answered}
    return [_lost(gap, pairs, others), _free(pairs, others), _excess(pairs, others), _cached(pairs)]


def _lost(gap: Gap, pairs: list[_Pair], others: Mapping[str, Recorded]) -> Part:
    """Return the calls that are recorded of no model, nor of one that OpenAI does not know and that has no cost."""
    elsewhere = gap.not_itemised.cost + _free_of_others(pairs, others)
    dollars = max(0.0, fsum(pair.lost for pair in pairs) - elsewhere)
    free_calls = sum(ours.free_calls for ours in others.values())
    calls = sum(pair.lost_calls for pair in pairs) - gap.not_itemised.calls - free_calls
    most = max(pairs, key=lambda pair: pair.lost).name
    count = f"{calls:,} {'call' if calls == 1 else 'calls'}" if calls > 0 else "tokens"
    return Part(LOST, f"{count} more than recorded, most of {most}", dollars)


def _free(pairs: list[_Pair], others: Mapping[str, Recorded]) -> Part:
    dollars = fsum(pair.free for pair in pairs) + _free_of_others(pairs, others)
    calls = sum(pair.recorded.free_calls for pair in pairs) + sum(ours.free_calls for ours in others.values())
    detail = f"{calls:,} {'call' if calls == 1 else 'calls'}, recorded as $0 or without a cost"
    return Part(FREE, detail, dollars)


def _free_of_others(pairs: list[_Pair], others: Mapping[str, Recorded]) -> float:
    """Return what calls without a cost would cost on average, where OpenAI does not know the model that they name."""
    tokens = sum(pair.answered.tokens for pair in pairs)
    price = fsum(pair.answered.cost for pair in pairs) / tokens if tokens else 0.0
    return price * sum(ours.free_tokens for ours in others.values())


def _excess(pairs: list[_Pair], others: Mapping[str, Recorded]) -> Part:
    found = {pair.name: pair.excess for pair in pairs if pair.excess}
    found |= {name: ours.cost for name, ours in others.items() if ours.cost}
    detail = f"of another project, key or provider: {_names(found)}"
    return Part(EXCESS, detail, -fsum(found.values()))


def _cached(pairs: list[_Pair]) -> Part:
    return Part(CACHED, "recorded at full price", -fsum(pair.saved for pair in pairs))


def _of_services(gap: Gap) -> Part:
    return Part(SERVICES, f"never recorded: {_names(gap.services)}", fsum(gap.services.values()))


def _of_callers(gap: Gap) -> Part:
    count = len(gap.callers)
    whose = "1 API key that is not the chatbot’s" if count == 1 else f"{count:,} API keys that are not the chatbot’s"
    return Part(CALLERS, whose, fsum(gap.callers.values()))


def _names(found: Mapping[str, float]) -> str:
    """Return the dearest by name, and how many others there are."""
    names = sorted(found, key=lambda name: (-found[name], name))
    others = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{others}" if names else ""

"""What charts draw, each as a mark: in which colour, under which label, and what a click on it filters by."""

from __future__ import annotations

import html
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from usage_dash.page.names import fenced, labels
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage, TeamUsage, TopUser

Click: TypeAlias = dict[str, str]  # what assets/charts.js makes of the page's address

COLOURS = 12  # tokens --ud-model-1 to -12; models that appeared later share --ud-model-other
TOP = 6  # users, or teams

_DRAWN_MODELS = 8  # more lines or slices than this are noise: the smallest become one
_TOLD_VARIANTS = 5
_LINE_CHARACTERS = 60
_ZERO_WIDTH_SPACE = "\u200b"
_ACCENT, _INK_3 = "var(--ud-accent)", "var(--ud-ink-3)"
_NO_TEAM = "No team"

_NOTHING = Sum()


class _Choosable(Protocol):
    @property
    def chosen(self) -> bool: ...


_C = TypeVar("_C", bound=_Choosable)


@dataclass(frozen=True, slots=True)
class Mark:
    """A model, a user, a team, or what no click filters by: the smallest models together, or what is not itemised.

    `label` tells it from the others, `name` is its whole name as text, and `more` what else hovering tells. `hatched`
    is what no entry explains. `slots` are those of its models.
    """

    label: str
    name: str
    colour: str
    cost: Sum
    click: Click | None
    chosen: bool = True
    more: tuple[str, ...] = ()
    calls: Sum = _NOTHING
    slots: tuple[int, ...] = ()
    hatched: bool = False


def token(slot: int | None) -> str:
    """Return the end of the colour token that a model with this slot has for good."""
    return "other" if slot is None or slot >= COLOURS else str(slot + 1)


def marks(split: Sequence[ModelUsage]) -> list[Mark]:
    """Return the models to draw, dearest first; of too many, the smallest that nobody chose together at the end.

    After all stands what is not itemised.
    """
    models = [usage for usage in split if usage.itemised]
    drawn, rest = (models, []) if len(models) <= _DRAWN_MODELS else _parted(models, _DRAWN_MODELS - 1)
    short = labels([usage.model for usage in drawn])
    found = [
        _model(_key(_text(label), number), usage)
        for number, (label, usage) in enumerate(zip(short, drawn, strict=True), 1)
    ]
    return found + ([_others(rest)] if rest else []) + [_not_itemised(usage) for usage in split if not usage.itemised]


def user_marks(users: Sequence[TopUser]) -> list[Mark]:
    """Return users under their names, or ids where they have none; who is called as another is told by both."""
    called = Counter(user.name or user.user_id for user in users)
    names = [
        user.name if user.name and called[user.name] == 1 else " · ".join(filter(None, (user.name, user.user_id)))
        for user in users
    ]
    return [
        Mark(
            label=_key(_text(label), number),
            name=user.name or user.user_id,
            colour=_ACCENT,
            cost=user.cost,
            click={"toggle": "user", "value": user.user_id},
            chosen=user.chosen,
            more=(user.user_id,) if user.name else (),
        )
        for number, (label, user) in enumerate(zip(labels(names), users, strict=True), 1)
    ]


def team_marks(teams: Sequence[TeamUsage]) -> list[Mark]:
    """Return the dearest teams, and a chosen one in any case."""
    drawn, _rest = _parted(teams, TOP)
    names = [usage.team or _NO_TEAM for usage in drawn]
    return [
        Mark(
            label=_key(_text(label), number),
            name=name,
            colour=_ACCENT,
            cost=usage.cost,
            click={"team": usage.team},
            chosen=usage.chosen,
        )
        for number, (label, name, usage) in enumerate(zip(labels(names), names, drawn, strict=True), 1)
    ]


def lines(name: str) -> str:
    """Return the name as plotly draws it as text, in lines: it would follow markup in it."""
    parts = [name[start : start + _LINE_CHARACTERS] for start in range(0, len(name), _LINE_CHARACTERS)]
    return "<br>".join(map(_text, parts))


def _model(label: str, usage: ModelUsage) -> Mark:
    return Mark(
        label=label,
        name=usage.model,
        colour=f"var(--ud-model-{token(usage.slot)})",
        cost=usage.cost,
        click={"toggle": "model", "value": usage.model},
        chosen=usage.chosen,
        more=_variants(usage),
        calls=usage.calls,
        slots=(usage.slot,),
    )


def _others(rest: Sequence[ModelUsage]) -> Mark:
    name = f"{len(rest)} other models"
    return Mark(
        label=name,
        name=name,
        colour=f"var(--ud-model-{token(None)})",
        cost=total(usage.cost for usage in rest),
        click=None,
        chosen=any(usage.chosen for usage in rest),
        calls=total(usage.calls for usage in rest),
        slots=tuple(usage.slot for usage in rest),
    )


def _not_itemised(usage: ModelUsage) -> Mark:
    return Mark(
        label=fenced(usage.model),
        name=usage.model,
        colour=_INK_3,
        cost=usage.cost,
        click=None,
        chosen=usage.chosen,
        calls=usage.calls,
        slots=(usage.slot,),
        hatched=True,
    )


def _variants(usage: ModelUsage) -> tuple[str, ...]:
    """The names that a family was written as, where they tell more than its own."""
    if set(usage.variants) <= {usage.model}:
        return ()
    more = len(usage.variants) - _TOLD_VARIANTS
    return (*usage.variants[:_TOLD_VARIANTS], *([f"and {more} more"] if more > 0 else []))


def _parted(found: Sequence[_C], most: int) -> tuple[list[_C], list[_C]]:
    """Return so many of the first, chosen ones before all others, and the rest; both in their order."""
    order = sorted(range(len(found)), key=lambda number: not found[number].chosen)
    kept, rest = sorted(order[:most]), sorted(order[most:])
    return [found[number] for number in kept], [found[number] for number in rest]


def _text(name: str) -> str:
    return html.escape(fenced(name), quote=False)


def _key(label: str, number: int) -> str:
    """Give a label that looks the same and is no other's: to plotly equal labels are one bar."""
    return label + _ZERO_WIDTH_SPACE * number

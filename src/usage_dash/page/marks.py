"""Models as marks of a chart: which are drawn, in which colour and under which label."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from usage_dash.page.names import fenced, labels
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage

COLOURS = 12  # tokens --ud-model-1 to -12; models that appeared later share --ud-model-other

_DRAWN_MODELS = 8  # more lines or slices than this are noise: the smallest become one
_LINE_CHARACTERS = 60
_ZERO_WIDTH_SPACE = "\u200b"


@dataclass(frozen=True, slots=True)
class Mark:
    """A model, or the smallest ones together; `label` tells it from the others, `name` says all of it."""

    label: str
    name: str
    colour: str
    cost: Sum
    calls: int
    models: tuple[str, ...]


def token(slot: int | None) -> str:
    """Return the end of the colour token that a model with this slot has for good."""
    return "other" if slot is None or slot >= COLOURS else str(slot + 1)


def marks(split: Sequence[ModelUsage]) -> list[Mark]:
    """Return the models to draw, dearest first; the smallest of too many together, at the end."""
    drawn, rest = split, split[:0]
    if len(split) > _DRAWN_MODELS:
        drawn, rest = split[: _DRAWN_MODELS - 1], split[_DRAWN_MODELS - 1 :]
    short = labels([usage.model for usage in drawn])
    found = [
        _mark(_key(_text(label), number), _lines(usage.model), usage.slot, [usage])
        for number, (label, usage) in enumerate(zip(short, drawn, strict=True), 1)
    ]
    others = f"{len(rest)} other models"
    return found + ([_mark(others, others, None, rest)] if rest else [])


def _mark(label: str, name: str, slot: int | None, usages: Sequence[ModelUsage]) -> Mark:
    cost, calls = total(usage.cost for usage in usages), sum(usage.calls for usage in usages)
    return Mark(label, name, f"var(--ud-model-{token(slot)})", cost, calls, tuple(usage.model for usage in usages))


def _text(name: str) -> str:
    """A name as text: plotly would follow markup in it."""
    return html.escape(fenced(name), quote=False)


def _lines(name: str) -> str:
    lines = [name[start : start + _LINE_CHARACTERS] for start in range(0, len(name), _LINE_CHARACTERS)]
    return "<br>".join(map(_text, lines))


def _key(label: str, number: int) -> str:
    """Give a label that looks the same and is no other's: to plotly equal labels are one bar."""
    return label + _ZERO_WIDTH_SPACE * number

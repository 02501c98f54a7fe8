"""The budget of a month beside its cost added up: its limit as a line, and the forecast on to the month's end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from usage_dash.money.budgets import Kind, Standing
from usage_dash.page.figures.axes import INK, Trace, faint
from usage_dash.page.figures.clipping import DWARFS
from usage_dash.reporting.filters import By
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import Timeline
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount

_DAY: Final = timedelta(days=1)
_LIMIT: Final = "var(--ud-warn)"


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, and what the month comes to by the end of days: the last whole one, today and those `ahead`.

    A limit that is far above all else is not `shown`, for its line would flatten the rest. `called` names it.
    """

    called: str
    limit: float
    shown: bool
    expected: tuple[tuple[date, Sum], ...] = ()
    ahead: tuple[date, ...] = ()

    @property
    def top(self) -> float:
        """The highest that is drawn."""
        return max([self.limit if self.shown else 0.0, *(value.known for _, value in self.expected)])


def budget(standing: Standing, timeline: Timeline) -> Budget:
    """Return how a budget is drawn beside a month to date, of which it is."""
    expected = _expected(standing) if timeline.bucket == By.DAY else ()
    highest = max([standing.spent.known, *(value.known for _, value in expected)])
    ahead = tuple(day for day, _ in expected if day > standing.today)
    called = f"{'Allowance' if standing.kind is Kind.USER else 'Budget'} {formats.whole_money(standing.limit)}"
    return Budget(called, standing.limit, standing.limit <= DWARFS * highest, expected, ahead)


def _expected(standing: Standing) -> tuple[tuple[date, Sum], ...]:
    found = standing.forecast
    if found is None:
        return ()
    days = [found.first + number * _DAY for number in range(len(found.running))]
    return tuple(
        (day, Sum(cost, found.month.lacking))
        for day, cost in zip(days, found.running, strict=True)
        if day >= standing.today - _DAY
    )


def forecast(drawn: Budget, timeline: Timeline) -> Iterator[Trace]:
    """Draw what is expected, dotted; from today on hovering tells it.

    Its points count from the first of the timeline, so that a click on one never means another day.
    """
    if not drawn.expected:
        return
    days = [*timeline.days, *drawn.ahead]
    values = dict(drawn.expected)
    line = {"type": "scatter", "x": days, "mode": "lines", "name": "Forecast"}
    stroke = {"color": faint(INK, 0.55), "width": 1.6, "dash": "5px,4px"}
    yield line | {"y": [_known(values.get(day)) for day in days], "line": stroke, "hoverinfo": "skip"}
    today = timeline.days[-1]
    yield line | {
        "y": [_known(values.get(day)) if day >= today else None for day in days],
        "line": {"width": 0, "color": INK},
        "customdata": [amount(values.get(day, Sum()), formats.money) for day in days],
        "hovertemplate": "%{customdata}",
    }


def limit(drawn: Budget) -> dict[str, Any]:
    """Return the layout of the limit's line, which says what it is."""
    if not drawn.shown:
        return {}
    said = {
        "text": drawn.called,
        "textposition": "start",
        "yanchor": "top",
        "padding": 3,
        "font": {"color": INK, "size": 12},
    }
    line = {"color": _LIMIT, "width": 1.6}
    place = {"xref": "paper", "x0": 0, "x1": 1, "y0": drawn.limit, "y1": drawn.limit}
    return {"shapes": [{"type": "line", "layer": "above", "line": line, "label": said, **place}]}


def _known(value: Sum | None) -> float | None:
    return None if value is None else value.known

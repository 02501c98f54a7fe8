"""The page that tells how far the figures can be trusted: one sentence, and how many checks stand how."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from usage_dash.checks.check import Check, State
from usage_dash.page.components.check_list import state
from usage_dash.page.components.elements import attributes
from usage_dash.reporting.view_models import Trust
from usage_dash.wording import formats

_COUNTED = {State.ACT: "to act on", State.LOOK: "to look at", State.GOOD: "good"}


def headline(counted: Trust, checks: Sequence[Check]) -> list[Component]:
    """The sentence of which all else is the reckoning, and the checks counted."""
    title = html.H2(_agreement(counted), id="recorded-of-billed", tabIndex=-1, **attributes(data_arrival="Trust"))
    found = [_count(checks, each, words) for each, words in _COUNTED.items()]
    return [title, html.Div([each for each in found if each], className="sum")]


def _agreement(counted: Trust) -> str:
    if counted.coverage is None:
        return "Counters and entries tell no cost yet."
    if counted.coverage > 1:
        return f"Entries tell more than the counters: {formats.rough_share(counted.coverage)} of the cost."
    return f"Counters and entries agree on {formats.rough_share(counted.coverage)} of the cost."


def _count(checks: Sequence[Check], counted: State, words: str) -> html.Span | None:
    number = sum(check.state is counted for check in checks)
    return state(counted, f"{formats.number(number)} {words}") if number else None

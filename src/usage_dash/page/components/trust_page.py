"""The page that tells how far the figures can be trusted: one sentence first, and its reckoning beneath."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from dash import html
from dash.development.base_component import Component

from usage_dash.checks.billed import AGREES, TOO_MUCH
from usage_dash.checks.check import Check, State
from usage_dash.page import ids
from usage_dash.page.components.chart import TRUST_ROW
from usage_dash.page.components.chart_panels import panel
from usage_dash.page.components.check_list import spelled, state
from usage_dash.page.components.elements import attributes, crumbs
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.page.trusted import Trusted
from usage_dash.reporting.billed import Billed
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust_models import Trust
from usage_dash.repository.base import Source
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount, is_bound, share_form

_COUNTED: Final = {State.ACT: "to act on", State.LOOK: "to look at", State.GOOD: "good"}
_CONNECT: Final = "Connect OpenAI’s bill to know the rest: set `OPENAI_ADMIN_KEY` to an admin key of the organisation."
_WHOLE: Final = "It is the whole organisation’s bill: name the chatbot’s projects in `OPENAI_PROJECT_IDS`."


def layout() -> list[Component]:
    """The page, before anything is known."""
    panels = [panel(chart, title, hidden=True) for chart, title in TRUST_ROW.items()]
    return [
        html.Div(id=ids.TRUST, className="headline"),
        html.Div([*panels, html.Div(id=ids.GAP)], className="grid charts"),
        html.Div(id=ids.CHECKS),
        html.Div(id=ids.ALERTS),
    ]


def headline(found: Trusted, source: Source, clock: Clock, links: Links) -> list[Component]:
    """The sentence of which all else is the reckoning, that reckoning, the checks counted; in a frame, the way back."""
    bill = found.billed
    if bill is None or not bill.is_compared:
        said, next_step = _agreement(found.counted), _next_step(found, source)
    else:
        said, next_step = _compared(bill), iter(())
    beneath = " ".join([*(_reckoning(bill, clock) if bill else ()), *next_step])
    title = html.H2(said, id=ids.RECORDED_OF_BILLED, tabIndex=-1, **attributes(data_arrival="Trust"))
    return [
        crumbs([("Overview", links.overview())], "Trust"),
        title,
        *([html.P(spelled(beneath), className="num")] if beneath else []),
        _counts(found.checks),
    ]


def _compared(found: Billed) -> str:
    """Judge by what the chatbot itself was billed, as the check does."""
    share, days = found.own_share, _days(found.first, found.last)
    whom = " the chatbot" if found.others else ""
    if found.is_elsewhere:
        recorded = amount(found.recorded, formats.money)
        return f"OpenAI billed the chatbot nothing of {recorded} that is recorded, {days}."
    if AGREES <= share <= TOO_MUCH:
        return f"Recorded agrees with what OpenAI billed{whom} ({formats.rough_share(share)}), {days}."
    if found.recorded.least is None:
        return f"What is recorded says no cost to compare with what OpenAI billed, {days}."
    if share > TOO_MUCH:
        least = "at least " if is_bound(found.recorded) else ""
        return f"Recorded is more than OpenAI billed{whom}: {least}{formats.rough_share(share)}, {days}."
    of_all = Sum(found.recorded.known / found.billed, found.recorded.lacking)
    return f"Recorded is {amount(of_all, share_form(of_all))} of what OpenAI billed, {days}."


def _agreement(found: Trust | None) -> str:
    if found is None or found.coverage is None:
        return "Counters and entries tell no cost yet."
    if found.coverage > 1:
        return f"Entries tell more than the counters: {formats.rough_share(found.coverage)} of the cost."
    return f"Counters and entries agree on {formats.rough_share(found.coverage)} of the cost."


def _reckoning(found: Billed, clock: Clock) -> Iterator[str]:
    if found.is_compared:
        billed = formats.money(found.billed)
        is_known = found.recorded.least is not None
        recorded = amount(found.recorded, formats.money) if is_known else "an unknown amount"
        yield f"{recorded[:1].upper()}{recorded[1:]} is recorded and {billed} was billed, in UTC days."
        yield "The last two days are provisional: OpenAI still adds to them."
    if found.is_compared and found.missing:
        yield f"OpenAI has not told what {formats.counted(found.missing, 'other day')} cost."
    if found.undated:
        yield f"Up to {formats.money(found.undated)} more may be of these days: no entry says when."
    if found.whole:
        yield _WHOLE
    if found.problem:
        last = "never" if found.asked is None else formats.moment(found.asked, clock.now, clock.zone)
        yield f"OpenAI’s last answer: {last}. The last try failed: {found.problem}"


def _next_step(found: Trusted, source: Source) -> Iterator[str]:
    if found.is_asked is not None and source.sample:
        yield "Sample data is on nobody’s bill."
    elif found.is_asked is False:
        yield _CONNECT
    elif found.is_asked and found.billed and found.billed.asked:
        yield "No whole day of usage is on OpenAI’s bill so far."
    elif found.is_asked and not (found.billed and found.billed.problem):
        yield "OpenAI is asked what it billed; that can take a minute."


def _counts(checks: Sequence[Check]) -> html.Div:
    numbers = {each: sum(check.state is each for check in checks) for each in _COUNTED}
    told = [state(each, f"{formats.number(count)} {_COUNTED[each]}") for each, count in numbers.items() if count]
    return html.Div(told, className="sum")


def _days(first: date, last: date) -> str:
    if first == last:
        return f"{last.day} {last:%B}"
    year = "" if first.year == last.year else f" {first.year}"
    return f"{first.day} {first:%B}{year} to {last.day} {last:%B}{'' if not year else f' {last.year}'}"

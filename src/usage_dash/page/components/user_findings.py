"""What is odd in one user's document: what its figures tell, and what was found in its fields."""

from __future__ import annotations

from collections.abc import Iterator

from dash import html

from usage_dash.page.components.coverage import EXCEEDING
from usage_dash.page.components.elements import Children, foreign, icon, panel
from usage_dash.reporting.person import Amounts, Checks, Person
from usage_dash.reporting.ranges import EARLIEST_DAY
from usage_dash.reporting.trust_models import FindingRow
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

# Before, what had no day of its own was in no range, and what the ledger read then still is.
_COUNTS = "Such entries count on the day when they were first read."


def user_findings(person: Person) -> html.Section:
    """All that is odd, and that the counters agree where they do."""
    odd = [*_exceeding(person), *_dates(person.checks), *_counters(person), *_writes(person.checks)]
    odd += map(_finding, person.findings)
    items = [*odd, *_agreement(person)]
    said = [] if odd else [html.P("Nothing odd in this document.")]
    return panel("Findings", "", [*said, *([html.Ul(items, className="found")] if items else [])])


def _exceeding(person: Person) -> Iterator[html.Li]:
    found = person.coverage
    if found.exceeding:
        told = f"Entries: {_amounts(found.all_entries)}. Counters: {_amounts(found.counters)}."
        yield _look([EXCEEDING], f"{told} Counters are too low, or entries are doubled.")


def _dates(checks: Checks) -> Iterator[html.Li]:
    """Entries that a wrong clock dated."""
    if checks.future:
        ahead = f"By up to {formats.length(checks.ahead)}: a computer’s clock was wrong."
        what = f"{formats.counted(checks.future, 'entry is', 'entries are')} dated in the future"
        yield _look([what], f"{ahead} {_COUNTS}")
    if checks.untimed:
        what = f"{formats.counted(checks.untimed, 'entry has', 'entries have')} no readable time"
        yield _look([what], _COUNTS)
    if checks.early:
        what = f"{formats.counted(checks.early, 'entry is', 'entries are')} dated before {formats.month(EARLIEST_DAY)}"
        yield _look([what], "A computer’s clock was wrong: there was nothing to use yet. No range holds them.")


def _counters(person: Person) -> Iterator[html.Li]:
    """Counters that cannot all be right."""
    parts, tokens = person.checks.input_and_output, person.coverage.counters.tokens.exact
    what = "Counters disagree with each other"
    if parts is not None and tokens is not None and parts != tokens:
        sums = f"Input and output add up to {formats.number(parts)} tokens, the total says {formats.number(tokens)}."
        yield _look([what], sums)
    if person.checks.callless:
        yield _look([what], f"They count no call, but {_amounts(person.coverage.counters)}.")


def _writes(checks: Checks) -> Iterator[html.Li]:
    if checks.moved:
        why = (
            "It changed after its last call, and no call was counted: by speech, perhaps. Last active means last call."
        )
        yield _look(["The document was written without a call"], why)


def _finding(found: FindingRow) -> html.Li:
    where = f", in {formats.number(found.count)} places" if found.count > 1 else ""
    what: Children = [html.Code(foreign(found.field)), f": {found.problem}"]
    return _look(what, f"{found.action[:1].upper()}{found.action[1:]}{where}.")


def _agreement(person: Person) -> Iterator[html.Li]:
    parts, tokens = person.checks.input_and_output, person.coverage.counters.tokens.exact
    if parts is not None and parts == tokens and not person.checks.callless:
        why = "Input and output add up to the total."
        yield _item("ok", "check", "Good", ["Counters agree with each other"], why)


def _look(what: Children, why: str) -> html.Li:
    return _item("look", "triangle-alert", "Look", what, why)


def _item(kind: str, image: str, word: str, what: Children, why: str) -> html.Li:
    state = html.Span([icon(image), word], className=f"state {kind}")
    return html.Li([state, html.Div([html.B(what), html.Span(why, className="why")])])


def _amounts(said: Amounts) -> str:
    calls, tokens = narrow_amount(said.calls, formats.number), narrow_amount(said.tokens, formats.compact)
    cost = narrow_amount(said.cost, formats.money)
    return f"{cost}, {calls} {formats.agree(said.calls.known, 'call', 'calls')}, {tokens} tokens"

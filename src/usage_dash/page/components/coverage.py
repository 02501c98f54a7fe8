"""How much of one user's usage entries explain: counters, entries, and what lies between."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import meter, panel
from usage_dash.reporting.documents import NEARLY
from usage_dash.reporting.person import Amounts, Coverage, Person
from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats
from usage_dash.wording.amounts import Form, narrow_amount

EXCEEDING = "Entries explain more than the counters say"
_FORMS: tuple[Form, ...] = (formats.money, formats.number, formats.compact)


def coverage(person: Person) -> html.Section:
    """The share of the all-time cost that entries explain, and three rows that add up."""
    found = person.coverage
    rows = [
        (
            "Counters say",
            [narrow_amount(said, form) for said, form in zip(_parts(found.counters), _FORMS, strict=True)],
        ),
        (
            "Entries explain",
            [narrow_amount(said, form) for said, form in zip(_parts(found.entries), _FORMS, strict=True)],
        ),
        ("Not itemised", _rest(found)),
    ]
    source = html.Th(html.Span("Source", className="visually-hidden"), scope="col")
    head = html.Tr([source, *(html.Th(title, scope="col") for title in ("Cost", "Calls", "Tokens"))])
    body = [html.Tr([html.Th(name, scope="row"), *map(html.Td, cells)]) for name, cells in rows]
    table = html.Table([html.Thead(head), html.Tbody(body)], className="data num")
    return panel("Coverage", "all time", [*_headline(found), table, *_left_out(person)])


def _parts(amounts: Amounts) -> tuple[Sum, Sum, Sum]:
    return amounts.cost, amounts.calls, amounts.tokens


def _headline(found: Coverage) -> list[Component]:
    if found.share is None:
        unknown = found.counters.cost.exact is None
        return [html.P("The counters do not say the cost." if unknown else "No cost yet.", className="said")]
    explained = f"{formats.share(found.share)} explained"
    said = html.P(EXCEEDING, className="said") if _is_above(found.entries.cost, found.counters.cost) else _share(found)
    return [said, meter(found.share, explained)]


def _share(found: Coverage) -> html.P:
    said = html.Small("of all-time cost is explained by entries")
    return html.P([formats.share(found.share), " ", said], className="fig num")


def _rest(found: Coverage) -> list[str]:
    return [
        _between(counter, entries, form)
        for counter, entries, form in zip(_parts(found.counters), _parts(found.entries), _FORMS, strict=True)
    ]


def _between(counter: Sum, entries: Sum, form: Form) -> str:
    """What the counter knows beyond the entries; at most that, where some of them do not say."""
    if counter.exact is None:
        return formats.UNKNOWN
    rest = 0.0 if entries.known >= counter.exact * NEARLY else counter.exact - entries.known
    return f"{'≤ ' if rest and entries.lacking else ''}{form(rest)}"


def _is_above(entries: Sum, counter: Sum) -> bool:
    return counter.exact is not None and entries.known * NEARLY > counter.exact


def _left_out(person: Person) -> list[Component]:
    """What the rows leave out."""
    checks = person.checks
    parts = [
        f"{formats.counted(count, 'entry', 'entries')} {why}"
        for count, why in ((checks.unplaced, "in no range"), (checks.uncosted, "of unknown cost"))
        if count
    ]
    return [html.P(f"Without {' and '.join(parts)}.")] if parts else []

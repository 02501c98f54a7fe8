"""One user's page: who it is, which models they use, and how far their document can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from usage_dash.access.viewer import Rights
from usage_dash.page.components.coverage import coverage
from usage_dash.page.components.document_size import document_size
from usage_dash.page.components.elements import Children, attributes, crumbs, foreign, hatch, icon, panel, swatch
from usage_dash.page.components.long_list import parted
from usage_dash.page.components.model_menu import variants
from usage_dash.page.components.same_tokens import on_another_model
from usage_dash.page.components.times import Clock
from usage_dash.page.components.user_findings import user_findings
from usage_dash.page.links import Links
from usage_dash.reporting.person import Person, Standing
from usage_dash.reporting.price_band import SameTokens
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

_MOST_MODELS = 4  # among the facts; the panel has them all
_UNKNOWN_USER = "There is no user with this id among those you may see"


def head(person: Person, links: Links, along: str) -> list[Component]:
    """The way here, and who it is; `along` is the query string that goes along to other pages."""
    title = html.H2(foreign(person.name or person.user_id), tabIndex=-1, **attributes(data_arrival=""))
    beneath: Children = [html.Span(foreign(person.user_id), className="mono")] if person.name else []
    email: Children = [foreign(person.email)] if person.email else []
    return [
        _crumbs(foreign(person.name or person.user_id), links, along),
        html.Div([title, html.Div([*beneath, _copy(person.user_id), *email], className="beneath")], className="title"),
    ]


def nobody(links: Links, along: str) -> list[Component]:
    """The page of nobody: the same whether there is no such user or who looks may not see them."""
    back = html.A("Back to the overview", href=links.overview(along), className="b", **attributes(data_go=""))
    said = html.H2(_UNKNOWN_USER, tabIndex=-1, **attributes(data_arrival=""))
    return [
        _crumbs("Not found", links, along),
        html.Section([icon("search-x"), said, html.P(back)], className="card empty nobody"),
    ]


def facts(person: Person, clock: Clock) -> list[Component]:
    """What is known of a user in one row."""
    told: list[tuple[str, Children]] = [
        ("Team", [foreign(person.team)] if person.team else []),
        ("First seen", _day(person.first_seen, clock)),
        ("Last active", [clock.since(person.last_active)] if person.last_active else [formats.UNKNOWN]),
        ("Share of all cost", _standing(person.standing)),
        (f"Models {person.range.label}", _models(person.models)),
    ]
    rows = [html.Div([html.Dt(term), html.Dd(said)]) for term, said in told if said]
    return [html.Dl(rows, className="card facts num")]


def models(person: Person, same: SameTokens) -> list[Component]:
    """What each model cost in the range, also those that the filter leaves out: pressing a name filters by it.

    Beneath, what the `same` tokens of those chosen would cost on other models.
    """
    whole = total(usage.cost for usage in person.models)
    chosen = [usage for usage in person.models if usage.chosen]
    cost, calls = total(usage.cost for usage in chosen), total(usage.calls for usage in chosen)
    filtered = len(chosen) < len(person.models)
    listed, rest = parted(_itemised(person.models), lambda usage: filtered and usage.chosen)
    not_itemised = [_not_itemised(usage, whole) for usage in person.models if not usage.itemised]
    shown = [*(_model(usage, whole, filtered=filtered) for usage in listed), *_others(rest, whole), *not_itemised]
    titles = ("Model", "Cost", "Share", "Calls", "Cost / call")
    table = html.Table(
        [
            html.Thead(html.Tr([html.Th(title, scope="col") for title in titles])),
            html.Tbody(shown),
            html.Tfoot(html.Tr([html.Th("Together", scope="row"), *_figures(cost, calls, whole)])),
        ],
        className="data num",
    )
    nothing = html.P(f"No usage {person.range.label}.", className="sub")
    return [panel("Models", person.range.label, [table if person.models else nothing, *on_another_model(same)])]


def panels(person: Person, rights: Rights, limit: int, clock: Clock) -> list[Component]:
    """How much of the cost entries explain, how large the document is, and for whom it concerns what is odd in it.

    A document ends at `limit` bytes.
    """
    findings = [user_findings(person)] if rights.findings else []
    return [coverage(person), document_size(person.size, limit, clock.now.astimezone(clock.zone).date()), *findings]


def _crumbs(name: html.Bdi | str, links: Links, along: str) -> html.Nav:
    overview = links.overview(along)
    return crumbs([("Overview", overview), ("Users", f"{overview}#users-title")], name)


def _copy(user_id: str) -> html.Button:
    label = "Copy the id"
    return html.Button(
        [icon("copy"), html.Span(className="copied", role="status")],
        className="b small copy",
        type="button",
        title=label,
        **attributes(aria_label=label, data_copy=user_id),
    )


def _day(at: datetime | None, clock: Clock) -> Children:
    return [formats.day(at.astimezone(clock.zone)) if at else formats.UNKNOWN]


def _standing(standing: Standing) -> Children:
    """The share and the rank among others, where there are any."""
    if standing.of <= 1:
        return []
    share = f"{'≤ ' if standing.share and standing.at_most else ''}{formats.share(standing.share)}"
    if standing.rank is None:
        return [share]
    rank = "the highest" if standing.rank == 1 else f"number {standing.rank:,} of {standing.of:,}"
    return [f"{share}, {rank}"]


def _models(found: tuple[ModelUsage, ...]) -> Children:
    named = [html.Span([swatch(usage.slot), foreign(usage.model)]) for usage in _itemised(found) if usage.chosen]
    more = len(named) - _MOST_MODELS
    return [*named[:_MOST_MODELS], *([html.Span(f"and {more} more")] if more > 0 else [])]


def _model(usage: ModelUsage, whole: Sum, *, filtered: bool) -> html.Tr:
    name = html.Button(
        [swatch(usage.slot), foreign(usage.model)],
        type="button",
        className="choose",
        title=variants(usage),
        **attributes(data_toggle="model", data_value=usage.model, aria_pressed=str(filtered and usage.chosen).lower()),
    )
    return html.Tr(
        [html.Th(name, scope="row"), *_figures(usage.cost, usage.calls, whole)],
        className="" if usage.chosen else "faded",
    )


def _not_itemised(usage: ModelUsage, whole: Sum) -> html.Tr:
    """Return the row of what no entry explains, which no press filters by."""
    name = html.Th([hatch(), usage.model], scope="row", title="Counters know no model.")
    return html.Tr([name, *_figures(usage.cost, usage.calls, whole)], className="" if usage.chosen else "faded")


def _itemised(found: Sequence[ModelUsage]) -> list[ModelUsage]:
    return [usage for usage in found if usage.itemised]


def _others(rest: Sequence[ModelUsage], whole: Sum) -> list[Component]:
    """Return the row of what is not listed."""
    if not rest:
        return []
    cost, calls = total(usage.cost for usage in rest), total(usage.calls for usage in rest)
    name = html.Th(formats.counted(len(rest), "other model"), scope="row")
    faded = not any(usage.chosen for usage in rest)
    return [html.Tr([name, *_figures(cost, calls, whole)], className="faded" if faded else "")]


def _figures(cost: Sum, calls: Sum, whole: Sum) -> list[Component]:
    share = cost.exact / whole.exact if cost.exact is not None and whole.exact else None
    per_call = cost.exact / calls.exact if cost.exact is not None and calls.exact else None
    return [
        html.Td(narrow_amount(cost, formats.money)),
        html.Td(formats.share(share)),
        html.Td(narrow_amount(calls, formats.number)),
        html.Td(formats.money(per_call)),
    ]

"""The models: which there are in the range, what they cost, and which are looked at."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from usage_dash.page.components.elements import Children, attributes, foreign, hatch
from usage_dash.page.components.long_list import not_listed, parted
from usage_dash.page.components.popover import field, pick, sets
from usage_dash.page.components.seen import Seen
from usage_dash.page.ids import MODELS
from usage_dash.page.marks import COLOURS, token
from usage_dash.page.names import fenced
from usage_dash.reporting.sums import Sum, total
from usage_dash.reporting.view_models import ModelUsage
from usage_dash.wording import formats
from usage_dash.wording.amounts import narrow_amount

_FEW = 8  # models, which one finds by looking
_TOLD = 20  # names of a family


def model_menu(seen: Seen) -> list[Component]:
    """Return the button and its list. Share and cost follow range and team, so that one sees what is left out."""
    models = listed(seen)
    chosen = seen.filters.choice.models
    shown, rest = parted(models, lambda usage: usage.model in chosen)
    said = f"{len(chosen)} of {len(models):,}" if chosen else f"All {len(models):,}"
    return [
        html.H3("Models"),
        pick(MODELS, "dialog", [html.Span("Models"), " ", html.B(said)]),
        html.Div(
            [
                html.Div(field("Find a model", data_narrows=MODELS), className="top"),
                html.Div(_rows(seen, shown), className="opts", role="group", **attributes(aria_label="Models")),
                html.P(itemised(seen), className="itemised"),
                html.Div(_foot(seen, len(models)), className="bottom"),
                *not_listed(len(rest), "model"),
            ],
            id=MODELS,
            className="pop models" if len(models) <= _FEW else "pop models many",
            **attributes(data_label="Models"),
        ),
    ]


def listed(seen: Seen) -> list[ModelUsage]:
    """Return the models of the range, and those that are looked at although it has no usage of them."""
    used = [usage for usage in seen.models if usage.itemised]
    known = {usage.model for usage in used}
    unused = [
        ModelUsage(name, COLOURS, Sum(), Sum(), Sum()) for name in seen.filters.choice.models if name not in known
    ]
    return [*used, *unused]


def variants(usage: ModelUsage) -> str:
    """Return the names that a model was written as, of very many the first."""
    names = usage.variants or (usage.model,)
    more = len(names) - _TOLD
    return "\n".join([*map(fenced, names[:_TOLD]), *([f"and {more:,} more"] if more > 0 else [])])


def itemised(seen: Seen) -> list[Component]:
    """Return the sentences that a filter by models needs."""
    if not seen.filters.choice.models:
        return []
    why = html.Span("Figures come from entries, as counters know no model. ")
    if seen.coverage is None:
        return [why]
    share = html.B(formats.rough_share(seen.coverage))
    return [why, html.Span(["Entries explain ", share, " of all cost."])]


def colour(slot: int) -> dict[str, str]:
    """Return the style of a swatch in a model's colour for good."""
    return {"background": f"var(--ud-model-{token(slot)})"}


def _rows(seen: Seen, shown: list[ModelUsage]) -> list[Component]:
    """Return the models as boxes to tick, and last what is not itemised, which has none: counters know no model."""
    whole = total(usage.cost for usage in seen.models)
    dearest = max((usage.cost.known for usage in seen.models), default=0.0)
    boxes = [_row(usage, whole, dearest, ticked=usage.model in seen.filters.choice.models) for usage in shown]
    return [*boxes, *(_not_itemised(usage, whole, dearest) for usage in seen.models if not usage.itemised)]


def _not_itemised(usage: ModelUsage, whole: Sum, dearest: float) -> html.Div:
    said: Children = [html.Span(), hatch(), html.Span(usage.model, className="what")]
    return html.Div(
        [*said, *_figures(usage.cost, whole, dearest)], className="opt off num", title="Counters know no model."
    )


def _figures(cost: Sum, whole: Sum, dearest: float) -> Children:
    width = 100 * cost.known / dearest if dearest else 0
    return [
        html.Span(html.I(style={"width": f"{width:.0f}%"}), className="share"),
        html.Span(formats.share(_share(cost, whole)), className="r sub"),
        html.Span(narrow_amount(cost, formats.money), className="r"),
    ]


def _row(usage: ModelUsage, whole: Sum, dearest: float, *, ticked: bool) -> html.Button:
    parts: Children = [
        html.Span(className="tick"),
        html.Span(className="swatch", style=colour(usage.slot)),
        html.Span(foreign(usage.model), className="what"),
        *_figures(usage.cost, whole, dearest),
    ]
    return html.Button(
        parts,
        className="opt num",
        type="button",
        role="checkbox",
        title=variants(usage),
        **attributes(aria_checked=str(ticked).lower(), data_toggle="model", data_value=usage.model),
    )


def _share(cost: Sum, whole: Sum) -> float | None:
    return cost.known / whole.known if whole.known and not whole.lacking else None


def _foot(seen: Seen, models: int) -> list[Component]:
    choice = seen.filters.choice
    within: Children = []
    if choice.team is not None:
        within = [", in team ", foreign(choice.team)] if choice.team else [", in no team"]
    if not choice.models:
        return [html.Span([f"None ticked: all {models:,}, share of cost {seen.shown.label}", *within])]
    return [
        html.Span([f"{len(choice.models)} of {formats.counted(models, 'model')}", *within]),
        html.Span(className="grow"),
        html.Button("Select all", className="link", type="button", **sets({"model": None})),
    ]

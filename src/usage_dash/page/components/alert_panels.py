"""Alerts as the page of trust shows them: each rule, how near it is and when it was sent, and where they are set."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from usage_dash.alerts.standing import RuleStanding, Standing, Waiting
from usage_dash.alerts.undelivered import missed
from usage_dash.page.components.check_list import spelled
from usage_dash.page.components.elements import Children, attributes, foreign
from usage_dash.page.components.times import Clock
from usage_dash.repository.base import Source
from usage_dash.wording import formats

_HEADS = ("Tell us when", "Now", "Last sent", "Delivery")
_NOBODY = "Nobody is told. Set `USAGE_DASH_ALERTS`."
_OF_SAMPLE = "Of sample data nobody is told. With your own, set `USAGE_DASH_ALERTS`."
_ONCE = (
    "Each is sent once per event and period, and once more when it is over. Rules are settings, so this page changes "
    "nothing."
)
_TEST = "usage-dash alerts test"


def alert_panels(standing: Standing | None, source: Source, clock: Clock) -> list[Component]:
    """The rules and their settings; of nobody who is told, only how to tell somebody."""
    if standing is None:
        said = _OF_SAMPLE if source.sample else _NOBODY
        return [html.Div(_card("Alerts", "", [html.P(spelled(said))]), className="grid")]
    return [html.Div([_rules(standing, clock), _settings(standing)], className="grid two-up")]


def _rules(standing: Standing, clock: Clock) -> html.Section:
    every = formats.span(standing.every_seconds)
    count = formats.counted(len(standing.rules), "rule")
    failed = missed(standing, clock.now)
    head = html.Thead(html.Tr([html.Th(title, scope="col") for title in _HEADS]))
    body = html.Tbody([_rule(each, standing, failed, clock) for each in standing.rules])
    table = html.Table([head, body], className="data num")
    return _card("Alerts", f"{count}, looked at every {every}", [table], full=True)


def _rule(rule: RuleStanding, standing: Standing, failed: Sequence[Waiting], clock: Clock) -> html.Tr:
    state = rule.state
    sent = "never" if rule.sent is None else formats.moment(rule.sent, clock.now, clock.zone)
    return html.Tr(
        [
            html.Th(spelled(state.words), scope="row"),
            html.Td(spelled(state.idle or state.now), className="sub"),
            html.Td(sent),
            html.Td(_delivery(rule, standing, failed)),
        ]
    )


def _delivery(rule: RuleStanding, standing: Standing, failed: Sequence[Waiting]) -> Component:
    name = rule.state.rule.name
    lacking = {each.address for each in failed if each.rule == name}
    if lacking:
        reached = max(len(standing.addresses) - len(lacking), 0)
        return html.Span(f"{reached} of {len(standing.addresses)} delivered", className="bad")
    if any(each.rule == name for each in standing.waiting):
        return html.Span("Waiting")
    return html.Span("Delivered", className="good") if rule.sent else html.Span("–", className="sub")


def _settings(standing: Standing) -> html.Section:
    addresses: Children = []
    for number, address in enumerate(standing.addresses):
        addresses += [", ", foreign(address)] if number else [foreign(address)]
    rules = ", ".join(each.state.rule.text for each in standing.rules)
    settings = [_setting("USAGE_DASH_ALERTS", addresses), _setting("USAGE_DASH_ALERT_RULES", [rules])]
    content = [html.Dl(settings), html.P(_ONCE), html.Pre(html.Code(_TEST))]
    return _card("Where they are set", "", content)


def _setting(name: str, value: Children) -> html.Div:
    return html.Div([html.Dt(html.Code(name)), html.Dd(value)])


def _card(title: str, aside: str, content: Sequence[Component], *, full: bool = False) -> html.Section:
    name = f"{title.lower().replace(' ', '-')}-title"
    beside = [html.Span(aside, className="sub")] if aside else []
    head = html.Div([html.H2(title, id=name), *beside], className="hd")
    look = "card alerts full" if full else "card alerts"
    return html.Section([head, *content], className=look, **attributes(aria_labelledby=name))

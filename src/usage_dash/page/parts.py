"""The parts of the page that show usage, drawn from one moment of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

from dash.development.base_component import Component

from usage_dash.checks import usual
from usage_dash.ledger.choice import ALL_CHOSEN
from usage_dash.money.budgets import Standing
from usage_dash.money.unusual import UnusualDay
from usage_dash.page import ids
from usage_dash.page.board import Board
from usage_dash.page.components import (
    bill_panels,
    cards,
    charts,
    entries_table,
    footer,
    trust_page,
    user_page,
    users_table,
)
from usage_dash.page.components.alert_panels import alert_panels
from usage_dash.page.components.bar import bar
from usage_dash.page.components.chart import Shown
from usage_dash.page.components.check_list import check_list
from usage_dash.page.components.seen import Seen
from usage_dash.page.components.times import Clock
from usage_dash.page.held_against import held_against
from usage_dash.page.links import Links
from usage_dash.page.marks import TOP
from usage_dash.page.request import Asked
from usage_dash.page.trusted import Trusted
from usage_dash.reporting import counts, queries, top, trust, users
from usage_dash.reporting.dashboard import Moment, Stamp
from usage_dash.reporting.filters import By
from usage_dash.reporting.names import names_of
from usage_dash.reporting.price_band import same_tokens
from usage_dash.reporting.ranges import column_of
from usage_dash.reporting.spans import range_shown
from usage_dash.reporting.trust_models import Trust
from usage_dash.reporting.user_models import UsersPage
from usage_dash.reporting.user_page import person
from usage_dash.reporting.view_models import Overview, Range

Update: TypeAlias = dict[str, Any]  # values of the page, by the names in `answer.OUTPUTS`
Draw: TypeAlias = Callable[[Board, Moment, Asked, tuple[Standing, ...]], Update]  # with the budgets beside it


def _report(board: Board, moment: Moment, asked: Asked, budgets: tuple[Standing, ...]) -> Update:
    overview = queries.overview(moment, asked.shown)
    trusted = trust.trust(moment)
    seen = _seen(board, moment, asked, overview, trusted)
    budget = held_against(budgets, asked, overview.range)
    shown = replace(_charted(board, moment, asked, seen, overview), budget=budget)
    return {
        "cards": cards.cards(overview, board.currency, of_one=asked.person is not None),
        **bar(seen),
        "charts": charts.sent(charts.charts(shown), overview.range.first, overview.range.last),
        "coverage": footer.trust(trusted, asked.who.viewer.rights, board.links.keeping(asked.kept)),
    }


def _seen(board: Board, moment: Moment, asked: Asked, overview: Overview, trusted: Trust) -> Seen:
    return Seen(
        filters=asked.shown,
        today=moment.today,
        zone=moment.zone,
        shown=overview.range,
        compared=overview.compared,
        counts=counts.counts(moment, asked.shown),
        models=queries.all_models(moment, asked.shown),
        links=board.links,
        teams=top.teams(moment, asked.shown),
        has_teams=top.has_teams(moment),
        coverage=trusted.coverage,
        names=names_of(moment, asked.shown.choice.users),
        left_out=asked.left_out,
        person=asked.person is not None,
    )


def _charted(board: Board, moment: Moment, asked: Asked, seen: Seen, overview: Overview) -> Shown:
    """Return what charts are drawn from; where all is one user's, nobody can be compared with anybody."""
    of_one = asked.person is not None or moment.documents <= 1
    dearest = None if of_one else top.top_users(moment, asked.shown, TOP)
    board.names.want(user.user_id for user in dearest or ())
    timeline, links = queries.timeline(moment, asked.shown), board.links.keeping(asked.kept)
    unusual = _unusual(board, moment, overview.range) if timeline.bucket == By.DAY else ()
    return Shown(
        overview,
        timeline,
        seen.models,
        zoom=str(asked.shown.range),
        looks=asked.looks,
        users=dearest,
        teams=seen.teams,
        has_teams=seen.has_teams,
        trust=links.trust(),
        unusual=unusual,
        why=_explained(links, moment, unusual),
    )


def _unusual(board: Board, moment: Moment, days: Range) -> Sequence[UnusualDay]:
    return board.outlook.unusual.of(moment, days.first, days.last).days


def _explained(links: Links, moment: Moment, unusual: Sequence[UnusualDay]) -> str:
    """Return where one of these days is explained: by the check, which is of all that may be seen."""
    told = moment.choice == ALL_CHOSEN and any(usual.tells_of(each.day, moment.today) for each in unusual)
    return links.check(usual.KEY) if told else ""


def _users(board: Board, moment: Moment, asked: Asked, _budgets: tuple[Standing, ...]) -> Update:
    clock = Clock(moment.now, moment.zone)
    page = users.users_page(moment, asked.shown, asked.users)
    board.names.want(user.user_id for user in page.rows)
    details = users.opened_rows(moment, page, asked.users)
    return {
        "columns": users_table.columns(column_of(asked.shown.range, moment.today), teams=page.teams),
        "rows": users_table.rows(page, details, clock, partial(board.links.user_page, query=asked.along)),
        "place": users_table.place(page),
        "users_count": users_table.counted(page.total, asked.shown.choice.models),
        "pager": _beneath(page, asked, range_shown(moment, asked.shown).label),
    }


def _beneath(page: UsersPage, asked: Asked, label: str) -> list[Component]:
    """Return what stands beneath the users table."""
    if page.total:
        return users_table.pager(page, label)
    return [*users_table.nothing(asked.shown.choice), *users_table.gone(page, label)]


def _person(board: Board, moment: Moment, asked: Asked, _budgets: tuple[Standing, ...]) -> Update:
    clock, links = Clock(moment.now, moment.zone), board.links
    found = person(moment, asked.person or "", asked.shown, asked.users.page)
    if found is None:
        nothing = dict.fromkeys(("person_facts", "person_models", "person_panels", "entries"), None)
        return {"person": user_page.nobody(links, asked.along), **nothing}
    board.names.want([found.user_id])
    return {
        "person": user_page.head(found, links, asked.along),
        "person_facts": user_page.facts(found, clock),
        "person_models": user_page.models(found, same_tokens(moment, asked.shown, board.prices)),
        "person_panels": user_page.panels(found, asked.who.viewer.rights, board.checks.rules.document_limit, clock),
        "entries": entries_table.entries_table(found, asked.shown.choice.models, clock, links),
    }


def trust_part(board: Board, stamp: Stamp, found: Trusted, kept: str) -> Update:
    """Return the page that tells how far the figures can be trusted; all of it is known.

    `kept` is the query string that the way back is asked with.
    """
    clock = Clock(stamp.now, stamp.zone)
    bill = found.billed
    drawn = {ids.RECORDED_AND_BILLED: bill_panels.recorded_and_billed(bill, clock)} if bill and bill.days else {}
    return {
        "trust": trust_page.headline(found, board.source, clock, board.links.keeping(kept)),
        "charts": charts.sent(drawn, bill.first, bill.last) if bill else {},
        "gap": bill_panels.gap(bill) if bill else [],
        "checks": check_list(found.checks, found.names, clock, board.links, found.told_when),
        "alerts": alert_panels(found.alerts, board.source, clock) if found.sees_alerts else [],
    }


DRAW: dict[str, Draw] = {"report": _report, "users": _users, "person": _person}

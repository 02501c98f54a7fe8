"""The rules of budgets: what share of a month's was spent, and whether the forecast passes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from usage_dash.alerts.findings import Finding, Key, Ruling
from usage_dash.alerts.of_users import LOOKED_BACK, month_of
from usage_dash.alerts.plain import plain
from usage_dash.money.budgets import Kind, Standing
from usage_dash.money.outlook import standings_on
from usage_dash.reporting.dashboard import Moment
from usage_dash.reporting.sums import Sum, beyond
from usage_dash.settings.alert_rules import Rule, RuleName
from usage_dash.settings.budgets import Budgets
from usage_dash.wording import amounts, formats

NO_BUDGET: Final = "No budget is set: USAGE_DASH_BUDGETS"
_CALM: Final = 0.95  # of a budget; a forecast that has passed it is back under it below that share
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Months:
    """The budgets of everybody and of teams: as they stand `now`, and of a month that `ended` within a week."""

    now: tuple[Standing, ...]
    ended: tuple[Standing, ...]


def months(moment: Moment, budgets: Budgets) -> Months:
    """Return how everybody's budget and those of teams stand."""
    today = moment.today
    last = today.replace(day=1) - _DAY
    has_just_ended = last >= today - LOOKED_BACK
    now = _standings(moment, budgets, today)
    return Months(now, _standings(moment, budgets, last) if has_just_ended else ())


def budget(found: Months, rule: Rule) -> Ruling:
    """Return which budgets have reached which of the percents."""
    if not found.now:
        return Ruling("", idle=NO_BUDGET)
    findings = (
        Finding(rule.name, month_of(each.today), _mark(each, percent), _spent(each))
        for each in (*found.now, *found.ended)
        for percent in rule.limits
        if not beyond(each.limit * percent / 100, each.spent.known)
    )
    return Ruling(_share(max(found.now, key=lambda each: each.share)), tuple(findings))


def forecast(found: Months, rule: Rule) -> Ruling:
    """Return which budgets the forecast passes; those that are used up are told by the rule of budgets."""
    if not found.now:
        return Ruling("", idle=NO_BUDGET)
    known = [each for each in found.now if each.forecast]
    if not known:
        return Ruling("known after two weeks", unknown=True)
    passed = [each for each in known if _expected(each) > each.limit and each.share < 1]
    lingering = frozenset(_key(each) for each in found.now if not _is_calm(each))
    nearest = max(known, key=lambda each: _expected(each) / each.limit)
    now = f"{_of(nearest)}{_money(_expected(nearest))} of {_money(nearest.limit)}"
    findings = (Finding(rule.name, *_key(each)[1:], _passes(each)) for each in passed)
    return Ruling(now, tuple(findings), lingering)


def _standings(moment: Moment, budgets: Budgets, day: date) -> tuple[Standing, ...]:
    if budgets.month is None and not budgets.teams:
        return ()
    return standings_on(moment, budgets.month, budgets.teams, day)


def _key(of: Standing) -> Key:
    """Return the event of a forecast; that somebody changes the budget neither ends it nor makes it another."""
    return Key(RuleName.FORECAST.value, month_of(of.today), f"{of.kind.value} {of.name}")


def _mark(of: Standing, percent: float) -> str:
    """Return what tells a mark from others of the month; those of a budget that somebody changed are others."""
    return f"{of.kind.value} {of.limit:g} {percent:g}% {of.name}"


def _is_calm(of: Standing) -> bool:
    """Whether the forecast is well under a budget, as far as costs are known."""
    return of.forecast is not None and not of.forecast.month.lacking and _expected(of) <= _CALM * of.limit


def _expected(of: Standing) -> float:
    return of.forecast.month.known if of.forecast else of.spent.known


def _spent(of: Standing) -> str:
    spent = amounts.amount(of.spent, formats.money)
    return f"{_whose(of)} – {spent} of {_money(of.limit)}, {formats.rough_share(of.share)}"


def _passes(of: Standing) -> str:
    least = "at least " if of.forecast and of.forecast.month.lacking else ""
    expected = f"{_whose(of)} – {least}{_money(_expected(of))} expected of {_money(of.limit)}"
    return f"{expected}, used up about {formats.short_day(of.ends)}" if of.ends else expected


def _share(of: Standing) -> str:
    share = amounts.narrow_amount(Sum(of.share, of.spent.lacking), formats.rough_share)
    return f"{_of(of)}{share} of {_money(of.limit)}"


def _whose(of: Standing) -> str:
    return plain(of.name) if of.kind is Kind.TEAM else "Everybody"


def _of(of: Standing) -> str:
    return f"{plain(of.name)} " if of.kind is Kind.TEAM else ""


def _money(dollars: float) -> str:
    return formats.whole_money(dollars)

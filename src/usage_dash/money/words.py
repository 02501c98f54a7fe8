"""How budgets stand, in the words that page, checks and alerts tell alike."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from usage_dash.money.budgets import Kind, Outcome, Standing
from usage_dash.money.forecast import Forecast
from usage_dash.wording import formats
from usage_dash.wording.amounts import amount, span_of_money

_FORECAST_AFTER = "two weeks of usage"


def called(standing: Standing) -> str:
    """Return what a budget is called, beside the name of whose it is: November budget."""
    return f"{standing.today:%B} {'allowance' if standing.kind is Kind.USER else 'budget'}"


def spent_of_it(standing: Standing) -> str:
    """Return what was spent of it: $1,572 of $1,850 spent; with cents where nothing else tells the two apart."""
    if standing.spent.least is None:
        return f"An unknown part of {formats.whole_money(standing.limit)} spent"
    alike = formats.whole_money(standing.spent.known) == formats.whole_money(standing.limit)
    form = formats.money if alike and standing.share != 1 else formats.whole_money
    said, whole = amount(standing.spent, form), form(standing.limit)
    return f"{said[0].upper()}{said[1:]} of {whole} spent"


def outcome(standing: Standing) -> str:
    """Return how it will do: Used up about 29 Nov."""
    match standing.outcome:
        case Outcome.USED_UP:
            over = f", {_rest(standing, standing.over)} over" if round(standing.over, 2) else ""
            return f"Used up {_on(standing)}{over}"
        case Outcome.RUNS_OUT:
            return f"Used up {_about(standing)}"
        case Outcome.LASTS:
            return "Likely lasts the month" if _is_narrow(standing) else "Lasts the month"
        case Outcome.UNKNOWN:
            return "No forecast yet" if standing.forecast is None else "Not known whether it lasts"


def left(standing: Standing) -> str:
    """Return what is left of it: $6.60 left; from four fifths on, how it will do: Used up about 29 Nov."""
    if standing.is_near:
        known = standing.outcome in {Outcome.USED_UP, Outcome.RUNS_OUT}
        return outcome(standing) if known else "Nearly used up"
    bound = "At most " if standing.spent.lacking else ""
    return f"{bound}{_rest(standing, standing.limit - standing.spent.known)} left"


def starts_anew(standing: Standing) -> str:
    """Return when there is all of it again: starts anew 1 Dec."""
    return f"starts anew {formats.short_day(last_day(standing.today) + timedelta(days=1))}"


def expected(standing: Standing) -> str:
    """Return what the month will cost, as the forecast says: $2,204 by 30 Nov, 80% range $2,080 – $2,330."""
    found = standing.forecast
    if found is None:
        return f"A forecast needs {_FORECAST_AFTER}"
    month = f"{amount(found.month, formats.whole_money)} by {formats.short_day(last_day(standing.today))}"
    return f"{month[0].upper()}{month[1:]}{_range(found)}"


def pace(standing: Standing) -> str:
    """Return what the month would cost at the pace of its whole days so far; nothing where nobody knows."""
    found = standing.forecast and standing.forecast.pace
    return f"At this month’s pace {amount(found, formats.whole_money)}" if found else ""


def last_day(today: date) -> date:
    """Return the last day of a day's month."""
    return today.replace(day=calendar.monthrange(today.year, today.month)[1])


def _rest(standing: Standing, dollars: float) -> str:
    """Return what is left of a budget, or over it, with the cents of the budget beside it."""
    return formats.whole_money(dollars) if dollars >= 1 else formats.added_up([standing.limit, dollars])[1]


def _on(standing: Standing) -> str:
    day = standing.ends
    return "today" if day is None or day == standing.today else f"on {formats.short_day(day)}"


def _about(standing: Standing) -> str:
    day = standing.ends
    return "today, as it looks" if day is None or day == standing.today else f"about {formats.short_day(day)}"


def _is_narrow(standing: Standing) -> bool:
    """Whether the range of the forecast passes the limit, though the forecast does not."""
    high = standing.forecast.high if standing.forecast else None
    return high is not None and high >= standing.limit


def _range(found: Forecast) -> str:
    if found.low is None or found.high is None:
        return ", as some costs are unknown"
    return f", 80% range {span_of_money(found.low, found.high)}"

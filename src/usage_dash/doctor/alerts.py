"""Who is told when something is wrong or dear, whether that outlives a restart, and by what budgets."""

from __future__ import annotations

from typing import Final

from usage_dash.checks.check import Check
from usage_dash.doctor.kept import is_kept
from usage_dash.doctor.setup import Setup
from usage_dash.doctor.told import act, good, look
from usage_dash.openers import budgets_of
from usage_dash.settings import SettingsError, SourceName
from usage_dash.settings.budgets import Budgets
from usage_dash.web.platforms import public_url
from usage_dash.wording import formats

_NAMED: Final = 5  # addresses that are named


def alerts(setup: Setup) -> Check | None:
    """Tell who is told, and what a restart does to that; None of sample data."""
    settings = setup.settings
    if settings.source is SourceName.DEMO:
        return None
    if not settings.alerts:
        return good("alerts", "Nobody is told when something is wrong or dear", "USAGE_DASH_ALERTS names who is")
    title = f"Alerts go to {_named([address.short for address in settings.alerts])}"
    detail = f"By {formats.counted(len(settings.alert_rules), 'rule')}, every {_minutes(settings.alert_minutes)}"
    if lasting := _lasting(setup):
        return look("alerts", title, lasting, detail)
    if public_url(settings, setup.environ) is None:
        return good("alerts", title, f"{detail}; without links, as USAGE_DASH_URL is not set")
    return good("alerts", title, f"{detail}. `usage-dash alerts test` sends one to each")


def _named(shorts: list[str]) -> str:
    others = len(shorts) - _NAMED
    return ", ".join(shorts[:_NAMED]) + (f" and {formats.number(others)} more" if others > 0 else "")


def _minutes(count: int) -> str:
    return "minute" if count == 1 else formats.counted(count, "minute")


def _lasting(setup: Setup) -> str:
    """Return what a restart makes of alerts, and what to do; nothing where a ledger file outlives it."""
    if setup.platform is not None and not is_kept(setup):
        return f"{_EMPTIED} {_SLEEPS}"
    return "" if setup.settings.ledger else _FORGOTTEN


_FORGOTTEN: Final = (
    "Set USAGE_DASH_LEDGER to a file on a disk that stays. Without one, what was told is forgotten at a restart: what "
    "is true then is told again, and what could not be delivered is lost."
)
_EMPTIED: Final = (
    "What was told is forgotten when this platform restarts: what is true then is told again, and what could not be "
    "delivered is lost."
)
_SLEEPS: Final = (
    "A plan that sleeps when nobody looks tells nobody anything while it does. Run it where there is a disk, on a plan "
    "that stays awake."
)


def budgets(setup: Setup) -> Check | None:
    """Tell which budgets there are; None without any."""
    try:
        found = budgets_of(setup.settings)()
    except SettingsError as error:
        return act("budgets", "The budgets cannot be read", str(error))
    if not found or setup.settings.source is SourceName.DEMO:
        return None
    return good("budgets", f"There are budgets: {', '.join(_of_each(found))}")


def _of_each(found: Budgets) -> list[str]:
    told = [f"{formats.money(found.month)} a month for all"] if found.month else []
    told += [f"for {formats.counted(len(found.teams), 'team')}"] if found.teams else []
    told += [f"{formats.money(found.user)} for each user"] if found.user else []
    return told + ([f"others for {formats.counted(len(found.users), 'user')}"] if found.users else [])

"""The settings: whether all that is set can be read, and is a setting."""

from __future__ import annotations

from collections.abc import Iterable

from usage_dash.checks.check import Check
from usage_dash.doctor.told import act, good, look
from usage_dash.settings import SettingsError, unknown_names
from usage_dash.settings.loading import names_set, names_that_count
from usage_dash.wording import formats


def wrong_settings(error: SettingsError) -> Check:
    """Tell of settings that cannot be read; each of the error's lines names one, and what is allowed."""
    lines = str(error).splitlines()
    title = f"{formats.counted(len(lines), 'setting')} cannot be used"
    return act("settings", title, " ".join(lines), "Nothing else was looked at: everything hangs on them")


def settings() -> Check:
    """Tell of settings that can all be read, and of names beside them that are none."""
    return of_names(names_set())


def of_names(names: Iterable[str]) -> Check:
    """Tell of the settings among the names of variables, and of what only looks like one."""
    names = set(names)
    count = len(names_that_count(names))
    found = formats.counted(count, "setting")
    if unknown := unknown_names(names):
        ignored = f"{formats.counted(len(unknown), 'name')} beside them {formats.agree(len(unknown), 'is', 'are')} none"
        return look("settings", f"{found} can be read, and {ignored}", " ".join(unknown))
    if not count:
        return good("settings", "No setting is made: all is as it comes")
    return good("settings", f"{found} can be read", "From the environment, and from `.env` in this folder")

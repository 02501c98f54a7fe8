"""The settings, as the doctor tells them."""

from __future__ import annotations

from tests.unit.doctor.seeing import state_of

from usage_dash.checks.check import State
from usage_dash.doctor.settings import of_names, wrong_settings
from usage_dash.settings import SettingsError


def test_all_that_is_set_is_counted() -> None:
    check = of_names(["PATH", "PORT", "PORT", "NEXT_PUBLIC_FIREBASE_API_KEY"])
    assert (state_of(check), check.title) == (State.GOOD, "2 settings can be read")
    assert of_names(["PATH"]).title == "No setting is made: all is as it comes"


def test_a_name_that_is_no_setting_is_named_with_the_nearest() -> None:
    check = of_names(["PORT", "USAGE_DASH_TIMEZON"])
    assert (state_of(check), check.title) == (State.LOOK, "1 setting can be read, and 1 name beside them is none")
    assert "the nearest is USAGE_DASH_TIMEZONE" in check.todo


def test_wrong_settings_are_told_in_their_own_words() -> None:
    check = wrong_settings(SettingsError("PORT is “x”, but must be a number.\nHOST is wrong."))
    assert (state_of(check), check.title) == (State.ACT, "2 settings cannot be used")
    assert check.todo == "PORT is “x”, but must be a number. HOST is wrong."

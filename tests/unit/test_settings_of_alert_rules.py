"""Alert rules: what each may say, and what is wrong is named with what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from tests.unit.worlds import PROPERTY

from usage_dash.settings import SETTINGS, SettingsError, load
from usage_dash.settings.alert_rules import Rule, RuleName, rules_in

EXAMPLES = "user-day=50, user-month=200, budget=50/80/100, forecast, unusual, silent=6h, failing=10m, full, billed=90"
HOUR = 3600


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def refused(text: str) -> str | None:
    """The sentence that says what is wrong; None where nothing is."""
    try:
        rules_in(text)
    except PydanticCustomError as error:
        return error.message() if error.type == "sentence" else ""
    return None


def read(text: str) -> tuple[Rule, ...]:
    found = rules_in(text)
    assert isinstance(found, tuple)
    return found


def test_every_rule_reads_as_it_stands_in_the_examples() -> None:
    assert read(EXAMPLES) == (
        Rule(RuleName.USER_DAY, (50.0,), "user-day=50"),
        Rule(RuleName.USER_MONTH, (200.0,), "user-month=200"),
        Rule(RuleName.BUDGET, (50.0, 80.0, 100.0), "budget=50/80/100"),
        Rule(RuleName.FORECAST, (), "forecast"),
        Rule(RuleName.UNUSUAL, (), "unusual"),
        Rule(RuleName.SILENT, (6.0 * HOUR,), "silent=6h"),
        Rule(RuleName.FAILING, (600.0,), "failing=10m"),
        Rule(RuleName.FULL, (), "full"),
        Rule(RuleName.BILLED, (90.0,), "billed=90"),
    )


def test_unless_it_is_set_all_is_told_that_needs_no_figure_of_the_team() -> None:
    assert [rule.text for rule in load().alert_rules] == [
        "budget=50/80/100",
        "forecast",
        "unusual",
        "silent=6h",
        "failing=10m",
        "full",
        "billed=90",
    ]


@pytest.mark.parametrize(
    ("written", "text", "limits"),
    [
        ("User-Day = 12.50", "user-day=12.50", (12.5,)),
        ("budget = 100 / 80", "budget=100/80", (80.0, 100.0)),
        ("budget=120", "budget=120", (120.0,)),
        ("silent = 2D", "silent=2d", (48.0 * HOUR,)),
        ("silent=120m", "silent=120m", (2.0 * HOUR,)),
        ("failing=1h", "failing=1h", (1.0 * HOUR,)),
        ("billed=97.5", "billed=97.5", (97.5,)),
        ("forecast=", "forecast", ()),
        ("FULL", "full", ()),
    ],
)
def test_case_and_spaces_do_not_matter(written: str, text: str, limits: tuple[float, ...]) -> None:
    (rule,) = read(f"{written} ,")
    assert (rule.text, rule.limits) == (text, limits)


DOLLARS = "takes a number of dollars above 0: user-day=50"
PERCENTS = "takes percents from 1 to 500, each once: budget=50/80/100"
HOURS = "takes whole hours from 1h to 168h, or days: silent=6h"


@pytest.mark.parametrize(
    ("wrong", "takes"),
    [
        *((f"user-day={each}", DOLLARS) for each in ("", "0", "0.0", "-5", "$50", "50$", "1e3", "fifty", "nan", "inf")),
        ("user-day", DOLLARS),
        ("user-day=50/100", DOLLARS),
        ("user-day==50", DOLLARS),
        ("user-day=\N{FULLWIDTH DIGIT NINE}", DOLLARS),
        *((f"budget={each}", PERCENTS) for each in ("", "0", "50/50", "50/50.0", "80%", "501", "50//80", "50/x", "/")),
        *((f"silent={each}", HOURS) for each in ("", "6", "90m", "0h", "169h", "8d", "6 hours", "1.5h", "-6h", "6s")),
        ("failing=0m", "takes minutes, hours or days from 1m to 7d: failing=10m"),
        ("failing=30s", "takes minutes, hours or days from 1m to 7d: failing=10m"),
        ("failing=8d", "takes minutes, hours or days from 1m to 7d: failing=10m"),
        *((f"billed={each}", "takes a percent from 1 to 100: billed=90") for each in ("0", "101", "0.5", "90%", "1/2")),
        *((f"{each}=1", f"takes no limit: {each}") for each in ("forecast", "unusual", "full")),
    ],
)
def test_a_limit_that_is_none_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, wrong: str, takes: str
) -> None:
    monkeypatch.setenv("USAGE_DASH_ALERT_RULES", f"user-month=200, {wrong}")
    with pytest.raises(SettingsError) as caught:
        load()
    name = wrong.partition("=")[0]
    assert str(caught.value) == f"USAGE_DASH_ALERT_RULES has “{wrong}”, but {name} {takes}."


@pytest.mark.parametrize("wrong", ["users-day=50", "=50", "50", "{odd}", "user_day=50", "forecasts", "x" * 81])
def test_what_is_no_rule_is_named_with_all_rules(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("USAGE_DASH_ALERT_RULES", f"full, {wrong}")
    with pytest.raises(SettingsError) as caught:
        load()
    shown = wrong if len(wrong) <= 80 else f"{wrong[:80]}…"
    assert str(caught.value) == f"USAGE_DASH_ALERT_RULES has “{shown}”, which is no rule: there are {EXAMPLES}."


@pytest.mark.parametrize("twice", ["budget=80,budget=100", "full, unusual, FULL", "silent=6h,silent=6h"])
def test_a_rule_that_stands_there_twice_is_named(monkeypatch: pytest.MonkeyPatch, twice: str) -> None:
    monkeypatch.setenv("USAGE_DASH_ALERT_RULES", twice)
    with pytest.raises(SettingsError) as caught:
        load()
    name = twice.partition("=")[0].partition(",")[0]
    assert str(caught.value) == f"USAGE_DASH_ALERT_RULES has {name} more than once: leave one of them."


def test_no_rule_at_all_is_named_since_nobody_would_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_DASH_ALERT_RULES", " , ")
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value) == (
        f"USAGE_DASH_ALERT_RULES names no rule, so nobody would be told anything: there are {EXAMPLES}."
    )


NAMES = st.sampled_from([each.value for each in RuleName])


@PROPERTY
@given(st.one_of(st.text(max_size=40), st.builds("{}={}".format, NAMES, st.text("0123456789./hmd -", max_size=8))))
def test_whatever_is_written_is_read_as_it_stands_or_named(text: str) -> None:
    sentence = refused(text)
    if sentence is not None:
        assert sentence.startswith("USAGE_DASH_ALERT_RULES ")
        return
    found = read(text)
    assert found
    for rule in found:
        assert read(rule.text) == (rule,)
        assert list(rule.limits) == sorted(set(rule.limits))
        assert all(limit > 0 for limit in rule.limits)

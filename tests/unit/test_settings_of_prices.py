"""Settings of prices: what is known of models beside the price lists, and what says nothing is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from usage_dash.settings import SETTINGS, SettingsError, load
from usage_dash.settings.prices import Dollars, OwnPrice


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.chdir(tmp_path)


def test_models_stand_for_known_ones_or_have_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USAGE_DASH_PRICES", "my-deployment = gpt-4o, a=b=openai/o3, other=0.5/1.5,one=1 / .1 / 2,")
    assert load().prices == (
        OwnPrice("my-deployment", "gpt-4o"),
        OwnPrice("a=b", "openai/o3"),
        OwnPrice("other", Dollars(0.5, 0.5, 1.5)),
        OwnPrice("one", Dollars(1.0, 0.1, 2.0)),
    )


def test_nothing_is_said_of_prices_unless_it_is_set() -> None:
    assert load().prices == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "gpt-4o",
        "=gpt-4o",
        "{odd}",
        "other=",
        "other=0.5",
        "other=1/2/3/4",
        "other=-1/2",
        "other=1/2/3",
        "other=1/1e999",
        "other=$1/$2",
    ],
)
def test_what_says_nothing_is_named_with_what_is_allowed(monkeypatch: pytest.MonkeyPatch, wrong: str) -> None:
    monkeypatch.setenv("USAGE_DASH_PRICES", f"my-deployment=gpt-4o,{wrong}")
    with pytest.raises(SettingsError) as caught:
        load()
    said = (
        f"USAGE_DASH_PRICES has “{wrong}”, but must be a model's name with a known model, such as my-deployment=gpt-4o"
    )
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    "twice", ["other=0.5/1.5,other=1/2", "Other=gpt-4o, other=gpt-4o", "x=gpt-4o,other=1/2,OTHER=1/2"]
)
def test_a_model_that_is_told_twice_is_named(monkeypatch: pytest.MonkeyPatch, twice: str) -> None:
    monkeypatch.setenv("USAGE_DASH_PRICES", twice)
    with pytest.raises(SettingsError) as caught:
        load()
    assert str(caught.value) == "USAGE_DASH_PRICES says more than once what “other” is: leave one of them."

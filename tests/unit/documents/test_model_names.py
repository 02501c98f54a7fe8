"""Names of models that people take for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.documents.model_names import family

NAMES = st.text(st.sampled_from("/-Gg4 \n"), max_size=6)
DATES = st.sampled_from(["-2024-08-06", "-2024-13-06", "-1999-08-06", "-2024-8-6", "2024-08-06"])


@pytest.mark.parametrize(
    "name",
    ["gpt-4o", "GPT-4o", "openai/gpt-4o", "azure/openai/gpt-4o", "gpt-4o-2024-08-06", "OpenAI/GPT-4o-2024-08-06"],
)
def test_case_provider_and_date_do_not_matter(name: str) -> None:
    assert family(name) == "gpt-4o"


@pytest.mark.parametrize(
    "name",
    [
        "gpt-4o-mini",
        "gpt-4o-2024",
        "gpt-4o-0806",
        "gpt-4o-20240806",
        "gpt-4o-2024-13-06",
        "gpt-4o-2024-08-32",
        "gpt-4o-2024-08-06-preview",
        "gpt-4o-٢٠٢٤-08-06",
        "gpt-4o-2024-08-06\n",
        "-2024-08-06",
        "openai/",
        "/",
        " ",
        "",
    ],
)
def test_what_else_differs_is_another_model(name: str) -> None:
    assert family(name) == name


@given(st.builds("".join, st.lists(NAMES | DATES, max_size=6)))
def test_a_family_is_its_own(name: str) -> None:
    found = family(name)
    assert family(found) == found
    assert bool(found) == bool(name)


def test_a_name_may_be_as_long_as_a_document() -> None:
    """Each page asks for the family of each model: to try all dates within, one after another, would take minutes."""
    dates = "-2024-08-06" * 90_000
    assert family(f"m{dates}x") == f"m{dates}x"
    assert family(f"m{dates}") == "m"

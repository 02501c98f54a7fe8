"""The split of a change: each factor alone, all together, and whatever else usage can be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from usage_dash.money.decomposition import Factor, OfModel, Usage, split

MODEL = "gpt-5"
OTHER = "gpt-4o"
BEFORE = Usage(users=10, models={MODEL: OfModel(calls=100, tokens=5_000, cost=20)})

amounts = st.just(0.0) | st.floats(1e-6, 1e12)
of_models = st.builds(OfModel, amounts, amounts, amounts)
usages: SearchStrategy[Usage] = st.builds(
    Usage,
    users=st.just(0.0) | st.integers(1, 10**6).map(float) | st.floats(0.5, 10),
    models=st.dictionaries(st.sampled_from("abcd"), of_models),
    not_itemised=amounts,
    gone=amounts,
    unknown=amounts,
)


def parts(before: Usage, after: Usage) -> dict[Factor, float]:
    """The parts that are not zero."""
    return {each.factor: pytest.approx(each.dollars) for each in split(before, after) if abs(each.dollars) > 1e-9}


def one(calls: float, tokens: float, cost: float, users: float = 10) -> Usage:
    return Usage(users=users, models={MODEL: OfModel(calls, tokens, cost)})


@given(usages, usages)
@example(Usage(), Usage())
@example(Usage(), BEFORE)
@example(Usage(users=3), Usage(users=3, models={MODEL: OfModel(1, 0, 5)}))
def test_the_parts_add_up_to_the_change(before: Usage, after: Usage) -> None:
    assert sum(each.dollars for each in split(before, after)) == pytest.approx(
        after.cost - before.cost, rel=1e-9, abs=1e-9 * (before.cost + after.cost)
    )


@given(usages, usages)
def test_the_way_back_has_the_same_parts(before: Usage, after: Usage) -> None:
    tolerance = 1e-9 * (before.cost + after.cost + 1)
    for there, back in zip(split(before, after), split(after, before), strict=True):
        assert there.dollars == pytest.approx(-back.dollars, rel=1e-6, abs=tolerance)


@given(usages)
def test_no_change_has_no_parts(usage: Usage) -> None:
    assert all(abs(each.dollars) <= 1e-9 * usage.cost for each in split(usage, usage))


@pytest.mark.parametrize(
    ("after", "factor"),
    [
        (one(200, 10_000, 40, users=20), Factor.USERS),
        (one(200, 10_000, 40), Factor.CALLS),
        (one(100, 10_000, 40), Factor.TOKENS),
        (one(100, 5_000, 40), Factor.PRICE),
        (replace(BEFORE, not_itemised=20), Factor.NOT_ITEMISED),
        (replace(BEFORE, gone=20), Factor.GONE),
        (replace(BEFORE, unknown=20), Factor.UNKNOWN),
    ],
)
def test_what_changes_alone_is_all_of_the_change(after: Usage, factor: Factor) -> None:
    assert parts(BEFORE, after) == {factor: 20}


def test_the_same_calls_on_another_model_are_the_mix_alone() -> None:
    after = Usage(users=10, models={OTHER: OfModel(calls=100, tokens=20_000, cost=50)})
    assert parts(BEFORE, after) == {Factor.MODELS: 30}


def test_more_calls_and_another_model_are_told_apart() -> None:
    after = Usage(users=10, models={OTHER: OfModel(calls=200, tokens=10_000, cost=80)})
    assert parts(BEFORE, after) == {Factor.CALLS: 30, Factor.MODELS: 30}  # each first: 20 and 20, each last: 40 and 40


def test_a_model_that_comes_beside_another_changes_calls_and_mix() -> None:
    dear = OfModel(calls=100, tokens=5_000, cost=60)
    after = Usage(users=10, models={**BEFORE.models, OTHER: dear})
    assert parts(BEFORE, after) == {Factor.CALLS: 30, Factor.MODELS: 30}


def test_what_a_model_lost_to_another_changes_neither_price_nor_tokens() -> None:
    before = Usage(users=1, models={MODEL: OfModel(50, 500, 5), OTHER: OfModel(50, 5_000, 100)})
    after = Usage(users=1, models={MODEL: OfModel(90, 900, 9), OTHER: OfModel(10, 1_000, 20)})
    assert parts(before, after) == {Factor.MODELS: -76}


def test_first_usage_is_all_by_users() -> None:
    assert parts(Usage(), BEFORE) == {Factor.USERS: 20}
    assert parts(BEFORE, Usage()) == {Factor.USERS: -20}


@pytest.mark.parametrize("odd", [OfModel(0, 50, 7), OfModel(5, 0, 7), OfModel(0, 0, 7)])
def test_a_model_without_calls_or_tokens_stands_apart(odd: OfModel) -> None:
    after = replace(BEFORE, models={**BEFORE.models, OTHER: odd})
    assert parts(BEFORE, after) == {Factor.UNKNOWN: 7}


def test_usage_of_no_known_user_stands_apart() -> None:
    assert parts(Usage(), replace(BEFORE, users=0)) == {Factor.UNKNOWN: 20}


def test_a_model_that_cost_nothing_got_dearer() -> None:
    assert parts(one(100, 5_000, 0), one(100, 5_000, 30)) == {Factor.PRICE: 30}

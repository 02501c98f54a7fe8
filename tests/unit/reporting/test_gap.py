"""What explains the gap between recorded and billed: parts that add up to it, and what was not measured is none."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.reporting import gap
from usage_dash.reporting.gap import Answered, Gap, Part, Recorded, explain
from usage_dash.wording import formats

GPT = Answered(cost=100.0, requests=1_000, tokens=1_000_000)


def dollars(found: tuple[Part, ...]) -> dict[str, float]:
    return {part.what: part.dollars for part in found}


def explained(*, answered: dict[str, Answered], recorded: dict[str, Recorded], **known: object) -> dict[str, float]:
    """The parts of a gap that is just what was billed for these models, without what is recorded of them."""
    billed = fsum(each.cost for each in answered.values())
    held = fsum(each.cost for each in recorded.values())
    return dollars(explain(Gap(billed - held, answered, recorded, **known)))  # type: ignore[arg-type]


def test_calls_that_were_never_recorded_cost_what_openai_takes_on_average() -> None:
    found = explain(Gap(20.0, {"gpt": GPT}, {"gpt": Recorded(cost=80.0, calls=850, tokens=800_000)}))
    assert found == (Part(gap.LOST, "150 calls more than recorded, most of gpt", 20.0),)


def test_calls_that_are_not_itemised_are_recorded() -> None:
    rest = Recorded(cost=15.0, calls=100, tokens=150_000)
    found = explain(Gap(5.0, {"gpt": GPT}, {"gpt": Recorded(cost=80.0, calls=850, tokens=800_000)}, rest))
    assert found == (Part(gap.LOST, "50 calls more than recorded, most of gpt", 5.0),)


def test_where_tokens_are_not_known_calls_are_compared() -> None:
    assert explained(answered={"gpt": GPT}, recorded={"gpt": Recorded(75.0, 750, None)}) == {gap.LOST: 25.0}


def test_what_is_recorded_as_free_has_openais_price() -> None:
    held = Recorded(cost=70.0, calls=1_000, tokens=1_000_000, free_calls=212, free_tokens=300_000)
    found = explain(Gap(30.0, {"gpt": GPT}, {"gpt": held}))
    assert found == (Part(gap.FREE, "212 calls, recorded as $0 or without a cost", 30.0),)


def test_free_calls_of_a_model_without_a_name_are_not_lost() -> None:
    recorded = {"gpt": Recorded(70.0, 700, 700_000), "unknown": Recorded(0.0, 300, 300_000, 300, 300_000)}
    assert explained(answered={"gpt": GPT}, recorded=recorded) == {gap.FREE: 30.0}


def test_what_openai_did_not_bill_here_is_recorded_of_somebody_else() -> None:
    recorded = {"gpt": Recorded(100.0, 1_000, 1_000_000), "claude": Recorded(40.0, 10, 10_000)}
    found = explain(Gap(-40.0, {"gpt": GPT}, recorded))
    assert found == (Part(gap.EXCESS, "of another project, key or provider: claude", -40.0),)
    assert explained(answered={"gpt": GPT}, recorded={"gpt": Recorded(125.0, 1_250, 1_250_000)}) == {gap.EXCESS: -25.0}


def test_cached_input_at_full_price_is_recorded_too_high() -> None:
    cheaper = Answered(cost=84.0, requests=1_000, tokens=1_000_000, saved=16.0)
    full = {"gpt": Recorded(100.0, 1_000, 1_000_000)}
    assert explained(answered={"gpt": cheaper}, recorded=full) == {gap.CACHED: -16.0}


def test_a_writer_that_knows_the_price_of_cached_input_is_not_blamed() -> None:
    cheaper = Answered(cost=84.0, requests=1_000, tokens=1_000_000, saved=16.0)
    assert explained(answered={"gpt": cheaper}, recorded={"gpt": Recorded(84.0, 1_000, 1_000_000)}) == {}


def test_the_cache_explains_no_more_than_it_saved() -> None:
    cheaper = Answered(cost=84.0, requests=1_000, tokens=1_000_000, saved=16.0)
    found = explained(answered={"gpt": cheaper}, recorded={"gpt": Recorded(110.0, 1_000, 1_000_000)})
    assert found == {gap.CACHED: -16.0, gap.UNEXPLAINED: -10.0}


def test_services_and_other_callers_are_as_dear_as_openai_says() -> None:
    found = explain(Gap(50.0, services={"tts-1": 8.0, "whisper": 1.5}, callers={"key_2": 20.0, "key_3": 20.5}))
    assert found == (
        Part(gap.CALLERS, "2 API keys that are not the chatbot’s", 40.5),
        Part(gap.SERVICES, "never recorded: tts-1 and 1 more", 9.5),
    )


def test_what_was_not_measured_is_no_part() -> None:
    recorded = {"gpt": Recorded(80.0, 1_000, 1_000_000, 10, 10_000), "claude": Recorded(5.0, 1, 1)}
    assert dollars(explain(Gap(20.0, recorded=recorded))) == {gap.UNEXPLAINED: 20.0}


def test_no_gap_has_no_parts() -> None:
    assert explain(Gap(0.0)) == ()
    assert explain(Gap(0.00001)) == ()


def test_small_gaps_are_told_finer() -> None:
    assert dollars(explain(Gap(0.0123))) == {gap.UNEXPLAINED: 0.0123}
    assert dollars(explain(Gap(12.3456))) == {gap.UNEXPLAINED: 12.35}


def test_parts_add_up_as_they_are_written_where_the_gap_reads_as_a_dollar() -> None:
    parts = explain(Gap(0.9986, services={"tts-1": 0.3343}, callers={"key_2": 0.6643}))
    assert formats.added_up([*(part.dollars for part in parts), 0.9986]) == ["$0.66", "$0.33", "$0.01", "$1.00"]
    parts = explain(Gap(-0.7711, services={"tts-1": 0.2655}, callers={"key_2": -0.0249}))
    assert formats.added_up([*(part.dollars for part in parts), -0.7711]) == ["$0.27", "−$0.02", "−$1.02", "−$0.77"]


def test_half_a_cent_is_rounded_as_it_is_written() -> None:
    parts = explain(Gap(0.005, callers={"key_2": 1.0}))
    assert formats.added_up([*(part.dollars for part in parts), 0.005]) == ["$1.00", "−$0.99", "$0.01"]


money = st.floats(0, 1e6)
count = st.integers(0, 10**9)
answered = st.builds(Answered, money, count, count, money)
recorded = st.builds(Recorded, money, count, st.none() | count, count, count)
names = st.sampled_from(["gpt", "mini", "unknown", "claude"])


@given(
    st.builds(
        Gap,
        st.floats(-1e6, 1e6),
        st.dictionaries(names, answered),
        st.dictionaries(names, recorded),
        recorded,
        st.dictionaries(names, money),
        st.dictionaries(names, money),
    )
)
def test_the_parts_add_up_to_the_gap_as_it_is_written(known: Gap) -> None:
    parts = explain(known)
    decimals = 2 if round(max(map(abs, [known.dollars, *(part.dollars for part in parts)])), 2) >= 1 else 4
    assert round(fsum(part.dollars for part in parts), decimals) == pytest.approx(
        round(known.dollars, decimals), abs=10**-decimals / 100
    )
    assert all(part.dollars == round(part.dollars, decimals) and part.dollars for part in parts)
    assert [part.what for part in parts].count(gap.UNEXPLAINED) <= 1
    assert all(part.what != gap.UNEXPLAINED for part in parts[:-1])

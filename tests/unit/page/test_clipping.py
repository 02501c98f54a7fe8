"""Where an axis is clipped, so that few high points do not flatten all others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit import view_samples as samples

from usage_dash.page.figures.beyond import beyond
from usage_dash.page.figures.clipping import Clip, clip
from usage_dash.page.figures.points import Points
from usage_dash.reporting.sums import Sum
from usage_dash.wording import formats

heights = st.lists(st.one_of(st.just(0.0), st.floats(1e-9, 1e12)), max_size=120)


@st.composite
def spiked(draw: st.DrawFn) -> list[float]:
    """Heights of which few dwarf the rest, in any order."""
    rest = draw(st.lists(st.floats(1.0, 2.0), min_size=5, max_size=90))
    few = max(1, len(rest) // 10)
    spikes = draw(st.lists(st.floats(8.1, 1e6), min_size=1, max_size=few))
    return draw(st.permutations([*rest, *spikes]))


any_heights = st.one_of(heights, spiked())


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([10, 12, 11, 48, 10], None),  # no more than four times the highest of the rest
        ([10, 12, 11, 48.1, 10], Clip(13.8, (3,))),
        ([10, 12, 11, 480, 10, 23], Clip(26.45, (3,))),  # one of six are few, so the second one is of the rest
        ([1, 1, 1000], None),  # of two others, neither is the rule
        ([0, 0, 1, 1, 1000, 0], None),
        ([0, 1, 1, 1, 1000, 0], Clip(1.15, (4,))),
        ([1] * 18 + [900, 1000], Clip(1.15, (18, 19))),
        ([1] * 17 + [800, 900, 1000], None),  # three of twenty are no few
        ([1] * 18 + [1.9, 1000], Clip(2.0, (19,))),  # what fits has room, as far as the axis may go
        ([1] * 18 + [2.1, 1000], Clip(1.15, (18, 19))),
        ([0] * 30, None),
        ([], None),
        ([1e300, 1.0, 1.0, 1.0], Clip(1.15, (0,))),
    ],
)
def test_few_points_that_dwarf_the_rest_go_beyond_the_axis(found: list[float], expected: Clip | None) -> None:
    at = clip(found)
    if expected is None or at is None:
        assert at == expected
    else:
        assert (at.top, at.beyond) == (pytest.approx(expected.top), expected.beyond)


@given(spiked())
def test_whatever_is_not_marked_fits_and_uses_the_axis(found: list[float]) -> None:
    at = clip(found)
    assert at is not None
    fits = [height for number, height in enumerate(found) if number not in at.beyond]
    assert at.top / 1.16 < max(fits) <= at.top
    assert all(found[number] > at.top for number in at.beyond)
    assert len(at.beyond) == sum(height > 8 for height in found)


@given(any_heights)
def test_few_are_marked_and_the_highest_of_all_is(found: list[float]) -> None:
    at = clip(found)
    used = [height for height in found if height > 0]
    if at is None:
        return
    assert found.index(max(found)) in at.beyond
    assert len(at.beyond) <= max(1, len(used) // 10)
    assert max(found) > 4 * sorted(used)[-1 - max(1, len(used) // 10)]


@given(any_heights, st.sampled_from([2.0**-20, 2.0, 1024.0]))
def test_what_is_counted_in_does_not_matter_nor_do_days_without_usage(found: list[float], unit: float) -> None:
    at, scaled = clip(found), clip([height * unit for height in found] + [0.0] * 10)
    if at is None:
        assert scaled is None
    else:
        assert scaled == Clip(pytest.approx(at.top * unit), at.beyond)


@given(any_heights)
def test_the_order_of_days_does_not_matter(found: list[float]) -> None:
    at, turned = clip(found), clip(found[::-1])
    assert (at is None) == (turned is None)
    assert at is None or turned is None or (turned.top, len(turned.beyond)) == (at.top, len(at.beyond))


def points(at: Clip | None, days: int = 7) -> Points:
    return Points(replace(samples.timeline(1), days=samples.DAYS[:days]), [None] * days, [""] * days, "7d", at)


def test_where_nothing_is_clipped_nothing_is_marked() -> None:
    assert list(beyond(points(None), [Sum(1.0)] * 7, formats.money)) == []


def test_what_goes_beyond_is_marked_at_the_end_of_the_axis_with_its_value() -> None:
    [marks] = beyond(points(Clip(2.0, (0, 3))), [Sum(1_234.5, lacking=2), *[Sum(1.0)] * 2, Sum(8.25)], formats.money)
    assert (marks["x"], marks["y"]) == ([samples.DAYS[0], samples.DAYS[3]], [2.0, 2.0])
    assert marks["text"] == ["≥ $1,234", "$8.25"]
    assert marks["textposition"] == ["top right", "top left"]


def test_of_neighbours_only_the_highest_has_room_for_words() -> None:
    values = [*[Sum(1)] * 3, Sum(70_000_000), Sum(90_000_000), Sum(1), Sum(80_000_000)]
    [marks] = beyond(points(Clip(2.0, (3, 4, 6))), values, formats.number)
    assert marks["text"] == ["", "90.0M", "80.0M"]

"""The page of trust, drawn from checks and from the comparison with OpenAI's bill."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from plotly.io.json import to_json_plotly
from tests.fakes import SOURCE
from tests.integration.page_client import text
from tests.unit import view_samples

from usage_dash.checks.check import Band, Check, Concerned, State, Table
from usage_dash.page.components import bill_panels, dialogs, trust_page
from usage_dash.page.components.check_list import check_list
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.page.trusted import Trusted
from usage_dash.reporting.billed import Billed, BilledDay, Part
from usage_dash.reporting.sums import Sum

NOW = datetime(2026, 11, 25, 14, 2, 31, tzinfo=UTC)
CLOCK = Clock(NOW, ZoneInfo("UTC"))
FIRST, LAST = date(2026, 10, 27), date(2026, 11, 23)
COUNTED = view_samples.trust()
FULL = Check(
    "full",
    State.ACT,
    "2 documents will be full",
    "Then every further call is lost",
    "91%",
    "of 1 MiB",
    "The writer adds each call to `recentUsage`.",
    "Keep the last 100 entries, see `docs/writer.md`.",
    users=(Concerned("svc/bot", "956 kB, full 6 Dec"), Concerned("chen", "921 kB")),
    others=9,
)
GOOD = Check(
    "arrives", State.GOOD, "Usage keeps arriving", "", "51 s", "since the last call", "By its time.", "At once."
)
UNKNOWN = Check("soon", State.UNKNOWN, "Looking…", "", "–", "", "", "")


def bill(recorded: float = 93.0, billed: float = 100.0, **differing: Any) -> Billed:
    """Four weeks at a steady price, and the two days after them."""
    days = tuple(
        BilledDay(FIRST + timedelta(days=number), billed / 28, Sum(recorded / 28), provisional=number >= 28)
        for number in range(30)
    )
    parts = (Part("Calls never recorded", "3 calls", 9.0), Part("Cached input", "at full price", -2.0))
    found = Billed(
        days, FIRST, LAST, Sum(recorded), billed, recorded / billed, parts, NOW - timedelta(minutes=24), None
    )
    return replace(found, **differing)


def drawn(component: Any) -> Any:
    return json.loads(to_json_plotly(component))


def elements(component: Any, kind: str) -> Iterator[dict[str, Any]]:
    """The properties of all elements of a kind."""
    for each in component if isinstance(component, list) else [component]:
        if isinstance(each, dict):
            props = each.get("props", each)
            yield from [props] if each.get("type") == kind else []
            yield from elements(props.get("children"), kind)


def headline(source: Any = SOURCE, **found: Any) -> tuple[str, str]:
    """The sentence, and what stands beneath it."""
    _way, title, *beneath, _counts = drawn(
        trust_page.headline(Trusted((), counted=COUNTED, **found), source, CLOCK, Links())
    )
    assert title["props"]["id"] == "recorded-of-billed"
    return text(title), text(beneath)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (bill(), "Recorded is 93% of what OpenAI billed, 27 October to 23 November."),
        (bill(99), "Recorded agrees with what OpenAI billed (99%), 27 October to 23 November."),
        (bill(102), "Recorded agrees with what OpenAI billed (102%), 27 October to 23 November."),
        (bill(104), "Recorded is more than OpenAI billed: 104%, 27 October to 23 November."),
        (
            bill(recorded=93, billed=100.0, others=7.0),
            "Recorded agrees with what OpenAI billed the chatbot (100%), 27 October to 23 November.",
        ),
        (
            bill(70, others=40.0),
            "Recorded is more than OpenAI billed the chatbot: 117%, 27 October to 23 November.",
        ),
        (
            bill(80, others=100.0),
            "OpenAI billed the chatbot nothing of $80.00 that is recorded, 27 October to 23 November.",
        ),
        (
            bill(recorded=80, billed=-5.0, share=None),
            "OpenAI billed the chatbot nothing of $80.00 that is recorded, 27 October to 23 November.",
        ),
        (
            replace(bill(), recorded=Sum(0.0, lacking=2), share=0.0),
            "What is recorded says no cost to compare with what OpenAI billed, 27 October to 23 November.",
        ),
        (
            replace(bill(0.3), recorded=Sum(0.3, lacking=2)),
            "Recorded is at least 0.30% of what OpenAI billed, 27 October to 23 November.",
        ),
        (replace(bill(), first=LAST), "Recorded is 93% of what OpenAI billed, 23 November."),
        (
            replace(bill(), recorded=Sum(93.0, lacking=2)),
            "Recorded is at least 93% of what OpenAI billed, 27 October to 23 November.",
        ),
        (
            replace(bill(), first=date(2025, 12, 30), last=date(2026, 1, 26)),
            "Recorded is 93% of what OpenAI billed, 30 December 2025 to 26 January 2026.",
        ),
    ],
)
def test_one_sentence_says_how_much_of_the_bill_is_recorded(found: Billed, said: str) -> None:
    assert headline(billed=found, is_asked=True)[0] == said


def test_beneath_it_stands_its_reckoning() -> None:
    assert headline(billed=bill(), is_asked=True)[1] == (
        "$93.00 is recorded and $100.00 was billed, in UTC days. "
        "The last two days are provisional: OpenAI still adds to them."
    )


def test_a_cost_that_nothing_says_is_not_nothing() -> None:
    found = replace(bill(), recorded=Sum(0.0, lacking=2), share=0.0)
    assert headline(billed=found, is_asked=True)[1].startswith("An unknown amount is recorded and $100.00 was billed")


@pytest.mark.parametrize(
    ("differing", "said"),
    [
        ({"undated": 4.0}, "Up to $4.00 more may be of these days: no entry says when."),
        ({"whole": True}, "It is the whole organisation’s bill: name the chatbot’s projects in OPENAI_PROJECT_IDS."),
        (
            {"problem": "OpenAI refused the key."},
            "OpenAI’s last answer: 25 Nov, 13:38. The last try failed: OpenAI refused the key.",
        ),
    ],
)
def test_what_limits_the_comparison_is_said(differing: dict[str, Any], said: str) -> None:
    assert headline(billed=bill(**differing), is_asked=True)[1].endswith(said)


NOTHING = bill(share=None, asked=None, parts=(), days=())
NOT_TOLD = tuple(replace(day, billed=None) for day in bill().days)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"is_asked": None}, ""),
        (
            {"is_asked": False},
            "Connect OpenAI’s bill to know the rest: set OPENAI_ADMIN_KEY to an admin key of the organisation.",
        ),
        ({"is_asked": True}, "OpenAI is asked what it billed; that can take a minute."),
        (
            {"is_asked": True, "billed": replace(NOTHING, problem="OpenAI refused the key.")},
            "OpenAI’s last answer: never. The last try failed: OpenAI refused the key.",
        ),
        (
            {"is_asked": True, "billed": replace(NOTHING, asked=NOW, days=bill().days)},
            "No whole day of usage is on OpenAI’s bill so far.",
        ),
        (
            {"is_asked": True, "billed": replace(NOTHING, days=NOT_TOLD, problem="OpenAI refused the key.")},
            "OpenAI’s last answer: never. The last try failed: OpenAI refused the key.",
        ),
        ({"is_asked": False, "source": replace(SOURCE, sample=True)}, "Sample data is on nobody’s bill."),
        ({"is_asked": None, "source": replace(SOURCE, sample=True)}, ""),
    ],
)
def test_without_a_bill_counters_and_entries_are_compared_and_the_next_step_is_told(
    found: dict[str, Any], said: str
) -> None:
    assert headline(**found) == ("Counters and entries agree on 94% of the cost.", said)


@pytest.mark.parametrize(
    ("coverage", "said"),
    [
        (None, "Counters and entries tell no cost yet."),
        (1.0, "Counters and entries agree on 100% of the cost."),
        (1.04, "Entries tell more than the counters: 104% of the cost."),
    ],
)
def test_how_far_counters_and_entries_agree(coverage: float | None, said: str) -> None:
    found = Trusted((), counted=replace(COUNTED, coverage=coverage))
    assert text(drawn(trust_page.headline(found, SOURCE, CLOCK, Links()))[1]) == said


def test_checks_are_counted_by_how_they_stand() -> None:
    found = Trusted((FULL, FULL, GOOD, UNKNOWN), counted=COUNTED)
    assert text(drawn(trust_page.headline(found, SOURCE, CLOCK, Links()))[-1]) == "2 to act on1 good"


def listed(*checks: Check, names: dict[str, str] | None = None) -> Any:
    return drawn(check_list(checks, names or {}, CLOCK, Links("/usage/")))


def test_the_first_is_open_where_there_is_something_to_do() -> None:
    rows = list(elements(listed(FULL, GOOD), "Details"))
    assert [row["open"] for row in rows] == [True, False]
    assert [row["id"] for row in rows] == ["check-full", "check-arrives"]
    assert "heaviest first" in text(listed(FULL, GOOD))


def test_where_all_is_good_there_is_nothing_to_do_and_all_is_closed() -> None:
    [row] = elements(listed(GOOD), "Details")
    assert not row["open"]
    assert "Nothing to do" in text(listed(GOOD))
    assert "How it is knownBy its time.When this changesAt once." in text(row)


def test_what_has_nothing_behind_it_does_not_open() -> None:
    assert list(elements(listed(UNKNOWN), "Details")) == []
    assert "Not knownLooking…" in text(listed(UNKNOWN))


def test_a_row_says_how_it_stands_and_behind_it_why_and_what_to_do() -> None:
    [row] = elements(listed(FULL), "Details")
    head, more = row["children"]
    assert text(head) == "Act2 documents will be fullThen every further call is lost91%of 1 MiB"
    assert text(more).startswith("Likely causeThe writer adds each call to recentUsage.What to doKeep the last")
    assert "recentUsage" in [text(code) for code in elements(more, "Code")]


def test_the_corrected_writer_can_be_had_where_it_is_named_and_only_there() -> None:
    [button] = elements(listed(FULL), "Button")
    assert (text(button), button["data-opens"]) == ("docs/writer.md", "writer")
    assert list(elements(listed(GOOD), "Button")) == []
    assert "runTransaction" in text(drawn(dialogs.corrected_writer()))


def test_users_concerned_are_links_to_their_pages_with_their_names() -> None:
    [row] = elements(listed(FULL, names={"chen": "Chen Wei"}), "Details")
    links = list(elements(row, "A"))
    assert [link["href"] for link in links] == ["/usage/users/svc%2Fbot", "/usage/users/chen"]
    assert [text(link) for link in links] == ["svc/bot956 kB, full 6 Dec", "Chen Wei921 kB"]
    assert "and 9 more" in text(row)


def test_a_table_has_its_words_at_the_left_and_its_figures_at_the_right() -> None:
    table = Table(("Seen", "How", "In"), (("Speech moves `lastUpdated`", "Writes again", "311 documents"),))
    [row] = elements(listed(replace(FULL, table=table)), "Table")
    heads = [each.get("className") for each in elements(row, "Th")]
    assert heads == ["words", "words", None, None]
    assert [each.get("className") for each in elements(row, "Td")] == ["words", None]


@pytest.mark.parametrize(
    ("recorded", "least", "most", "out"),
    [(5.0, 4.0, 6.0, False), (7.0, 4.0, 6.0, True), (3.0, 4.0, 6.0, True), (6.01, 4.0, 6.0, False)],
)
def test_the_mark_of_a_band_warns_outside_it(recorded: float, least: float, most: float, *, out: bool) -> None:
    [row] = elements(listed(replace(FULL, bands=(Band(0, "gpt-5", recorded, least, most),))), "Details")
    [mark] = elements(row, "U")
    assert (mark.get("className") == "out") == out
    assert 0 <= float(mark["style"]["left"].rstrip("%")) <= 100
    assert f"list ${least:.2f} – ${most:.2f}" in text(row)


def test_a_model_without_a_list_price_is_named_with_what_it_cost() -> None:
    [row] = elements(listed(replace(FULL, bands=(Band(3, "unknown", 3.0, None, None),))), "Details")
    assert "unknown$3.00, no list price" in text(row)
    assert list(elements(row, "U")) == []


def test_an_age_goes_on_by_itself() -> None:
    [row] = elements(listed(replace(GOOD, since=NOW - timedelta(seconds=51))), "Details")
    [time] = elements(row, "Time")
    assert (text(time), time["data-age"]) == ("51 s", "2026-11-25T14:01:40+00:00")


def test_what_only_ages_is_the_same_and_what_stands_otherwise_is_not() -> None:
    aging = replace(GOOD, since=NOW, figure="3 s")
    assert Trusted((aging,)).told == Trusted((replace(aging, figure="9 s"),)).told
    assert Trusted((aging,)).told != Trusted((replace(aging, state=State.LOOK),)).told
    assert Trusted((GOOD,)).told != Trusted((replace(GOOD, figure="9 s"),)).told


def test_the_chart_tells_days_and_which_are_provisional() -> None:
    chart = bill_panels.recorded_and_billed(bill(), CLOCK)
    recorded, missing = chart.figure["data"]
    assert recorded["marker"]["color"][27:] == ["var(--ud-accent)", "var(--ud-accent, 0.45)", "var(--ud-accent, 0.45)"]
    assert sum(missing["y"][:28]) == pytest.approx(7.0)
    assert chart.table.rows[0] == ["27 Oct 2026", "$3.32", "$3.57"]
    assert chart.table.rows[-1][0] == "25 Nov 2026, provisional"
    assert chart.summary == "Bar chart: recorded and billed per UTC day; $93.00 recorded and $100.00 billed."
    assert "Billed, not recorded $7.00" in text(drawn(chart.key))
    assert "OpenAI asked 24 min ago, once an hour" in text(drawn(chart.head))


def test_a_gap_reads_as_what_its_parts_come_to() -> None:
    tiny = bill(0.0, 0.000071, parts=(Part("Not explained", "other prices", 0.0001),))
    assert text(drawn(bill_panels.gap(tiny))).endswith("$0.00010Billed, not recorded$0.00010")


def test_what_rounding_leaves_is_not_missing() -> None:
    days = (BilledDay(LAST, 0.1 + 0.2, Sum(0.3), provisional=False),)
    chart = bill_panels.recorded_and_billed(bill(0.3, 0.1 + 0.2, days=days), CLOCK)
    assert text(drawn(chart.key)) == "Recorded $0.3000Provisional"
    assert chart.figure["data"][1]["customdata"] == ["$0.00"]


def test_of_days_that_are_not_compared_no_sum_is_told() -> None:
    nothing = replace(NOTHING, days=bill().days[28:], recorded=Sum(), billed=0.0)
    chart = bill_panels.recorded_and_billed(nothing, CLOCK)
    assert text(drawn(chart.key)) == "RecordedProvisional"
    assert chart.summary == "Bar chart: recorded and billed per UTC day."


def test_of_a_day_that_openai_has_not_told_nothing_is_missing() -> None:
    day = BilledDay(FIRST, None, Sum(3.0), provisional=False)
    chart = bill_panels.recorded_and_billed(replace(bill(), days=(day,)), CLOCK)
    assert chart.figure["data"][1]["y"] == [0.0]
    assert chart.figure["data"][1]["customdata"] == ["not told yet"]
    assert chart.table.rows == [["27 Oct 2026", "$3.00", "–"]]


def test_the_gap_is_made_of_parts_with_their_signs() -> None:
    [panel] = drawn(bill_panels.gap(bill()))
    assert text(panel) == (
        "What explains the gapCalls never recorded3 calls$9.00Cached inputat full price−$2.00Billed, not recorded$7.00"
    )
    more = bill(104, parts=(Part("Cached input", "at full price", -4.0),))
    assert "Billed, less what is recorded−$4.00" in text(drawn(bill_panels.gap(more)))
    assert bill_panels.gap(bill(parts=())) == []

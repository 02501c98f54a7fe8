from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash.development.base_component import Component
from plotly.io.json import to_json_plotly
from tests.unit import view_samples as samples
from tests.unit.page.test_components import text

from usage_dash.access.viewer import RIGHTS, Rights, Role
from usage_dash.page import ids
from usage_dash.page.components import cards, entries_table, user_page
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.page.markup import markup
from usage_dash.prices.rates import Bounds
from usage_dash.reporting.person import Amounts, Checks, Coverage, DocumentSize, EntriesPage, Person, Standing
from usage_dash.reporting.price_band import OnModel, SameTokens
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust_models import FindingRow
from usage_dash.reporting.user_models import EntryRow
from usage_dash.reporting.view_models import Figure, ModelUsage, Range

CLOCK = Clock(samples.NOW, ZoneInfo("UTC"))
LINKS = Links("/usage/")
MIB = 2**20
ALL, SOME = RIGHTS[Role.ADMIN], RIGHTS[Role.VIEWER]
NOTHING_ODD = Checks(0, 0, timedelta(), 0, 0, 0, input_and_output=300, callless=False, moved=False)
COUNTERS = Amounts(Sum(10.0), Sum(8), Sum(300))
ENTRIES = Amounts(Sum(9.0), Sum(7), Sum(250))


def person(**changes: Any) -> Person:
    entry = EntryRow(samples.NOW, "gpt-5.2", 0, 1_224, 943, 0.0428, 3, 2_167)
    maria = Person(
        user_id="maria.oduya",
        name="Maria Oduya",
        email="maria@acme.example",
        team="Research",
        first_seen=datetime(2026, 2, 3, 8, tzinfo=UTC),
        last_active=samples.NOW - timedelta(minutes=51),
        standing=Standing(0.156, 1, 1_284),
        range=Range(samples.DAYS[0], samples.DAYS[-1], "in 7 days"),
        models=samples.split(2),
        coverage=Coverage(0.9, COUNTERS, ENTRIES, ENTRIES),
        size=DocumentSize(412_000, 2_871, 0),
        findings=(),
        checks=NOTHING_ODD,
        entries=EntriesPage((entry, EntryRow(None, "unknown", 1, None, None, None, 1)), 26, 1, 12),
    )
    return replace(maria, **changes)


def said(component: Any) -> str:
    return text(component)


def html_of(parts: list[Component]) -> str:
    return markup(json.loads(to_json_plotly(parts)))


def models_of(maria: Person, same: SameTokens = SameTokens(0.0, (), 0)) -> list[Component]:  # noqa: B008 - a plain value
    return user_page.models(maria, same)


def panels(rights: Rights, **changes: Any) -> list[Component]:
    return user_page.panels(person(**changes), rights, MIB, CLOCK)


def facts(**changes: Any) -> str:
    return said(user_page.facts(person(**changes), CLOCK))


def findings(**changes: Any) -> str:
    return said(panels(ALL, **changes)[-1])


def checked(**checks: Any) -> str:
    return findings(checks=replace(NOTHING_ODD, **checks))


def coverage(**changes: Any) -> str:
    return said(panels(SOME, **changes)[0])


def test_the_head_says_who_it_is_and_leads_back() -> None:
    head = user_page.head(person(), LINKS, "range=7d")
    assert said(head) == "OverviewUsersMaria OduyaMaria Oduyamaria.oduyamaria@acme.example"
    shown = html_of(head)
    assert 'href="/usage/?range=7d" data-go=""' in shown
    assert 'data-copy="maria.oduya"' in shown


def test_without_a_name_the_id_stands_once() -> None:
    head = user_page.head(person(name="", email=""), LINKS, "")
    assert said(head[1:]) == "maria.oduya"


def test_nobody_is_told_in_the_same_words_whoever_it_is() -> None:
    shown = said(user_page.nobody(LINKS, ""))
    assert "There is no user with this id among those you may see" in shown
    assert 'href="/usage/"' in html_of(user_page.nobody(LINKS, ""))


def test_facts_stand_in_a_row() -> None:
    assert facts() == (
        "TeamResearchFirst seen3 Feb 2026Last active51 min agoShare of all cost15.6%, the highestModels in 7 daysm0m1"
    )


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (Standing(0.02, 14, 1_284), "Share of all cost2.0%, number 14 of 1,284"),
        (Standing(0.02, None, 9, at_most=True), "Share of all cost≤ 2.0%Models"),
        (Standing(None, None, 9, at_most=True), "Share of all cost–Models"),
    ],
)
def test_a_share_says_what_is_known_of_it(standing: Standing, told: str) -> None:
    assert told in facts(standing=standing)


def test_who_is_alone_has_no_share_and_what_is_unknown_is_no_fact() -> None:
    told = facts(standing=Standing(1.0, 1, 1), team="", first_seen=None, last_active=None, models=())
    assert told == "First seen–Last active–"


def test_many_models_are_counted() -> None:
    assert facts(models=samples.split(6)).endswith("m0m1m2m3and 2 more")


def test_models_add_up_and_those_left_out_stay() -> None:
    m0, m1 = samples.split(2)
    assert said(models_of(person())) == (
        "Modelsin 7 daysModelCostShareCallsCost / call"
        "m0$100.0066.7%10$10.00m1$50.0033.3%20$2.50Together$150.00100.0%30$5.00"
    )
    filtered = models_of(person(models=(replace(m0, chosen=False), m1)))
    assert said(filtered).endswith("Together$50.0033.3%20$2.50")
    shown = html_of(filtered)
    assert shown.count('class="faded"') == 1
    assert shown.count('aria-pressed="true"') == 1
    assert 'aria-pressed="true"' not in html_of(models_of(person()))


def test_what_is_not_itemised_is_the_last_row_and_filters_by_nothing() -> None:
    m0, m1 = samples.split(2)
    drawn = models_of(person(models=(m0, m1, samples.not_itemised())))
    assert said(drawn).endswith("Not itemised$3.502.3%7$0.5000Together$153.50100.0%37$4.15")
    assert html_of(drawn).count('data-toggle="model"') == 2
    assert html_of(drawn).count("swatch hatch") == 1
    assert facts(models=(m0, samples.not_itemised())).endswith("Models in 7 daysm0")


def test_of_very_many_models_the_dearest_are_listed_and_the_others_are_a_row() -> None:
    many = tuple(ModelUsage(f"m{number}", number, Sum(1.0), Sum(2), Sum(1)) for number in range(1_000))
    drawn = models_of(person(models=many))
    assert html_of(drawn).count('data-toggle="model"') == 100
    assert said(drawn).endswith(
        "m99$1.000.10%2$0.5000900 other models$900.0090.0%1,800$0.5000Together$1,000.00100.0%2,000$0.5000"
    )
    filtered = tuple(replace(usage, chosen=usage.slot == 700) for usage in many)
    shown = html_of(models_of(person(models=filtered)))
    assert shown.count('data-toggle="model"') == 100
    assert shown.count('aria-pressed="true"') == 1
    assert 'data-value="m700"' in shown


def test_models_say_what_they_lack_and_that_there_are_none() -> None:
    unsaid = ModelUsage("m0", 0, Sum(1.5, 1), Sum(3), Sum())
    assert said(models_of(person(models=(unsaid,)))).endswith("Together≥ $1.50–3–")
    assert said(models_of(person(models=()))) == "Modelsin 7 daysNo usage in 7 days."


def test_variants_are_told_on_hover() -> None:
    both = ModelUsage("gpt-4o", 0, Sum(1.0), Sum(1), Sum(1), variants=("gpt-4o", "openai/gpt-4o"))
    assert "openai/gpt-4o" in html_of(models_of(person(models=(both,))))


def test_the_same_tokens_on_other_models_stand_beneath() -> None:
    same = SameTokens(9.0, (OnModel("gpt-5-mini", Bounds(1.0, 2.5)), OnModel("gpt-4", Bounds(120.4, 120.4))), 0)
    told = "The same tokens on other models, at today’s list prices:gpt-5-mini $1.00 – $2.50gpt-4 $120"
    assert said(models_of(person(), same)).endswith(told)
    lacking = said(models_of(person(), replace(same, lacking=1)))
    assert "list prices, without 1 entry of unknown cost or tokens:" in lacking


def test_coverage_is_three_rows_that_add_up() -> None:
    assert coverage() == (
        "Coverageall time90.0% of all-time cost is explained by entriesSourceCostCallsTokens"
        "Counters say$10.008300Entries explain$9.007250Not itemised$1.00150"
    )


def test_coverage_is_never_more_than_all() -> None:
    above = Amounts(Sum(10.5), Sum(9), Sum(310))
    shown = coverage(coverage=Coverage(1.0, COUNTERS, above, above))
    assert shown.startswith("Coverageall timeEntries explain more than the counters say")
    assert shown.endswith("Entries explain$10.509310Not itemised$0.0000")


def test_coverage_says_what_is_not_known() -> None:
    unsaid = Amounts(Sum(lacking=1), Sum(lacking=1), Sum(300))
    shown = coverage(coverage=Coverage(None, unsaid, replace(ENTRIES, tokens=Sum(250, 2)), ENTRIES))
    assert "The counters do not say the cost." in shown
    assert shown.endswith("Counters say––300Entries explain$9.007≥ 250Not itemised––≤ 50")
    none = Amounts(Sum(), Sum(), Sum())
    assert "No cost yet." in coverage(coverage=Coverage(None, none, none, none))


def test_coverage_says_what_it_leaves_out() -> None:
    shown = coverage(checks=replace(NOTHING_ODD, early=1, unplaced=2, uncosted=1))
    assert shown.endswith("Without 2 entries in no range and 1 entry of unknown cost.")


@pytest.mark.parametrize(
    ("size", "told"),
    [
        (
            DocumentSize(412_000, 2_871, 0, 5_800.0),
            "412.0 kB of 1 MiB39% of 1 MiB, grows 5.8 kB a daywarns at 60%Holds 2,871 entries."
            "Full about 13 Mar 2027. From then on each further call of this user is lost without a word: entries that "
            "were read stay known here, and may be trimmed.Trim the entries in the writer",
        ),
        (DocumentSize(700_000, 2, 0), "700.0 kB of 1 MiB67% of 1 MiBwarns at 60%Holds 2 entries.Stays as it is."),
        (DocumentSize(2 * MIB, 2, 0), "Full. Each further call of this user is lost without a word"),
        (DocumentSize(10_000, 100, 40), "Holds the last 100 entries; older ones are trimmed.Stays as it is."),
        (DocumentSize(10_000, 9, 0, 1.0), "At this pace it will not be full within ten years."),
        (DocumentSize(None, 1, 0), "This source does not tell how large documents are.Holds 1 entry."),
    ],
)
def test_a_document_says_how_full_it_is(size: DocumentSize, told: str) -> None:
    assert told in said(panels(SOME, size=size)[1])


@pytest.mark.parametrize(("octets", "hot"), [(600_000, False), (630_000, True)])
def test_a_document_that_fills_up_is_marked_from_60_percent_on(octets: int, *, hot: bool) -> None:
    drawn = html_of(panels(SOME, size=DocumentSize(octets, 2, 0, 900.0))[1:2])
    assert ("meter hot" in drawn, 'class="warn"' in drawn) == (hot, hot)


def test_another_edition_of_firestore_has_another_limit() -> None:
    size = DocumentSize(700_000, 2, 0, 9_000.0)
    told = said(user_page.panels(person(size=size), SOME, 4 * MIB, CLOCK)[1])
    assert "of 4 MiB17% of 4 MiB, grows 9.0 kB a day" in told


def test_a_bar_is_never_wider_than_its_place() -> None:
    assert "width: 100.0%" in html_of(panels(SOME, size=DocumentSize(2_000_000, 1, 0))[1:2])


def test_findings_are_for_whom_they_concern() -> None:
    assert len(panels(SOME)) == 2
    assert "Findings" not in said(panels(SOME))


def test_a_document_in_order_says_so() -> None:
    assert findings() == (
        "FindingsNothing odd in this document.GoodCounters agree with each otherInput and output add up to the total."
    )
    assert checked(input_and_output=None) == "FindingsNothing odd in this document."


@pytest.mark.parametrize(
    ("checks", "told"),
    [
        (
            {"future": 3, "ahead": timedelta(hours=3, minutes=50)},
            "Look3 entries are dated in the futureBy up to 4 h: a computer’s clock was wrong. Such entries count",
        ),
        (
            {"future": 1, "ahead": timedelta(days=5)},
            "Look1 entry is dated in the futureBy up to 5 days",
        ),
        ({"untimed": 2}, "Look2 entries have no readable timeSuch entries count on the day when they were first read."),
        ({"early": 1}, "Look1 entry is dated before Jun 2020"),
        ({"input_and_output": 290}, "LookCounters disagree with each otherInput and output add up to 290 tokens, the"),
        ({"callless": True}, "LookCounters disagree with each otherThey count no call, but $10.00"),
        ({"moved": True}, "LookThe document was written without a call"),
    ],
)
def test_what_figures_tell_is_said(checks: dict[str, Any], told: str) -> None:
    assert told in checked(**checks)
    assert "Nothing odd" not in checked(**checks)


def test_entries_above_the_counters_are_a_finding() -> None:
    above = Amounts(Sum(10.0), Sum(9), Sum(300))
    told = findings(coverage=Coverage(1.0, COUNTERS, ENTRIES, above))
    assert "Entries: $10.00, 9 calls, 300 tokens. Counters: $10.00, 8 calls, 300 tokens." in told
    nearly = replace(above, cost=Sum(10.0 + 1e-9), calls=Sum(8))
    assert "Entries explain more" not in findings(coverage=Coverage(1.0, COUNTERS, ENTRIES, nearly))


def test_findings_of_fields_are_told_in_their_own_words() -> None:
    odd = FindingRow("maria.oduya", "recentUsage[3].costUsd", "not a number", "left out of the sums", 3)
    assert "LookrecentUsage[3].costUsd: not a numberLeft out of the sums, in 3 places." in findings(findings=(odd,))


def test_entries_have_a_page_with_ways_to_newer_and_older_ones() -> None:
    parts = entries_table.entries_table(person(), (), CLOCK, LINKS)
    shown = html_of(parts)
    assert said(parts).startswith("Entries26 · times are UTCCSV")
    assert "24 Nov, 11:30gpt-5.231,2249432,167$0.0428$0.0143–unknown1–––––" in said(parts)
    assert said(parts).endswith("13–14 of 26NewerOlder")
    assert 'href="/usage/export/entries.csv?user=maria.oduya&amp;range=all"' in shown
    assert f'<time datetime="{samples.NOW.isoformat()}" data-local="">' in shown
    assert 'data-set="{&#34;page&#34;:null}">' in shown
    assert 'data-set="{&#34;page&#34;:&#34;3&#34;}">' in shown


def test_entries_of_chosen_models_say_so_and_can_be_taken_along() -> None:
    parts = entries_table.entries_table(person(), ("gpt-4o", "o3"), CLOCK, LINKS)
    assert said(parts).startswith("Entries26 of 2 models · ")
    assert "user=maria.oduya&amp;model=gpt-4o&amp;model=o3&amp;range=all" in html_of(parts)
    assert "26 of gpt-4o · " in said(entries_table.entries_table(person(), ("gpt-4o",), CLOCK, LINKS))


def test_no_entries_are_no_table() -> None:
    parts = entries_table.entries_table(person(entries=EntriesPage((), 0, 0, 12)), (), CLOCK, LINKS)
    assert said(parts).endswith("No entries.NewerOlder")
    assert html_of(parts).count('aria-disabled="true"') == 2


def test_one_users_cards_tell_the_cost_of_a_call_instead_of_who_is_active() -> None:
    shown = cards.cards(samples.overview(), of_one=True)
    assert [card.children[0].children[0] for card in shown][-1] == "Cost per call"
    assert said(shown[-1]).startswith("Cost per callall time$0.0297▲ up 12.4% against the time before$0.0326 in 7 days")
    assert ids.COST_PER_CALL in html_of(shown)
    assert ids.ACTIVE_USERS not in html_of(shown)


def test_the_cost_of_a_call_is_unknown_where_there_was_none() -> None:
    no_calls = Figure(Sum(), Sum(), Sum(), (0.0, 0.0, 0.0))
    shown = cards.cards(replace(samples.overview(), calls=no_calls), of_one=True)
    assert said(shown[-1]) == "Cost per callall time–– in 7 days"


def test_cards_of_chosen_models_say_that_they_are_itemised() -> None:
    lacking = Figure(Sum(1.0, 2), Sum(1.0), None, (1.0,))
    shown = cards.cards(replace(samples.overview(), itemised=True, cost=lacking))
    assert all("itemised, all time" in said(card) for card in shown)
    assert "2 entries unknown" in html_of(shown)

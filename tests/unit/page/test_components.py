from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dash import html
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import FORBIDDEN, UNREACHABLE
from tests.unit import view_samples as samples

from usage_dash.access.viewer import RIGHTS, Rights, Role
from usage_dash.ledger.choice import Choice
from usage_dash.page import ids
from usage_dash.page.components import (
    cards,
    cells,
    dialogs,
    footer,
    header,
    notices,
    shortcuts,
    users_table,
)
from usage_dash.page.components.currency import converted
from usage_dash.page.components.sparkline import sparkline
from usage_dash.page.components.times import Clock
from usage_dash.page.links import Links
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.trust_models import Exceeding, FindingRow, Findings
from usage_dash.reporting.user_models import Gone
from usage_dash.reporting.view_models import Figure
from usage_dash.repository.base import Holder, Source
from usage_dash.settings.currencies import Currency
from usage_dash.sync.bill import Quota, Spent
from usage_dash.sync.dearest import DearDocument
from usage_dash.sync.discretion import discreet
from usage_dash.sync.read_meter import Meter, MeterSpan
from usage_dash.sync.state import Phase, Progress, SyncState, Trouble

ALL, SOME = RIGHTS[Role.ADMIN], RIGHTS[Role.VIEWER]
QUOTA = Quota(Spent(12_000, 90_000_000), Spent(90_000, 737_418_240), date(2026, 11, 3))
EUROS = Currency("EUR", 0.92, date(2026, 11, 1))
CLOCK = Clock(samples.NOW, ZoneInfo("UTC"))
_COLLECTION = Holder("collection", "usage", "USAGE_COLLECTION")
FIRESTORE = Source("firestore:acme-chatbot", "acme-chatbot · Firestore", "acme-chatbot", _COLLECTION)
DEMO = Source("demo:sample", "Sample data", "sample", _COLLECTION, sample=True)


def text(component: Any) -> str:
    """All that can be read of a component, hidden text included."""
    if isinstance(component, Component):
        return text(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return "".join(map(text, component))
    return "" if component is None else str(component)


def find(component: Any, component_id: str) -> Any:
    if isinstance(component, (list, tuple)):
        return next((found for part in component if (found := find(part, component_id)) is not None), None)
    if not isinstance(component, Component):
        return None
    if getattr(component, "id", None) == component_id:
        return component
    return find(getattr(component, "children", None), component_id)


def test_cards_show_all_time_and_the_range_apart() -> None:
    shown = cards.cards(samples.overview())
    headlines = [ids.TOTAL_COST, ids.TOTAL_CALLS, ids.TOTAL_TOKENS, ids.ACTIVE_USERS]
    assert [text(find(shown, card)) for card in headlines] == ["$18,204.61", "612,480", "1.84B", "1,284"]
    assert find(shown, ids.TOTAL_TOKENS).title == "1,840,000,000"
    said = [text(card) for card in shown]
    assert "all time" in said[0]
    assert "$1,939.54 in 7 days" in said[0]
    assert "▲ up 12.4% against the time before" in said[0]
    assert "= unchanged, 0.0%" in said[1]
    assert "▼ down 3.2%" in said[2]
    assert "▲ up 21 " in said[3]


def test_cards_say_what_is_known_of_a_sum_and_how_much_it_lacks() -> None:
    cost = Figure(Sum(3.75, lacking=3), Sum(1.5, lacking=1), Sum(1.0), (1.0, None))
    [card, *_] = cards.cards(replace(samples.overview(), cost=cost))
    assert text(find(card, ids.TOTAL_COST)) == "at least $3.75"
    assert find(card, ids.TOTAL_COST).title == "at least $3.75, 3 documents unknown"
    assert "all time · 3 unknown" in text(card)
    assert "at least $1.50 in 7 days · 1 unknown" in text(card)
    assert "against" not in text(card)


def test_cards_of_what_is_unknown_show_no_zero() -> None:
    unknown = Sum(0, lacking=2)
    [card, *_] = cards.cards(replace(samples.overview(), cost=Figure(unknown, unknown, unknown, (None, None))))
    assert text(card) == "Total costall time · 2 unknown–– in 7 days · 2 unknown"
    assert find(card, ids.TOTAL_COST).title == "–, 2 documents unknown"


def test_the_cost_is_told_in_the_other_currency_as_well() -> None:
    [cost, calls, *_] = cards.cards(samples.overview(), EUROS)
    assert text(find(cost, ids.TOTAL_COST)) == "$18,204.61"
    assert "$18,204.61≈ €16,748" in text(cost)
    assert "€" not in text(calls)


def test_a_converted_cost_tells_its_rate_and_what_is_known_of_it() -> None:
    [exact] = converted(Sum(3.75), EUROS)
    assert (text(exact), exact.title) == ("≈ €3.45", "at €0.92 a dollar, since 1 Nov 2026")
    [bound] = converted(Sum(3.75, lacking=1), EUROS)
    assert text(bound) == "≥ €3.45"
    assert converted(Sum(0, lacking=1), EUROS) == []
    assert converted(Sum(3.75), None) == []


def test_cards_of_all_time_compare_with_nothing() -> None:
    assert "against" not in text(cards.cards(samples.all_time()))


@pytest.mark.parametrize(
    ("at", "current"), [("", ("page", None)), ("users/u", ("true", None)), ("trust", (None, "page"))]
)
def test_one_page_is_looked_at_itself_or_has_below_it_what_is(at: str, current: tuple[str | None, str | None]) -> None:
    links = header.pages(Links("/usage/"), at, 0)
    assert [link.href for link in links] == ["/usage/", "/usage/trust"]
    assert tuple(getattr(link, "aria-current", None) for link in links) == current


def test_the_ways_to_the_pages_keep_what_is_chosen() -> None:
    links = header.pages(Links("/usage/").keeping("range=7d&team=Support"), "", 0)
    assert [link.href for link in links] == ["/usage/?range=7d&team=Support", "/usage/trust?range=7d&team=Support"]
    assert Links(kept="range=7d").check("full") == "/trust?range=7d#check-full"


@pytest.mark.parametrize(
    ("pressing", "said"), [(0, "Trust"), (1, "Trust1, 1 thing to look at"), (12, "Trust12, 12 things to look at")]
)
def test_what_is_to_be_looked_at_is_counted_in_words(pressing: int, said: str) -> None:
    assert text(header.pages(Links(), "", pressing)[1]) == said


def test_each_short_cut_is_told_with_its_keys() -> None:
    assert "g then oGo to the overview" in text(shortcuts.layout())
    keys = [each.keys for each in shortcuts.SHORTCUTS]
    assert len(set(keys)) == len(keys)
    begun = {each.split()[0] for each in keys if " " in each}
    assert not begun & set(keys)  # a key that begins two does nothing by itself


def test_skeletons_hold_the_public_ids_without_figures() -> None:
    bones = cards.skeleton()
    assert find(bones, ids.TOTAL_COST).hidden
    assert text(bones) == ""


@given(st.lists(st.none() | st.floats(min_value=0, max_value=1e9), max_size=50))
def test_sparklines_stay_inside_their_box(values: list[float | None]) -> None:
    drawn = sparkline(values)
    assert drawn.startswith('url("data:image/svg+xml,')
    assert re.search(r"[<>#\"]", drawn[5:-2]) is None
    heights = [float(point) for line in lines(drawn) for point in re.findall(r",([\d.]+)", line)]
    assert all(6 <= height <= 42 for height in heights)


def lines(drawn: str) -> list[str]:
    return re.findall(r"polyline points='([^']*)'", drawn)


def test_sparklines_have_a_gap_where_nothing_is_known() -> None:
    assert lines(sparkline((1.0, None, None, 0.5))) == ["-25.0,6.0 25.0,6.0", "275.0,24.0 325.0,24.0"]
    assert lines(sparkline((1.0, 0.0, None, 0.5, 0.5))) == ["0.0,6.0 75.0,42.0", "225.0,24.0 300.0,24.0"]
    assert lines(sparkline((None, None))) == []


@pytest.mark.parametrize(
    ("phase", "source", "state"),
    [
        (Phase.LIVE, FIRESTORE, "live"),
        (Phase.LIVE, DEMO, "demo"),
        (Phase.STALE, DEMO, "stale"),
        (Phase.LOADING, FIRESTORE, "loading"),
        (Phase.ERROR, FIRESTORE, "error"),
    ],
)
def test_the_status_tells_its_state(phase: Phase, source: Source, state: str) -> None:
    pill = header.status(SyncState(phase, 1), source, CLOCK)
    assert pill.to_plotly_json()["props"]["data-state"] == state
    assert pill.id == ids.STATUS


def test_the_status_tells_the_age_of_the_data() -> None:
    state = SyncState(Phase.LIVE, 1, data_time=samples.NOW - timedelta(seconds=12))
    assert text(header.status(state, FIRESTORE, CLOCK)) == "Live · updated 12 s ago"


def said(state: SyncState, source: Source = FIRESTORE, documents: int = 3, rights: Rights = ALL) -> str:
    return text(notices.notices(state, source, documents, CLOCK, refresh_seconds=30, rights=rights))


def test_a_live_page_with_data_has_no_notice() -> None:
    assert said(SyncState(Phase.LIVE, 1)) == ""


def test_a_stale_page_tells_since_when_why_and_when_it_is_tried_again() -> None:
    state = SyncState(
        Phase.STALE,
        1,
        data_time=samples.NOW - timedelta(minutes=5),
        error=UNREACHABLE,
        retry_at=samples.NOW + timedelta(seconds=40),
    )
    assert said(state) == (
        "Showing data from 11:25:00. Firestore can't be reached (unavailable). Trying again in 40 s.Try now"
    )


def test_stale_data_of_another_day_tells_the_day_and_a_lasting_error_its_remedy() -> None:
    state = SyncState(Phase.STALE, 1, data_time=samples.NOW - timedelta(days=2), error=FORBIDDEN)
    assert said(state).startswith("Showing data from 22 Nov, 11:30.")
    assert FORBIDDEN.remedy in said(state)


def test_an_error_without_data_replaces_the_page() -> None:
    state = SyncState(Phase.ERROR, 1, error=FORBIDDEN, retry_at=samples.NOW + timedelta(seconds=113))
    assert said(state, documents=0) == (f"{FORBIDDEN.title}{FORBIDDEN.remedy}Try againNext try by itself in 2 min")


def test_a_trouble_of_our_own_is_told_as_what_it_is() -> None:
    full = Trouble("usage-dash could not keep what it read", "Make room.", "The disk is full", mendable_by_retry=False)
    stale = SyncState(Phase.STALE, 1, data_time=samples.NOW, error=full)
    assert said(stale) == "Showing data from 11:30:00. The disk is full. Make room.Try now"
    assert said(SyncState(Phase.ERROR, 1, error=full), documents=0).startswith(
        "usage-dash could not keep what it readMake room.Try again"
    )


def test_an_empty_collection_is_named() -> None:
    shown = said(SyncState(Phase.LIVE, 1), documents=0)
    assert shown.startswith("No usage yet in “usage”")
    assert "acme-chatbot and looks again every 30 seconds" in shown
    assert "USAGE_COLLECTION" in shown


def test_who_does_not_run_the_dashboard_learns_nothing_of_the_source() -> None:
    for state, documents in (
        (SyncState(Phase.LIVE, 1), 0),
        (SyncState(Phase.ERROR, 1, error=FORBIDDEN), 0),
        (SyncState(Phase.STALE, 1, data_time=samples.NOW, error=FORBIDDEN), 3),
    ):
        shown = said(discreet(state, source=False), documents=documents, rights=SOME)
        assert shown
        for secret in ("usage”", "acme-chatbot", "USAGE_COLLECTION", FORBIDDEN.title, FORBIDDEN.reason):
            assert secret not in shown
    assert discreet(SyncState(Phase.LOADING, 1, progress=Progress(3, 9)), source=False).progress is None
    assert said(SyncState(Phase.LIVE, 1), DEMO, rights=SOME) == "Sample data."


def test_the_first_read_tells_how_far_it_is() -> None:
    reading = notices.reading(SyncState(Phase.LOADING, 1, progress=Progress(4_312, 10_000)))
    assert text(reading).startswith("Reading 10,000 usage documents for the first time: 4,312 so far.")
    uncounted = notices.reading(SyncState(Phase.LOADING, 1, progress=Progress(0, None)))
    assert text(uncounted).startswith("Reading usage documents for the first time: 0 so far.")
    one = notices.reading(SyncState(Phase.LOADING, 1, progress=Progress(0, 1)))
    assert text(one).startswith("Reading 1 usage document for")
    assert text(notices.reading(SyncState(Phase.LOADING, 1))) == "Connecting …"
    assert notices.reading(SyncState(Phase.LIVE, 1)) is None


def rows(*users: Any, **details: Any) -> list[dict[str, str]]:
    return users_table.rows(samples.users_page(*users), details, CLOCK, Links().user_page)


def test_a_row_holds_formatted_cells() -> None:
    [row] = rows(samples.user())
    plain = {name: row[name] for name in ("cost", "calls", "tokens", "input_tokens", "output_tokens", "cost_per_call")}
    assert plain == {
        "cost": "$2,841.22",
        "calls": "88,135",
        "tokens": "222.1M",
        "input_tokens": "167.5M",
        "output_tokens": "54.6M",
        "cost_per_call": "$0.0322",
    }
    assert unescape(row["user"]) == '<div title="\u2068maria.oduya\u2069"><bdi>maria.oduya</bdi></div>'
    assert "15.6%" in row["share"]
    assert "width:50%" in row["share"]  # of the dearest user's, who is on another page
    assert row["range_cost"].startswith("<div>$120.50<i")
    assert ">51 min ago<" in row["last_active"]
    assert 'aria-expanded="false"' in row["toggle"]


def test_a_user_with_a_name_keeps_the_id_beneath() -> None:
    [row] = rows(replace(samples.user(), name="Maria <b>", team="Research"))
    assert unescape(row["user"]) == (
        '<div title="\u2068Maria <b>\u2069"><bdi>Maria <b></bdi><small><bdi>maria.oduya</bdi></small></div>'
    )
    assert "<b>" not in row["user"]
    assert "<bdi>Research</bdi>" in row["team"]
    assert "Entries of \u2068Maria <b>\u2069" in unescape(row["toggle"])
    assert rows(samples.user())[0]["team"] == ""


def test_an_opened_rows_link_leads_to_any_user() -> None:
    odd = 'a/b"?#<é'
    _, note, *_ = rows(samples.user(odd), **{odd: samples.detail(odd)})
    assert 'href="/users/a%2Fb%22%3F%23%3C%C3%A9"' in note["toggle"]


def test_teams_have_a_column_where_somebody_is_in_one() -> None:
    assert "Team" in [column["name"] for column in users_table.columns("", teams=True)]
    assert "Team" not in [column["name"] for column in users_table.columns("", teams=False)]


def test_the_tables_place_is_as_high_as_its_rows() -> None:
    page = samples.users_page(samples.user(), replace(samples.user("t"), name="Tove"))
    assert users_table.place(page) == {"--rows": 2, "--named": 1}


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(), ""),
        (Choice(users=("u",)), "No usage by this user.Clear all"),
        (Choice(models=("o3",), users=("u", "v"), team=""), "No usage of o3 by these 2 users in no team.Clear all"),
        (Choice(models=("gpt-4o",), team="Support"), "No usage of gpt-4o by Support.Clear all"),
        (Choice(models=("gpt-4o", "o3"), team=""), "No usage of these 2 models by anybody in no team.Clear all"),
    ],
)
def test_filters_that_meet_nobody_are_told_and_can_be_cleared(choice: Choice, told: str) -> None:
    assert text(users_table.nothing(choice)) == told


def test_what_a_document_does_not_say_is_a_dash() -> None:
    [row] = rows(samples.unknown_user())
    assert {row[name] for name in ("cost", "calls", "tokens", "input_tokens", "output_tokens", "cost_per_call")} == {
        "–"
    }
    assert "–" in row["share"]
    assert "–" in row["last_active"]


def test_a_row_of_which_only_the_least_is_known_says_so() -> None:
    user = replace(
        samples.user(), cost=Sum(3.75, lacking=1), share=None, range_cost=Sum(1.5, lacking=2), cost_per_call=None
    )
    [row] = rows(user)
    assert (row["cost"], row["cost_per_call"]) == ("≥ $3.75", "–")
    assert row["range_cost"].startswith('<div title="2 entries unknown">≥ $1.50<i')
    page = replace(samples.users_page(user, samples.user("bob")), shares_at_most=True)
    unknown, most = users_table.rows(page, {}, CLOCK, Links().user_page)
    assert unknown["share"].startswith("<div>–<i")
    assert most["share"].startswith("<div>≤ 15.6%<i")


def test_an_opened_row_says_which_entries_are_in_no_range_or_of_unknown_cost() -> None:
    detail = replace(samples.detail("u"), unplaced=2, uncosted=1)
    cells = users_table.rows(samples.users_page(samples.user("u")), {"u": detail}, CLOCK, Links().user_page)
    assert "100 entries (2 in no range, 1 of unknown cost) explain" in cells[1]["toggle"]


def test_an_opened_row_is_followed_by_summary_entries_and_their_pager() -> None:
    user = samples.user("u")
    row, note, first, second, more = users_table.rows(
        samples.users_page(user), {"u": samples.detail("u")}, CLOCK, Links().user_page
    )
    assert 'aria-expanded="true"' in row["toggle"]
    summary = unescape(re.sub(r"<[^>]*>", "", note["toggle"]))
    assert summary.replace("\xa0", " ") == (
        "First seen 3 Feb 2026  ·  Top model gpt-5.2 (71% of cost)  ·  2,540 tokens per call"
        "  ·  100 entries explain 18% of this user’s cost"
        "15.6% of all cost  ·  88,135 calls  ·  222.1M tokens, 167.5M in and 54.6M out"
        "  ·  $0.0322 a call  ·  $120.50 in these daysOpen page"
    )
    assert '<a class="b small" data-go href="/users/u">' in note["toggle"]
    assert unescape(first["user"]) == (
        '<div title="\u2068gpt-5.2\u2069"><bdi>gpt-5.2</bdi><span class="at">   24 Nov, 11:30</span></div>'
    )
    assert (first["cost"], first["calls"], first["cost_per_call"]) == ("$0.0428", "3", "$0.0143")
    assert (first["input_tokens"], first["output_tokens"]) == ("1,224", "943")
    assert (second["cost"], second["cost_per_call"]) == ("–", "–")
    assert 'data-entries-page="1"' in more["toggle"]
    assert 'aria-disabled="true">Newer' in more["toggle"]


@pytest.mark.parametrize(("entries", "said"), [(1, "1 entry explains 18%"), (100, "100 entries explain 18%")])
def test_numbers_and_words_of_an_opened_row_agree(entries: int, said: str) -> None:
    cells = users_table.rows(
        samples.users_page(samples.user("u")), {"u": samples.detail("u", entries=entries)}, CLOCK, Links().user_page
    )
    assert said in re.sub(r"<[^>]*>", "", cells[1]["toggle"])


def test_few_entries_need_no_pager() -> None:
    user = samples.user("u")
    cells = users_table.rows(samples.users_page(user), {"u": samples.detail("u", entries=1)}, CLOCK, Links().user_page)
    assert len(cells) == 3


@given(st.text())
def test_escaped_text_is_inert_and_still_the_same(name: str) -> None:
    escaped = cells.escape(name)
    assert re.fullmatch(r"(?:[A-Za-z0-9 ]|&#\d+;)*", escaped)
    unwritable = {"Cc", "Cs", "Cn"}
    assert unescape(escaped) == "".join(
        " " if unicodedata.category(letter) in unwritable else letter for letter in name
    )


FENCES = str.maketrans("", "", "\u2068\u2069")
BACKWARDS = "ada\u202e"


def test_directions_in_names_end_with_them_in_the_table() -> None:
    detail = samples.detail(BACKWARDS, model=BACKWARDS, entries=100)
    user, note, entry, _, more = users_table.rows(
        samples.users_page(samples.user(BACKWARDS)), {BACKWARDS: detail}, CLOCK, Links().user_page
    )
    fenced = "<bdi>ada\u202e</bdi>"
    assert unescape(user["user"]) == f'<div title="\u2068{BACKWARDS}\u2069">{fenced}</div>'
    assert 'aria-label="Entries of \u2068ada\u202e\u2069"' in unescape(user["toggle"])
    assert f"Top model <b>{fenced}</b> (" in unescape(note["toggle"])
    assert unescape(entry["user"]) == (
        f'<div title="\u2068{BACKWARDS}\u2069">{fenced}<span class="at">   24 Nov, 11:30</span></div>'
    )
    assert 'data-user="ada%E2%80%AE"' in more["toggle"]


def unfenced(component: Any) -> str:
    """All that can be read of a component outside fences."""
    if isinstance(component, (list, tuple)):
        return "".join(map(unfenced, component))
    if isinstance(component, html.Bdi):
        return ""
    return unfenced(component.children) if isinstance(component, Component) else str(component or "")


def test_directions_in_names_end_with_them_in_sentences() -> None:
    source = Source("id", f"{BACKWARDS} · Firestore", BACKWARDS, Holder("collection", BACKWARDS, "USAGE_COLLECTION"))
    finding = dialogs.findings_list(Findings((FindingRow(BACKWARDS, "totalCalls", "negative", "left blank", 1),), 1))
    error = replace(FORBIDDEN, title=BACKWARDS, reason=BACKWARDS, remedy=BACKWARDS)
    failed = SyncState(Phase.ERROR, 1, error=error)
    stale = SyncState(Phase.STALE, 1, data_time=samples.NOW, error=error)
    shown = [
        header.source_name(source),
        finding,
        *(
            notices.notices(state, source, documents, CLOCK, refresh_seconds=30, rights=ALL)
            for state, documents in ((SyncState(Phase.LIVE, 1), 0), (failed, 0), (stale, 1))
        ),
    ]
    assert text(shown).count(BACKWARDS) == 9
    assert "\u202e" not in unfenced(shown)


def test_the_pager_knows_both_ends() -> None:
    first = users_table.pager(samples.users_page(samples.user(), total=25), "")
    assert text(first).startswith("1–1 of 25")
    states = [part.to_plotly_json()["props"] for part in first[-2:]]
    assert states[0]["aria-disabled"] == "true"
    assert states[1]["data-users-page"] == "1"
    last = users_table.pager(samples.users_page(samples.user(), total=25, page=2), "")
    assert last[-1].to_plotly_json()["props"]["aria-disabled"] == "true"
    assert text(users_table.pager(samples.users_page(), "")) == ""


def test_what_users_who_are_gone_left_stands_beneath_the_users_and_leads_nowhere() -> None:
    gone = Gone(Sum(12.3, lacking=1), Sum(9), Sum(9), Sum(5), Sum(4), range_cost=Sum(3.2))
    page = replace(samples.users_page(samples.user(), total=25), gone=gone)
    beneath = users_table.pager(page, "in 30 days")
    assert "Users who are gone: ≥ $12.30 all time, $3.20 in 30 days" in text(beneath)
    assert "href" not in str(beneath)
    assert "data-user=" not in str(beneath)


def test_one_column_is_called_after_the_range() -> None:
    assert "Last 7 days" in [column["name"] for column in users_table.columns("Last 7 days")]


def test_the_footer_tells_the_bill_and_how_far_to_trust() -> None:
    span = MeterSpan(reads=37, queries=3, saved=154_043, wire_bytes=1_200_000, dollars=0.0002)
    meter = Meter(span, span, 0.24, QUOTA)
    assert footer.bill(span) == {"bill_read": "37 documents", "bill_saved": "154,043 reads"}
    assert text(footer.trust(samples.trust(), ALL, Links())) == (
        "Itemised entries explain 94% of all-time cost. Why?2 documents need attention"
    )
    once = MeterSpan(reads=1, queries=1, saved=1, wire_bytes=1, dollars=0.0)
    assert footer.bill(once) == {"bill_read": "1 document", "bill_saved": "1 read"}
    table = text(dialogs.meter_table(meter))
    for part in ("37", "154,043", "1.2 MB", "$0.0002", "The last sync took 0.2 s."):
        assert part in table


def test_the_meter_tells_in_words_what_is_left_of_the_free_quota_and_what_is_dearest() -> None:
    span = MeterSpan(reads=37, queries=3, saved=9, wire_bytes=1_200_000, dollars=0.0002, slow=1_234)
    dearest = (DearDocument("ada", 40, 12_000_000), DearDocument("bob", 1, 900_000))
    table = text(dialogs.meter_table(Meter(span, span, None, QUOTA, dearest)))
    for part in (
        "Decoded slowly1,2341,234",
        "Today, until midnight Pacific time: 12,000 reads of the 50,000 that are free each day",
        "; at most 38,000 are left.",
        "This month: 737.4 MB out of the 10 GiB that are free each month",
        "; at most 10.0 GB are left, after 90,000 reads.",
        "Counted since 3 Nov 2026; others may use the same quota.",
        "Dearest documents, by size times reads: "
        "ada, read 40 times, 12.0 MB (0.01 GiB so far); bob, read once, 900.0 kB (less than 0.01 GiB so far).",
        "Bill this month: $0.00; By its end, at this pace: not known yet.",
    ):
        assert part in table
    assert "Dearest" not in text(dialogs.meter_table(Meter(span, span, None, QUOTA)))


def test_findings_are_listed_with_how_many_there_are() -> None:
    row = FindingRow("u", "totalCostUsd", "a number as text", "read as a number", 3)
    assert text(dialogs.findings_list(Findings((row,), 3))).endswith("utotalCostUsda number as textread as a number3")
    assert "These are 3 of 500." in text(dialogs.findings_list(Findings((row,), 500)))
    assert text(dialogs.findings_list(Findings((), 0))) == "All documents are as they should be."


def test_documents_whose_entries_exceed_their_totals_are_listed_by_name() -> None:
    told = dialogs.findings_list(Findings((), 0, (Exceeding(BACKWARDS, 11.0, 1.0),)))
    assert text(told).endswith(f"DocumentEntriesTotal{BACKWARDS}$11.00$1.00")
    assert "\u202e" not in unfenced(told)

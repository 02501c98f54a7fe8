from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from dash import html
from dash.development.base_component import Component
from hypothesis import given
from hypothesis import strategies as st
from plotly.io.json import to_json_plotly
from tests.unit import view_samples as samples

from usage_dash.ledger.choice import Choice
from usage_dash.page import ids
from usage_dash.page.components import bar as bars
from usage_dash.page.components.calendar import presets
from usage_dash.page.components.seen import Seen
from usage_dash.page.links import Links
from usage_dash.page.markup import markup
from usage_dash.reporting.filters import By, Compare, Days, Filters, RangeName
from usage_dash.reporting.grammar import filters_of
from usage_dash.reporting.ranges import EARLIEST_DAY, range_of
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_models import Counts, ModelUsage, Range, TeamUsage

TODAY = date(2026, 11, 24)
MODELS = (
    ModelUsage("gpt-5.2", 0, Sum(308.7), Sum(90), Sum(9_000)),
    ModelUsage("gpt-5-mini", 1, Sum(156.45), Sum(40), Sum(4_000)),
    ModelUsage("gpt-4o", 2, Sum(103.9), Sum(30), Sum(3_000), variants=("gpt-4o-2024-08-06", "openai/gpt-4o")),
)
TEAMS = (
    TeamUsage("", Sum(126.77), Sum(9), Sum(900), 3),
    TeamUsage("Support", Sum(715.15), Sum(70), Sum(7_000), 12),
    TeamUsage("Research", Sum(561.28), Sum(50), Sum(5_000), 8),
)
COUNTS = Counts(users=214, days=30, models=3, teams=3, entries=9_106)
SEEN = Seen(
    filters=Filters(),
    today=TODAY,
    zone=ZoneInfo("UTC"),
    shown=Range(date(2026, 10, 26), TODAY, "in 30 days"),
    compared=Range(date(2026, 9, 26), date(2026, 10, 25), "before"),
    counts=COUNTS,
    models=MODELS,
    links=Links("/usage/"),
    teams=TEAMS,
    has_teams=True,
    coverage=0.94,
)


def seen(filters: Filters | None = None, **more: Any) -> Seen:
    asked = filters or Filters()
    shown = range_of(asked.range, TODAY, date(2026, 1, 5))
    return replace(SEEN, filters=asked, shown=shown, **more)


def choosing(*models: str, users: tuple[str, ...] = (), team: str | None = None) -> Filters:
    return Filters(choice=Choice(models, users, team))


def bar(page: Seen) -> list[Any]:
    """What fills the bar's places."""
    found = bars.bar(page)
    return [found["bar_start"], found["bar_end"], html.Div(found["looked"], className="looked num")]


def parts(component: Any) -> Iterator[Component]:
    if isinstance(component, (list, tuple)):
        for each in component:
            yield from parts(each)
    elif isinstance(component, Component):
        yield component
        yield from parts(getattr(component, "children", None))


def text(component: Any) -> str:
    if isinstance(component, Component):
        return text(getattr(component, "children", None))
    if isinstance(component, (list, tuple)):
        return "".join(map(text, component))
    return "" if component is None else str(component)


def props(component: Component) -> dict[str, Any]:
    found: dict[str, Any] = component.to_plotly_json()["props"]
    return found


def place(drawn: Any, component_id: str) -> Component:
    return next(part for part in parts(drawn) if props(part).get("id") == component_id)


def having(drawn: Any, name: str, value: object = None) -> list[Component]:
    found = [part for part in parts(drawn) if name in props(part)]
    return found if value is None else [part for part in found if props(part)[name] == value]


def opener(drawn: Any, popover: str) -> Component:
    return having(drawn, "aria-controls", popover)[0]


def chips(drawn: Any) -> list[str]:
    return [text(part).removeprefix("Take away ") for part in having(drawn, "className", "tag")]


def line(drawn: Any) -> str:
    return text(having(drawn, "className", "looked num"))


def test_one_of_the_ranges_is_chosen_and_the_tab_key_stops_there() -> None:
    switch = place(bar(seen(Filters(RangeName.QUARTER))), ids.RANGE)
    assert [text(part) for part in parts(switch)][1:] == ["7 days", "30 days", "90 days", "Month to date", "Last month"]
    states = [(props(part)["aria-checked"], props(part)["tabIndex"]) for part in having(switch, "role", "radio")]
    assert states == [("false", -1), ("false", -1), ("true", 0), ("false", -1), ("false", -1)]


def test_each_range_changes_the_address_and_takes_other_days_away() -> None:
    switch = place(bar(SEEN), ids.RANGE)
    changes = [json.loads(props(part)["data-set"]) for part in having(switch, "data-set")]
    assert changes == [{"range": name, "from": None, "to": None} for name in ("7d", None, "90d", "mtd", "last-month")]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Days(date(2026, 11, 3), date(2026, 11, 14)), "3 – 14 Nov"),
        (Days(date(2026, 10, 30), date(2026, 11, 2)), "30 Oct – 2 Nov"),
        (Days(date(2026, 11, 3), date(2026, 11, 3)), "3 Nov"),
        (Days(date(2025, 12, 30), date(2026, 1, 2)), "30 Dec 2025 – 2 Jan"),
        (Days(date(2025, 3, 1), date(2025, 3, 9)), "1 Mar – 9 Mar 2025"),
        (RangeName.ALL, "All"),
    ],
)
def test_a_range_without_a_segment_stands_in_the_button_of_the_calendar(asked: Any, said: str) -> None:
    drawn = bar(seen(Filters(asked)))
    custom = opener(drawn, ids.CALENDAR)
    assert text(custom) == said
    assert props(custom)["aria-label"] == f"Custom range: {said}"
    assert text(opener(drawn, ids.RANGES)) == said
    switch = place(drawn, ids.RANGE)
    assert having(switch, "aria-checked", "true") == []
    assert props(having(switch, "role", "radio")[0])["tabIndex"] == 0


def test_the_calendar_knows_its_days_and_its_words() -> None:
    told = props(opener(bar(seen(Filters(RangeName.WEEK))), ids.CALENDAR))
    assert (told["data-from"], told["data-to"], told["data-today"]) == ("2026-11-18", "2026-11-24", "2026-11-24")
    assert told["data-earliest"] == EARLIEST_DAY.isoformat()
    assert (told["data-zone"], told["data-compare"]) == ("UTC", "previous")
    assert json.loads(told["data-ranges"])[0] == ["Today", {"range": None, "from": "2026-11-24", "to": "2026-11-24"}]
    assert json.loads(props(place(bars.layout(), ids.CALENDAR))["data-words"])["months"][10] == "November"


@given(st.dates(EARLIEST_DAY, date(2100, 1, 1)))
def test_every_preset_is_an_address_that_can_be(today: date) -> None:
    for name, change in presets(today):
        query = {key: [str(value)] for key, value in change.items() if value is not None}
        read = filters_of(query, today)
        assert read.left_out == () or name in {"Yesterday", "Last quarter"}, name
        shown = range_of(read.filters.range, today, None)
        assert shown.first <= shown.last <= today


def test_presets_are_what_they_are_called() -> None:
    spans = {name: (change["from"], change["to"]) for name, change in presets(TODAY)}
    assert spans == {
        "Today": ("2026-11-24", "2026-11-24"),
        "Yesterday": ("2026-11-23", "2026-11-23"),
        "Last 14 days": ("2026-11-11", "2026-11-24"),
        "This quarter": ("2026-10-01", "2026-11-24"),
        "Last quarter": ("2026-07-01", "2026-09-30"),
        "Year to date": ("2026-01-01", "2026-11-24"),
        "All": (None, None),
    }
    assert dict(presets(date(2026, 2, 1)))["Last quarter"] == {"range": None, "from": "2025-10-01", "to": "2025-12-31"}


def test_models_say_what_each_costs_whether_chosen_or_not() -> None:
    drawn = bar(seen(choosing("gpt-4o", "gpt-5.2", team="Support")))
    rows = having(place(drawn, ids.MODELS), "role", "checkbox")
    assert [text(row) for row in rows] == ["gpt-5.254.2%$308.70", "gpt-5-mini27.5%$156.45", "gpt-4o18.3%$103.90"]
    assert [props(row)["aria-checked"] for row in rows] == ["true", "false", "true"]
    assert [(props(row)["data-toggle"], props(row)["data-value"]) for row in rows][1] == ("model", "gpt-5-mini")
    assert "gpt-4o-2024-08-06" in props(rows[2])["title"]
    assert "openai/gpt-4o" in props(rows[2])["title"]
    assert text(opener(drawn, ids.MODELS)) == "Models 2 of 3"
    assert "2 of 3 models, in team Support" in text(place(drawn, ids.MODELS))


def test_no_model_ticked_is_all_of_them() -> None:
    drawn = bar(SEEN)
    menu = place(drawn, ids.MODELS)
    assert having(menu, "aria-checked", "true") == []
    assert text(opener(drawn, ids.MODELS)) == "Models All 3"
    assert text(menu).endswith("None ticked: all 3, share of cost in 30 days")


def test_a_chosen_model_without_usage_in_the_range_can_be_unticked() -> None:
    drawn = bar(seen(choosing("o4-mini")))
    [row] = having(place(drawn, ids.MODELS), "aria-checked", "true")
    assert text(row) == "o4-mini0.0%$0.00"
    assert chips(drawn) == ["o4-mini"]
    assert text(opener(drawn, ids.MODELS)) == "Models 1 of 4"


def test_what_is_not_itemised_stands_last_and_has_no_box() -> None:
    menu = place(bar(seen(models=(*MODELS, samples.not_itemised()))), ids.MODELS)
    assert [props(option)["data-value"] for option in having(menu, "data-toggle", "model")] == [
        usage.model for usage in MODELS
    ]
    options = next(part for part in parts(menu) if props(part).get("className") == "opts").children
    last = props(options[-1])
    assert (last["className"], last["title"]) == ("opt off num", "Counters know no model.")
    assert text(options[-1]).endswith("Not itemised0.61%$3.50")
    assert "All 3" in text(bar(seen(models=(*MODELS, samples.not_itemised()))))


def test_of_very_many_models_the_dearest_are_listed_and_the_chosen() -> None:
    many = tuple(
        ModelUsage(f"model-{number:04}", number, Sum(1_000.0 - number), Sum(1), Sum(1)) for number in range(1_000)
    )
    drawn = place(bar(seen(models=many)), ids.MODELS)
    names = [props(option)["data-value"] for option in having(drawn, "data-toggle", "model")]
    assert names == [usage.model for usage in many[:100]]
    assert "None ticked: all 1,000, share" in text(drawn)
    assert text(drawn).endswith("900 more are not listed. The address takes each: model=…")
    chosen = tuple(f"model-{number:04}" for number in (5, 500, 999))
    drawn = bar(seen(choosing(*chosen), models=many))
    options = having(place(drawn, ids.MODELS), "data-toggle", "model")
    assert len(options) == 100
    ticked = [props(option)["data-value"] for option in options if props(option)["aria-checked"] == "true"]
    assert ticked == list(chosen)
    assert text(opener(drawn, ids.MODELS)) == "Models 3 of 1,000"
    assert len(chips(drawn)) == 3
    drawn = place(bar(seen(choosing(*(usage.model for usage in many[300:500])), models=many)), ids.MODELS)
    assert [props(option)["aria-checked"] for option in having(drawn, "data-toggle", "model")] == ["true"] * 200


@pytest.mark.parametrize("count", [3, 100, 101])
def test_a_list_says_what_it_lacks_and_nothing_where_it_lacks_nothing(count: int) -> None:
    many = tuple(TeamUsage(f"Team {number}", Sum(1.0), Sum(1), Sum(1), 1) for number in range(count))
    drawn = place(bar(seen(teams=many)), ids.TEAM)
    assert len(having(drawn, "role", "menuitemradio")) == 1 + min(count, 100)
    assert text(drawn).count("1 more are not listed") == (count > 100)


def test_of_very_many_teams_the_chosen_and_who_is_in_none_are_listed_too() -> None:
    many = (*(TeamUsage(f"Team {number}", Sum(1.0), Sum(1), Sum(1), 1) for number in range(500)), TEAMS[0])
    drawn = place(bar(seen(choosing(team="Team 400"), teams=many)), ids.TEAM)
    items = having(drawn, "role", "menuitemradio")
    assert [text(item) for item in items if props(item)["aria-checked"] == "true"] == ["Team 400$1.00"]
    assert (len(items), text(items[0])[:9], text(items[-1])[:7]) == (101, "All teams", "No team")
    assert text(drawn).endswith("401 more are not listed. The address takes each: team=…")


def test_a_family_of_very_many_names_tells_the_first_of_them() -> None:
    family = replace(MODELS[0], variants=tuple(f"gpt-5.2-{number}" for number in range(500)))
    [option] = having(place(bar(seen(models=(family,))), ids.MODELS), "data-toggle", "model")
    assert props(option)["title"].splitlines()[-2:] == ["\u2068gpt-5.2-19\u2069", "and 480 more"]


def test_an_unknown_cost_is_no_zero_and_has_no_share() -> None:
    unknown = (MODELS[0], ModelUsage("mystery", 3, Sum(0.0, lacking=2), Sum(2), Sum()))
    rows = having(place(bar(seen(models=unknown)), ids.MODELS), "role", "checkbox")
    assert [text(row) for row in rows] == ["gpt-5.2–$308.70", "mystery––"]


def test_teams_stand_with_their_costs_and_who_is_in_none_last() -> None:
    drawn = bar(seen(choosing(team="")))
    items = having(place(drawn, ids.TEAM), "role", "menuitemradio")
    said = ["All teams$1,403.20", "Support$715.15", "Research$561.28", "No team$126.77"]
    assert [text(item) for item in items] == said
    assert [json.loads(props(item)["data-set"])["team"] for item in items] == [None, "Support", "Research", ""]
    assert [props(item)["aria-checked"] for item in items] == ["false", "false", "false", "true"]
    assert text(opener(drawn, ids.TEAM)) == "Team No team"


def test_without_teams_there_is_no_menu_of_them() -> None:
    drawn = bar(seen(teams=(TEAMS[0],), has_teams=False))
    assert having(drawn, "id", ids.TEAM) == []
    assert "teams.csv" not in str(drawn)


def test_a_page_is_compared_with_the_span_before_the_same_days_or_nothing() -> None:
    drawn = bar(seen(Filters(compare=Compare.MONTH)))
    for menu in (ids.COMPARE, ids.COMPARE_IN_SHEET):
        items = having(place(drawn, menu), "role", "menuitemradio")
        said = ["Previous 30 days26 Sep – 25 Oct", "Same days a month before26 Sep – 24 Oct", "Nothing"]
        assert [text(item) for item in items] == said
        assert [json.loads(props(item)["data-set"])["compare"] for item in items] == [None, "month", "none"]
        assert [props(item)["aria-checked"] for item in items] == ["false", "true", "false"]
        assert text(opener(drawn, menu)) == "vs same days a month before"


@pytest.mark.parametrize("range_name", [RangeName.MONTH_TO_DATE, RangeName.LAST_MONTH])
def test_a_month_is_compared_with_the_month_before_however_it_is_asked(range_name: RangeName) -> None:
    drawn = bar(seen(Filters(range_name, compare=Compare.MONTH)))
    items = having(place(drawn, ids.COMPARE), "role", "menuitemradio")
    assert [text(item).partition("before")[0] for item in items] == ["The month ", "Nothing"]
    assert [props(item)["aria-checked"] for item in items] == ["true", "false"]


def test_nothing_came_before_all_of_it() -> None:
    button = opener(bar(seen(Filters(RangeName.ALL))), ids.COMPARE)
    assert text(button) == "vs nothing"
    assert props(button)["disabled"]
    assert props(button)["title"] == "Nothing came before all of it"


def test_the_line_says_what_is_looked_at_with_a_chip_for_each_filter() -> None:
    drawn = bar(seen(choosing("gpt-4o", "gpt-5.2", users=("m.oduya", "x"), team="Support"), names={"m.oduya": "Mo"}))
    assert line(drawn).startswith("26 Oct – 24 Nov 2026, UTC · compared with 26 Sep – 25 Oct")
    assert chips(drawn) == ["gpt-5.2", "gpt-4o", "User Mo", "User x", "Team Support"]
    assert "Clear all" in line(drawn)
    [said] = having(drawn, "data-says")
    assert props(said)["data-says"] == "26 Oct – 24 Nov 2026, 5 filters."
    assert line(drawn).endswith("counters know no model. Entries explain 94% of all cost.")
    assert text(having(drawn, "className", "count")) == "5"


def test_one_filter_is_cleared_by_its_chip() -> None:
    drawn = bar(seen(choosing(team="")))
    assert chips(drawn) == ["No team"]
    assert "Clear all" not in line(drawn)
    assert "counters know no model" not in line(drawn)


def test_many_filters_of_a_kind_are_one_chip() -> None:
    users = tuple(f"user-{number}" for number in range(5))
    drawn = bar(seen(choosing(users=users)))
    assert chips(drawn) == ["5 users"]
    [chip] = having(drawn, "className", "tag")
    assert json.loads(props(chip)["data-set"]) == {"user": None}


def test_what_a_link_asked_for_in_vain_is_told() -> None:
    one = bar(seen(left_out=("a model that is not here",)))
    assert line(one).endswith("This link asked for a model that is not here; it was left out.")
    two = bar(seen(left_out=("days that cannot be", "a team that is not here")))
    assert line(two).endswith("asked for days that cannot be and a team that is not here; they were left out.")


def test_files_to_take_along_have_their_rows_and_the_filters_in_their_addresses() -> None:
    drawn = bar(seen(Filters(RangeName.WEEK, Choice(("a&b",), (), "R & D"), by=By.WEEK)))
    links = having(place(drawn, ids.EXPORT), "data-export")
    rows = {props(link)["data-export"]: text(link) for link in links}
    assert rows["users.csv"] == "Users214 rows"
    assert rows["days.csv"] == "Weeks30 rows"
    assert {"teams.csv", "entries.csv", "chargeback.csv", "focus.csv", "workbook.xlsx", "users.json"} <= rows.keys()
    for link in links:
        address = urlsplit(props(link)["href"])
        assert address.path == f"/usage/export/{props(link)['data-export']}"
        asked = [("range", "7d"), ("model", "a&b"), ("team", "R & D"), ("by", "week")]
        assert parse_qsl(address.query) == asked
    assert text(place(drawn, ids.EXPORT)).endswith("7 days, UTC, 1 model, team R & D")


def test_with_nothing_to_export_the_menu_says_so() -> None:
    menu = place(bar(seen(counts=Counts(0, 30, 0, 0, 0))), ids.EXPORT)
    assert having(menu, "data-export") == []
    assert len(having(menu, "aria-disabled", "true")) == 13
    assert text(menu).endswith("Nothing to export: there is no usage in these days with these filters.")


def test_a_workbook_has_its_bounds_and_long_files_say_how_long() -> None:
    counts = Counts(users=100_000, days=30, models=3, teams=3, entries=1_200_000)
    menu = place(bar(seen(counts=counts)), ids.EXPORT)
    assert having(menu, "data-export", "workbook.xlsx") == []
    assert "Over 200,000 rows: CSV has them all" in text(menu)
    assert "1,200,000 rows, about 12 s" in text(menu)


def test_the_page_of_one_person_has_no_team_and_no_chip_of_theirs() -> None:
    drawn = bar(seen(choosing("gpt-4o", users=("m.oduya",)), person=True))
    assert having(drawn, "id", ids.TEAM) == []
    assert chips(drawn) == ["gpt-4o"]
    assert text(having(drawn, "className", "count")) == "1"
    assert having(drawn, "data-clear") == []
    assert text(having(drawn, "className", "acts")) == "Clear allShow"


def test_before_anything_is_known_the_ranges_and_the_fields_stand_there() -> None:
    assert "30 days" in text(bars.layout())
    assert len(having(bars.layout(), "data-finds-users")) == 1
    assert {props(part).get("id") for part in parts(bars.layout())} >= {"bar-start", "bar-end", "looked"}


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_names_are_text_and_values_unchanged(model: str, team: str) -> None:
    asked = choosing(model, users=(model,), team=team)
    drawn = bar(seen(asked, models=(ModelUsage(model, 0, Sum(1.0), Sum(1), Sum(1)),), names={model: team}))
    written = markup(json.loads(to_json_plotly(drawn)))
    assert written.count("<script") == written.count("<img") == 0
    [row] = having(place(drawn, ids.MODELS), "role", "checkbox")
    assert props(row)["data-value"] == model
    teams = [json.loads(props(item)["data-set"])["team"] for item in having(place(drawn, ids.TEAM), "data-set")]
    assert team in teams

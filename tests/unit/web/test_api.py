"""What programs are told is what the page's questions answer, by the page's own query string and within a scope."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fakes import FORBIDDEN
from tests.unit import known
from tests.unit.asking import moment
from tests.unit.builders import NOON, document, item
from tests.unit.worlds import DAY, PROPERTY, ZONES, Asked, asked, filled

from usage_dash.access.current import Admitted, admit
from usage_dash.access.viewer import Viewer
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.money.outlook import Outlook
from usage_dash.money.unusual_days import unusual
from usage_dash.prices.price_list import PriceList
from usage_dash.reporting import grammar, queries, settle, top, trust
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.filters import Filters, UserSort
from usage_dash.reporting.grammar import LONGEST_NAME, MOST_NAMES
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.reporting.view_models import Figure
from usage_dash.settings.budgets import Budgets
from usage_dash.sync.state import Phase, SyncState
from usage_dash.web.api import cursors, places, problems
from usage_dash.web.api.asking import MOST
from usage_dash.web.api.cursors import CursorError
from usage_dash.web.api.described import make_server

FEWER = settings(PROPERTY, max_examples=12)  # each asks dozens of times


@dataclass
class Program:
    """Somebody who asks an API of a ledger, at a time and within a scope of one's own."""

    ledger: Ledger
    now: datetime = NOON
    who: Admitted = field(default_factory=lambda: Admitted(Viewer.viewer(), EVERYBODY))
    state: SyncState = field(default_factory=lambda: SyncState(Phase.LIVE, 1, data_time=NOON))
    prefix: str = "/"
    budgets: Budgets = field(default_factory=Budgets)

    def __post_init__(self) -> None:
        server = make_server("usage_dash", self.prefix, static_folder=None)
        reports = Reports(self.ledger, ViewCache(), lambda: self.now)
        sync: Any = SimpleNamespace(state=self.state, refresh=self._refresh)
        outlook = Outlook(reports, lambda: self.budgets)
        places.register(server, sync, reports, PriceList(), self.prefix, outlook=outlook)
        problems.tell(server)
        server.before_request(lambda: admit(self.who))
        self.client = server.test_client()

    def _refresh(self, *, wait: float) -> SyncState:
        assert (wait > 0) == (self.state.data_time is None)
        return self.state

    def get(self, place: str, query: str = "", status: int = 200) -> Any:
        answer = self.client.get(f"/api/v1/{place}?{query}")
        assert answer.status_code == status, answer.text
        assert answer.mimetype == ("application/json" if status == 200 else "application/problem+json")
        return answer.json

    def all(self, place: str, query: str) -> list[dict[str, Any]]:
        """All rows of a list, by the links from one stretch to the next."""
        told = self.get(place, query)
        found = list(told[place])
        while told["next"]:
            assert told[place]
            path, _, query = told["next"].partition("?")
            assert path == f"/api/v1/{place}"
            told = self.get(place, query)
            found += told[place]
        assert len(found) == told["total"]
        return found


@pytest.fixture(scope="module")
def programs() -> Iterator[dict[str, Program]]:
    made = {zone: Program(Ledger("demo:sample/(default)/usage", ZoneInfo(zone))) for zone in ZONES}
    yield made
    for each in made.values():
        each.ledger.close()


@pytest.fixture
def program() -> Iterator[Program]:
    made = Program(Ledger("demo:sample/(default)/usage", ZoneInfo("UTC")))
    filled(
        made.ledger,
        [
            document("ada", item(at=NOON, model="a", cost=0.1), item(at=NOON, model="b", cost=0.2), total_cost=None),
            document("bob", item(at=NOON, model="a", cost=None), total_cost=2.0, total_calls=3),
            document("c/d é", total_cost=0.0),
        ],
    )
    yield made
    made.ledger.close()


def _told(found: Sum) -> dict[str, Any]:
    return {"exact": found.exact, "least": found.least, "lacking": found.lacking}


def _figure(found: Figure) -> dict[str, Any]:
    previous = None if found.previous is None else _told(found.previous)
    return {"total": _told(found.total), "in_range": _told(found.in_range), "previous": previous}


@FEWER
@given(asked=asked(), limit=st.integers(1, 4))
def test_programs_are_told_what_the_page_shows(programs: dict[str, Program], asked: Asked, limit: int) -> None:
    program = programs[asked.zone]
    asked.fill(program.ledger)
    program.now, program.who = asked.now, Admitted(Viewer.viewer(), asked.scope)
    query = urlencode(grammar.written(asked.filters))
    with moment(program.ledger, asked.now, asked.scope, asked.filters.choice) as seen:
        if left_out := settle.settled(seen, asked.filters).left_out:
            assert program.get("overview", query, 404)["errors"] == list(left_out)
            return
        _compare(program, query, asked, seen, limit)


def _compare(program: Program, query: str, asked: Asked, seen: Any, limit: int) -> None:
    filters = asked.filters
    overview, timeline = queries.overview(seen, filters), queries.timeline(seen, filters)
    told, line = program.get("overview", query), program.get("timeline", query)
    for name in ("cost", "calls", "tokens", "active_users"):
        assert told[name] == _figure(getattr(overview, name))
    assert told["range"] == {"first": overview.range.first.isoformat(), "last": overview.range.last.isoformat()}
    assert (told["itemised"], told["coverage"]) == (overview.itemised, trust.trust(seen).coverage)
    assert [bucket["cost"] for bucket in line["buckets"]] == list(map(_told, timeline.cost))
    assert [bucket["new_users"] for bucket in line["buckets"]] == list(timeline.new)
    assert line["buckets"][0]["first"] == told["range"]["first"]
    assert line["buckets"][-1]["last"] == told["range"]["last"]
    assert [(each["model"], each["itemised"], each["cost"]) for each in program.get("models", query)["models"]] == [
        (each.model, each.slot >= 0, _told(each.cost)) for each in queries.model_split(seen, filters)
    ]
    assert [(each["team"], each["cost"]) for each in program.get("teams", query)["teams"]] == [
        (each.team, _told(each.cost)) for each in top.teams(seen, filters) if each.chosen
    ]
    odd, shown = program.get("unusual", query), overview.range
    assert [each["day"] for each in odd["days"]] == [
        each.day.isoformat() for each in unusual(seen, shown.first, shown.last).days
    ]
    users = program.all("users", f"{query}&limit={limit}")
    assert len({user["user_id"] for user in users}) == len(users)
    gone = [left for left in [program.get("users", query)["gone"]] if left]
    assert sum(each["cost"]["least"] or 0 for each in (*users, *gone)) == overview.cost.total.known
    assert sum(each["cost"]["lacking"] for each in (*users, *gone)) == overview.cost.total.lacking
    assert sum(each["range_cost"]["least"] or 0 for each in (*users, *gone)) == overview.cost.in_range.known
    assert sum(each["range_cost"]["lacking"] for each in (*users, *gone)) == overview.cost.in_range.lacking
    entries, listed = program.all("entries", f"{query}&limit={limit}"), asked.known.listed
    assert sum(entry["cost"] or 0 for entry in entries) == known.cost(listed).known
    assert sum(entry["cost"] is None for entry in entries) == known.cost(listed).lacking
    assert sum(entry["calls"] for entry in entries) == known.calls(listed).known
    assert [bucket["calls"] for bucket in line["buckets"]] == list(map(_told, timeline.calls))


@FEWER
@given(asked=asked())
def test_a_user_is_told_as_the_overview_of_that_user_alone(programs: dict[str, Program], asked: Asked) -> None:
    program = programs[asked.zone]
    asked.fill(program.ledger)
    program.now, program.who = asked.now, Admitted(Viewer.viewer(), asked.scope)
    filters = replace(asked.filters, choice=replace(asked.filters.choice, models=(), users=(), team=None))
    query = urlencode(grammar.written(filters))
    seen = {each.user_id for each in asked.seen}
    for user in {*(each.user_id for each in asked.documents), "stranger"}:
        path = f"users/{_quoted(user)}"
        if user not in seen:
            assert program.get(path, query, 404)["detail"].endswith("a user who is not among those you may see.")
            continue
        told, alone = program.get(path, query), program.get("overview", f"{query}&{urlencode({'user': user})}")
        assert told["user_id"] == user
        assert {name: told[name] for name in alone} == alone


def test_a_user_is_told_with_what_the_same_tokens_cost_on_other_models(program: Program) -> None:
    million = {"input_tokens": 1_000_000, "output_tokens": 0}
    filled(
        program.ledger, [document("ada", item(model="gpt-4o", **million)), document("bob", item(model="gpt-5-mini"))]
    )
    assert program.get("users/ada", "range=7d")["same_tokens_on"] == [
        {"model": "gpt-5-mini", "least": 0.025, "most": 0.25},
        {"model": "gpt-4o", "least": 1.25, "most": 2.5},
    ]


def _quoted(user: str) -> str:
    return urlencode({"": user})[1:].replace("+", "%20")


@pytest.mark.parametrize("place", ["overview", "timeline", "models", "teams", "users", "entries", "users/ada"])
def test_the_pages_own_query_string_is_taken(program: Program, place: str) -> None:
    looks = "measure=tokens&sum=cumulative&top=teams&height=full&open=ada&entries=2:ada&page=3"
    assert program.get(place, f"range=7d&{looks}") == program.get(place, "range=7d")


@pytest.mark.parametrize(
    ("place", "query", "errors"),
    [
        ("overview", "range=8d", ["“range” that is not one of 7d, 30d, 90d, mtd, last-month, all"]),
        ("overview", "to=2026-01-01", ["days that cannot be"]),
        ("overview", "modle=a", ["“modle”, which nothing here is called"]),
        ("overview", "limit=3", ["“limit”, which nothing here is called"]),
        ("timeline", "model=%FF", ["what cannot be read"]),
        ("models", "&".join(["model=a"] * (MOST_NAMES + 1)), ["“model” that cannot be"]),
        ("models", f"model={'a' * (LONGEST_NAME + 1)}", ["a model that cannot be one"]),
        ("users", "sort=age", [f"“sort” that is not one of {', '.join(UserSort)}, or one of them after a “-”"]),
        ("users", "limit=0", [f"“limit” that is not a whole number from 1 to {MOST:,}"]),
        ("users", f"limit={MOST + 1}&x=1", [f"“limit” that is not a whole number from 1 to {MOST:,}", "“x”, which"]),
        ("entries", "limit=1&limit=2", ["several of “limit”"]),
        ("entries", "cursor=!", ["“cursor” that is none"]),
    ],
)
def test_what_cannot_be_is_refused_and_named(program: Program, place: str, query: str, errors: list[str]) -> None:
    told = program.get(place, query, 400)
    assert len(told["errors"]) == len(errors)
    assert all(found.startswith(error) for found, error in zip(told["errors"], errors, strict=True))
    assert told["detail"] == f"This asks for {'; '.join(told['errors'])}."


@pytest.mark.parametrize("other", ["range=7d", "range=30d&user=bob", "sort=cost", "sort=-calls"])
def test_a_cursor_goes_on_with_its_own_question_alone(program: Program, other: str) -> None:
    cursor = program.get("users", "range=30d&limit=1")["next"].partition("cursor=")[2]
    assert program.get("users", f"range=30d&limit=2&cursor={cursor}")["users"]
    told = program.get("users", f"{other}&cursor={cursor}", 400)
    assert "of another question" in told["detail"]
    assert "of another question" in program.get("entries", f"range=30d&cursor={cursor}", 400)["detail"]


@given(st.lists(st.none() | st.text(st.characters(codec="utf-8")), max_size=4), st.text(st.characters(codec="utf-8")))
def test_a_cursor_is_read_as_it_was_written(place: list[str | None], question: str) -> None:
    cursor = cursors.written(place, question)
    assert cursors.read(cursor, question, len(place)) == place
    with pytest.raises(CursorError, match="another question"):
        cursors.read(cursor, f"{question}x", len(place))
    with pytest.raises(CursorError, match="is none"):
        cursors.read(cursor, question, len(place) + 1)


@given(st.text(max_size=30) | st.binary(max_size=30).map(lambda part: part.hex()))
def test_anything_else_is_no_cursor(text: str) -> None:
    if text:
        with pytest.raises(CursorError):
            cursors.read(text, "q", 2)


def test_what_is_unknown_is_null(program: Program) -> None:
    users = {user["user_id"]: user for user in program.get("users")["users"]}
    assert users["ada"]["cost"] == {"exact": None, "least": pytest.approx(0.3), "lacking": 1}
    assert users["bob"]["range_cost"] == {"exact": None, "least": None, "lacking": 1}
    assert users["bob"]["cost"] == {"exact": 2.0, "least": 2.0, "lacking": 0}
    assert (users["bob"]["name"], users["bob"]["team"]) == (None, "")
    assert [entry["cost"] for entry in program.get("entries")["entries"] if entry["user_id"] == "bob"] == [None]


def test_times_say_that_they_are_utc(program: Program) -> None:
    told = program.get("entries")
    assert told["entries"][0]["at"] == f"{NOON:%Y-%m-%dT%H:%M:%SZ}"
    assert told["data_time"] == f"{NOON:%Y-%m-%dT%H:%M:%SZ}"
    assert program.get("status") == {
        "phase": "live",
        "data_time": told["data_time"],
        "problem": None,
        "retry_at": None,
        "users": 3,
        "time_zone": "UTC",
        "today": f"{NOON:%Y-%m-%d}",
        "version": program.get("status")["version"],
    }


def test_budgets_are_told_with_their_forecast_and_what_is_unknown_as_null(program: Program) -> None:
    days = [item(-DAY * number, cost=2.0) for number in range(70)]
    documents = [document("ada", *days), document("bob", item(cost=None), item(1, cost=1.0))]
    filled(program.ledger, documents, {"ada": known.Named(team="Support")})
    program.budgets = Budgets(50, {"Support": 31, "Sales": 5}, 20)
    told = program.get("budgets")
    assert (told["month"], told["time_zone"]) == ({"first": "2026-06-01", "last": "2026-06-30"}, "UTC")
    month, support, sales = told["budgets"]
    assert (month["kind"], month["name"], month["limit"], month["outcome"]) == ("month", None, 50.0, "runs-out")
    assert month["spent"] == {"exact": None, "least": 31.0, "lacking": 1}
    assert month["forecast"]["month"]["exact"] is month["forecast"]["low"] is month["forecast"]["high"] is None
    assert (support["kind"], support["name"], support["outcome"], support["ends"]) == (
        "team", "Support", "runs-out", "2026-06-16"
    )  # fmt: skip
    assert support["forecast"]["month"] == support["forecast"]["pace"] == {"exact": 60.0, "least": 60.0, "lacking": 0}
    assert support["forecast"]["weeks"] == 8
    assert (sales["spent"]["exact"], sales["forecast"], sales["outcome"]) == (0.0, None, "unknown")
    program.who = Admitted(Viewer.only(["ada"]), Scope(frozenset({"ada"})))
    [own] = program.get("budgets")["budgets"]
    assert (own["kind"], own["name"], own["outcome"], own["ends"]) == ("user", "ada", "used-up", "2026-06-10")


def test_an_id_may_hold_anything(program: Program) -> None:
    odd = ["c/d é", "/", "a//b", "\n", "a\nb", "%2F", "?", "#", "\x00", ".", "..", "users", "a/../b", "\u202e", " "]
    filled(program.ledger, [document(user, total_cost=1.0) for user in odd])
    for user in odd:
        told = program.get(f"users/{_quoted(user)}")
        assert (told["user_id"], told["cost"]["total"]["exact"]) == (user, 1.0)
    for path in ("users/c%2Fd", "users/%2F%2F", "users/", "users//b"):
        program.get(path, status=404)


def test_links_lead_below_the_path_of_a_proxy() -> None:
    ledger = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"))
    program = Program(filled(ledger, [document("ada"), document("bob")]), prefix="/tools/usage/")
    assert program.get("users", "limit=1")["next"].startswith("/tools/usage/api/v1/users?sort=-cost&limit=1&cursor=")
    assert program.client.get("/api/v1/openapi.json").json["servers"] == [{"url": "/tools/usage"}]
    ledger.close()


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (SyncState(Phase.LOADING, 1), "Usage is being read for the first time. Ask again in a moment."),
        (SyncState(Phase.ERROR, 1, error=FORBIDDEN), str(FORBIDDEN)),
    ],
)
def test_before_anything_is_known_there_are_no_figures(state: SyncState, said: str) -> None:
    ledger = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"))
    retry = datetime.now(UTC) + timedelta(minutes=5)
    program = Program(ledger, state=replace(state, retry_at=retry), who=Admitted(Viewer.admin(), EVERYBODY))
    for place in ("overview", "timeline", "models", "teams", "unusual", "users", "entries", "budgets", "users/ada"):
        answer = program.client.get(f"/api/v1/{place}")
        assert (answer.status_code, answer.json["detail"]) == (503, said)
        assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert program.get("status")["phase"] == state.phase
    program.who = Admitted(Viewer.only(["ada"]), Scope(frozenset({"ada"})))
    answers = program.client.get("/api/v1/overview").text + program.client.get("/api/v1/status").text
    assert FORBIDDEN.title not in answers
    ledger.close()


def test_unusual_days_are_told_with_why_and_who_is_behind_them(program: Program) -> None:
    days = [NOON - timedelta(days=number) for number in range(1, 60)]
    much = item(at=NOON, cost=9.0, calls=9, total_tokens=900, model="b")
    filled(
        program.ledger,
        [
            document("ada", *(item(at=day, cost=2.0, model="a") for day in days), much),
            document("bob", *(item(at=day, cost=2.0, model="a") for day in days), item(at=NOON, cost=None)),
        ],
    )
    told = program.get("unusual")
    (day,) = told["days"]
    assert told["since"] == told["range"]["first"]
    assert (day["day"], day["so_far"], day["cost"], day["at_least"]) == (NOON.date().isoformat(), True, 9.0, True)
    assert (day["usual"], day["compared"]) == (4.0, 8)
    assert sum(part["dollars"] for part in day["parts"]) == pytest.approx(5.0)
    assert {part["factor"] for part in day["parts"]} >= {"calls per user", "model mix"}
    assert day["users"] == [{"name": "ada", "dollars": 7.0, "share": 1.4}]
    assert day["models"] == [{"name": "b", "dollars": 9.0, "share": 1.8}]
    assert day["teams"] == []
    assert [(each["user_id"], each["usual"]) for each in told["users"]] == [("ada", 2.0)]
    assert program.get("unusual", "range=last-month")["days"] == []
    program.who = Admitted(Viewer.only(["bob"]), Scope(frozenset({"bob"})))
    assert program.get("unusual")["days"] == []


def test_a_fault_of_ours_is_told_without_what_it_is(program: Program) -> None:
    program.ledger.close()
    program.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    told = program.get("overview", status=500)
    assert told["detail"] == "Something went wrong in usage-dash; its log says what."
    assert "Traceback" not in json.dumps(told)


def test_the_description_says_what_the_grammar_does(program: Program) -> None:
    described = program.client.get("/api/v1/openapi.json").json
    assert described["paths"].keys() == {
        f"/api/v1/{place}"
        for place in (
            *("overview", "timeline", "models", "teams", "unusual"),
            *("users", "users/{user_id}", "entries", "budgets", "status"),
        )
    }
    parameters = {each["name"]: each for each in described["paths"]["/api/v1/users"]["get"]["parameters"]}
    assert parameters.keys() == {
        "range", "from", "to", "model", "user", "team", "by", "compare", "sort", "limit", "cursor"
    }  # fmt: skip
    assert parameters["range"]["schema"]["default"] == Filters().range
    assert parameters["compare"]["schema"]["default"] == Filters().compare
    assert program.get("users", "sort=-cost&limit=100") == program.get("users")

"""The sample data: believable, always the same, and alive."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from usage_dash.documents.batch import ENTRIES, FINDINGS, USERS, Batch, IdRange
from usage_dash.documents.fields import ENTRY, TIMES, TOTALS
from usage_dash.documents.sizes import LARGEST_DOCUMENT, size_of_document
from usage_dash.repository.base import Page
from usage_dash.repository.demo.people import persons
from usage_dash.repository.demo.sample import MODELS, Sample
from usage_dash.repository.demo.source import TRIMMED_TO, DemoRepository

BEGAN = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


class Clock:
    def __init__(self, at: datetime = BEGAN) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def _demo(at: datetime = BEGAN, seed: int = 7) -> tuple[DemoRepository, Clock]:
    clock = Clock(at)
    return DemoRepository(now=clock, seed=seed), clock


def _all(pages: Iterable[Page]) -> Batch:
    batches = [page.batch for page in pages]
    return Batch(
        *(pa.concat_tables([getattr(batch, name) for batch in batches]) for name in ("users", "entries", "findings"))
    )


@pytest.fixture(scope="module")
def sample() -> Batch:
    return _all(_demo()[0].listing())


def _daily(batch: Batch) -> dict[date, float]:
    days = batch.entries.set_column(0, "day", pc.cast(batch.entries["at"], pa.date32()))
    sums = days.group_by("day").aggregate([("cost", "sum")]).to_pylist()
    return {row["day"]: row["cost_sum"] for row in sums if row["day"]}


def test_it_has_the_size_of_a_busy_team(sample: Batch) -> None:
    users = sample.users
    assert 300 < users.num_rows < 400
    assert 30_000 < sample.entries.num_rows < 60_000
    assert 14_000 < pc.sum(users["total_cost"]).as_py() < 20_000
    assert 500_000 < pc.sum(users["total_calls"]).as_py() < 700_000
    assert 1.5e9 < pc.sum(users["total_tokens"]).as_py() < 3e9
    last_30_days = sample.entries.filter(pc.greater(sample.entries["at"], BEGAN - timedelta(days=30)))
    assert 1_500 < pc.sum(last_30_days["cost"]).as_py() < 2_500


def test_its_tables_have_the_agreed_columns(sample: Batch) -> None:
    assert (sample.users.schema, sample.entries.schema, sample.findings.schema) == (USERS, ENTRIES, FINDINGS)


def test_usage_is_skewed(sample: Batch) -> None:
    costs = sorted(filter(None, sample.users["total_cost"].to_pylist()), reverse=True)
    assert sum(costs[:10]) > 0.5 * sum(costs)
    assert {"maria.oduya", "svc-support-bot"} < set(sample.users["user_id"].to_pylist())


def test_there_is_usage_of_five_models_on_each_of_more_than_ninety_days(sample: Batch) -> None:
    days = _daily(sample)
    assert all(BEGAN.date() - timedelta(days=back) in days for back in range(91))
    assert set(sample.entries["model"].to_pylist()) == {model.name for model in MODELS}
    assert len(MODELS) == 5


def test_costs_follow_the_list_prices(sample: Batch) -> None:
    prices = {model.name: (model.input_price, model.output_price) for model in MODELS}
    for entry in sample.entries.slice(0, 500).to_pylist():
        dollars = entry["input_tokens"] * prices[entry["model"]][0] + entry["output_tokens"] * prices[entry["model"]][1]
        assert entry["cost"] == pytest.approx(dollars / 1e6, abs=1e-6)
        assert entry["total_tokens"] == entry["input_tokens"] + entry["output_tokens"]


@pytest.mark.parametrize("weekday", range(7))
def test_weekends_are_quiet_and_one_day_is_unusual(weekday: int) -> None:
    days = _daily(_all(_demo(BEGAN + timedelta(days=weekday))[0].listing()))
    last = sorted(days)[-31:-1]
    workdays = {day: days[day] for day in last if day.weekday() < 5}
    assert median(days[day] for day in last if day.weekday() >= 5) < 0.7 * median(workdays.values())
    peak = max(workdays, key=lambda day: workdays[day])
    assert 8 <= (BEGAN.date() + timedelta(days=weekday) - peak).days <= 12
    neighbours = (days[peak - timedelta(days=1)] + days[peak + timedelta(days=1)]) / 2
    assert 1.5 < days[peak] / neighbours < 2.9


def test_totals_count_more_than_the_entries_kept(sample: Batch) -> None:
    coverage = pc.sum(sample.entries["cost"]).as_py() / pc.sum(sample.users["total_cost"]).as_py()
    assert 0.88 < coverage < 0.97
    kept = sample.entries.group_by("user_id").aggregate([("cost", "sum"), ("position", "count"), ("position", "max")])
    totals = dict(zip(sample.users["user_id"].to_pylist(), sample.users["total_cost"].to_pylist(), strict=True))
    trimmed = [row for row in kept.to_pylist() if row["cost_sum"] < 0.999 * totals[row["user_id"]]]
    assert {row["position_count"] for row in trimmed} == {TRIMMED_TO}
    assert 3 < len(trimmed) < 30
    assert all(row["position_max"] + 1 == row["position_count"] for row in kept.to_pylist())


def test_documents_are_as_large_as_firestore_counts_them(sample: Batch) -> None:
    entries: dict[str, list[dict[str, object]]] = {}
    for row in sample.entries.to_pylist():
        entries.setdefault(row["user_id"], []).append({field.name: row[field.column] for field in ENTRY})
    clean = [row for row in sample.users.to_pylist() if row["user_id"] not in sample.findings["user_id"].to_pylist()]
    for row in clean:
        fields = {field.name: row[field.column] for field in (*TOTALS, *TIMES)}
        whole = {**fields, "recentUsage": entries.get(row["user_id"], [])}
        assert row["size"] == size_of_document(f"usage/{row['user_id']}", whole)
    assert len(clean) > 300
    assert 0.1 * LARGEST_DOCUMENT < pc.max(sample.users["size"]).as_py() < LARGEST_DOCUMENT
    assert sample.users["size"].null_count == 0


def test_a_demo_that_runs_on_has_no_document_that_firestore_would_refuse() -> None:
    repository, clock = _demo()
    clock.at += timedelta(days=14)
    assert 0.8 < pc.max(_all(repository.listing()).users["size"]).as_py() / LARGEST_DOCUMENT < 1


def test_two_documents_have_findings_and_one_user_has_no_usage(sample: Batch) -> None:
    assert len(set(sample.findings["user_id"].to_pylist())) == 2
    unused = sample.users.filter(pc.equal(sample.users["total_calls"], 0))
    assert unused.num_rows == 1


def test_the_same_seed_and_beginning_give_the_same_data(sample: Batch) -> None:
    assert _all(_demo()[0].listing()).entries.equals(sample.entries)
    assert not _all(_demo(seed=8)[0].listing()).entries.equals(sample.entries)
    assert _demo()[0].source == _demo()[0].source != _demo(seed=8)[0].source


def test_new_usage_arrives_every_few_seconds() -> None:
    repository, clock = _demo()
    calls = []
    for _ in range(60):
        clock.at += timedelta(seconds=10)
        calls.append(pc.sum(_all(repository.listing()).users["total_calls"]).as_py())
    assert all(later > earlier for earlier, later in pairwise(calls))


def test_a_little_of_what_arrives_is_counted_without_an_entry() -> None:
    repository, clock = _demo()
    before = _unexplained(_all(repository.listing()))
    clock.at += timedelta(minutes=10)
    sample = _all(repository.listing())
    grown = [calls for user_id, calls in _unexplained(sample).items() if calls and before.get(user_id, 0) == 0]
    assert 10 < sum(grown) < 25  # of 130 calls that come beside the sessions
    kept = sample.entries.group_by("user_id").aggregate([("position", "count"), ("position", "max")]).to_pylist()
    assert all(row["position_max"] + 1 == row["position_count"] for row in kept)


def _unexplained(batch: Batch) -> dict[str, int]:
    """How many calls of each user no entry tells."""
    sums = batch.entries.group_by("user_id").aggregate([("calls", "sum")]).to_pylist()
    told = {row["user_id"]: row["calls_sum"] for row in sums}
    calls = zip(batch.users["user_id"].to_pylist(), batch.users["total_calls"].to_pylist(), strict=True)
    return {user_id: count - told.get(user_id, 0) for user_id, count in calls}


def test_nothing_is_from_the_future_and_nothing_goes_away() -> None:
    repository, clock = _demo()
    before = _all(repository.listing())
    clock.at += timedelta(minutes=3)
    after = _all(repository.listing())
    assert pc.max(before.entries["at"]).as_py() <= BEGAN
    assert pc.max(after.entries["at"]).as_py() <= clock.at
    assert after.entries.num_rows > before.entries.num_rows
    assert set(before.users["user_id"].to_pylist()) <= set(after.users["user_id"].to_pylist())


def test_changes_are_exactly_what_the_listing_shows_changed() -> None:
    repository, clock = _demo()
    before = {row["user_id"]: row for row in _all(repository.listing()).users.to_pylist()}
    clock.at += timedelta(seconds=90)
    after = {row["user_id"]: row for row in _all(repository.listing()).users.to_pylist()}
    changed = _all(repository.changed(BEGAN + timedelta(microseconds=1))).users.to_pylist()
    assert {row["user_id"] for row in changed} == {user_id for user_id in after if after[user_id] != before[user_id]}
    assert all(row == after[row["user_id"]] for row in changed)
    assert 1 < len(changed) < 40
    assert [row["last_updated"] for row in changed] == sorted(row["last_updated"] for row in changed)


def test_a_demo_that_runs_on_has_ordinary_days() -> None:
    repository, clock = _demo()
    clock.at += timedelta(days=3)
    days = _daily(_all(repository.listing()))
    later = [days[BEGAN.date() + timedelta(days=ahead)] for ahead in (1, 2)]
    assert all(0.5 < cost / median(list(days.values())[-30:]) < 3 for cost in later)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10 * 86_400), min_size=2, max_size=5))
def test_usage_depends_on_the_clock_alone(seconds: list[int]) -> None:
    asked_often = Sample(BEGAN, 7)
    for at in sorted(seconds):
        often = asked_often.until(BEGAN + timedelta(seconds=at))
    once = Sample(BEGAN, 7).until(BEGAN + timedelta(seconds=max(seconds)))
    assert sorted(often.at) == sorted(once.at)
    assert often.cost.sum() == pytest.approx(once.cost.sum())


def test_reads_are_counted_as_firestore_would() -> None:
    repository, clock = _demo()
    (page,) = repository.listing()
    assert (page.reads, page.queries, page.read_time) == (page.batch.documents, 1, BEGAN)
    (nothing,) = repository.changed(clock.at + timedelta(seconds=1))
    assert (nothing.reads, nothing.batch.documents) == (1, 0)
    assert repository.count(IdRange(until="maria.oduya")) + repository.count(IdRange("maria.oduya")) == page.reads


def test_nearly_everybody_has_a_name_and_a_team(sample: Batch) -> None:
    known = {user: (name, email, team) for user, name, email, team in persons()}
    users = set(sample.users["user_id"].to_pylist())
    assert users - known.keys() == {"svc-support-bot", "import-2025", "new.colleague", "z.unfinished"}
    assert known["t.lindqvist"] == ("Tove Lindqvist", "t.lindqvist@acme.example", "Support")
    assert len({team for _, _, team in known.values()}) == 4
    assert len({name for name, _, _ in known.values()}) == len(known)


def test_one_user_and_one_model_are_behind_the_unusual_day(sample: Batch) -> None:
    days = _daily(sample)
    peak = max((day for day in sorted(days)[-31:] if day.weekday() < 5), key=lambda day: days[day])
    entries = [each for each in sample.entries.to_pylist() if each["at"] and each["at"].date() == peak]
    cost = {user: sum(each["cost"] for each in entries if each["user_id"] == user) for user in ("n.okafor", "chen.wei")}
    assert cost["n.okafor"] > 0.3 * days[peak] > 2 * cost["chen.wei"]
    tried = [each["model"] for each in entries if each["user_id"] == "n.okafor"]
    assert tried.count("gpt-5.2") > 0.9 * len(tried)

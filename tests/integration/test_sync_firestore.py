"""The sync against a real emulator and an honest server: what it costs is counted on the wire, not by itself."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest
from google.cloud import firestore
from tests.fakes import DEADLINE
from tests.servers.chatbot import PROJECT, Chatbot, client_of, first_document
from tests.servers.emulator import Emulator
from tests.servers.fault import FaultServer
from tests.servers.wire import Wire

from usage_dash.ledger.ledger import Ledger
from usage_dash.repository.base import Failure
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.sync.state import Phase, SyncState
from usage_dash.sync.sums import Sums, sums
from usage_dash.sync.sync import Sync

USAGE = f"projects/{PROJECT}/databases/(default)/documents/usage"

Totals = dict[str, tuple[int | None, float | None, list[float]]]  # calls, dollars, and the cost of each entry


@dataclass
class Dashboard:
    """One process's part of the product below the page; refreshes whenever it is told to."""

    repository: FirestoreRepository
    ledger: Ledger
    seconds: float = 0.0

    def __post_init__(self) -> None:
        self.sync = Sync(self.repository, self.ledger, monotonic=lambda: self.seconds)

    def refresh(self) -> SyncState:
        self.seconds += 2
        return self.sync.refresh(force=True, wait=DEADLINE)

    def close(self) -> None:
        self.sync.close()
        self.ledger.close()


@pytest.fixture
def dashboards() -> Iterator[list[Dashboard]]:
    """Those that are in here are closed at the end."""
    opened: list[Dashboard] = []
    yield opened
    for dashboard in opened:
        dashboard.close()


def open_one(
    dashboards: list[Dashboard], host: str, collection: str = "usage", path: Path | None = None, **settings: Any
) -> Dashboard:
    repository = FirestoreRepository(project=PROJECT, collection=collection, emulator_host=host, **settings)
    dashboards.append(Dashboard(repository, Ledger(repository.source.identity, ZoneInfo("UTC"), path)))
    return dashboards[-1]


def entry(number: int) -> dict[str, Any]:
    return {
        "timestamp": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=number),
        "model": f"gpt-{number % 3}",
        "inputTokens": number,
        "outputTokens": 2 * number,
        "totalTokens": 3 * number,
        "costUsd": number / 64,
        "calls": 1,
    }


def written_before(count: int) -> dict[str, dict[str, Any]]:
    """Documents that nobody has written to for a day."""
    dated = datetime.now(UTC) - timedelta(days=1)
    return {
        f"u{number:05}": {
            "totalCalls": 1,
            "totalCostUsd": number / 64,
            "lastUpdated": dated,
            "recentUsage": [entry(number)],
        }
        for number in range(count)
    }


def put(client: firestore.Client, collection: str, documents: dict[str, dict[str, Any]]) -> None:
    batch = client.batch()
    for user_id, fields in documents.items():
        batch.set(client.collection(collection).document(user_id), fields)
    batch.commit()


def in_ledger(ledger: Ledger) -> Totals:
    with ledger.reader() as sql:
        rows = sql.execute(
            """
            SELECT user_id, any_value(u.total_calls), any_value(u.total_cost),
                coalesce(list(e.cost ORDER BY e.position) FILTER (e.visible), [])
            FROM users AS u LEFT JOIN entries AS e USING (user_key)
            GROUP BY user_id
            """
        ).fetchall()
    return {user_id: (calls, cost, costs) for user_id, calls, cost, costs in rows}


def in_source(client: firestore.Client, collection: str) -> Totals:
    """The same, read by google's client and nothing of ours."""
    documents = {snapshot.id: snapshot.to_dict() for snapshot in client.collection(collection).stream()}
    return {
        user_id: (
            raw.get("totalCalls"),
            raw.get("totalCostUsd"),
            [item["costUsd"] for item in raw.get("recentUsage", [])],
        )
        for user_id, raw in documents.items()
    }


# On the emulator


@dataclass
class Scene:
    """A collection on the emulator, with its writers, and the wire on which dashboards read it."""

    wire: Wire
    chatbot: Chatbot
    client: firestore.Client
    collection: str
    ledger_file: Path

    @property
    def users(self) -> firestore.CollectionReference:
        return self.client.collection(self.collection)


@pytest.fixture
def scene(
    emulator: Emulator, emulator_client: firestore.Client, collection: str, chatbot: Chatbot, tmp_path: Path
) -> Iterator[Scene]:
    with Wire(emulator.host) as wire:
        yield Scene(wire, chatbot, emulator_client, collection, tmp_path / "ledger.duckdb")


def test_the_bill_is_what_went_over_the_wire(dashboards: list[Dashboard], scene: Scene) -> None:
    put(scene.client, scene.collection, written_before(40))
    dashboard = open_one(dashboards, scene.wire.host, scene.collection)

    def returned() -> int:
        before = scene.wire.documents
        assert dashboard.refresh().phase is Phase.LIVE
        assert in_ledger(dashboard.ledger) == in_source(scene.client, scene.collection)
        spent = dashboard.sync.meter().hour
        counts = spent.queries - scene.wire.queries  # a read each
        assert spent.reads == scene.wire.reads + counts
        return scene.wire.documents - before

    assert returned() == 40
    assert returned() == 0
    for number in (3, 14, 15):
        scene.chatbot.count(f"u{number:05}", entry(100 + number), datetime.now(UTC))
    assert returned() == 3
    assert returned() <= 3, "the overlap, at most"
    scene.chatbot.delete("u00003")
    assert returned() <= 3 + 39, "this source cannot count ranges, so it is listed"
    scene.chatbot.count("late", entry(7), datetime.now(UTC) - timedelta(days=500))
    assert returned() <= 3 + 40


def test_a_restart_reads_only_what_changed(dashboards: list[Dashboard], scene: Scene) -> None:
    put(scene.client, scene.collection, written_before(40))
    open_one(dashboards, scene.wire.host, scene.collection, scene.ledger_file).refresh()
    dashboards.pop().close()
    scene.chatbot.count("u00007", entry(107), datetime.now(UTC))
    before = scene.wire.documents
    again = open_one(dashboards, scene.wire.host, scene.collection, scene.ledger_file)
    assert again.sync.state.phase is Phase.LIVE
    assert len(in_ledger(again.ledger)) == 40, "there before anything is read"
    assert again.refresh().phase is Phase.LIVE
    assert scene.wire.documents - before == 1
    assert in_ledger(again.ledger) == in_source(scene.client, scene.collection)


@pytest.mark.parametrize("seed", range(3))
def test_writers_with_wrong_clocks_a_wire_that_breaks_and_restarts(
    dashboards: list[Dashboard], scene: Scene, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    dashboard = open_one(dashboards, scene.wire.host, scene.collection, scene.ledger_file)
    failed = 0
    for step in range(12):
        _write(chance, scene, step)
        scene.wire.cut_after = chance.choice([None, 0, 1, 3, 10])
        restart = chance.random() < 0.3
        cut = dashboard.refresh().phase is not Phase.LIVE
        scene.wire.cut_after = None
        failed += cut
        if cut or restart:
            dashboards.pop().close()
            dashboard = open_one(dashboards, scene.wire.host, scene.collection, scene.ledger_file)
        assert dashboard.refresh().phase is Phase.LIVE
        assert in_ledger(dashboard.ledger) == in_source(scene.client, scene.collection)
    assert failed >= 3, "too few cuts to show anything"


def _write(chance: random.Random, scene: Scene, step: int) -> None:
    """Update some users, trim one, and either add some or delete some: never both, which a count cannot tell."""
    known = sorted(in_source(scene.client, scene.collection))
    for user_id in chance.sample(known, min(2, len(known))):
        scene.chatbot.count(user_id, entry(step), datetime.now(UTC))
    if known:
        trimmed = scene.users.document(chance.choice(known))
        kept = trimmed.get().to_dict().get("recentUsage", [])[1:]
        trimmed.update({"recentUsage": kept, "lastUpdated": firestore.SERVER_TIMESTAMP})
    if step % 3 == 2:
        for user_id in chance.sample(known, 2):
            scene.chatbot.delete(user_id)
        return
    for number in range(4):
        wrong = timedelta(seconds=chance.choice([-(10**8), -4000, -30, 0, 30, 4000, 10**8]))
        scene.chatbot.count(f"u{chance.randrange(1000):03}-{step}", entry(number), datetime.now(UTC) + wrong)
    undated = first_document(f"undated-{step}", entry(step), datetime.now(UTC))
    del undated["lastUpdated"]
    scene.users.document(f"undated-{step}").set(undated)


def test_a_source_that_stops_turns_stale_and_recovers(dashboards: list[Dashboard]) -> None:
    with Emulator() as emulator:
        client = client_of(emulator.host)
        put(client, "usage", written_before(20))
        dashboard = open_one(dashboards, emulator.host)
        good = dashboard.refresh()
        emulator.stop()
        stale = dashboard.refresh()
        assert (stale.phase, stale.data_time) == (Phase.STALE, good.data_time)
        assert stale.error is not None
        assert stale.error.failure is Failure.UNREACHABLE
        assert len(in_ledger(dashboard.ledger)) == 20
        emulator.start()
        client.close()
        client = client_of(emulator.host)
        put(client, "usage", written_before(15))
        _until_live(dashboard)
        assert in_ledger(dashboard.ledger) == in_source(client, "usage")
        client.close()


def _until_live(dashboard: Dashboard) -> None:
    """A broken channel is tried again only after a moment."""
    give_up = time.monotonic() + DEADLINE
    while dashboard.refresh().phase is not Phase.LIVE:
        assert time.monotonic() < give_up
        time.sleep(0.1)


# On an honest server, which knows ranges of ids


def fill(server: FaultServer, count: int) -> None:
    for user_id, fields in written_before(count).items():
        server.store.put(f"{USAGE}/{user_id}", fields)


@pytest.mark.parametrize("place", [0, 300, 1023])
def test_one_difference_in_1024_is_found_by_counting(
    dashboards: list[Dashboard], server: FaultServer, place: int
) -> None:
    fill(server, 1024)
    dashboard = open_one(dashboards, server.host)
    assert dashboard.refresh().phase is Phase.LIVE
    for change in ("extra", "missing"):
        if change == "extra":
            server.store.put(f"{USAGE}/u{place:05}x", {"totalCalls": 2})
        else:
            del server.store.documents[f"{USAGE}/u{place:05}"]
        counts, returned = len(server.made("RunAggregationQuery")), server.returned
        assert dashboard.refresh().phase is Phase.LIVE
        assert len(server.made("RunAggregationQuery")) - counts <= 10, "all, one a halving down to 8, and the sum"
        assert server.returned - returned <= 9
        there = {name.rpartition("/")[2] for name in server.store.documents}
        assert in_ledger(dashboard.ledger).keys() == there


def test_what_a_refresh_and_an_edit_that_hides_cost_on_the_wire(
    dashboards: list[Dashboard], server: FaultServer
) -> None:
    fill(server, 1000)
    with Wire(server.host) as wire:
        dashboard = open_one(dashboards, wire.host)

        def cost() -> tuple[int, int, int, int]:
            """Queries for documents, documents, counts and sums, and reads as they were billed."""
            before = wire.queries, wire.documents, wire.aggregations, dashboard.sync.meter().hour.reads
            assert dashboard.refresh().phase is Phase.LIVE
            after = wire.queries, wire.documents, wire.aggregations, dashboard.sync.meter().hour.reads
            return tuple(new - old for new, old in zip(after, before, strict=True))

        cost()
        assert cost() == (1, 0, 2, 3), "an empty answer, the count and the sum"
        server.store.documents[f"{USAGE}/u00500"].fields["totalCalls"].integer_value = 7
        all_bytes, before = wire.bytes, wire.bytes
        queries, documents, aggregations, reads = cost()
        assert (queries, aggregations) == (2, 2 + 7), "what changed, a range of few; and one sum a halving"
        assert (documents, reads) == (8, 1 + 2 + 7 + 8)
        assert wire.bytes - before < all_bytes / 50, "instead of all that was sent at first"
        assert in_ledger(dashboard.ledger)["u00500"][0] == 7
        assert cost() == (1, 0, 2, 3)


def test_where_calls_have_no_index_everything_else_goes_on(dashboards: list[Dashboard], server: FaultServer) -> None:
    fill(server, 20)
    dashboard = open_one(dashboards, server.host)
    dashboard.refresh()
    server.store.has_no_index = "totalCalls"
    server.store.put(f"{USAGE}/u00007", {"totalCalls": 9, "lastUpdated": datetime.now(UTC)})
    assert dashboard.refresh().phase is Phase.LIVE
    assert in_ledger(dashboard.ledger)["u00007"][0] == 9
    assert sums(dashboard.ledger) is Sums.REFUSED


def test_sums_that_64_bits_cannot_hold_are_compared_nevertheless(
    dashboards: list[Dashboard], server: FaultServer
) -> None:
    fill(server, 20)
    for number in range(3):
        server.store.documents[f"{USAGE}/u{number:05}"].fields["totalCalls"].integer_value = 2**62
    dashboard = open_one(dashboards, server.host)
    dashboard.refresh()
    before = server.returned
    assert dashboard.repository.total_calls() == 3 * 2.0**62
    dashboard.refresh()
    assert server.returned == before, "nothing was read in vain"
    server.store.documents[f"{USAGE}/u00001"].fields["totalCalls"].integer_value = 7
    dashboard.refresh()
    assert in_ledger(dashboard.ledger)["u00001"][0] == 7


def test_a_count_beside_a_sum_leaves_out_documents_without_the_field(server: FaultServer) -> None:
    fill(server, 3)
    server.store.put(f"{USAGE}/undone", {"lastUpdated": datetime.now(UTC)})
    client = client_of(server.host)
    [[alone]] = client.collection("usage").count("all").get()
    [both] = client.collection("usage").count("all").sum("totalCalls", "calls").get()
    assert alone.value == 4
    assert {each.alias: each.value for each in both} == {"all": 3, "calls": 3}
    client.close()


def test_the_meter_counts_what_the_server_gave(dashboards: list[Dashboard], server: FaultServer) -> None:
    fill(server, 1024)
    dashboard = open_one(dashboards, server.host)
    dashboard.refresh()
    first = dashboard.sync.meter().hour
    assert server.returned == 1024
    assert first.reads == 1024 + 2 + 2, "two for the count, two to find out that it knows ranges"
    assert first.wire_bytes > 1024 * 100
    server.store.put(f"{USAGE}/u00500", {"totalCalls": 9, "lastUpdated": datetime.now(UTC)})
    dashboard.refresh()
    assert server.returned == 1024 + 1
    assert dashboard.sync.meter().hour.reads == first.reads + 1 + 2 + 2, "the document, the count and the sum"


def test_a_stream_that_breaks_keeps_what_came_and_never_half_a_document(
    dashboards: list[Dashboard], server: FaultServer
) -> None:
    fill(server, 1024)
    dashboard = open_one(dashboards, server.host)
    server.fail(grpc.StatusCode.INTERNAL, method="RunQuery", after=700)
    assert dashboard.refresh().phase is Phase.ERROR
    held = in_ledger(dashboard.ledger)
    assert sorted(held) == [f"u{number:05}" for number in range(700)]
    assert all(cost == sum(costs) for _, cost, costs in held.values())
    server.recover()
    assert dashboard.refresh().phase is Phase.LIVE
    assert server.returned == 1024, "no document was read twice"
    assert len(in_ledger(dashboard.ledger)) == 1024


def test_a_silent_server_is_stale_after_the_budget(
    dashboards: list[Dashboard], server: FaultServer, tmp_path: Path
) -> None:
    fill(server, 20)
    assert open_one(dashboards, server.host, path=tmp_path / "ledger.duckdb").refresh().phase is Phase.LIVE
    dashboards.pop().close()
    server.fail(None)
    dashboard = open_one(dashboards, server.host, path=tmp_path / "ledger.duckdb", budget=0.5)
    state = dashboard.refresh()
    assert (state.phase, state.under_way) == (Phase.STALE, False)
    assert server.abandoned.wait(DEADLINE), "the call was given up, not left behind"
    server.recover()
    _until_live(dashboard)


def test_nobody_at_the_address_is_an_error_before_the_budget_is_spent(dashboards: list[Dashboard], deaf: str) -> None:
    state = open_one(dashboards, deaf, budget=2 * DEADLINE).refresh()
    assert (state.phase, state.under_way) == (Phase.ERROR, False)
    assert state.error is not None
    assert state.error.failure is Failure.UNREACHABLE

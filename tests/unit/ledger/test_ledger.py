from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.builders import NOON, Item, batch, document, held, item

from usage_dash.documents.batch import EVERYTHING, Batch, IdRange
from usage_dash.ledger.ledger import Ledger, LedgerError, TooMuchError
from usage_dash.ledger.scope import EVERYBODY

DEADLINE = 60.0  # seconds
A, B, C, D, E = (item(minutes) for minutes in range(5))


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    opened = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"))
    yield opened
    opened.close()


def rows(ledger: Ledger, query: str) -> list[tuple[Any, ...]]:
    with ledger.reader() as sql:
        return sql.execute(query).fetchall()


def visible(ledger: Ledger) -> list[Item]:
    return held(ledger, "ada", visible=True)


def history(ledger: Ledger) -> list[Item]:
    return held(ledger, "ada", visible=False)


def user_ids(ledger: Ledger) -> list[str]:
    return [user_id for (user_id,) in rows(ledger, "SELECT user_id FROM users ORDER BY user_id")]


class TestEntries:
    def arrays(self, ledger: Ledger, *arrays: list[Item]) -> None:
        for array in arrays:
            ledger.apply(batch(document("ada", *array)))

    def test_of_a_new_document_come_in_with_every_field(self, ledger: Ledger) -> None:
        odd = Item(None, "unknown", None, None, 7, None, 3, '{"x":1}')
        self.arrays(ledger, [A, odd])
        assert visible(ledger) == [A, odd]

    def test_that_are_appended_come_in(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A], [A, B, C])
        assert (visible(ledger), history(ledger)) == ([A, B, C], [])

    def test_trimmed_from_the_front_stay_as_history(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, C], [C, D])
        assert (visible(ledger), history(ledger)) == ([C, D], [A, B])

    def test_taken_out_of_the_middle_go(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, C], [A, C])
        assert (visible(ledger), history(ledger)) == ([A, C], [])

    def test_taken_off_the_end_go(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B], [A])
        assert (visible(ledger), history(ledger)) == ([A], [])

    def test_edited_at_the_front_leave_no_phantom(self, ledger: Ledger) -> None:
        edited = item(0, calls=2)
        self.arrays(ledger, [A, B, C], [edited, B, C])
        assert (visible(ledger), history(ledger)) == ([edited, B, C], [])

    def test_trimmed_while_the_rest_is_reordered_stay_as_history(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, C], [C, B])
        assert (visible(ledger), history(ledger)) == ([C, B], [A])

    def test_that_all_vanish_at_once_stay_when_only_later_ones_replace_them(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B], [C, D])
        assert (visible(ledger), history(ledger)) == ([C, D], [A, B])

    def test_that_all_vanish_at_once_go_where_one_of_the_same_time_replaces_them(self, ledger: Ledger) -> None:
        edited = item(0, calls=2)
        self.arrays(ledger, [A, B], [edited])
        assert (visible(ledger), history(ledger)) == ([edited], [B])

    def test_without_a_time_are_edited_by_one_without_a_time(self, ledger: Ledger) -> None:
        self.arrays(ledger, [Item(None, calls=1)], [Item(None, calls=2)])
        assert (visible(ledger), history(ledger)) == ([Item(None, calls=2)], [])

    def test_of_an_emptied_array_stay_as_history(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B], [])
        assert (visible(ledger), history(ledger)) == ([], [A, B])

    def test_that_come_back_are_visible_again_and_not_doubled(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, C], [C], [A, B, C, D])
        assert (visible(ledger), history(ledger)) == ([A, B, C, D], [])

    def test_that_come_back_count_as_new_for_those_that_vanish_behind_them(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, C], [B, C], [A, C])
        assert (visible(ledger), history(ledger)) == ([A, C], [])

    def test_keep_the_order_of_their_array(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, C], [C, E, A, D, B])
        assert visible(ledger) == [C, E, A, D, B]

    @pytest.mark.parametrize("second", [[C, D], [D, E]])
    def test_follow_those_that_are_history(self, ledger: Ledger, second: list[Item]) -> None:
        self.arrays(ledger, [A, B, C], second)
        in_order = rows(ledger, 'SELECT "at" FROM entries ORDER BY position, "at" DESC')
        assert in_order == sorted(in_order)
        assert len(in_order) == len({A, B, C, *second})

    def test_repeated_in_a_batch_come_in_once(self, ledger: Ledger) -> None:
        self.arrays(ledger, [A, B, A])
        assert visible(ledger) == [A, B]

    @pytest.mark.parametrize(
        "field", ["at", "model", "input_tokens", "output_tokens", "total_tokens", "cost", "calls", "rest"]
    )
    def test_that_differ_in_any_field_are_different(self, ledger: Ledger, field: str) -> None:
        other = {"at": None, "model": "o5", "rest": "{}", "calls": 9}.get(field)
        self.arrays(ledger, [A, item(0, **{field: other})])
        assert len(visible(ledger)) == 2

    def test_of_one_user_do_not_touch_those_of_another(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A, B), document("bob", A, B)))
        ledger.apply(batch(document("bob", B)))
        assert visible(ledger) == [A, B]


class TestTotals:
    def test_are_replaced_also_by_nothing(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", total_calls=3, total_cost=1.5, last_updated=NOON)))
        ledger.apply(batch(document("ada", total_calls=2, total_tokens=9, created_at=NOON)))
        query = "SELECT total_calls, total_tokens, total_cost, last_updated, created_at FROM users"
        assert rows(ledger, query) == [(2, 9, None, None, NOON.replace(tzinfo=None))]

    def test_may_be_as_large_as_the_source_allows(self, ledger: Ledger) -> None:
        ledger.apply(batch(*(document(user, total_calls=2**63 - 1) for user in ("ada", "bob"))))
        assert rows(ledger, "SELECT sum(total_calls) FROM users") == [(2**64 - 2,)]


class TestFirstRead:
    NOON, LATER = NOON.replace(tzinfo=None), (NOON + timedelta(days=1)).replace(tzinfo=None)

    def of_entries(self, ledger: Ledger) -> list[tuple[Any, ...]]:
        return rows(ledger, "SELECT first_read FROM entries ORDER BY position")

    def of_users(self, ledger: Ledger) -> list[tuple[Any, ...]]:
        return rows(ledger, "SELECT user_id, first_read FROM users ORDER BY user_id")

    def test_is_kept_however_often_a_document_and_an_entry_are_read_again(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A)), read_time=NOON)
        ledger.apply(batch(document("ada", A, B, total_cost=1.0), document("bob")), read_time=NOON + timedelta(days=1))
        assert self.of_users(ledger) == [("ada", self.NOON), ("bob", self.LATER)]
        assert self.of_entries(ledger) == [(self.NOON,), (self.LATER,)]

    def test_of_an_entry_that_comes_back_is_the_first(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A)), read_time=NOON)
        ledger.apply(batch(document("ada")), read_time=NOON + timedelta(hours=1))
        ledger.apply(batch(document("ada", A)), read_time=NOON + timedelta(days=1))
        assert self.of_entries(ledger) == [(self.NOON,)]

    def test_is_utc_whatever_zone_it_is_said_in(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A)), read_time=NOON.astimezone(ZoneInfo("Asia/Kathmandu")))
        assert self.of_users(ledger) == [("ada", self.NOON)]
        assert self.of_entries(ledger) == [(self.NOON,)]

    def test_is_unknown_where_nobody_said_it(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A)))
        assert self.of_users(ledger) == [("ada", None)]
        assert self.of_entries(ledger) == [(None,)]


class TestSize:
    def test_is_replaced_and_that_is_a_change(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", size=100)))
        before = ledger.state.version
        ledger.apply(batch(document("ada", size=300)))
        assert rows(ledger, "SELECT size FROM users") == [(300,)]
        assert ledger.state.version > before


class TestUnknown:
    def test_costs_stay_unknown_and_are_no_zeros(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(0, cost=None), item(1, cost=0.0)), document("bob", total_cost=0.0)))
        assert rows(ledger, "SELECT cost FROM entries ORDER BY position") == [(None,), (0.0,)]
        assert rows(ledger, "SELECT total_cost FROM users ORDER BY user_id") == [(None,), (0.0,)]


class TestFindings:
    def test_are_replaced(self, ledger: Ledger) -> None:
        odd, worse = ("totalCalls", "negative", "left blank", 1), ("recentUsage", "null", "nothing itemised", 2)
        ledger.apply(batch(document("ada", findings=(odd,)), document("bob", findings=(odd,))))
        ledger.apply(batch(document("ada", findings=(worse,))))
        query = "SELECT user_id, field, problem, action, count FROM findings JOIN users USING (user_key) ORDER BY ALL"
        assert rows(ledger, query) == [("ada", *worse), ("bob", *odd)]


class TestVersion:
    CHANGES = (
        document("ada", A),
        document("ada", A, total_calls=1),
        document("ada", A, B, total_calls=1),
        document("ada", B, total_calls=1),
        document("ada", B, total_calls=1, findings=(("f", "p", "a", 1),)),
        document("ada", B, total_calls=1, findings=(("f", "p", "a", 2),)),
        document("ada", A, B, total_calls=1),
        document("ada", B, A, total_calls=1),
    )

    def test_grows_with_every_change_and_only_then(self, ledger: Ledger) -> None:
        for each in self.CHANGES:
            before = ledger.state.version
            ledger.apply(batch(each))
            after = ledger.state.version
            ledger.apply(batch(each))
            ledger.set_marks({"watermark": "x"})
            assert after > before
            assert ledger.state.version == after

    def test_grows_when_a_user_leaves_and_not_when_none_does(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada")))
        before = ledger.state.version
        ledger.apply(batch(), within=IdRange("b", None))
        assert ledger.state.version == before
        ledger.apply(batch(), within=EVERYTHING)
        assert ledger.state.version > before


class TestLeaving:
    def test_takes_entries_and_findings_along(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A, findings=(("f", "p", "a", 1),)), document("bob", B)))
        ledger.apply(batch(), within=IdRange(None, "ada"))
        assert user_ids(ledger) == ["bob"]
        assert rows(ledger, "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM findings)") == [(1, 0)]

    def test_and_coming_back_starts_anew(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A, B)))
        ledger.apply(batch(), within=EVERYTHING)
        ledger.apply(batch(document("ada", B)))
        assert (visible(ledger), history(ledger)) == ([B], [])

    @pytest.mark.parametrize(
        ("within", "left"),
        [
            (None, ["a", "b", "c", "d", "e"]),
            (EVERYTHING, ["b", "e"]),
            (IdRange(None, "c"), ["b", "d", "e"]),
            (IdRange("c", None), ["a", "b", "c", "e"]),
            (IdRange("a", "c"), ["a", "b", "d", "e"]),
        ],
    )
    def test_is_for_those_that_a_listing_lacks_within_its_range(
        self, ledger: Ledger, within: IdRange | None, left: list[str]
    ) -> None:
        ledger.apply(batch(*map(document, "abcd")))
        ledger.apply(batch(document("b", total_calls=1), document("e")), within=within)
        assert user_ids(ledger) == left


class TestMarks:
    def test_are_written_read_and_deleted(self, ledger: Ledger) -> None:
        ledger.set_marks({"watermark": "1", "listed_until": "a"})
        ledger.apply(batch(document("ada")), marks={"watermark": "2", "listed_until": None})
        assert (ledger.mark("watermark"), ledger.mark("listed_until"), ledger.mark("other")) == ("2", None, None)

    def test_of_a_batch_that_fails_are_not_written(self, ledger: Ledger) -> None:
        ledger.set_marks({"watermark": "1"})
        with pytest.raises(ValueError, match="each user once"):
            ledger.apply(batch(document("ada"), document("ada")), marks={"watermark": "2"})
        assert ledger.mark("watermark") == "1"


class TestFailingBatch:
    def flawed(self) -> Iterator[Batch]:
        good = batch(document("ada", A, B, total_calls=7), document("bob", C))
        stray = batch(document("eve", D, findings=(("f", "p", "a", 1),)))
        yield batch(document("ada", A), document("ada", B))
        yield Batch(good.users, stray.entries, good.findings)
        yield Batch(good.users, good.entries, stray.findings)
        # Found only when the entries are inserted, after the users have been.
        nameless = good.entries.set_column(3, "model", [[None] * good.entries.num_rows])
        yield Batch(good.users, nameless.cast(good.entries.schema), good.findings)

    def test_changes_nothing_and_leaves_the_ledger_usable(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A), document("zoe", E)))
        before = ledger.state.version
        for flawed in self.flawed():
            with pytest.raises((ValueError, duckdb.ConstraintException)):
                ledger.apply(flawed, within=EVERYTHING)
            assert (ledger.state.version, user_ids(ledger), visible(ledger)) == (before, ["ada", "zoe"], [A])
        ledger.apply(batch(document("ada", A, B)), within=EVERYTHING)
        assert (user_ids(ledger), visible(ledger)) == (["ada"], [A, B])


class TestIds:
    IDS = ("Z", "a", "é", "\ue000", "\U0001f600")  # in the order of their UTF-8 bytes

    def test_are_ordered_by_their_bytes(self, ledger: Ledger) -> None:
        ledger.apply(batch(*map(document, self.IDS)))
        counts = [ledger.count(IdRange(None, user_id)) for user_id in self.IDS]
        assert counts == [1, 2, 3, 4, 5]
        assert ledger.count(IdRange("a", "\ue000")) == 2
        assert ledger.count() == 5

    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
    @given(ids=st.sets(st.text(max_size=3), max_size=12), bounds=st.lists(st.text(max_size=3), max_size=2))
    def test_are_halved_by_their_middle(self, ledger: Ledger, ids: set[str], bounds: list[str]) -> None:
        ledger.apply(batch(*map(document, ids)), within=EVERYTHING)
        after, until = [*sorted(bounds), None, None][:2]
        count, middle = ledger.count(IdRange(after, until)), ledger.middle(IdRange(after, until))
        assert count == sum((after is None or after < user) and (until is None or user <= until) for user in ids)
        if middle is None:
            assert count == 0
        else:
            halves = ledger.count(IdRange(after, middle)), ledger.count(IdRange(middle, until))
            assert halves == ((count + 1) // 2, count // 2)


class TestModels:
    def slots(self, ledger: Ledger) -> dict[str, int]:
        return {model: slot for slot, model in rows(ledger, "SELECT slot, model FROM models")}

    def test_are_numbered_by_their_earliest_entry(self, ledger: Ledger) -> None:
        late, early, undated = item(9, model="late"), item(1, model="the first"), Item(None, model="at no time")
        ledger.apply(batch(document("ada", late, undated), document("bob", early, item(99, model="the first"))))
        assert self.slots(ledger) == {"the first": 0, "late": 1, "at no time": 2}

    def test_keep_their_number_for_good(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", item(9, model="late"), item(5, model="early"))))
        ledger.apply(batch(document("bob", item(0, model="older"), item(7, model="late"))))
        ledger.apply(batch(), within=EVERYTHING)
        ledger.apply(batch(document("cyd", item(0, model="oldest"), item(1, model="older"))))
        assert self.slots(ledger) == {"early": 0, "late": 1, "older": 2, "oldest": 3}


class TestDays:
    def test_are_reporting_days(self) -> None:
        ledger = Ledger("demo:sample/(default)/usage", ZoneInfo("Asia/Kathmandu"))  # UTC+5:45
        ledger.apply(batch(document("ada", item(6 * 60 + 14), item(6 * 60 + 15), Item(None))))
        days = rows(ledger, "SELECT day FROM entries ORDER BY position")
        ledger.close()
        assert days == [(date(2026, 6, 15),), (date(2026, 6, 16),), (None,)]

    def test_follow_the_rules_of_the_installed_time_zones(self) -> None:
        # British Columbia's clocks: DuckDB's own rules are older and put this hour on another day.
        zone = ZoneInfo("America/Vancouver")
        times = [NOON + timedelta(days=day, hours=hour) for day in range(0, 400, 3) for hour in (-6, -5, -4, -3)]
        ledger = Ledger("demo:sample/(default)/usage", zone)
        ledger.apply(batch(document("ada", *map(Item, times))))
        days = [day for (day,) in rows(ledger, "SELECT day FROM entries ORDER BY position")]
        ledger.close()
        assert days == [time.astimezone(zone).date() for time in times]


class TestReaders:
    def test_see_one_state_until_they_end(self, ledger: Ledger) -> None:
        ledger.apply(batch(document("ada", A)))
        with ledger.snapshot(EVERYBODY) as snapshot:
            before = snapshot.version
            ledger.apply(batch(document("ada", A, B), document("bob")))
            counts = snapshot.sql.execute(
                "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM entries)"
            ).fetchall()
        assert counts == [(1, 1)]
        assert (before < ledger.state.version, ledger.count()) == (True, 2)

    def test_cannot_write(self, ledger: Ledger) -> None:
        with ledger.reader() as sql, pytest.raises(duckdb.Error, match="read-only"):
            sql.execute("DELETE FROM users")

    def test_never_see_half_a_batch_while_others_write(self, ledger: Ledger) -> None:
        done = threading.Event()
        torn: list[tuple[Any, ...]] = []
        looks = [0] * 4

        def look(number: int) -> None:
            # Every batch makes the totals equal the entries, so any difference is half a batch.
            query = "SELECT (SELECT sum(total_calls) FROM users), (SELECT sum(calls) FROM entries)"
            while not done.is_set() or not looks[number]:
                torn.extend(row for row in rows(ledger, query) if row[0] != row[1])
                looks[number] += 1

        def write(first: int) -> None:
            for count in range(1, 9):
                items = [item(minutes) for minutes in range(count)]
                users = (document(f"user {first + number}", *items, total_calls=count) for number in range(10))
                ledger.apply(batch(*users))

        readers = [threading.Thread(target=look, args=(number,)) for number in range(4)]
        writers = [threading.Thread(target=write, args=(first,)) for first in (0, 10)]
        for thread in readers + writers:
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        for thread in readers:
            thread.join()
        assert torn == []
        assert rows(ledger, "SELECT count(*), sum(calls) FROM entries") == [(160, 160)]

    def test_a_question_under_way_is_waited_for_when_the_ledger_is_closed(self, ledger: Ledger) -> None:
        asked, answer, schema = threading.Event(), threading.Event(), pa.schema({"number": pa.int32()})

        def slowly() -> Iterator[pa.RecordBatch]:
            asked.set()
            assert answer.wait(DEADLINE)
            yield pa.record_batch({"number": pa.array([7], pa.int32())})

        def ask() -> list[tuple[Any, ...]]:
            with ledger.reader() as sql:
                sql.register("slow", pa.RecordBatchReader.from_batches(schema, slowly()))
                return sql.execute("SELECT number FROM slow").fetchall()

        with ThreadPoolExecutor(2) as pool:
            asking = pool.submit(ask)
            assert asked.wait(DEADLINE)
            closing = pool.submit(ledger.close)
            with pytest.raises(TimeoutError):
                closing.result(timeout=0.1)
            answer.set()
            closing.result(DEADLINE)
            asking.exception(DEADLINE)  # it may be too late to take the answer


class TestMemoryLimit:
    def test_that_is_no_size_is_refused(self) -> None:
        with pytest.raises(LedgerError, match="memory limit “plenty” is not understood"):
            Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), memory_limit="plenty")

    def test_is_told_to_who_asks_too_much_and_holds_up_nobody(self) -> None:
        ledger = Ledger("demo:sample/(default)/usage", ZoneInfo("UTC"), memory_limit="20MB")
        with pytest.raises(TooMuchError, match="too little memory for this question"), ledger.reader() as sql:
            sql.execute("SELECT list(range) FROM range(10_000_000)").fetchall()
        ledger.apply(batch(document("ada", A)))
        assert visible(ledger) == [A]
        ledger.close()

"""How far reading gets, and what lies in the way."""

from __future__ import annotations

import pytest
from tests.fakes import FORBIDDEN, UNREACHABLE, MemoryRepository
from tests.unit.doctor.seeing import NOW, seen, setup, state_of

from usage_dash.checks.check import State
from usage_dash.doctor import reading
from usage_dash.doctor.source import see
from usage_dash.repository.base import Edition, Failure, SourceError

ACT, LOOK, GOOD, UNKNOWN = State.ACT, State.LOOK, State.GOOD, State.UNKNOWN
DATABASE = SourceError(Failure.NOT_FOUND, "There is no database", "Check its name.", "there is none", "gcloud list")


def _states(failure: SourceError | None) -> dict[str, State]:
    found = reading.reading(setup(), failure or seen())
    return {check.key: state_of(check) for check in found}


def test_all_stages_are_good_when_documents_were_read() -> None:
    assert _states(None) == dict.fromkeys(["credentials", "connection", "database", "permission"], GOOD)


@pytest.mark.parametrize(
    ("failure", "states"),
    [
        (UNREACHABLE, [UNKNOWN, ACT, UNKNOWN, UNKNOWN]),
        (DATABASE, [GOOD, GOOD, ACT, UNKNOWN]),
        (FORBIDDEN, [GOOD, GOOD, GOOD, ACT]),
        (SourceError(Failure.CREDENTIALS, "None", "Set them.", "none"), [ACT, UNKNOWN, UNKNOWN, UNKNOWN]),
        (SourceError(Failure.QUOTA, "Used up", "Wait.", "used up"), [GOOD, GOOD, GOOD, ACT]),
    ],
    ids=lambda value: value.failure if isinstance(value, SourceError) else "",
)
def test_an_obstacle_stands_at_its_stage_and_hides_what_is_behind(failure: SourceError, states: list[State]) -> None:
    assert list(_states(failure).values()) == states


def test_an_emulator_that_fails_needs_no_credentials_all_the_same() -> None:
    emulated = setup(emulator_host="127.0.0.1:8080")
    for failure in (UNREACHABLE, DATABASE):
        first = next(reading.reading(emulated, failure))
        assert (first.key, first.state, first.title) == ("credentials", GOOD, "An emulator needs no credentials")


def test_every_failure_has_a_stage() -> None:
    for failure in Failure:
        assert ACT in _states(SourceError(failure, "It failed", "Mend it.", "failed")).values()


def test_an_obstacle_says_what_to_do_with_its_command() -> None:
    check = next(check for check in reading.reading(setup(), DATABASE) if check.state is ACT)
    assert (check.title, check.todo) == ("There is no database", "Check its name. The command: `gcloud list`")


def test_what_stands_in_the_way_of_another_source_is_one_line(tmp_path: object) -> None:
    missing = SourceError(Failure.NOT_FOUND, "The file is not there", "Write one.", "not there")
    local = setup(chosen_source="local", local_file=f"{tmp_path}/usage.jsonl")
    assert [(check.key, check.state) for check in reading.reading(local, missing)] == [("reading", ACT)]
    assert not list(reading.reading(local, seen()))


def test_a_failure_is_seen_and_not_raised() -> None:
    repository = MemoryRepository({})
    repository.fail_in(0, FORBIDDEN)
    assert see(repository, lambda: NOW) is FORBIDDEN
    repository.fail_in(1, UNREACHABLE)
    assert see(repository, lambda: NOW) is UNREACHABLE


def test_where_documents_come_from() -> None:
    assert state_of(reading.chosen(setup())) is GOOD
    assert state_of(reading.chosen(setup(chosen_source="demo"))) is GOOD
    unset = reading.chosen(setup(project_id=None))
    assert state_of(unset) is ACT
    assert "FIREBASE_CREDENTIALS" in unset.todo


def test_an_enterprise_edition_needs_an_index_that_is_named() -> None:
    check = reading.edition(setup(collection="apps/web/usage", database="chat-eu"), seen(edition=Edition.ENTERPRISE))
    assert state_of(check) is LOOK
    assert check is not None
    assert (
        "`gcloud firestore indexes composite create --project=fake --database=chat-eu --collection-group=usage "
        "--field-config=field-path=lastUpdated,order=ascending`"
    ) in check.todo
    assert "4 KiB" in check.detail


def test_the_other_editions() -> None:
    assert state_of(reading.edition(setup(), seen(edition=Edition.STANDARD))) is GOOD
    unknown = reading.edition(setup(), seen())
    assert state_of(unknown) is UNKNOWN
    assert unknown is not None
    assert "datastore.databases.getMetadata" in unknown.todo
    emulator = reading.edition(setup(emulator_host="127.0.0.1:8080"), seen())
    assert emulator is not None
    assert (emulator.state, emulator.todo) == (UNKNOWN, "")
    assert reading.edition(setup(chosen_source="demo"), seen()) is None

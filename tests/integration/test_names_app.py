"""Names in a whole app on a Firestore: looked up when they are wanted, paid for, and shown to whom they concern."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import grpc
import pytest
from tests.fakes import DEADLINE
from tests.servers.chatbot import PROJECT
from tests.servers.fault import FaultServer

from usage_dash.app import create_dash
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.page.board import Board
from usage_dash.settings import Settings

DOCUMENTS = f"projects/{PROJECT}/databases/(default)/documents"


@pytest.fixture
def board(server: FaultServer) -> Iterator[Board]:
    """An app whose Firestore holds two users with names, one without, and one who has used nothing."""
    for user_id in ("ada", "bob", "cyd"):
        server.store.put(f"{DOCUMENTS}/usage/{user_id}", {"totalCalls": 1, "lastUpdated": datetime.now(UTC)})
    for user_id in ("ada", "bob", "eve"):
        names = {"username": user_id.title(), "email": f"{user_id}@acme.example"}
        server.store.put(f"{DOCUMENTS}/users/{user_id}", names)
    settings = {"project_id": PROJECT, "emulator_host": server.host, "names": "firestore"}
    app = create_dash(Settings.model_validate(settings))
    board: Board = app.server.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    yield board
    board.close()


def ended() -> None:
    """Wait until no name is looked up any more."""
    for thread in threading.enumerate():
        if thread.name == "names":
            thread.join(DEADLINE)


def people(board: Board, scope: Scope) -> list[tuple[str, ...]]:
    with board.reports.moment(scope) as moment:
        query = "SELECT user_id, name, email FROM people ORDER BY user_id"
        scoped = moment.sql.execute(query.replace("people", "scoped_people")).fetchall()
        assert moment.sql.execute(query).fetchall() == scoped
        return scoped


def test_nothing_is_looked_up_before_somebody_is_shown(board: Board, server: FaultServer) -> None:
    assert people(board, EVERYBODY)[0] == ("ada", "", "")
    assert server.made("BatchGetDocuments") == []


def test_a_name_is_there_at_the_next_look_and_on_the_bill(board: Board, server: FaultServer) -> None:
    before, stamp = board.sync.meter().quota.today.reads, board.reports.stamp(EVERYBODY)
    board.names.want(["ada", "cyd"])
    assert board.names.coming
    ended()
    assert board.reports.stamp(EVERYBODY).version > stamp.version, "so every page draws its users anew"
    assert people(board, EVERYBODY) == [("ada", "Ada", "ada@acme.example"), ("bob", "", ""), ("cyd", "", "")]
    assert board.sync.meter().quota.today.reads == before + 2
    board.names.want(["ada", "cyd"])
    assert not board.names.coming
    ended()
    assert len(server.made("BatchGetDocuments")) == 1


def test_nobody_sees_a_name_from_beyond_their_scope(board: Board) -> None:
    board.names.want_all(EVERYBODY)
    ended()
    assert people(board, Scope(frozenset({"bob", "eve"}))) == [("bob", "Bob", "bob@acme.example")]
    assert people(board, Scope(frozenset())) == []
    with board.reports.moment(Scope(frozenset({"bob"}))) as moment:
        for table in ("names", "people"):
            assert "ada" not in str(moment.sql.execute(f"FROM {table}").fetchall())


def test_who_searches_a_scope_has_nobody_else_looked_up(board: Board, server: FaultServer) -> None:
    board.names.want_all(Scope(frozenset({"bob"})))
    ended()
    (call,) = server.made("BatchGetDocuments")
    assert list(call.message.documents) == [f"{DOCUMENTS}/users/bob"]


def test_a_refusal_leaves_the_ids_and_one_line_in_the_log_without_them(
    board: Board, server: FaultServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail(grpc.StatusCode.PERMISSION_DENIED, "no access to users/ada", method="BatchGetDocuments")
    for _ in range(3):
        board.names.want(["ada"])
        ended()
    assert people(board, EVERYBODY)[0] == ("ada", "", "")
    (line,) = [record.getMessage() for record in caplog.records if "names" in record.getMessage()]
    assert line.startswith("Users are shown by their ids, since their names cannot be looked up: Firestore refused")
    assert "ada" not in line

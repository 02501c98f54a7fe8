"""Who the users are, in a whole app: the people file reaches the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.fakes import MemoryRepository

from usage_dash.app import create_dash
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.page.board import Board
from usage_dash.settings import Settings

HEADER = "user_id,name,email,team\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + "ada,Ada,ada@acme.example,Support\n")
    return path


@contextmanager
def opened(**settings: object) -> Iterator[Board]:
    """The board of an app whose source holds Ada and Bob."""
    source = MemoryRepository({"ada": {"totalCalls": 1}, "bob": {"totalCalls": 2}})
    app = create_dash(Settings.model_validate(settings), source)
    board: Board = app.server.extensions["usage_dash_board"]
    board.sync.refresh(wait=60)
    assert app.server.test_client().get("/").status_code == 200  # whoever looks has the file looked at
    yield board
    board.close()


def people(board: Board, scope: Scope = EVERYBODY) -> list[tuple[str, ...]]:
    with board.reports.moment(scope) as moment:
        return moment.sql.execute("SELECT user_id, name, email, team FROM people ORDER BY user_id").fetchall()


def test_the_people_file_names_the_users_and_those_alone_whom_a_scope_may_see(file: Path) -> None:
    with opened(people_file=file) as board:
        assert people(board) == [("ada", "Ada", "ada@acme.example", "Support"), ("bob", "", "", "")]
        assert people(board, Scope(frozenset({"bob"}))) == [("bob", "", "", "")]


def test_people_are_forgotten_when_the_file_is_not_set_any_more(file: Path, tmp_path: Path) -> None:
    kept = {"ledger_file": tmp_path / "usage.duckdb", "chosen_source": "firestore"}
    with opened(people_file=file, **kept) as board:
        assert people(board)[0][1] == "Ada"
    with opened(**kept) as board:
        assert people(board)[0] == ("ada", "", "", "")

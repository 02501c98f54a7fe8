"""Who the users are, in a whole app: the people file reaches the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from tests.fakes import MemoryRepository

from usage_dash.app import create_dash
from usage_dash.documents.people import NAMES
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY, Scope
from usage_dash.openers import open_names
from usage_dash.page.board import Board
from usage_dash.repository.firestore.auth_names import AuthNames
from usage_dash.repository.firestore.names import FirestoreNames
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


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"chosen_source": "firestore"}, None),
        ({"chosen_source": "demo", "names": "firestore"}, None),
        ({"emulator_host": "127.0.0.1:1", "names": "firestore"}, FirestoreNames),
        ({"local_file": Path("usage.jsonl"), "chosen_source": "local", "names": "firestore"}, FirestoreNames),
        ({"emulator_host": "127.0.0.1:1", "names": "auth"}, AuthNames),
    ],
)
def test_the_settings_choose_where_names_are_looked_up(settings: dict[str, object], kind: type | None) -> None:
    source = open_names(Settings.model_validate(settings))
    assert type(source) is (kind or type(None))
    if source is not None:
        assert source.identity.startswith(f"{settings['names']}:")
        source.close()


def test_names_that_are_not_looked_up_any_more_are_forgotten(tmp_path: Path) -> None:
    kept = {"ledger_file": tmp_path / "usage.duckdb", "emulator_host": "127.0.0.1:1"}
    with opened(names="firestore", **kept):
        pass
    ledger = Ledger(MemoryRepository().source.identity, ZoneInfo("UTC"), tmp_path / "usage.duckdb")
    ledger.keep_names(pa.table([["bob"], ["Bob"], [""]], schema=NAMES), datetime.now(UTC))
    ledger.close()
    with opened(names="firestore", **kept) as board:
        assert people(board)[1] == ("bob", "Bob", "", "")
    with opened(**kept) as board:
        assert people(board)[1] == ("bob", "", "", "")

"""Files to take along, over HTTP: what is in them, who may have them, and what is said where there are none."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import brotli
import jwt
import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from tests.browser.scenes import document, entry
from tests.fakes import DEADLINE, UNREACHABLE, MemoryRepository

from usage_dash.app import create_app
from usage_dash.exports import as_xlsx, files
from usage_dash.exports.files import Form
from usage_dash.settings import Settings, Way

EMBED_SECRET = "e" * 32
NOW = datetime.now(UTC)
COSTS = {"u-ada": 7.43, "=cmd|'/C calc'!A0": 20.0}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    people = tmp_path_factory.mktemp("people") / "people.csv"
    people.write_text("user_id,name,email,team\nu-ada,Ada Lovelace,ada@acme.example,Support\n")
    made = _app(_repository(), people_file=people)
    made.extensions["usage_dash_board"].sync.refresh(wait=DEADLINE)
    yield made
    made.extensions["usage_dash_board"].close()


def _repository() -> MemoryRepository:
    at = NOW - timedelta(minutes=1)
    costs = enumerate(COSTS.items())
    source = MemoryRepository(
        {user: document(user, [entry(at, cost, f"model-{number}")]) for number, (user, cost) in costs}
    )
    source.clock = NOW
    return source


def _app(source: MemoryRepository, **more: Any) -> Flask:
    settings = Settings(
        auth=(Way.NONE,), embed_secret=(EMBED_SECRET,), embed_origins=("https://portal.example",), **more
    )
    return create_app(settings, source)


class Client(FlaskClient):
    """One that reads every answer to its end, as browsers do."""

    def open(self, *args: Any, **more: Any) -> Any:
        return super().open(*args, **{"buffered": True, **more})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return Client(app)


def _frames(**see: Any) -> dict[str, str]:
    """The headers of a portal's frame that may see this."""
    now = int(time.time())
    claims = {"aud": "usage-dash", "iat": now, "exp": now + 600, "sub": "ada", "see": see or "all"}
    token = jwt.encode(claims, EMBED_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}", "X-Usage-Dash-Frame": "1"}


def _lines(answer: Any) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", sorted(files.NAMES))
def test_each_file_is_an_attachment_with_a_name_that_says_its_days(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/export/{name}?range=7d")
    what, _, form = name.partition(".")
    title = answer.headers["Content-Disposition"]
    named = re.fullmatch(r'attachment; filename="usage-(.+)-(.{10})-to-(.{10})\.(.+)"', title)
    assert named
    assert (named[1], named[4]) == (what, form)
    assert date.fromisoformat(named[3]) - date.fromisoformat(named[2]) == timedelta(days=6)
    assert answer.headers["Content-Type"] == files.KINDS[Form(form)]
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) == int(answer.headers.get("Content-Length", len(answer.data))) > 0


def test_users_are_the_same_as_csv_json_and_excel(client: FlaskClient) -> None:
    lines = _lines(client.get("/export/users.csv"))
    told = client.get("/export/users.json").json
    book = openpyxl.load_workbook(io.BytesIO(client.get("/export/users.xlsx").data))
    assert book.sheetnames == ["About", "Users"]
    assert [line["user_id"] for line in lines] == ["'=cmd|'/C calc'!A0", "u-ada"]
    assert [row["user_id"] for row in told["rows"]] == list(reversed(COSTS))
    assert [row[0].value for row in book["Users"].iter_rows(min_row=2)] == list(reversed(COSTS))
    assert book["Users"]["A2"].data_type in {"s", "inlineStr"}
    assert [float(line["cost_usd"]) for line in lines] == [row["cost_usd"] for row in told["rows"]] == [20.0, 7.43]
    assert (lines[1]["name"], lines[1]["email"], lines[1]["team"]) == ("Ada Lovelace", "ada@acme.example", "Support")
    assert told["about"]["time_zone"] == "UTC"


def test_a_workbook_has_all_that_the_page_shows(client: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(client.get("/export/workbook.xlsx?range=7d").data))
    assert book.sheetnames == ["About", "Users", "Days", "Models", "Teams", "Entries"]
    assert book["Days"].max_row == 8
    told = {row[0]: row[1] for row in book["About"].iter_rows(values_only=True)}
    assert (told["Time zone of the days"], told["Team"], told["All-time figures"]) == ("UTC", "all", "from counters")
    assert told["Not itemised"].startswith("$0.00 of the cost in the range: ")
    assert told["Users who are gone"].startswith("$0.00 of the cost in the range: ")


def test_filters_are_those_of_the_page(client: FlaskClient) -> None:
    own = _lines(client.get("/export/users.csv?user=u-ada&sort=-cost&page=2"))
    assert [line["user_id"] for line in own] == ["u-ada"]
    assert [line["model"] for line in _lines(client.get("/export/entries.csv?model=model-1"))] == ["model-1"]
    assert [line["team"] for line in _lines(client.get("/export/teams.csv?team="))] == [""]
    assert len(_lines(client.get("/export/days.csv?from=2026-01-01&to=2026-01-31"))) == 31


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/export/users.pdf", 404, "There is no such file. There are users, days, models"),
        ("/export/nothing.csv", 404, "There is no such file. There are users, days, models"),
        ("/export/workbook.csv", 404, "There is no such file. There are users, days, models"),
        ("/export/users", 404, "There is no such file. There are users, days, models"),
        ("/export/once", 404, "There is no such file. There are users, days, models"),
        ("/export/users.csv?range=8d", 400, "This address asks for “range” that is not one of"),
        ("/export/users.csv?from=2026-02-30&to=2026-03-01", 400, "This address asks for days that cannot be"),
        ("/export/users.csv?user=u-bob", 400, "a user who is not among those you may see, so there is no file of it."),
        ("/export/users.csv?model=gpt-9", 400, "a model that is not here"),
        ("/export/users.csv?team=Sales", 400, "a team that is not here"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(client: FlaskClient, path: str, status: int, said: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "text/plain")
    assert said in answer.text
    assert "Content-Disposition" not in answer.headers
    assert client.post(path, headers={"Origin": "http://localhost"}).status_code == status


def test_a_scope_sees_its_own_alone(client: FlaskClient) -> None:
    own = _frames(users=["u-ada"])
    for name in sorted(files.NAMES):
        answer = client.get(f"/export/{name}", headers=own)
        assert answer.status_code == 200
        text = _all_texts(answer.data) if name.endswith("xlsx") else answer.text
        assert "7.43" in text
        assert not [word for word in ("cmd", "model-1", "27.43") if word in text], name
    hidden = client.get("/export/users.csv?model=model-1", headers=own)
    nothing = client.get("/export/users.csv?model=gpt-9", headers=own)
    assert (hidden.status_code, hidden.text) == (nothing.status_code, nothing.text) == (400, nothing.text)


def _all_texts(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return " ".join(str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row)


def test_a_frame_gets_an_address_that_works_once_without_its_token(app: Flask) -> None:
    frame = Client(app).post("/export/users.csv?range=7d", headers=_frames(users=["u-ada"]))
    assert frame.status_code == 200
    address = f"/export/{frame.json['address']}"
    somebody = Client(app)
    first, second = somebody.get(address), somebody.get(address)
    assert [line["user_id"] for line in _lines(first)] == ["u-ada"]
    assert first.headers["Content-Disposition"].startswith('attachment; filename="usage-users-')
    assert second.status_code == 404
    assert second.text == "This address worked once, within a minute. Ask for the file again.\n"


@pytest.mark.parametrize("name", ["users.csv", "users.xlsx"])
def test_asking_for_the_head_uses_no_address_up(app: Flask, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """As scanners of links and download managers do, before the file itself is fetched."""
    address = f"/export/{Client(app).post(f'/export/{name}', headers=_frames()).json['address']}"
    with caplog.at_level(logging.INFO, "usage_dash.audit"):
        head = Client(app).head(address)
        assert not caplog.messages
        whole = Client(app).get(address)
    assert (head.status_code, head.data, "Content-Length" in head.headers) == (200, b"", False)
    for told in ("Content-Type", "Content-Disposition"):
        assert head.headers[told] == whole.headers[told]
    assert whole.status_code == 200
    assert len(caplog.messages) == 1
    assert Client(app).head(address).status_code == 404


def test_nobody_pushes_out_what_another_was_promised(app: Flask) -> None:
    client = Client(app)
    promised = client.post("/export/users.csv", headers=_frames()).json["address"]
    for _ in range(201):
        assert client.post("/export/users.csv", headers=_frames(users=["u-ada"])).status_code == 200
    assert client.get(f"/export/{promised}").status_code == 200


def test_a_frame_without_a_token_is_refused(client: FlaskClient) -> None:
    for method in ("GET", "POST"):
        answer = client.open("/export/users.csv", method=method, headers={"X-Usage-Dash-Frame": "1"})
        assert answer.status_code == 401


def test_too_many_rows_for_excel_are_offered_as_csv(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_ROWS", 1)
    for answer in (client.get("/export/users.xlsx"), client.post("/export/users.xlsx", headers=_frames())):
        assert answer.status_code == 413
        assert answer.text.startswith("This would be an Excel workbook of 2 rows, and 1 are the most. Take CSV")
    assert as_xlsx.MOST_ROWS == 200_000


def test_a_client_that_goes_away_gives_back_its_place(app: Flask) -> None:
    """More of them than files are made at once; the ledger's snapshot is let go before the place is."""
    for _ in range(5):
        answer = app.test_client().get("/export/entries.csv")
        next(iter(answer.response))
        answer.close()
        app.test_client().head("/export/entries.csv").close()
    assert Client(app).get("/export/entries.csv").status_code == 200


def test_json_is_compressed_on_its_way(app: Flask) -> None:
    for _ in range(5):
        answer = Client(app).get("/export/users.json", headers={"Accept-Encoding": "br"})
        assert answer.headers["Content-Encoding"] == "br"
        assert len(json.loads(brotli.decompress(answer.data))["rows"]) == len(COSTS)


def test_few_files_are_made_at_once(app: Flask) -> None:
    held = [app.test_client().get("/export/entries.csv") for _ in range(3)]
    refused = Client(app).get("/export/users.json")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert refused.text == "3 files are being made already. Try again in a moment.\n"
    for answer in held:
        answer.close()
    assert Client(app).get("/export/users.json").status_code == 200


def test_nothing_is_promised_before_anything_is_known() -> None:
    source = _repository()
    source.fail_in(0, UNREACHABLE, times=100)
    app = _app(source)
    answer = Client(app).get("/export/users.csv")
    assert answer.status_code == 503
    assert answer.text == "Nothing is known yet: usage is being read. Try again in a minute.\n"
    app.extensions["usage_dash_board"].close()


def test_each_file_is_a_line_of_the_audit(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "usage_dash.audit"):
        client.get("/export/users.csv", headers=_frames())
    [line] = [record.getMessage() for record in caplog.records if record.name == "usage_dash.audit"]
    what, _, told = line.partition(" ")
    assert (what, json.loads(told)) == ("exported", {"way": "users.csv", "who": "ada"})

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.fakes import DEADLINE, MemoryRepository
from tests.unit.samples import a_document, an_entry

import usage_dash
from usage_dash.app import create_app, create_dash, open_repository
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.page import document as page
from usage_dash.reporting.filters import Filters, RangeName
from usage_dash.reporting.queries import model_split, overview
from usage_dash.repository.demo.budgets import BUDGETS
from usage_dash.repository.demo.source import DemoRepository
from usage_dash.repository.firestore.source import FirestoreRepository
from usage_dash.repository.local_file import LocalRepository
from usage_dash.settings import Settings, SourceName
from usage_dash.settings.budgets import Budgets

VENDOR = page.assets_folder() / "vendor"


def test_importing_the_package_is_light_and_connects_to_nothing() -> None:
    script = "import sys, usage_dash; print([name for name in ('dash', 'duckdb', 'grpc') if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own interpreter
    assert told.stdout == "[]\n"


def test_the_factory_is_offered_by_the_package_and_nothing_else_is() -> None:
    assert usage_dash.create_app is create_app
    with pytest.raises(AttributeError, match="no attribute 'app_factory'"):
        _ = usage_dash.app_factory  # type: ignore[attr-defined] # that is what is shown


def test_two_apps_live_in_one_process() -> None:
    first, second = (create_app(Settings(), MemoryRepository()) for _ in range(2))
    assert first is not second
    assert first.extensions["usage_dash"].callback_map is not second.extensions["usage_dash"].callback_map
    for app in (first, second):
        assert app.test_client().get("/").status_code == 200


def test_making_an_app_reads_nothing() -> None:
    source = MemoryRepository()
    create_dash(Settings(), source)
    assert source.arrivals == 0


def test_a_sample_has_budgets_of_its_own_and_else_there_are_those_that_are_set(tmp_path: Path) -> None:
    file = tmp_path / "budgets.yaml"
    file.write_text("month: 5\n", encoding="utf-8")
    told = Budgets(user=3)
    made = [
        create_dash(Settings(budgets=said), source).server.extensions["usage_dash_board"].outlook.budgets
        for said, source in [
            (None, DemoRepository("usage")),
            (told, DemoRepository("usage")),
            (None, MemoryRepository()),
            (told, MemoryRepository()),
            (file, MemoryRepository()),
        ]
    ]
    assert made == [BUDGETS, told, Budgets(), told, Budgets(5)]


@pytest.mark.parametrize(("keep", "left"), [("on", 1.5), ("off", 0.0)])
def test_the_settings_say_whether_users_who_are_gone_leave_sums(keep: str, left: float, tmp_path: Path) -> None:
    """What was left before is dropped at the start where that is no longer wanted."""
    path, source = tmp_path / "usage.duckdb", MemoryRepository({"ada": a_document(an_entry(costUsd=1.5)), "bob": {}})
    for kept in ("on", keep):
        settings = Settings(keep_deleted=kept, ledger_file=path, emulator_host="localhost:1", project_id="test")
        board = create_app(settings, source).extensions["usage_dash_board"]
        board.sync.refresh(force=True, wait=DEADLINE)
        source.documents.pop("ada", None)
        source.pass_time(seconds=60)
        board.sync.refresh(force=True, wait=DEADLINE)
        with board.reports.moment(EVERYBODY) as moment:
            cost = overview(moment, Filters(RangeName.ALL)).cost
        board.close()
    assert cost.total.known == left


@pytest.mark.parametrize(("names", "models"), [("written", ["gpt-4o", "openai/GPT-4o"]), ("family", ["gpt-4o"])])
def test_the_settings_say_which_models_are_one(names: str, models: list[str]) -> None:
    entries = [an_entry(model="openai/GPT-4o"), an_entry(model="gpt-4o")]
    app = create_app(Settings(model_names=names), MemoryRepository({"ada": a_document(*entries)}))
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    with board.reports.moment(EVERYBODY) as moment:
        assert sorted(each.model for each in model_split(moment, Filters(RangeName.ALL))) == models
    board.close()


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        ({"chosen_source": SourceName.DEMO}, DemoRepository),
        ({"chosen_source": SourceName.LOCAL, "local_file": Path("usage.jsonl")}, LocalRepository),
        ({"emulator_host": "127.0.0.1:1", "project_id": "acme-chatbot"}, FirestoreRepository),
    ],
)
def test_the_settings_choose_the_source(settings: dict[str, object], kind: type) -> None:
    repository = open_repository(Settings.model_validate(settings))
    assert isinstance(repository, kind)
    assert repository.source.identity.startswith(Settings.model_validate(settings).source)
    repository.close()


def test_every_asset_that_a_style_sheet_or_the_page_names_is_there() -> None:
    folder = page.assets_folder()
    styles = [*folder.glob("*.css"), *VENDOR.rglob("wght.css")]
    named = [(style, url) for style in styles for url in re.findall(r"url\(\"?\.?/?([^\")]+)\"?\)", style.read_text())]
    assert len(named) > 10
    assert [url for style, url in named if not (style.parent / url).is_file()] == []
    document = create_app(Settings(), MemoryRepository()).test_client().get("/").text
    paths = re.findall(r'(?:src|href)="/assets/([^"?]+)', document)
    assert len(paths) > 10
    assert [path for path in paths if not (folder / path).is_file()] == []


def test_third_party_files_carry_version_and_licence() -> None:
    table = (VENDOR / "README.md").read_text()
    folders = [folder for folder in VENDOR.iterdir() if folder.is_dir()]
    assert len(folders) == 5
    for folder in folders:
        version = folder.name.rpartition("-")[2]
        assert f"| {version} |" in table
        assert (folder / "LICENSE").is_file()

"""The example dashboard and alerts ask for what `/metrics` answers, and for nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.fakes import DEADLINE, MemoryRepository
from tests.unit.samples import a_document, an_entry

from usage_dash.app import create_app
from usage_dash.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "grafana"
BOARD = json.loads((EXAMPLE / "usage-dash.json").read_text(encoding="utf-8"))
ALERTS = (EXAMPLE / "alerts.yaml").read_text(encoding="utf-8")
DOCUMENTED = (EXAMPLE.parents[1] / "docs" / "observing.md").read_text(encoding="utf-8")
NAME = re.compile(r"\b(?:usage_dash|process)_\w+")
TOKEN = "token-of-prometheus-" * 2


def _expressions() -> list[str]:
    asked = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
    asked += [each["query"]["query"] for each in BOARD["templating"]["list"] if each["type"] == "query"]
    return asked + re.findall(r"expr: (.*)", ALERTS)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of all series of a dashboard that has read something, and keeps it in a file."""
    file = tmp_path_factory.mktemp("ledger") / "usage.duckdb"
    settings = Settings(metrics_token=TOKEN, chosen_source="firestore", ledger_file=file)
    app = create_app(settings, MemoryRepository({"ada": a_document(an_entry())}))
    board = app.extensions["usage_dash_board"]
    board.sync.refresh(wait=DEADLINE)
    told = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    board.close()
    return {sample.name for family in text_string_to_metric_families(told) for sample in family.samples}


def test_every_metric_that_is_asked_for_is_answered(answered: set[str]) -> None:
    asked = {name for expression in _expressions() for name in NAME.findall(expression)}
    assert len(asked) > 10
    assert asked - answered == set()


def test_every_metric_that_is_answered_is_documented(answered: set[str]) -> None:
    ours = {name for name in answered if name.startswith("usage_dash_") and not name.endswith("_created")}
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in ours}
    assert not [name for name in names if f"`{name}`" not in DOCUMENTED]


def test_the_dashboard_names_no_data_source_and_no_host() -> None:
    sources = [panel["datasource"] for panel in BOARD["panels"]]
    sources += [target["datasource"] for panel in BOARD["panels"] for target in panel["targets"]]
    assert {source["uid"] for source in sources} == {"${datasource}"}
    assert not re.search(r"https?://|localhost|\d+\.\d+\.\d+\.\d+", json.dumps(BOARD))


def test_panels_have_titles_say_what_they_show_and_do_not_overlap() -> None:
    places: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        assert panel["title"]
        assert panel["description"]
        taken = _fields(panel["gridPos"])
        assert not places & taken, panel["title"]
        assert max(x for x, _ in taken) < 24
        places |= taken
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def _fields(at: dict[str, Any]) -> set[tuple[int, int]]:
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}

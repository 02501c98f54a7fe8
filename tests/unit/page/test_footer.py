from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from plotly.io.json import to_json_plotly
from tests.integration.page_client import PageClient, text
from tests.unit import view_samples

from usage_dash.app import create_app
from usage_dash.page import ids
from usage_dash.page.components import footer
from usage_dash.settings import Settings, SourceName


@pytest.mark.parametrize(
    ("misdated", "said"),
    [
        (0, ""),
        (1, "1 entry is in no range, dated by a wrong clock"),
        (2_000, "2,000 entries are in no range, dated by a wrong clock"),
    ],
)
def test_entries_dated_by_wrong_clocks_are_named(misdated: int, said: str) -> None:
    told = footer.trust(replace(view_samples.overview(), misdated=misdated))
    assert [text(part) for part in json.loads(to_json_plotly(told))][2:] == ([said] if said else [])


def test_a_local_file_has_no_bill(tmp_path: Path) -> None:
    file = tmp_path / "usage.jsonl"
    file.write_text('{"userId": "ada", "totalCalls": 1}\n')
    settings = Settings(chosen_source=SourceName.LOCAL, local_file=file)
    assert PageClient(create_app(settings)).refresh()[ids.BILL]["children"] is None

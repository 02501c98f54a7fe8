from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from plotly.io.json import to_json_plotly
from tests.integration.page_client import PageClient, find, text
from tests.unit import view_samples

from usage_dash.access.viewer import RIGHTS, Role
from usage_dash.app import create_app
from usage_dash.page import ids
from usage_dash.page.components import footer
from usage_dash.page.links import Links
from usage_dash.reporting.sums import Sum
from usage_dash.settings import Settings, SourceName


def told(**differing: object) -> list[str]:
    """What the footer says besides the coverage and the documents that need attention."""
    found = footer.trust(replace(view_samples.trust(), **differing), RIGHTS[Role.ADMIN], Links())
    return [text(part) for part in json.loads(to_json_plotly(found))][1:-1]


@pytest.mark.parametrize(
    ("untimed", "misdated", "cost", "said"),
    [
        (0, 0, Sum(), []),
        (0, 1, Sum(0.5), ["1 entry ($0.5000) is in no range, dated by a wrong clock"]),
        (0, 2_000, Sum(), ["2,000 entries ($0.00) are in no range, dated by a wrong clock"]),
        (6, 0, Sum(6), ["6 entries ($6.00) are in no range, without a readable time"]),
        (1, 0, Sum(0, lacking=1), ["1 entry is in no range, without a readable time"]),
        (
            6,
            1,
            Sum(6, lacking=2),
            ["7 entries (at least $6.00) are in no range, 6 without a readable time, 1 dated by a wrong clock"],
        ),
    ],
)
def test_entries_in_no_range_are_counted_with_the_reason(
    untimed: int, misdated: int, cost: Sum, said: list[str]
) -> None:
    assert told(untimed=untimed, misdated=misdated, unplaced_cost=cost) == said


def test_documents_whose_entries_exceed_their_totals_are_named() -> None:
    assert told(exceeding=1, exceeding_users=("ada",)) == ["1 document’s entries exceed its total: ada"]
    assert told(exceeding=5, exceeding_users=("ada", "bob", "cyd")) == [
        "5 documents’ entries exceed their totals: ada, bob, cyd and 2 more"
    ]


def test_what_does_not_say_its_cost_is_counted() -> None:
    assert told(uncosted=1, untotalled=2) == [
        "1 entry without its cost", "2 documents without their total",
    ]  # fmt: skip


def test_who_has_no_right_to_findings_is_told_of_counters_and_entries_alone() -> None:
    found = replace(
        view_samples.trust(),
        exceeding=1,
        exceeding_users=("ada",),
        untimed=3,
        uncosted=1,
        untotalled=2,
        flawed_documents=4,
    )
    said = text(json.loads(to_json_plotly(footer.trust(found, RIGHTS[Role.VIEWER], Links()))))
    assert said.endswith("1 document’s entries exceed its total2 documents without their total")
    assert "ada" not in said
    assert text(json.loads(to_json_plotly(footer.trust(found, RIGHTS[Role.SELF], Links())))).endswith(
        "4 documents need attention"
    )


def test_a_local_file_has_no_bill(tmp_path: Path) -> None:
    file = tmp_path / "usage.jsonl"
    file.write_text('{"userId": "ada", "totalCalls": 1}\n')
    app = create_app(Settings(chosen_source=SourceName.LOCAL, local_file=file))
    assert ids.BILL_READ not in PageClient(app).refresh()
    bill, *_others = find(app.test_client().get("/_dash-layout").json, ids.FOOTER)["children"]
    assert bill["props"]["hidden"] is True

"""Spend by model, as metrics tell it."""

from __future__ import annotations

from math import fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import DEADLINE, MemoryRepository
from tests.unit.samples import a_document, an_entry
from tests.unit.syncing import Clock, later

from usage_dash.inside.spend import MOST_MODELS, OTHER, Spend, labelled
from usage_dash.ledger.ledger import Ledger
from usage_dash.ledger.scope import EVERYBODY
from usage_dash.reporting.dashboard import Reports
from usage_dash.reporting.spend import spend_by_model
from usage_dash.reporting.sums import Sum
from usage_dash.reporting.view_cache import ViewCache
from usage_dash.sync.sync import Sync

NAMES = st.text(st.characters(exclude_categories=()), max_size=120) | st.sampled_from([OTHER, "Not itemised", "a\nb"])
SUMS = st.builds(Sum, st.floats(-1e6, 1e9), st.integers(0, 3))


@given(st.dictionaries(NAMES, SUMS, max_size=3 * MOST_MODELS))
def test_labels_are_few_short_and_in_one_line_and_lose_no_dollar(spend: dict[str, Sum]) -> None:
    found = labelled(spend)
    assert len(found) <= MOST_MODELS + 1
    assert all(len(label) <= 100 and (label.isprintable() or not label) for label in found)
    known = [cost.known for cost in spend.values() if cost.least is not None]
    assert fsum(found.values()) == pytest.approx(fsum(known), rel=1e-9, abs=1e-3)


def test_the_dearest_have_names_and_all_others_share_one() -> None:
    spend = {f"m{number:03}": Sum(float(number)) for number in range(MOST_MODELS + 3)}
    found = labelled(spend)
    assert found[OTHER] == 0 + 1 + 2
    assert "m003" in found
    assert "m002" not in found


def test_a_model_that_is_called_other_is_one_of_them() -> None:
    spend = {f"m{number:03}": Sum(1.0) for number in range(MOST_MODELS)} | {OTHER: Sum(100.0)}
    assert labelled(spend)[OTHER] == 101.0


def test_a_model_of_which_no_cost_is_known_is_left_out() -> None:
    assert labelled({"a": Sum(0.0, 2), "b": Sum(1.0, 2), "c": Sum(0.0)}) == {"b": 1.0, "c": 0.0}


def _reports(ledger: Ledger) -> Reports:
    return Reports(ledger, ViewCache())


def test_models_and_what_is_not_itemised_add_up_to_what_was_recorded(
    sync: Sync, source: MemoryRepository, ledger: Ledger, clock: Clock
) -> None:
    entries = [an_entry(costUsd=0.25, model="gpt-4o"), an_entry(costUsd=0.5, model="gpt-4o-mini")]
    source.documents["ada"] = a_document(*entries, totalCostUsd=2.0)  # 1.25 before it was first seen
    sync.refresh(wait=DEADLINE)
    later(clock, source, 30)
    grown = a_document(*entries, totalCostUsd=5.0, lastUpdated=source.clock)  # 3 more that no entry explains
    source.documents["ada"] = grown
    sync.refresh(wait=DEADLINE)
    with _reports(ledger).moment(EVERYBODY) as moment:
        assert spend_by_model(moment) == {
            "gpt-4o": Sum(0.25),
            "gpt-4o-mini": Sum(0.5),
            "Not itemised": Sum(4.25),
        }


class Counted(Reports):
    """Counts how often the ledger is asked."""

    asked = 0

    def moment(self, *about: object) -> object:
        self.asked += 1
        return super().moment(*about)


def test_the_ledger_is_asked_once_for_each_of_its_versions(
    sync: Sync, source: MemoryRepository, ledger: Ledger, clock: Clock
) -> None:
    reports = Counted(ledger, ViewCache())
    spend = Spend(reports)
    assert spend.by_model() == {}
    source.documents["ada"] = a_document(an_entry(costUsd=0.25), totalCostUsd=0.25)
    sync.refresh(wait=DEADLINE)
    for _ in range(3):
        assert spend.by_model() == {"gpt-4o": 0.25, "Not itemised": 0.0}
    assert reports.asked == 2
    later(clock, source, 30)
    sync.refresh(wait=DEADLINE)
    assert spend.by_model()
    assert reports.asked == 2, "a sync without news"

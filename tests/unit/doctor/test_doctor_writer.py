"""The writer's faults, from the ledger where it can be used, and else from the source."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.fakes import FORBIDDEN, MemoryRepository
from tests.unit.doctor.seeing import NOW, document

from usage_dash.checks.check import Check, State
from usage_dash.doctor.prices import prices
from usage_dash.doctor.source import see
from usage_dash.doctor.writer import Examiner, UnwantedError
from usage_dash.openers import open_ledger, rules_of
from usage_dash.prices.price_list import PriceList
from usage_dash.repository.base import SourceError
from usage_dash.settings import Settings
from usage_dash.sync.catch_up import read_everything

WRONG = document(totalTokens=5)  # 1 in, 1 out


class Examination:
    """One source, its settings, and what was said."""

    def __init__(self, documents: dict[str, dict[str, Any]], **settings: Any) -> None:
        self.repository = MemoryRepository(documents)
        self.settings = Settings.model_validate({"project_id": "acme-chatbot"} | settings)
        self.said: list[str] = []

    def faults(self, *, want: bool = False) -> dict[str, Check]:
        rules = rules_of(self.settings)
        examiner = Examiner(self.settings, self.repository, open_ledger, rules, self.said.append)
        return {check.key: check for check in examiner.faults(want=want)}

    def fill(self, path: Path) -> None:
        with closing(open_ledger(self.settings, self.repository.source.identity, path)) as ledger:
            read_everything(self.repository, ledger, lambda: None)
        self.repository.calls.clear()


def test_what_is_wrong_in_documents_is_found_after_its_price_was_told() -> None:
    examination = Examination({"ada": document(), "bob": WRONG})
    faults = examination.faults()
    found = [check for check in faults.values() if check.is_pressing]
    assert {user.user_id for check in found for user in check.users} == {"bob"}
    assert examination.said == ["Reading 2 documents, which costs about $0.0000012."]


def test_a_ledger_that_is_free_is_looked_at_and_nothing_read(tmp_path: Path) -> None:
    path = tmp_path / "usage.duckdb"
    examination = Examination({"ada": document(), "bob": WRONG}, ledger_file=path)
    examination.fill(path)
    before = path.read_bytes()
    assert examination.faults() == Examination({"ada": document(), "bob": WRONG}).faults()
    assert examination.repository.calls == []
    assert examination.said == [f"Looking at the ledger {path}, as of 2026-03-02 09:00 UTC; nothing is read."]
    assert path.read_bytes() == before


def test_a_ledger_in_use_is_left_alone_and_the_source_read(tmp_path: Path) -> None:
    path = tmp_path / "usage.duckdb"
    examination = Examination({"ada": document()}, ledger_file=path)
    examination.fill(path)
    with closing(open_ledger(examination.settings, examination.repository.source.identity, path)):
        examination.faults()
    assert "in use by another process" in examination.said[0]
    assert [call.what for call in examination.repository.calls] == ["count", "listing"]


def test_very_many_documents_are_read_only_if_somebody_wants_it() -> None:
    many = {f"user {number}": {"lastUpdated": NOW, "createdAt": NOW, "totalCalls": 0} for number in range(10_000)}
    examination = Examination(many)
    with pytest.raises(UnwantedError, match=r"To read 10,000 documents costs about \$0\.0060; say --yes"):
        examination.faults()
    assert [call.what for call in examination.repository.calls] == ["count"]
    examination.faults(want=True)


def test_a_source_that_cannot_be_read_says_so() -> None:
    examination = Examination({})
    examination.repository.fail_in(0, FORBIDDEN)
    with pytest.raises(SourceError):
        examination.faults()


def test_models_without_a_list_price_are_named() -> None:
    entries = [document()["recentUsage"][0] | {"model": model} for model in ("gpt-4o", "our-own", "unknown")]
    seen = see(MemoryRepository({"ada": document(recentUsage=entries)}), lambda: NOW)
    assert not isinstance(seen, SourceError)
    check = prices(seen, PriceList())
    assert check is not None
    assert (check.state, check.title) == (State.LOOK, "Of “our-own”, “unknown” no list price is known")
    assert "USAGE_DASH_PRICES" in check.todo
    own = Settings.model_validate({"USAGE_DASH_PRICES": "our-own=gpt-4o, unknown=1/2"})
    known = prices(seen, PriceList(own.prices))
    assert known is not None
    assert known.state is State.GOOD


def test_without_entries_there_is_no_price_to_know() -> None:
    seen = see(MemoryRepository({"ada": document(recentUsage=[])}), lambda: NOW)
    assert not isinstance(seen, SourceError)
    assert prices(seen, PriceList()) is None

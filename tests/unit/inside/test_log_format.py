"""How lines of the log are written."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dash.inside import logs
from usage_dash.inside.logs import Form

WILD = "a “name”\nwith \u2028 two lines, \x00 and \ud800"


class Written:
    """A log of its own, written as the program's is."""

    def __init__(self, form: Form) -> None:
        root = logging.getLogger()
        level, before, root.handlers = root.level, root.handlers, []
        try:
            logs.set_up("INFO", form)
            [handler] = root.handlers
        finally:
            root.handlers = before
            root.setLevel(level)
            logging.captureWarnings(False)  # noqa: FBT003 - its parameter has no other name
        self._text = io.StringIO()
        self._handler = logging.StreamHandler(self._text)
        self._handler.setFormatter(handler.formatter)

    def logger(self, name: str) -> logging.Logger:
        found = logging.Logger(name)  # noqa: LOG001 - one that nobody else knows
        found.addHandler(self._handler)
        return found

    @property
    def lines(self) -> list[str]:
        return self._text.getvalue().splitlines()

    @property
    def objects(self) -> list[dict[str, Any]]:
        """What each line holds, parted by line feeds alone, as programs do."""
        return [json.loads(line) for line in self._text.getvalue().rstrip("\n").split("\n")]


@pytest.fixture
def text() -> Written:
    return Written("text")


@pytest.fixture
def as_json() -> Written:
    return Written("json")


@pytest.fixture(autouse=True)
def _no_request() -> Iterator[None]:
    yield
    logs.leave()


def test_a_line_of_text_has_time_level_and_logger(text: Written) -> None:
    text.logger("usage_dash.sync").warning("It is %d.", 3)
    [line] = text.lines
    assert line.partition(",")[2][4:] == "WARNING usage_dash.sync: It is 3."


def test_a_line_of_json_has_them_by_name_and_its_time_in_utc(as_json: Written) -> None:
    as_json.logger("waitress").warning("It is %d.", 3)
    [found] = as_json.objects
    assert datetime.fromisoformat(found.pop("time")).utcoffset() == timedelta()
    assert found == {"level": "WARNING", "logger": "waitress", "message": "It is 3."}


def test_lines_of_a_request_carry_its_id_and_others_none(text: Written, as_json: Written) -> None:
    for log in (text, as_json):
        logs.enter("9f86d081884c7d65")
        log.logger("usage_dash").warning("One")
        logs.leave()
        log.logger("usage_dash").warning("Two")
    assert [line.endswith("One [9f86d081884c7d65]") for line in text.lines] == [True, False]
    assert text.lines[1].endswith("Two")
    assert [each.get("request_id") for each in as_json.objects] == ["9f86d081884c7d65", None]


def test_what_a_line_of_ours_tells_by_name_stands_by_that_name(as_json: Written) -> None:
    told = {"reads": 3, "changed": True, "level": "not this one", "day": datetime(2026, 3, 2)}  # noqa: DTZ001 - any object
    as_json.logger("usage_dash.sync").warning("%(reads)d reads", told)
    [found] = as_json.objects
    assert (found["message"], found["reads"], found["changed"], found["level"]) == ("3 reads", 3, True, "WARNING")
    assert found["day"] == "2026-03-02 00:00:00"


def test_what_libraries_attach_is_left_out(as_json: Written) -> None:
    for name in ("google.cloud.firestore_v1", "usage_dashing"):
        asked = {"httpRequest": "users/ada", "user": "ada"}
        as_json.logger(name).warning("Asked %(rpc)s", {"rpc": "List", **asked}, extra=asked)
    for found in as_json.objects:
        assert found.keys() == {"time", "level", "logger", "message"}
        assert "ada" not in str(found)


def test_an_exception_stays_within_its_line(as_json: Written) -> None:
    try:
        {}[WILD]
    except KeyError:
        as_json.logger("usage_dash").exception("It failed")
    [found] = as_json.objects
    assert found["exception"].startswith("Traceback (most recent call last):\n")
    assert "KeyError" in found["exception"]


@given(st.text(st.characters(exclude_categories=())), st.text(st.characters(exclude_categories=())))
def test_whatever_is_said_a_line_is_one_object(message: str, value: str) -> None:
    log = Written("json")
    log.logger("usage_dash").warning("%(message)s", {"message": message, "value": value})
    [found] = log.objects
    assert (found["message"], found["value"]) == (message, value)


def test_whoever_has_set_up_the_log_before_keeps_it() -> None:
    root = logging.getLogger()
    before = list(root.handlers)
    assert before, "pytest's own"
    logs.set_up("INFO", "text")
    assert root.handlers == before

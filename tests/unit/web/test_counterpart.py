"""Servers of others that are asked: a silent one holds few of our threads, and is left alone for a while."""

from __future__ import annotations

import threading

import pytest
from tests.fakes import DEADLINE
from tests.signing_in import Clock

from usage_dash.web.sign_in.counterpart import Counterpart, SilentError


def _fail() -> None:
    raise ConnectionError("nobody is there")


def test_an_answer_and_other_errors_pass_through() -> None:
    asked = Counterpart(ConnectionError, at_once=1)
    assert asked.ask(lambda: 7) == 7
    with pytest.raises(ValueError, match="odd"):
        asked.ask(lambda: int("odd"))
    assert asked.ask(lambda: 8) == 8


def test_one_that_failed_is_left_alone_for_a_while() -> None:
    clock = Clock()
    asked = Counterpart(ConnectionError, at_once=1, rest=5.0, clock=clock)
    with pytest.raises(SilentError, match="nobody is there"):
        asked.ask(_fail)
    with pytest.raises(SilentError):
        asked.ask(lambda: 7)
    clock.now += 5
    assert asked.ask(lambda: 7) == 7


def test_a_silent_one_holds_no_more_threads_than_it_may() -> None:
    asked = Counterpart(ConnectionError, at_once=2)
    going_on, waiting = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        waiting.release()
        assert going_on.wait(DEADLINE)

    threads = [threading.Thread(target=asked.ask, args=(hang,)) for _ in range(2)]
    for thread in threads:
        thread.start()
        assert waiting.acquire(timeout=DEADLINE)
    with pytest.raises(SilentError):
        asked.ask(lambda: 7)
    going_on.set()
    for thread in threads:
        thread.join(DEADLINE)
    assert asked.ask(lambda: 7) == 7

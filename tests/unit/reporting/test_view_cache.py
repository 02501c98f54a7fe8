"""What is kept of answers, for how long and how much of it; whatever is kept, everybody is answered."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from tests.fakes import DEADLINE

from usage_dash.reporting.view_cache import LIFE, MOST_BYTES, ViewCache

LARGE = 100_000  # bytes; what keeping something takes beside it is little


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Asking:
    """Somebody who asks a cache for answers of a size, and counts those that were computed."""

    def __init__(self, cache: ViewCache, size: int = LARGE) -> None:
        self.cache, self.size = cache, size
        self.computed: list[str] = []

    def __call__(self, key: str) -> bytes:
        return self.cache.get(key, lambda: self._compute(key))

    def _compute(self, key: str) -> bytes:
        self.computed.append(key)
        return key.encode() * self.size


def test_what_was_asked_longest_ago_goes_when_there_is_no_room() -> None:
    ask = Asking(ViewCache(3 * LARGE + LARGE // 2))
    for key in ("a", "b", "c", "a", "d", "a", "c"):
        assert ask(key) == key.encode() * LARGE
    assert ask.computed == ["a", "b", "c", "d"]
    assert ask.cache.known("b") is None
    assert ask("b") == b"b" * LARGE
    assert ask.computed[-1] == "b"


def test_many_small_answers_are_bounded_as_few_large_ones_are() -> None:
    """By what each takes, not by how many they are; keeping one takes room, too."""
    ask = Asking(ViewCache(LARGE), size=1)
    for number in range(1_000):
        ask(str(number))
    kept = sum(ask.cache.known(str(number)) is not None for number in range(1_000))
    assert 50 < kept < 100


def test_an_answer_beyond_all_that_is_kept_is_given_and_pushes_nothing_out() -> None:
    cache = ViewCache(2 * LARGE)
    ask, odd = Asking(cache), Asking(cache, 3 * LARGE)
    assert ask("a") == b"a" * LARGE
    for _ in range(2):
        assert odd("o") == b"o" * 3 * LARGE
    assert odd.computed == ["o", "o"]
    assert cache.known("o") is None
    assert cache.known("a") == b"a" * LARGE


def test_an_answer_is_kept_for_some_minutes() -> None:
    clock = Clock()
    ask = Asking(ViewCache(monotonic=clock))
    ask("a")
    clock.now += LIFE - 1
    ask("a")
    assert ask.computed == ["a"]
    clock.now += 1
    assert ask.cache.known("a") is None
    ask("a")
    assert ask.computed == ["a", "a"]


def test_there_is_room_for_it_in_a_small_process() -> None:
    assert MOST_BYTES == 64 * 1024 * 1024


def test_concurrent_misses_compute_once() -> None:
    ask, started = Asking(ViewCache()), threading.Barrier(10)

    def together(_number: int) -> bytes:
        started.wait(DEADLINE)
        return ask("a")

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(together, range(10))) == {b"a" * LARGE}
    assert ask.computed == ["a"]


def test_many_threads_can_push_each_other_out() -> None:
    ask = Asking(ViewCache(2 * LARGE))
    with ThreadPoolExecutor(8) as pool:
        for key, found in zip("abcdefgh" * 25, pool.map(ask, "abcdefgh" * 25), strict=True):
            assert found == key.encode() * LARGE


def test_what_was_asked_for_is_tallied() -> None:
    ask = Asking(ViewCache(3 * LARGE + LARGE // 2))
    for key in ("a", "b", "c", "a", "d", "a", "c"):
        ask(key)
    ask.cache.known("a")
    ask.cache.known("nothing")
    found = ask.cache.tally()
    assert (found.hits, found.misses, found.evictions) == (4, 4, 1)
    assert 3 * LARGE < found.octets < 3.5 * LARGE


def test_what_ends_by_its_time_is_no_eviction() -> None:
    clock = Clock()
    ask = Asking(ViewCache(monotonic=clock))
    ask("a")
    clock.now += LIFE + 1
    ask("b")
    found = ask.cache.tally()
    assert (found.misses, found.evictions) == (2, 0)
    assert found.octets < 2 * LARGE

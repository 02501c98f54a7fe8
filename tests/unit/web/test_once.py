from __future__ import annotations

from usage_dash.web import once
from usage_dash.web.once import LIFE, Once


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_promise_is_kept_once() -> None:
    promised: Once[str] = Once()
    first, second = promised.promise("users"), promised.promise("days")
    assert promised.take(second) == "days"
    assert (promised.take(second), promised.take(first), promised.take(first)) == (None, "users", None)
    assert promised.take("guessed") is None


def test_a_promise_is_over_after_a_minute() -> None:
    clock = Clock()
    promised: Once[str] = Once(clock)
    early = promised.promise("early")
    clock.now += LIFE / 2
    late = promised.promise("late")
    clock.now += LIFE / 2
    assert (promised.take(early), promised.take(late)) == (None, "late")


def test_there_is_room_for_so_many() -> None:
    promised: Once[int] = Once(Clock())
    names = [promised.promise(number) for number in range(once._MOST + 1)]
    assert promised.take(names[0]) is None
    assert [promised.take(name) for name in names[1:]] == list(range(1, once._MOST + 1))


def test_names_cannot_be_guessed() -> None:
    promised: Once[None] = Once()
    names = {promised.promise(None) for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) == 43 for name in names)  # 256 bits

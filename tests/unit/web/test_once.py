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
    first, second = promised.promise("users", "ada"), promised.promise("days", "ada")
    assert promised.take(second) == "days"
    assert (promised.take(second), promised.take(first), promised.take(first)) == (None, "users", None)
    assert promised.take("guessed") is None


def test_a_promise_is_over_after_a_minute() -> None:
    clock = Clock()
    promised: Once[str] = Once(clock)
    early = promised.promise("early", "ada")
    clock.now += LIFE / 2
    late = promised.promise("late", "ada")
    clock.now += LIFE / 2
    assert (promised.take(early), promised.take(late)) == (None, "late")


def test_who_looks_leaves_the_promise() -> None:
    clock = Clock()
    promised: Once[str] = Once(clock)
    name = promised.promise("users", "ada")
    assert (promised.look(name), promised.look("guessed")) == ("users", None)
    assert (promised.look(name), promised.take(name), promised.look(name)) == ("users", "users", None)
    late = promised.promise("days", "ada")
    clock.now += LIFE
    assert promised.look(late) is None


def test_each_viewer_has_room_for_so_many() -> None:
    promised: Once[int] = Once(Clock())
    other = promised.promise(-1, "bob")
    names = [promised.promise(number, "ada") for number in range(once._MOST + 2)]
    assert [promised.take(name) for name in names[:2]] == [None, None]
    assert [promised.take(name) for name in names[2:]] == list(range(2, once._MOST + 2))
    assert promised.take(other) == -1


def test_what_is_over_takes_no_room() -> None:
    clock = Clock()
    promised: Once[int] = Once(clock)
    for number in range(once._MOST):
        promised.promise(number, f"viewer {number}")
    clock.now += LIFE
    promised.promise(0, "ada")
    assert len(promised._promised) == 1


def test_names_cannot_be_guessed() -> None:
    promised: Once[None] = Once()
    names = {promised.promise(None, "ada") for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) == 43 for name in names)  # 256 bits

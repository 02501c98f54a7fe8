"""The order of checks, and what each says in all of them."""

from usage_dash.checks.check import Check, Concerned, State, heaviest_first


def check(key: str, state: State, dollars: float = 0.0, others: int = 0) -> Check:
    users = (Concerned("ada", "how"),)
    return Check(key, state, "title", "detail", "1", "unit", "why", "todo", dollars=dollars, users=users, others=others)


def test_checks_are_in_order_of_state_then_dollars_then_users_concerned() -> None:
    expected = [
        check("act", State.ACT),
        check("dear", State.LOOK, dollars=5.0),
        check("many", State.LOOK, dollars=1.0, others=7),
        check("few", State.LOOK, dollars=1.0),
        check("good", State.GOOD, dollars=100.0),
        check("unknown", State.UNKNOWN, dollars=200.0),
    ]
    assert list(heaviest_first(reversed(expected))) == expected


def test_users_concerned_are_those_named_and_the_others() -> None:
    assert check("few", State.LOOK, others=3).concerned == 4

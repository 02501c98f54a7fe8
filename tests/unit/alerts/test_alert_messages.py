"""Messages: figures, time of the data, what to do and where to look, bounded, in plain text."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.alerts.judging import rules_of
from tests.unit.alerts.test_plain import WILD
from tests.unit.worlds import PROPERTY, ZONES

from usage_dash.alerts.findings import Finding, Judged, Key, RuleState
from usage_dash.alerts.messages import LISTED, Message, Messages
from usage_dash.alerts.of_users import called
from usage_dash.alerts.words import in_words
from usage_dash.page.links import Links
from usage_dash.reporting.dear_users import MOST
from usage_dash.settings.alert_rules import RuleName

AT = datetime(2026, 11, 26, 13, 2, tzinfo=UTC)
RULES = rules_of(
    "user-day=50, user-month=200, budget=50/80/100, forecast, unusual, silent=6h, failing=10m, full, billed=90"
)
JUDGED = Judged(
    findings=(),
    unknown=frozenset(),
    lingering=frozenset(),
    month="2026-11",
    at=AT,
    states=tuple(RuleState(rule, in_words(rule), "as it is") for rule in RULES),
)
PERIODS = {RuleName.USER_DAY: "2026-11-26", RuleName.UNUSUAL: "2026-11-26"} | dict.fromkeys(
    (RuleName.USER_MONTH, RuleName.BUDGET, RuleName.FORECAST), "2026-11"
)
BERLIN = ZoneInfo("Europe/Berlin")
MESSAGES = Messages("acme-chatbot · Firestore", BERLIN, Links("https://usage.acme.example/usage/"))


def finding(rule: RuleName, line: str = "a line", subject: str = "", todo: str = "") -> Finding:
    return Finding(rule, PERIODS.get(rule, ""), subject, line, todo)


def users(count: int, rule: RuleName = RuleName.USER_DAY) -> tuple[Finding, ...]:
    return tuple(finding(rule, f"user {number} – $60.00", f"u{number}") for number in range(count))


def told(*findings: Finding, messages: Messages = MESSAGES) -> Message:
    return messages.told(findings, JUDGED)


def test_a_message_has_the_figures_the_time_what_to_do_and_a_link() -> None:
    found = told(
        finding(RuleName.USER_DAY, "Anna Petrov – $61.20", "u1"), finding(RuleName.USER_DAY, "svc-bot – $55.10", "u2")
    )
    assert found.title == "usage-dash: 2 users cost more than $50 on 26 Nov 2026"
    assert found.body == (
        "Anna Petrov – $61.20\n"
        "svc-bot – $55.10\n"
        "\n"
        "What to do: Look at which models and how many tokens a call it was, and ask whoever it is.\n"
        "\n"
        "acme-chatbot · Firestore, data of 26 Nov 2026, 14:02 CET (Europe/Berlin)\n"
        "\n"
        "https://usage.acme.example/usage/?from=2026-11-26&to=2026-11-26"
    )
    assert found.link == "https://usage.acme.example/usage/?from=2026-11-26&to=2026-11-26"


OVERVIEW = "https://usage.acme.example/usage/?from=2026-11-01&to=2026-11-30&compare=month"
DAY = "https://usage.acme.example/usage/?from=2026-11-26&to=2026-11-26"
TRUST = "https://usage.acme.example/usage/trust"


@pytest.mark.parametrize(
    ("findings", "title", "link"),
    [
        (
            users(1),
            "1 user cost more than $50 on 26 Nov 2026",
            "https://usage.acme.example/usage/users/u0?from=2026-11-26&to=2026-11-26",
        ),
        (users(MOST), f"At least {MOST} users cost more than $50 on 26 Nov 2026", DAY),
        (users(MOST, RuleName.FULL), f"At least {MOST} documents are nearly full", TRUST),
        (users(2, RuleName.USER_MONTH), "2 users cost more than $200 in Nov 2026", OVERVIEW),
        ((finding(RuleName.BUDGET),), "Budget of Nov 2026: a line", OVERVIEW),
        (
            (finding(RuleName.BUDGET, "one"), finding(RuleName.BUDGET, "other")),
            "2 budgets of Nov 2026 have reached a mark",
            OVERVIEW,
        ),
        ((finding(RuleName.FORECAST),), "The forecast passes 1 budget of Nov 2026", OVERVIEW),
        (
            (finding(RuleName.UNUSUAL),),
            "26 Nov 2026 is an unusual day",
            "https://usage.acme.example/usage/?from=2026-11-26&to=2026-11-26",
        ),
        ((finding(RuleName.SILENT, todo="Ask."),), "Nothing is recorded for 6 hours", TRUST),
        ((finding(RuleName.FAILING, todo="Try."),), "Newer usage can’t be read", TRUST),
        (
            (finding(RuleName.FULL, "a", "u/1"),),
            "1 document is nearly full",
            "https://usage.acme.example/usage/users/u%2F1",
        ),
        ((finding(RuleName.FULL, "a", "u1"), finding(RuleName.FULL, "b", "u2")), "2 documents are nearly full", TRUST),
        ((finding(RuleName.BILLED, todo="Count."),), "Recorded is under 90% of what OpenAI billed", TRUST),
    ],
)
def test_each_rule_has_a_title_and_a_page_that_explains_it(
    findings: tuple[Finding, ...], title: str, link: str
) -> None:
    found = told(*findings)
    assert (found.title, found.link) == (f"usage-dash: {title}", link)
    assert found.body.endswith(f"\n\n{link}")
    assert "What to do: " in found.body


def test_what_is_to_be_done_is_told_by_the_event_where_it_knows() -> None:
    assert "What to do: Give it a role." in told(finding(RuleName.FAILING, todo="Give it a role.")).body


def test_marks_that_one_budget_reached_at_once_are_one_line() -> None:
    marks = [finding(RuleName.BUDGET, "Everybody – $90.00 of $100, 90%", mark) for mark in ("50%", "80%")]
    found = told(*marks)
    assert found.title == "usage-dash: Budget of Nov 2026: Everybody – $90.00 of $100, 90%"
    assert found.body.count("Everybody") == 1


@pytest.mark.parametrize(
    ("count", "lines", "last"),
    [
        (LISTED, LISTED, "user 11 – $60.00"),
        (LISTED + 1, LISTED + 1, "user 12 – $60.00"),
        (LISTED + 2, LISTED + 1, "and 2 more"),
        (400, LISTED + 1, "and 388 more"),
    ],
)
def test_many_users_are_bounded(count: int, lines: int, last: str) -> None:
    found = told(*users(count))
    listed = found.body.split("\n\n")[0].splitlines()
    assert (len(listed), listed[-1]) == (lines, last)
    assert found.title.startswith(f"usage-dash: {count:,} users")


def test_without_an_address_of_the_page_messages_say_where_to_look() -> None:
    messages = Messages("acme-chatbot · Firestore", BERLIN)
    ends = [
        (users(1), "Look at the user’s page in usage-dash."),
        (users(2), "Look at “Overview” in usage-dash."),
        ((finding(RuleName.SILENT, todo="Ask."),), "Look at “Trust” in usage-dash."),
    ]
    for findings, end in ends:
        found = told(*findings, messages=messages)
        assert found.link is None
        assert found.body.endswith(f"\n\n{end}")


@pytest.mark.parametrize(
    ("rule", "count", "title"),
    [
        (RuleName.FORECAST, 1, "The forecast no longer passes 1 budget"),
        (RuleName.SILENT, 1, "Usage is recorded again"),
        (RuleName.FAILING, 1, "Usage can be read again"),
        (RuleName.FULL, 2, "2 documents have room again"),
        (RuleName.BILLED, 1, "Recorded is no longer under 90% of what OpenAI billed"),
    ],
)
def test_what_is_over_is_told_with_how_it_is_now(rule: RuleName, count: int, title: str) -> None:
    keys = tuple(Key(rule.value, PERIODS.get(rule, ""), f"u{number}") for number in range(count))
    found = MESSAGES.over(keys, JUDGED)
    assert found.title == f"usage-dash: {title}"
    assert "\nNow: as it is.\n" in found.body
    assert "data of 26 Nov 2026, 14:02 CET (Europe/Berlin)" in found.body


def test_documents_that_have_room_again_are_named() -> None:
    found = MESSAGES.over((Key("full", "", "u*1"), Key("full", "", "u2")), JUDGED)
    assert found.body.startswith("u∗1\nu2\nThe rule: A document is nearly full.\nNow: as it is.\n")  # noqa: RUF001
    assert MESSAGES.over((Key("full", "", "u1"),), JUDGED).link == "https://usage.acme.example/usage/users/u1"


def test_a_test_says_what_the_alerts_tell() -> None:
    found = MESSAGES.test(RULES[:2])
    assert found.title == "usage-dash: This is a test"
    assert found.body == (
        "This is a test. Alerts of usage-dash reach this address, and tell when:\n"
        "– A user costs more than $50 a day\n"
        "– A user costs more than $200 a month\n"
        "\n"
        "acme-chatbot · Firestore\n"
        "\n"
        f"{TRUST}"
    )


@pytest.mark.parametrize(
    ("zone", "at", "expected"),
    [
        ("UTC", AT, "26 Nov 2026, 13:02 UTC"),
        ("Asia/Kathmandu", AT, "26 Nov 2026, 18:47 +0545 (Asia/Kathmandu)"),
        ("Europe/Berlin", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "25 Oct 2026, 02:30 CEST (Europe/Berlin)"),
        ("Europe/Berlin", datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "25 Oct 2026, 02:30 CET (Europe/Berlin)"),
    ],
)
def test_times_say_by_which_clocks_they_are(zone: str, at: datetime, expected: str) -> None:
    judged = Judged((), frozenset(), frozenset(), "2026-11", at, JUDGED.states)
    found = Messages("acme", ZoneInfo(zone)).told(users(1), judged)
    assert f"acme, data of {expected}\n" in found.body


def test_before_anything_was_read_no_time_is_told() -> None:
    judged = Judged((), frozenset(), frozenset(), "2026-11", None, JUDGED.states)
    found = MESSAGES.told((finding(RuleName.FAILING, todo="Try."),), judged)
    assert "\nacme-chatbot · Firestore\n" in found.body


def test_messages_are_told_apart_by_their_ids() -> None:
    later = Judged((), frozenset(), frozenset(), "2026-11", AT.replace(minute=7), JUDGED.states)
    silence = (finding(RuleName.SILENT, todo="Ask."),)
    ids = {told(*users(1)).id, told(*users(2)).id, told(*silence).id, MESSAGES.told(silence, later).id}
    assert len(ids) == 4
    assert told(*users(1)).id == told(*users(1)).id


@PROPERTY
@given(
    st.sampled_from(RuleName), st.lists(st.tuples(WILD, WILD), min_size=1, max_size=30), WILD, st.sampled_from(ZONES)
)
def test_whatever_anybody_is_called_a_message_keeps_its_shape(
    rule: RuleName, people: list[tuple[str, str]], source: str, zone: str
) -> None:
    names = called(dict(people))
    findings = tuple(finding(rule, f"{name} – $60.00", user, "Ask.") for user, name in names.items())
    found = Messages(source, ZoneInfo(zone)).told(findings, JUDGED)
    assert "\n" not in found.title
    assert not set("*`<>[]|\0\r") & set(found.title + found.body)
    lines, todo, foot, where = found.body.split("\n\n")
    assert 1 <= len(lines.splitlines()) <= LISTED + 1
    assert todo == "What to do: Ask."
    assert "data of" in foot
    assert where.startswith("Look at ")
    assert len(found.body) < 4_000

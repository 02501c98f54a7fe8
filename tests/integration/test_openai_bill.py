"""OpenAI's bill over HTTP: whole, of whom it is asked, and whatever goes wrong on the way."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from openai import OpenAI
from openai.types.admin.organization import UsageCostsResponse
from pydantic import SecretStr
from tests.servers.openai_bill import KEY, Answered, Billed, Fault, OpenAIBillServer
from tests.servers.ports import free_port

from usage_dash.billing.answers import Amount, Cost, Page
from usage_dash.billing.client import OpenAIBill
from usage_dash.billing.problems import BillError
from usage_dash.billing.question import Question
from usage_dash.ledger.bill import Bill

TODAY = date(2026, 11, 24)
FIRST = TODAY - timedelta(days=99)
MIDNIGHT = int(datetime(FIRST.year, FIRST.month, FIRST.day, tzinfo=UTC).timestamp())
OTHER = ("proj_bot", "key_other")
ELSEWHERE = ("proj_elsewhere", "key_elsewhere")
DRIPPING = Fault(200, '{"data": [', drips=True)
DRIPPING_HEADERS = Fault(200, drips_headers=True)


@pytest.fixture
def server() -> Iterator[OpenAIBillServer]:
    with OpenAIBillServer(TODAY) as running:
        for back in range(100):
            day = TODAY - timedelta(days=back)
            for caller in (("proj_bot", "key_bot"), OTHER, ELSEWHERE):
                running.costs.append(Billed(day, "gpt-5, input", 1.0 + back / 64, caller))
                running.usage.append(Answered(day, "gpt-5", 10, 900, 100, 400, caller))
        yield running


def costing(dollars: str, currency: str = "usd") -> str:
    """A page of one day, which would do for usage as well."""
    used = '"num_model_requests": 0, "input_tokens": 0, "output_tokens": 0'
    amount = f'{{"value": {dollars}, "currency": "{currency}"}}'
    return f'{{"data": [{{"start_time": {MIDNIGHT}, "results": [{{"amount": {amount}, {used}}}]}}]}}'


def question(server: OpenAIBillServer, key: str = KEY, **asked: tuple[str, ...]) -> Question:
    return Question(SecretStr(key), server.address, **asked)


def read(server: OpenAIBillServer, **asked: tuple[str, ...]) -> Bill:
    return OpenAIBill(question(server, **asked)).read(FIRST)


def failure(server: OpenAIBillServer, **patience: float) -> BillError:
    with pytest.raises(BillError) as caught:
        OpenAIBill(question(server), **patience).read(FIRST)
    assert caught.value.__cause__ is None  # a cause would show the request
    return caught.value


def costs(bill: Bill) -> dict[tuple[str, str], float]:
    found: dict[tuple[str, str], float] = {}
    for row in bill.costs.to_pylist():
        key = (row["line_item"], row["caller"])
        found[key] = found.get(key, 0.0) + row["cost"]
    return found


def whole(callers: int) -> float:
    return callers * sum(1.0 + back / 64 for back in range(100))


@pytest.mark.parametrize("page_days", [1, 7, 180])
def test_all_days_are_read_however_many_come_in_a_page(server: OpenAIBillServer, page_days: int) -> None:
    server.page_days = page_days
    bill = read(server)
    assert sorted(bill.costs["day"].to_pylist()) == [FIRST + timedelta(days=day) for day in range(100)]
    assert sorted(bill.usage["day"].to_pylist()) == [FIRST + timedelta(days=day) for day in range(100)]
    assert costs(bill) == {("gpt-5, input", ""): whole(3)}
    assert bill.usage.to_pylist()[0] | {"day": None} == {
        "day": None,
        "model": "gpt-5",
        "caller": "",
        "requests": 30,
        "tokens": 3_000,
        "cached_tokens": 1_200,
        "uncached_tokens": 1_500,
    }


def test_it_is_asked_of_projects_or_of_api_keys_and_of_projects_by_api_key(server: OpenAIBillServer) -> None:
    assert costs(read(server, projects=("proj_bot",))) == {("gpt-5, input", ""): whole(2)}
    assert costs(read(server, api_keys=("key_bot", "key_elsewhere"))) == {("gpt-5, input", ""): whole(2)}
    both = read(server, projects=("proj_bot",), api_keys=("key_bot",))
    assert costs(both) == {("gpt-5, input", ""): whole(1), ("gpt-5, input", "key_other"): whole(1)}
    assert {row["caller"] for row in both.usage.to_pylist()} == {"", "key_other"}


def test_it_is_asked_just_as_openais_own_library_asks(server: OpenAIBillServer) -> None:
    read(server, projects=("proj_bot", "proj_2"), api_keys=("key_bot",))
    ours = server.asked[0], server.asked[1]
    with OpenAI(admin_api_key=KEY, base_url=server.address, max_retries=0) as library:
        asked = {"start_time": MIDNIGHT, "bucket_width": "1d", "project_ids": ["proj_bot", "proj_2"]}
        usage = library.admin.organization.usage
        usage.costs(**asked, group_by=["line_item", "api_key_id"], limit=180)
        usage.completions(**asked, group_by=["model", "api_key_id"], limit=31)
    assert tuple(server.asked[-2:]) == ours


def test_a_day_that_cost_nothing_is_known_and_an_amount_that_is_not_told_is_not(server: OpenAIBillServer) -> None:
    server.costs = [Billed(TODAY, "gpt-5, input", None)]
    by_day = {row["day"]: row["cost"] for row in read(server).costs.to_pylist()}
    assert by_day == {FIRST + timedelta(days=day): 0.0 for day in range(99)} | {TODAY: None}


def test_an_amount_may_be_written_as_text() -> None:
    results = [{"object": "organization.costs.result", "amount": {"value": "1.2345", "currency": "usd"}}]
    bucket = {"object": "bucket", "start_time": MIDNIGHT, "end_time": MIDNIGHT + 86_400, "results": results}
    page = {"object": "page", "data": [bucket], "has_more": False}
    UsageCostsResponse.model_validate(page)
    assert Page[Cost].model_validate(page).data[0].results[0].amount == Amount(value=1.2345, currency="usd")


def test_another_currency_is_not_added_to_dollars(server: OpenAIBillServer) -> None:
    server.costs.append(Billed(TODAY, "gpt-5, input", 1.0, currency="eur"))
    assert "bills in EUR" in str(failure(server))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "check OPENAI_PROJECT_IDS"),
        (403, "may read usage"),
        (404, "check OPENAI_BASE_URL"),
        (418, "refuses to tell the bill (418)"),
        (429, "asked too often (429)"),
        (500, "OpenAI has failed (500)"),
        (503, "OpenAI has failed (503)"),
    ],
)
def test_a_refusal_says_what_to_do_and_nothing_that_openai_said(
    server: OpenAIBillServer, status: int, said: str
) -> None:
    server.fault = Fault(status, f'{{"error": {{"message": "no, {KEY[:12]}"}}}}')
    told = str(failure(server))
    assert said in told
    assert KEY[:12] not in told


def test_a_wrong_key_is_refused_without_a_part_of_it(server: OpenAIBillServer) -> None:
    with pytest.raises(BillError, match="does not accept the key") as caught:
        OpenAIBill(question(server, key="sk-admin-of-another-day")).read(FIRST)
    assert "another-day" not in str(caught.value)


@pytest.mark.parametrize(("header", "pause"), [("7200", 7_200.0), ("99999999", 86_400.0), ("soon", 0.0), ("", 0.0)])
def test_openai_says_when_it_may_be_asked_again(server: OpenAIBillServer, header: str, pause: float) -> None:
    server.fault = Fault(429, headers={"Retry-After": header})
    assert failure(server).pause == pause


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>Sign in</html>",
        "[]",
        '{"data": 5}',
        '{"data": [{"start_time": -9e99, "results": []}]}',
        costing("NaN"),
        costing("1e308"),
        costing("1", KEY),
        '{"data": [{"start_time": 99999999999999, "results": []}]}',
        f'{{"data": [{{"start_time": {MIDNIGHT + 3_600}, "results": []}}]}}',
        f'{{"data": [{{"start_time": {MIDNIGHT - 86_400}, "results": []}}]}}',
        f'{{"data": [{{"start_time": {MIDNIGHT}, "results": []}}, {{"start_time": {MIDNIGHT}, "results": []}}]}}',
    ],
)
def test_garbage_is_no_bill(server: OpenAIBillServer, body: str) -> None:
    server.fault = Fault(200, body)
    assert "is no bill of OpenAI's" in str(failure(server))


def test_an_amount_given_back_is_on_the_bill(server: OpenAIBillServer) -> None:
    server.fault = Fault(200, costing("-3.5"))
    assert costs(read(server)) == {("", ""): -3.5}


def test_bytes_that_are_not_what_they_are_called_are_no_bill(server: OpenAIBillServer) -> None:
    server.fault = Fault(200, "no gzip", headers={"Content-Encoding": "gzip"})
    assert "is no bill of OpenAI's" in str(failure(server))


def test_pages_without_an_end_are_not_read_for_ever(server: OpenAIBillServer) -> None:
    server.endless = True
    assert "has no end" in str(failure(server))
    assert len(server.asked) == 200


def test_silence_is_not_waited_for(server: OpenAIBillServer) -> None:
    server.fault = Fault(None)
    assert "too long to answer" in str(failure(server, silence=0.2))


@pytest.mark.parametrize("fault", [DRIPPING, DRIPPING_HEADERS], ids=["body", "headers"])
def test_an_answer_that_drips_is_not_waited_for(server: OpenAIBillServer, fault: Fault) -> None:
    server.fault = fault
    assert "too long to answer" in str(failure(server, whole=0.2))


def test_nobody_there_is_said_so() -> None:
    nowhere = Question(SecretStr(KEY), f"http://127.0.0.1:{free_port()}/v1")
    with pytest.raises(BillError, match="cannot be reached"):
        OpenAIBill(nowhere).read(FIRST)


@pytest.mark.parametrize("host", ["openai..example", "o" * 300])
def test_a_name_that_no_machine_can_have_is_nobody(host: str) -> None:
    with pytest.raises(BillError, match="cannot be reached"):
        OpenAIBill(Question(SecretStr(KEY), f"https://{host}/v1")).read(FIRST)


@pytest.mark.parametrize(
    ("name", "value"),
    [("ALL_PROXY", "socks5://127.0.0.1:1"), ("HTTPS_PROXY", "ftp://me:hidden@proxy"), ("SSL_CERT_FILE", "/no/such")],
)
def test_an_environment_that_allows_no_way_to_openai_is_said_so(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BillError, match=name) as caught:
        OpenAIBill(Question(SecretStr(KEY), "https://api.openai.example/v1")).read(FIRST)
    assert "hidden" not in str(caught.value)


def test_the_key_does_not_go_where_the_address_leads(server: OpenAIBillServer) -> None:
    with OpenAIBillServer(TODAY) as other:
        server.fault = Fault(302, headers={"Location": f"{other.address}/organization/costs"})
        assert "leads elsewhere (302)" in str(failure(server))
        assert other.asked == []


def test_the_key_goes_to_no_proxy_unless_it_travels_in_secret(
    server: OpenAIBillServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OpenAIBillServer(TODAY) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.address)
        monkeypatch.delenv("NO_PROXY", raising=False)
        read(server)
        assert proxy.asked == []


def test_the_key_is_in_no_log_and_in_no_repr(server: OpenAIBillServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read(server)
        server.fault = Fault(500)
        failure(server)
    assert KEY not in caplog.text
    assert KEY not in repr(question(server))
    assert server.asked[0].key == KEY

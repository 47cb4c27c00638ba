"""OneRewards: who is let in, in which order, how often, and in which words errors come."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from sandbox import control, onerewards
from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.frame import Frame
from sandbox.onerewards import state
from sandbox.switches import Switches

KOPI = {"API-Key": "kopi-secret", "Key-ID": "kopi-key"}
NARROW = {"API-Key": "kopi-narrow-secret", "Key-ID": "kopi-narrow"}
TEH = {"API-Key": "teh-secret", "Key-ID": "teh-key"}
BASE = f"/onerewards/{state.INTEGRATION_ID}"
NOBODY = "/onerewards/00000000-0000-4000-8000-000000000000"
MEMBER = f"{BASE}/member?memberId=4821"


@pytest.fixture
def frame() -> Frame:
    return Frame(Clock(datetime(2025, 3, 14, 6, 0, tzinfo=UTC)), Books(), Faults(), Switches())


@pytest.fixture
def client(frame: Frame) -> Iterator[TestClient]:
    world = onerewards.State(frame, 7)
    app = Starlette(
        routes=[
            Mount("/onerewards", routes=onerewards.routes(frame, world)),
            Mount("/__sandbox__", routes=control.routes(frame, {"onerewards": world})),
        ]
    )
    with TestClient(app) as client:
        yield client


def switch(client: TestClient, name: str, value: object) -> None:
    answer = client.put("/__sandbox__/switches", json={"onerewards": {name: value}})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"API-Key": "kopi-secret"},
        {"Key-ID": "kopi-key"},
        {"API-Key": "wrong", "Key-ID": "kopi-key"},
        {"API-Key": "kopi-secret", "Key-ID": "kopi-narrow"},
        {"API-Key": "", "Key-ID": ""},
    ],
)
def test_both_halves_of_a_key_are_needed(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get(MEMBER, headers=headers)
    assert answer.status_code == 401
    assert answer.json() == {"statusCode": 401, "message": "401 Unauthorized."}


def test_header_names_have_no_case(client: TestClient) -> None:
    headers = {"api-KEY": "kopi-secret", "KEY-id": "kopi-key"}
    assert client.get(MEMBER, headers=headers).status_code == 200


def test_a_regenerated_key_is_401(client: TestClient) -> None:
    order = {
        "upstream": "onerewards",
        "operation": "get_member",
        "fault": {"revoke_token": True},
    }
    client.post("/__sandbox__/faults", json=order)
    assert client.get(MEMBER, headers=KOPI).status_code == 401
    assert client.get(MEMBER, headers=KOPI).status_code == 401
    assert client.get(MEMBER, headers=NARROW).status_code == 200


def test_an_unknown_integration_is_404_and_another_companys_401(client: TestClient) -> None:
    unknown = client.get(f"{NOBODY}/member?memberId=4821", headers=KOPI)
    assert (unknown.status_code, unknown.json()["statusCode"]) == (404, 404)
    assert client.get(MEMBER, headers=TEH).status_code == 401
    upper = f"/onerewards/{state.INTEGRATION_ID.upper()}/member?memberId=4821"
    assert client.get(upper, headers=KOPI).status_code == 200


def test_a_key_without_the_permission_is_403(client: TestClient) -> None:
    assert client.get(MEMBER, headers=NARROW).status_code == 200
    answer = client.get(f"{BASE}/member/info?memberId=4821", headers=NARROW)
    assert answer.status_code == 403


def test_checks_come_in_the_contracts_order(client: TestClient) -> None:
    switch(client, "quota_per_minute", 0)
    nobodys = f"{NOBODY}/member/info"
    assert client.get(nobodys).status_code == 401
    assert client.get(nobodys, headers=NARROW).status_code == 404
    assert client.get(f"{BASE}/member/info", headers=NARROW).status_code == 403
    listing = f"{BASE}/member/listing"
    assert client.post(listing, headers=KOPI, content=b"{").status_code == 429
    switch(client, "quota_per_minute", None)
    json_type = {**KOPI, "Content-Type": "application/json"}
    assert client.post(listing, headers=json_type, content=b"{").status_code == 400


def test_a_quota_is_the_account_books_and_not_the_keys(client: TestClient) -> None:
    switch(client, "quota_per_minute", 2)
    first = client.get(MEMBER, headers=KOPI)
    assert first.headers["x-rate-limit-limit"] == "1m"
    assert first.headers["x-rate-limit-remaining"] == "1"
    assert first.headers["x-rate-limit-reset"] == "2025-03-14T06:01:00.000Z"
    second = client.get(MEMBER, headers=NARROW)
    assert second.headers["x-rate-limit-remaining"] == "0"
    third = client.get(MEMBER, headers=KOPI)
    assert third.status_code == 429
    assert third.headers["retry-after"] == "60"
    assert third.json()["statusCode"] == 429
    assert "x-rate-limit-remaining" not in third.headers
    other = f"/onerewards/{state.OTHER_INTEGRATION_ID}/member?memberId=1"
    assert client.get(other, headers=TEH).status_code == 404


def test_a_quota_is_fresh_after_its_window(client: TestClient) -> None:
    switch(client, "quota_per_minute", 1)
    client.get(MEMBER, headers=KOPI)
    client.put("/__sandbox__/clock", json={"advance_seconds": 45.5})
    late = client.get(MEMBER, headers=KOPI)
    assert (late.status_code, late.headers["retry-after"]) == (429, "15")
    client.put("/__sandbox__/clock", json={"advance_seconds": 14.5})
    assert client.get(MEMBER, headers=KOPI).status_code == 200


def test_rate_limit_headers_come_on_errors_too_and_not_without_a_quota(
    client: TestClient,
) -> None:
    assert "x-rate-limit-limit" not in client.get(MEMBER, headers=KOPI).headers
    switch(client, "quota_per_minute", 9)
    missing = client.get(f"{BASE}/member?memberId=99999", headers=KOPI)
    assert (missing.status_code, missing.headers["x-rate-limit-remaining"]) == (404, "8")
    switch(client, "rate_limit_headers", False)
    assert "x-rate-limit-limit" not in client.get(MEMBER, headers=KOPI).headers


def test_how_long_to_wait_can_be_told_otherwise(client: TestClient) -> None:
    switch(client, "quota_per_minute", 0)
    switch(client, "told_on_429", "reset_header")
    told = client.get(MEMBER, headers=KOPI)
    assert told.headers["x-rate-limit-reset"] == "2025-03-14T06:01:00.000Z"
    assert "retry-after" not in told.headers
    switch(client, "told_on_429", "nothing")
    assert "x-rate-limit-reset" not in client.get(MEMBER, headers=KOPI).headers


def test_a_rate_limit_fault_speaks_like_the_vendor(client: TestClient) -> None:
    fault = {"rate_limited": True, "retry_after": 3}
    client.post("/__sandbox__/faults", json={"upstream": "onerewards", "fault": fault})
    answer = client.get(MEMBER, headers=KOPI)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.json()["statusCode"] == 429


def test_an_unknown_path_is_404_and_a_wrong_method_405(client: TestClient) -> None:
    for method, path, status in (
        ("GET", "/onerewards/nowhere", 404),
        ("GET", f"{BASE}/member/nowhere", 404),
        ("POST", f"{BASE}/member/info", 405),
        ("GET", f"{BASE}/member/listing", 405),
    ):
        answer = client.request(method, path, headers=KOPI)
        assert (answer.status_code, answer.json()["statusCode"]) == (status, status), path


def test_errors_can_be_of_another_shape(client: TestClient) -> None:
    switch(client, "error_body", "problem_details")
    problem = client.get(f"{BASE}/member", headers=KOPI).json()
    assert (problem["status"], problem["title"]) == (400, "Bad Request")
    assert problem["errors"] == {"": ["memberId is required."]}
    switch(client, "error_body", "empty")
    empty = client.get(f"{BASE}/member", headers=KOPI)
    assert (empty.status_code, empty.content) == (400, b"")


def test_a_body_must_be_a_json_object_of_the_right_type(client: TestClient) -> None:
    listing, json_type = f"{BASE}/member/listing", {"Content-Type": "application/json"}
    for content, headers, status in (
        (b"", json_type, 400),
        (b"  ", json_type, 400),
        (b"[]", json_type, 400),
        (b"{'page': 1}", json_type, 400),
        (b'{"page": 1}', {"Content-Type": "text/plain"}, 415),
        (b'{"page": 1}', {}, 415),
        (b'{"page": 1}', {"Content-Type": "Application/JSON; charset=utf-8"}, 200),
    ):
        answer = client.post(listing, headers={**KOPI, **headers}, content=content)
        assert answer.status_code == status, content


APP = "2b1e5d3c-61b4-4c0f-8f0e-7d1f5a9be299"
ASK = {"appAccountId": APP, "appAccountName": "Kopi Corner POS", "appCountry": "Malaysia"}
PENDING = {"integrationId": None, "isApproved": False, "isPending": True, "isRejected": False}


@pytest.mark.parametrize("prefix", ["/onerewards", BASE])
def test_a_new_integration_request_is_pending_and_recorded_once(
    client: TestClient, prefix: str
) -> None:
    url = f"{prefix}/integration?accountBookId=17"
    for _ in range(2):
        answer = client.post(url, headers=KOPI, json=ASK)
        assert (answer.status_code, answer.json()) == (200, PENDING)
    status = client.get(f"{url}&appAccountId={APP.upper()}", headers=KOPI)
    assert (status.status_code, status.json()) == (200, PENDING)
    effects = client.get("/__sandbox__/effects").json()
    assert [effect["kind"] for effect in effects] == ["integration_requested"]


def test_the_published_answers_of_an_approved_and_a_rejected_request(client: TestClient) -> None:
    url = "/onerewards/integration?accountBookId=17"
    approved = client.get(f"{url}&appAccountId={state.APPROVED_APP}", headers=KOPI)
    assert approved.json() == {
        "integrationId": "5b0c6f1e-8a0d-4f8b-9d53-2f6f0f4f7a11",
        "isApproved": True,
        "isPending": False,
        "isRejected": False,
    }
    rejected = client.get(f"{url}&appAccountId={state.REJECTED_APP}", headers=KOPI)
    assert rejected.json() == {
        "integrationId": None,
        "isApproved": False,
        "isPending": False,
        "isRejected": True,
    }
    again = client.post(url, headers=KOPI, json={**ASK, "appAccountId": state.REJECTED_APP})
    assert again.json() == rejected.json()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("accountBookId=17", 400),
        ("accountBookId=kopi&appAccountId=" + APP, 400),
        ("accountBookId=17&appAccountId=me", 400),
        ("accountBookId=99&appAccountId=" + APP, 404),
        ("accountBookId=17&appAccountId=" + APP, 404),
        ("accountBookId=18&appAccountId=" + APP, 401),
    ],
)
def test_asking_for_a_request_wants_both_ids(client: TestClient, query: str, status: int) -> None:
    assert client.get(f"/onerewards/integration?{query}", headers=KOPI).status_code == status


@pytest.mark.parametrize(
    "change",
    [
        {"appAccountId": "me"},
        {"appAccountId": APP.replace("-", "")},
        {"appAccountName": " "},
        {"appAccountName": None},
        {"appCountry": "Singapore"},
        {"appCountry": 5},
    ],
)
def test_an_integration_request_must_be_complete(
    client: TestClient, change: dict[str, object]
) -> None:
    url = "/onerewards/integration?accountBookId=17"
    assert client.post(url, headers=KOPI, json={**ASK, **change}).status_code == 400
    assert client.get("/__sandbox__/effects").json() == []

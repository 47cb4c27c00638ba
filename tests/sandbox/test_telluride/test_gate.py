"""Telluride's header checks: the seven literals, their order, and where they stand."""

import pytest

from .conftest import FOLDERS, Desk, request, status_of

API = "GetRewardBalance"


def code(desk: Desk, **changes: str) -> tuple[int, str]:
    headers = {name: value for name, value in (desk.headers | changes).items() if value}
    answer = desk.post(API, request(API), headers or {"accept": "application/json"})
    return answer.status_code, answer.json().get("error", "")


def test_a_missing_client_comes_before_everything(desk):
    assert code(desk, client_id="", access_token="") == (401, "CLIENT_ID_REQUIRED")


def test_a_missing_token_comes_before_a_wrong_client(desk):
    assert code(desk, client_id="NOBODY", access_token="") == (401, "ACCESSTOKEN_REQUIRED")


@pytest.mark.parametrize("client_id", ["NOBODY", "PENDING_SHOP"])
def test_a_wrong_client_comes_before_a_wrong_token(desk, client_id):
    assert code(desk, client_id=client_id, access_token="x") == (401, "CLIENT_ID_INVALID")


def test_an_unknown_token_is_invalid(desk):
    assert code(desk, access_token="x") == (401, "ACCESSTOKEN_INVALID")


def test_the_token_of_another_client_is_invalid(desk):
    assert code(desk, client_id="OTHER_SHOP") == (401, "ACCESSTOKEN_INVALID")


def test_a_revoked_token_is_invalid(desk):
    order = {"upstream": "telluride", "operation": API, "fault": {"revoke_token": True}}
    desk.client.post("/__sandbox__/faults", json=order)
    assert code(desk) == (401, "ACCESSTOKEN_INVALID")
    desk.sign_in()
    assert code(desk) == (200, "")


def test_a_token_expires_to_the_second(desk):
    desk.forward(36_000 - 1)
    assert code(desk) == (200, "")
    desk.forward(1)
    assert code(desk) == (401, "ACCESSTOKEN_EXPIRED")


def test_expired_comes_before_not_permitted(desk):
    desk.switch(forbidden_apis=API)
    assert code(desk) == (403, "APPLICATION_NOT_PERMITTED")
    desk.forward(36_000)
    assert code(desk) == (401, "ACCESSTOKEN_EXPIRED")


def test_only_the_named_apis_are_forbidden(desk):
    desk.switch(forbidden_apis="ProcessEarn, GetMemberLookup")
    assert code(desk) == (200, "")
    assert desk.post("GetMemberLookup", {}).status_code == 403


def test_a_failing_authentication_has_a_space_in_its_name(desk):
    desk.switch(authentication_exception=True)
    assert code(desk) == (500, "AUTHENTICATION EXCEPTION")


def test_the_headers_are_checked_before_the_body(desk):
    path = f"/telluride/tellurideAS/profile/{API}"
    assert desk.client.post(path, content=b"{").json()["error"] == "CLIENT_ID_REQUIRED"
    assert desk.client.post(path, content=b"{", headers=desk.headers).status_code == 400
    assert desk.client.post(path, content=b"[]", headers=desk.headers).status_code == 400


@pytest.mark.parametrize("api", FOLDERS)
def test_by_switch_the_literal_is_a_status_text_in_a_200(desk, api):
    desk.switch(auth_failure="body")
    answer = desk.post(api, request(api), {"client_id": "EXAMPLE_SHOP", "access_token": "x"})
    assert answer.status_code == 200
    assert status_of(api, answer.json())[1] == "ACCESSTOKEN_INVALID"


def test_other_methods_and_paths_are_refused_as_json(desk):
    path = f"/telluride/tellurideAS/profile/{API}"
    wrong = desk.client.get(path, headers=desk.headers)
    assert (wrong.status_code, wrong.json()["error"]) == (405, "method_not_allowed")
    for name in ("profile/UpdateMember", "transaction/TransferPoints", "nothing"):
        answer = desk.client.post(f"/telluride/tellurideAS/{name}", json={}, headers=desk.headers)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_a_call_is_in_the_books_under_the_name_of_its_url(desk):
    desk.post(API, request(API))
    counts = desk.client.get("/__sandbox__/counts").json()
    assert counts == {"telluride": {"token": 1, API: 1}}
    shown = desk.client.get("/__sandbox__/calls").text
    assert desk.headers["access_token"] not in shown

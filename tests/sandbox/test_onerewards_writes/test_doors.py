"""OneRewards: who may write, in what order that is checked, and the owner's answer to an app."""

import pytest

from sandbox.onerewards import state

NOWHERE = "99999999-8a0d-4f8b-9d53-2f6f0f4f7a11"
WRITES = [
    ("POST", "/member/issuevoucher"),
    ("POST", "/transaction/post"),
    ("POST", "/transaction/unpost"),
    ("POST", "/member"),
    ("PUT", "/member?memberId=4801"),
    ("POST", "/member/createfrommobileuser"),
    ("POST", "/member/migrate"),
    ("POST", "/receipt/getuploadreceipturl"),
]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_write_is_let_in_like_a_read(till, method, path):
    base = f"/onerewards/{state.INTEGRATION_ID}{path}"
    wrong = till.http.request(method, base, json={}, headers={"API-Key": "wrong"})
    narrow = {"API-Key": "kopi-narrow-secret", "Key-ID": "kopi-narrow"}
    barred = till.http.request(method, base, json={}, headers=narrow)
    nowhere = till.http.request(method, f"/onerewards/{NOWHERE}{path}", json={})
    text = till.http.request(method, base, content=b"{}", headers={"Content-Type": "text/plain"})
    empty = till.http.request(method, base, headers={"Content-Type": "application/json"})
    broken = till.http.request(
        method, base, content=b"{", headers={"Content-Type": "application/json"}
    )
    answers = (wrong, nowhere, barred, text, empty, broken)
    assert [each.status_code for each in answers] == [401, 404, 403, 415, 400, 400]
    assert till.effects() == []


def test_an_auth_code_is_not_spent_by_one_who_may_not_ask(till):
    minted = till.control("POST", "/onerewards/auth-code", {"mobileUserId": "MU-004804"})
    path = f"/onerewards/{state.INTEGRATION_ID}/getrecordbyauthcode/{minted['authCode']}"
    narrow = {"API-Key": "kopi-narrow-secret", "Key-ID": "kopi-narrow"}
    assert till.http.get(path, headers=narrow).status_code == 403
    assert till.http.get(path).status_code == 200


def test_the_owner_lets_an_app_in_and_it_writes(till):
    app = "11111111-2222-4333-8444-555555555555"
    body = {"appAccountId": app, "appAccountName": "New POS", "appCountry": "Malaysia"}
    till.http.post("/onerewards/integration?accountBookId=17", json=body)
    fresh = "aaaaaaaa-2222-4333-8444-555555555555"
    order = {"appAccountId": app, "integrationId": fresh}
    till.control("POST", "/onerewards/integration-request", order, status=200)
    polled = till.http.get(f"/onerewards/integration?accountBookId=17&appAccountId={app}").json()
    assert (polled["isApproved"], polled["integrationId"]) == (True, fresh)
    till.integration = fresh
    assert till.post(4801, "D-1", point={"collection": 5})[0] == 201
    till.control("POST", "/onerewards/integration-request", {"appAccountId": app}, status=200)
    polled = till.http.get(f"/onerewards/integration?accountBookId=17&appAccountId={app}").json()
    assert (polled["isRejected"], polled["integrationId"]) == (True, None)
    till.control("POST", "/onerewards/integration-request", {"appAccountId": "x"}, status=404)

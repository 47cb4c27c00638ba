"""OneRewards: from the QR page to a redemption code, and what such a code is good for."""

import pytest

from sandbox.onerewards import state

AISYAH, AISYAH_APP, STRANGER = 4821, "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be", "MU-900001"
REDEEM = {"redemption": 10, "redemptionDescription": "Redeem"}


def minted(till, user=AISYAH_APP):
    return till.control("POST", "/onerewards/auth-code", {"mobileUserId": user})["authCode"]


def redeemed(till, code, doc_id="D-1", member=AISYAH):
    return till.post(member, doc_id, point=REDEEM, redemptionCode=code)


def test_the_published_answer_for_a_members_auth_code(till):
    code = minted(till)
    assert len(code) == 16
    assert code.isdecimal()
    status, answer = till.call("GET", f"/getrecordbyauthcode/{code}")
    assert status == 200
    assert isinstance(answer.pop("redemptionCode"), int)
    assert answer == {
        "mobileUserId": AISYAH_APP,
        "memberId": AISYAH,
        "redemptionCodeExpirationTime": "2025-03-14T06:40:00.000Z",
    }


def test_an_auth_code_works_once_and_the_books_show_it(till):
    code = minted(till)
    assert till.call("GET", f"/getrecordbyauthcode/{code}")[0] == 200
    status, refusal = till.call("GET", f"/getrecordbyauthcode/{code}")
    assert (status, refusal["message"]) == (400, "Auth code is invalid or expired.")
    assert [each["kind"] for each in till.effects(member=AISYAH)] == ["authorize"]


def test_an_auth_code_lives_a_minute(till):
    first, second = minted(till), minted(till)
    till.wait(60)
    assert till.call("GET", f"/getrecordbyauthcode/{first}")[0] == 200
    till.wait(1)
    assert till.call("GET", f"/getrecordbyauthcode/{second}")[0] == 400
    assert till.call("GET", "/getrecordbyauthcode/0000000000000000")[0] == 400


def test_an_app_user_who_is_no_member_spends_the_code_for_nothing(till):
    code = minted(till, STRANGER)
    status, answer = till.call("GET", f"/getrecordbyauthcode/{code}")
    assert (status, answer) == (
        200,
        {
            "mobileUserId": STRANGER,
            "memberId": None,
            "redemptionCode": None,
            "redemptionCodeExpirationTime": None,
        },
    )
    assert till.call("GET", f"/getrecordbyauthcode/{code}")[0] == 400


def test_nobody_gets_an_auth_code_without_the_app(till):
    till.control("POST", "/onerewards/auth-code", {"mobileUserId": "MU-0"}, status=404)
    till.control("POST", "/onerewards/auth-code", {}, status=400)


def test_a_redemption_code_lives_ten_minutes_and_serves_again(till):
    code = till.redemption_code()
    till.wait(599)
    assert redeemed(till, code, "D-1")[0] == 201
    assert redeemed(till, code, "D-2")[0] == 201
    till.wait(1)
    status, refusal = redeemed(till, code, "D-3")
    assert (status, refusal["message"]) == (400, "Redemption code is invalid or expired.")
    assert len(till.effects(reference="D-3")) == 0


def test_a_code_for_once_is_spent_by_what_it_paid_for_and_by_no_refusal(till):
    till.switch(redemption_code_use="once")
    code = till.redemption_code()
    too_many = {"redemption": 99999, "redemptionDescription": "all"}
    refused = till.post(AISYAH, "D-0", point=too_many, redemptionCode=code)
    assert not refused[1]["isSuccess"]
    assert redeemed(till, code, "D-1")[0] == 201
    assert redeemed(till, code, "D-2")[0] == 400
    assert redeemed(till, code, "D-1")[0] == 201


def test_a_newer_code_leaves_the_older_one_good(till):
    older, newer = till.redemption_code(), till.redemption_code()
    assert older != newer
    assert redeemed(till, older)[0] == 201


def test_a_code_is_its_members_and_its_integrations(till):
    code = till.redemption_code()
    assert redeemed(till, till.redemption_code("MU-004804"))[0] == 400
    till.integration = state.SECOND_INTEGRATION_ID
    assert redeemed(till, code)[0] == 400
    till.integration = state.INTEGRATION_ID.upper()
    assert redeemed(till, code)[0] == 201


@pytest.mark.parametrize(("code", "status"), [(None, 400), (1, 400), ("90317", 400), (True, 400)])
def test_a_linked_member_does_not_redeem_without_a_code(till, code, status):
    assert redeemed(till, code)[0] == status
    assert till.effects() == []


def test_codes_are_not_asked_of_the_unlinked_nor_of_a_sale_that_earns(till):
    assert redeemed(till, None, member=4801)[0] == 201
    assert redeemed(till, 123, "D-2", member=4801)[0] == 201
    assert till.post(AISYAH, "D-3", point={"collection": 5})[0] == 201


def test_a_linked_members_earning_may_need_a_code_too(till):
    till.switch(code_needed="linked")
    assert till.post(AISYAH, "D-3", point={"collection": 5})[0] == 400
    code = till.redemption_code()
    assert till.post(AISYAH, "D-3", point={"collection": 5}, redemptionCode=code)[0] == 201
    assert till.post(4801, "D-4", point={"collection": 5})[0] == 201


@pytest.mark.parametrize("digits", [5, 10, 18])
def test_a_redemption_code_can_be_longer_than_an_int(till, digits):
    till.switch(redemption_code_digits=digits)
    code = till.redemption_code()
    assert len(str(code)) == digits
    assert redeemed(till, code)[0] == 201


def test_an_answer_that_is_lost_has_spent_the_auth_code(till):
    code = minted(till)
    till.fault("get_record_by_auth_code", status=500, apply=True)
    assert till.call("GET", f"/getrecordbyauthcode/{code}")[0] == 500
    assert till.call("GET", f"/getrecordbyauthcode/{code}")[0] == 400
    again = minted(till)
    till.fault("get_record_by_auth_code", status=500)
    assert till.call("GET", f"/getrecordbyauthcode/{again}")[0] == 500
    assert till.call("GET", f"/getrecordbyauthcode/{again}")[0] == 200

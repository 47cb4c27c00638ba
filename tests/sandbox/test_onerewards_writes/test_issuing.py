"""OneRewards: attaching a voucher to a member, and what refuses it."""

from decimal import Decimal

import pytest

AISYAH, AISYAH_APP, RICH, ZERO = 4821, "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be", 4801, 4802
WEEKDAY, COFFEE, WELCOME, LOUNGE = 9, 12, 19, 15


def issue(till, member, voucher, **more):
    body = {"memberId": member, "voucherId": voucher, **more}
    return till.call("POST", "/member/issuevoucher", body)


def definition(till, voucher):
    status, shown = till.call("GET", "/member/cangetvouchernow", memberId=RICH, voucherId=voucher)
    assert status == 200
    return shown["voucherInfo"]


def usable(till, member):
    status, held = till.call("GET", "/member/usablevouchers", memberId=member)
    assert status == 200
    return [each["voucherNo"] for each in held]


def test_the_published_issue_charges_the_points_and_counts_the_quota(till):
    code = till.redemption_code()
    status, answer = issue(till, AISYAH, WEEKDAY, redemptionCode=code, outletId="2")
    assert (status, answer) == (201, {"voucherNo": "00017-00009-000144"})
    assert till.balance(AISYAH) == 3250 - 400
    assert definition(till, WEEKDAY)["numberOfVoucherIssued"] == 144
    assert "00017-00009-000144" in usable(till, AISYAH)
    (effect,) = till.effects(reference="00017-00009-000144")
    assert (effect["kind"], effect["delta"], effect["member"]) == ("issue", "-400.00", "4821")
    assert effect["voucher"] == "00017-00009-000144"
    assert till.conserved()


def test_an_issue_is_not_idempotent(till):
    first, second = issue(till, RICH, WEEKDAY), issue(till, RICH, WEEKDAY)
    assert first[0] == second[0] == 201
    assert first[1] != second[1]
    assert till.kinds() == [("issue", "-400.00")] * 2
    till.fault("issue_voucher", twice=True)
    issue(till, RICH, WEEKDAY)
    assert len(till.effects()) == 4


@pytest.mark.parametrize(
    ("member", "voucher", "because"),
    [
        (RICH, 13, "yet"),
        (RICH, 14, "no longer"),
        (RICH, 10, "All vouchers are issued"),
        (4810, WELCOME, "already obtained"),
        (4810, LOUNGE, "level"),
        (ZERO, 17, "Not enough points"),
    ],
)
def test_what_cannot_be_obtained_is_not_issued_and_the_reason_is_named(
    till, member, voucher, because
):
    status, refusal = issue(till, member, voucher)
    assert status == 400
    assert because in refusal["message"]
    assert till.effects() == []


def test_a_voucher_for_once_is_issued_once(till):
    assert issue(till, RICH, WELCOME)[0] == 201
    assert issue(till, RICH, WELCOME)[0] == 400


def test_the_quota_ends(till):
    till.world.companies[17].definitions[LOUNGE].issued = 59
    assert issue(till, RICH, LOUNGE)[0] == 201
    assert issue(till, RICH, LOUNGE)[0] == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"memberId": 999_999, "voucherId": 12}, 404),
        ({"memberId": RICH, "voucherId": 999}, 404),
        ({"memberId": RICH}, 400),
        ({"voucherId": 12}, 400),
        ({"memberId": AISYAH, "voucherId": 12}, 400),
        ({"memberId": AISYAH, "voucherId": 12, "redemptionCode": 1}, 400),
        ({"memberId": RICH, "voucherId": "12"}, 400),
    ],
)
def test_an_issue_that_cannot_be_is_refused(till, body, status):
    assert till.call("POST", "/member/issuevoucher", body)[0] == status
    assert till.effects() == []


def test_a_code_for_once_buys_one_voucher(till):
    till.switch(redemption_code_use="once")
    code = till.redemption_code()
    assert issue(till, AISYAH, COFFEE, redemptionCode=code)[0] == 201
    assert issue(till, AISYAH, COFFEE, redemptionCode=code)[0] == 400


def test_an_issued_voucher_is_used_in_a_sale_and_has_its_own_end(till):
    number = issue(till, RICH, COFFEE)[1]["voucherNo"]
    _, shown = till.call("GET", "/member/canusevouchernow", memberId=RICH, voucherNo=number)
    assert (shown["canUseNow"], shown["voucherInfo"]["useEndDateTime"]) == (
        True,
        "2025-04-13T14:30:00",
    )
    sale = {"details": [{"type": "N", "subTotal": 8}, {"type": "D", "subTotal": -8}]}
    voucher = {"voucherNo": number, "discountAmount": 8}
    assert till.post(RICH, "D-1", sales=sale, voucher=voucher)[1]["isSuccess"]
    assert number not in usable(till, RICH)


def test_a_voucher_issued_without_a_claim_waits_for_the_member(till):
    till.switch(claimed_at_issue=False)
    number = issue(till, RICH, COFFEE)[1]["voucherNo"]
    assert number not in usable(till, RICH)
    assert till.voucher_states(RICH)[number] == "unclaimed"
    assert till.call("GET", "/member/canusevouchernow", memberId=RICH, voucherNo=number)[0] == 404
    sale = {"details": [{"type": "N", "subTotal": 8}, {"type": "D", "subTotal": -8}]}
    voucher = {"voucherNo": number, "discountAmount": 8}
    assert not till.post(RICH, "D-1", sales=sale, voucher=voucher)[1]["isSuccess"]
    claim = {"memberId": RICH, "voucherNo": number}
    till.control("POST", "/onerewards/claim-voucher", claim, status=201)
    till.control("POST", "/onerewards/claim-voucher", claim, status=404)
    assert number in usable(till, RICH)
    assert till.post(RICH, "D-1", sales=sale, voucher=voucher)[1]["isSuccess"]
    assert [each["kind"] for each in till.effects()] == ["issue", "claim", "redeem"]


def test_a_member_may_obtain_the_same_voucher_in_the_app(till):
    order = {"memberId": RICH, "voucherId": WEEKDAY}
    number = till.control("POST", "/onerewards/claim-voucher", order)["voucherNo"]
    assert number in usable(till, RICH)
    (effect,) = till.effects()
    assert (effect["operation"], effect["kind"], effect["delta"]) == ("app", "issue", "-400.00")
    assert effect["call"] is None
    till.control("POST", "/onerewards/claim-voucher", {"memberId": RICH, "voucherId": 14}, 400)


def test_numbers_of_vouchers_are_never_given_twice(till):
    crowd = till.world.companies[17]
    crowd.definitions[COFFEE].issued = 5  # so that the serials of the crowd are in the way
    numbers = {issue(till, RICH, COFFEE)[1]["voucherNo"] for _ in range(500)}
    assert len(numbers) == 500
    held = {
        voucher.voucher_no
        for member in crowd.members.values()
        if member.member_id != RICH
        for voucher in till.world.account(crowd, member).vouchers
    }
    assert any(number.startswith("00017-00012-0000") for number in held)
    assert not numbers & held


def test_points_are_charged_from_what_a_sale_earned(till):
    till.post(ZERO, "D-1", point={"collection": 250.5})
    assert issue(till, ZERO, 17)[0] == 201
    assert till.balance(ZERO) == Decimal("0.5")

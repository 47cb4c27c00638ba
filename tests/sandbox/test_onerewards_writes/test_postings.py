"""OneRewards: posting a transaction, every refusal of it, and taking it back."""

import pytest

from sandbox.onerewards import state
from sandbox.severed import ConnectionDropped

AISYAH, RICH, VIMALA = 4821, 4801, 4810
SALE = {
    "receiptId": "c0a1f6c2-5a7d-4c59-9b1e-0d7e0b9e6a33",
    "totalExTax": 80,
    "tax": 0,
    "serviceCharge": 0,
    "serviceTax": 0,
    "roundingAdj": 0,
    "finalTotal": 80,
    "details": [
        {
            "type": "N",
            "productId": 310,
            "productCode": "BEAN-500",
            "description": "House blend 500 g",
            "qty": 2,
            "unitPrice": 45,
            "discount": 0,
            "subTotalExTax": 90,
            "subTotal": 90,
            "seq": 1,
        },
        {
            "type": "D",
            "unitPrice": 0,
            "discount": 0,
            "subTotalExTax": -10,
            "subTotal": -10,
            "seq": 2,
        },
    ],
    "payments": [{"description": "CARD", "amount": 75}, {"description": "POINT", "amount": 5}],
}
POSTED = {"isSuccess": True, "isOverRedeemPoint": False, "voucherErrorMessage": None}
REDEEM = {"redemption": 500, "redemptionDescription": "Redeem RM5"}
COFFEE = "00017-00012-048211"
WEEKDAY = "00017-00009-000042"


def published(till):
    return {
        "redemptionCode": till.redemption_code(),
        "memberId": AISYAH,
        "docId": "b7c1-000917",
        "docNo": "T02-000917",
        "docDate": "2025-03-14T06:35:02.000Z",
        "outletId": "2",
        "outlet": "PJ-02",
        "outletDescription": "Kopi Corner Petaling Jaya",
        "createdUser": "mei.ling",
        "sales": SALE,
        "point": {"collection": 75, "collectionDescription": "1 point per RM", **REDEEM},
        "voucher": {"voucherNo": WEEKDAY, "discountAmount": 10},
    }


def test_the_published_sale_with_voucher_points_and_a_code(till):
    status, result = till.call("POST", "/transaction/post", published(till))
    assert (status, result) == (201, POSTED)
    assert till.balance(AISYAH) == 3250 + 75 - 500
    assert till.voucher_states(AISYAH)[WEEKDAY] == "used"
    effects = till.effects(reference="b7c1-000917")
    assert [(each["kind"], each["delta"], each["voucher"]) for each in effects] == [
        ("earn", "75.00", None),
        ("redeem", "-500.00", None),
        ("redeem", "0.00", WEEKDAY),
    ]
    assert {each["detail"]["posting"] for each in effects} == {1}
    assert len({each["call"] for each in effects}) == 1
    assert till.conserved()


def test_the_same_document_again_is_told_the_same_and_changes_nothing(till):
    document = published(till)
    first = till.call("POST", "/transaction/post", document)
    before, effects = till.balance(AISYAH), till.effects()
    till.wait(3600)
    lapsed = till.call("POST", "/transaction/post", document)
    without = till.call("POST", "/transaction/post", {**document, "redemptionCode": None})
    assert first == lapsed == without == (201, POSTED)
    assert (till.balance(AISYAH), till.effects()) == (before, effects)


def test_the_same_document_may_be_spelt_otherwise(till):
    till.post(RICH, "D-1", point={"collection": 75}, outletDescription=None)
    again = {
        name.upper(): value
        for name, value in till.document(RICH, "D-1", point={"Collection": 75.00}).items()
    }
    again["DOCDATE"] = "2025-03-14T14:25:02+08:00"
    again["UNHEARD"] = "of"
    assert till.call("POST", "/transaction/post", again) == (201, POSTED)
    assert till.kinds() == [("earn", "75.00")]


@pytest.mark.parametrize(
    "change",
    [{"point": {"collection": 76}}, {"docNo": "other"}, {"outlet": "PJ-03"}, {"sales": SALE}],
)
def test_the_same_number_under_other_content_is_refused(till, change):
    assert till.post(RICH, "D-1", point={"collection": 75})[0] == 201
    parts = {"point": {"collection": 75}, **change}
    status, refusal = till.post(RICH, "D-1", **parts)
    assert (status, refusal["message"]) == (
        400,
        "Document already posted with different content.",
    )
    till.switch(changed_content="first_result")
    assert till.post(RICH, "D-1", **parts) == (201, POSTED)
    assert till.kinds() == [("earn", "75.00")]


def test_documents_are_known_by_integration(till):
    assert till.post(RICH, "D-1", point={"collection": 5})[0] == 201
    till.integration = state.SECOND_INTEGRATION_ID
    assert till.post(RICH, "D-1", point={"collection": 7})[0] == 201
    assert till.kinds() == [("earn", "5.00"), ("earn", "7.00")]


def test_duplicates_that_nobody_notices_are_applied_again(till):
    till.switch(duplicates="applied_again")
    for _ in range(2):
        assert till.post(RICH, "D-1", point={"collection": 5}) == (201, POSTED)
    assert till.kinds() == [("earn", "5.00"), ("earn", "5.00")]
    assert till.conserved()


def test_a_check_after_the_code_refuses_a_repeat_whose_code_lapsed(till):
    till.switch(duplicate_check="after_code")
    document = published(till)
    assert till.call("POST", "/transaction/post", document)[0] == 201
    assert till.call("POST", "/transaction/post", document) == (201, POSTED)
    till.wait(600)
    assert till.call("POST", "/transaction/post", document)[0] == 400
    assert len(till.effects(reference="b7c1-000917")) == 3


def test_more_points_than_there_are_are_not_redeemed(till):
    too_many = {"collection": 20, "redemption": 1001, "redemptionDescription": "all"}
    refused = {"isSuccess": False, "isOverRedeemPoint": True, "voucherErrorMessage": None}
    assert till.post(VIMALA, "D-1", sales=SALE, point=too_many) == (201, refused)
    assert (till.effects(), till.balance(VIMALA)) == ([], 1000)
    assert till.post(VIMALA, "D-1", point={**too_many, "redemption": 1000}) == (201, POSTED)


def test_more_points_than_there_are_leave_a_negative_balance_on_demand(till):
    till.switch(over_redemption="posted_negative")
    too_many = {"redemption": 1001, "redemptionDescription": "all"}
    posted = {"isSuccess": True, "isOverRedeemPoint": True, "voucherErrorMessage": None}
    assert till.post(VIMALA, "D-1", point=too_many) == (201, posted)
    assert till.post(VIMALA, "D-1", point=too_many) == (201, posted)
    assert till.balance(VIMALA) == -1
    assert till.conserved()


def test_an_adjustment_that_is_not_covered_is_refused(till):
    both = {"adjustmentMinus": 600, "redemption": 500, "redemptionDescription": "x"}
    assert till.post(VIMALA, "D-1", point=both)[0] == 400
    assert till.post(VIMALA, "D-2", point={"adjustmentMinus": 1001, "collection": 9})[0] == 400
    assert till.effects() == []
    moves = {"adjustmentMinus": 400, "adjustmentAdd": 10, "collection": 5}
    assert till.post(VIMALA, "D-3", point=moves)[0] == 201
    assert till.kinds() == [("adjust", "10.00"), ("earn", "5.00"), ("adjust", "-400.00")]


def test_a_failed_posting_is_forgotten_or_remembered(till):
    too_many = {"redemption": 1001, "redemptionDescription": "all"}
    assert not till.post(VIMALA, "D-1", point=too_many)[1]["isSuccess"]
    till.post(VIMALA, "D-0", point={"collection": 1})
    assert till.post(VIMALA, "D-1", point=too_many)[1]["isSuccess"]
    till.switch(failed_posts="remembered")
    assert not till.post(VIMALA, "D-2", point=too_many)[1]["isSuccess"]
    till.post(VIMALA, "D-3", point={"collection": 5000})
    assert not till.post(VIMALA, "D-2", point=too_many)[1]["isSuccess"]
    assert till.post(VIMALA, "D-2", point={"collection": 1})[0] == 400
    assert till.unpost(VIMALA, "D-2")[0] == 404


@pytest.mark.parametrize(
    ("number", "because"),
    [
        ("00017-00012-000001", "not the member's"),
        (COFFEE, "not the member's"),
        ("00017-00019-048107", "already used"),
        ("00017-00014-048103", "expired"),
        ("00017-00021-048102", "cannot be used yet"),
        ("00017-00020-048104", "minimum spending"),
        ("00017-00010-048105", "birthday"),
        ("00017-00022-048106", "on this day"),
    ],
)
def test_a_voucher_that_cannot_be_used_takes_the_whole_posting_down(till, number, because):
    voucher = {"voucherNo": number, "discountAmount": 10}
    status, result = till.post(VIMALA, "D-1", sales=SALE, voucher=voucher, point={"collection": 80})
    assert (status, result["isSuccess"], result["isOverRedeemPoint"]) == (201, False, False)
    assert because in result["voucherErrorMessage"]
    assert till.effects() == []


def test_a_voucher_that_cannot_be_used_may_be_left_out_alone(till):
    till.switch(voucher_refusal="voucher_only")
    voucher = {"voucherNo": "00017-00014-048103", "discountAmount": 10}
    parts = {"sales": SALE, "voucher": voucher, "point": {"collection": 80}}
    _, result = till.post(VIMALA, "D-1", **parts)
    assert (result["isSuccess"], result["voucherErrorMessage"]) == (True, "The voucher is expired.")
    assert till.kinds() == [("earn", "80.00")]
    assert till.unpost(VIMALA, "D-1")[0] == 204
    assert till.voucher_states(VIMALA)["00017-00014-048103"] == "expired"


def test_the_minimum_is_tested_against_normal_lines(till):
    big = {**SALE, "details": [{"type": "N", "subTotal": 300}, {"type": "D", "subTotal": -30}]}
    voucher = {"voucherNo": "00017-00020-048104", "discountAmount": 30}
    assert till.post(VIMALA, "D-1", sales=big, voucher=voucher) == (201, POSTED)
    assert till.kinds() == [("redeem", "0.00")]


def test_a_voucher_and_points_may_fail_together(till):
    voucher = {"voucherNo": "00017-00014-048103", "discountAmount": 10}
    too_many = {"redemption": 1001, "redemptionDescription": "all"}
    _, result = till.post(VIMALA, "D-1", sales=SALE, voucher=voucher, point=too_many)
    assert result == {
        "isSuccess": False,
        "isOverRedeemPoint": True,
        "voucherErrorMessage": "The voucher is expired.",
    }


NEEDED = ("memberId", "docId", "docNo", "docDate", "outletId", "outlet", "createdUser")


@pytest.mark.parametrize("name", NEEDED)
def test_a_posting_without_a_needed_field_is_refused(till, name):
    document = till.document(RICH, "D-1", point={"collection": 5})
    for body in ({**document, name: None}, {**document, name: " "}, {**document, name: {}}):
        assert till.call("POST", "/transaction/post", body)[0] == 400
    assert till.effects() == []


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"sales": None, "point": None},
        {"point": {"collection": -1}},
        {"point": {"adjustmentAdd": -1}},
        {"point": {"collection": "75"}},
        {"point": {"collection": True}},
        {"point": {"collection": 10**15}},
        {"point": {"redemption": 5}},
        {"point": {"redemption": 5, "redemptionDescription": " "}},
        {"point": []},
        {"sales": {"details": [{"type": "X"}]}},
        {"sales": {"details": [{"subTotal": 5}]}},
        {"sales": {"details": {}}},
        {"sales": {"details": [{"type": "N"}, {"type": "T"}]}},
        {"sales": {"details": [{"type": "T"}, {"type": "N"}, {"type": "T"}]}},
        {"sales": {"receiptId": "one"}},
        {"sales": {"payments": [{"amount": "5"}]}},
        {"voucher": {"voucherNo": COFFEE, "discountAmount": 5}},
        {"sales": SALE, "voucher": {"voucherNo": COFFEE}},
        {"sales": SALE, "voucher": {"discountAmount": 5}},
        {"sales": SALE, "voucher": {"voucherNo": COFFEE, "discountAmount": -5}},
        {"point": {"collection": 5}, "docId": 917},
        {"point": {"collection": 5}, "docDate": "yesterday"},
        {"point": {"collection": 5}, "memberId": "4801"},
    ],
)
def test_a_posting_that_cannot_be_is_refused(till, parts):
    body = {**till.document(RICH, "D-1"), **parts}
    status, refusal = till.call("POST", "/transaction/post", body)
    assert status == 400
    assert refusal["message"]
    assert till.effects() == []


def test_returns_trade_ins_and_odd_signs_are_recorded_as_sent(till):
    trade_in = [{"type": "T", "qty": -1, "subTotal": -60}, {"type": "N", "qty": 1, "subTotal": 380}]
    back = [{"type": "R", "qty": 1, "subTotal": 45}]
    assert till.post(RICH, "D-1", sales={"details": trade_in}) == (201, POSTED)
    assert till.post(RICH, "D-2", sales={"details": back}) == (201, POSTED)
    assert till.kinds() == [("earn", "0.00"), ("earn", "0.00")]


def test_points_beyond_the_cent_are_rounded(till):
    assert till.post(RICH, "D-1", point={"collection": 1.005})[0] == 201
    assert till.kinds() == [("earn", "1.01")]


def test_an_unknown_member_is_404(till):
    assert till.post(999_999, "D-1", point={"collection": 5})[0] == 404
    assert till.unpost(999_999, "D-1")[0] == 404


def test_unposting_restores_points_and_voucher_and_says_what_it_undid(till):
    till.call("POST", "/transaction/post", published(till))
    body = {"memberId": AISYAH, "docId": "b7c1-000917"}
    assert till.call("POST", "/transaction/unpost", body) == (204, None)
    assert till.balance(AISYAH) == 3250
    assert till.voucher_states(AISYAH)[WEEKDAY] != "used"
    done, undone = till.effects()[1:4], till.effects()[4:]
    assert [each["undoes"] for each in undone] == [each["n"] for each in done]
    assert [each["delta"] for each in undone] == ["-75.00", "500.00", "0.00"]
    assert {each["kind"] for each in undone} == {"void"}
    assert till.conserved()


def test_unposting_again_changes_nothing(till):
    till.post(RICH, "D-1", point={"collection": 5})
    for _ in range(3):
        assert till.unpost(RICH, "D-1") == (204, None)
    assert till.kinds() == [("earn", "5.00"), ("void", "-5.00")]
    till.switch(unpost_again="not_found")
    assert till.unpost(RICH, "D-1")[0] == 404


def test_only_a_members_own_document_of_this_integration_is_unposted(till):
    till.post(RICH, "D-1", point={"collection": 5})
    assert till.unpost(RICH, "D-2")[0] == 404
    assert till.unpost(VIMALA, "D-1")[0] == 404
    assert till.call("POST", "/transaction/unpost", {"memberId": RICH})[0] == 400
    till.integration = state.SECOND_INTEGRATION_ID
    assert till.unpost(RICH, "D-1")[0] == 404
    assert till.kinds() == [("earn", "5.00")]


def test_points_already_spent_are_taken_back_or_not(till):
    till.post(4802, "D-1", point={"collection": 50})
    till.post(4802, "D-2", point={"redemption": 40, "redemptionDescription": "x"})
    till.switch(unpost_spent_points="refused")
    assert till.unpost(4802, "D-1")[0] == 400
    assert till.balance(4802) == 10
    till.switch(unpost_spent_points="negative")
    assert till.unpost(4802, "D-1")[0] == 204
    assert till.balance(4802) == -40
    assert till.conserved()


@pytest.mark.parametrize(
    ("switch", "status", "records"),
    [("new_posting", 201, 3), ("first_result", 201, 2), ("refused", 400, 2)],
)
def test_a_document_after_its_unpost(till, switch, status, records):
    till.switch(post_after_unpost=switch)
    till.post(RICH, "D-1", point={"collection": 5})
    till.unpost(RICH, "D-1")
    assert till.post(RICH, "D-1", point={"collection": 5})[0] == status
    assert len(till.effects()) == records
    postings = till.control("GET", "/onerewards/transactions?docId=D-1")
    assert [each["isVoid"] for each in postings] == [True, False][: records - 1]


def test_a_lost_answer_leaves_the_posting_and_a_lost_request_leaves_nothing(till):
    for when, records in (("before", 0), ("after", 1)):
        till.fault("post_transaction", drop=when)
        with pytest.raises(ConnectionDropped):
            till.post(RICH, "D-1", point={"collection": 5})
        assert len(till.effects()) == records
    assert till.post(RICH, "D-1", point={"collection": 5}) == (201, POSTED)
    assert till.kinds() == [("earn", "5.00")]


def test_a_posting_delivered_twice_has_one_effect_unless_nobody_notices(till):
    till.fault("post_transaction", twice=True)
    assert till.post(RICH, "D-1", point={"collection": 5}) == (201, POSTED)
    assert till.kinds() == [("earn", "5.00")]
    till.switch(duplicates="applied_again")
    till.fault("post_transaction", twice=True)
    till.post(RICH, "D-2", point={"collection": 5})
    assert len(till.effects(reference="D-2")) == 2


@pytest.mark.parametrize(
    "fault",
    [{"html": True}, {"empty": True}, {"wrong_types": True}, {"status": 502, "apply": True}],
)
def test_a_spoilt_answer_hides_a_posting_that_happened(till, fault):
    till.fault("post_transaction", **fault)
    till.http.post(
        f"/onerewards/{till.integration}/transaction/post",
        json=till.document(RICH, "D-1", point={"collection": 5}),
    )
    assert till.kinds() == [("earn", "5.00")]


@pytest.mark.parametrize(
    ("fault", "status"),
    [({"revoke_token": True}, 401), ({"rate_limited": True}, 429), ({"status": 500}, 500)],
)
def test_a_refused_call_changes_nothing(till, fault, status):
    till.fault("post_transaction", **fault)
    assert till.post(RICH, "D-1", point={"collection": 5})[0] == status
    assert till.effects() == []


def test_a_quota_refuses_before_anything_is_posted(till):
    till.switch(quota_per_minute=1)
    assert till.post(RICH, "D-1", point={"collection": 5})[0] == 201
    assert till.post(RICH, "D-2", point={"collection": 5})[0] == 429
    assert till.kinds() == [("earn", "5.00")]


def test_a_world_that_is_reset_has_no_postings(till):
    till.post(RICH, "D-1", point={"collection": 5})
    till.control("POST", "/reset")
    assert till.balance(RICH) == 88_888
    assert till.control("GET", "/onerewards/transactions") == []

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.sandbox.test_fabric.writing import EARN, ISSUE, MUG, NADIA, TEA, changed, plain

POINTS = f"/v1/inquire/{NADIA}/member-points"


async def balance(till):
    (row,) = (await till.get(POINTS)).data
    return row["totalPoints"]


async def test_earn_answers_as_published(till):
    till.turn(promotional_points=10)
    till.frame.clock.set(datetime(2026, 6, 14, 18, 22, 6, 114902, tzinfo=UTC))
    answer = await till.post("/v2/earn", EARN)
    code = answer.data.pop("transactionCode")
    assert len(code) == 36
    assert (answer.status, answer.body) == (
        200,
        {
            "status": 201,
            "message": "earned",
            "errors": {},
            "data": {
                "profileId": NADIA,
                "transactionNumber": "NS-ORD-1",
                "transactionType": "EARN",
                "transactionDateTime": "2026-06-14T18:22:06.114902",
                "activityTimestamp": "2026-06-14T18:22:05.000000",
                "totalAmountPaid": Decimal("60.80"),
                "totalTax": Decimal("4.80"),
                "transactionNetAmount": Decimal("56.00"),
                "points": 66,
                "basePoints": 56,
                "bonusPoints": 0,
                "promotionalPoints": 10,
                "currentPointsBalance": 552,
                "reasonCode": None,
                "reasonDescription": None,
                "discounts": EARN["discounts"],
                "discountValue": 4,
                "transactionItems": [
                    {name: told(value) for name, value in item.items()} for item in (TEA, MUG)
                ],
                "rewards": [],
                "issueAuditUser": "pos-17",
                "cancelAuditUser": None,
                "deviceId": None,
                "transactionActivityType": "EARN",
                "transactionTypeExternalReference": "PURCHASE",
                "transactionExternalReference": "NS-ORD-1",
                "transactionEntityReference": "NS-SEA-04",
            },
        },
    )
    (row,) = (await till.get("/v2/earn/get-transaction", transactionCode=code)).data
    assert (row["points"], row["currentPointsBalance"]) == (66, 552)
    assert row["discounts"] == [{"id": 902, "value": 4, "type": "promotion"}]
    assert await balance(till) == 552


def told(value):
    return Decimal(str(value)) if isinstance(value, float) else value


async def test_an_earn_is_one_effect_under_its_order_id(till):
    await till.post("/v2/earn", EARN)
    (effect,) = till.effects()
    assert {**effect, "at": None, "detail": None, "call": None} == {
        "n": 0,
        "upstream": "fabric",
        "operation": "earn",
        "kind": "earn",
        "member": "70410002318",
        "at": None,
        "reference": "NS-ORD-1",
        "points_before": "486",
        "points_after": "542.00",
        "delta": "56.00",
        "voucher": None,
        "undoes": None,
        "call": None,
        "detail": None,
    }


async def test_points_are_the_net_amount_rounded_half_up(till):
    answer = await till.post("/v2/earn", plain(10.055))
    assert answer.data["points"] == Decimal("10.06")
    till.turn(earn_rate="0.1")
    answer = await till.post("/v2/earn", plain(10.25, transactionExternalReference="B"))
    assert answer.data["points"] == Decimal("1.03")


async def test_points_expire_365_days_after_the_activity_and_that_is_an_effect(till):
    await till.post("/v2/earn", plain(100, profileId=till.profile_id("zero")))
    await till.later(364)
    zero = f"/v1/inquire/{till.profile_id('zero')}"
    assert (await till.get(f"{zero}/member-points")).data[0]["totalPoints"] == 100
    await till.later(2)
    body = plain(1, profileId=till.profile_id("zero"), transactionExternalReference="B")
    await till.post("/v2/earn", changed(body, activityTimestamp="2027-06-15T10:00:00Z"))
    told = [(each["kind"], Decimal(each["delta"])) for each in till.effects()]
    assert told == [("earn", 100), ("expire", -100), ("earn", 1)]


@pytest.mark.parametrize(
    ("change", "key", "words"),
    [
        ({"totalAmountPaid": 60.78}, "totalAmountPaid", "Formula 1"),
        ({"netAmount": 56.02}, "netAmount", "Formula 2"),
        ({"transactionItems": [TEA, changed(MUG, itemPrice=24.02)]}, "transactionItems", "Line 2"),
        ({"transactionItems": [changed(TEA, itemPrice=36.00), MUG]}, "transactionItems", "mula 3"),
        ({"transactionItems": [changed(TEA, totalAmountPaid=36), MUG]}, "transactionItems", "a 1"),
        ({"transactionItems": [changed(TEA, taxAmount=2.9), MUG]}, "transactionItems", "mula 2"),
        ({"transactionItems": [TEA]}, "transactionGrossAmount", "Formula 4"),
    ],
)
async def test_a_formula_that_does_not_hold_is_refused_by_name(till, change, key, words):
    answer = await till.post("/v2/earn", changed(EARN, **change))
    assert (answer.status, answer.body["status"], list(answer.body["errors"])) == (400, 400, [key])
    assert words in answer.body["errors"][key][0]
    assert till.effects() == []


@pytest.mark.parametrize(
    "change",
    [
        {"totalAmountPaid": 60.79},
        {"netAmount": 55.99},
        {"transactionItems": [TEA, changed(MUG, itemPrice=24.01)]},
        {"transactionItems": ...},
    ],
)
async def test_a_cent_is_within_the_tolerance(till, change):
    assert (await till.post("/v2/earn", changed(EARN, **change))).status == 200


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"profileId": ...}, "profileId"),
        ({"profileId": "3b6f0c52-9d1e-4a77-8c40-000000000000"}, "profileId"),
        ({"entityReference": "NS-LAX-01"}, "entityReference"),
        ({"transactionExternalReference": "x" * 101}, "transactionExternalReference"),
        ({"transactionExternalReference": ""}, "transactionExternalReference"),
        ({"checkForDuplicateTransaction": True}, "checkForDuplicateTransaction"),
        ({"checkForDuplicateTransaction": 2}, "checkForDuplicateTransaction"),
        ({"fetchUpdatedMemberPointTotals": ...}, "fetchUpdatedMemberPointTotals"),
        ({"transactionGrossAmount": 0}, "transactionGrossAmount"),
        ({"netAmount": -1}, "netAmount"),
        ({"discountValue": -4}, "discountValue"),
        ({"totalTax": "4.80"}, "totalTax"),
        ({"netAmount": 10**400}, "netAmount"),
        ({"issueAuditUser": "x" * 201}, "issueAuditUser"),
        ({"reasonCode": "x" * 31}, "reasonCode"),
        ({"setToPending": 1}, "setToPending"),
        ({"activityTimestamp": "yesterday"}, "activityTimestamp"),
        ({"redemptionCode": ["5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10"]}, "redemptionCode"),
        ({"discounts": [{"id": 1}]}, "discounts[0].value"),
        ({"transactionItems": [changed(TEA, itemQuantity=0)]}, "transactionItems[0].itemQuantity"),
        ({"transactionItems": [changed(TEA, SKU=...)]}, "transactionItems[0].SKU"),
    ],
)
async def test_what_earn_does_not_take_changes_nothing(till, change, key):
    answer = await till.post("/v2/earn", changed(EARN, **change))
    assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert till.effects() == []
    assert await balance(till) == 486


async def test_a_flagged_repeat_is_refused_and_changes_nothing(till):
    await till.post("/v2/earn", EARN)
    answer = await till.post("/v2/earn", EARN)
    assert answer.status == 400
    assert answer.body["errors"] == {"transactionExternalReference": ["Duplicate transaction."]}
    other = await till.post("/v2/earn", plain(5))
    assert other.status == 400
    assert len(till.effects()) == 1


async def test_the_same_order_id_of_another_member_is_no_duplicate(till):
    await till.post("/v2/earn", EARN)
    other = changed(EARN, profileId=till.profile_id("zero"))
    assert (await till.post("/v2/earn", other)).status == 200


@pytest.mark.parametrize("how", ["flag", "switch"])
async def test_an_unnoticed_repeat_earns_again(till, how):
    if how == "switch":
        till.turn(duplicate_detected=False)
    body = changed(EARN, checkForDuplicateTransaction=0) if how == "flag" else EARN
    for _ in range(2):
        assert (await till.post("/v2/earn", body)).status == 200
    assert [Decimal(each["delta"]) for each in till.effects()] == [56, 56]
    rows = await till.get("/v2/earn/get-transaction", transactionExternalReference="NS-ORD-1")
    assert len(rows.data) == 2


async def test_words_and_status_of_a_duplicate_are_switches(till):
    till.turn(duplicate_text="DUPLICATE", failures_in_ok=True)
    await till.post("/v2/earn", EARN)
    answer = await till.post("/v2/earn", EARN)
    assert (answer.status, answer.body["status"]) == (200, 400)
    assert answer.body["errors"] == {"transactionExternalReference": ["DUPLICATE"]}


async def test_without_totals_wanted_there_is_no_balance(till):
    answer = await till.post("/v2/earn", changed(EARN, fetchUpdatedMemberPointTotals=0))
    assert (answer.data["currentPointsBalance"], answer.data["points"]) == (None, 56)


async def test_pending_points_count_but_wait(till):
    await till.post("/v2/earn", changed(EARN, setToPending=True))
    (row,) = (await till.get(POINTS)).data
    assert row["pointsBalance"]["memberPointsLocked"] == 56
    assert row["totalPoints"] == 542
    assert (await redeemable(till)) == 466
    await till.later(2)
    assert (await redeemable(till)) == 466


async def test_pending_points_turn_active_after_the_tenants_hours(till):
    till.turn(pending_hours=24)
    await till.post("/v2/earn", changed(EARN, setToPending=True))
    assert (await redeemable(till)) == 466
    await till.later(1)
    assert (await redeemable(till)) == 522
    issue = await till.post("/v1/redeem/reward/issue", changed(ISSUE, amountToRedeem=26.10))
    assert issue.data["rewardValue"] == 522


async def redeemable(till):
    query = {"profileId": NADIA, "clubExternalReference": "NORTHSHORE_PLUS"}
    (row,) = (await till.get("/v1/inquire/redeemable-points", **query)).data
    return row["totalPoints"]


async def test_codes_of_a_purchase_are_the_members_own_rewards_active_or_redeemed(till):
    code = (await till.post("/v1/redeem/reward/issue", ISSUE)).data["redemptionCode"]
    body = changed(EARN, redemptionCode=[code])
    assert (await till.post("/v2/earn", body)).status == 200
    (row, *_) = (await till.get("/v1/redeem", profileId=NADIA)).data
    assert row["status"] == "Active"
    other = changed(body, profileId=till.profile_id("rich"))
    assert (await till.post("/v2/earn", other)).body["errors"] == {
        "redemptionCode": ["Reward not found."]
    }
    await till.post("/v1/redeem/cancel", {"redemptionCode": code})
    answer = await till.post("/v2/earn", changed(body, transactionExternalReference="B"))
    assert answer.body["errors"] == {"redemptionCode": ["Reward is Cancelled."]}


async def test_rows_show_only_after_the_lag(till):
    till.turn(read_lag_seconds=30)
    await till.post("/v2/earn", EARN)
    query = {"profileId": NADIA, "transactionExternalReference": "NS-ORD-1"}
    assert (await till.get("/v2/earn/get-transaction", **query)).data == []
    assert await balance(till) == 542
    till.frame.clock.advance(30)
    assert len((await till.get("/v2/earn/get-transaction", **query)).data) == 1

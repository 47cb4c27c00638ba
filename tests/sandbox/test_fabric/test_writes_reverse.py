from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.sandbox.test_fabric.writing import EARN, ISSUE, MUG, NADIA, REVERSE, TEA, changed, plain

POINTS = f"/v1/inquire/{NADIA}/member-points"


async def test_reverse_answers_as_published(till):
    till.frame.clock.set(datetime(2026, 6, 20, 10, 2, 45, 7113, tzinfo=UTC))
    await till.sign_in()
    answer = await till.post("/v2/earn/reverse", REVERSE)
    answer.data.pop("transactionCode")
    assert answer.body == {
        "status": 201,
        "message": "earn reversed",
        "errors": {},
        "data": {
            "profileId": NADIA,
            "transactionNumber": "NS-RET-00417",
            "transactionType": "EARN_REVERSE",
            "transactionDateTime": "2026-06-20T10:02:45.007113",
            "activityTimestamp": "2026-06-20T10:02:44.000000",
            "totalAmountPaid": Decimal("-60.80"),
            "totalTax": Decimal("-4.80"),
            "transactionNetAmount": Decimal("-56.00"),
            "points": -66,
            "basePoints": 56,
            "bonusPoints": 0,
            "promotionalPoints": 10,
            "currentPointsBalance": 420,
            "reasonCode": "RET-FULL",
            "reasonDescription": None,
            "discounts": [],
            "discountValue": 4,
            "transactionItems": [],
            "rewards": [],
            "issueAuditUser": None,
            "cancelAuditUser": "care-3",
            "deviceId": None,
            "transactionActivityType": "EARN_REVERSE",
            "transactionTypeExternalReference": "RETURN",
            "transactionExternalReference": "NS-RET-00417",
            "transactionEntityReference": "NS-SEA-04",
        },
    }
    (row,) = (await till.get(POINTS)).data
    assert row["pointsBalance"]["memberPointsDeducted"] == 66


async def test_a_reversal_names_the_effect_it_undoes(till):
    await till.post("/v2/earn", EARN)
    body = changed(REVERSE, reverseTransactionExternalRef="NS-ORD-1")
    await till.post("/v2/earn/reverse", body)
    earned, taken = till.effects()
    assert (taken["kind"], taken["undoes"], taken["reference"]) == ("return", 0, "NS-RET-00417")
    assert Decimal(taken["delta"]) == -Decimal(earned["delta"])


async def test_a_reversal_takes_all_whatever_the_amounts(till):
    part = {"transactionGrossAmount": -1, "netAmount": -1, "totalAmountPaid": -1, "totalTax": 0}
    answer = await till.post("/v2/earn/reverse", changed(REVERSE, **part, discountValue=None))
    assert answer.data["points"] == -66


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"entityReference": "NS"}, "entityReference"),
        ({"entityReference": "N" * 16}, "entityReference"),
        ({"transactionTypeExternalReference": "RE"}, "transactionTypeExternalReference"),
        ({"transactionTypeExternalReference": "R" * 16}, "transactionTypeExternalReference"),
        ({"entityReference": "NS-LAX-01"}, "entityReference"),
        ({"reverseTransactionExternalRef": "NS-ORD-0"}, "reverseTransactionExternalRef"),
        ({"transactionGrossAmount": 64.80}, "transactionGrossAmount"),
        ({"discountValue": ...}, "discountValue"),
        ({"totalAmountPaid": -60}, "totalAmountPaid"),
        ({"netAmount": -50}, "netAmount"),
        ({"transactionItems": [TEA]}, "transactionGrossAmount"),
        ({"discounts": [{"value": 4}]}, "discounts[0].id"),
    ],
)
async def test_what_reverse_does_not_take_changes_nothing(till, change, key):
    answer = await till.post("/v2/earn/reverse", changed(REVERSE, **change))
    assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert till.effects() == []


async def test_reversed_items_are_positive_and_echoed_with_categories(till):
    items = [changed(TEA, categories=["Tea"]), MUG]
    answer = await till.post("/v2/earn/reverse", changed(REVERSE, transactionItems=items))
    (tea, mug) = answer.data["transactionItems"]
    assert (tea["categories"], mug["categories"]) == (["Tea"], [])
    assert "totalAmountPaid" not in tea


@pytest.mark.parametrize(
    ("checked", "key", "text"),
    [
        ("first", "transactionExternalReference", "Duplicate transaction."),
        ("last", "reverseTransactionExternalRef", "Transaction already reversed."),
    ],
)
async def test_an_original_is_reversed_once(till, checked, key, text):
    till.turn(duplicate_checked=checked)
    await till.post("/v2/earn/reverse", REVERSE)
    answer = await till.post("/v2/earn/reverse", REVERSE)
    assert answer.body["errors"] == {key: [text]}
    other = changed(REVERSE, transactionExternalReference="NS-RET-2")
    answer = await till.post("/v2/earn/reverse", other)
    assert answer.body["errors"] == {
        "reverseTransactionExternalRef": ["Transaction already reversed."]
    }
    assert len(till.effects()) == 1


async def spent(till):
    """A member who earned 200 and spent 150 of it."""
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(200, profileId=zero))
    await till.post("/v1/redeem/reward/issue", changed(ISSUE, profileId=zero, amountToRedeem=7.5))
    body = changed(REVERSE, profileId=zero, reverseTransactionExternalRef="NS-ORD-1")
    return await till.post("/v2/earn/reverse", body)


async def test_reversing_spent_points_makes_a_debt_that_later_points_pay(till):
    assert (await spent(till)).data["currentPointsBalance"] == -150
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(200, profileId=zero, transactionExternalReference="B"))
    issue = changed(ISSUE, profileId=zero)
    assert (await till.post("/v1/redeem/reward/issue", issue)).status == 400
    await till.post("/v2/earn", plain(100, profileId=zero, transactionExternalReference="C"))
    assert (await till.post("/v1/redeem/reward/issue", issue)).status == 200
    assert till.state.member("70410002302")["points"] == "50.00"


async def test_reversing_spent_points_may_be_refused(till):
    till.turn(reverse_after_spend="refused")
    answer = await spent(till)
    assert answer.body["errors"] == {"ExceptionString": ["The points are already spent."]}
    assert [each["kind"] for each in till.effects()] == ["earn", "issue"]


async def test_reversing_spent_points_may_take_what_is_left(till):
    till.turn(reverse_after_spend="clipped")
    answer = await spent(till)
    assert (answer.data["points"], answer.data["currentPointsBalance"]) == (-50, 0)


async def test_pending_points_are_reversed_too(till):
    await till.post("/v2/earn", changed(EARN, setToPending=True))
    body = changed(REVERSE, reverseTransactionExternalRef="NS-ORD-1", setToPending=True)
    assert (await till.post("/v2/earn/reverse", body)).data["points"] == -56
    (row,) = (await till.get(POINTS)).data
    assert (row["totalPoints"], row["pointsBalance"]["memberPointsLocked"]) == (486, 0)


async def test_a_reversal_does_not_take_expired_points_again(till):
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(200, profileId=zero))
    await till.later(400)
    body = changed(REVERSE, profileId=zero, reverseTransactionExternalRef="NS-ORD-1")
    answer = await till.post("/v2/earn/reverse", body)
    assert (answer.data["points"], answer.data["currentPointsBalance"]) == (0, 0)


async def test_an_earn_under_the_id_of_a_return_is_no_duplicate(till):
    await till.post("/v2/earn/reverse", REVERSE)
    body = plain(5, transactionExternalReference="NS-RET-00417")
    assert (await till.post("/v2/earn", body)).status == 200

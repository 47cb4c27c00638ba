from decimal import Decimal

import pytest

from tests.sandbox.test_fabric.writing import ADJUST, NADIA, changed, plain

ADJUSTED, ACTIVATED = "/v1/members/points-adjustment", "/v1/members/points-activate"


async def shown(till, profile_id=NADIA):
    (row,) = (await till.get(f"/v1/inquire/{profile_id}/member-points")).data
    return row


async def test_a_negative_adjustment_answers_as_published(till):
    answer = await till.post(ADJUSTED, ADJUST)
    code = answer.data.pop("transactionCode")
    assert answer.body == {
        "message": "Member points adjusted",
        "errors": {},
        "data": {"Message": "25.0 points deducted", "futureDate": False, "ExceptionString": ""},
        "status": 200,
    }
    (row,) = (await till.get("/v2/earn/get-transaction", transactionCode=code)).data
    assert (row["transactionType"], row["points"], row["reasonCode"]) == ("DEDUCT", -25, "4102")
    told = await shown(till)
    assert (told["totalPoints"], told["pointsBalance"]["memberPointsDeducted"]) == (461, 25)
    (effect,) = till.effects()
    assert (effect["kind"], effect["reference"], Decimal(effect["delta"])) == ("adjust", code, -25)


async def test_a_positive_adjustment_adds_points_of_its_type(till):
    answer = await till.post(ADJUSTED, changed(ADJUST, points=100.50, pointType="Bonus"))
    assert answer.data["Message"] == "100.5 points added"
    told = await shown(till)
    assert told["totalPoints"] == Decimal("586.5")
    by_type = {each["pointType"]: each["points"] for each in told["pointsByType"]}
    assert by_type["Bonus"] == Decimal("120.5")
    (row, *_) = (await till.get("/v2/earn/get-transaction", profileId=NADIA)).data
    assert (row["transactionType"], row["bonusPoints"], row["basePoints"]) == (
        "ADJUSTMENT",
        Decimal("100.5"),
        0,
    )


async def test_restricted_points_are_bound_to_the_billed_store(till):
    body = changed(ADJUST, points=30, pointType="Restricted", billingEntity="NS-PDX-01")
    await till.post(ADJUSTED, body)
    bound = (await shown(till))["breakdown"]["restrictedPoints"]
    assert bound["totalPoints"] == 50
    answer = await till.post(ADJUSTED, changed(body, billingEntity=None))
    assert list(answer.body["errors"]) == ["billingEntity"]


async def test_a_pending_adjustment_waits(till):
    zero = till.profile_id("zero")
    await till.post(ADJUSTED, changed(ADJUST, profileId=zero, points=40, setToPending=True))
    assert (await shown(till, zero))["pointsBalance"]["memberPointsLocked"] == 40


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"points": ...}, "points"),
        ({"points": 0}, "points"),
        ({"points": "25"}, "points"),
        ({"points": -466.01}, "points"),
        ({"profileId": ...}, "profileId"),
        ({"profileId": "5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10"}, "profileId"),
        ({"pointType": "Gold"}, "pointType"),
        ({"billingEntity": "NS-LAX-01"}, "billingEntity"),
        ({"billingEntity": ""}, "billingEntity"),
        ({"reasonCode": "RET-FULL"}, "reasonCode"),
        ({"setToPending": "no"}, "setToPending"),
    ],
)
async def test_what_adjust_does_not_take_changes_nothing(till, change, key):
    answer = await till.post(ADJUSTED, changed(ADJUST, **change))
    assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert till.effects() == []
    assert (await shown(till))["totalPoints"] == 486


async def test_optional_members_of_an_adjustment_may_be_null(till):
    nulls = {"pointType": None, "billingEntity": None, "reasonCode": None, "setToPending": None}
    assert (await till.post(ADJUSTED, changed(ADJUST, **nulls))).status == 200


async def test_a_refused_adjustment_may_be_an_exception_in_a_success(till):
    till.turn(adjust_refusals="exception_string")
    answer = await till.post(ADJUSTED, changed(ADJUST, points=-1000))
    assert (answer.status, answer.body["errors"]) == (200, {})
    assert answer.data["ExceptionString"] == "Insufficient points."
    assert till.effects() == []


async def test_more_than_there_is_may_be_removed_as_a_debt(till):
    till.turn(adjust_below_zero="negative")
    zero = till.profile_id("zero")
    answer = await till.post(ADJUSTED, changed(ADJUST, profileId=zero, points=-30))
    assert answer.status == 200
    assert (await shown(till, zero))["totalPoints"] == -30
    await till.post(ADJUSTED, changed(ADJUST, profileId=zero, points=50))
    assert (await shown(till, zero))["totalPoints"] == 20


@pytest.mark.parametrize(
    ("rule", "reason", "status"),
    [("known", None, 200), ("required", None, 400), ("known", "9999", 400), ("any", "9999", 200)],
)
async def test_what_reasons_are_taken_is_a_switch(till, rule, reason, status):
    till.turn(reason_codes=rule)
    assert (await till.post(ADJUSTED, changed(ADJUST, reasonCode=reason))).status == status


async def test_adjustments_of_a_day_may_be_capped(till):
    till.turn(adjust_cap=60)
    seen = [(await till.post(ADJUSTED, ADJUST)).status for _ in range(3)]
    assert seen == [200, 200, 400]
    await till.later(1)
    assert (await till.post(ADJUSTED, ADJUST)).status == 200


async def test_adjusting_twice_is_twice_the_points(till):
    for _ in range(2):
        await till.post(ADJUSTED, ADJUST)
    assert (await shown(till))["totalPoints"] == 436
    assert len(till.effects()) == 2


async def test_activate_answers_as_published_and_frees_the_pending(till):
    profile_id = till.profile_id("pending")
    body = {"profileId": profile_id, "startDate": "2026-06-01 00:00:00", "endDate": None}
    answer = await till.post(ACTIVATED, body)
    assert answer.body == {
        "message": "Member points activated",
        "errors": {},
        "data": None,
        "status": 200,
    }
    assert till.state.member("70410002315")["points"] == "366.00"
    (effect,) = till.effects()
    assert (effect["kind"], effect["delta"]) == ("activate", "0")
    assert effect["detail"]["points"] == "66"


async def test_nothing_pending_is_a_success_without_effect(till):
    assert (await till.post(ACTIVATED, {"profileId": NADIA})).status == 200
    assert till.effects() == []


@pytest.mark.parametrize(
    ("start", "end", "freed"),
    [
        ("2026-06-14 18:22:05", "2026-06-14 18:22:05", True),
        ("2026-06-14 18:22:06", None, False),
        (None, "2026-06-14 18:22:04", False),
        ("2026-06-14T18:22:05Z", None, True),
    ],
)
async def test_the_range_is_of_activity_and_includes_its_ends(till, start, end, freed):
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(100, profileId=zero, setToPending=True))
    await till.post(ACTIVATED, {"profileId": zero, "startDate": start, "endDate": end})
    assert (till.state.member("70410002302")["points"] == "100.00") is freed


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({}, "profileId"),
        ({"profileId": "5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10"}, "profileId"),
        ({"profileId": NADIA, "startDate": "June"}, "startDate"),
        ({"profileId": NADIA, "endDate": 5}, "endDate"),
    ],
)
async def test_what_activate_does_not_take(till, body, key):
    answer = await till.post(ACTIVATED, body)
    assert (answer.status, list(answer.body["errors"])) == (400, [key])


@pytest.mark.parametrize(("served", "status"), [("served", 200), ("refused", 400)])
async def test_a_closed_account_may_be_closed_to_writes(till, served, status):
    till.turn(closed_accounts=served)
    body = changed(ADJUST, profileId=till.profile_id("inactive"))
    assert (await till.post(ADJUSTED, body)).status == status


@pytest.mark.parametrize(("how", "status"), [("empty", 400), ("not_found", 404)])
async def test_no_write_to_an_unknown_member_is_ever_a_success(till, how, status):
    till.turn(unknown_member=how)
    body = changed(ADJUST, profileId="5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10")
    assert (await till.post(ADJUSTED, body)).status == status

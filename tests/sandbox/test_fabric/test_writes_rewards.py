from decimal import Decimal

import pytest

from tests.sandbox.test_fabric.writing import ISSUE, NADIA, changed, plain

ISSUED, REDEEM, CANCEL, REVERSE = (
    f"/v1/redeem/{end}" for end in ("reward/issue", "member-reward", "cancel", "reverse")
)
UNKNOWN = "5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10"
STORE = {"locationExternalReference": "NS-SEA-04"}


async def issued(till, **change):
    return (await till.post(ISSUED, changed(ISSUE, **change))).data["redemptionCode"]


async def step(till, path, code, **more):
    place = STORE if path == REDEEM else {}
    return await till.post(path, {"redemptionCode": code, **place, **more})


async def row(till, code):
    rows = (await till.get("/v1/redeem", profileId=NADIA)).data
    return next(each for each in rows if each["redemptionCode"] == code)


async def totals(till):
    (told,) = (await till.get(f"/v1/inquire/{NADIA}/member-points")).data
    return told["totalPoints"], told["pointsBalance"]["memberPointsUsed"]


async def test_issue_answers_as_published_and_takes_the_points_at_once(till):
    answer = await till.post(ISSUED, ISSUE)
    code = answer.data.pop("redemptionCode")
    assert answer.body == {
        "status": 201,
        "message": "Created",
        "errors": {},
        "data": {
            "rewardPointCost": Decimal("0.05"),
            "rewardValue": 100,
            "rewardName": "Northshore reward",
        },
    }
    assert await totals(till) == (386, 200)
    shown = await row(till, code)
    assert (shown["status"], shown["issueAuditUser"], shown["pointsToRedeem"]) == (
        "Active",
        "op:1",
        100,
    )
    assert shown["expirationDate"] == "2026-09-12T23:59:59.000000"
    (burn, *_) = (await till.get("/v2/earn/get-transaction", profileId=NADIA)).data
    assert (burn["transactionType"], burn["points"], burn["issueAuditUser"]) == (
        "BURN",
        -100,
        "op:1",
    )


async def test_every_issue_is_another_reward_even_with_the_same_mark(till):
    assert await issued(till) != await issued(till)
    first, second = till.effects()
    assert first["reference"] == second["reference"] == "op:1"
    assert first["voucher"] != second["voucher"]


@pytest.mark.parametrize(
    ("change", "key", "text"),
    [
        ({"amountToRedeem": 23.35}, "amountToRedeem", "Insufficient points."),
        ({"amountToRedeem": 0}, "amountToRedeem", None),
        ({"amountToRedeem": "5"}, "amountToRedeem", None),
        ({"tierDiscountValue": ...}, "tierDiscountValue", None),
        ({"issueAuditUser": ""}, "issueAuditUser", None),
        ({"locationExternalReference": "NS-LAX-01"}, "locationExternalReference", None),
        ({"profileId": UNKNOWN}, "profileId", "Member not found."),
        ({"profileId": "nadia"}, "profileId", None),
    ],
)
async def test_what_issue_does_not_take_changes_nothing(till, change, key, text):
    answer = await till.post(ISSUED, changed(ISSUE, **change))
    assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert text in {None, *answer.body["errors"][key]}
    assert till.effects() == []
    assert await totals(till) == (486, 100)


async def test_restricted_points_pay_only_at_their_store_and_there_first(till):
    everything = {"amountToRedeem": 24.30}
    assert (await till.post(ISSUED, changed(ISSUE, **everything))).status == 400
    await issued(till, amountToRedeem=1, locationExternalReference="NS-PDX-01")
    assert till.state.member("70410002318")["restricted"] == "0.00"
    await issued(till, amountToRedeem=23.30)
    assert await totals(till) == (0, 586)


async def test_below_the_threshold_nothing_is_issued(till):
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(60, profileId=zero))
    body = changed(ISSUE, profileId=zero, amountToRedeem=1)
    answer = await till.post(ISSUED, body)
    assert answer.body["errors"] == {"amountToRedeem": ["Threshold not reached."]}
    await till.put("/v1/members", {"profileId": zero, "redemptionThreshold": "60.00"})
    assert (await till.post(ISSUED, body)).status == 200


async def test_a_reward_may_be_capped(till):
    till.turn(reward_cap=10)
    answer = await till.post(ISSUED, changed(ISSUE, amountToRedeem=10.05))
    assert answer.body["errors"] == {"amountToRedeem": ["Reward limit exceeded."]}
    assert (await till.post(ISSUED, changed(ISSUE, amountToRedeem=10))).status == 200
    till.turn(reward_cap=None)
    assert (await till.post(ISSUED, changed(ISSUE, amountToRedeem=10.05))).status == 200


async def test_pending_points_pay_nothing(till):
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(200, profileId=zero, setToPending=True))
    answer = await till.post(ISSUED, changed(ISSUE, profileId=zero))
    assert answer.body["errors"] == {"amountToRedeem": ["Insufficient points."]}


async def test_the_price_of_a_point_is_a_switch(till):
    till.turn(point_value="0.5")
    answer = await till.post(ISSUED, changed(ISSUE, amountToRedeem=50))
    assert (answer.data["rewardValue"], answer.data["rewardPointCost"]) == (100, Decimal("0.5"))


async def test_the_mark_of_an_issue_may_be_kept_back(till):
    till.turn(audit_user_echoed=False)
    code = await issued(till)
    assert (await row(till, code))["issueAuditUser"] == ""
    (burn, *_) = (await till.get("/v2/earn/get-transaction", profileId=NADIA)).data
    assert burn["issueAuditUser"] is None
    (effect,) = till.effects()
    assert effect["detail"]["issueAuditUser"] == "op:1"


async def test_a_reward_and_its_steps_show_only_after_the_lag(till):
    till.turn(read_lag_seconds=30)
    code = await issued(till)
    rows = (await till.get("/v1/redeem", profileId=NADIA)).data
    assert code not in {each["redemptionCode"] for each in rows}
    till.frame.clock.advance(30)
    await step(till, REDEEM, code)
    assert (await row(till, code))["status"] == "Active"
    till.frame.clock.advance(30)
    assert (await row(till, code))["status"] == "Redeemed"


async def test_redeem_answers_as_published_and_moves_no_points(till):
    code = await issued(till)
    more = {"profileId": NADIA, "redeemAuditUser": "web-checkout"}
    answer = await till.post(
        REDEEM, {"redemptionCode": code, "locationExternalReference": "ONLINE", **more}
    )
    assert (answer.status, answer.body) == (
        200,
        {"status": 200, "message": "Redeem Member Reward succeed.", "errors": {}, "data": None},
    )
    shown = await row(till, code)
    assert (shown["status"], shown["redeemAuditUser"]) == ("Redeemed", "web-checkout")
    assert shown["redeemLocationExternalReference"] == "ONLINE"
    assert shown["redeemedTimestamp"] == "2026-06-14T18:30:00.000000"
    assert await totals(till) == (386, 200)
    effect = till.effects()[-1]
    assert (effect["kind"], effect["delta"], effect["voucher"]) == ("capture", "0", code)


async def test_cancel_answers_as_published_and_gives_the_points_back(till):
    code = await issued(till)
    answer = await step(till, CANCEL, code, profileId=NADIA, cancelAuditUser="web-checkout")
    assert answer.body == {
        "status": 200,
        "message": "Reward cancelled successfully.",
        "errors": {},
        "data": None,
    }
    shown = await row(till, code)
    assert (shown["status"], shown["cancelAuditUser"]) == ("Cancelled", "web-checkout")
    assert await totals(till) == (486, 100)
    first, second = till.effects()
    assert (second["kind"], second["undoes"], second["delta"]) == ("cancel", first["n"], "100")


async def test_reverse_answers_as_published_and_gives_the_points_back(till):
    code = await issued(till)
    await step(till, REDEEM, code)
    answer = await step(till, REVERSE, code)
    assert answer.body == {
        "status": 200,
        "message": "Reward reversed successfully.",
        "errors": {},
        "data": None,
    }
    assert (await row(till, code))["status"] == "Reversed"
    assert await totals(till) == (486, 100)
    first, _, last = till.effects()
    assert (last["kind"], last["undoes"], last["delta"]) == ("reverse", first["n"], "100")
    (burn, *_) = (await till.get("/v2/earn/get-transaction", profileId=NADIA)).data
    assert (burn["transactionType"], burn["points"]) == ("BURN_REVERSE", 100)


@pytest.mark.parametrize(
    ("steps", "path", "status"),
    [
        ([REDEEM], REDEEM, "Redeemed"),
        ([CANCEL], REDEEM, "Cancelled"),
        ([REDEEM], CANCEL, "Redeemed"),
        ([CANCEL], CANCEL, "Cancelled"),
        ([], REVERSE, "Active"),
        ([CANCEL], REVERSE, "Cancelled"),
        ([REDEEM, REVERSE], REVERSE, "Reversed"),
        ([REDEEM, REVERSE], REDEEM, "Reversed"),
    ],
)
async def test_a_step_out_of_order_is_refused_with_the_status(till, steps, path, status):
    code = await issued(till)
    for each in steps:
        assert (await step(till, each, code)).status == 200
    before = till.effects()
    answer = await step(till, path, code)
    assert (answer.status, answer.body["errors"]) == (
        400,
        {"redemptionCode": [f"Reward is {status}."]},
    )
    assert till.effects() == before


@pytest.mark.parametrize("steps", [[REDEEM], [CANCEL], [REDEEM, REVERSE]])
async def test_a_repeated_step_may_be_a_success_without_effect(till, steps):
    till.turn(repeated_step="accepted")
    code = await issued(till)
    for each in steps:
        await step(till, each, code)
    before, points = till.effects(), await totals(till)
    assert (await step(till, steps[-1], code)).status == 200
    assert (till.effects(), await totals(till)) == (before, points)


async def test_an_expired_reward_is_worth_nothing(till):
    code = await issued(till)
    await till.later(91)
    for path in (REDEEM, CANCEL):
        answer = await step(till, path, code)
        assert answer.body["errors"] == {"redemptionCode": ["Reward is Expired."]}
    expired_meanwhile = 20
    assert await totals(till) == (386 - expired_meanwhile, 200)


@pytest.mark.parametrize("path", [REDEEM, CANCEL, REVERSE])
async def test_codes_must_be_known_and_the_members_own(till, path):
    code = await issued(till)
    cases = (
        ({"redemptionCode": UNKNOWN}, "redemptionCode"),
        ({"redemptionCode": "R1"}, "redemptionCode"),
        ({"redemptionCode": [code]}, "redemptionCode"),
        ({"profileId": till.profile_id("rich")}, "profileId"),
        ({"profileId": UNKNOWN}, "profileId"),
    )
    for change, key in cases:
        answer = await till.post(path, {"redemptionCode": code, **STORE, **change})
        assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert len(till.effects()) == 1


async def test_a_reward_is_redeemed_at_a_known_store(till):
    code = await issued(till)
    answer = await till.post(
        REDEEM, {"redemptionCode": code, "locationExternalReference": "NS-LAX-01"}
    )
    assert answer.body["errors"] == {"locationExternalReference": ["Entity not found."]}
    answer = await till.post(REDEEM, {"redemptionCode": code})
    assert list(answer.body["errors"]) == ["locationExternalReference"]


async def test_a_reward_of_a_member_nobody_looked_at_is_found_by_its_code(till):
    rows = (await till.get("/v1/redeem", limit=100)).data
    code = next(each["redemptionCode"] for each in rows if each["status"] == "Active")
    till.state.reset()
    assert (await step(till, REDEEM, code)).status == 200


async def test_points_spent_before_their_end_come_back_with_a_new_one(till):
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(100, profileId=zero))
    await till.later(300)
    code = await issued(till, profileId=zero)
    await step(till, REDEEM, code)
    await till.later(80)
    await step(till, REVERSE, code)
    assert till.state.member("70410002302")["points"] == "100.00"
    assert [Decimal(each["delta"]) for each in till.effects()] == [100, -100, 0, 100]

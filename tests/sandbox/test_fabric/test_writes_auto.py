import pytest

from tests.sandbox.test_fabric.writing import ADJUST, EARN, ISSUE, changed, plain


async def auto(till, threshold=100):
    zero = till.profile_id("zero")
    body = {"profileId": zero, "redemptionChoice": "auto", "redemptionThreshold": threshold}
    assert (await till.put("/v1/members", body)).status == 200
    return zero


async def test_an_auto_account_turns_points_into_rewards(till):
    zero = await auto(till)
    answer = await till.post("/v2/earn", plain(250, profileId=zero))
    assert answer.data["currentPointsBalance"] == 250
    rows = (await till.get("/v1/redeem", profileId=zero)).data
    assert [(each["issueAuditUser"], each["amountToRedeem"]) for each in rows] == [("auto", 5)] * 2
    assert till.state.member("70410002302")["points"] == "50.00"
    kinds = [(each["operation"], each["kind"]) for each in till.effects()]
    assert kinds == [("update_member", "update"), ("earn", "earn"), *[("earn", "issue")] * 2]


async def test_pending_points_are_converted_once_activated(till):
    zero = await auto(till)
    await till.post("/v2/earn", plain(100, profileId=zero, setToPending=True))
    assert (await till.get("/v1/redeem", profileId=zero)).data == []
    await till.post("/v1/members/points-activate", {"profileId": zero})
    assert len((await till.get("/v1/redeem", profileId=zero)).data) == 1


@pytest.mark.parametrize("switches", [{"auto_conversion": False}, {"reward_cap": 4}])
async def test_conversion_may_be_off_or_above_the_cap(till, switches):
    till.turn(**switches)
    zero = await auto(till)
    await till.post("/v2/earn", plain(250, profileId=zero))
    assert (await till.get("/v1/redeem", profileId=zero)).data == []


async def test_a_threshold_of_nothing_converts_nothing(till):
    zero = await auto(till, threshold=0)
    await till.post("/v2/earn", changed(EARN, profileId=zero))
    assert (await till.get("/v1/redeem", profileId=zero)).data == []


async def test_points_bound_to_the_enrolment_store_convert_nothing(till):
    zero = await auto(till)
    body = changed(ADJUST, profileId=zero, points=150, pointType="Restricted")
    await till.post("/v1/members/points-adjustment", body)
    assert (await till.get("/v1/redeem", profileId=zero)).data == []


async def test_points_that_come_back_after_their_end_are_active(till):
    zero = till.profile_id("zero")
    await till.post("/v2/earn", plain(100, profileId=zero, setToPending=True))
    await till.post("/v1/members/points-activate", {"profileId": zero})
    await till.later(300)
    issued = await till.post("/v1/redeem/reward/issue", changed(ISSUE, profileId=zero))
    code = issued.data["redemptionCode"]
    place = {"redemptionCode": code, "locationExternalReference": "ONLINE"}
    await till.post("/v1/redeem/member-reward", place)
    await till.later(80)
    assert (await till.post("/v1/redeem/reverse", place)).status == 200
    assert till.state.member("70410002302")["points"] == "100.00"


async def test_an_adjustment_takes_points_of_its_type_first(till):
    zero = till.profile_id("zero")
    for kind in ("Base", "Bonus"):
        body = changed(ADJUST, profileId=zero, points=50, pointType=kind)
        await till.post("/v1/members/points-adjustment", body)
    body = changed(ADJUST, profileId=zero, points=-30, pointType="Bonus")
    await till.post("/v1/members/points-adjustment", body)
    (row,) = (await till.get(f"/v1/inquire/{zero}/member-points")).data
    assert {each["pointType"]: each["points"] for each in row["pointsByType"]} == {
        "Base": 50,
        "Bonus": 20,
    }

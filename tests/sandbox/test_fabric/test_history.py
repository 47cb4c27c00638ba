import pytest

NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
LIST = "/v2/earn/get-transaction"


async def test_transactions_are_newest_first(shop):
    rows = (await shop.get(LIST, profileId=NADIA)).data
    times = [row["transactionDateTime"] for row in rows]
    assert [row["transactionType"] for row in rows] == ["EARN", "BURN", "EARN", "EARN"]
    assert times == sorted(times, reverse=True)


async def test_the_order_of_transactions_is_a_switch(shop):
    newest = (await shop.get(LIST, profileId=NADIA)).data
    shop.turn(transactions_order="oldest_first")
    assert (await shop.get(LIST, profileId=NADIA)).data == newest[::-1]


async def test_points_are_signed_and_their_parts_are_not(shop):
    (burn,) = (await shop.get(LIST, profileId=NADIA, transactionType="BURN")).data
    assert (burn["points"], burn["basePoints"]) == (-100, 100)
    assert burn["totalAmountPaid"] is None


async def test_the_signed_points_of_all_transactions_add_up_to_the_balance(shop):
    for persona in shop.state.personas:
        profile_id = shop.profile_id(persona.key)
        rows = (await shop.get(LIST, profileId=profile_id, limit=100)).data
        (points,) = (await shop.get(f"/v1/inquire/{profile_id}/member-points")).data
        assert sum(row["points"] for row in rows) == points["totalPoints"], persona.key


async def test_a_transaction_is_found_by_its_reference_without_a_member(shop):
    (row,) = (await shop.get(LIST, transactionExternalReference="NS-ORD-88120")).data
    assert row["profileId"] == NADIA
    (same,) = (await shop.get(LIST, transactionCode=row["transactionCode"])).data
    assert same == row
    assert (await shop.get(LIST, transactionExternalReference="ns-ord-88120")).data == []


async def test_without_a_filter_transactions_are_everybodys(shop):
    rows = (await shop.get(LIST, limit=100)).data
    assert len({row["profileId"] for row in rows}) > 20
    following = (await shop.get(LIST, limit=10, offset=90)).data
    assert following == rows[90:]


async def test_a_range_of_transactions_includes_its_ends(shop):
    rows = (await shop.get(LIST, profileId=NADIA)).data
    at = rows[1]["transactionDateTime"]
    query = {"profileId": NADIA, "startTimestampUTC": at, "endTimestampUTC": at}
    assert (await shop.get(LIST, **query)).data == rows[1:2]
    assert (await shop.get(LIST, profileId=NADIA, startTimestampUTC=at)).data == rows[:2]
    assert (await shop.get(LIST, profileId=NADIA, endTimestampUTC=at)).data == rows[1:]


@pytest.mark.parametrize("kind", ["EARN", "EARN_REVERSE", "MERGE"])
async def test_a_type_narrows_transactions(shop, kind):
    rows = (await shop.get(LIST, transactionType=kind)).data
    assert {row["transactionType"] for row in rows} <= {kind}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"transactionType": "earn"}, "transactionType"),
        ({"transactionCode": "1"}, "transactionCode"),
        ({"startTimestampUTC": "today"}, "startTimestampUTC"),
        ({"endTimestampUTC": "2026-06-14"}, "endTimestampUTC"),
        # an offset's plus sign that was not escaped arrives as a space
        ({"startTimestampUTC": "2026-06-14T00:00:00 00:00"}, "startTimestampUTC"),
    ],
)
async def test_transactions_refuse_bad_filters(shop, query, field):
    answer = await shop.get(LIST, **query)
    assert answer.status == answer.body["status"] == 400
    assert list(answer.body["errors"]) == [field]


async def test_expiry_writes_a_transaction(shop):
    profile_id = shop.profile_id("expiring")
    (row,) = (await shop.get(LIST, profileId=profile_id, transactionType="EXPIRY")).data
    assert row["points"] == -35
    assert row["transactionExternalReference"] is None
    await shop.later(days=7)
    rows = (await shop.get(LIST, profileId=profile_id, transactionType="EXPIRY")).data
    assert [each["points"] for each in rows] == [-120, -35]
    assert rows[1] == row


# ---------------------------------------------------------------- rewards


async def test_rewards_come_in_every_status(shop):
    rows = (await shop.get("/v1/redeem", profileId=shop.profile_id("vouchers"))).data
    assert [row["status"] for row in rows] == [
        "Active",
        "Cancelled",
        "Redeemed",
        "Reversed",
        "Expired",
    ]
    assert [row["redeemedTimestamp"] is None for row in rows] == [True, True, False, False, True]
    assert rows[1]["cancelAuditUser"] == "web-checkout"
    assert rows[0]["redeemAuditUser"] == ""


async def test_without_profile_id_the_whole_company_comes(shop):
    everybody = (await shop.get("/v1/redeem", limit=100)).data
    assert len({row["profileId"] for row in everybody}) > 50
    assert (await shop.get("/v1/redeem", profileId="", limit=100)).data == everybody


async def test_a_tenant_may_refuse_a_history_without_profile_id(shop):
    shop.turn(history_without_profile="refused")
    answer = await shop.get("/v1/redeem")
    assert answer.status == 400
    assert answer.body["errors"] == {"profileId": ["This field is required."]}


async def test_rewards_come_in_pages(shop):
    profile_id = shop.profile_id("vouchers")
    rows = (await shop.get("/v1/redeem", profileId=profile_id)).data
    page = (await shop.get("/v1/redeem", profileId=profile_id, offset=1, limit=2)).data
    assert page == rows[1:3]


async def test_a_member_without_rewards_has_an_empty_list(shop):
    assert (await shop.get("/v1/redeem", profileId=shop.profile_id("zero"))).data == []


async def test_an_active_reward_expires_with_the_clock(shop):
    profile_id = shop.profile_id("vouchers")
    await shop.later(days=81)
    assert (await shop.get("/v1/redeem", profileId=profile_id)).data[0]["status"] == "Expired"
    shop.turn(rewards_past_expiry="Active")
    assert (await shop.get("/v1/redeem", profileId=profile_id)).data[0]["status"] == "Active"


async def test_a_merchant_id_may_be_a_number(shop):
    assert (await shop.get("/v1/redeem", profileId=NADIA)).data[0]["merchantId"] == "1"
    shop.turn(merchant_id_as="number")
    assert (await shop.get("/v1/redeem", profileId=NADIA)).data[0]["merchantId"] == 1

from decimal import Decimal

import pytest

NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
NOBODY = "00000000-0000-4000-8000-000000000000"
CLUB = {"clubExternalReference": "NORTHSHORE_PLUS"}


async def balance(shop, profile_id):
    (row,) = (await shop.get(f"/v1/inquire/{profile_id}/member-points")).data
    return row


def everybody(shop):
    personas = [shop.profile_id(each.key) for each in shop.state.personas]
    crowd = [profile.profile_id for profile in shop.state.profiles()]
    return personas + crowd[100:3000:73]


async def test_totals_agree_for_every_persona_and_many_others(shop):
    for profile_id in everybody(shop):
        row = await balance(shop, profile_id)
        parts = row["pointsBalance"]
        breakdown = row["breakdown"]
        sums = [
            parts["memberPointsAvailable"],
            parts["memberPointsEarned"]
            - parts["memberPointsDeducted"]
            - parts["memberPointsUsed"]
            - parts["memberPointsExpired"],
            breakdown["totalPoints"],
            breakdown["unrestrictedPoints"]["totalPoints"]
            + breakdown["restrictedPoints"]["totalPoints"],
            sum(each["points"] for each in row["pointsByType"]),
        ]
        assert sums == [row["totalPoints"]] * 5
        for part, items in (
            ("unrestrictedPoints", "unrestrictedPointsItems"),
            ("restrictedPoints", "restrictedPointsItems"),
        ):
            listed = sum(each["points"] for each in breakdown[part][items])
            assert listed == breakdown[part]["totalPoints"]


async def test_expired_points_of_the_balance_are_those_of_the_list(shop):
    for profile_id in everybody(shop):
        (row,) = (await shop.get(f"/v1/inquire/all-points-expiry/{profile_id}")).data
        lost = sum(each["pointsExpired"] for each in row["memberExpirations"])
        parts = (await balance(shop, profile_id))["pointsBalance"]
        assert parts["memberPointsExpired"] == lost


async def test_pending_points_are_in_every_total_and_shown_as_locked(shop):
    row = await balance(shop, shop.profile_id("pending"))
    assert row["totalPoints"] == 366
    assert row["breakdown"]["unrestrictedPoints"]["totalPoints"] == 366
    assert row["pointsBalance"]["memberPointsAvailable"] == 366
    assert row["pointsBalance"]["memberPointsLocked"] == 66


async def test_locked_points_may_always_be_zero(shop):
    shop.turn(locked_points="zero")
    row = await balance(shop, shop.profile_id("pending"))
    assert (row["totalPoints"], row["pointsBalance"]["memberPointsLocked"]) == (366, 0)


async def test_pending_points_turn_active_by_themselves_after_the_configured_hours(shop):
    shop.turn(pending_hours=24)
    assert (await balance(shop, shop.profile_id("pending")))["pointsBalance"][
        "memberPointsLocked"
    ] == 0
    shop.turn(pending_hours=0)
    await shop.later(days=30)
    assert (await balance(shop, shop.profile_id("pending")))["pointsBalance"][
        "memberPointsLocked"
    ] == 66


async def test_a_member_without_points_has_zeros_and_empty_lists(shop):
    row = await balance(shop, shop.profile_id("zero"))
    assert row["totalPoints"] == 0
    assert row["pointsByType"] == []
    assert set(row["pointsBalance"].values()) == {0}
    assert row["breakdown"]["restrictedPoints"]["restrictedPointsItems"] == []


async def test_twelve_digits_and_cents_come_digit_by_digit(shop):
    twelve = shop.profile_id("twelve_digits")
    rich = shop.profile_id("rich")
    response = await shop.http.get(
        f"/fabric/api/v1/inquire/{twelve}/member-points", headers=shop.headers
    )
    assert '"totalPoints":123456789012,' in response.text
    assert '"totalCurrencyValue":6172839450.60' in response.text
    assert (await balance(shop, rich))["totalPoints"] == Decimal("58250.5")


async def test_the_worth_of_a_point_is_a_switch(shop):
    shop.turn(point_value="0.5")
    row = await balance(shop, NADIA)
    assert row["breakdown"]["totalCurrencyValue"] == 243


async def test_points_expire_as_the_clock_passes_their_day(shop):
    profile_id = shop.profile_id("expiring")
    assert (await balance(shop, profile_id))["totalPoints"] == 400
    await shop.later(days=7)
    row = await balance(shop, profile_id)
    assert row["totalPoints"] == 280
    assert row["pointsBalance"]["memberPointsExpired"] == 155


# ---------------------------------------------------------------- redeemable


async def redeemable(shop, **query):
    (row,) = (await shop.get("/v1/inquire/redeemable-points", **query)).data
    return row["totalPoints"]


async def test_restricted_points_count_only_at_their_store(shop):
    assert await redeemable(shop, profileId=NADIA, **CLUB) == 466
    assert await redeemable(shop, profileId=NADIA, **CLUB, externalReference="ONLINE") == 466
    assert await redeemable(shop, profileId=NADIA, **CLUB, externalReference="NS-PDX-01") == 486


async def test_pending_points_are_not_redeemable(shop):
    assert await redeemable(shop, profileId=shop.profile_id("pending"), ehtId=1) == 300


async def test_below_the_threshold_nothing_is_redeemable_unless_the_switch_says_so(shop):
    profile_id = shop.profile_id("expiring")
    await shop.later(days=301)
    assert await redeemable(shop, profileId=profile_id, **CLUB) == 0
    profile = next(each for each in shop.state.profiles() if is_below(shop, each))
    assert await redeemable(shop, profileId=profile.profile_id, **CLUB) == 0
    shop.turn(redeemable_below_threshold="all")
    assert 0 < await redeemable(shop, profileId=profile.profile_id, **CLUB) < 100


def is_below(shop, profile):
    return 0 < Decimal(shop.state.member(profile.loyalty_number)["points"]) < 100


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (CLUB, "profileId"),
        ({"profileId": "", **CLUB}, "profileId"),
        ({"profileId": "42", **CLUB}, "profileId"),
        ({"profileId": NOBODY, **CLUB}, "profileId"),
        ({"profileId": NADIA}, "clubExternalReference"),
        ({"profileId": NADIA, "clubExternalReference": "OTHER"}, "clubExternalReference"),
        ({"profileId": NADIA, "ehtId": "one"}, "ehtId"),
        ({"profileId": NADIA, **CLUB, "externalReference": "NS-XXX"}, "externalReference"),
    ],
)
async def test_redeemable_points_refuse(shop, query, field):
    answer = await shop.get("/v1/inquire/redeemable-points", **query)
    assert answer.status == answer.body["status"] == 400
    assert list(answer.body["errors"]) == [field]


# ---------------------------------------------------------------- expiry


async def buckets(shop, key):
    return (await shop.get("/v1/inquire/points-expiry", profileId=shop.profile_id(key))).data


async def test_buckets_are_apart_and_empty_ones_are_left_out(shop):
    rows = await buckets(shop, "expiring")
    assert [(row["expiryDuration"], row["totalPoints"]) for row in rows] == [
        (30, 120),
        (60, 80),
        (365, 200),
    ]
    assert [row["expiryDate"][:10] for row in rows] == ["2026-07-14", "2026-08-13", "2027-06-14"]


async def test_buckets_may_count_what_earlier_ones_did(shop):
    shop.turn(expiry_buckets_apart=False)
    rows = await buckets(shop, "expiring")
    assert [row["totalPoints"] for row in rows] == [120, 200, 200, 200, 400]


async def test_empty_buckets_may_be_shown(shop):
    shop.turn(expiry_buckets_empty_omitted=False)
    rows = await buckets(shop, "zero")
    assert [row["expiryDuration"] for row in rows] == [30, 60, 90, 180, 365]
    assert {row["totalPoints"] for row in rows} == {0}


async def test_buckets_may_be_of_thirty_days_all_the_year(shop):
    shop.turn(expiry_buckets="30,60,90,120,150,180,210,240,270,300,330,365")
    rows = await buckets(shop, "expiring")
    assert [row["expiryDuration"] for row in rows] == [30, 60, 300]


async def test_an_expiry_date_may_be_that_of_the_first_points(shop):
    shop.turn(expiry_date_is="first_points")
    rows = await buckets(shop, "expiring")
    assert rows[0]["expiryDate"] == "2026-06-19T23:59:59.000000"


async def test_a_point_value_may_be_the_points(shop):
    shop.turn(expiry_point_value="points")
    assert (await buckets(shop, "expiring"))[0]["pointValue"] == 120


@pytest.mark.parametrize("query", [{}, {"profileId": "42"}, {"profileId": NOBODY}])
async def test_points_to_be_expired_want_the_uuid_of_a_member(shop, query):
    answer = await shop.get("/v1/inquire/points-expiry", **query)
    assert answer.status == 400
    assert list(answer.body["errors"]) == ["profileId"]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"startTimestampUTC": "2026-05-25 23:59:59"}, 1),
        ({"startTimestampUTC": "2026-05-26T00:00:00"}, 0),
        ({"endTimestampUTC": "2026-05-25T23:59:59.000000Z"}, 1),
        ({"endTimestampUTC": "2026-05-25T23:59:58.999"}, 0),
        ({"startTimestampUTC": "2026-05-26T01:59:59+02:00"}, 1),
        ({"startTimestampUTC": "2026-05-26T01:59:59.1+02:00"}, 0),
    ],
)
async def test_expired_points_of_a_range_in_every_form_of_a_timestamp(shop, query, count):
    profile_id = shop.profile_id("expiring")
    (row,) = (await shop.get(f"/v1/inquire/all-points-expiry/{profile_id}", **query)).data
    assert len(row["memberExpirations"]) == count


@pytest.mark.parametrize("text", ["yesterday", "2026-05-25", "2026-13-01 00:00:00", "1716681599"])
@pytest.mark.parametrize("field", ["startTimestampUTC", "endTimestampUTC"])
async def test_other_forms_of_a_timestamp_are_refused(shop, field, text):
    answer = await shop.get(f"/v1/inquire/all-points-expiry/{NADIA}", **{field: text})
    assert answer.status == 400
    assert list(answer.body["errors"]) == [field]


@pytest.mark.parametrize("path", ["{}/member-points", "all-points-expiry/{}"])
@pytest.mark.parametrize("profile_id", [NOBODY, "42"])
async def test_a_path_without_a_member_is_a_400(shop, path, profile_id):
    answer = await shop.get(f"/v1/inquire/{path.format(profile_id)}")
    assert answer.status == 400
    assert list(answer.body["errors"]) == ["profileId"]

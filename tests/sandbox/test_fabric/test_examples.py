"""The contract's published answers: the same keys and types, and the figures where they agree."""

import re
from decimal import Decimal

NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
T_MICROS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}"
TEXT, NUMBER, FLAG, LIST, OBJECT = "text", "number", "flag", "list", "object"
NONE = "null"
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def kind(value):
    match value:
        case None:
            return NONE
        case bool():
            return FLAG
        case int() | Decimal():
            return NUMBER
        case str():
            return TEXT
        case list():
            return LIST
        case _:
            return OBJECT


def kinds(row):
    return {name: kind(value) for name, value in row.items()}


def of(**groups):
    return {name: which for which, names in groups.items() for name in names.split()}


async def test_get_members_answers_one_object_as_published(shop):
    answer = await shop.get("/v1/members", loyaltyNumber="70410002318")
    assert {**answer.body, "data": None} == {
        "status": 200,
        "message": "Success",
        "errors": {},
        "data": None,
    }
    assert kinds(answer.data) == of(
        list="accounts",
        text="firstName lastName prefix gender maritalStatus birthdate emailAddress phoneNumber"
        " city region fullRegion postalCode country fullCountry enrollmentTimestamp"
        " sourceExternalReference channelExternalReference",
        null="middleName suffix nationality addressLine1 addressLine2 addressLine3"
        " enrollReasonCode enrollReasonNote",
    )
    (account,) = answer.data["accounts"]
    assert kinds(account) == of(
        text="profileId loyaltyNumber accountStatus clubReference clubTitle entityReference"
        " enrollmentEntity tierExternalReference tierTitle tierExpiryDate redemptionChoice"
        " updatedAt",
        flag="enrollmentStatus paidStatus",
        number="tierId redemptionThreshold",
        object="customAttributes",
    )


async def test_the_member_of_the_example_is_nadia(shop):
    member = (await shop.get("/v1/members", profileId=NADIA)).data
    account = member["accounts"][0]
    assert (member["firstName"], member["lastName"]) == ("Nadia", "Okafor")
    assert member["emailAddress"] == "nadia.okafor@example.com"
    assert member["birthdate"] == "1988-03-21"
    assert account["profileId"] == NADIA
    assert account["loyaltyNumber"] == "70410002318"
    assert (account["tierExternalReference"], account["tierTitle"]) == ("SLV", "Silver")
    assert account["accountStatus"] == "Enabled"


async def test_timestamps_of_a_member_come_in_three_forms(shop):
    member = (await shop.get("/v1/members", profileId=NADIA)).data
    account = member["accounts"][0]
    assert re.fullmatch(T_MICROS, member["enrollmentTimestamp"])
    assert re.fullmatch(T_MICROS + r"\+00:00", account["tierExpiryDate"])
    assert re.fullmatch(T_MICROS.replace("T", " ") + r"\+00:00", account["updatedAt"])


async def test_get_member_points_is_the_published_example(shop):
    answer = await shop.get(f"/v1/inquire/{NADIA}/member-points")
    assert answer.body == {
        "status": 200,
        "message": "",
        "errors": {},
        "data": [
            {
                "totalPoints": 486,
                "pointsByType": [
                    {"pointType": "Base", "points": 456, "subType": None},
                    {"pointType": "Bonus", "points": 20, "subType": None},
                    {"pointType": "Promotional", "points": 10, "subType": None},
                ],
                "pointsBalance": {
                    "memberPointsEarned": 586,
                    "memberPointsDeducted": 0,
                    "memberPointsUsed": 100,
                    "memberPointsExpired": 0,
                    "memberPointsAvailable": 486,
                    "memberPointsLocked": 0,
                },
                "breakdown": {
                    "totalPoints": 486,
                    "totalCurrencyValue": Decimal("24.30"),
                    "unrestrictedPoints": {
                        "totalPoints": 466,
                        "totalCurrencyValue": Decimal("23.30"),
                        "unrestrictedPointsItems": [
                            {"points": 456, "pointType": "Base"},
                            {"points": 10, "pointType": "Promotional"},
                        ],
                    },
                    "restrictedPoints": {
                        "totalPoints": 20,
                        "totalCurrencyValue": Decimal("1.00"),
                        "restrictedPointsItems": [
                            {
                                "points": 20,
                                "pointType": "Bonus",
                                "restrictedLocation": "NS-PDX-01",
                            }
                        ],
                    },
                },
            }
        ],
    }


async def test_get_redeemable_points_is_the_published_example(shop):
    answer = await shop.get(
        "/v1/inquire/redeemable-points",
        profileId=NADIA,
        clubExternalReference="NORTHSHORE_PLUS",
        externalReference="NS-SEA-04",
    )
    assert answer.body == {
        "status": 200,
        "message": "Success",
        "errors": {},
        "data": [{"totalPoints": 466}],
    }


async def test_get_action_reasons_types_errors_as_text(shop):
    answer = await shop.get("/v1/inquire/get_action_reasons")
    assert answer.body["errors"] == ""
    assert answer.body["message"] == "Success"
    assert answer.data[0] == {
        "id": 12,
        "code": "4102",
        "reason": "Goodwill correction",
        "action": "points_adjustment",
        "companyId": 7,
        "codeDescription": "Customer care correction",
    }


async def test_get_point_types_is_the_published_example(shop):
    answer = await shop.get("/v1/inquire/point-type-choices")
    names = ["Base", "Bonus", "Promotional", "Restricted"]
    choices = [
        {"pointTypeId": place, "pointTypeName": name} for place, name in enumerate(names, start=1)
    ]
    assert answer.body == {
        "status": 200,
        "message": "Success",
        "errors": {},
        "data": [{"pointTypeChoices": choices}],
    }


async def test_get_points_to_be_expired_begins_with_the_published_row(shop):
    answer = await shop.get("/v1/inquire/points-expiry", profileId=NADIA)
    assert answer.body["message"] == "Success"
    assert answer.data[0] == {
        "expiryDuration": 30,
        "unRestrictedTotalPoints": 40,
        "restrictedTotalPoints": 20,
        "totalPoints": 60,
        "pointValue": Decimal("3.00"),
        "restrictedPoints": [{"points": 20, "restrictedLocation": "NS-PDX-01"}],
        "expiryDate": "2026-07-14T23:59:59.000000",
    }


async def test_get_expired_points_has_the_published_shape(shop):
    profile_id = shop.profile_id("expiring")
    answer = await shop.get(f"/v1/inquire/all-points-expiry/{profile_id}")
    assert answer.body == {
        "status": 200,
        "message": "Success",
        "errors": {},
        "data": [
            {
                "memberExpirations": [
                    {"expirationTimestamp": "2026-05-25T23:59:59.000000", "pointsExpired": 35}
                ]
            }
        ],
    }


async def test_rewards_history_has_the_published_row(shop):
    answer = await shop.get("/v1/redeem", profileId=NADIA)
    (row,) = answer.data
    assert answer.body["message"] == ""
    assert kinds(row) == of(
        text="profileId redemptionCode status rewardTypeExternalReference"
        " redeemLocationExternalReference redeemedTimestamp merchantId merchantName issueAuditUser"
        " redeemAuditUser cancelAuditUser expirationDate activityDate",
        number="pointsToRedeem pointCost amountToRedeem eligibleRevenue",
    )
    shown = {name: row[name] for name in ("pointsToRedeem", "pointCost", "amountToRedeem")}
    assert shown == {
        "pointsToRedeem": 100,
        "pointCost": Decimal("0.05"),
        "amountToRedeem": Decimal("5.00"),
    }
    assert (row["status"], row["merchantName"]) == ("Redeemed", "Northshore")
    assert (row["issueAuditUser"], row["cancelAuditUser"]) == ("web-checkout", "")
    assert UUID.fullmatch(row["redemptionCode"])
    assert row["expirationDate"].endswith("T23:59:59.000000")
    for name in ("redeemedTimestamp", "activityDate"):
        assert re.fullmatch(T_MICROS, row[name])


async def test_get_transactions_has_the_published_row(shop):
    answer = await shop.get("/v2/earn/get-transaction", profileId=NADIA, transactionType="EARN")
    row = answer.data[0]
    assert kinds(row) == of(
        text="profileId transactionNumber transactionType transactionCode transactionDateTime"
        " activityTimestamp issueAuditUser transactionActivityType transactionTypeExternalReference"
        " transactionExternalReference transactionEntityReference",
        number="totalAmountPaid totalTax transactionNetAmount points basePoints bonusPoints"
        " promotionalPoints currentPointsBalance discountValue",
        list="discounts transactionItems rewards",
        null="reasonCode reasonDescription cancelAuditUser deviceId",
    )
    assert row["transactionNumber"] == row["transactionExternalReference"] == "NS-ORD-88120"
    assert [row[name] for name in ("points", "basePoints", "promotionalPoints")] == [66, 56, 10]
    assert row["currentPointsBalance"] == 486
    assert row["totalAmountPaid"] == Decimal("60.80")
    assert row["totalTax"] == Decimal("4.80")
    assert row["transactionNetAmount"] == Decimal("56.00")
    assert row["discounts"] == [{"id": 902, "value": 4, "type": "promotion"}]
    assert [item["SKU"] for item in row["transactionItems"]] == ["TEA-250", "MUG-01"]
    assert row["transactionItems"][1]["discounts"][0]["description"] == "Mug launch offer"
    for name in ("transactionDateTime", "activityTimestamp"):
        assert re.fullmatch(T_MICROS, row[name])


async def test_get_discounts_is_the_published_example(shop):
    item = {
        "SKU": "TEA-250",
        "itemName": "Loose tea 250 g",
        "categories": ["Tea"],
        "itemPrice": 18.00,
        "itemQuantity": 2,
        "grossAmount": 38.88,
        "taxAmount": 2.88,
        "netAmount": 36.00,
    }
    basket = {
        "profileId": NADIA,
        "entityReference": "NS-SEA-04",
        "transactionTimestamp": "2026-06-14 18:20:00",
        "grossAmount": 38.88,
        "taxAmount": 2.88,
        "netAmount": 36.00,
        "transactionItems": [item],
    }
    answer = await shop.post("/v1/discounts", basket)
    assert answer.body == {
        "status": 200,
        "message": "Created",
        "errors": {},
        "data": [
            {
                "grossAmount": Decimal("38.88"),
                "taxAmount": Decimal("2.88"),
                "netAmount": Decimal("32.40"),
                "discounts": [
                    {
                        "type": "tier",
                        "description": "Silver members save 10 percent",
                        "value": Decimal("3.60"),
                        "id": 31,
                        "ruleName": "silver-10",
                        "discountPercentage": 10,
                        "discountAmount": Decimal("3.60"),
                    }
                ],
                "transactionItems": [{"SKU": "TEA-250", "discounts": []}],
                "miscellaneous": [],
            }
        ],
    }

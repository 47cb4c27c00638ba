from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.sandbox.test_fabric.writing import ENROLL, NADIA, changed, plain

MEMBERS = "/v1/members"
SEEN = datetime(2026, 6, 2, 17, 4, 11, 280331, tzinfo=UTC)


async def enrolled(till, **change):
    answer = await till.post(MEMBERS, changed(ENROLL, **change))
    assert answer.status == 201, answer.body
    return answer.body["data"]


async def read(till, member):
    return (await till.get(MEMBERS, profileId=member["accounts"][0]["profileId"])).data


async def test_enroll_answers_as_published(till):
    till.frame.clock.set(SEEN)
    answer = await till.post(MEMBERS, ENROLL)
    (account,) = answer.body["data"]["accounts"]
    profile_id, number = account.pop("profileId"), account.pop("loyaltyNumber")
    assert (len(profile_id), len(number), number[:4]) == (36, 11, "7041")
    assert (answer.status, answer.body) == (
        201,
        {
            "status": 201,
            "message": "Created",
            "errors": {},
            "data": {
                "accounts": [
                    {
                        "accountStatus": "Enabled",
                        "enrollmentStatus": True,
                        "paidStatus": False,
                        "clubReference": "NORTHSHORE_PLUS",
                        "clubTitle": "Northshore Plus",
                        "entityReference": "NS-SEA-04",
                        "enrollmentEntity": "NS-SEA-04",
                        "tierId": 311,
                        "tierExternalReference": "BRZ",
                        "tierTitle": "Bronze",
                        "tierExpiryDate": "2027-05-31T23:59:59.000000+00:00",
                        "redemptionChoice": "Bank",
                        "redemptionThreshold": 100,
                        "customAttributes": {"favouriteStore": "NS-SEA-04"},
                        "updatedAt": "2026-06-02 17:04:11.280331+00:00",
                    }
                ],
                "firstName": "Nadia",
                "middleName": None,
                "lastName": "Okafor",
                "suffix": None,
                "prefix": "None",
                "gender": "None",
                "maritalStatus": "None",
                "birthdate": "1988-03-21",
                "nationality": None,
                "emailAddress": "nadia.new@example.com",
                "phoneNumber": "12065559999",
                "addressLine1": None,
                "addressLine2": None,
                "addressLine3": None,
                "city": "Seattle",
                "region": "Washington",
                "fullRegion": "Washington",
                "postalCode": "98109",
                "country": "United States",
                "fullCountry": "United States",
                "enrollmentTimestamp": "2026-06-02T17:04:11.280331",
                "enrollReasonCode": None,
                "enrollReasonNote": None,
                "sourceExternalReference": "shop.northshore.example",
                "channelExternalReference": "WEB",
            },
        },
    )
    account.update(profileId=profile_id, loyaltyNumber=number)
    assert await read(till, answer.body["data"]) == answer.body["data"]


async def test_a_new_member_has_nothing_and_can_earn_at_once(till):
    member = await enrolled(till)
    profile_id = member["accounts"][0]["profileId"]
    (row,) = (await till.get(f"/v1/inquire/{profile_id}/member-points")).data
    assert row["totalPoints"] == 0
    answer = await till.post("/v2/earn", plain(12, profileId=profile_id))
    assert answer.data["currentPointsBalance"] == 12


async def test_an_enrolment_is_an_effect_under_its_note(till):
    member = await enrolled(till, enrollReasonNote="op:7")
    (effect,) = till.effects()
    (account,) = member["accounts"]
    assert (effect["kind"], effect["reference"], effect["delta"]) == ("enroll", "op:7", "0")
    assert effect["member"] == account["loyaltyNumber"]
    assert effect["detail"]["profileId"] == account["profileId"]


async def test_everything_given_is_kept_and_null_is_not_given(till):
    given = {
        "middleName": "A.", "suffix": "Jr", "prefix": "Ms", "gender": "Female",
        "maritalStatus": "Single", "addressLine1": "1 Pike St", "nationality": "NG",
        "enrollReasonCode": "ENR-STORE", "enrollReasonNote": "op:8",
    }  # fmt: skip
    more = {"redemptionChoice": "AUTO", "redemptionThreshold": "50.50", "tierReference": "GLD"}
    nulls = {"addressLine2": None, "channelExternalReference": None, "customAttributes": None}
    member = await enrolled(till, **given, **more, **nulls, enrollmentTimestamp="2026-06-01")
    assert {name: member[name] for name in given} == given
    assert member["enrollmentTimestamp"] == "2026-06-01T00:00:00.000000"
    assert (member["addressLine2"], member["channelExternalReference"]) == (None, None)
    (account,) = member["accounts"]
    assert (account["redemptionChoice"], account["redemptionThreshold"]) == (
        "Auto",
        Decimal("50.5"),
    )
    assert (account["tierTitle"], account["loyaltyNumber"][:4]) == ("Gold", "7043")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"emailAddress": "NADIA.okafor@example.com"}, "ExceptionString"),
        ({"phoneNumber": "12065550142"}, "ExceptionString"),
        ({"firstName": ...}, "firstName"),
        ({"lastName": "x" * 101}, "lastName"),
        ({"emailAddress": "nadia"}, "emailAddress"),
        ({"emailAddress": f"{'x' * 250}@x.io"}, "emailAddress"),
        ({"phoneNumber": "1206 555 9999"}, "phoneNumber"),
        ({"phoneNumber": "1206-555-9999"}, "phoneNumber"),
        ({"phoneNumber": "1" * 17}, "phoneNumber"),
        ({"entityReference": "NS-LAX-01"}, "entityReference"),
        ({"clubReference": "SOUTHSHORE"}, "clubReference"),
        ({"tierReference": "PLT"}, "tierReference"),
        ({"prefix": "Dr"}, "prefix"),
        ({"birthDate": "21.03.1988"}, "birthDate"),
        ({"country": ""}, "country"),
        ({"city": "x" * 51}, "city"),
        ({"enrollReasonNote": "x" * 301}, "enrollReasonNote"),
        ({"redemptionChoice": "Cash"}, "redemptionChoice"),
        ({"redemptionThreshold": -1}, "redemptionThreshold"),
        ({"customAttributes": []}, "customAttributes"),
    ],
)
async def test_what_enroll_does_not_take_enrols_nobody(till, change, key):
    before = len(list(till.state.profiles()))
    answer = await till.post(MEMBERS, changed(ENROLL, **change))
    assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert len(list(till.state.profiles())) == before
    assert till.effects() == []


async def test_enrolling_again_is_refused_or_by_switch_another_member(till):
    first = await enrolled(till)
    assert (await till.post(MEMBERS, ENROLL)).status == 400
    till.turn(duplicate_members="allowed")
    second = await enrolled(till)
    assert first["accounts"][0]["profileId"] != second["accounts"][0]["profileId"]
    found = await till.get(MEMBERS, email="nadia.new@example.com")
    assert len(found.data) == 2
    assert len(till.effects()) == 2


async def test_what_was_planted_at_enrolment_may_be_kept_back(till):
    member = await enrolled(till, enrollReasonNote="op:7")
    assert member["enrollReasonNote"] == "op:7"
    assert (await read(till, member))["enrollReasonNote"] == "op:7"
    till.turn(note_echoed=False, custom_attributes_echoed=False)
    shown = await read(till, member)
    assert (shown["enrollReasonNote"], shown["accounts"][0]["customAttributes"]) == (None, {})


async def test_a_new_member_may_be_found_only_after_a_lag(till):
    till.turn(member_lag_seconds=5)
    await enrolled(till)
    query = {"email": "nadia.new@example.com"}
    assert (await till.get(MEMBERS, **query)).data == []
    till.frame.clock.advance(5)
    assert len((await till.get(MEMBERS, **query)).data) == 1


async def test_update_answers_as_published_and_changes_only_what_is_sent(till):
    before = (await till.get(MEMBERS, profileId=NADIA)).data
    till.frame.clock.advance(60)
    body = {
        "profileId": NADIA,
        "tierReference": "GLD",
        "tierExpirationDatetime": "2027-06-30T23:59:59.000Z",
        "redemptionChoice": "Auto",
    }
    answer = await till.put(MEMBERS, body)
    assert (answer.body["message"], answer.body["status"]) == ("Member updated", 200)
    (account,) = answer.data["accounts"]
    assert (account["tierTitle"], account["redemptionChoice"]) == ("Gold", "Auto")
    assert account["tierExpiryDate"] == "2027-06-30T23:59:59.000000+00:00"
    assert account["updatedAt"] == "2026-06-14 18:31:00.000000+00:00"
    moved = {"tierId", "tierExternalReference", "tierTitle", "tierExpiryDate", "updatedAt"}
    for name in (*moved, "redemptionChoice"):
        account.pop(name)
        before["accounts"][0].pop(name)
    assert answer.data == before


async def test_an_omitted_threshold_stays_or_by_switch_becomes_nothing(till):
    body = {"profileId": NADIA, "city": "Tacoma"}
    answer = await till.put(MEMBERS, body)
    assert answer.data["accounts"][0]["redemptionThreshold"] == 100
    till.turn(threshold_default_applied=True)
    answer = await till.put(MEMBERS, body)
    assert answer.data["accounts"][0]["redemptionThreshold"] == 0
    answer = await till.put(MEMBERS, body | {"redemptionThreshold": "25"})
    assert answer.data["accounts"][0]["redemptionThreshold"] == 25


async def test_update_takes_all_its_fields(till):
    sent = {
        "firstName": "N", "lastName": "O", "middleName": "M", "suffix": "III", "prefix": "Mrs",
        "gender": "Other", "maritalStatus": "Married", "emailAddress": "n@example.com",
        "phoneNumber": "12065550000", "addressLine1": "1 Pike St", "city": "Tacoma",
        "region": "WA", "country": "US", "postalCode": "98402",
    }  # fmt: skip
    more = {
        "enrollmentStore": "ONLINE", "enrollmentDate": "2024-01-02", "birthDate": "1988-03-22",
        "lastPaidStatusCenter": "ONLINE", "lastPaidStatusDate": "2025-01-01",
        "customAttributes": {"a": 1}, "nationality": "never", "clubReference": "never",
    }  # fmt: skip
    member = (await till.put(MEMBERS, {"profileId": NADIA, **sent, **more})).data
    assert {name: member[name] for name in sent} == sent
    assert (member["birthdate"], member["nationality"]) == ("1988-03-22", None)
    assert member["enrollmentTimestamp"] == "2024-01-02T00:00:00.000000"
    (account,) = member["accounts"]
    assert (account["enrollmentEntity"], account["entityReference"]) == ("ONLINE", "NS-SEA-04")
    assert account["customAttributes"] == {"a": 1}
    cleared = (await till.put(MEMBERS, {"profileId": NADIA, "addressLine1": None})).data
    assert (cleared["addressLine1"], cleared["city"]) == (None, "Tacoma")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"profileId": ...}, "profileId"),
        ({"profileId": "5d0f2a8e-77b1-4c1c-a3b5-2f4f7f1f9c10"}, "profileId"),
        ({"emailAddress": "aisyah.rahman@example.com"}, "ExceptionString"),
        ({"phoneNumber": "12065550142"}, "ExceptionString"),
        ({"enrollmentStore": "NS-LAX-01"}, "enrollmentStore"),
        ({"tierReference": "PLT"}, "tierReference"),
        ({"firstName": ""}, "firstName"),
        ({"gender": "female"}, "gender"),
        ({"redemptionThreshold": "much"}, "redemptionThreshold"),
        ({"tierExpirationDatetime": "soon"}, "tierExpirationDatetime"),
        ({"lastPaidStatusDate": "soon"}, "lastPaidStatusDate"),
    ],
)
async def test_what_update_does_not_take_changes_nothing(till, change, key):
    before = (await till.get(MEMBERS, profileId=NADIA)).data
    body = changed({"profileId": NADIA, "city": "Tacoma"}, **change)
    answer = await till.put(MEMBERS, body)
    assert (answer.status, list(answer.body["errors"])) == (400, [key])
    assert (await till.get(MEMBERS, profileId=NADIA)).data == before
    assert till.effects() == []


async def test_the_tenant_may_fix_fields(till):
    till.turn(fields_not_updatable="emailAddress,city")
    answer = await till.put(MEMBERS, {"profileId": NADIA, "city": "Tacoma"})
    assert (answer.status, list(answer.body["errors"])) == (400, ["city"])
    assert (await till.put(MEMBERS, {"profileId": NADIA, "suffix": "x"})).status == 200


async def test_an_update_that_changes_nothing_is_no_effect(till):
    body = {"profileId": NADIA, "city": "Tacoma"}
    for _ in range(2):
        assert (await till.put(MEMBERS, body)).status == 200
    (effect,) = till.effects()
    assert (effect["kind"], effect["detail"]["changed"]) == ("update", ["city"])


async def test_twins_who_share_a_phone_can_still_be_updated(till):
    twin = till.profile_id("same_phone_a")
    body = {"profileId": twin, "phoneNumber": "12065550177", "city": "Tacoma"}
    assert (await till.put(MEMBERS, body)).status == 200

import pytest

NADIA = "3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3"
NOBODY = "00000000-0000-4000-8000-000000000000"


def numbers(members):
    return [member["accounts"][0]["loyaltyNumber"] for member in members]


@pytest.mark.parametrize(
    "query",
    [
        {"profileId": NADIA},
        {"profileId": NADIA.upper()},
        {"loyaltyNumber": "70410002318"},
        {"profileId": NADIA, "loyaltyNumber": "70410002318", "lastName": "okafor"},
    ],
)
async def test_an_id_gives_one_object(shop, query):
    answer = await shop.get("/v1/members", **query)
    assert answer.data["accounts"][0]["profileId"] == NADIA


@pytest.mark.parametrize(
    "query",
    [
        {"profileId": NOBODY},
        {"loyaltyNumber": "70419999999"},
        {"profileId": NADIA, "loyaltyNumber": "70410002301"},
        {"profileId": NADIA, "lastName": "Rahman"},
    ],
)
async def test_an_id_without_a_match_is_a_400_over_profile_id(shop, query):
    answer = await shop.get("/v1/members", **query)
    assert answer.status == 400
    assert answer.body == {
        "message": "Validation failed",
        "errors": {"profileId": ["Member not found."]},
        "data": {},
        "status": 400,
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"email": "AISYAH.rahman@example.com"}, ["70410002321"]),
        ({"phonenumber": "12065550142"}, ["70410002321"]),
        ({"phonenumber": "12065550177"}, ["70410002310", "70410002311"]),
        ({"phonenumber": "12065550177", "firstName": "sandra"}, ["70410002311"]),
        ({"firstName": "小明", "lastName": "李"}, ["70410002309"]),
        ({"email": "nobody@example.com"}, []),
        ({"email": "aisyah"}, []),
        ({"lastName": "Okafor", "city": "seattle", "postalCode": "98109"}, ["70410002318"]),
        ({"lastName": "Okafor", "countryName": "united states"}, ["70410002318"]),
        ({"lastName": "Okafor", "countryAbbreviation": "us"}, ["70410002318"]),
        ({"lastName": "Okafor", "countryName": "us"}, []),
        ({"lastName": "Okafor", "regionName": "Washington"}, ["70410002318"]),
        ({"lastName": "Okafor", "regionAbbreviation": "wa"}, ["70410002318"]),
        ({"lastName": "Okafor", "regionAbbreviation": "or"}, []),
        ({"lastName": "Okafor", "redemptionChoice": "bank"}, ["70410002318"]),
        ({"lastName": "Okafor", "redemptionChoice": "Auto"}, []),
        ({"lastName": "Okafor", "middleName": "x"}, []),
        ({"address": "1201 PIKE street"}, ["70410002321"]),
        ({"address": "apt 4", "firstName": "Aisyah"}, ["70410002321"]),
        ({"lastName": "Okafor", "address": "x"}, []),
    ],
)
async def test_a_search_gives_an_array_by_equality_whatever_the_case(shop, query, found):
    answer = await shop.get("/v1/members", **query)
    assert numbers(answer.data) == found


async def test_the_body_names_of_phone_and_email_are_no_filters(shop):
    answer = await shop.get("/v1/members", phoneNumber="12065550142", emailAddress="x")
    assert len(answer.data) == 20


async def test_an_empty_filter_counts_as_none(shop):
    answer = await shop.get("/v1/members", email="", limit=3)
    assert len(answer.data) == 3


async def test_everybody_comes_in_pages_that_do_not_overlap(shop):
    first = numbers((await shop.get("/v1/members")).data)
    second = numbers((await shop.get("/v1/members", offset=20)).data)
    both = numbers((await shop.get("/v1/members", limit=40)).data)
    assert len(first) == 20
    assert first + second == both


async def test_the_last_page_is_short_and_the_one_after_it_empty(shop):
    size = len(list(shop.state.profiles()))
    assert size >= 10_000
    assert len((await shop.get("/v1/members", offset=size - 7)).data) == 7
    assert (await shop.get("/v1/members", offset=size)).data == []


@pytest.mark.parametrize("path", ["/v1/members", "/v1/redeem", "/v2/earn/get-transaction"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": -1}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": "x"}, "offset"),
        ({"profileId": "42"}, "profileId"),
        ({"profileId": "3b6f0c529d1e4a778c405e2d91f7a6b3"}, "profileId"),
        ({"profileId": NOBODY}, "profileId"),
    ],
)
async def test_a_list_refuses_bad_parameters(shop, path, query, field):
    answer = await shop.get(path, **query)
    assert answer.status == answer.body["status"] == 400
    assert list(answer.body["errors"]) == [field]
    assert answer.body["data"] == {}


@pytest.mark.parametrize("path", ["/v1/members", "/v1/redeem", "/v2/earn/get-transaction"])
@pytest.mark.parametrize("limit", [1, 100])
async def test_the_bounds_of_a_page_are_allowed(shop, path, limit):
    assert len((await shop.get(path, limit=limit)).data) == limit


async def test_an_unknown_redemption_choice_is_refused(shop):
    answer = await shop.get("/v1/members", redemptionChoice="Later")
    assert answer.status == 400
    assert list(answer.body["errors"]) == ["redemptionChoice"]


async def test_an_account_may_have_no_tier(shop):
    member = (await shop.get("/v1/members", profileId=shop.profile_id("no_tier"))).data
    account = member["accounts"][0]
    names = ("tierId", "tierExternalReference", "tierTitle", "tierExpiryDate")
    assert [account[name] for name in names] == [None] * 4


async def test_an_inactive_member_is_told_in_the_account(shop):
    query = {"profileId": shop.profile_id("inactive")}
    account = (await shop.get("/v1/members", **query)).data["accounts"][0]
    assert (account["accountStatus"], account["enrollmentStatus"]) == ("Disabled", False)
    shop.turn(closed_account_status="Inactive")
    account = (await shop.get("/v1/members", **query)).data["accounts"][0]
    assert account["accountStatus"] == "Inactive"


async def test_the_shape_of_members_is_a_switch(shop):
    shop.turn(members_shape="array")
    assert numbers((await shop.get("/v1/members", profileId=NADIA)).data) == ["70410002318"]
    shop.turn(members_shape="object")
    assert (await shop.get("/v1/members", lastName="Okafor")).data["firstName"] == "Nadia"
    assert (await shop.get("/v1/members", lastName="Nobody")).data == {}


@pytest.mark.parametrize(
    ("choice", "status", "body_status", "data"),
    [("bad_request", 400, 400, {}), ("not_found", 404, 404, {}), ("empty", 200, 200, None)],
)
async def test_how_an_unknown_member_is_told_is_a_switch(shop, choice, status, body_status, data):
    shop.turn(unknown_member=choice)
    answer = await shop.get("/v1/members", profileId=NOBODY)
    assert (answer.status, answer.body["status"]) == (status, body_status)
    assert answer.body["data"] == data


async def test_a_failure_may_hide_in_an_http_200(shop):
    shop.turn(failures_in_ok=True)
    answer = await shop.get("/v1/members", limit=0)
    assert (answer.status, answer.body["status"]) == (200, 400)
    assert answer.body["errors"]


async def test_a_success_may_carry_an_empty_exception_string(shop):
    shop.turn(errors_on_success="exception_string")
    answer = await shop.get("/v1/members", profileId=NADIA)
    assert answer.status == 200
    assert answer.body["errors"] == {"ExceptionString": []}


async def test_unset_keys_may_be_absent(shop):
    shop.turn(unset_values="absent")
    member = (await shop.get("/v1/members", profileId=NADIA)).data
    assert "middleName" not in member
    assert member["accounts"][0]["tierTitle"] == "Silver"


async def test_a_threshold_may_be_text(shop):
    shop.turn(redemption_threshold_as="string")
    member = (await shop.get("/v1/members", profileId=NADIA)).data
    assert member["accounts"][0]["redemptionThreshold"] == "100.00"


async def test_filters_may_match_a_part(shop):
    shop.turn(text_filters="contains")
    assert numbers((await shop.get("/v1/members", email="aisyah.")).data) == ["70410002321"]


async def test_pages_out_of_bounds_may_be_clamped(shop):
    shop.turn(paging_out_of_bounds="clamped", limit_max=30)
    assert len((await shop.get("/v1/members", limit=500, offset=-4)).data) == 30
    assert len((await shop.get("/v1/members", limit=0)).data) == 1


async def test_limit_may_be_the_last_record(shop):
    shop.turn(limit_means="end")
    plain = numbers((await shop.get("/v1/members")).data)
    assert numbers((await shop.get("/v1/members", offset=15, limit=20)).data) == plain[15:20]
    assert (await shop.get("/v1/members", offset=20, limit=20)).data == []

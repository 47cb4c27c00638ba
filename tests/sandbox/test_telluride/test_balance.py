"""Telluride's GetRewardBalance and affinity list: figures that must agree with the books."""

from typing import Any

import pytest

from .conftest import Desk

BALANCE, AFFINITIES = "GetRewardBalance", "GetMemberAffinitySubscriptions"


def channel(desk: Desk, persona: str, **changes: object) -> dict[str, Any]:
    answer = desk.call(BALANCE, {"memberNumber": desk.number(persona), **changes})
    return answer["totalAvailablePointsSummary"]["channelWisePointsSummary"]["channel"][0]


def buckets(shown: dict[str, Any]) -> list[dict[str, Any]]:
    return shown["availableMemberOwnPointsList"]["memberOwnPointsToExpire"]


@pytest.mark.parametrize("persona", ["rich", "zero", "expiring", "twelve_digits", "surprise"])
def test_the_sums_agree_with_each_other(desk, persona):
    answer = desk.call(BALANCE, {"memberNumber": desk.number(persona)})
    summary = answer["totalAvailablePointsSummary"]
    shown = summary["channelWisePointsSummary"]["channel"][0]
    own = shown["availableBasePoints"] + shown["availableBonusPoints"]
    assert shown["memberOwnPoints"] == own == int(summary["totalAvailableMemberOwnPoints"])
    everything = own + shown["surprisePoints"]
    assert shown["availablePoints"] == everything == int(summary["totalAvailablePoints"])
    assert shown["availablePointsToRedeem"] == own
    assert shown["redeemableDollars"] == f"{(own + 5) // 10 / 100:.2f}"


def test_surprise_points_are_apart_from_own_points(desk):
    shown = channel(desk, "surprise")
    assert (shown["memberOwnPoints"], shown["surprisePoints"]) == (12_500, 2000)
    assert shown["availablePoints"] == 14_500
    assert (shown["availableDollars"], shown["redeemableDollars"]) == ("12.50", "12.50")
    held = shown["availableSurprisePointsList"]["availableSurprisePoints"]
    assert [(offer["offerCode"], offer["surprisePoints"]) for offer in held] == [
        ("SUR-1", "1500"),
        ("SUR-2", "500"),
    ]
    assert held[0]["surprisePointsExpiryDate"] == "20250204"
    assert held[0]["registrationEndDate"] == "2025-02-04 23:59:59"
    assert shown["availableXROfferList"]["totalAvailableXROffers"][0]["xROfferMultiplier"]


def test_the_dollars_may_be_those_of_all_points_by_switch(desk):
    desk.switch(available_dollars="all")
    assert channel(desk, "surprise")["availableDollars"] == "14.50"


def test_at_most_five_buckets_are_answered_nearest_first(desk):
    shown = channel(desk, "rich")
    dates = [bucket["memberOwnExpiryDate"] for bucket in buckets(shown)]
    assert len(dates) == 5
    assert dates == sorted(dates)
    total = sum(int(bucket["memberOwnPoints"]) for bucket in buckets(shown))
    assert total < shown["memberOwnPoints"]


def test_a_bucket_is_text_in_all_and_numbers_in_part(desk):
    assert buckets(channel(desk, "expiring"))[0] == {
        "memberOwnPoints": "1200",
        "memberOwnExpiryDate": "20250117",
        "memberOwnBasePoints": 200,
        "memberOwnBonusPoints": 1000,
    }


def test_points_expire_at_the_end_of_the_central_day(desk):
    at_last = {"currentDate": "2025-01-17", "currentTime": "23:59:59"}
    assert channel(desk, "expiring", **at_last)["memberOwnPoints"] == 9000
    after = {"currentDate": "2025-01-18", "currentTime": "00:00:00"}
    assert channel(desk, "expiring", **after)["memberOwnPoints"] == 7800
    desk.forward(3 * 86_400)
    desk.sign_in_again()
    now = {"currentDate": "absent", "currentTime": "absent"}
    assert channel(desk, "expiring", **now)["memberOwnPoints"] == 7800


def test_the_balance_is_as_of_the_date_asked_for(desk):
    before = channel(desk, "everywhere", currentDate="2024-12-01")
    assert before["memberOwnPoints"] == 10_000 - 2500
    assert channel(desk, "everywhere")["memberOwnPoints"] == 12_500


def test_a_cap_lets_only_so_many_points_out(desk):
    shown = channel(desk, "capped")
    assert (shown["memberOwnPoints"], shown["availablePointsToRedeem"]) == (4200, 2000)
    assert shown["redeemableDollars"] == "2.00"
    assert shown["redemptionCapDetails"] == {
        "capDuration": "DAILY",
        "capValue": "2000",
        "capType": "Points",
    }
    none = {"capDuration": "", "capValue": "0", "capType": ""}
    assert channel(desk, "rich")["redemptionCapDetails"] == none


def test_restricted_points_are_part_of_the_own_points(desk):
    shown = channel(desk, "restricted")
    assert (shown["restrictedPoints"], shown["memberOwnPoints"]) == (1500, 4200)


def test_the_channel_carries_the_code_asked_for(desk):
    assert channel(desk, "rich", channels="SHOP")["channelCode"] == "SHOP"
    assert "channelCode" not in channel(desk, "rich", channels="")
    desk.switch(channel_code=False)
    assert "channelCode" not in channel(desk, "rich", channels="SHOP")


def test_the_identifier_stands_for_the_number_byte_for_byte(desk):
    identifier = desk.state.member(desk.number("rich"))["native_id"]
    assert identifier.endswith("%3D")
    asked = {"memberNumber": "absent", "memberIdentifier": identifier}
    assert desk.call(BALANCE, asked)["memberNumber"] == int(desk.number("rich"))
    decoded = {"memberNumber": "absent", "memberIdentifier": identifier.replace("%3D", "=")}
    assert desk.call(BALANCE, decoded)["additional"]["status"] == "44"


@pytest.mark.parametrize("persona", ["inactive", "merged", "suspended"])
def test_a_balance_is_answered_whatever_the_club_status(desk, persona):
    answer = desk.call(BALANCE, {"memberNumber": desk.number(persona)})
    assert answer["additional"]["statusText"] == "Good Balance"
    assert answer["memberNumber"] == int(desk.number(persona))


def test_the_books_say_the_same(desk):
    for persona in desk.state.personas:
        shown, books = channel(desk, persona.key), desk.state.member(persona.number)
        assert books["points"] == str(shown["availablePointsToRedeem"])
        assert books["worth"] == shown["redeemableDollars"]
        restricted = shown["restrictedPoints"] + shown["surprisePoints"]
        assert books["restricted"] == str(restricted)


def linked(desk: Desk, **changes: object) -> dict[str, list[str]]:
    answer = desk.call(AFFINITIES, {"memberNumber": desk.number("affinities"), **changes})
    return {
        name: [entry["affiliationCode"] for entry in entries]
        for name, entries in answer["affinities"].items()
    }


def test_only_valid_affinities_are_listed_in_one_of_three_arrays(desk):
    assert linked(desk) == {
        "affinity": [],
        "affinityExtended": [],
        "affinityForMemberPricing": ["EXAMPLE1", "PETCLUB", "WAITING"],
    }


def test_the_array_is_a_switch(desk):
    desk.switch(affinity_array="affinity")
    assert linked(desk)["affinity"] == ["EXAMPLE1", "PETCLUB", "WAITING"]
    assert linked(desk)["affinityForMemberPricing"] == []


def test_affinities_are_those_of_the_moment_asked_for(desk):
    future = {"currentDate": "2025-05-30", "currentTime": "12:00:00"}
    assert linked(desk, **future)["affinityForMemberPricing"] == ["EXAMPLE1", "WAITING", "FUTURE"]
    past = {"currentDate": "2024-12-20", "currentTime": "12:00:00"}
    assert "ENDED" in linked(desk, **past)["affinityForMemberPricing"]


def test_an_open_end_is_a_missing_key(desk):
    answer = desk.call(AFFINITIES, {"memberNumber": desk.number("affinities")})
    first, second, _ = answer["affinities"]["affinityForMemberPricing"]
    assert "affinityEndDate" not in first
    assert second["affinityEndDate"] == "2025-04-25"
    assert (first["affinityID"], second["affinityID"]) == ("0", "88001")

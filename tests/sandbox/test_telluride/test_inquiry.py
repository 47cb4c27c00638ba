"""Telluride's ProcessRedemption B and GetApplicableOffers: what a cart could take or bring."""

from dataclasses import replace
from typing import Any

import pytest

from .conftest import Desk, request

REDEMPTION, OFFERS = "ProcessRedemption", "GetApplicableOffers"


def line(amount: str = "20.00", **more: object) -> dict[str, object]:
    first: dict[str, object] = request(REDEMPTION)["LineItems"][0]
    return {**first, "DollarValuePostDisc": amount, **more}


def inquiry(desk: Desk, persona: str = "surprise", **changes: object) -> Any:
    answer = desk.call(REDEMPTION, {"MemberNumber": desk.number(persona), **changes})
    assert answer["Additional"]["Status"] == "0", answer["Additional"]
    return answer


def most(answer: Any) -> tuple[int, int, int]:
    return (
        answer["MaxRedeemablePoints"],
        answer["MaxRedeemableMemberOwnPoints"],
        answer["MaxRedeemableSurprisePoints"],
    )


def test_an_inquiry_spends_nothing(desk):
    before = desk.state.member(desk.number("surprise"))
    answer = inquiry(desk)
    assert (answer["RedemptionPoints"], answer["AuthorizationCode"]) == (0, "")
    assert answer["TotalAvailableRewardPoints"] == answer["TotalAvailableMemberOwnPoints"] == 12_500
    assert desk.state.member(desk.number("surprise")) == before
    assert answer["ResponseText"] == "SUCCESS"


@pytest.mark.parametrize(
    ("function", "expected", "total"),
    [
        ("A", (14_500, 12_500, 2000), 14_500),
        ("", (14_500, 12_500, 2000), 14_500),
        ("P", (14_500, 12_500, 2000), 14_500),
        ("M", (12_500, 12_500, 0), 12_500),
        ("F", (2000, 0, 2000), 2000),
    ],
)
def test_the_sources_are_those_of_the_apply_function(desk, function, expected, total):
    answer = inquiry(desk, ApplyFunction=function)
    assert most(answer) == expected
    assert answer["TotalAvailableRewardPoints"] == total


def test_selected_offers_need_a_list(desk):
    selected = [{"OfferCode": "SUR-1", "Priority": "1"}]
    assert most(inquiry(desk, ApplyFunction="S", MemberSelectedOffers=selected))[0] == 14_500


def test_the_cart_bounds_what_can_be_redeemed(desk):
    answer = inquiry(desk, "rich", LineItems=[line("10.00")])
    assert most(answer) == (10_000, 10_000, 0)
    assert answer["MaxRedeemableDollarValue"] == "10.00"
    assert answer["TotalAvailableMemberOwnPoints"] > 1_000_000


def test_excluded_and_returned_lines_take_nothing(desk):
    cart = [line("1.00"), line("2.00", RedemptionExclusionFlag="Y"), line("4.00", ItemType="2")]
    assert most(inquiry(desk, "rich", LineItems=cart))[0] == 1000


def test_both_sources_together_stay_within_the_cart(desk):
    answer = inquiry(desk, ApplyFunction="A", LineItems=[line("13.00")])
    assert most(answer) == (13_000, 12_500, 2000)


@pytest.mark.parametrize(
    "limit",
    [
        {"MaxRedeemablePoints": "700"},
        {"MaxRedeemableDollarValue": "0.70"},
        {"MaxRedeemableMemberOwnPoints": 700},
    ],
)
def test_limits_of_the_request_bound_the_own_points(desk, limit):
    assert most(inquiry(desk, **limit))[1] == 700


def test_a_cap_bounds_the_own_points(desk):
    assert most(inquiry(desk, "capped")) == (2000, 2000, 0)


def test_the_next_bucket_is_told(desk):
    answer = inquiry(desk, "expiring")
    assert (answer["PointsToExpire"], answer["PointExpirationDate"]) == (1200, "2025-01-17")
    none = inquiry(desk, "zero")
    assert (none["PointsToExpire"], none["PointExpirationDate"]) == (0, "")


def test_points_become_dollars_half_up(desk):
    account = desk.state.world.account(desk.number("everywhere"))
    account.events = [replace(account.events[0], base=405, bonus=18_000)]
    answer = inquiry(desk, "everywhere")
    assert answer["TotalAvailableMemberOwnPoints"] == 18_405
    assert answer["TotalAvailableMemberOwnPointsDollarValue"] == "18.41"


def test_a_guest_has_no_number_and_no_adjustment(desk):
    answer = desk.call(REDEMPTION, {"ApplyFunction": "G", "MemberNumber": "absent"})
    assert answer["Additional"]["Status"] == "0"
    assert (answer["MemberNumber"], answer["TotalAdjustmentAmount"]) == ("", "0.00")
    assert most(answer) == (0, 0, 0)


def test_plain_lines_come_back_wrapped_and_as_text(desk):
    answer = inquiry(desk, LineItems=[line(LineNumber=1, Quantity=1)])
    shown = answer["LineItems"]["LineItem"][0]
    assert (shown["LineNumber"], shown["Quantity"]) == ("1", "1.0")
    assert all(isinstance(value, str | dict) for value in shown.values())
    assert (answer["TransactionNumber"], answer["OrderId"]) == ("4711", "ORD-1001")


def test_surprise_entries_are_in_pascal_case_here(desk):
    answer = inquiry(desk, ApplyFunction="A")
    entry = answer["TotalAvailableSurprisePointsList"]["AvailableSurprisePoints"][0]
    assert (entry["SurprisePoints"], entry["SurprisePointsExpiryDate"]) == ("1500", "2025-02-04")
    hidden = inquiry(desk, ApplyFunction="M")["TotalAvailableSurprisePointsList"]
    assert hidden == {"AvailableSurprisePoints": []}


def test_a_merged_member_is_answered_as_the_survivor(desk):
    assert inquiry(desk, "merged")["MemberNumber"] == desk.number("survivor")


def product(division: str, price: str = "20.00", **more: object) -> dict[str, object]:
    levels = [
        {"LevelCode": "4", "LevelCodeDescription": "Division", "LevelValue": division},
        {"LevelCode": "8", "LevelCodeDescription": "ItemNumber", "LevelValue": "20001"},
    ]
    return {"HierarchyLevels": [{"HierarchyLevel": levels}], "ItemPrice": price, **more}


def offers(desk: Desk, persona: str = "everywhere", **changes: object) -> Any:
    answer = desk.call(OFFERS, {"MemberNumber": desk.number(persona), **changes})
    assert answer["Status"] == "0", answer["StatusText"]
    return answer


def codes(answer: Any) -> list[str]:
    return [offer["OfferCode"] for offer in answer["OffersSet"]["ApplicableOffer"]]


def test_the_example_product_brings_what_the_example_says(desk):
    answer = offers(desk)
    details = answer["RewardsSummary"]["RewardPotentialDetails"][0]
    assert (details["BasePoints"], details["BonusPoints"]) == (200, 1000)
    assert details["RewardPotential"][1]["RewardPotentialValue"] == "1.20"
    assert codes(answer) == ["TOYS50", "SPEND50", "YTD2024", "XR-9", "XR2X"]
    first = answer["OffersSet"]["ApplicableOffer"][0]
    assert (first["Conditional"], first["OfferRewardPotential"]) == ("N", "1000")


def test_no_products_list_everything_live_for_the_member(desk):
    answer = offers(desk, ProductList="absent")
    assert answer["RewardsSummary"]["RewardPotentialDetails"] == []
    shown = codes(answer)
    assert {"TOYS50", "FOOD40", "XR-9"} <= set(shown)
    assert not {"SOON20", "GONE20", "GOLD10"} & set(shown)
    assert "GOLD10" in codes(offers(desk, "rich", ProductList="absent"))


def test_an_unknown_product_is_a_success_with_nothing(desk):
    answer = offers(desk, ProductList={"Product": [product("77")]})
    assert codes(answer) == []
    assert answer["RewardsSummary"] == {"RewardPotentialDetails": []}


def test_a_price_counts_by_quantity(desk):
    answer = offers(desk, ProductList={"Product": [product("4", "2.50", Quantity="4")]})
    details = answer["RewardsSummary"]["RewardPotentialDetails"][0]
    assert (details["BasePoints"], details["BonusPoints"]) == (100, 400)
    assert details["EarliestExpiringOfferDate"] == "2025-03-16T23:59:59"


def test_conditional_offers_are_not_in_the_potential(desk):
    answer = offers(desk, ProductList={"Product": [product("9", "60.00")]})
    details = answer["RewardsSummary"]["RewardPotentialDetails"][0]
    assert (details["BasePoints"], details["BonusPoints"]) == (600, 0)
    spend = next(o for o in answer["OffersSet"]["ApplicableOffer"] if o["OfferCode"] == "SPEND50")
    assert (spend["Conditional"], spend["OfferRewardPotential"]) == ("Y", "2500")


def test_filters_of_the_request(desk):
    assert len(codes(offers(desk, MaxBenefits="2"))) == 2
    assert codes(offers(desk, RequestOfferType="XR")) == ["XR-9", "XR2X"]
    assert "XR-9" not in codes(offers(desk, RequestOfferType="EARN"))
    assert codes(offers(desk, BenefitOnly="Y")) == []
    assert codes(offers(desk, "rich", BenefitOnly="Y")) == ["GOLD10"]
    details = offers(desk, UnconditionalPointsOnly="Y")["RewardsSummary"]["RewardPotentialDetails"]
    assert "BasePoints" not in details[0]


def test_offers_depend_on_the_moment_asked_for(desk):
    assert "SOON20" in codes(offers(desk, CurrentDTTM="2025-01-26 10:00:00"))
    assert "GONE20" in codes(offers(desk, CurrentDTTM="2025-01-09 10:00:00"))
    assert codes(offers(desk, CurrentDTTM="2030-01-01 10:00:00")) == []


def test_an_xr_offer_is_flat_or_has_a_multiplier(desk):
    flat, double = offers(desk, RequestOfferType="XR")["OffersSet"]["ApplicableOffer"]
    assert flat["XRFlatOffer"] == "Y"
    assert (double["XRMultiplier"], "XRFlatOffer" in double) == ("2X", False)


def test_names_are_in_points_only_for_map_compliance(desk):
    items = {"Product": [product("1", MapCompliance="Y")]}
    shown = offers(desk, ProductList=items)["OffersSet"]["ApplicableOffer"][0]
    assert shown["OfferName"] == "Toys: 50 points per dollar"


def test_the_survivor_answers_for_a_merged_member(desk):
    assert offers(desk, "merged")["MemberNumber"] == desk.number("survivor")

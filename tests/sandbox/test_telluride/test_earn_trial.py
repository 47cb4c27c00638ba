"""Telluride's ProcessEarn trials: the sums of lines and offers, returns, guests; nothing stored."""

from dataclasses import replace
from typing import Any

import pytest

from .conftest import Desk, request

API = "ProcessEarn"


def line(number: int = 1, amount: str = "20.00", division: str = "1", **more: object) -> Any:
    return {
        "LineNumber": str(number), "ItemType": "1", "Division": division, "ItemNumber": "20001",
        "Quantity": "1", "DollarValuePostDisc": amount, **more,
    }  # fmt: skip


def trial(desk: Desk, *lines: Any, persona: str = "everywhere", **changes: object) -> Any:
    items = {"LineItems": {"LineItem": list(lines)}} if lines else {}
    answer = desk.call(API, {"MemberNumber": desk.number(persona), **items, **changes})
    reply = answer["ProcessEarnResult"]["ProcessEarnReply"][0]
    assert reply["Additional"]["StatusText"] == "SUCCESS", reply["Additional"]
    return reply


def refusal(desk: Desk, *lines: Any, **changes: object) -> tuple[str, str]:
    fields = {"MemberNumber": desk.number("surprise"), "LineItems": {"LineItem": list(lines)}}
    answer = desk.call(API, {**fields, **changes})
    additional = answer["ProcessEarnResult"]["ProcessEarnReply"][0]["Additional"]
    return additional["Status"], additional["StatusText"]


def earned(reply: Any) -> tuple[str, int]:
    return reply["BasePointsEarned"], reply["BonusPointsEarned"]


def test_the_example_cart_earns_what_the_example_says(desk):
    reply = trial(desk)
    assert earned(reply) == ("200", 1000)
    offers = reply["BonusPointsSummary"]["TxnEarnOffers"]["TxnEarnOffer"]
    assert [(offer["TxnEarnOfferCode"], offer["TxnPointsEarned"]) for offer in offers] == [
        ("TOYS50", 1000)
    ]
    shown = reply["LineItems"]["LineItem"][0]
    assert (shown["BasePoints"], shown["OtherPoints"], shown["CouponPoints"]) == (200, 1000, 0)
    assert shown["EarnOffers"]["EarnOffer"][0]["PointsEarnedTxt"] == "Toys: 1000"
    assert shown["LineAttributes"] == request(API)["LineItems"]["LineItem"][0]["LineAttributes"]
    assert reply["Messages"]["Message"] == [
        "You are a BONUS Member",
        "Current Points Balance: 13,700",
        "Base Points Earned: 200",
        "Bonus Points Earned: 1,000",
    ]


def test_the_total_is_the_projected_balance_and_nothing_is_stored(desk):
    before = desk.state.member(desk.number("everywhere"))
    reply = trial(desk)
    assert reply["TotalPointsEarned"] == str(12_500 + 1200)
    assert desk.state.member(desk.number("everywhere")) == before
    assert trial(desk) == reply


def test_the_total_is_the_lifetime_sum_by_switch(desk):
    desk.switch(total_points_earned="lifetime")
    assert trial(desk)["TotalPointsEarned"] == str(10_000 + 5000 + 1200)


def test_base_points_are_ten_for_a_dollar_after_discounts(desk):
    cart = [line(1, "12.99", "9", DollarValuePreDisc="99.00"), line(2, "0.05", "9")]
    reply = trial(desk, *cart)
    assert [shown["BasePoints"] for shown in reply["LineItems"]["LineItem"]] == [130, 1]
    assert earned(reply) == ("131", 0)


def test_a_flat_offer_is_shared_over_the_lines_without_a_lost_point(desk):
    reply = trial(desk, line(1, "33.33", "9"), line(2, "33.33", "9"), line(3, "33.34", "9"))
    others = [shown["OtherPoints"] for shown in reply["LineItems"]["LineItem"]]
    assert sum(others) == reply["BonusPointsEarned"] == 2500
    assert max(others) - min(others) <= 1


def test_an_offer_by_pieces_counts_quantities(desk):
    assert earned(trial(desk, line(1, "5.00", "7", Quantity="2")))[1] == 0
    assert earned(trial(desk, line(1, "5.00", "7", Quantity="3")))[1] == 500


def test_an_offer_for_a_tier_is_for_that_tier(desk):
    assert earned(trial(desk, line(division="9")))[1] == 0
    assert earned(trial(desk, line(division="9"), persona="rich"))[1] == 200


def test_offers_live_by_the_date_of_the_transaction(desk):
    assert earned(trial(desk, line(division="9"), TransactionDate="2025-01-26"))[1] == 400
    assert earned(trial(desk, TransactionDate="2026-01-15"))[1] == 0


def test_qualified_offers_are_shown_when_asked_for(desk):
    shown = trial(desk)["LineItems"]["LineItem"][0]["QualifiedOffers"]["QualifiedOffer"]
    assert {offer["EarnOfferCode"] for offer in shown} == {"SPEND50", "YTD2024"}
    assert {offer["PointsEarned"] for offer in shown} == {0}
    silent = trial(desk, AttributeList="absent")
    assert silent["LineItems"]["LineItem"][0]["QualifiedOffers"] == {}


def test_a_coupon_given_up_earns_its_worth(desk):
    coupon = {"CouponNumber": "4000100", "AlternateCouponDecision": "P", "DiscountAmount": "0.50"}
    reply = trial(desk, line(division="9", Coupons={"Coupon": [coupon]}))
    assert reply["BonusPointsSummary"]["CouponBonusPointsEarned"] == 500
    assert earned(reply) == ("200", 500)
    taken = coupon | {"AlternateCouponDecision": "D"}
    assert earned(trial(desk, line(division="9", Coupons=[taken]))) == ("200", 0)


def test_the_line_comes_back_as_text_with_its_zeros_lost(desk):
    shown = trial(desk, line(division="01", Quantity=5))["LineItems"]["LineItem"][0]
    assert (shown["Division"], shown["Quantity"]) == ("1", "5.0")
    assert (shown["LineItemAmountTypeCode"], shown["DollarValuePreDisc"]) == ("1", "20.00")


def test_member_pricing_shows_the_savings(desk):
    priced = line(LineItemAmountTypeCode="20", NonMemberPrice="25.00", DollarValuePreDisc="20.00")
    assert trial(desk, priced)["MemberSavingsDollarValue"] == "5.00"


def test_map_compliance_words_offers_in_points_from_version_10(desk):
    def name(version: str) -> str:
        reply = trial(desk, line(MapCompliance="Y"), MessageVersion=version)
        return reply["LineItems"]["LineItem"][0]["EarnOffers"]["EarnOffer"][0]["EarnOfferName"]

    assert name("10") == "Toys: 50 points per dollar"
    assert name("05") == "Toys bonus"


def test_a_guest_has_no_number_and_no_balance(desk):
    guest = {"EarnFlag": "G", "MemberNumber": None, "MessageVersion": "10"}
    answer = desk.call(API, guest)["ProcessEarnResult"]["ProcessEarnReply"][0]
    assert answer["Additional"]["Status"] == "0"
    assert (answer["MemberNumber"], answer["TotalPointsEarned"]) == ("", "0")
    assert earned(answer) == ("200", 1000)


def test_a_merged_member_is_followed_to_the_survivor(desk):
    assert trial(desk, persona="merged")["MemberNumber"] == desk.number("survivor")
    desk.switch(merged_followed=False)
    assert refusal(desk, line(), MemberNumber=desk.number("merged"))[0] == "33"


def test_missing_fields_of_the_published_example_are_forgiven_until_the_switch(desk):
    assert trial(desk, line(), RegisterNumber="absent", TransactionTime="absent")
    desk.switch(strict_required=True)
    assert refusal(desk, line(), RegisterNumber="absent") == ("99", "REGISTER NUMBER IS REQUIRED")
    assert refusal(desk, line()) == ("99", "DOLLAR VALUE PRE DISC IS REQUIRED")


def back(desk: Desk, amount: str, *, persona: str = "surprise", **changes: object) -> Any:
    """A return of the only purchase of a persona (50.00; 500 base and 12000 bonus)."""
    account = desk.state.world.account(desk.number(persona))
    sale = account.events[-1]
    original = {
        "OriginalLineNumber": "1", "OriginalStoreNumber": sale.store.lstrip("0"),
        "OriginalRegisterNumber": "1", "OriginalTransactionNumber": sale.number,
        "OriginalTransactionDate": f"{sale.at:%Y-%m-%d}", "OriginalTransactionTime": "10.05.00",
    }  # fmt: skip
    return line(1, amount, **{"ItemType": "2", **original, **changes})


@pytest.mark.parametrize("kind", ["2", "8", "9"])
def test_a_return_takes_points_back_in_proportion(desk, kind):
    reply = trial(desk, back(desk, "10.00", ItemType=kind), persona="surprise")
    assert earned(reply) == ("-100", -2400)
    assert reply["TotalPointsEarned"] == "10000"
    assert (reply["PointDebit"], reply["CurrencyDebit"]) == ("0", "0")


def test_the_last_return_of_a_line_takes_the_rest_and_no_point_more(desk):
    # Half a base point rounds up to one, twice; the rest makes up for it.
    parts = ["0.05", "0.05", "49.90"]
    lines = [
        back(desk, amount, LineNumber=str(place), OriginalLineNumber="1")
        for place, amount in enumerate(parts, 1)
    ]
    reply = trial(desk, *lines, persona="surprise")
    assert [shown["BasePoints"] for shown in reply["LineItems"]["LineItem"]] == [-1, -1, -498]
    assert earned(reply) == ("-500", -12_000)


def test_an_exchange_is_a_return_and_a_sale_in_one_call(desk):
    reply = trial(desk, line(2, "5.00", "9"), back(desk, "-10.00"), persona="surprise")
    assert earned(reply) == ("-50", -2400)
    assert [shown["ItemType"] for shown in reply["LineItems"]["LineItem"]] == ["1", "2"]


def test_points_already_spent_are_a_debit(desk):
    expensive = back(desk, "50.00", persona="everywhere")
    account = desk.state.world.account(desk.number("everywhere"))
    sale = account.events[-1]
    assert (sale.base, sale.bonus) == (1000, 4000)
    spent = replace(account.events[1], at=sale.at.replace(hour=23))
    account.events = [sale, spent]
    full = expensive | {"DollarValuePostDisc": "100.00"}
    reply = trial(desk, full, persona="everywhere")
    assert earned(reply) == ("-1000", -4000)
    assert (reply["PointDebit"], reply["CurrencyDebit"]) == ("2500", "2.50")
    assert reply["TotalPointsEarned"] == "0"
    assert trial(desk, full, persona="everywhere", PointDebit="2500")["PointDebit"] == "0"


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"OriginalTransactionNumber": "4711"}, "98", "Original transaction not found"),
        ({"OriginalLineNumber": "7"}, "98", "Original transaction not found"),
        ({"OriginalTransactionNumber": ""}, "99", "ORIGINAL TRANSACTION NUMBER IS REQUIRED"),
        ({"OriginalTransactionDate": "?"}, "99", "ORIGINAL TRANSACTION DATE IS INVALID"),
        ({"DollarValuePostDisc": "50.01"}, "99", "RETURNED MORE THAN SOLD"),
        ({"ItemType": "6"}, "99", "ITEM TYPE IS INVALID"),
        ({"Quantity": ""}, "99", "QUANTITY IS REQUIRED"),
        ({"DollarValuePostDisc": "ten"}, "99", "Structural Validation Errors"),
    ],
)
def test_a_return_that_fits_no_sale_is_refused(desk, changes, code, text):
    assert refusal(desk, back(desk, "10.00") | changes) == (code, text)


def test_a_return_by_another_member_is_refused(desk):
    returned = back(desk, "10.00")
    desk.state.member(desk.number("expiring"))
    text = "ORIGINAL TRANSACTION IS INVALID FOR THIS MEMBER"
    assert refusal(desk, returned, MemberNumber=desk.number("zero")) == ("99", text)


def test_a_tender_shows_the_redemption_it_refers_to(desk):
    account = desk.state.world.account(desk.number("everywhere"))
    code = next(event.authorization for event in account.events if event.authorization)
    tender = {"TenderType": "3", "TenderAmount": "2.50", "AuthorizationCode": code}
    reply = trial(desk, TenderList={"Tender": [tender]})
    assert reply["PointsRedeemedOnBaseOffer"] == "2500"
    assert reply["DollarValueOfPointsRedeemedOnBaseOffer"] == "2.50"
    assert reply["TenderList"] == {}

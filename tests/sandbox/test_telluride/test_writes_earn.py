"""Telluride's ProcessEarn E: sales and their repeats, and what each leaves behind."""

import pytest

from .conftest import EXAMPLES
from .test_shapes import differences
from .writing import KEY, bonus, deltas, earn, line, redeem, rows, sound

OWN = 12_500
"""What `everywhere` holds at the start."""


def test_the_example_sale_is_booked_as_the_example_says(desk):
    reply = earn(desk)
    assert reply.pop("outcome") == ("0", "SUCCESS")
    example = EXAMPLES["ProcessEarn"]["response"]["ProcessEarnResult"]["ProcessEarnReply"][0]
    assert list(differences(example, reply)) == []
    assert (reply["BasePointsEarned"], reply["BonusPointsEarned"]) == ("200", 1000)
    assert reply["TotalPointsEarned"] == str(OWN + 1200)
    assert desk.points("everywhere") == OWN + 1200
    assert deltas(desk) == [("earn", 1200)]
    effect = desk.effects(reference=KEY)[0]
    assert (effect["points_before"], effect["points_after"]) == (str(OWN), str(OWN + 1200))
    assert effect["operation"] == "ProcessEarn"
    sound(desk)


def test_the_row_carries_what_was_sent(desk):
    order = {"OrderId": "ORD-1001", "OrderSource": "WEB"}
    earn(desk, OrderDetails=order, TransactionNumber="47")
    row = rows(desk)[0]
    assert (row["StoreLocation"], row["RegisterNumber"]) == ("00001", "001")
    assert (row["TransactionNumber"], row["TransactionDTTM"]) == ("0047", "2025-01-15T10:05:00")
    assert (row["TotalPoints"], row["TotalBasePoints"], row["TotalBonusPoints"]) == (
        1200,
        200,
        1000,
    )
    assert (row["TotalPointsRedeemed"], row["OrderId"]) == (0, "ORD-1001")
    assert (row["OrderSource"], row["GrossSpend"], row["TransactionType"]) == ("LGPH", "20.00", "P")
    assert row["PointBalance"] == OWN + 1200
    codes = [offer["EarnOfferCode"] for offer in row["EarnOffers"]["EarnOffer"]]
    assert codes == ["BASE", "TOYS50"]


def test_the_points_live_for_365_days(desk):
    earn(desk)
    expiring = desk.state.member(desk.number("everywhere"))["expiring"]
    assert {"points": "1200", "at": "2026-01-15"} in expiring


def test_a_repeat_gets_the_first_answer_and_books_nothing(desk):
    first = earn(desk)
    bonus(desk)
    again = earn(desk)
    assert again == first | {"ResponseText": "DUPLICATE"}
    assert deltas(desk) == [("earn", 1200), ("bonus", 2500)]
    assert desk.points("everywhere") == OWN + 1200 + 2500


@pytest.mark.parametrize(
    "same",
    [
        {"TransactionNumber": "4711"},
        {"StoreNumber": "1"},
        {"RegisterNumber": "1"},
        {"TransactionTime": "10.05.00"},
        {"TransactionTotal": "99.00"},
        {"TenderList": "absent"},
    ],
)
def test_the_five_values_are_compared_normalised_and_nothing_else_counts(desk, same):
    earn(desk)
    assert earn(desk, **same)["ResponseText"] == "DUPLICATE"


@pytest.mark.parametrize(
    "other",
    [
        {"TransactionNumber": "4712"},
        {"StoreNumber": "00002"},
        {"RegisterNumber": "002"},
        {"TransactionTime": "10:05:01"},
        {"TransactionDate": "2025-01-14"},
    ],
)
def test_another_of_the_five_values_is_another_sale(desk, other):
    earn(desk)
    assert "ResponseText" not in earn(desk, **other)
    assert len(deltas(desk)) == 2
    sound(desk)


def test_a_missing_register_and_time_stand_for_zeros(desk):
    earn(desk, RegisterNumber="absent", TransactionTime="absent")
    again = earn(desk, RegisterNumber="000", TransactionTime="00:00:00")
    assert again["ResponseText"] == "DUPLICATE"


@pytest.mark.parametrize(
    "changes", [{"persona": "rich"}, {"lines": (line(amount="21.00"),)}, {"lines": (line(2),)}]
)
def test_a_repeat_with_other_content_is_refused(desk, changes):
    first = earn(desk)
    fields = dict(changes)
    lines = fields.pop("lines", ())
    different = ("99", "Transaction already exists with different details")
    assert earn(desk, *lines, **fields)["outcome"] == different
    assert len(deltas(desk)) == 1
    desk.switch(different_details="answer_first")
    answered = earn(desk, *lines, **fields)
    assert answered["TotalPointsEarned"] == first["TotalPointsEarned"]
    assert len(deltas(desk)) == 1


def test_a_repeat_is_not_marked_by_switch(desk):
    first = earn(desk)
    desk.switch(earn_duplicates_marked=False)
    assert earn(desk) == first
    assert len(deltas(desk)) == 1


def test_without_detection_a_repeat_is_booked_again(desk):
    desk.switch(earn_duplicates_detected=False)
    earn(desk)
    assert earn(desk)["TotalPointsEarned"] == str(OWN + 2400)
    assert deltas(desk, reference=KEY) == [("earn", 1200), ("earn", 1200)]
    sound(desk)


def test_a_refused_sale_leaves_the_number_free(desk):
    assert earn(desk, line(ItemType="6"))["outcome"] == ("99", "ITEM TYPE IS INVALID")
    assert desk.effects() == []
    assert earn(desk)["outcome"] == ("0", "SUCCESS")


@pytest.mark.parametrize("persona", ["suspended", "inactive", "pending_verified", "merged_lost"])
def test_nothing_is_booked_for_who_is_not_active(desk, persona):
    assert earn(desk, persona=persona)["outcome"][0] in {"31", "32", "33", "35"}
    assert desk.effects() == []


def test_a_merged_member_earns_on_the_survivor(desk):
    assert earn(desk, persona="merged")["MemberNumber"] == desk.number("survivor")
    assert desk.effects()[0]["member"] == desk.number("survivor")


def test_a_tender_links_the_redemption_of_the_purchase(desk):
    code = redeem(desk)["AuthorizationCode"]
    tender = {"TenderType": "PR", "TenderAmount": "5.00", "AuthorizationCode": code}
    reply = earn(desk, TenderList={"Tender": [tender]})
    assert reply["PointsRedeemedOnBaseOffer"] == "5000"
    assert reply["DollarValueOfPointsRedeemedOnBaseOffer"] == "5.00"
    assert deltas(desk) == [("redeem", -5000), ("earn", 1200)]


def test_a_trial_still_stores_nothing(desk):
    earn(desk, EarnFlag="T")
    assert desk.effects() == []
    assert "ResponseText" not in earn(desk)


def test_a_sale_said_to_be_tomorrow_counts_now(desk):
    earn(desk, TransactionDate="2025-01-16")
    assert desk.points("everywhere") == OWN + 1200
    assert rows(desk)[0]["TransactionDTTM"] == "2025-01-16T10:05:00"
    sound(desk)


def test_the_closing_balance_of_the_summary_counts_the_sale(desk):
    earn(desk)
    number = desk.number("everywhere")
    answer = desk.call("GetMemberActivitySummary", {"memberNumber": number})
    assert (answer["totalEarned"], answer["endingBalance"]) == ("1200", str(OWN + 1200))

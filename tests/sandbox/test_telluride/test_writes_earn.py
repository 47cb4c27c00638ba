"""Telluride's ProcessEarn E: sales, returns, exchanges, repeats, and what each leaves behind."""

import pytest

from .conftest import EXAMPLES, Desk
from .test_shapes import differences
from .writing import KEY, back, bonus, deltas, earn, line, redeem, rows, sound

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
    assert (row["TotalPoints"], row["TotalBasePoints"], row["TotalBonusPoints"]) == (1200, 200, 1000)
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


def sold(desk: Desk, *lines: object) -> None:
    earn(desk, *lines)


def returned(desk: Desk, *lines: object, number: str = "4802", **changes: object):
    return earn(desk, *lines, TransactionNumber=number, TransactionTime="10:30:00", **changes)


def test_a_part_is_taken_back_in_proportion_and_the_last_one_takes_the_rest(desk):
    sold(desk, line(amount="0.30"))
    for number, expected in (("4802", ("-1", -5)), ("4803", ("-1", -5)), ("4804", ("-1", -5))):
        reply = returned(desk, back(amount="0.10"), number=number)
        assert (reply["BasePointsEarned"], reply["BonusPointsEarned"]) == expected
    assert desk.points("everywhere") == OWN
    assert deltas(desk) == [("earn", 18), *[("return", -6)] * 3]
    sound(desk)


def test_a_return_names_its_sale_and_undoes_it(desk):
    sold(desk)
    returned(desk, back())
    sale, undone = desk.effects()
    assert (undone["kind"], undone["undoes"]) == ("return", sale["n"])
    row = rows(desk)[0]
    assert (row["TransactionType"], row["TotalPoints"]) == ("R", -1200)


@pytest.mark.parametrize("kind", ["2", "8", "9"])
def test_a_whole_sale_is_voided_by_returning_every_line(desk, kind):
    sold(desk, line(1), line(2, "7.77"))
    before = desk.points("everywhere")
    returned(desk, back(1, ItemType=kind), back(2, "7.77", ItemType=kind))
    assert desk.points("everywhere") == OWN < before


def test_negative_values_are_read_as_absolute(desk):
    sold(desk)
    reply = returned(desk, back(amount="-20.00", Quantity="-1"))
    assert reply["BasePointsEarned"] == "-200"


@pytest.mark.parametrize(
    ("lines", "outcome"),
    [
        ((back(original="4999"),), ("98", "Original transaction not found")),
        ((back(amount="20.01"),), ("99", "RETURNED MORE THAN SOLD")),
        ((back(), back()), ("99", "RETURNED MORE THAN SOLD")),
    ],
)
def test_a_return_that_cannot_be_is_refused_as_a_whole(desk, lines, outcome):
    sold(desk)
    assert returned(desk, *lines)["outcome"] == outcome
    assert len(desk.effects()) == 1
    assert desk.points("everywhere") == OWN + 1200


def test_somebody_elses_sale_cannot_be_returned(desk):
    sold(desk)
    text = "ORIGINAL TRANSACTION IS INVALID FOR THIS MEMBER"
    assert returned(desk, back(), persona="rich")["outcome"] == ("99", text)


def test_a_return_is_known_by_its_five_values_too(desk):
    sold(desk)
    returned(desk, back(amount="5.00"))
    assert returned(desk, back(amount="5.00"))["ResponseText"] == "DUPLICATE"
    assert len(desk.effects()) == 2


def test_an_exchange_pays_for_itself(desk):
    sold(desk)
    reply = returned(desk, back(1), line(2, "30.00"))
    assert (reply["BasePointsEarned"], reply["BonusPointsEarned"]) == ("100", 500)
    assert desk.points("everywhere") == OWN + 1800
    assert deltas(desk)[1] == ("earn", 600)
    again = returned(desk, back(2, "30.00", original="4802", OriginalTransactionTime="10:30:00"),
                     number="4803")  # fmt: skip
    assert again["BasePointsEarned"] == "-300"
    sound(desk)


def spent_after_selling(desk: Desk) -> None:
    """A member with 300 points left of 1200 sold."""
    earn(desk, persona="zero")
    redeem(desk, 900, persona="zero", TransactionTime="10:10:00")


def test_missing_points_are_reported_and_the_balance_stays_at_zero(desk):
    spent_after_selling(desk)
    reply = returned(desk, back(), persona="zero")
    assert (reply["BasePointsEarned"], reply["BonusPointsEarned"]) == ("-200", -1000)
    assert (reply["PointDebit"], reply["CurrencyDebit"]) == ("900", "0.90")
    assert reply["TotalPointsEarned"] == "0"
    assert desk.points("zero") == 0
    assert deltas(desk)[-1] == ("return", -300)
    sound(desk)


@pytest.mark.parametrize("paid", [{"PointDebit": "900"}, {"CurrencyDebit": "0.90"}])
def test_a_shortage_that_is_paid_is_not_reported(desk, paid):
    spent_after_selling(desk)
    assert returned(desk, back(), persona="zero", **paid)["PointDebit"] == "0"
    assert desk.points("zero") == 0


@pytest.mark.parametrize(
    ("experience", "left", "short"), [("RB", 0, "900"), ("GN", -900, "0"), ("NR", 300, "0")]
)
def test_the_experience_counts_in_reprocessing_only(desk, experience, left, short):
    spent_after_selling(desk)
    source = {"MemberExperience": experience, "Source": "REPROCESS"}
    reply = returned(desk, back(), persona="zero", **source)
    assert (reply["TotalPointsEarned"], reply["PointDebit"]) == (str(left), short)
    assert desk.points("zero") == left
    sound(desk)


def test_without_a_source_the_experience_is_ignored(desk):
    spent_after_selling(desk)
    assert returned(desk, back(), persona="zero", MemberExperience="GN")["PointDebit"] == "900"


def test_a_balance_below_zero_by_switch_is_paid_by_the_next_sale(desk):
    desk.switch(return_shortage="go_negative")
    spent_after_selling(desk)
    returned(desk, back(), persona="zero")
    assert desk.points("zero") == -900
    reply = earn(desk, persona="zero", TransactionNumber="4900")
    assert (reply["TotalPointsEarned"], desk.points("zero")) == ("300", 300)
    sound(desk)


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

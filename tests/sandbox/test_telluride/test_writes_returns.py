"""Telluride's ProcessEarn E taking back: returns, exchanges, and points that are gone already."""

import pytest

from .conftest import Desk
from .writing import back, deltas, earn, line, redeem, rows, sound

OWN = 12_500
"""What `everywhere` holds at the start."""


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

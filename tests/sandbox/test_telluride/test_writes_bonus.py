"""Telluride's PostExternalBonus: offers, caps, signs, validity, and that a repeat posts again."""

import pytest

from .conftest import EXAMPLES, Desk
from .test_shapes import differences
from .writing import BONUS, bonus, deltas, rows, sound

OWN = 12_500
STRUCTURAL = ("99", "Structural validation errors")
DAY = 86_400
POINTS_NEEDED = (
    "Points not awarded - Points to be awarded is required in the request "
    "as the validation flag is Off in the offer"
)


def test_the_example_posting_answers_with_the_balance(desk):
    answer = desk.call(BONUS, {"MemberNumber": desk.number("everywhere")})
    assert list(differences(EXAMPLES[BONUS]["response"], answer)) == []
    assert (answer["Status"], answer["CurrentBalance"]) == ("0", OWN + 2500)
    effect = desk.effects()[0]
    number = desk.number("everywhere")
    assert effect["reference"] == f"LGPH/WELCOME1/{number}/B-0001/2025-01-15T11:00:00"
    assert (effect["kind"], effect["delta"]) == ("bonus", "2500")
    sound(desk)


def test_posted_points_are_bonus_points_until_their_end(desk):
    bonus(desk)
    held = desk.state.member(desk.number("everywhere"))["expiring"]
    assert {"points": "2500", "at": "2025-04-15"} in held
    assert desk.balance("everywhere")["totalAvailableBonusPoints"] == "10000"


@pytest.mark.parametrize(("offer", "until"), [("WELCOME1", "2026-01-15"), ("MONTH", "2025-02-14")])
def test_without_an_end_the_offer_says_how_long(desk, offer, until):
    bonus(desk, OfferId=offer, PointsStartDate="absent", PointsEndDate="absent")
    held = desk.state.member(desk.number("everywhere"))["expiring"]
    assert {"points": "2500", "at": until} in held


def test_a_repeat_posts_again(desk):
    bonus(desk)
    assert bonus(desk)["CurrentBalance"] == OWN + 5000
    assert deltas(desk) == [("bonus", 2500), ("bonus", 2500)]
    sound(desk)


def test_a_repeat_is_recognised_by_switch(desk):
    desk.switch(bonus_duplicates_detected=True)
    first = bonus(desk)
    assert bonus(desk) == first
    assert len(desk.effects()) == 1
    bonus(desk, TransactionNumber="B-0002")
    assert len(desk.effects()) == 2


def test_points_are_taken_off_with_a_sign(desk):
    assert bonus(desk, "-12500")["CurrentBalance"] == 0
    assert rows(desk)[0]["TotalBonusPoints"] == -12_500
    assert bonus(desk, "-1")["outcome"] == ("99", "Points not available")
    assert deltas(desk) == [("bonus", -12_500)]
    sound(desk)


def test_points_with_a_later_start_come_when_it_has_come(desk):
    later = {"PointsStartDate": "2025-01-18T00:00:00", "PointsEndDate": "2025-01-20T00:00:00"}
    assert bonus(desk, **later)["CurrentBalance"] == OWN
    assert len(rows(desk)) == 1
    desk.forward(3 * DAY)
    desk.sign_in_again()
    assert desk.points("everywhere") == OWN + 2500
    sound(desk)
    desk.forward(3 * DAY)
    desk.sign_in_again()
    assert desk.points("everywhere") == OWN
    sound(desk)
    assert deltas(desk) == [("bonus", 0), ("activate", 2500), ("expire", -2500)]
    assert desk.effects()[1]["reference"] == desk.effects()[0]["reference"]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"OfferId": "NOSUCH"}, ("2", "Bonus Offer Code Not Defined")),
        ({"OfferId": "ASLEEP"}, ("2", "OfferId is not activated")),
        ({"OfferId": "SOON"},
         ("2", "Points not awarded - Request date does not meet the offer earn period")),
        ({"OfferId": "OVER"},
         ("2", "Points not awarded - Request date does not meet the offer earn period")),
        ({"OfferId": "GOLDONLY"}, ("5", "Offer Qualification failed")),
        ({"MemberNumber": "7081999999999995"}, ("44", "Club ID Not Found")),
        ({"MemberNumber": "seven"}, ("44", "Club ID Not Found")),
        ({"persona": "inactive"}, ("44", "Member is not Active")),
        ({"persona": "suspended"}, ("44", "Member is not Active")),
        ({"MemberNumber": ""}, STRUCTURAL),
        ({"OfferId": ""}, STRUCTURAL),
        ({"TransactionTs": "2025-01-15"}, STRUCTURAL),
        ({"PointsEndDate": "soon"}, STRUCTURAL),
        ({"PointsStartDate": "9999-12-31T00:00:00"}, STRUCTURAL),
        ({"points": "9" * 12}, ("99", "Points should be numeric")),
        ({"PointsEndDate": "2025-01-14T00:00:00"}, STRUCTURAL),
        ({"FileIdentifier": "OTHR"}, STRUCTURAL),
        ({"FileIdentifier": ""}, ("99", "FileIdentifier is a required field")),
        ({"RequestorID": "absent"}, ("99", "RequestorId is a required field")),
        ({"RequestorID": "OTHR"}, ("99", "Requestor Id invalid")),
        ({"MessageVersion": "x"}, ("2", "MESSAGE VERSION IS NOT VALID")),
        ({"Channel": "WEB"},
         ("99", "Provide either OfferId or Channel in the request, not both")),
        ({"points": "absent"}, ("99", "Points to Add is a required field")),
        ({"points": "many"}, ("99", "Points should be numeric")),
        ({"points": "0"}, ("99", "PointsToAdd is invalid- Bank will not allow 0 points")),
        ({"points": ""},
         ("99", POINTS_NEEDED)),
        ({"points": "", "OfferId": "NOFLAT"},
         ("99", "Flats points are not defined in the Offer_earn_screen for the offer")),
    ],
)  # fmt: skip
def test_a_refused_posting_changes_nothing(desk, changes, outcome):
    assert bonus(desk, **changes)["outcome"] == outcome
    assert desk.effects() == []


def test_a_member_may_be_kept_from_earning(desk):
    desk.switch(bonus_ineligible=desk.number("everywhere"))
    assert bonus(desk)["outcome"] == ("45", "Member not eligible to Earn Points")


def test_an_offer_with_points_of_its_own_needs_none_sent(desk):
    assert bonus(desk, "", OfferId="FLAT500")["CurrentBalance"] == OWN + 500


def test_an_offer_for_a_tier_is_for_that_tier(desk):
    assert bonus(desk, persona="rich", OfferId="GOLDONLY")["outcome"][0] == "0"


@pytest.mark.parametrize(
    ("offer", "before", "text"),
    [
        ("CAPMP", ["everywhere", "everywhere"], "Points awarded cap for the member"),
        ("CAPMT", ["everywhere", "everywhere"], "Times awarded cap for the member"),
        ("CAPOP", ["everywhere", "rich", "zero", "surprise"], "Points awarded cap for the offer"),
        ("CAPOT", ["rich", "zero", "surprise"], "Times awarded cap for the offer"),
    ],
)
def test_a_cap_refuses_what_goes_beyond_it(desk, offer, before, text):
    for persona in before:
        assert bonus(desk, persona=persona, OfferId=offer)["outcome"][0] == "0"
    refused = ("2", f"Points not awarded - {text} has exceeded")
    assert bonus(desk, OfferId=offer)["outcome"] == refused
    assert len(desk.effects()) == len(before)


def test_a_cap_of_a_member_is_that_members_own(desk: Desk) -> None:
    for persona in ("everywhere", "everywhere", "rich"):
        assert bonus(desk, persona=persona, OfferId="CAPMT")["outcome"][0] == "0"

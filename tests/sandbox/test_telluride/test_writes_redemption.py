"""Telluride's ProcessRedemption R and V: points taken, repeated, refused and put back."""

import pytest

from .conftest import EXAMPLES, Desk, request
from .test_shapes import differences
from .writing import KEY, bonus, deltas, earn, redeem, rows, sound, void

OWN = 12_500
"""What `everywhere` and `surprise` hold of their own at the start."""

STRUCTURAL = ("99", "Structural Validation Errors")
BAD_POINTS = ("94", "Points not valid")


def item(amount: str, **more: object) -> dict[str, object]:
    first: dict[str, object] = request("ProcessRedemption")["LineItems"][0]
    return {**first, "DollarValuePostDisc": amount, **more}


def lots(desk: Desk, persona: str) -> list[tuple[str, str]]:
    held = desk.state.member(desk.number(persona))["expiring"]
    return [(lot["points"], lot["at"]) for lot in held]


def test_the_example_redemption_answers_as_the_example_says(desk):
    reply = redeem(desk)
    assert reply.pop("outcome") == ("0", "SUCCESS")
    assert list(differences(EXAMPLES["ProcessRedemption"]["response"], reply)) == []
    assert (reply["RedemptionPoints"], reply["RedemptionDollarValue"]) == (5000, "5.00")
    assert (reply["MaxRedeemablePoints"], reply["TotalAvailableRewardPoints"]) == (12_500, 7500)
    assert reply["TotalAvailableMemberOwnPoints"] == OWN
    assert reply["PointsRedeemedOnBaseOffer"] == "5000"
    shown = reply["LineItems"]["LineItem"][0]
    assert (shown["PointsRedeemed"], shown["DollarValueOfPointsRedeemed"]) == ("5000", "5.00")
    offer = shown["RedemptionOffersList"]["RedemptionOffer"][0]
    assert (offer["OfferPointsRedeemed"], offer["RedeemedPointsXRDollarValue"]) == (5000, 5)
    assert desk.points("everywhere") == OWN - 5000
    assert deltas(desk, reference=KEY) == [("redeem", -5000)]
    sound(desk)


def test_a_code_has_eight_characters_and_is_nobody_elses(desk):
    codes = [redeem(desk, 1, TransactionNumber=number)["AuthorizationCode"] for number in range(60)]
    assert len(set(codes)) == 60
    assert all(len(code) == 8 and code.isalnum() and code == code.upper() for code in codes)


def test_the_nearest_expiry_goes_first_and_comes_back_by_a_void(desk):
    before = lots(desk, "everywhere")
    code = redeem(desk, 8000)["AuthorizationCode"]
    assert lots(desk, "everywhere") == [("4500", before[1][1])]
    void(desk, code)
    assert lots(desk, "everywhere") == before
    assert deltas(desk) == [("redeem", -8000), ("void", 8000)]
    sound(desk)


def test_points_are_shared_over_the_lines_in_their_order(desk):
    cart = [item("2.00", RedemptionExclusionFlag="Y"), item("1.50"), item("3.00", ItemType="2"),
            item("4.00")]  # fmt: skip
    reply = redeem(desk, 5000, LineItems=cart)
    shares = [shown["PointsRedeemed"] for shown in reply["LineItems"]["LineItem"]]
    assert shares == ["0", "1500", "0", "3500"]


def test_surprise_points_go_first_when_they_are_considered(desk):
    reply = redeem(desk, 2200, persona="surprise", ApplyFunction="A")
    offer = reply["LineItems"]["LineItem"][0]["RedemptionOffersList"]["RedemptionOffer"][0]
    assert (offer["SurprisePointsRedeemed"], offer["MemberOwnPointsRedeemed"]) == ("2000", "200")
    assert desk.points("surprise") == OWN - 200
    assert deltas(desk) == [("redeem", -2200)]
    assert rows(desk, "surprise")[0]["TotalPointsRedeemed"] == 2200
    void(desk, reply["AuthorizationCode"], persona="surprise")
    assert redeem(desk, 2000, persona="surprise", ApplyFunction="F", TransactionNumber=9)[
        "outcome"
    ] == ("0", "SUCCESS")
    assert desk.points("surprise") == OWN
    sound(desk)


def test_the_nearest_surprise_goes_first(desk):
    redeem(desk, 700, persona="surprise", ApplyFunction="F")
    held = {offer.code: offer.points for offer in account(desk, "surprise").member.surprises}
    assert held == {"SUR-2": 0, "SUR-1": 1300}


def account(desk: Desk, persona: str):
    return desk.state.world.account(desk.number(persona))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"RedemptionPoints": "12501"}, ("1", "Points Not Available")),
        ({"LineItems": [item("4.99")]}, BAD_POINTS),
        ({"RedemptionPoints": "0"}, BAD_POINTS),
        ({"RedemptionPoints": "-5"}, BAD_POINTS),
        ({"RedemptionPoints": "10.5"}, BAD_POINTS),
        ({"RedemptionDollarValue": "5.02"}, BAD_POINTS),
        ({"MaxRedeemablePoints": "4999"}, BAD_POINTS),
        ({"MaxRedeemableDollarValue": "4.99"}, BAD_POINTS),
        ({"MaxRedeemableMemberOwnPoints": "4999"}, BAD_POINTS),
        ({"LineItems": []}, STRUCTURAL),
        ({"ApplyFunction": "S"}, STRUCTURAL),
        ({"TransactionTime": "noon"}, STRUCTURAL),
        ({"persona": "suspended"}, ("31", "Member's status is Suspended")),
        ({"persona": "inactive"}, ("32", "Member's status is Inactive")),
        ({"persona": "pending_verified"}, ("35", "Member's status is Pending Verified")),
        ({"persona": "capped", "RedemptionPoints": "2001"}, ("1", "Points Not Available")),
    ],
)
def test_a_refused_redemption_takes_nothing(desk, changes, outcome):
    reply = redeem(desk, **changes)
    assert reply["outcome"] == outcome
    assert (reply["AuthorizationCode"], reply["RedemptionPoints"]) == ("", 0)
    assert desk.effects() == []
    assert rows(desk, changes.get("persona", "everywhere")) == []


def test_the_dollars_may_be_a_cent_off(desk):
    assert redeem(desk, 5000, RedemptionDollarValue="5.01")["outcome"][0] == "0"


def test_a_limit_of_zero_is_none(desk):
    assert redeem(desk, MaxRedeemablePoints="0", MaxRedeemableDollarValue="")["outcome"][0] == "0"


def test_a_repeat_gets_the_same_code_and_takes_nothing(desk):
    first = redeem(desk, 12_000)
    again = redeem(desk, 12_000)
    assert again == first | {"ResponseText": "DUPLICATE", "DuplicateResponse": "Y"}
    assert deltas(desk) == [("redeem", -12_000)]
    assert len(rows(desk)) == 1


@pytest.mark.parametrize(
    ("mark", "shown"),
    [
        ("letter", ("Y", None)),
        ("text", ("DUPLICATE", None)),
        ("flag", ("SUCCESS", "Y")),
        ("none", ("SUCCESS", None)),
    ],
)
def test_a_repeat_is_marked_as_the_switch_says(desk, mark, shown):
    code = redeem(desk)["AuthorizationCode"]
    desk.switch(redemption_duplicate_mark=mark)
    again = redeem(desk)
    assert (again["ResponseText"], again.get("DuplicateResponse")) == shown
    assert again["AuthorizationCode"] == code
    assert len(deltas(desk)) == 1


@pytest.mark.parametrize(
    "other", [{"points": 4000}, {"persona": "rich"}, {"LineItems": [item("21.00")]}]
)
def test_a_repeat_with_other_content_is_refused(desk, other):
    code = redeem(desk)["AuthorizationCode"]
    different = ("99", "Transaction already exists with different details")
    assert redeem(desk, **other)["outcome"] == different
    assert len(deltas(desk)) == 1
    desk.switch(different_details="answer_first")
    assert redeem(desk, **other)["AuthorizationCode"] == code
    assert len(deltas(desk)) == 1


def test_without_detection_a_repeat_takes_points_again(desk):
    desk.switch(redemption_duplicates_detected=False)
    first, second = redeem(desk), redeem(desk)
    assert first["AuthorizationCode"] != second["AuthorizationCode"]
    assert deltas(desk, reference=KEY) == [("redeem", -5000), ("redeem", -5000)]
    assert "DuplicateResponse" not in second
    sound(desk)


def test_without_a_number_there_is_nothing_to_recognise(desk):
    redeem(desk, 100, TransactionNumber="absent")
    redeem(desk, 100, TransactionNumber="absent")
    assert len(deltas(desk)) == 2


def test_the_earn_of_the_same_purchase_is_no_repeat(desk):
    redeem(desk)
    assert "ResponseText" not in earn(desk)
    assert [kind for kind, _ in deltas(desk, reference=KEY)] == ["redeem", "earn"]


def test_an_inquiry_is_needed_first_by_switch(desk):
    desk.switch(balance_inquiry_required=True)
    assert redeem(desk)["outcome"] == ("91", "Required Balance inquiry.")
    assert desk.effects() == []
    redeem(desk, Function="B")
    assert redeem(desk)["outcome"][0] == "0"
    assert redeem(desk)["ResponseText"] == "DUPLICATE"
    assert redeem(desk, TransactionNumber=4713)["outcome"][0] == "91"


def test_a_guest_has_no_points_to_spend_and_no_effect(desk):
    reply = redeem(desk, ApplyFunction="G", MemberNumber="absent")
    assert (reply["outcome"][0], reply["TotalAdjustmentAmount"]) == ("0", "0.00")
    assert desk.effects() == []


def test_a_void_answers_in_the_form_of_a_redemption(desk):
    code = redeem(desk)["AuthorizationCode"]
    reply = void(desk, code)
    assert reply.pop("outcome") == ("0", "SUCCESS")
    assert list(differences(EXAMPLES["ProcessRedemption"]["response"], reply)) == []
    assert (reply["RedemptionPoints"], reply["AuthorizationCode"]) == (5000, code)
    assert (reply["TotalAvailableMemberOwnPoints"], reply["TotalAvailableRewardPoints"]) == (
        7500,
        OWN,
    )
    taken, restored = desk.effects()
    assert (restored["reference"], restored["undoes"]) == (code, taken["n"])
    sound(desk)


def test_a_second_void_is_93_and_puts_nothing_back(desk):
    code = redeem(desk)["AuthorizationCode"]
    void(desk, code)
    assert void(desk, code)["outcome"] == ("93", "Redemption already voided")
    assert void(desk, code, TransactionNumber=4799)["outcome"][0] == "93"
    assert len(desk.effects()) == 2


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"AuthorizationCode": "NOSUCH00"}, ("99", "Authorization code is invalid")),
        ({"persona": "rich"}, ("99", "Authorization code is invalid")),
        ({"AuthorizationCode": ""}, STRUCTURAL),
        ({"OrderStoreNumber": ""}, STRUCTURAL),
        ({"TransactionDate": "today"}, STRUCTURAL),
        ({"MemberNumber": ""}, ("3", "Invalid Member Number/Password")),
    ],
)
def test_a_void_that_cannot_be_is_refused(desk, changes, outcome):
    code = redeem(desk)["AuthorizationCode"]
    assert void(desk, code, **changes)["outcome"] == outcome
    assert len(desk.effects()) == 1
    assert desk.points("everywhere") == OWN - 5000


def test_a_void_after_the_earn_leaves_its_points_alone(desk):
    code = redeem(desk)["AuthorizationCode"]
    tender = {"TenderType": "PR", "TenderAmount": "5.00", "AuthorizationCode": code}
    earn(desk, TenderList={"Tender": [tender]})
    assert void(desk, code)["outcome"][0] == "0"
    assert desk.points("everywhere") == OWN + 1200


def test_points_restored_after_their_expiry_expire_at_once(desk):
    code = redeem(desk, 1200, persona="expiring")["AuthorizationCode"]
    desk.forward(5 * 86_400)
    desk.sign_in_again()
    reply = void(desk, code, persona="expiring")
    assert (reply["RedemptionPoints"], reply["TotalAvailableRewardPoints"]) == (1200, 7800)
    assert desk.points("expiring") == 7800
    assert deltas(desk) == [("redeem", -1200), ("void", 1200), ("expire", -1200)]
    sound(desk)


def test_points_are_restored_with_a_new_life_by_switch(desk):
    desk.switch(void_restores="fresh")
    code = redeem(desk, 1200, persona="expiring")["AuthorizationCode"]
    void(desk, code, persona="expiring")
    assert ("1200", "2026-01-15") in lots(desk, "expiring")
    sound(desk)


def test_a_seeded_redemption_can_be_voided_too(desk):
    everybody = account(desk, "everywhere")
    code = next(event.authorization for event in everybody.events if event.kind == "D")
    assert void(desk, code)["RedemptionPoints"] == 2500
    assert desk.points("everywhere") == OWN + 2500
    sound(desk)


def test_a_merged_member_redeems_and_voids_as_the_survivor(desk):
    reply = redeem(desk, 1000, persona="merged")
    assert reply["MemberNumber"] == desk.number("survivor")
    assert void(desk, reply["AuthorizationCode"], persona="merged")["outcome"][0] == "0"


def test_points_that_expire_meanwhile_are_effects_of_their_own(desk):
    redeem(desk, 100, persona="expiring")
    desk.forward(3 * 86_400)
    desk.sign_in_again()
    bonus(desk, "10", persona="expiring")
    assert deltas(desk) == [("redeem", -100), ("expire", -1100), ("bonus", 10)]
    sound(desk)

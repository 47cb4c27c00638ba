"""What Telluride's activity shows of writes, and every switch a client's search hangs on."""

import pytest

from .conftest import Desk
from .writing import bonus, deltas, earn, redeem, rows, void


def redeemed_and_voided(desk: Desk) -> None:
    void(desk, redeem(desk)["AuthorizationCode"])


def shown(desk: Desk) -> list[tuple[str, str, int]]:
    return [
        (row["TransactionType"], row["ProcessStatus"], row["TotalPointsRedeemed"])
        for row in rows(desk)
    ]


def test_a_redemption_makes_a_row_at_once(desk):
    redeem(desk)
    row = rows(desk)[0]
    assert (row["StoreLocation"], row["RegisterNumber"], row["TransactionNumber"]) == (
        "00001", "001", "4711",
    )  # fmt: skip
    assert (row["TransactionDTTM"], row["OrderId"]) == ("2025-01-15T10:05:00", "ORD-1001")
    assert (row["TotalPoints"], row["TotalPointsRedeemed"]) == (0, 5000)
    assert len(row["TransactionID"]) == 32
    assert "AuthorizationCode" not in row


def test_a_voided_redemption_keeps_its_row_and_gets_another(desk):
    redeemed_and_voided(desk)
    assert shown(desk) == [("V", "A", -5000), ("D", "V", 5000)]


@pytest.mark.parametrize(
    ("form", "expected"),
    [("status_only", [("D", "V", 5000)]), ("row_only", [("V", "A", -5000), ("D", "A", 5000)])],
)
def test_a_void_shows_in_one_way_only_by_switch(desk, form, expected):
    desk.switch(void_rows=form)
    redeemed_and_voided(desk)
    assert shown(desk) == expected


def test_a_bare_redemption_shows_only_inside_its_earn_by_switch(desk):
    desk.switch(bare_redemption_row=False)
    code = redeem(desk)["AuthorizationCode"]
    assert rows(desk) == []
    tender = {"TenderType": "PR", "TenderAmount": "5.00", "AuthorizationCode": code}
    earn(desk, TenderList={"Tender": [tender]})
    assert shown(desk) == [("P", "A", 5000)]
    void(desk, code)
    assert shown(desk) == [("P", "A", 0)]


@pytest.mark.parametrize("write", [redeem, earn, bonus])
def test_a_delay_hides_what_was_written_until_it_is_old_enough(desk, write):
    desk.switch(activity_delay_seconds=30)
    write(desk)
    assert rows(desk) == []
    desk.forward(29)
    assert rows(desk) == []
    desk.forward(1)
    assert len(rows(desk)) == 1


def test_a_posting_shows_its_points_number_time_and_offer(desk):
    bonus(desk, TransactionNumber="12345678")
    row = rows(desk)[0]
    assert (row["TotalBonusPoints"], row["TotalBasePoints"]) == (2500, 0)
    assert (row["TransactionNumber"], row["TransactionDTTM"]) == ("12345678", "2025-01-15T11:00:00")
    assert row["EarnOffers"]["EarnOffer"][0]["EarnOfferCode"] == "WELCOME1"
    assert row["TransactionType"] == "B"


def test_a_posting_does_not_show_by_switch(desk):
    desk.switch(bonus_row=False)
    bonus(desk)
    assert rows(desk) == []
    assert deltas(desk) == [("bonus", 2500)]


def test_rows_carry_the_time_of_posting_by_switch(desk):
    desk.switch(row_times="posted")
    redeem(desk)
    assert rows(desk)[0]["TransactionDTTM"] == "2025-01-15T10:00:00"


def test_numbers_are_bare_by_switch(desk):
    redeem(desk, TransactionNumber="47")
    assert rows(desk)[0]["TransactionNumber"] == "0047"
    desk.switch(row_transaction_number="bare")
    assert rows(desk)[0]["TransactionNumber"] == "47"


def test_every_row_is_a_purchase_by_switch(desk):
    redeemed_and_voided(desk)
    bonus(desk)
    desk.switch(row_types="only_p")
    assert {row["TransactionType"] for row in rows(desk)} == {"P"}


def test_fields_are_left_out_by_switch(desk):
    redeem(desk)
    desk.switch(activity_fields_missing="RegisterNumber, TransactionNumber")
    row = rows(desk)[0]
    assert "RegisterNumber" not in row
    assert "TransactionNumber" not in row
    assert row["TotalPointsRedeemed"] == 5000


def test_the_window_filters_on_the_time_that_was_sent(desk):
    redeem(desk, TransactionDate="2025-03-03")
    assert rows(desk)[0]["TransactionDTTM"] == "2025-03-03T10:05:00"
    number = desk.number("everywhere")
    today = {"StartDTTM": "2025-01-15T00:00:00", "EndDTTM": "2025-01-15T23:59:59"}
    answer = desk.call("GetMemberActivityDetail", {"MemberNumber": number, **today})
    assert answer["TransactionDetails"] == {}


def test_a_void_lowers_what_the_summary_says_was_redeemed(desk):
    redeem(desk, 1000, TransactionNumber=1)
    redeemed_and_voided(desk)
    answer = desk.call("GetMemberActivitySummary", {"memberNumber": desk.number("everywhere")})
    assert (answer["totalRedeemed"], answer["endingBalance"]) == ("1000", "11500")

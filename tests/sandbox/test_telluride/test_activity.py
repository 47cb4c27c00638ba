"""Telluride's activity: the identity of the summary, the rows of a window, and its switches."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox.telluride.points import Event, Line
from sandbox.telluride.times import CENTRAL

from .conftest import NOW, Desk

SUMMARY, DETAIL = "GetMemberActivitySummary", "GetMemberActivityDetail"
LONG_AGO, TODAY = "2023-06-01T00:00:00", "2025-01-15T23:59:59"
WINDOWS = [
    (LONG_AGO, TODAY),
    ("2024-01-01T00:00:00", "2024-12-31T23:59:59"),
    ("2024-11-01T00:00:00", "2024-11-30T23:59:59"),
    ("2025-01-15T00:00:00", "2025-06-30T00:00:00"),
]


def summary(desk: Desk, number: str, window: tuple[str, str]) -> dict[str, int]:
    answer = desk.call(
        SUMMARY, {"memberNumber": number, "startDate": window[0], "endDate": window[1]}
    )
    assert answer["status"] == "0"
    names = ("startingBalance", "totalEarned", "totalRedeemed", "totalExpired", "endingBalance")
    assert all(isinstance(answer[name], str) for name in names)
    return {name: int(answer[name]) for name in names}


def rows(desk: Desk, number: str, **changes: object) -> list[dict[str, Any]]:
    fields = {"MemberNumber": number, "StartDTTM": "2024-01-16T00:00:00", "EndDTTM": TODAY}
    answer = desk.call(DETAIL, {**fields, **changes})
    assert answer["Status"] == "0"
    return answer["TransactionDetails"].get("TransactionDetail", [])


def crowd(desk: Desk) -> list[str]:
    personas = [persona.number for persona in desk.state.personas]
    return personas + list(desk.state.world.members)[1000:1150]


@pytest.mark.parametrize("window", WINDOWS)
def test_opening_plus_earned_less_redeemed_less_expired_is_closing(desk, window):
    seen: Counter[str] = Counter()
    for number in crowd(desk):
        shown = summary(desk, number, window)
        change = shown["totalEarned"] - shown["totalRedeemed"] - shown["totalExpired"]
        assert shown["startingBalance"] + change == shown["endingBalance"], number
        seen += Counter(name for name, value in shown.items() if value)
    if window == WINDOWS[0]:
        assert seen.keys() == {"totalEarned", "totalRedeemed", "totalExpired", "endingBalance"}


def test_the_closing_balance_is_the_reward_balance(desk):
    for number in crowd(desk):
        balance = desk.call("GetRewardBalance", {"memberNumber": number})
        own = balance["totalAvailablePointsSummary"]["totalAvailableMemberOwnPoints"]
        assert summary(desk, number, (LONG_AGO, TODAY))["endingBalance"] == int(own)


def test_neighbouring_windows_share_a_balance(desk):
    for number in crowd(desk)[:60]:
        first = summary(desk, number, ("2024-10-01T00:00:00", "2024-10-31T23:59:59"))
        second = summary(desk, number, ("2024-11-01T00:00:00", "2024-11-30T23:59:59"))
        assert first["endingBalance"] == second["startingBalance"]


def test_the_rows_add_up_to_the_summary(desk):
    window = ("2024-01-16T00:00:00", TODAY)
    for number in crowd(desk)[:60]:
        shown, details = summary(desk, number, window), rows(desk, number)
        assert sum(row["TotalPoints"] for row in details) == shown["totalEarned"]
        assert sum(row["TotalPointsRedeemed"] for row in details) == shown["totalRedeemed"]
        assert sum(row["TotalExpired"] for row in details) == shown["totalExpired"]
        if details:
            assert details[0]["PointBalance"] == shown["endingBalance"]


def test_the_seeded_history_has_every_kind_of_row(desk):
    kinds = {row["TransactionType"] for number in crowd(desk) for row in rows(desk, number)}
    assert kinds == {"P", "D", "R", "B", "X"}


def test_rows_come_newest_first_and_only_those_of_the_window(desk):
    number = desk.number("rich")
    times = [row["TransactionDTTM"] for row in rows(desk, number)]
    assert times == sorted(times, reverse=True)
    at = times[2]
    inclusive = rows(desk, number, StartDTTM=at, EndDTTM=at)
    assert [row["TransactionDTTM"] for row in inclusive] == [at]
    assert all(at < "2025-01-15" for at in times)


def test_nothing_found_is_an_empty_object(desk):
    answer = desk.call(DETAIL, {"MemberNumber": desk.number("zero")})
    assert (answer["Status"], answer["TransactionDetails"]) == ("0", {})


def test_a_purchase_row_names_its_transaction(desk):
    row = rows(desk, desk.number("surprise"))[0]
    assert row["TransactionDTTM"] == "2024-11-16T10:05:00"
    assert row["PostTS"] == "2024-11-16T10:05:01"
    assert (row["TotalBasePoints"], row["TotalBonusPoints"]) == (500, 12_000)
    assert (row["GrossSpend"], row["TransactionNumber"]) == ("50.00", "0001")
    check = row["TransactionAttributes"]["TransactionAttribute"][0]
    expected = row["StoreLocation"] + row["RegisterNumber"] + row["TransactionNumber"]
    assert check["TransactionAttributeValue"] == expected
    codes = [offer["EarnOfferCode"] for offer in row["EarnOffers"]["EarnOffer"]]
    assert codes == ["BASE", "TOYS50"]


def test_store_and_format_restrict_the_rows(desk):
    number = desk.number("rich")
    everything = rows(desk, number)
    store = everything[0]["StoreLocation"]
    there = rows(desk, number, StoreLocation=store)
    assert {row["StoreLocation"] for row in there} == {store}
    assert 0 < len(there) < len(everything)
    assert rows(desk, number, StoreFormat="NONE") == []
    bookings = [row for row in everything if row["TransactionType"] != "X"]
    assert rows(desk, number, StoreFormat="LGPH") == bookings


def booked(desk: Desk, kind: str, ago: timedelta, **fields: Any) -> None:
    at = (NOW - ago).astimezone(CENTRAL)
    event = Event(
        id=kind * 32, kind=kind, at=at, posted=at, store="00001", register="001", number="4711",
        description="00001 - Example shop", source="LGPH", **fields,
    )  # fmt: skip
    account = desk.state.world.account(desk.number("everywhere"))
    assert account is not None
    account.events.append(event)


def test_a_delay_hides_a_row_until_it_is_old_enough(desk):
    number = desk.number("everywhere")
    booked(desk, "D", timedelta(minutes=5), redeemed=1000)
    before = len(rows(desk, number))
    desk.switch(activity_delay_seconds=600)
    assert len(rows(desk, number)) == before - 1
    desk.forward(300)
    assert len(rows(desk, number)) == before


def test_a_bare_redemption_shows_only_inside_its_earn_by_switch(desk):
    number = desk.number("everywhere")
    booked(desk, "D", timedelta(minutes=9), redeemed=1000, authorization="QK4T7Z2M")
    assert rows(desk, number)[0]["TotalPointsRedeemed"] == 1000
    desk.switch(bare_redemption_row=False)
    assert rows(desk, number)[0]["TransactionType"] == "P"
    expires = datetime(2026, 1, 15, tzinfo=CENTRAL).date()
    booked(desk, "P", timedelta(minutes=5), base=200, expires=expires, tenders=("QK4T7Z2M",))
    row = rows(desk, number)[0]
    assert (row["TotalPoints"], row["TotalPointsRedeemed"]) == (200, 1000)
    assert str(row["DollarValueOfPointsRedeemed"]) == "1.0"
    assert "QK4T7Z2M" not in str(row)


def test_points_taken_back_are_negative_or_by_switch_positive(desk):
    number = desk.number("everywhere")
    line = Line("1", "1", "20001", 1, 1, -100, -400, ("X", "1"))
    booked(desk, "R", timedelta(minutes=5), base=-100, bonus=-400, lines=(line,))
    row = rows(desk, number)[0]
    assert (row["TotalPoints"], row["TotalBonusPoints"], row["PointBalance"]) == (
        -500,
        -400,
        12_000,
    )
    desk.switch(returned_points="positive")
    assert rows(desk, number)[0]["TotalPoints"] == 500


def test_the_summary_takes_an_identifier_and_echoes_the_window(desk):
    identifier = desk.state.member(desk.number("rich"))["native_id"]
    answer = desk.call(SUMMARY, {"memberNumber": "", "memberIdentifier": identifier})
    assert (answer["status"], answer["startDate"]) == ("0", "2025-01-01T00:00:00")

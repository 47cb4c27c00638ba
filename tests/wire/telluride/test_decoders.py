"""The traps of Telluride's wire, each with the reading that avoids it."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from pydantic import BaseModel

from loyalty.members import AffinityStatus, MemberStatus
from loyalty.refs import MemberRef
from loyalty.sales import TransactionKind, TransactionStatus
from providers.telluride.mapping.account import Account
from providers.telluride.mapping.activity import activity
from providers.telluride.mapping.affinities import affinities
from providers.telluride.mapping.balances import balance, channel
from providers.telluride.mapping.earnings import effect
from providers.telluride.mapping.members import member
from providers.telluride.mapping.redemptions import is_repeat
from providers.telluride.mapping.transactions import history, transaction
from providers.telluride.wire.activity import WireRows, WireSummary
from providers.telluride.wire.affinities import WireAffinities
from providers.telluride.wire.balances import WireBalance
from providers.telluride.wire.earnings import WireEarnReply
from providers.telluride.wire.members import WireMember, WireMembers
from providers.telluride.wire.redemptions import WireRedemption
from providers.telluride.wire.scalars import (
    Day,
    Digits,
    Dollars,
    Flag,
    Instant,
    Moment,
    Multiplier,
    Points,
    Text,
)
from providers.telluride.wire.shapes import Unreadable, json_of

ZONE = ZoneInfo("America/Chicago")
NOW = datetime(2025, 1, 15, 16, 0, tzinfo=UTC)
ACCOUNT = Account(program="syw", currency="USD", zone=ZONE)
ADA = MemberRef("syw", "7081555000000018")


class One(BaseModel):
    points: Points = None
    dollars: Dollars = None
    digits: Digits = None
    text: Text = None
    flag: Flag = None
    multiplier: Multiplier = None
    instant: Instant = None
    moment: Moment = None
    day: Day = None


def read(field: str, raw: str) -> object:
    parsed = json_of(f'{{"{field}": {raw}}}'.encode())
    return getattr(One.model_validate(parsed, context=ZONE), field)


@pytest.mark.parametrize("blank", ["null", '""', '"  "', "{}", "[]", "[{}]"])
@pytest.mark.parametrize("field", One.model_fields)
def test_nothing_is_said_in_many_ways(field, blank):
    assert read(field, blank) is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("17500", 17500),
        ('"17530"', 17530),
        ('"17,530"', 17530),
        ('"5.0"', 5),
        ("5.0", 5),
        ("-200", -200),
        ('"-1,200"', -1200),
        ("123456789012", 123_456_789_012),
    ],
)
def test_points_come_as_numbers_and_as_strings(raw, value):
    assert read("points", raw) == Decimal(value)


@pytest.mark.parametrize("raw", ["5.5", '"1X"', "true", '"NaN"', '"Infinity"', "[1]", '"1,2"'])
def test_what_is_no_count_of_points_is_not_guessed_at(raw):
    with pytest.raises(ValueError, match="points"):
        read("points", raw)


@pytest.mark.parametrize("raw", ["0.1", '"0.1"', '"0.10"'])
def test_dollars_never_pass_through_a_binary_float(raw):
    assert read("dollars", raw) == Decimal("0.1")


def test_a_json_number_keeps_its_exact_digits():
    assert read("dollars", "12345678901234567.89") == Decimal("12345678901234567.89")


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "-Infinity"])
def test_nan_is_no_json(raw):
    with pytest.raises(Unreadable):
        read("dollars", raw)


@pytest.mark.parametrize("raw", ["708155500000001801", '"708155500000001801"'])
def test_a_member_number_of_18_digits_survives_as_a_json_number(raw):
    assert read("digits", raw) == "708155500000001801"


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        ("instant", "1736955000000", datetime(2025, 1, 15, 9, 30, tzinfo=ZONE)),
        ("instant", '"1736955000000"', datetime(2025, 1, 15, 9, 30, tzinfo=ZONE)),
        ("instant", "-86400000", datetime(1969, 12, 31, tzinfo=UTC)),
        ("moment", '"2025-07-01T10:05:00"', datetime(2025, 7, 1, 15, 5, tzinfo=UTC)),
        ("moment", '"2025-01-15 10:05:00"', datetime(2025, 1, 15, 16, 5, tzinfo=UTC)),
        ("moment", '"2025-01-15T10:05:00Z"', datetime(2025, 1, 15, 10, 5, tzinfo=UTC)),
        ("day", '"20251231"', date(2025, 12, 31)),
        ("day", "20251231", date(2025, 12, 31)),
        ("day", '"2025-12-31"', date(2025, 12, 31)),
        ("day", '"2025-12-31 23:59:59"', date(2025, 12, 31)),
    ],
)
def test_time_has_many_forms_and_the_zone_of_the_program(field, raw, value):
    assert read(field, raw) == value


@pytest.mark.parametrize(
    ("field", "raw"),
    [("moment", '"soon"'), ("day", '"2025-13-01"'), ("instant", "999999999999999999")],
)
def test_what_is_no_time_is_not_guessed_at(field, raw):
    with pytest.raises(ValueError, match=field):
        read(field, raw)


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("day", '"0001-01-01"'),
        ("day", '"99991231"'),
        ("moment", '"9999-12-31T23:59:59"'),
        ("moment", '"0001-01-01T00:00:00+12:00"'),
        ("instant", "253402300799000"),
    ],
)
def test_a_year_beyond_reason_is_no_date(field, raw):
    assert read(field, raw) is None


@pytest.mark.parametrize(
    ("raw", "value"), [('"Y"', True), ('"N"', False), ("true", True), ('"false"', False)]
)
def test_yes_and_no_are_letters_words_or_booleans(raw, value):
    assert read("flag", raw) is value


@pytest.mark.parametrize(
    ("raw", "value"), [('"1.0"', 1), ('"2X"', 2), ('"1"', 1), ('"FIXED"', None), ('"0.0"', None)]
)
def test_a_multiplier_is_spelt_three_ways(raw, value):
    assert read("multiplier", raw) == (None if value is None else Decimal(value))


def test_a_vast_json_is_refused_and_never_a_crash():
    for body in (b"[" * 100_000, b"1" * 5_000, b"\xff\xfe", b"", b"<html>"):
        with pytest.raises(Unreadable):
            json_of(body)


@pytest.mark.parametrize(
    ("members", "count"),
    [
        ({"Member": [{"MemberNumber": "1"}, {"MemberNumber": "2"}]}, 2),
        ({"Member": {"MemberNumber": "1"}}, 1),
        ([{"MemberNumber": "1"}], 1),
        ({"Member": [{}]}, 0),
        ({"Member": {}}, 0),
        ({"Member": None}, 0),
        ({}, 0),
        ([], 0),
        ("", 0),
        (None, 0),
    ],
)
def test_a_list_may_be_wrapped_plain_single_or_empty(members, count):
    reply = {"Additional": {"Status": "0"}, "Members": members}
    for envelope in ([reply], reply):
        body = {"GetMemberLookupResult": {"GetMemberLookupReply": envelope}}
        assert len(WireMembers.decoded(body, ZONE).members) == count


# ------------------------------------------------------------------ members


def profile(**fields):
    return member(ACCOUNT, WireMember.model_validate({"MemberNumber": "1", **fields}), NOW)


def test_a_merged_member_without_survivor_points_nowhere():
    merged = profile(ClubStatus="O", SurvivorMemberNumber="")
    assert (merged.status, merged.merged_into) == (MemberStatus.MERGED, None)


def test_a_survivor_counts_for_merged_members_only():
    assert profile(ClubStatus="A", SurvivorMemberNumber="2").merged_into is None


def test_the_preferred_phone_is_the_phone():
    phones = [
        {"PhoneNumber": "1", "PreferredPhoneType": "N"},
        {"PhoneNumber": "2", "PreferredPhoneType": "Y"},
    ]
    assert profile(PhoneNumbers={"Phone": phones}).phone == "2"
    assert profile(PhoneNumbers={"Phone": phones[0]}).phone == "1"
    assert profile(PhoneNumbers={}).phone is None


def test_progress_is_in_money_and_a_level_of_zero_is_none():
    silver = profile(
        VIPTier="Silver", TotalSpentYTD=Decimal("431.27"), SpendNextTierLevel="2500.00"
    )
    progress = silver.tier.progress
    assert (progress.target, progress.remaining, progress.currency) == (
        Decimal(2500),
        Decimal("2068.73"),
        "USD",
    )
    top = profile(VIPTier="Gold", TotalSpentYTD=9000, SpendNextTierLevel="0").tier.progress
    assert (top.current, top.target, top.remaining) == (Decimal(9000), None, None)
    past = profile(VIPTier="Base", TotalSpentYTD="3000", SpendNextTierLevel="2500").tier.progress
    assert past.remaining == Decimal(0)


def test_an_unknown_letter_passes_through():
    odd = profile(ClubStatus="Q", LanguagePreference="F")
    assert (odd.status, odd.native_status, odd.language) == (MemberStatus.UNKNOWN, "Q", "F")


# ------------------------------------------------------------------ points


def points(channels, total="100"):
    summary = {"totalAvailablePoints": total, "channelWisePointsSummary": {"channel": channels}}
    return WireBalance.decoded({"totalAvailablePointsSummary": summary}, ZONE).points


def test_the_channel_is_the_named_one_or_the_only_one_and_never_a_guess():
    two = [{"channelCode": "A", "redeemableDollars": "1"}, {"channelCode": "B"}]
    assert channel(points(two), "B").channel_code == "B"
    assert channel(points(two), "C") is None
    assert channel(points(two), None) is None
    assert channel(points(two[0]), "C").channel_code == "A"
    assert channel(points([]), None) is None
    assert channel(points([], total="0"), None).redeemable == 0
    assert channel(None, None) is None


def test_available_dollars_are_not_the_worth():
    wire = channel(
        points(
            {"availablePoints": 14500, "availableDollars": "14.50", "memberOwnPoints": 12500,
             "availablePointsToRedeem": 10000, "redeemableDollars": "7.00"}
        ),
        None,
    )  # fmt: skip
    told = balance(ACCOUNT, ADA, wire, NOW)
    assert (told.points, told.worth.amount) == (Decimal(10000), Decimal("7.00"))


def test_a_balance_without_its_central_figure_is_none_at_all():
    assert balance(ACCOUNT, ADA, channel(points({"memberOwnPoints": 5}), None), NOW) is None


def test_points_beyond_the_five_days_are_told_without_a_day():
    bucket = {"memberOwnPoints": "30", "memberOwnExpiryDate": "20251231",
              "memberOwnBasePoints": 10, "memberOwnBonusPoints": 20}  # fmt: skip
    wire = channel(
        points(
            {"availablePointsToRedeem": 100, "availableBasePoints": 40, "availableBonusPoints": 60,
             "availableMemberOwnPointsList": {"memberOwnPointsToExpire": bucket}}
        ),
        None,
    )  # fmt: skip
    told = balance(ACCOUNT, ADA, wire, NOW)
    assert [(b.points, b.expires_at is None) for b in told.buckets] == [
        (10, False),
        (20, False),
        (30, True),
        (40, True),
    ]
    assert [e.points for e in told.expiring] == [30]


def test_the_same_affinity_in_three_arrays_is_one():
    link = {"affiliationCode": "X", "affinityStartDate": "2025-01-15", "affinityStatus": "Z"}
    other = link | {"affinityStartDate": "2024-01-15", "affinityEndDate": "2024-06-30"}
    lists = {
        "affinity": [link],
        "affinityExtended": link,
        "affinityForMemberPricing": [link, other],
    }
    found = affinities(ACCOUNT, WireAffinities.decoded({"affinities": lists}, ZONE).affinities)
    assert [entry.status for entry in found] == [AffinityStatus.UNKNOWN] * 2
    assert found[1].ends_at == datetime(2024, 6, 30, 23, 59, 59, tzinfo=ZONE)


# ------------------------------------------------------------------ the past


def test_totals_that_contradict_themselves_are_no_answer():
    figures = {"startingBalance": "10", "totalEarned": "5", "totalRedeemed": "2",
               "totalExpired": "1", "endingBalance": "12"}  # fmt: skip
    assert activity(WireSummary.decoded(figures, ZONE), NOW, NOW).closing == Decimal(12)
    for broken in ({"endingBalance": "13"}, {"totalExpired": ""}):
        assert activity(WireSummary.decoded(figures | broken, ZONE), NOW, NOW) is None


def row(**fields):
    base = {"TransactionDTTM": "2025-01-15T10:05:00", "TransactionNumber": "0001",
            "StoreLocation": "00001", "RegisterNumber": "001", "ProcessStatus": "A"}  # fmt: skip
    return base | fields


def told(*rows):
    wire = WireRows.decoded({"TransactionDetails": {"TransactionDetail": list(rows)}}, ZONE)
    return [
        transaction(ACCOUNT, ADA, key, found, NOW) for key, found in history(ACCOUNT, wire.rows)
    ]


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        ({"TotalPoints": 60, "TotalBasePoints": 60, "GrossSpend": "10"}, TransactionKind.PURCHASE),
        ({"TotalPoints": 0, "GrossSpend": "10"}, TransactionKind.PURCHASE),
        ({"TotalPoints": -60, "GrossSpend": "-10"}, TransactionKind.RETURN),
        ({"TotalPoints": 60, "GrossSpend": "-10"}, TransactionKind.RETURN),
        ({"TotalPoints": -60, "GrossSpend": "10"}, TransactionKind.RETURN),
        ({"TotalPoints": 60, "TotalBonusPoints": 60, "GrossSpend": "0.00"}, TransactionKind.BONUS),
        ({"TotalPoints": -60, "GrossSpend": "0"}, TransactionKind.ADJUSTMENT),
        ({"TotalPointsRedeemed": 500}, TransactionKind.REDEMPTION),
        ({"TotalPointsRedeemed": -500}, TransactionKind.ADJUSTMENT),
        ({"TotalExpired": 10}, TransactionKind.EXPIRY),
        ({}, TransactionKind.OTHER),
    ],
)
def test_the_kind_of_a_row_comes_from_its_figures(figures, kind):
    (entry,) = told(row(TransactionType="P", **figures))
    assert (entry.kind, entry.native_kind) == (kind, "P")


def test_points_taken_back_are_adjusted_whatever_their_sign():
    for points_of_row in (60, -60):
        (entry,) = told(row(TotalPoints=points_of_row, GrossSpend="-10"))
        assert (entry.effect.earned, entry.effect.adjusted) == (Decimal(0), Decimal(-60))


def test_a_sale_and_its_redemption_are_one_transaction_in_one_row_or_two():
    earned = {"TotalPoints": 60, "TotalBasePoints": 60, "GrossSpend": "10.00"}
    (one,) = told(row(TotalPointsRedeemed=500, **earned))
    (two,) = told(row(TotalPointsRedeemed=500, TransactionNumber="1"), row(**earned))
    for entry in (one, two):
        assert (entry.kind, entry.effect.earned, entry.effect.redeemed, entry.total.amount) == (
            TransactionKind.PURCHASE,
            Decimal(60),
            Decimal(500),
            Decimal(10),
        )
    assert one.ref == two.ref


def test_a_voided_redemption_stays_and_its_void_gives_the_points_back():
    void, original = told(
        row(TotalPointsRedeemed=500, ProcessStatus="V"),
        row(TotalPointsRedeemed=-500, TransactionNumber="0002"),
    )
    assert (original.status, original.effect.redeemed) == (TransactionStatus.VOIDED, Decimal(500))
    assert (void.kind, void.effect.adjusted) == (TransactionKind.ADJUSTMENT, Decimal(500))


@pytest.mark.parametrize("letter", ["", "Q"])
def test_a_process_status_nobody_published_is_unknown(letter):
    (entry,) = told(row(ProcessStatus=letter, GrossSpend="1"))
    assert entry.status is TransactionStatus.UNKNOWN


def test_a_posting_without_a_number_is_named_by_its_id():
    rows = [row(TransactionNumber="", TransactionID=name, TotalPoints=5) for name in ("A1", "B2")]
    assert {entry.ref.key[2] for entry in told(*rows)} == {"id:A1", "id:B2"}


def test_a_row_without_a_time_has_no_place_in_a_history():
    assert told(row(TransactionDTTM="")) == []


# ------------------------------------------------------------------ writes, as answered


def test_total_points_earned_is_the_balance_and_only_by_assumption():
    reply = WireEarnReply.model_validate(
        {"BasePointsEarned": "30", "BonusPointsEarned": 17500, "TotalPointsEarned": "17,530"}
    )
    assert effect(ACCOUNT, reply, guest=False).balance_after == Decimal(17530)
    assert effect(ACCOUNT, reply, guest=True).balance_after is None
    doubtful = Account(
        program="syw", currency="USD", zone=ZONE, total_points_earned_is_balance=False
    )
    assert effect(doubtful, reply, guest=False).balance_after is None


def test_a_return_takes_points_back_and_tells_what_is_missing():
    reply = WireEarnReply.model_validate(
        {"BasePointsEarned": "-100", "BonusPointsEarned": -500, "PointDebit": "50.00"}
    )
    told_back = effect(ACCOUNT, reply, guest=False)
    assert (told_back.earned, told_back.adjusted, told_back.shortfall) == (0, -600, 50)
    assert effect(ACCOUNT, WireEarnReply(), guest=False) is None


@pytest.mark.parametrize(
    ("marks", "repeat"),
    [
        ({"ResponseText": "SUCCESS"}, False),
        ({"ResponseText": "Y"}, True),
        ({"ResponseText": "Duplicate transaction"}, True),
        ({"ResponseText": "SUCCESS", "DuplicateResponse": "Y"}, True),
        ({"ResponseText": "SUCCESS", "DuplicateResponse": "true"}, True),
        ({"ResponseText": "SUCCESS", "DuplicateResponse": "N"}, False),
        ({}, False),
    ],
)
def test_a_repeat_is_marked_in_more_than_one_way(marks, repeat):
    assert is_repeat(WireRedemption.decoded(marks, ZONE)) is repeat


def test_before_and_after_a_redemption_are_told_by_different_fields():
    wire = WireRedemption.decoded(
        {"TotalAvailableRewardPoints": 8405, "TotalAvailableMemberOwnPoints": 18405}, ZONE
    )
    assert (wire.total_after, wire.own_before) == (Decimal(8405), Decimal(18405))

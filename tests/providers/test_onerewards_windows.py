"""When a OneRewards voucher can be used or got, by its own windows in the program's zone."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loyalty.offers import UnusableReason, Usability
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.times import Window, end, weekday
from providers.onerewards.mapping.usability import obtainable, usable, use_window
from providers.onerewards.profile import GET_REASONS, USE_REASONS
from providers.onerewards.wire.model import one
from providers.onerewards.wire.vouchers import WireObtainableVoucher, WireUsableVoucher

KL = ZoneInfo("Asia/Kuala_Lumpur")
BERLIN = ZoneInfo("Europe/Berlin")
FRIDAY_NOON = datetime(2025, 3, 14, 12, tzinfo=KL)
WEEKDAYS = frozenset({1, 2, 3, 4, 5})
KOPI = Program(
    key="kopi",
    zone=KL,
    currency="MYR",
    point_worth=None,
    use_reasons=USE_REASONS,
    get_reasons=GET_REASONS,
    end_date_is_whole_day=True,
)
R = UnusableReason


def at(text: str) -> datetime:
    """A moment on Kuala Lumpur's clock in March 2025: day and time."""
    day, hour = text.split()
    return datetime.fromisoformat(f"2025-03-{day}T{hour}").replace(tzinfo=KL)


def test_sunday_is_0_and_7() -> None:
    assert [weekday(date(2025, 3, 16) + timedelta(days=n)) for n in range(7)] == [*range(7)]
    wire = one(
        WireUsableVoucher,
        b'{"canUseNow":true,"voucherNo":"1","voucherInfo":{"voucherId":1,"useValidDays":[7,6]}}',
    )
    assert use_window(wire.voucher_info, KOPI).weekdays == {0, 6}


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("14 12:00", "14 12:00"),  # Friday, open
        ("14 09:59", "14 10:00"),  # before the hours
        ("14 22:30", "17 10:00"),  # after the hours, and then the weekend
        ("15 12:00", "17 10:00"),  # Saturday
        ("16 23:59", "17 10:00"),  # Sunday
    ],
)
def test_the_next_opening_of_weekdays_from_10_to_22(now: str, opening: str) -> None:
    window = Window(KL, weekdays=WEEKDAYS, opens=time(10), closes=time(22))
    assert window.next_opening(at(now)) == at(opening)
    assert window.next_opening(at(now).astimezone(UTC)) == at(opening)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("14 23:00", "14 23:00"),
        ("15 01:00", "15 01:00"),  # Saturday, still Friday's night
        ("15 02:00", "21 22:00"),
        ("14 12:00", "14 22:00"),
    ],
)
def test_hours_over_midnight_belong_to_the_day_they_begin(now: str, opening: str) -> None:
    window = Window(KL, weekdays=frozenset({5}), opens=time(22), closes=time(2))
    assert window.next_opening(at(now)) == at(opening)


def test_an_opening_waits_for_the_first_day_and_ends_with_the_last() -> None:
    window = Window(KL, starts=at("15 00:00"), ends=at("18 00:00"), weekdays=WEEKDAYS)
    assert window.next_opening(FRIDAY_NOON) == at("17 00:00")
    assert window.next_opening(at("18 00:00")) is None
    assert (
        Window(KL, ends=at("16 00:00"), weekdays=frozenset({1})).next_opening(FRIDAY_NOON) is None
    )


def test_a_week_is_enough_to_find_any_weekday() -> None:
    for number in range(7):
        opening = Window(KL, weekdays=frozenset({number})).next_opening(FRIDAY_NOON)
        assert opening is not None
        assert weekday(opening.date()) == number
        assert opening - FRIDAY_NOON < timedelta(days=7)


@pytest.mark.parametrize(
    ("opens", "closes"), [(time(0), time(0)), (None, None), (time(9), time(9))]
)
def test_equal_hours_are_the_whole_day(opens: time | None, closes: time | None) -> None:
    window = Window(KL, opens=opens, closes=closes)
    assert window.takes_hour(time(3))
    assert window.next_opening(FRIDAY_NOON) == FRIDAY_NOON


@pytest.mark.parametrize(
    ("hour", "day_shift", "night_shift"),
    [(9, False, False), (10, True, False), (21, True, False), (23, False, True), (1, False, True)],
)
def test_hours_of_a_day_and_of_a_night(hour: int, day_shift: bool, night_shift: bool) -> None:
    assert Window(KL, opens=time(10), closes=time(22)).takes_hour(time(hour)) is day_shift
    assert Window(KL, opens=time(22, 30), closes=time(2)).takes_hour(time(hour)) is night_shift


def test_an_end_at_midnight_is_the_next_midnight_in_the_program_s_zone() -> None:
    night_of_change = datetime(2025, 3, 30)  # noqa: DTZ001 - as the wire has it
    told = end(night_of_change, BERLIN, whole_day=True)
    assert told is not None
    assert told.astimezone(UTC) == datetime(2025, 3, 30, 22, tzinfo=UTC)
    exact = end(night_of_change, BERLIN, whole_day=False)
    assert exact is not None
    assert exact.astimezone(UTC) == datetime(2025, 3, 29, 23, tzinfo=UTC)


def held(reason: int | None, **info: str) -> WireUsableVoucher:
    number = "null" if reason is None else reason
    fields = "".join(f',"{name}":{text}' for name, text in info.items())
    return one(
        WireUsableVoucher,
        f'{{"canUseNow":false,"cantUseNowReason":{number},"voucherNo":"1",'
        f'"voucherInfo":{{"voucherId":1{fields}}}}}'.encode(),
    )


def judged(wire: WireUsableVoucher, spending: Decimal | None = None) -> Usability:
    return usable(wire, KOPI, FRIDAY_NOON.astimezone(UTC), spending)


def test_the_windows_tell_what_the_number_leaves_out() -> None:
    wire = held(
        4, useValidDays="[1]", useStartTime='"2000-11-10T18:00:00"', useMinimumSpending="80"
    )
    told = judged(wire, Decimal("79.99"))
    assert told.reasons == (R.WRONG_DAY, R.WRONG_TIME, R.BELOW_MINIMUM_SPEND)
    assert told.usable_from is None  # waiting alone does not help
    assert judged(wire).usable_from == at("17 18:00")
    assert judged(wire, Decimal(80)).usable_from == at("17 18:00")


def test_without_a_number_the_windows_tell_all() -> None:
    assert judged(held(None, useStartDate='"2025-03-20T00:00:00"')) == Usability(
        now=False, reasons=(R.NOT_STARTED,), usable_from=at("20 00:00")
    )
    assert judged(held(None)).reasons == (R.OTHER,)


def test_what_is_over_never_comes_again() -> None:
    told = judged(held(2, useEndDate='"2025-03-13T00:00:00"', useValidDays="[1]"))
    assert (told.reasons, told.usable_from) == ((R.EXPIRED,), None)


def test_the_instance_s_own_end_counts_if_it_is_sooner() -> None:
    wire = held(2, useEndDate='"2025-12-31T00:00:00"', useEndDateTime='"2025-03-14T11:59:59"')
    assert use_window(wire.voucher_info, KOPI).ends == at("14 11:59:59")
    assert judged(wire).reasons == (R.EXPIRED,)


@pytest.mark.parametrize("flag", ["useValidOnMemberBirthday", "useValidOnMemberBirthdayMonth"])
def test_a_birthday_is_not_foretold(flag: str) -> None:
    told = judged(held(1, useStartDate='"2025-03-20T00:00:00"', **{flag: "true"}))
    assert (told.reasons, told.usable_from) == ((R.NOT_STARTED,), None)


def test_a_number_against_the_windows_foretells_nothing() -> None:
    told = judged(held(4))
    assert (told.reasons, told.usable_from) == ((R.WRONG_DAY,), None)


def test_the_provider_s_yes_counts_whatever_the_windows_say() -> None:
    wire = held(None, useEndDate='"2020-01-01T00:00:00"').model_copy(update={"can_use_now": True})
    assert judged(wire, Decimal(1)) == Usability(now=True)


def offered(**info: str) -> Usability:
    fields = "".join(f',"{name}":{text}' for name, text in info.items())
    wire = one(
        WireObtainableVoucher,
        f'{{"canGetNow":false,"canUseNow":true,"voucherInfo":{{"voucherId":1{fields}}}}}'.encode(),
    )
    return obtainable(wire, KOPI, FRIDAY_NOON)


def test_an_offer_is_judged_by_getting_and_never_by_using() -> None:
    assert offered(useEndDate='"2020-01-01T00:00:00"').reasons == (R.OTHER,)
    assert offered(getStartDate='"2025-03-15T00:00:00"') == Usability(
        now=False, reasons=(R.NOT_STARTED,), usable_from=at("15 00:00")
    )
    assert offered(getEndDate='"2025-03-13T00:00:00"').reasons == (R.EXPIRED,)
    assert offered(getEndDate='"2025-03-14T00:00:00"').reasons == (R.OTHER,)


@pytest.mark.parametrize(
    ("quota", "issued", "reason"),
    [("250", "250", R.SOLD_OUT), ("250", "249", R.OTHER), ("null", "9999", R.OTHER)],
)
def test_an_exhausted_quota_is_sold_out(quota: str, issued: str, reason: R) -> None:
    told = offered(numberOfVoucherToIssue=quota, numberOfVoucherIssued=issued)
    assert told.reasons == (reason,)

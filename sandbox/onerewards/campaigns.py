"""The seeded levels and voucher campaigns, dated from the day the clock starts; no members."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.onerewards.entities import EVERY_DAY, GetRule, Level, UseRule, VoucherDefinition

WEEKDAY_RM10 = 9
BIRTHDAY = 10
BIRTHDAY_MONTH = 11
FREE_COFFEE = 12
NEXT_SEASON = 13
LAST_SEASON = 14
GOLD_LOUNGE = 15
RM50_FOR_5000 = 16
WEEKEND = 17
HAPPY_HOUR = 18
WELCOME = 19
BIG_BILL = 20
SOON = 21
ONE_DAY = 22

COFFEE_LASTS = timedelta(days=30)
"""A free coffee ends so long after it was issued; the others have only their campaign's end."""


def levels() -> dict[int, Level]:
    """The three tiers; Bronze is the default."""
    tiers = (
        Level(1, "Bronze", is_default=True),
        Level(2, "Silver", "Spend RM2,000 a year"),
        Level(3, "Gold", "Spend RM8,000 a year"),
    )
    return {tier.level_id: tier for tier in tiers}


def weekday(day: date) -> int:
    """The day of the week as the vendor counts: 0 is Sunday."""
    return day.isoweekday() % 7


def definitions(today: date) -> dict[int, VoucherDefinition]:
    """All campaigns by id; `today` is the company's local day when the clock started."""
    campaigns = (*_open_to_all(today), *_of_a_day(today), *_of_a_season(today), *_priced(today))
    return {campaign.voucher_id: campaign for campaign in campaigns}


def _day(today: date, days: int) -> datetime:
    return datetime.combine(today + timedelta(days=days), time())


def _open(today: date, points: int = 0, level_ids: tuple[int, ...] = ()) -> GetRule:
    return GetRule(_day(today, -90), _day(today, 275), Decimal(points), level_ids)


def _open_to_all(today: date) -> tuple[VoucherDefinition, ...]:
    return (
        VoucherDefinition(
            FREE_COFFEE,
            "Free coffee",
            "A coffee on us",
            Decimal(8),
            description="Any coffee up to RM8",
            issued=3120,
            get=_open(today),
        ),
        VoucherDefinition(
            WELCOME,
            "Welcome drink",
            "Welcome!",
            Decimal("6.90"),
            issued=9875,
            get=GetRule(_day(today, -900), None, again=False, terms="Once for each member"),
        ),
        VoucherDefinition(
            BIG_BILL,
            "RM30 off RM300",
            "RM30 off big bills",
            Decimal(30),
            quota=1000,
            issued=411,
            get=_open(today, 900),
            use=UseRule(minimum=Decimal(300), terms="Not with other offers"),
        ),
    )


def _of_a_day(today: date) -> tuple[VoucherDefinition, ...]:
    return (
        VoucherDefinition(
            WEEKDAY_RM10,
            "Weekday RM10 off",
            "RM10 off on weekdays",
            Decimal(10),
            description="RM10 off bills of RM80 and above",
            quota=500,
            issued=143,
            get=_open(today, 400, (2, 3)),
            use=UseRule(
                _day(today, -90),
                _day(today, 275),
                time(10),
                time(22),
                (1, 2, 3, 4, 5),
                minimum=Decimal(80),
            ),
        ),
        VoucherDefinition(
            BIRTHDAY,
            "Birthday cake",
            "Happy birthday",
            Decimal(15),
            description="A slice on your birthday",
            quota=250,
            issued=250,
            get=_open(today),
            use=UseRule(on_birthday=True),
        ),
        VoucherDefinition(
            BIRTHDAY_MONTH,
            "Birthday month 20 %",
            "20 % off all month",
            Decimal(20),
            is_percent=True,
            issued=87,
            get=_open(today),
            use=UseRule(in_birthday_month=True),
        ),
        VoucherDefinition(
            WEEKEND,
            "Weekend brunch",
            "Brunch for two",
            Decimal(25),
            issued=66,
            get=_open(today, 250),
            use=UseRule(days=(6, 0)),
        ),
        VoucherDefinition(
            HAPPY_HOUR,
            "Happy hour",
            "Half price at three",
            Decimal(50),
            is_percent=True,
            issued=931,
            get=_open(today),
            use=UseRule(from_time=time(15), until_time=time(17), days=EVERY_DAY),
        ),
        VoucherDefinition(
            ONE_DAY,
            "Members' day",
            "Members' day 15 %",
            Decimal(15),
            is_percent=True,
            issued=12,
            get=_open(today),
            use=UseRule(days=(weekday(today + timedelta(days=3)),)),
        ),
    )


def _of_a_season(today: date) -> tuple[VoucherDefinition, ...]:
    return (
        VoucherDefinition(
            NEXT_SEASON,
            "Next season",
            "Something is brewing",
            Decimal(12),
            quota=300,
            get=GetRule(_day(today, 14), _day(today, 44)),
            use=UseRule(_day(today, 14), _day(today, 60)),
        ),
        VoucherDefinition(
            LAST_SEASON,
            "Last season",
            "Thank you for last season",
            Decimal(12),
            quota=300,
            issued=298,
            get=GetRule(_day(today, -120), _day(today, -30)),
            use=UseRule(_day(today, -120), _day(today, -2)),
        ),
        VoucherDefinition(
            SOON,
            "From next week",
            "RM5 off from next week",
            Decimal(5),
            issued=40,
            get=_open(today),
            use=UseRule(_day(today, 7), _day(today, 21)),
        ),
    )


def _priced(today: date) -> tuple[VoucherDefinition, ...]:
    return (
        VoucherDefinition(
            GOLD_LOUNGE,
            "Gold tasting",
            "Tasting for Gold members",
            Decimal(40),
            quota=60,
            issued=17,
            get=_open(today, 100, (3,)),
        ),
        VoucherDefinition(
            RM50_FOR_5000,
            "RM50 for 5,000 points",
            "RM50 off",
            Decimal(50),
            issued=205,
            get=_open(today, 5000),
        ),
    )

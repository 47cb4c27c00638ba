"""The seeded crowd: thousands of members by one seed, their accounts made up when first asked."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from sandbox.onerewards import campaigns
from sandbox.onerewards.entities import (
    Account,
    Company,
    Member,
    MobileUser,
    PointEntry,
    VoucherInstance,
    instant,
)

POPULATION = 12_000
"""Highest seeded member id; the persona ids are left out of the crowd."""

PERSONA_IDS = range(4801, 4822)

_GIVEN = [
    "Aiman",
    "Nurul",
    "Farah",
    "Hafiz",
    "Siti",
    "Amir",
    "Zara",
    "Daniel",
    "Mei",
    "Wei",
    "Jason",
    "Li",
    "Kumar",
    "Priya",
    "Arun",
    "Devi",
    "Ravi",
    "Grace",
    "Kelvin",
    "Joanne",
]
_FAMILY = [
    "Tan",
    "Lim",
    "Wong",
    "Lee",
    "Ng",
    "Rahman",
    "Ismail",
    "Abdullah",
    "Hassan",
    "Yusof",
    "Raj",
    "Nair",
    "Pillai",
    "Menon",
    "Singh",
    "Chong",
    "Goh",
    "Teoh",
    "Omar",
    "Salleh",
]
_TIERS = (1, 1, 1, 1, 2, 2, 3, None)
_HELD = (
    campaigns.FREE_COFFEE,
    campaigns.WEEKDAY_RM10,
    campaigns.WELCOME,
    campaigns.BIG_BILL,
    campaigns.WEEKEND,
    campaigns.HAPPY_HOUR,
    campaigns.LAST_SEASON,
    campaigns.SOON,
)


def crowd(seed: int, today: date) -> Iterator[Member]:
    """Members in ascending order of their id; the same for the same seed and day."""
    rng = Random(seed)
    first_day = today.toordinal()
    for member_id in range(1, POPULATION + 1):
        if member_id in PERSONA_IDS:
            continue
        given, family, draw = rng.choice(_GIVEN), rng.choice(_FAMILY), rng.randrange(1 << 30)
        yield Member(
            member_id=member_id,
            name=f"{given} {family}",
            phone=f"+6011{10_000_000 + member_id * 7}",
            email=None if draw % 5 == 0 else f"{given}.{family}.{member_id}@example.com".lower(),
            born=None if draw % 11 == 0 else date.fromordinal(first_day - 7000 - draw % 18000),
            gender=("F", "M", None)[draw % 3],
            level_id=_TIERS[draw % len(_TIERS)],
            joined=date.fromordinal(first_day - 1 - draw % 1500),
            is_active=draw % 23 != 0,
            mobile_user_id=f"MU-{member_id:06d}" if draw % 3 == 1 else None,
        )


def app_user(member: Member, mobile_user_id: str) -> MobileUser:
    """The app's profile of a linked member; the two agree."""
    return MobileUser(
        mobile_user_id=mobile_user_id,
        name=member.name,
        phone=member.phone or "",
        email=member.email,
        born=member.born,
        gender=member.gender,
    )


def account_of(seed: int, company: Company, member: Member, today: date) -> Account:
    """What a member of the crowd collected, spent and holds; the same whenever it is asked."""
    rng = Random(f"{seed}:{member.member_id}")
    return Account(
        points=list(_movements(rng, member, today)),
        vouchers=list(_vouchers(rng, company, member, today)),
    )


def _noon(today: date, days_ago: int) -> datetime:
    return datetime.combine(today - timedelta(days=days_ago), time(12))


def _movements(rng: Random, member: Member, today: date) -> Iterator[PointEntry]:
    balance = Decimal(0)
    for number in range(rng.randrange(7)):
        kind, points = "collection", Decimal(rng.randrange(100, 90_000)).scaleb(-2)
        if number and rng.random() < 0.3:  # noqa: PLR2004 - about one movement in three is a redemption
            kind, points = "redemption", -(balance / 2).quantize(Decimal(1))
        balance += points
        at = instant(_noon(today, 200 - 30 * number))
        yield PointEntry(f"{member.member_id}-{number + 1}", kind, points, at)


def _vouchers(
    rng: Random, company: Company, member: Member, today: date
) -> Iterator[VoucherInstance]:
    for voucher_id in sorted(rng.sample(_HELD, rng.randrange(5))):
        issued = _noon(today, rng.randrange(1, 40))
        lasts = campaigns.COFFEE_LASTS if voucher_id == campaigns.FREE_COFFEE else None
        yield VoucherInstance(
            voucher_no=company.voucher_no(voucher_id, member.member_id * 10),
            voucher_id=voucher_id,
            issued=instant(issued),
            until=None if lasts is None else issued + lasts,
            used=instant(_noon(today, 0)) if rng.random() < 0.1 else None,  # noqa: PLR2004 - one in ten
        )

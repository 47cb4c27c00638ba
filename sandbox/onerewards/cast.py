"""The named members of the OneRewards world and what they hold; the crowd is in people.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.onerewards import campaigns
from sandbox.onerewards.assumptions import UPSTREAM
from sandbox.onerewards.entities import (
    Account,
    Company,
    Member,
    MobileUser,
    PointEntry,
    VoucherInstance,
    instant,
)
from sandbox.personas import Persona

AISYAH_APP_ID = "7d0c2f54-93f0-4a07-9c2e-50c5c1d5a9be"
STRANGER_APP_ID = "MU-900001"


@dataclass(frozen=True, slots=True)
class Part:
    """One persona's role: its number, its profile beside the default one, and its possessions.

    `held` lists campaign and serial.
    """

    key: str
    member_id: int
    why: str
    name: str
    points: Decimal = Decimal(0)
    level_id: int | None = 1
    born_in_days: int = 120
    is_active: bool = True
    mobile_user_id: str | None = None
    held: Sequence[tuple[int, int]] = ()


PARTS = (
    Part("rich", 4801, "Gold, 88,888 points", "Tengku Aminah", Decimal(88_888), 3),
    Part("zero", 4802, "no points, no vouchers", "Zul Ariffin"),
    Part("inactive", 4803, "isActive is false", "Ivan Lau", Decimal(310), is_active=False),
    Part(
        "linked",
        4804,
        "linked to an app user: redeeming needs a code",
        "Lina Mohd",
        Decimal("1520.50"),
        2,
        mobile_user_id="MU-004804",
        held=((campaigns.FREE_COFFEE, 48041),),
    ),
    Part(
        "twelve_digits",
        4805,
        "a balance of twelve digits",
        "Tan Twelve",
        Decimal(123_456_789_012),
    ),
    Part("no_tier", 4806, "no member level", "Nora Tiong", Decimal(42), level_id=None),
    Part("non_latin", 4807, "a name in Chinese script", "陈美玲", Decimal(608), 2),
    Part("non_latin_tamil", 4808, "a name in Tamil script", "கவிதா ராமசாமி", Decimal(75)),
    Part("non_latin_arabic", 4809, "a name in Arabic script", "نور العين", Decimal(91)),
    Part(
        "vouchers",
        4810,
        "vouchers usable, not yet, expired, below minimum, birthday only, wrong day, used",
        "Vimala Voon",
        Decimal(1000),
        2,
        held=(
            (campaigns.FREE_COFFEE, 48101),
            (campaigns.SOON, 48102),
            (campaigns.LAST_SEASON, 48103),
            (campaigns.BIG_BILL, 48104),
            (campaigns.BIRTHDAY, 48105),
            (campaigns.ONE_DAY, 48106),
            (campaigns.WELCOME, 48107),
        ),
    ),
    Part(
        "everywhere",
        4821,
        "one person in all three programs; linked here, Silver",
        "Aisyah Rahman",
        Decimal(3250),
        2,
        mobile_user_id=AISYAH_APP_ID,
        held=((campaigns.WEEKDAY_RM10, 42), (campaigns.FREE_COFFEE, 48211)),
    ),
)

PERSONAS = tuple(Persona(part.key, UPSTREAM, str(part.member_id), part.why) for part in PARTS)


def members(today: date) -> list[Member]:
    """The personas' profiles, in ascending order of their id."""
    return [_member(part, today) for part in PARTS]


def _member(part: Part, today: date) -> Member:
    if part.key == "everywhere":
        return _aisyah(part)
    birthday = today + timedelta(days=part.born_in_days)
    return Member(
        member_id=part.member_id,
        name=part.name,
        phone=f"+60133{part.member_id:06d}",
        email=f"{part.key.replace('_', '.')}@example.com",
        born=date(1990, birthday.month, min(birthday.day, 28)),
        gender="F",
        level_id=part.level_id,
        joined=today - timedelta(days=400),
        expires=None if part.is_active else today - timedelta(days=10),
        is_active=part.is_active,
        mobile_user_id=part.mobile_user_id,
    )


def _aisyah(part: Part) -> Member:
    return Member(
        member_id=part.member_id,
        name=part.name,
        phone="+60123456781",
        email="aisyah.rahman@example.com",
        born=date(1992, 7, 19),
        gender="F",
        level_id=part.level_id,
        joined=date(2023, 2, 1),
        mobile_user_id=part.mobile_user_id,
    )


def accounts(company: Company, today: date) -> dict[int, Account]:
    """The personas' points and vouchers by member id."""
    return {part.member_id: _account(part, company, today) for part in PARTS}


def _account(part: Part, company: Company, today: date) -> Account:
    noon = datetime.combine(today, time(12))
    movements = _movements(part, noon - timedelta(days=60))
    vouchers = [_instance(company, held, noon - timedelta(days=5)) for held in part.held]
    return Account(movements, vouchers)


def _movements(part: Part, at: datetime) -> list[PointEntry]:
    if not part.points:
        return []
    spent = (part.points / 10).quantize(Decimal(1))
    steps = (("opening", part.points), ("collection", spent), ("redemption", -spent))
    return [
        PointEntry(f"{part.member_id}-{n}", kind, points, instant(at + timedelta(days=10 * n)))
        for n, (kind, points) in enumerate(steps, 1)
    ]


def _instance(company: Company, held: tuple[int, int], issued: datetime) -> VoucherInstance:
    voucher_id, serial = held
    is_coffee = voucher_id == campaigns.FREE_COFFEE
    is_used = voucher_id == campaigns.WELCOME
    return VoucherInstance(
        voucher_no=company.voucher_no(voucher_id, serial),
        voucher_id=voucher_id,
        issued=instant(issued),
        until=issued + campaigns.COFFEE_LASTS if is_coffee else None,
        used=instant(issued + timedelta(days=1)) if is_used else None,
    )


def stranger() -> MobileUser:
    """An app user who is a member of no company."""
    return MobileUser(
        mobile_user_id=STRANGER_APP_ID,
        name="Sam Stranger",
        phone="+60177000001",
        email=None,
        born=None,
        gender=None,
    )

"""The offers of the seeded world and whom and what they fit; no computing of points."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sandbox.telluride.times import CENTRAL, end_of_day

BASE_POINTS_PER_DOLLAR = 10
BASE_XR = "BASE_1X"
FAR_END = date(2035, 12, 31)
DIVISIONS = frozenset("123456789")
COUPONS = {"4000100": ("CPN100", "Cereal coupon"), "4000200": ("CPN200", "Soap coupon")}


@dataclass(frozen=True, slots=True)
class EarnOffer:
    """A bonus offer: `per_dollar` points, or `flat` ones once `spend` or `items` is reached."""

    code: str
    name: str
    receipt: str
    description: str
    start: datetime
    end: datetime
    divisions: frozenset[str] = DIVISIONS
    per_dollar: int = 0
    flat: int = 0
    spend: Decimal = Decimal(0)
    items: int = 0
    tier: str = ""
    benefit: bool = False
    program: str = "EXAMPLE"
    subprogram: str = "mission"

    @property
    def conditional(self) -> bool:
        """Whether it depends on more than member and product."""
        return bool(self.spend or self.items)

    @property
    def earn_type(self) -> str:
        """The wire's word (contract 5.9)."""
        return "PointPerDollar" if self.per_dollar else "FlatPoints"

    @property
    def points_only_name(self) -> str:
        """The wording of MapCompliance Y: no dollars in it."""
        what = f"{self.per_dollar} points per dollar" if self.per_dollar else f"{self.flat} points"
        return f"{self.receipt}: {what}"

    def live(self, moment: datetime) -> bool:
        """Whether it may be earned now."""
        return self.start <= moment <= self.end


@dataclass(frozen=True, slots=True)
class XrOffer:
    """An offer that raises the worth of redeemed points, or grants a fixed sum (5.2)."""

    code: str
    name: str
    description: str
    start: datetime
    end: datetime
    multiplier: str = "1X"
    flat: bool = False
    divisions: frozenset[str] = DIVISIONS

    def live(self, moment: datetime) -> bool:
        """Whether it may be used now."""
        return self.start <= moment <= self.end


@dataclass(frozen=True, slots=True)
class Offers:
    """All offers of the world."""

    earn: tuple[EarnOffer, ...]
    xr: tuple[XrOffer, ...]

    def earnable(self, tier: str, moment: datetime) -> list[EarnOffer]:
        """Live offers open to a tier."""
        return [offer for offer in self.earn if offer.live(moment) and offer.tier in {"", tier}]

    def redeemable(self, moment: datetime) -> list[XrOffer]:
        """Live extra-redemption offers."""
        return [offer for offer in self.xr if offer.live(moment)]


def seeded(today: date) -> Offers:
    """The offers as they are on the world's first day; one has not begun, one is over."""
    begun = datetime.combine(today - timedelta(days=30), time(), CENTRAL)
    ends = end_of_day(today + timedelta(days=90))
    soon = datetime.combine(today + timedelta(days=10), time(), CENTRAL)
    gone = end_of_day(today - timedelta(days=5))
    return Offers(earn=_earn(begun, ends, soon, gone), xr=_xr(begun, ends))


def _earn(begun: datetime, ends: datetime, soon: datetime, gone: datetime) -> tuple[EarnOffer, ...]:
    toys, food, garden = frozenset("1"), frozenset("4"), frozenset("7")
    return (
        EarnOffer("TOYS50", "Toys bonus", "Toys", "Bonus on toys", begun, ends, toys,
                  per_dollar=50),
        EarnOffer("FOOD40", "Groceries bonus", "Groceries", "Bonus on groceries", begun,
                  ends - timedelta(days=30), food, per_dollar=40),
        EarnOffer("GOLD10", "Gold members bonus", "Gold", "For Gold members on everything", begun,
                  ends, per_dollar=10, tier="Gold", benefit=True, program="VIP", subprogram=""),
        EarnOffer("SPEND50", "Spend 50 dollars", "Spend 50", "Flat bonus from 50 dollars", begun,
                  ends, flat=2500, spend=Decimal(50)),
        EarnOffer("BUY3", "Three for the garden", "Garden", "Flat bonus for three pieces", begun,
                  ends, garden, flat=500, items=3),
        EarnOffer(f"YTD{begun.year}", "Spend tracker", f"YTD{begun.year}", "Spend of the year",
                  begun, ends, flat=50_000, spend=Decimal(2500), program="YTD", subprogram=""),
        EarnOffer("SOON20", "Not begun yet", "Soon", "Begins in ten days", soon, ends,
                  per_dollar=20),
        EarnOffer("GONE20", "Over", "Gone", "Ended five days ago", begun, gone, per_dollar=20),
    )  # fmt: skip


def _xr(begun: datetime, ends: datetime) -> tuple[XrOffer, ...]:
    return (
        XrOffer("XR-9", "Flat XR", "Flat XR offer", begun, ends, "FIXED", flat=True),
        XrOffer("XR2X", "Double value on toys", "Points are worth twice", begun, ends, "2X",
                divisions=frozenset("1")),
    )  # fmt: skip

"""The tenant's set-up: club, tiers, stores, rules, reasons (contract 12.1); no members."""

from dataclasses import dataclass
from decimal import Decimal

AUTH_SERVER = "aus7k2northshore91"
CLIENT_ID = "ns-loyalty"
CLIENT_SECRET = "northshore-secret"  # noqa: S105 - the published secret of a made-up tenant
CLUB = "NORTHSHORE_PLUS"
CLUB_TITLE = "Northshore Plus"
STORES = ("ONLINE", "NS-SEA-04", "NS-PDX-01")
MERCHANT_ID = 1
MERCHANT = "Northshore"
POINT_VALUE = Decimal("0.05")
POINT_DAYS = 365
REWARD_DAYS = 90
POINT_TYPES = ("Base", "Bonus", "Promotional", "Restricted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """A tier of the club; the BIN begins the loyalty numbers of those enrolled in it."""

    tier_id: int
    reference: str
    title: str
    bin: str
    rule_id: int
    percent: Decimal

    @property
    def rule(self) -> str:
        """The name of the tier's discount rule."""
        return f"{self.title.lower()}-{self.percent}"


BRONZE = Tier(
    tier_id=311, reference="BRZ", title="Bronze", bin="7041", rule_id=30, percent=Decimal(0)
)
SILVER = Tier(
    tier_id=312, reference="SLV", title="Silver", bin="7042", rule_id=31, percent=Decimal(10)
)
GOLD = Tier(tier_id=313, reference="GLD", title="Gold", bin="7043", rule_id=32, percent=Decimal(15))
TIERS = (BRONZE, SILVER, GOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRule:
    """An item-level discount: so much off a SKU, whatever the quantity (contract 10)."""

    sku: str
    amount: Decimal
    rule_id: int
    rule: str
    description: str


ITEM_RULES = (
    ItemRule(
        sku="MUG-01",
        amount=Decimal("4.00"),
        rule_id=902,
        rule="mug-launch",
        description="Mug launch offer",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason code for an action (contract 11.3)."""

    reason_id: int
    code: str
    reason: str
    action: str
    description: str


COMPANY_ID = 7
REASONS = (
    Reason(
        reason_id=12,
        code="4102",
        reason="Goodwill correction",
        action="points_adjustment",
        description="Customer care correction",
    ),
    Reason(
        reason_id=13,
        code="4103",
        reason="Missed purchase",
        action="points_adjustment",
        description="A purchase made without the loyalty number",
    ),
    Reason(
        reason_id=14,
        code="4199",
        reason="Points granted in error",
        action="points_adjustment",
        description="Takes back points that were not due",
    ),
    Reason(
        reason_id=21,
        code="RET-FULL",
        reason="Whole order returned",
        action="earn_reverse",
        description="All items came back",
    ),
    Reason(
        reason_id=31,
        code="ENR-STORE",
        reason="Enrolled in a store",
        action="enroll",
        description="Enrolment at the counter",
    ),
)

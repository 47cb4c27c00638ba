"""The personas: who they are, each for one thing a client must get right; no happenings."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.fabric import stories
from sandbox.fabric.answers import end_of_day
from sandbox.fabric.book import Book
from sandbox.fabric.profile import Profile
from sandbox.fabric.stories import STORE
from sandbox.fabric.tenant import BRONZE, GOLD, SILVER, Tier
from sandbox.personas import Persona


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One persona: what it is good for, who it is, what happened to it."""

    key: str
    place: int
    why: str
    first: str
    last: str
    phone: str
    email: str
    story: Callable[[Book, datetime], None]
    tier: Tier | None = BRONZE
    enabled: bool = True
    profile_id: str | None = None
    birth_date: str | None = None
    prefix: str = "None"
    gender: str = "None"
    address: tuple[str | None, str | None, str | None] = (None, None, None)

    @property
    def number(self) -> str:
        """The loyalty number."""
        return f"704100023{self.place:02d}"

    @property
    def native_id(self) -> str:
        """The profileId: fixed, and telling the loyalty number."""
        return self.profile_id or f"fab00000-0000-4000-8000-0{self.number}"

    def persona(self) -> Persona:
        """The entry in the register."""
        return Persona(self.key, "fabric", self.number, self.why)

    def profile(self, today: datetime) -> Profile:
        """The member, enrolled some two years ago."""
        enrolled = today - timedelta(days=700 + self.place, microseconds=-61451280331)
        tier_end = end_of_day(today + timedelta(days=200)) if self.tier else None
        return Profile(
            profile_id=self.native_id,
            loyalty_number=self.number,
            first_name=self.first,
            last_name=self.last,
            email=self.email,
            phone=self.phone,
            enrolled_at=enrolled,
            updated_at=enrolled,
            tier=self.tier,
            tier_expires_at=tier_end,
            enabled=self.enabled,
            birth_date=self.birth_date,
            prefix=self.prefix,
            gender=self.gender,
            address=self.address,
            city="Seattle",
            region="WA",
            full_region="Washington",
            postal_code="98109",
            country="US",
            full_country="United States",
            source="shop.northshore.example",
            channel="WEB",
            custom_attributes={"favouriteStore": STORE},
        )


ROLES = (
    Role(
        key="rich",
        place=1,
        why="58,250.50 points, Gold",
        first="Ruth",
        last="Keller",
        phone="12065550101",
        email="ruth.keller@example.com",
        story=stories.rich,
        tier=GOLD,
    ),
    Role(
        key="zero",
        place=2,
        why="no points, no transaction, no reward",
        first="Zoe",
        last="Null",
        phone="12065550102",
        email="zoe.null@example.com",
        story=stories.nothing,
        tier=BRONZE,
    ),
    Role(
        key="expiring",
        place=3,
        why="120 points expire within 7 days, 80 within 60; 35 expired 20 days ago",
        first="Edgar",
        last="Ebb",
        phone="12065550103",
        email="edgar.ebb@example.com",
        story=stories.expiring,
        tier=BRONZE,
    ),
    Role(
        key="inactive",
        place=5,
        why="accountStatus is not Enabled",
        first="Ida",
        last="Quist",
        phone="12065550105",
        email="ida.quist@example.com",
        story=stories.some,
        tier=BRONZE,
        enabled=False,
    ),
    Role(
        key="twelve_digits",
        place=7,
        why="a balance of 12 digits",
        first="Tara",
        last="Billing",
        phone="12065550107",
        email="tara.billing@example.com",
        story=stories.twelve_digits,
        tier=GOLD,
    ),
    Role(
        key="no_tier",
        place=8,
        why="an account without a tier",
        first="Noel",
        last="Plain",
        phone="12065550108",
        email="noel.plain@example.com",
        story=stories.some,
        tier=None,
    ),
    Role(
        key="non_latin",
        place=9,
        why="a name in Chinese script",
        first="小明",
        last="李",
        phone="12065550109",
        email="xiaoming.li@example.com",
        story=stories.some,
        tier=BRONZE,
    ),
    Role(
        key="same_phone_a",
        place=10,
        why="shares a phone number with same_phone_b",
        first="Sam",
        last="Twin",
        phone="12065550177",
        email="sam.twin@example.com",
        story=stories.some,
        tier=BRONZE,
    ),
    Role(
        key="same_phone_b",
        place=11,
        why="shares a phone number with same_phone_a",
        first="Sandra",
        last="Twin",
        phone="12065550177",
        email="sandra.twin@example.com",
        story=stories.some,
        tier=SILVER,
    ),
    Role(
        key="everywhere",
        place=21,
        why="Aisyah Rahman, a member of all three programs",
        first="Aisyah",
        last="Rahman",
        phone="12065550142",
        email="aisyah.rahman@example.com",
        story=stories.everywhere,
        tier=SILVER,
        birth_date="1991-11-05",
        prefix="Ms",
        gender="Female",
        address=("1201 Pike Street", "Apt 4", None),
    ),
    Role(
        key="vouchers",
        place=13,
        why="rewards Active, Redeemed, Cancelled, Reversed and Expired",
        first="Vera",
        last="Couper",
        phone="12065550113",
        email="vera.couper@example.com",
        story=stories.vouchers,
        tier=SILVER,
    ),
    Role(
        key="restricted",
        place=18,
        why="486 points, 20 of them only at NS-PDX-01; the contract's own examples",
        first="Nadia",
        last="Okafor",
        phone="12065550118",
        email="nadia.okafor@example.com",
        story=stories.restricted,
        tier=SILVER,
        profile_id="3b6f0c52-9d1e-4a77-8c40-5e2d91f7a6b3",
        birth_date="1988-03-21",
    ),
    Role(
        key="pending",
        place=15,
        why="366 points, 66 of them pending",
        first="Pia",
        last="Waitt",
        phone="12065550115",
        email="pia.waitt@example.com",
        story=stories.pending,
        tier=BRONZE,
    ),
)

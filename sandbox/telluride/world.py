"""The seeded members and how they are found; deterministic by seed and day, histories made late."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random

from sandbox.telluride.cast import CAST, Part, numbered, place_of
from sandbox.telluride.history import filler_events, scripted_events
from sandbox.telluride.names import FIRST, LAST
from sandbox.telluride.offers import Offers, seeded
from sandbox.telluride.people import (
    INACTIVE,
    MERGED,
    Account,
    Affinity,
    Cap,
    Member,
    Phone,
    Surprise,
)
from sandbox.telluride.registry import Registry
from sandbox.telluride.times import CENTRAL, EPOCH

POPULATION = 10_500
FILLERS_FROM = 1001
PLACES = (
    ("Chicago", "IL", "60601"), ("Seattle", "WA", "98101"), ("Austin", "TX", "78701"),
    ("Miami", "FL", "33101"), ("Denver", "CO", "80202"), ("Boston", "MA", "02108"),
)  # fmt: skip
TIERS = ("Base",) * 7 + ("Silver",) * 2 + ("Gold",)


@dataclass(slots=True)
class World:
    """Members by number, the ways to find them, and their accounts once somebody asked."""

    seed: int
    today: date
    offers: Offers
    members: dict[str, Member]
    accounts: dict[str, Account]
    by_email: dict[str, tuple[str, ...]]
    by_phone: dict[str, tuple[str, ...]]
    by_name: dict[tuple[str, str], tuple[str, ...]]
    registry: Registry = field(default_factory=Registry)
    begun: datetime = EPOCH

    def account(self, number: str) -> Account | None:
        """The member with all bookings; the history is made the first time."""
        if (known := self.accounts.get(number)) is not None:
            return known
        if (member := self.members.get(number)) is None:
            return None
        account = Account(member, filler_events(self.seed, member, self.today))
        self.accounts[number] = account
        return account

    def change(self, member: Member) -> None:
        """Put a changed profile in place; name and contacts must be as they were."""
        self.members[member.number] = member
        if (account := self.account(member.number)) is not None:
            account.member = member

    def enroll(self, member: Member) -> Account:
        """Take in somebody new, with an empty account."""
        _admit(self, member)
        account = Account(member)
        self.accounts[member.number] = account
        return account

    def next_number(self) -> str:
        """The number a new member gets (U-59)."""
        while True:
            self.registry.enrolled += 1
            number = numbered(FILLERS_FROM + POPULATION + self.registry.enrolled)
            if number not in self.members:
                return number

    def named_like(self, first: str, last: str) -> list[str]:
        """Members whose names fit patterns with `*` or `%` (U-55, U-56)."""
        fits_first, fits_last = _pattern(first), _pattern(last)
        return [
            number
            for names, numbers in self.by_name.items()
            if fits_first(names[0]) and fits_last(names[1])
            for number in numbers
        ]

    def with_attribute(self, kind: str, value: str) -> list[str]:
        """Members with a card id (kind CARD) or an id at an affiliation (kind = its code)."""
        if kind.upper() == "CARD":
            return [number for number in self.members if card(number) == value]
        return [
            member.number
            for member in self.members.values()
            if any(link.code == kind and link.id == value for link in member.affinities)
        ]


def card(number: str) -> str:
    """The id printed on the member's card."""
    return f"C{number[-10:]}"


def built(seed: int, now: datetime) -> World:
    """A fresh world as of the Central day of `now`."""
    today = now.astimezone(CENTRAL).date()
    crowd = _crowd(seed, today)
    world = World(
        seed=seed,
        today=today,
        offers=crowd.offers,
        members=dict(crowd.members),
        accounts={},
        by_email=dict(crowd.by_email),
        by_phone=dict(crowd.by_phone),
        by_name=dict(crowd.by_name),
        registry=Registry(seed),
        begun=now.astimezone(CENTRAL).replace(microsecond=0),
    )
    for place, part in enumerate(CAST, 1):
        number = numbered(place)
        events = scripted_events(world.members[number], part.steps, today)
        world.accounts[number] = Account(world.members[number], events)
    return world


@lru_cache(maxsize=4)
def _crowd(seed: int, today: date) -> World:
    """Everybody, without accounts; never handed out, only copied, so that a reset is quick."""
    crowd = World(seed, today, seeded(today), {}, {}, {}, {}, {})
    for place, part in enumerate(CAST, 1):
        _admit(crowd, _persona(place, part, today))
    for member in _fillers(seed, today):
        _admit(crowd, member)
    return crowd


def _admit(world: World, member: Member) -> None:
    number, email = member.number, member.email.lower()
    world.members[number] = member
    if email:
        world.by_email[email] = (*world.by_email.get(email, ()), number)
    for phone in member.phones:
        world.by_phone[phone.number] = (*world.by_phone.get(phone.number, ()), number)
    names = (member.first.lower(), member.last.lower())
    world.by_name[names] = (*world.by_name.get(names, ()), number)


def _fillers(seed: int, today: date) -> Iterable[Member]:
    dice = Random(f"telluride-{seed}")
    anchor = datetime.combine(today, time(9, 30), CENTRAL)
    for place in range(FILLERS_FROM, FILLERS_FROM + POPULATION):
        roll = dice.getrandbits(62)
        first, last = FIRST[roll % len(FIRST)], LAST[(roll >> 8) % len(LAST)]
        city, state, zip_code = PLACES[(roll >> 16) % len(PLACES)]
        number = numbered(place)
        yield Member(
            number=number,
            first=first,
            last=last,
            middle="",
            email=f"{first}.{last}.{place}@example.com".lower(),
            phones=(Phone("M", f"312{5550000 + place:07d}"),),
            street=f"{1 + (roll >> 24) % 999} Main St",
            city=city,
            state=state,
            zip=zip_code,
            born=date(1945 + (roll >> 32) % 60, 1 + (roll >> 36) % 12, 1 + (roll >> 40) % 28),
            joined=anchor - timedelta(days=400 + (roll >> 44) % 3000),
            tier=TIERS[(roll >> 52) % len(TIERS)],
            spent=Decimal((roll >> 20) % 250_000).scaleb(-2),
            trips=(roll >> 28) % 40,
            status=INACTIVE if place % 50 == 0 else "A",
            earn_type="BASE" if place % 9 == 0 else "BONUS",
        )


def _persona(place: int, part: Part, today: date) -> Member:
    number = numbered(place)
    name = part.key.replace("_", ".")
    return Member(
        number=number,
        first=part.first,
        last=part.last,
        middle="B" if part.key == "surprise" else "",
        email=part.email or f"{name}@example.com",
        phones=(Phone("M", part.phone or f"3125550{100 + place}"),),
        street=f"{place} Main St",
        city="Chicago",
        state="IL",
        zip="60601",
        born=date(1985, 12, 10),
        joined=datetime.combine(today - timedelta(days=800 + place), time(9, 30), CENTRAL),
        tier=part.tier,
        spent=Decimal("431.27") if part.steps else Decimal(0),
        trips=12 if part.steps else 0,
        status=part.status,
        survivor=numbered(place_of(part.survivor)) if part.status == MERGED else "",
        affinities=_affinities(today) if part.affinities else (),
        surprises=_surprises(today) if part.surprises else (),
        restricted=part.restricted,
        cap=Cap(part.cap, "DAILY", "Points") if part.cap else None,
    )


def _surprises(today: date) -> tuple[Surprise, ...]:
    return (
        Surprise("SUR-1", "Spring surprise", 1500, today + timedelta(days=20)),
        Surprise("SUR-2", "Weekend surprise", 500, today + timedelta(days=4), "Spend>20.0"),
    )


def _affinities(today: date) -> tuple[Affinity, ...]:
    ago, ahead = today - timedelta(days=100), today + timedelta(days=100)
    return (
        Affinity("EXAMPLE1", "A", ago),
        Affinity("PETCLUB", "A", ago, ahead, id="88001"),
        Affinity("WAITING", "P", ago, id="88002"),
        Affinity("LEFT", "I", ago),
        Affinity("ENDED", "A", ago, today - timedelta(days=10)),
        Affinity("FUTURE", "A", ahead),
    )


def _pattern(text: str) -> Callable[[str], bool]:
    parts = (re.escape(part) for part in re.split(r"[*%]", text.lower()))
    compiled = re.compile(".*".join(parts))
    return lambda name: compiled.fullmatch(name) is not None

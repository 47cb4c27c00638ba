"""The ten thousand ordinary members: who they are, and a book made when it is first opened."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from sandbox.fabric.book import Book
from sandbox.fabric.events import Step
from sandbox.fabric.profile import Profile
from sandbox.fabric.scribe import Award, basket, earn, handle, issue
from sandbox.fabric.tenant import BRONZE, GOLD, POINT_VALUE, SILVER, STORES

SIZE = 10_000
FIRST = ("Amir", "Beth", "Carlos", "Dana", "Elif", "Farid", "Grace", "Hugo", "Ines", "Jonas")
LAST = ("Abbott", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito")
CITIES = (
    ("Seattle", "Washington", "WA", "98109"),
    ("Portland", "Oregon", "OR", "97205"),
    ("Tacoma", "Washington", "WA", "98402"),
)
TIER_DRAW = (BRONZE,) * 6 + (SILVER,) * 3 + (GOLD,)
REWARD_POINTS = Decimal(100)
OLDEST_PURCHASE = 420


def profiles(seed: int, today: datetime) -> list[Profile]:
    """All ordinary members in the order enrolled; the same seed and day give the same."""
    draw = Random(seed)
    return [_profile(place, draw, today) for place in range(SIZE)]


def _profile(place: int, draw: Random, today: datetime) -> Profile:
    first, last = FIRST[place % len(FIRST)], LAST[place % len(LAST)]
    city, full_region, region, postal_code = CITIES[place % len(CITIES)]
    bits = draw.getrandbits(128)
    tier = TIER_DRAW[bits % len(TIER_DRAW)]
    enrolled = today - timedelta(days=OLDEST_PURCHASE + 10 + place % 900, seconds=place)
    return Profile(
        profile_id=str(UUID(int=bits, version=4)),
        loyalty_number=f"{tier.bin}{1_000_000 + place}",
        first_name=first,
        last_name=last,
        email=f"{first}.{last}.{place}@example.net".lower(),
        phone=f"1509{2_000_000 + place}",
        enrolled_at=enrolled,
        updated_at=enrolled,
        tier=tier,
        tier_expires_at=today.replace(hour=23, minute=59, second=59) + timedelta(days=300),
        city=city,
        region=region,
        full_region=full_region,
        postal_code=postal_code,
        country="US",
        full_country="United States",
        entity=STORES[place % len(STORES)],
        enrollment_entity=STORES[place % len(STORES)],
    )


def book(profile: Profile, seed: int, today: datetime) -> Book:
    """The happenings of one ordinary member: up to four purchases, perhaps a redeemed reward."""
    draw = Random(f"{seed}/{profile.profile_id}")
    made = Book(profile.profile_id)
    days = sorted(
        (draw.randint(2, OLDEST_PURCHASE) for _ in range(draw.randint(0, 4))), reverse=True
    )
    at = today
    for place, ago in enumerate(days):
        at = today - timedelta(days=ago, microseconds=-draw.randrange(80_000_000_000))
        net = Decimal(draw.randint(500, 20_000)) / 100
        award = Award(base=net, bonus=Decimal(draw.choice((0, 0, 0, 20))))
        reference = f"NS-{profile.loyalty_number[-5:]}-{place}"
        earn(made, at, award, store=profile.entity, reference=reference, sale=basket(net))
    if made.balance(at) > REWARD_POINTS and draw.randrange(3) == 0:
        amount = REWARD_POINTS * POINT_VALUE
        at += timedelta(minutes=10)
        code = issue(made, at, amount, POINT_VALUE, store=profile.entity, user="web-checkout")
        if draw.randrange(4):
            handle(made, code, Step.REDEEMED, at + timedelta(minutes=5), user="web-checkout")
    return made

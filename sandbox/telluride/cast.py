"""The named members of the seeded world and the lives they have led; nothing random here."""

from dataclasses import dataclass

from sandbox.personas import Persona
from sandbox.telluride.people import INACTIVE, MERGED, PENDING, REPLACED, SUSPENDED
from sandbox.telluride.switchboard import UPSTREAM


@dataclass(frozen=True, slots=True)
class Step:
    """One booking of a persona: so many days ago, in points; `lasts` is days from today."""

    kind: str
    ago: int
    base: int = 0
    bonus: int = 0
    redeemed: int = 0
    lasts: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A persona as the world is built from it; its place in the list makes its number."""

    key: str
    why: str
    first: str
    last: str
    phone: str = ""
    email: str = ""
    tier: str = "Base"
    status: str = "A"
    survivor: str = ""
    steps: tuple[Step, ...] = ()
    restricted: int = 0
    cap: int = 0
    surprises: bool = False
    affinities: bool = False


def bought(ago: int, base: int, bonus: int = 0, lasts: int | None = None) -> Step:
    """A purchase."""
    return Step("P", ago, base, bonus, lasts=lasts)


def granted(ago: int, bonus: int, lasts: int | None = None) -> Step:
    """A bonus posting."""
    return Step("B", ago, 0, bonus, lasts=lasts)


def spent(ago: int, points: int) -> Step:
    """A redemption."""
    return Step("D", ago, redeemed=points)


ORDINARY = (bought(90, 500, 2000), bought(40, 300, 1200), spent(20, 1000), bought(5, 200, 1000))
"""4200 points: enough for the personas whose balance is not the point."""

CAST = (
    Part(
        "rich", "large balance in eight lots, five of which are answered; some expired; Gold",
        "Grace", "Okafor",
        tier="Gold",
        steps=(
            bought(400, 2000, 1000), spent(380, 500), bought(300, 100_000, 250_000),
            bought(240, 80_000, 120_000), granted(180, 500_000), spent(150, 45_000),
            granted(140, 1200, lasts=-20), bought(120, 60_000, 90_000),
            bought(60, 150_000, 250_000), bought(30, 40_000, 60_000),
            granted(10, 75_000, lasts=45), bought(1, 25_000, 25_000),
        ),
    ),
    Part("zero", "no points and no history at all", "Noah", "Null"),
    Part(
        "expiring", "3200 of 9000 points expire within seven days", "Elena", "Petrova",
        steps=(bought(363, 200, 1000, lasts=2), bought(359, 500, 1500, lasts=6),
               bought(30, 800, 5000)),
    ),
    Part("merged", "merged away; lives on as `survivor`", "Mia", "Meyer", status=MERGED,
         survivor="survivor", steps=()),
    Part("inactive", "club status I", "Ian", "Idle", status=INACTIVE, steps=ORDINARY),
    Part(
        "twelve_digits", "a balance of twelve digits", "Max", "Sterling", tier="Gold",
        steps=(bought(200, 23_456_789_012, 100_000_000_000),),
    ),
    Part("no_tier", "VIPTier is empty", "Tom", "Plain", tier="", steps=ORDINARY),
    Part("non_latin", "a name in Chinese script", "美玲", "陳", tier="Silver", steps=ORDINARY),
    Part("same_phone_a", "shares one phone number with same_phone_b", "Sam", "Twin",
         phone="3125550177", steps=ORDINARY),
    Part("same_phone_b", "shares one phone number with same_phone_a", "Sue", "Twin",
         phone="3125550177", steps=ORDINARY),
    Part(
        "everywhere", "the same person is a member of all three programs", "Aisyah", "Rahman",
        phone="2065550142", email="aisyah.rahman@example.com", tier="Silver",
        steps=(bought(200, 4000, 6000), spent(100, 2500), bought(15, 1000, 4000)),
    ),
    Part("surprise", "holds surprise points and offers beside own points", "Ada", "Byron",
         email="ada@example.com", steps=(bought(60, 500, 12_000),), surprises=True),
    Part("affinities", "affinities active, pending, inactive, ended and future", "Alma", "Reyes",
         steps=ORDINARY, affinities=True),
    Part("restricted", "1500 of the own points are for certain purchases only", "Rita", "Rule",
         steps=ORDINARY, restricted=1500),
    Part("capped", "a redemption cap lets only 2000 points out", "Carl", "Kapp", steps=ORDINARY,
         cap=2000),
    Part("suspended", "club status S", "Sid", "Stop", status=SUSPENDED, steps=ORDINARY),
    Part("pending_verified", "club status P, not verified yet", "Pia", "Wait", status=PENDING),
    Part("replaced", "club status R, the card was replaced", "Rex", "Old", status=REPLACED),
    Part("survivor", "what `merged` lives on under", "Mia", "Meyer", steps=ORDINARY),
    Part("merged_lost", "merged into `inactive`, which is not active", "Lou", "Lost",
         status=MERGED, survivor="inactive"),
)  # fmt: skip


def luhn(payload: str) -> str:
    """The payload with its check digit."""
    digits = [int(digit) for digit in reversed(payload)]
    doubled = [sum(divmod(digit * 2, 10)) for digit in digits[::2]]
    return f"{payload}{-(sum(doubled) + sum(digits[1::2])) % 10}"


def numbered(place: int) -> str:
    """The member number of a place in the world: 16 digits, 7081 first, Luhn-valid (1.4)."""
    return luhn(f"7081555{place:08d}")


def place_of(key: str) -> int:
    """Where a persona stands, from 1."""
    return next(place for place, part in enumerate(CAST, 1) if part.key == key)


def personas() -> tuple[Persona, ...]:
    """The cast for the sandbox's roll."""
    return tuple(
        Persona(part.key, UPSTREAM, numbered(place), part.why) for place, part in enumerate(CAST, 1)
    )

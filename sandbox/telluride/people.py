"""Who a Telluride member is: profile, phones, affinities, held surprises; no points, no wire."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from urllib.parse import quote, unquote

from sandbox.telluride.points import Event

_MASK = 0xFFA5C33C5AF00F9669FFFB
ACTIVE, INACTIVE, MERGED, REPLACED, SUSPENDED, PENDING = "A", "I", "O", "R", "S", "P"


@dataclass(frozen=True, slots=True)
class Phone:
    """A number of ten digits; kinds are M mobile and H home."""

    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Affinity:
    """A programme the member takes part in (contract 4.5, 5.8)."""

    code: str
    status: str
    start: date
    end: date | None = None
    id: str = "0"
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Surprise:
    """A surprise offer held by a member, with its points."""

    code: str
    name: str
    points: int
    expires: date
    qualifier: str = "Quantity>0.0"


@dataclass(frozen=True, slots=True)
class Cap:
    """How much of the own points may be redeemed at a time."""

    points: int
    duration: str
    kind: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a member said of themself when they joined, beyond name and address."""

    prefix: str = ""
    suffix: str = ""
    street2: str = ""
    zip_extension: str = ""
    country: str = "US"
    promotion: str = ""
    sms: str = "Y"
    language: str = "E"
    card: str = "VRTL"
    associate: str = "N"
    created_by: str = "0200"
    store: str = "00001"
    requestor: str = "LGPH"
    register: str = "001"
    terms: tuple[str, str] = ("Y", "10.0")
    test: str = ""
    gender: str = ""
    attributes: tuple[tuple[str, str], ...] = (("receipt", ""),)


@dataclass(frozen=True, slots=True)
class Member:
    """A profile; everything of it that changes by a call is replaced as a whole."""

    number: str
    first: str
    last: str
    email: str
    phones: tuple[Phone, ...]
    street: str
    city: str
    state: str
    zip: str
    born: date | None
    joined: datetime
    tier: str
    spent: Decimal
    trips: int
    status: str = ACTIVE
    survivor: str = ""
    middle: str = ""
    earn_type: str = "BONUS"
    affinities: tuple[Affinity, ...] = ()
    surprises: tuple[Surprise, ...] = ()
    restricted: int = 0
    cap: Cap | None = None
    preferences: Preferences = Preferences()

    @property
    def identifier(self) -> str:
        """The opaque form of the number: base64, percent-encoded once (U-61)."""
        return identifier_of(int(self.number))


def identifier_of(number: int) -> str:
    """The opaque form of a number."""
    return quote(b64encode((number ^ _MASK).to_bytes(11, "big")).decode(), safe="")


def number_of(identifier: str) -> str:
    """The number behind an identifier, byte for byte as it was given out; "" for any other."""
    try:
        number = int.from_bytes(b64decode(unquote(identifier), validate=True), "big") ^ _MASK
        return str(number) if identifier_of(number) == identifier else ""
    except (ValueError, OverflowError):
        return ""


@dataclass(slots=True)
class Account:
    """A member with all bookings in the order they came; `latest` is when the last was booked."""

    member: Member
    events: list[Event] = field(default_factory=list[Event])
    latest: datetime | None = None

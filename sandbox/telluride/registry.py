"""What the server remembers of its own writes: numbers given out, answers kept; no points."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from string import ascii_uppercase, digits

from sandbox.telluride.people import Surprise
from sandbox.telluride.reading import Json

CODE_ALPHABET = ascii_uppercase + digits
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Stored:
    """The first answer of a booked transaction, and what must be equal in a repeat (7.3)."""

    content: object
    reply: Json


@dataclass(frozen=True, slots=True)
class Noted:
    """What the effects say a member holds, and how much time had expired and released by then."""

    held: int
    expired: int
    seen: datetime


@dataclass(slots=True)
class Registry:
    """One world's memory; a fresh world has an empty one."""

    seed: int = 0
    serial: int = 0
    enrolled: int = 0
    stored: dict[tuple[str, ...], Stored] = field(default_factory=dict[tuple[str, ...], Stored])
    effects: dict[str, int] = field(default_factory=dict[str, int])
    references: dict[str, str] = field(default_factory=dict[str, str])
    noted: dict[str, Noted] = field(default_factory=dict[str, Noted])
    surprises: dict[str, tuple[Surprise, ...]] = field(
        default_factory=dict[str, tuple[Surprise, ...]]
    )
    awarded: dict[tuple[str, str], tuple[int, int]] = field(
        default_factory=dict[tuple[str, str], tuple[int, int]]
    )
    inquired: set[str] = field(default_factory=set[str])
    codes: set[str] = field(default_factory=set[str])

    def next_id(self) -> str:
        """A transaction id of 32 hex digits (U-29)."""
        return self._digest("transaction")[:32].upper()

    def next_code(self) -> str:
        """An authorization code nobody ever had (U-48)."""
        while True:
            number = int(self._digest("authorization"), 16)
            places = (number // len(CODE_ALPHABET) ** place for place in range(CODE_LENGTH))
            code = "".join(CODE_ALPHABET[place % len(CODE_ALPHABET)] for place in places)
            if code not in self.codes:
                self.codes.add(code)
                return code

    def award(self, offer: str, member: str, points: int) -> None:
        """Count a posting against the caps of an offer."""
        for key in ((offer, member), (offer, "")):
            total, times = self.awarded.get(key, (0, 0))
            self.awarded[key] = (total + points, times + 1)

    def _digest(self, what: str) -> str:
        self.serial += 1
        return sha256(f"{what}-{self.seed}-{self.serial}".encode()).hexdigest()

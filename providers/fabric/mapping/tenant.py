"""What the mapping must know of the program it speaks for; values of the configuration."""

import re
from dataclasses import dataclass
from decimal import Decimal

from loyalty.money import Money, rounded
from loyalty.refs import MemberRef
from providers.fabric.settings import Assumptions, FabricSettings

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Unreadable(ValueError):
    """The answer has none of the documented shapes; carries no word of it."""


class WrongMember(Unreadable):
    """The answer is about another member than the one asked about."""


@dataclass(frozen=True, slots=True)
class Tenant:
    """A program at fabric."""

    program: str
    currency: str
    club: str
    point_worth: Decimal | None
    exchange_type: str | None
    assumptions: Assumptions

    def ref(self, profile_id: str) -> MemberRef:
        """The reference of a member, its key in lower case; raises Unreadable."""
        key = uuid(profile_id)
        if key is None:
            raise Unreadable
        return MemberRef(self.program, key)

    def ref_of(self, asked: str, told: str) -> MemberRef:
        """The reference of the member asked about; raises WrongMember where it is another."""
        ref = self.ref(told)
        if ref.key != asked:
            raise WrongMember
        return ref

    def money(self, amount: Decimal) -> Money:
        """An amount in the tenant's one currency (contract 1.2)."""
        return rounded(amount, self.currency)

    def maybe_money(self, amount: Decimal | None) -> Money | None:
        """The same, where there is an amount."""
        return None if amount is None else self.money(amount)


def tenant(program: str, settings: FabricSettings) -> Tenant:
    """The tenant of a program's settings."""
    types = {kind.name: text for kind, text in settings.transaction_types.items()}
    return Tenant(
        program=program,
        currency=settings.currency,
        club=settings.club,
        point_worth=settings.point_worth,
        exchange_type=types.get("EXCHANGE"),
        assumptions=settings.assumptions,
    )


def uuid(text: str) -> str | None:
    """A UUID in the form of the wire (lower case, hyphens), or None for any other text."""
    lowered = text.strip().lower()
    return lowered if _UUID.fullmatch(lowered) else None

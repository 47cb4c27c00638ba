"""Tiers, and how far a member is on the way to the next."""

from datetime import datetime
from decimal import Decimal

import strawberry

from graph.scalars import CurrencyCode
from loyalty import members


@strawberry.type(description="A level of a program.")
class Tier:
    """A tier."""

    code: str = strawberry.field(description="The program's code for it.")
    name: str = strawberry.field(description="Its name, for people.")
    rank: int | None = strawberry.field(
        description="Its place from the bottom, 1 first, where an order is known."
    )

    @classmethod
    def of(cls, value: members.Tier) -> "Tier":
        """The view of a value."""
        return cls(code=value.code, name=value.name, rank=value.rank)


@strawberry.type(description="How far a member is on the way to the next tier.")
class TierProgress:
    """The way to the next tier."""

    current: Decimal = strawberry.field(
        description="What counts so far: money if currency is given, else points."
    )
    target: Decimal | None = strawberry.field(description="What the next tier takes.")
    remaining: Decimal | None = strawberry.field(description="What is missing.")
    currency: CurrencyCode | None = strawberry.field(
        description="The currency, where money counts."
    )
    next_tier: Tier | None = strawberry.field(description="The next tier, where it is known.")

    @classmethod
    def of(cls, value: members.TierProgress) -> "TierProgress":
        """The view of a value."""
        return cls(
            current=value.current,
            target=value.target,
            remaining=value.remaining,
            currency=CurrencyCode(value.currency) if value.currency else None,
            next_tier=Tier.of(value.next_tier) if value.next_tier else None,
        )


@strawberry.type(description="The tier a member is in.")
class MemberTier:
    """A member's tier."""

    tier: Tier = strawberry.field(description="The tier.")
    valid_until: datetime | None = strawberry.field(
        description="Until when, where the program tells."
    )
    progress: TierProgress | None = strawberry.field(
        description="The way to the next tier, where the program tells."
    )

    @classmethod
    def of(cls, value: members.MemberTier) -> "MemberTier":
        """The view of a value."""
        return cls(
            tier=Tier.of(value.tier),
            valid_until=value.valid_until,
            progress=TierProgress.of(value.progress) if value.progress else None,
        )

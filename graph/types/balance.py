"""Balances: what can be spent, what it is worth, and when it goes."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry import UNSET

from graph.context import Info
from graph.types.enums import ExpiryPrecision, PointsKind, PointsState
from graph.types.money import Freshness, Money
from graph.types.owner import MemberOf, owner
from graph.waves import start
from loyalty import points as words
from loyalty.errors import InvalidInput
from loyalty.refs import MemberRef
from providers.port import Period
from resolvers.loaders import opened

From = Annotated[
    datetime | None,
    strawberry.argument(name="from", description="The earliest instant, inclusive."),
]
To = Annotated[
    datetime | None, strawberry.argument(name="to", description="The latest instant, inclusive.")
]

BEFORE_THE_BALANCE = ("expiring", "expired", "redeemableAt")
"""Fields of Balance that need calls of their own, and not the balance: they leave with it."""


@strawberry.type(description="A part of a balance that shares kind, state, expiry and restriction.")
class PointsBucket:
    """A part of a balance."""

    kind: PointsKind = strawberry.field(description="How the points came to be.")
    native_kind: str | None = strawberry.field(description="The program's own word for the kind.")
    state: PointsState = strawberry.field(description="Whether they can be spent.")
    points: Decimal = strawberry.field(description="How many.")
    worth: Money | None = strawberry.field(description="What they are worth.")
    expires_at: datetime | None = strawberry.field(description="When they go.")
    restriction: str | None = strawberry.field(
        description="Where or for what alone they can be spent."
    )

    @classmethod
    def of(cls, value: words.PointsBucket) -> "PointsBucket":
        """The view of a value."""
        return cls(
            kind=value.kind,
            native_kind=value.native_kind,
            state=value.state,
            points=value.points,
            worth=Money.maybe(value.worth),
            expires_at=value.expires_at,
            restriction=value.restriction,
        )


@strawberry.type(description="Points that will be lost.")
class ExpiringPoints:
    """Points that will be lost at an instant, or by the end of a window."""

    ref: strawberry.Private[MemberRef]
    points: Decimal = strawberry.field(description="How many.")
    worth: Money | None = strawberry.field(description="What they are worth.")
    expires_at: datetime = strawberry.field(description="When, or by when, they go.")
    precision: ExpiryPrecision = strawberry.field(
        description="Whether that is the day, or the end of a window."
    )

    @strawberry.field(description="Whose points they are.")
    async def member(self, info: Info) -> MemberOf:
        """The member, without asking whether it exists."""
        return await owner(info, self.ref)

    @classmethod
    def of(cls, value: words.ExpiringPoints) -> "ExpiringPoints":
        """The view of a value."""
        return cls(
            ref=value.member,
            points=value.points,
            worth=Money.maybe(value.worth),
            expires_at=value.expires_at,
            precision=value.precision,
        )


@strawberry.type(description="Points that were lost.")
class ExpiredPoints:
    """Points that were lost."""

    points: Decimal = strawberry.field(description="How many.")
    expired_at: datetime = strawberry.field(description="When.")


@strawberry.type(description="A member's points. Points of two programs are never added.")
class Balance:
    """A balance as clients see it."""

    ref: strawberry.Private[MemberRef]
    points: Decimal = strawberry.field(description="Spendable now, anywhere in the program.")
    worth: Money | None = strawberry.field(
        description="What `points` is worth in money; null where no rate is known."
    )
    pending: Decimal | None = strawberry.field(
        description="Earned and not yet spendable; not part of points."
    )
    locked: Decimal | None = strawberry.field(
        description="Held for something else; not part of points."
    )
    restricted: Decimal | None = strawberry.field(
        description="Spendable only at some stores or under an offer; not part of points."
    )
    lifetime_earned: Decimal | None = strawberry.field(description="All points ever earned.")
    lifetime_redeemed: Decimal | None = strawberry.field(description="All points ever spent.")
    lifetime_expired: Decimal | None = strawberry.field(description="All points ever lost to time.")
    buckets: list[PointsBucket] | None = strawberry.field(
        description="The parts, where the program tells them."
    )
    freshness: Freshness = strawberry.field(
        description="Where the figures came from, and how old they are."
    )

    @strawberry.field(
        description="Points that will be lost, soonest first; null where the program cannot tell."
    )
    async def expiring(self, info: Info) -> list[ExpiringPoints] | None:
        """What will be lost."""
        found = opened(await info.context.loaders.expiring(self.ref))
        return None if found is None else [ExpiringPoints.of(value) for value in found]

    @strawberry.field(
        description="Points that were lost, latest first; null where the program cannot tell."
    )
    async def expired(
        self, info: Info, from_: From = UNSET, to: To = UNSET
    ) -> list[ExpiredPoints] | None:
        """What was lost."""
        found = opened(await info.context.loaders.expired(self.ref, period(from_, to)))
        if found is None:
            return None
        return [ExpiredPoints(points=value.points, expired_at=value.expired_at) for value in found]

    @strawberry.field(
        description="Spendable at this outlet, restricted points included; "
        "null where the program cannot tell."
    )
    async def redeemable_at(
        self,
        info: Info,
        outlet: Annotated[str, strawberry.argument(description="The outlet's code.")],
    ) -> Decimal | None:
        """What can be spent at one outlet."""
        return opened(await info.context.loaders.redeemable_at(self.ref, outlet))

    @classmethod
    def of(cls, value: words.Balance) -> "Balance":
        """The view of a value."""
        return cls(
            ref=value.member,
            points=value.points,
            worth=Money.maybe(value.worth),
            pending=value.pending,
            locked=value.locked,
            restricted=value.restricted,
            lifetime_earned=value.lifetime_earned,
            lifetime_redeemed=value.lifetime_redeemed,
            lifetime_expired=value.lifetime_expired,
            buckets=None if value.buckets is None else [PointsBucket.of(b) for b in value.buckets],
            freshness=Freshness.live(value.fetched_at),
        )


class _Unread:
    """A balance that is being asked for: enough for the fields that do not need it."""

    def __init__(self, ref: MemberRef) -> None:
        self.ref = ref


async def balance_of(info: Info, ref: MemberRef) -> Balance | None:
    """The member's balance; what its fields need besides leaves at the same time."""
    asked = info.context.loaders.balance(ref)
    start(info, "Balance", _Unread(ref), BEFORE_THE_BALANCE)
    found = opened(await asked)
    return None if found is None else Balance.of(found)


def period(starts_at: datetime | None, ends_at: datetime | None) -> Period:
    """The period of `from` and `to`; InvalidInput if it ends before it starts."""
    if starts_at and ends_at and ends_at < starts_at:
        msg = "`to` lies before `from`"
        raise InvalidInput(msg, field=("to",))
    return Period(starts_at or None, ends_at or None)

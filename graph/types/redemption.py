"""Redemptions: points or a voucher turned into value, each known by the operation that made it."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from graph.context import Info
from graph.principals import Scope
from graph.types.money import Money, Node
from graph.types.offers import Voucher
from graph.types.owner import MemberOf, owner
from graph.types.write_enums import RedemptionStatus
from loyalty.commands import ClaimVoucher, RedeemPoints, RedeemVoucher
from loyalty.outcomes import Redeemed
from loyalty.refs import MemberRef, RedemptionRef, VoucherRef
from resolvers.loaders import opened

if TYPE_CHECKING:
    from graph.types.transaction import Transaction

TransactionOf = Annotated["Transaction", strawberry.lazy("graph.types.transaction")]


@strawberry.type(description="Points or a voucher turned into value: held, captured, voided.")
class Redemption(Node):
    """A redemption as clients see it."""

    value: strawberry.Private[Redeemed]
    ref: strawberry.Private[MemberRef]
    status: RedemptionStatus = strawberry.field(description="Where it is in its life.")
    points: Decimal | None = strawberry.field(description="The points spent.")
    worth: Money | None = strawberry.field(description="What they were worth.")
    created_at: datetime | None = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="Until when it is held.")

    @strawberry.field(description="Whose it is.")
    async def member(self, info: Info) -> MemberOf:
        """The member, without asking whether it exists."""
        return await owner(info, self.ref)

    @strawberry.field(
        description="The voucher used, or held; null where points were spent at once."
    )
    async def voucher(self, info: Info) -> Voucher | None:
        """The voucher, by a call."""
        ref = voucher_of(self.value)
        if ref is None:
            return None
        found = opened(await info.context.loaders.voucher(ref))
        return None if found is None else Voucher.of(info, found)

    @strawberry.field(
        description="The provider's own code for it. Needs the scope redemption:code."
    )
    def code(self, info: Info) -> str | None:
        """The code."""
        info.context.require(Scope.REDEMPTION_CODE)
        return self.value.done.code

    @strawberry.field(description="The sale it paid for; known for what went through this API.")
    async def transaction(self, info: Info) -> TransactionOf | None:
        """The sale."""
        from graph.types.ledgered import sale_paid_by  # noqa: PLC0415 - types form a circle here

        return await sale_paid_by(info, self.value)

    @classmethod
    def of(cls, info: Info, value: Redeemed) -> "Redemption":
        """The view of a value."""
        member = member_of(value)
        done = value.done
        return cls(
            id=strawberry.ID(info.context.ids.of(RedemptionRef(member, value.operation))),
            value=value,
            ref=member,
            status=value.status,
            points=done.points if done.points is not None else _asked(value),
            worth=Money.maybe(done.worth),
            created_at=value.began_at,
            expires_at=done.expires_at,
        )


def member_of(value: Redeemed) -> MemberRef:
    """Whose redemption it is."""
    command = value.command
    return command.voucher.member if isinstance(command, RedeemVoucher) else command.member


def voucher_of(value: Redeemed) -> VoucherRef | None:
    """The voucher of a redemption that used one, or is one while it is held."""
    match value.command:
        case RedeemVoucher(voucher=voucher):
            return voucher
        case ClaimVoucher():
            return value.done.voucher
        case RedeemPoints():
            return value.done.voucher if value.command.hold else None


def _asked(value: Redeemed) -> Decimal | None:
    return value.command.points if isinstance(value.command, RedeemPoints) else None

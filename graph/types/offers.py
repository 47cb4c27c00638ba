"""Vouchers a member has, and offers a member could get."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from graph.context import Info
from graph.principals import Scope
from graph.scalars import Json
from graph.types.enums import OfferKind, UnusableReason, VoucherStatus
from graph.types.money import Money, Node, PageInfo
from graph.types.owner import MemberOf, owner
from graph.types.program import Program, program_of
from graph.types.raw import RAW, raw_of
from loyalty import offers
from loyalty.raw import RawRecord
from loyalty.refs import MemberRef, OfferRef
from resolvers.paging import Slice
from resolvers.raw import HIDDEN


@strawberry.type(description="A fixed sum off.")
class AmountOff:
    """A discount of a sum."""

    amount: Money = strawberry.field(description="The sum.")


@strawberry.type(description="A share off.")
class PercentageOff:
    """A discount in percent."""

    percentage: Decimal = strawberry.field(description="In percent: 10 is ten per cent.")


Discount = Annotated[
    AmountOff | PercentageOff,
    strawberry.union("Discount", description="What something takes off a price."),
]


def discount_view(value: offers.Discount | None) -> AmountOff | PercentageOff | None:
    """The view of a discount."""
    match value:
        case None:
            return None
        case offers.AmountOff(amount):
            return AmountOff(amount=Money.of(amount))
        case offers.PercentageOff(percentage):
            return PercentageOff(percentage=percentage)


@strawberry.type(description="Whether something can be used now, why not, and from when it can.")
class Usability:
    """Usable or not."""

    now: bool = strawberry.field(description="Whether it can be used at this moment.")
    reasons: list[UnusableReason] = strawberry.field(description="Why not; empty when it can.")
    native_reason: str | None = strawberry.field(
        description="The program's own code or word for the reason."
    )
    usable_from: datetime | None = strawberry.field(
        description="The next moment it can be used, where that is known."
    )

    @classmethod
    def maybe(cls, value: offers.Usability | None) -> "Usability | None":
        """The view of a value."""
        if value is None:
            return None
        return cls(
            now=value.now,
            reasons=list(value.reasons),
            native_reason=value.native_reason,
            usable_from=value.usable_from,
        )


@strawberry.type(description="Something the member has, that turns into value at a till.")
class Voucher(Node):
    """A voucher as clients see it."""

    ref: strawberry.Private[MemberRef]
    origin: strawberry.Private[RawRecord | None]
    code: str = strawberry.field(
        description="The program's code for it, as shown at a till. Where the code alone pays, as "
        f"that of a reward made of points, it needs the scope redemption:code; without it, {HIDDEN}"
    )
    status: VoucherStatus = strawberry.field(description="Where it is in its life.")
    native_status: str | None = strawberry.field(
        description="The program's own word for the status."
    )
    title: str | None = strawberry.field(description="Its name, for people.")
    description: str | None = strawberry.field(description="What it gives, for people.")
    terms: str | None = strawberry.field(description="Terms and conditions.")
    discount: Discount | None = strawberry.field(description="What it takes off.")
    usable: Usability | None = strawberry.field(
        description="Whether it can be used now, and why not."
    )
    starts_at: datetime | None = strawberry.field(description="Usable from.")
    expires_at: datetime | None = strawberry.field(description="Usable until.")

    @strawberry.field(description="Who has it.")
    async def member(self, info: Info) -> MemberOf:
        """The member, without asking whether it exists."""
        return await owner(info, self.ref)

    @strawberry.field(description=f"The provider's own record, unshaped. {RAW}")
    def raw(self, info: Info) -> Json | None:
        """The record as it came."""
        return raw_of(info, self.origin)

    @classmethod
    def of(cls, info: Info, value: offers.Voucher) -> "Voucher":
        """The view of a value."""
        seen = not value.code_pays or info.context.principal.may(Scope.REDEMPTION_CODE)
        return cls(
            id=strawberry.ID(info.context.ids.of(value.ref)),
            ref=value.ref.member,
            origin=value.raw,
            code=value.ref.code if seen else HIDDEN,
            status=value.status,
            native_status=value.native_status,
            title=value.title,
            description=value.description,
            terms=value.terms,
            discount=discount_view(value.discount),
            usable=Usability.maybe(value.usable),
            starts_at=value.starts_at,
            expires_at=value.expires_at,
        )


@strawberry.type(description="A voucher in a list.")
class VoucherEdge:
    """An entry of a list of vouchers."""

    cursor: str = strawberry.field(description="Where the list goes on after this entry.")
    node: Voucher = strawberry.field(description="The voucher.")


@strawberry.type(description="A page of vouchers.")
class VoucherConnection:
    """A page of vouchers."""

    edges: list[VoucherEdge] = strawberry.field(description="The entries with their cursors.")
    nodes: list[Voucher] = strawberry.field(description="The vouchers alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")

    @classmethod
    def of(cls, info: Info, page: Slice[offers.Voucher]) -> "VoucherConnection":
        """The view of a page."""
        nodes = [Voucher.of(info, value) for value in page.entries]
        edges = [VoucherEdge(cursor=c, node=n) for c, n in zip(page.cursors, nodes, strict=True)]
        return cls(edges=edges, nodes=nodes, page_info=PageInfo.of(page))


@strawberry.type(
    description="Something the member could get: a voucher to claim, points to earn, "
    "a better worth of points."
)
class Offer:
    """An offer as clients see it."""

    value: strawberry.Private[offers.Offer]
    id: strawberry.ID = strawberry.field(
        description="For claimVoucher; an offer cannot be fetched again by it."
    )
    code: str = strawberry.field(description="The program's code for it.")
    kind: OfferKind = strawberry.field(description="What it gives.")
    native_kind: str | None = strawberry.field(description="The program's own word for the kind.")
    title: str = strawberry.field(description="Its name, for people.")
    description: str | None = strawberry.field(description="What it gives, for people.")
    terms: str | None = strawberry.field(description="Terms and conditions.")
    starts_at: datetime | None = strawberry.field(description="Valid from.")
    ends_at: datetime | None = strawberry.field(description="Valid until.")
    conditional: bool | None = strawberry.field(
        description="Whether it depends on more than the member and the product."
    )
    stackable: bool | None = strawberry.field(description="Whether it combines with other offers.")
    points: Decimal | None = strawberry.field(description="The points it gives.")
    points_cost: Decimal | None = strawberry.field(description="The points it costs.")
    multiplier: Decimal | None = strawberry.field(
        description="How many times their usual worth points have."
    )
    discount: Discount | None = strawberry.field(description="What it takes off.")
    eligible: Usability | None = strawberry.field(
        description="Whether the member can get it now, and why not."
    )

    @strawberry.field(description="The program that makes it.")
    def program(self, info: Info) -> Program:
        """The program."""
        return program_of(info, self.value.program)

    @strawberry.field(description="Whom it is made to; null for a guest.")
    async def member(self, info: Info) -> MemberOf | None:
        """The member, without asking whether it exists."""
        return None if self.value.member is None else await owner(info, self.value.member)

    @strawberry.field(description=f"The provider's own record, unshaped. {RAW}")
    def raw(self, info: Info) -> Json | None:
        """The record as it came."""
        return raw_of(info, self.value.raw)

    @classmethod
    def of(cls, info: Info, value: offers.Offer) -> "Offer":
        """The view of a value."""
        return cls(
            value=value,
            id=strawberry.ID(info.context.ids.of(offer_ref(value))),
            code=value.code,
            kind=value.kind,
            native_kind=value.native_kind,
            title=value.title,
            description=value.description,
            terms=value.terms,
            starts_at=value.starts_at,
            ends_at=value.ends_at,
            conditional=value.conditional,
            stackable=value.stackable,
            points=value.points,
            points_cost=value.points_cost,
            multiplier=value.multiplier,
            discount=discount_view(value.discount),
            eligible=Usability.maybe(value.eligible),
        )


def offer_ref(value: offers.Offer) -> OfferRef:
    """Where an offer lives."""
    member = value.member.key if value.member else None
    return OfferRef(value.program, member, value.kind.value, value.code)


@strawberry.type(description="An offer in a list.")
class OfferEdge:
    """An entry of a list of offers."""

    cursor: str = strawberry.field(description="Where the list goes on after this entry.")
    node: Offer = strawberry.field(description="The offer.")


@strawberry.type(description="A page of offers.")
class OfferConnection:
    """A page of offers."""

    edges: list[OfferEdge] = strawberry.field(description="The entries with their cursors.")
    nodes: list[Offer] = strawberry.field(description="The offers alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")

    @classmethod
    def of(cls, info: Info, page: Slice[offers.Offer]) -> "OfferConnection":
        """The view of a page."""
        nodes = [Offer.of(info, value) for value in page.entries]
        edges = [OfferEdge(cursor=c, node=n) for c, n in zip(page.cursors, nodes, strict=True)]
        return cls(edges=edges, nodes=nodes, page_info=PageInfo.of(page))

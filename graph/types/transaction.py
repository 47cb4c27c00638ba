"""Transactions and redemptions: what happened to a member's points, and why."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from graph.context import Info
from graph.types.enums import (
    LineType,
    PaymentMethod,
    PointsState,
    RedemptionStatus,
    TransactionKind,
    TransactionStatus,
)
from graph.types.money import Freshness, Money, Node, PageInfo
from graph.types.offers import Voucher
from graph.types.owner import MemberOf, owner
from loyalty import sales
from loyalty.refs import MemberRef
from resolvers.paging import Slice


@strawberry.type(description="The shop's own document.")
class DocumentReference:
    """A document."""

    id: str = strawberry.field(description="What the program knows the sale by.")
    number: str | None = strawberry.field(description="The number people see, where it is another.")


@strawberry.type(description="An offer that earned points in this sale.")
class Award:
    """An award."""

    offer_code: str = strawberry.field(description="The offer's code.")
    title: str | None = strawberry.field(description="The offer's name, for people.")
    points: Decimal = strawberry.field(description="The points it earned.")


@strawberry.type(description="A shop of the program.")
class Outlet:
    """An outlet."""

    code: str = strawberry.field(description="The program's code for it.")
    name: str | None = strawberry.field(description="Its name.")
    description: str | None = strawberry.field(description="More about it.")


@strawberry.type(description="One line of a sale.")
class TransactionLine:
    """A line."""

    sequence: int = strawberry.field(description="Its place, 1 first.")
    type: LineType = strawberry.field(description="What kind of line it is.")
    product_id: str | None = strawberry.field(description="The product's id.")
    product_code: str | None = strawberry.field(description="The product's code.")
    description: str | None = strawberry.field(description="The product in words.")
    quantity: Decimal | None = strawberry.field(description="How many.")
    unit_price: Money | None = strawberry.field(description="The price of one.")
    discount: Money | None = strawberry.field(description="The discount on this line.")
    subtotal_ex_tax: Money | None = strawberry.field(
        description="The line's sum before tax, after discount."
    )
    subtotal: Money = strawberry.field(description="The line's sum with tax, after discount.")
    points_earned: Decimal | None = strawberry.field(description="The points this line earned.")

    @classmethod
    def of(cls, value: sales.TransactionLine) -> "TransactionLine":
        """The view of a value."""
        return cls(
            sequence=value.sequence,
            type=value.type,
            product_id=value.product_id,
            product_code=value.product_code,
            description=value.description,
            quantity=value.quantity,
            unit_price=Money.maybe(value.unit_price),
            discount=Money.maybe(value.discount),
            subtotal_ex_tax=Money.maybe(value.subtotal_ex_tax),
            subtotal=Money.of(value.subtotal),
            points_earned=value.points_earned,
        )


@strawberry.type(description="One tender of a sale.")
class Payment:
    """A payment."""

    method: PaymentMethod = strawberry.field(description="What was paid with.")
    description: str | None = strawberry.field(description="The same in words.")
    amount: Money = strawberry.field(description="How much.")


@strawberry.type(description="What a transaction did to the balance.")
class PointsEffect:
    """An effect."""

    earned: Decimal = strawberry.field(description="Points earned.")
    redeemed: Decimal = strawberry.field(description="Points spent.")
    adjusted: Decimal = strawberry.field(
        description="Points corrected, taken back, given back or expired, with their sign."
    )
    base: Decimal | None = strawberry.field(description="The part of earned that spending gave.")
    bonus: Decimal | None = strawberry.field(
        description="The part of earned that bonus rules and offers gave."
    )
    promotional: Decimal | None = strawberry.field(
        description="The part of earned that promotions gave."
    )
    shortfall: Decimal | None = strawberry.field(
        description="Missing points a return could not take back."
    )
    state: PointsState | None = strawberry.field(description="Whether the points can be spent.")
    balance_after: Decimal | None = strawberry.field(description="The balance after it.")

    @classmethod
    def maybe(cls, value: sales.PointsEffect | None) -> "PointsEffect | None":
        """The view of a value."""
        if value is None:
            return None
        return cls(
            earned=value.earned,
            redeemed=value.redeemed,
            adjusted=value.adjusted,
            base=value.base,
            bonus=value.bonus,
            promotional=value.promotional,
            shortfall=value.shortfall,
            state=value.state,
            balance_after=value.balance_after,
        )


@strawberry.type(description="Points or a voucher turned into value: held, captured, voided.")
class Redemption(Node):
    """A redemption as clients see it."""

    ref: strawberry.Private[MemberRef]
    status: RedemptionStatus = strawberry.field(description="Where it is in its life.")
    points: Decimal | None = strawberry.field(description="The points spent.")
    worth: Money | None = strawberry.field(description="What they were worth.")
    voucher: Voucher | None = strawberry.field(description="The voucher used.")
    created_at: datetime | None = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(description="Until when it is held.")
    transaction: Annotated["Transaction", strawberry.lazy("graph.types.transaction")] | None = (
        strawberry.field(description="The sale it paid for.")
    )

    @strawberry.field(description="Whose it is.")
    async def member(self, info: Info) -> MemberOf:
        """The member, without asking whether it exists."""
        return await owner(info, self.ref)


@strawberry.type(
    description="One entry of a member's history. It looks the same for every program."
)
class Transaction(Node):
    """A transaction as clients see it."""

    ref: strawberry.Private[MemberRef]
    native_id: str | None = strawberry.field(
        description="The provider's own id, null until it has given one."
    )
    document: DocumentReference | None = strawberry.field(description="The shop's own document.")
    kind: TransactionKind = strawberry.field(description="What it was.")
    native_kind: str | None = strawberry.field(description="The program's own word for the kind.")
    status: TransactionStatus = strawberry.field(description="Where it is in its life.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    posted_at: datetime | None = strawberry.field(description="When the program recorded it.")
    outlet: Outlet | None = strawberry.field(description="Where it happened.")
    total: Money | None = strawberry.field(description="What was paid, tax included.")
    tax: Money | None = strawberry.field(description="The tax in it.")
    discount: Money | None = strawberry.field(description="What was taken off.")
    lines: list[TransactionLine] | None = strawberry.field(
        description="The lines, where the program tells them or we posted them."
    )
    payments: list[Payment] | None = strawberry.field(
        description="The tenders; known for what was posted through this API."
    )
    effect: PointsEffect | None = strawberry.field(description="What it did to the balance.")
    awards: list[Award] | None = strawberry.field(
        description="The offers that earned points in it."
    )
    redemptions: list[Redemption] | None = strawberry.field(
        default=None,
        description="What paid for it in points; known for what was posted through this API.",
    )
    applied_voucher: Voucher | None = strawberry.field(
        default=None,
        description="The voucher used in it; known for what was posted through this API.",
    )
    reverses: Annotated["Transaction", strawberry.lazy("graph.types.transaction")] | None = (
        strawberry.field(
            default=None, description="The transaction that this one takes back, where known."
        )
    )
    reversed_by: (
        list[Annotated["Transaction", strawberry.lazy("graph.types.transaction")]] | None
    ) = strawberry.field(
        default=None, description="The transactions that took this one back, where known."
    )
    description: str | None = strawberry.field(description="The program's words for it.")
    freshness: Freshness = strawberry.field(description="Where this came from, and how old it is.")

    @strawberry.field(description="Whose it is.")
    async def member(self, info: Info) -> MemberOf:
        """The member, without asking whether it exists."""
        return await owner(info, self.ref)

    @classmethod
    def of(cls, info: Info, value: sales.Transaction) -> "Transaction":
        """The view of a value."""
        document, outlet = value.document, value.outlet
        return cls(
            id=strawberry.ID(info.context.ids.of(value.ref)),
            ref=value.ref.member,
            native_id=value.native_id,
            document=DocumentReference(id=document.id, number=document.number)
            if document
            else None,
            kind=value.kind,
            native_kind=value.native_kind,
            status=value.status,
            occurred_at=value.occurred_at,
            posted_at=value.posted_at,
            outlet=Outlet(code=outlet.code, name=outlet.name, description=outlet.description)
            if outlet
            else None,
            total=Money.maybe(value.total),
            tax=Money.maybe(value.tax),
            discount=Money.maybe(value.discount),
            lines=None
            if value.lines is None
            else [TransactionLine.of(line) for line in value.lines],
            payments=_payments(value),
            effect=PointsEffect.maybe(value.effect),
            awards=_awards(value),
            description=value.description,
            freshness=Freshness.live(value.fetched_at),
        )


def _payments(value: sales.Transaction) -> list[Payment] | None:
    if value.payments is None:
        return None
    return [
        Payment(method=p.method, description=p.description, amount=Money.of(p.amount))
        for p in value.payments
    ]


def _awards(value: sales.Transaction) -> list[Award] | None:
    if value.awards is None:
        return None
    return [Award(offer_code=a.offer_code, title=a.title, points=a.points) for a in value.awards]


@strawberry.type(description="A transaction in a list.")
class TransactionEdge:
    """An entry of a history."""

    cursor: str = strawberry.field(description="Where the list goes on after this entry.")
    node: Transaction = strawberry.field(description="The transaction.")


@strawberry.type(description="A page of transactions, newest first.")
class TransactionConnection:
    """A page of a history."""

    edges: list[TransactionEdge] = strawberry.field(description="The entries with their cursors.")
    nodes: list[Transaction] = strawberry.field(description="The transactions alone.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")

    @classmethod
    def of(cls, info: Info, page: Slice[sales.Transaction]) -> "TransactionConnection":
        """The view of a page."""
        nodes = [Transaction.of(info, value) for value in page.entries]
        edges = [
            TransactionEdge(cursor=c, node=n) for c, n in zip(page.cursors, nodes, strict=True)
        ]
        return cls(edges=edges, nodes=nodes, page_info=PageInfo.of(page))


@strawberry.type(description="Totals of a period: opening + earned - redeemed - expired = closing.")
class Activity:
    """Totals of a period."""

    from_: datetime = strawberry.field(name="from", description="The first instant of the period.")
    to: datetime = strawberry.field(description="The last instant of the period.")
    opening: Decimal = strawberry.field(description="The balance before it.")
    earned: Decimal = strawberry.field(description="Points earned in it.")
    redeemed: Decimal = strawberry.field(description="Points spent in it.")
    expired: Decimal = strawberry.field(description="Points lost in it.")
    closing: Decimal = strawberry.field(description="The balance after it.")

"""Transactions: what happened to a member's points, and why; told by their provider, and by us."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, TypeVar

import strawberry

from graph.context import Info
from graph.scalars import Json
from graph.types.enums import DataSource, TransactionKind, TransactionStatus
from graph.types.money import Freshness, Money, Node, PageInfo
from graph.types.offers import Voucher
from graph.types.owner import MemberOf, owner
from graph.types.raw import RAW, raw_of
from graph.types.sale import (
    Award,
    DocumentReference,
    Outlet,
    Payment,
    PointsEffect,
    TransactionLine,
)
from loyalty.raw import RawRecord
from loyalty.refs import MemberRef, PostedRef, TransactionRef
from resolvers.histories import Links
from resolvers.loaders import opened
from resolvers.paging import Slice
from resolvers.rows import Row

if TYPE_CHECKING:
    from graph.types.redemption import Redemption

T = TypeVar("T")
V = TypeVar("V")


@strawberry.type(
    description="One entry of a member's history. It looks the same for every program."
)
class Transaction(Node):
    """A transaction as clients see it."""

    ref: strawberry.Private[MemberRef]
    name: strawberry.Private[TransactionRef | PostedRef]
    origin: strawberry.Private[RawRecord | None]
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
    description: str | None = strawberry.field(description="The program's words for it.")
    freshness: Freshness = strawberry.field(description="Where this came from, and how old it is.")

    @strawberry.field(description="Whose it is.")
    async def member(self, info: Info) -> MemberOf:
        """The member, without asking whether it exists."""
        return await owner(info, self.ref)

    @strawberry.field(
        description="What paid for it, made beforehand; known for what was posted through this API."
    )
    async def redemptions(
        self, info: Info
    ) -> list[Annotated["Redemption", strawberry.lazy("graph.types.redemption")]] | None:
        """The redemptions that the sale names."""
        from graph.types.ledgered import redemption_named  # noqa: PLC0415 - a circle of types

        links = await self._links(info)
        if links is None:
            return None
        found = [await redemption_named(info, ref.operation) for ref in links.redemptions]
        return [each for each in found if each is not None]

    @strawberry.field(
        description="The voucher used in it; known for what was posted through this API."
    )
    async def applied_voucher(self, info: Info) -> Voucher | None:
        """The voucher that the sale names, by a call."""
        links = await self._links(info)
        if links is None or links.voucher is None:
            return None
        found = opened(await info.context.loaders.voucher(links.voucher))
        return None if found is None else Voucher.of(info, found)

    @strawberry.field(description="The transaction that this one takes back, where known.")
    async def reverses(
        self, info: Info
    ) -> Annotated["Transaction", strawberry.lazy("graph.types.transaction")] | None:
        """The sale of a return."""
        links = await self._links(info)
        if links is None or links.reverses is None:
            return None
        return await Transaction.named(info, links.reverses)

    @strawberry.field(description="The transactions that took it back, where known.")
    async def reversed_by(
        self, info: Info
    ) -> list[Annotated["Transaction", strawberry.lazy("graph.types.transaction")]] | None:
        """The returns and voids of a sale."""
        links = await self._links(info)
        if links is None:
            return None
        found = [await Transaction.named(info, name) for name in links.reversed_by]
        return [each for each in found if each is not None]

    @strawberry.field(
        description=f"The provider's own record, unshaped; null where only we know of it. {RAW}"
    )
    def raw(self, info: Info) -> Json | None:
        """The record as it came."""
        return raw_of(info, self.origin)

    async def _links(self, info: Info) -> Links | None:
        """What our own record ties it to; None where it did not go through us."""
        return await info.context.desk.links(self.name)

    @classmethod
    async def named(cls, info: Info, name: TransactionRef | PostedRef) -> "Transaction | None":
        """The view of a transaction as our own record tells it."""
        found = await info.context.desk.transaction(name)
        return None if found is None else cls.of(info, Row(found, ours=True))

    @classmethod
    def of(cls, info: Info, row: Row) -> "Transaction":
        """The view of an entry of a history."""
        value = row.value
        source = DataSource.LEDGER if row.ours else DataSource.LIVE
        return cls(
            id=strawberry.ID(info.context.ids.of(value.ref)),
            ref=value.ref.member,
            name=value.ref,
            origin=value.raw,
            native_id=value.native_id,
            document=DocumentReference.maybe(value.document),
            kind=value.kind,
            native_kind=value.native_kind,
            status=value.status,
            occurred_at=value.occurred_at,
            posted_at=value.posted_at,
            outlet=Outlet.maybe(value.outlet),
            total=Money.maybe(value.total),
            tax=Money.maybe(value.tax),
            discount=Money.maybe(value.discount),
            lines=_maybe(value.lines, TransactionLine.of),
            payments=_maybe(value.payments, Payment.of),
            effect=PointsEffect.maybe(value.effect),
            awards=_maybe(value.awards, Award.of),
            description=value.description,
            freshness=Freshness(source=source, fetched_at=value.fetched_at),
        )


def _maybe(values: tuple[T, ...] | None, view: Callable[[T], V]) -> list[V] | None:
    """The views of values that may not be known."""
    return None if values is None else [view(value) for value in values]


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
    def of(cls, info: Info, page: Slice[Row]) -> "TransactionConnection":
        """The view of a page."""
        nodes = [Transaction.of(info, row) for row in page.entries]
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

"""What our own record knows: the views of transactions and redemptions by it, and of results."""

from datetime import timedelta

from graph.context import Info
from graph.types.customer import customer_told
from graph.types.member import Member
from graph.types.money import Node
from graph.types.offers import Voucher
from graph.types.redemption import Redemption, member_of
from graph.types.transaction import Transaction
from loyalty.commands import (
    AdjustPoints,
    CaptureRedemption,
    ClaimVoucher,
    LinkMembership,
    PostSale,
    RedeemPoints,
    RedeemVoucher,
    ReturnSale,
    UnlinkMembership,
    VoidRedemption,
    VoidSale,
)
from loyalty.outcomes import OperationStatus, Redeemed
from loyalty.refs import PostedRef, RedemptionRef, TransactionRef
from loyalty.sales import TransactionKind
from providers.port import Period
from resolvers.loaders import opened
from resolvers.receipts import Receipt, Told
from resolvers.receipts import member_of as member_asked
from resolvers.rows import Row, Rows

_THERE = {OperationStatus.SUCCEEDED, OperationStatus.PENDING, OperationStatus.UNDER_REVIEW}


async def transaction_told(info: Info, told: Told) -> Transaction | None:
    """The transaction that a mutation made or changed."""
    return None if told.receipt is None else await _transaction(info, told.receipt)


async def redemption_told(info: Info, told: Told) -> Redemption | None:
    """The redemption that a mutation made or changed."""
    return None if told.receipt is None else await _redemption(info, told.receipt)


async def voucher_told(info: Info, told: Told) -> Voucher | None:
    """The voucher that a mutation gave."""
    return None if told.receipt is None else await _voucher(info, told.receipt)


async def result_told(info: Info, receipt: Receipt) -> Node | None:
    """Whatever a mutation made or changed; None where that is not known, or is no node."""
    match receipt.command:
        case PostSale() | ReturnSale() | VoidSale() | AdjustPoints():
            return await _transaction(info, receipt)
        case RedeemPoints() | RedeemVoucher() | CaptureRedemption() | VoidRedemption():
            return await _redemption(info, receipt)
        case ClaimVoucher():
            return await _voucher(info, receipt)
        case LinkMembership() | UnlinkMembership():
            return await customer_told(info, receipt)
        case _:
            pass
    ref = receipt.done.member if receipt.done else None
    ref = ref or member_asked(receipt.command)
    return None if ref is None or receipt.status not in _THERE else await Member.seen(info, ref)


async def transaction_named(info: Info, name: TransactionRef | PostedRef) -> Transaction | None:
    """A transaction by its reference: its provider's word where it has one, and ours."""
    context = info.context
    row = await Rows(context.accounts, context.loaders, context.desk).one(name)
    return None if row is None else Transaction.of(info, row)


async def redemption_named(info: Info, operation: str) -> Redemption | None:
    """A redemption by the operation that made it."""
    found = await info.context.desk.redeemed(operation)
    return None if found is None else Redemption.of(info, found)


async def sale_paid_by(info: Info, value: Redeemed) -> Transaction | None:
    """The sale that names the redemption among what paid for it."""
    desk, member = info.context.desk, member_of(value)
    wanted = RedemptionRef(member, value.operation)
    for sale in await desk.sales_of(member, Period(value.began_at - _CLOCKS, None)):
        if sale.kind in _SALES:
            links = await desk.links(sale.ref)
            if links is not None and wanted in links.redemptions:
                return Transaction.of(info, Row(sale, ours=True))
    return None


_SALES = {TransactionKind.PURCHASE, TransactionKind.EXCHANGE}
_CLOCKS = timedelta(days=1)
"""How much earlier than its redemption a sale may say that it happened: tills' clocks differ."""


async def _transaction(info: Info, receipt: Receipt) -> Transaction | None:
    command = receipt.command
    if isinstance(command, VoidSale):
        target = command.transaction
        if target.operation is not None:
            return await Transaction.named(info, PostedRef(target.member, target.operation))
        return None if target.native is None else await Transaction.named(info, target.native)
    member = member_asked(command)
    if member is None:
        return None
    return await Transaction.named(info, PostedRef(member, receipt.operation))


async def _redemption(info: Info, receipt: Receipt) -> Redemption | None:
    command = receipt.command
    if isinstance(command, CaptureRedemption | VoidRedemption):
        return await redemption_named(info, command.redemption)
    return await redemption_named(info, receipt.target or receipt.operation)


async def _voucher(info: Info, receipt: Receipt) -> Voucher | None:
    ref = receipt.done.voucher if receipt.done else None
    found = None if ref is None else opened(await info.context.loaders.voucher(ref))
    return None if found is None else Voucher.of(info, found)

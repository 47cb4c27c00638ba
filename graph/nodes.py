"""Whatever an id stands for, as whoever asks may see it; what is not theirs is as if it is not."""

from graph.context import Info
from graph.types.customer import Customer
from graph.types.ledgered import transaction_named
from graph.types.member import Member
from graph.types.money import Node
from graph.types.offers import Voucher
from graph.types.program import Program
from graph.types.receipt import OperationReceipt
from graph.types.redemption import Redemption, member_of
from loyalty.refs import (
    CustomerRef,
    MemberRef,
    PostedRef,
    ReceiptRef,
    RedemptionRef,
    TransactionRef,
    VoucherRef,
)
from resolvers.loaders import opened
from resolvers.receipts import Receipt


async def node(info: Info, reference: object) -> Node | None:
    """The view of anything that has an id."""
    match reference:
        case str(key):
            account = info.context.accounts.get(key)
            return Program.of(info, account) if account else None
        case MemberRef() as ref:
            return await Member.seen(info, ref)
        case VoucherRef() as ref:
            return await voucher(info, ref)
        case TransactionRef() | PostedRef() as ref:
            return await transaction_named(info, ref)
        case _:
            return await _node_of_ours(info, reference)


async def _node_of_ours(info: Info, reference: object) -> Node | None:
    """The same for what only our ledger knows."""
    match reference:
        case RedemptionRef() as ref:
            return await redemption(info, ref)
        case ReceiptRef(operation):
            context = info.context
            return receipt(info, await context.desk.receipt(context.caller, operation))
        case CustomerRef() as ref:
            return await customer(info, ref)
        case _:
            return None


async def voucher(info: Info, ref: VoucherRef) -> Voucher | None:
    """A voucher, by a call."""
    found = opened(await info.context.loaders.voucher(ref))
    return None if found is None else Voucher.of(info, found)


async def redemption(info: Info, ref: RedemptionRef) -> Redemption | None:
    """A redemption of the very member whom its id names."""
    found = await info.context.desk.redeemed(ref.operation)
    if found is None or member_of(found) != ref.member:
        return None
    return Redemption.of(info, found)


async def customer(info: Info, ref: CustomerRef) -> Customer | None:
    """A person whom the asker may see; another's reveals nothing."""
    context = info.context
    return Customer.maybe(info, await context.people.customer(context.asker, ref.key))


def receipt(info: Info, found: Receipt | None) -> OperationReceipt | None:
    """A receipt of whoever asks, of a program that is still configured."""
    if found is None or info.context.accounts.get(found.program) is None:
        return None
    return OperationReceipt.of(info, found)

"""Receipts: what the ledger recorded of a mutation, as its owner sees it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import strawberry

from graph.context import Info
from graph.types.enums import Operation
from graph.types.errors import LoyaltyError, Short, error_view
from graph.types.money import Node
from graph.types.program import Program, program_of
from graph.types.write_enums import CautionCode, OperationStatus
from loyalty import errors
from loyalty.commands import AdjustPoints, Command, PostSale, RedeemPoints, ReturnSale
from loyalty.outcomes import Caution
from loyalty.refs import ReceiptRef
from resolvers.receipts import Receipt, member_of


@strawberry.type(name="Warning", description="What is not as you may think, though it was done.")
class MutationWarning:
    """A caution."""

    code: CautionCode = strawberry.field(description="What it is, for code to branch on.")
    message: str = strawberry.field(description="The same in words, with the remedy.")

    @classmethod
    def of(cls, value: Caution) -> "MutationWarning":
        """The view of a value."""
        return cls(code=value.code, message=value.message)


@strawberry.type(description="What was recorded of a mutation. Only who asked for it can see it.")
class OperationReceipt(Node):
    """A receipt as its owner sees it."""

    value: strawberry.Private[Receipt]
    idempotency_key: str = strawberry.field(description="The key it was asked with.")
    operation: Operation = strawberry.field(description="What was asked.")
    status: OperationStatus = strawberry.field(description="What became of it.")
    replayed: bool = strawberry.field(
        description="Whether an earlier request did it: nothing was done for this one."
    )
    started_at: datetime = strawberry.field(description="When it was recorded.")
    finished_at: datetime | None = strawberry.field(
        description="When its end was known; null while it is not."
    )
    trace_id: str = strawberry.field(description="Names the request that began it, for operators.")

    @strawberry.field(description="The program it was for.")
    def program(self, info: Info) -> Program:
        """The program."""
        return program_of(info, self.value.program)

    @strawberry.field(
        description="What there is now because of it: a transaction, redemption, voucher or member."
    )
    async def result(self, info: Info) -> Node | None:
        """The result."""
        from graph.types.ledgered import result_told  # noqa: PLC0415 - types form a circle here

        return await result_told(info, self.value)

    @strawberry.field(description="Why it was not done, or is not known.")
    def errors(self, info: Info) -> list[LoyaltyError]:
        """The errors."""
        return errors_of(info, self.value.errors, self.value.command)

    @classmethod
    def of(cls, info: Info, value: Receipt) -> "OperationReceipt":
        """The view of a value."""
        return cls(
            id=strawberry.ID(info.context.ids.of(ReceiptRef(value.operation))),
            value=value,
            idempotency_key=value.key,
            operation=value.kind,
            status=value.status,
            replayed=value.replayed,
            started_at=value.started_at,
            finished_at=value.finished_at,
            trace_id=value.trace_id,
        )


def errors_of(
    info: Info,
    found: Sequence[errors.LoyaltyError],
    command: Command | None,
) -> list[LoyaltyError]:
    """The views of a mutation's errors."""
    points = None if command is None else _points(command)
    short = None if command is None or points is None else Short(member_of(command), points)
    return [error_view(info, error, short) for error in found]


def _points(command: Command) -> Decimal | None:
    """How many points a command asks of a member."""
    match command:
        case RedeemPoints(points=points):
            return points
        case PostSale(redeem=points):
            return points
        case ReturnSale(take_back=points):
            return points
        case AdjustPoints(delta=delta):
            return abs(delta)
        case _:
            return None

"""Inputs of what changes sales; what they mean is told in graph/asking/sales.py."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from graph.types.enums import PaymentMethod
from graph.types.inputs import AttributeInput, OutletInput, SaleLineInput, SaleTotalsInput
from graph.types.write_enums import Settlement

KEY = (
    "Names this wish of yours for ever: 16 to 128 letters, digits and . _ : - "
    "(a UUID will do). Repeat it with the same input, and you get the same answer."
)
OPERATOR = "Who works the till; the program's configured one if left out."
REASON = "Why, in your words; kept, and sent where the program has a place for it."


@strawberry.input(
    description="Your own document: its id is what the program knows the sale by, once a program."
)
class DocumentReferenceInput:
    """A document."""

    id: str = strawberry.field(description="The document's id, 1 to 100 characters.")
    number: str | None = strawberry.field(
        default=UNSET, description="The number people see, where it is another."
    )


@strawberry.input(description="One payment of a sale, or one refund.")
class PaymentInput:
    """A payment."""

    method: PaymentMethod = strawberry.field(description="What was paid with.")
    description: str | None = strawberry.field(default=UNSET, description="The same in words.")
    amount: Decimal = strawberry.field(description="How much, in the program's currency.")


@strawberry.input(
    description="Points of a sale. `collect` is required where the provider's earnComputation is "
    "CALLER, and refused where it is PROVIDER."
)
class SalePointsInput:
    """Points."""

    collect: Decimal | None = strawberry.field(
        default=UNSET, description="Points that the sale earns, as you worked them out."
    )
    collect_note: str | None = strawberry.field(default=UNSET, description="A note to that.")
    redeem: Decimal | None = strawberry.field(
        default=UNSET, description="Points that pay for a part of it."
    )
    redeem_note: str | None = strawberry.field(default=UNSET, description="A note to that.")


@strawberry.input(description="A voucher that pays for a part of a sale.")
class SaleVoucherInput:
    """A voucher."""

    voucher_id: strawberry.ID = strawberry.field(description="The voucher.")
    discount: Decimal = strawberry.field(description="What it takes off the bill.")


@strawberry.input(description="A sale to be recorded. Amounts are in the program's currency.")
class PostTransactionInput:
    """A sale."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Whose sale it is.")
    document: DocumentReferenceInput = strawberry.field(description="Your own document.")
    occurred_at: datetime = strawberry.field(description="When it happened.")
    outlet: OutletInput = strawberry.field(description="Where it happened.")
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)
    lines: list[SaleLineInput] = strawberry.field(description="What was sold; at least one.")
    totals: SaleTotalsInput = strawberry.field(description="The sums; they must add up.")
    payments: list[PaymentInput] | None = strawberry.field(
        default=UNSET, description="What it was paid with; adds up to totals.final."
    )
    points: SalePointsInput | None = strawberry.field(
        default=UNSET, description="Points to collect and to redeem in it."
    )
    voucher: SaleVoucherInput | None = strawberry.field(
        default=UNSET, description="A voucher to redeem in it."
    )
    redemption_ids: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Redemptions made beforehand that pay for part of this sale."
    )
    authorization: str | None = strawberry.field(
        default=UNSET, description="The right to redeem that authorizeRedemption gave."
    )
    settlement: Settlement = strawberry.field(
        default=Settlement.IMMEDIATE,
        description="PENDING only where the program has pending points.",
    )
    receipt_id: str | None = strawberry.field(
        default=UNSET, description="The receipt uploaded for it: requestReceiptUploads."
    )
    attributes: list[AttributeInput] | None = strawberry.field(
        default=UNSET, description="Free pairs."
    )


@strawberry.input(description="How much of a line of a sale comes back.")
class ReturnLineInput:
    """A part of a line."""

    sequence: int = strawberry.field(description="The line's place in the sale, 1 first.")
    quantity: Decimal = strawberry.field(description="How many of it.")


@strawberry.input(
    description="A part of a sale, or all of it, comes back. `takeBackPoints` is required where "
    "the provider's earnComputation is CALLER, and refused where it is PROVIDER."
)
class ReturnTransactionInput:
    """A return."""

    idempotency_key: str = strawberry.field(description=KEY)
    transaction_id: strawberry.ID = strawberry.field(description="The sale.")
    document: DocumentReferenceInput = strawberry.field(
        description="The document of the return, not of the sale."
    )
    occurred_at: datetime = strawberry.field(description="When it came back.")
    outlet: OutletInput | None = strawberry.field(
        default=UNSET, description="Where; the sale's outlet if left out."
    )
    lines: list[ReturnLineInput] = strawberry.field(description="What comes back.")
    take_back_points: Decimal | None = strawberry.field(
        default=UNSET, description="Points that the member loses again."
    )
    refunds: list[PaymentInput] | None = strawberry.field(
        default=UNSET, description="What was paid back, and how."
    )
    reason: str | None = strawberry.field(default=UNSET, description=REASON)
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)


@strawberry.input(description="A sale is undone, as if it had not been.")
class VoidTransactionInput:
    """A void."""

    idempotency_key: str = strawberry.field(description=KEY)
    transaction_id: strawberry.ID = strawberry.field(description="The sale.")
    reason: str | None = strawberry.field(default=UNSET, description=REASON)
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)

"""Inputs of what changes points and vouchers; their meaning is in graph/asking/redemptions.py."""

from datetime import datetime
from decimal import Decimal

import strawberry
from strawberry import UNSET

from graph.types.enums import PointsKind
from graph.types.inputs import OutletInput, SaleLineInput
from graph.types.sale_inputs import KEY, OPERATOR, REASON, DocumentReferenceInput

_AUTHORIZATION = (
    "The right to redeem that authorizeRedemption gave; needed where the member is linked to an "
    "app user of the program."
)
_LINES = "What is bought with it; some programs require it."


@strawberry.input(one_of=True, description="How much to redeem: in points, or in money.")
class RedeemAmountInput:
    """An amount."""

    points: Decimal | None = strawberry.field(default=UNSET, description="Points; more than zero.")
    money: Decimal | None = strawberry.field(
        default=UNSET, description="Money in the program's currency; more than zero."
    )


@strawberry.input(description="Points are turned into value.")
class RedeemPointsInput:
    """A redemption of points."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Whose points.")
    amount: RedeemAmountInput = strawberry.field(description="How much.")
    hold: bool | None = strawberry.field(
        default=False, description="Only reserve them, to be captured or voided later."
    )
    outlet: OutletInput = strawberry.field(description="Where.")
    document: DocumentReferenceInput | None = strawberry.field(
        default=UNSET, description="The document it belongs to."
    )
    lines: list[SaleLineInput] | None = strawberry.field(default=UNSET, description=_LINES)
    authorization: str | None = strawberry.field(default=UNSET, description=_AUTHORIZATION)
    note: str | None = strawberry.field(default=UNSET, description="A note.")
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)


@strawberry.input(description="A voucher is used up.")
class RedeemVoucherInput:
    """A redemption of a voucher."""

    idempotency_key: str = strawberry.field(description=KEY)
    voucher_id: strawberry.ID = strawberry.field(description="The voucher.")
    discount: Decimal | None = strawberry.field(
        default=UNSET, description="What it takes off the bill, where the voucher leaves it open."
    )
    outlet: OutletInput = strawberry.field(description="Where.")
    document: DocumentReferenceInput | None = strawberry.field(
        default=UNSET, description="The document it belongs to."
    )
    lines: list[SaleLineInput] | None = strawberry.field(default=UNSET, description=_LINES)
    authorization: str | None = strawberry.field(default=UNSET, description=_AUTHORIZATION)
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)


@strawberry.input(description="A redemption to be captured or voided.")
class RedemptionActionInput:
    """A redemption."""

    idempotency_key: str = strawberry.field(description=KEY)
    redemption_id: strawberry.ID = strawberry.field(description="The redemption.")
    reason: str | None = strawberry.field(default=UNSET, description=REASON)
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)


@strawberry.input(description="The one-time code that a member shows.")
class AuthorizeRedemptionInput:
    """A code."""

    idempotency_key: str = strawberry.field(description=KEY)
    program: str = strawberry.field(description="The program's key: Program.key.")
    code: str = strawberry.field(description="The code, as scanned. It is used up.")


@strawberry.input(description="An offer becomes a voucher of the member.")
class ClaimVoucherInput:
    """A claim."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Who claims it.")
    offer_id: strawberry.ID = strawberry.field(
        description="An offer of kind CLAIMABLE_VOUCHER, of Member.offers."
    )
    authorization: str | None = strawberry.field(default=UNSET, description=_AUTHORIZATION)
    outlet: OutletInput | None = strawberry.field(default=UNSET, description="Where.")
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)


@strawberry.input(description="Points given or taken for a reason, without a sale.")
class AdjustPointsInput:
    """A correction."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Whose points.")
    delta: Decimal = strawberry.field(
        description="How many: positive gives, negative takes; not zero."
    )
    reason: str = strawberry.field(
        description="Why; one of Program.adjustmentReasons where the program has them."
    )
    kind: PointsKind | None = strawberry.field(default=UNSET, description="What kind of points.")
    offer_code: str | None = strawberry.field(
        default=UNSET, description="The offer that gives them; some programs require it."
    )
    document: DocumentReferenceInput | None = strawberry.field(
        default=UNSET, description="The document it belongs to."
    )
    starts_at: datetime | None = strawberry.field(default=UNSET, description="Spendable from.")
    ends_at: datetime | None = strawberry.field(default=UNSET, description="Spendable until.")
    outlet: OutletInput | None = strawberry.field(default=UNSET, description="Where.")
    operator: str | None = strawberry.field(default=UNSET, description=OPERATOR)


@strawberry.input(description="Pending points become spendable.")
class ActivatePointsInput:
    """A period."""

    idempotency_key: str = strawberry.field(description=KEY)
    member_id: strawberry.ID = strawberry.field(description="Whose points.")
    from_: datetime | None = strawberry.field(
        name="from", default=UNSET, description="Earned from; from the first on if left out."
    )
    to: datetime | None = strawberry.field(
        default=UNSET, description="Earned until; until now if left out."
    )

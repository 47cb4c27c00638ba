"""Transactions on the wire (contract 5.1 to 5.3)."""

from pydantic import Field

from providers.fabric.wire.envelope import WireOne, WireRecord, WireRows
from providers.fabric.wire.values import MaybeInstant, MaybeText, Number, WireObject
from providers.recorded import Recorded


class WireLineDiscount(WireObject):
    """A discount of a line."""

    value: Number


class WireItem(WireObject):
    """An echoed line; a reversal's has no `totalAmountPaid`."""

    sku: MaybeText = Field(default=None, alias="SKU")
    item_name: MaybeText = None
    item_price: Number | None = None
    item_quantity: Number | None = None
    line_number: int | None = None
    gross_amount: Number | None = None
    net_amount: Number | None = None
    total_amount_paid: Number | None = None
    discounts: list[WireLineDiscount] | None = None


class WireTransaction(Recorded, WireRecord):
    """A transaction: `points` is signed, its parts are magnitudes; there is no gross amount."""

    profile_id: str
    transaction_code: str
    transaction_type: str
    transaction_number: MaybeText = None
    transaction_external_reference: MaybeText = None
    transaction_entity_reference: MaybeText = None
    transaction_type_external_reference: MaybeText = None
    transaction_date_time: MaybeInstant = None
    activity_timestamp: MaybeInstant = None
    total_amount_paid: Number | None = None
    total_tax: Number | None = None
    discount_value: Number | None = None
    points: Number
    base_points: Number | None = None
    bonus_points: Number | None = None
    promotional_points: Number | None = None
    reason_code: MaybeText = None
    reason_description: MaybeText = None
    issue_audit_user: MaybeText = None
    transaction_items: list[WireItem] | None = None


WireTransactionReply = WireOne[WireTransaction]
"""Earn Points and Reverse Earned Points."""

WireTransactionsReply = WireRows[WireTransaction]

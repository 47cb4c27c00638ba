"""Rewards and discounts on the wire (contract 9, 10)."""

from pydantic import Field

from providers.fabric.wire.envelope import WireOne, WireRecord, WireRows
from providers.fabric.wire.values import MaybeInstant, MaybeText, Number, WireObject
from providers.recorded import Recorded


class WireReward(Recorded, WireObject):
    """A row of Rewards History."""

    profile_id: str
    redemption_code: str
    status: MaybeText = None
    amount_to_redeem: Number | None = None
    points_to_redeem: Number | None = None
    issue_audit_user: MaybeText = None
    redeem_audit_user: MaybeText = None
    cancel_audit_user: MaybeText = None
    expiration_date: MaybeInstant = None
    redeemed_timestamp: MaybeInstant = None
    activity_date: MaybeInstant = None


class WireIssued(WireRecord):
    """A reward just issued; `reward_value` is points, the cost is currency per point."""

    redemption_code: str
    reward_name: MaybeText = None
    reward_point_cost: Number | None = None
    reward_value: Number | None = None


class WireDiscount(Recorded, WireObject):
    """A discount a basket would get."""

    id: int | str | None = None
    type: MaybeText = None
    description: MaybeText = None
    rule_name: MaybeText = None
    value: Number | None = None
    discount_percentage: Number | None = None
    discount_amount: Number | None = None


class WireDiscountedItem(WireObject):
    """The discounts of one product."""

    sku: str = Field(alias="SKU")
    discounts: list[WireDiscount] | None = None


class WireDiscounts(WireObject):
    """The discounts of a basket; `miscellaneous` is in the sample, not in the schema."""

    discounts: list[WireDiscount] | None = None
    transaction_items: list[WireDiscountedItem] | None = None
    miscellaneous: list[WireDiscount] | object = Field(default=None, union_mode="left_to_right")


WireRewardsReply = WireRows[WireReward]
WireIssuedReply = WireOne[WireIssued]
WireDiscountsReply = WireRows[WireDiscounts]

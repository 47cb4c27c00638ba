"""Balances, expiry and the points' settings on the wire (contract 7.2, 11)."""

from pydantic import Field

from providers.fabric.wire.envelope import WireOne, WireRecord, WireRows
from providers.fabric.wire.values import MaybeInstant, MaybeText, Number, WireObject


class WirePointsItem(WireObject):
    """Points of one type; restricted ones name their store."""

    points: Number
    point_type: MaybeText = None
    restricted_location: MaybeText = None


class WireUnrestricted(WireObject):
    """Points usable anywhere."""

    total_points: Number
    total_currency_value: Number | None = None
    items: list[WirePointsItem] | None = Field(default=None, alias="unrestrictedPointsItems")


class WireRestricted(WireObject):
    """Points usable only at the store they name."""

    total_points: Number
    total_currency_value: Number | None = None
    items: list[WirePointsItem] | None = Field(default=None, alias="restrictedPointsItems")


class WireBreakdown(WireObject):
    """The balance split by where it can be spent."""

    unrestricted_points: WireUnrestricted
    restricted_points: WireRestricted | None = None


class WireLifetime(WireObject):
    """The totals of a membership; what locked means is undocumented."""

    member_points_earned: Number | None = None
    member_points_used: Number | None = None
    member_points_expired: Number | None = None
    member_points_locked: Number | None = None


class WirePoints(WireObject):
    """A balance; pending points are part of every total (contract 4.3)."""

    breakdown: WireBreakdown
    points_balance: WireLifetime | None = None


class WireRedeemable(WireObject):
    """Points spendable at an entity."""

    total_points: Number


class WireExpiryWindow(WireObject):
    """Points that expire within so many days; `unRestrictedTotalPoints` has a capital R."""

    expiry_duration: int | None = None
    unrestricted: Number | None = Field(default=None, alias="unRestrictedTotalPoints")
    restricted: Number | None = Field(default=None, alias="restrictedTotalPoints")
    total_points: Number | None = None
    point_value: Number | None = None
    expiry_date: MaybeInstant = None


class WireExpiration(WireObject):
    """Points that were lost at one instant."""

    expiration_timestamp: MaybeInstant = None
    points_expired: Number


class WireExpirations(WireObject):
    """A member's losses."""

    member_expirations: list[WireExpiration] | None = None


class WireReason(WireObject):
    """A reason code of an action."""

    code: str
    reason: MaybeText = None
    action: MaybeText = None
    code_description: MaybeText = None


class WirePointType(WireObject):
    """A type of point that the tenant uses."""

    point_type_name: str


class WirePointTypes(WireObject):
    """The list of them, one level deeper than one would think."""

    point_type_choices: list[WirePointType] | None = None


class WireAdjustment(WireRecord):
    """What Adjust Points tells; a text in `ExceptionString` on HTTP 200 is a failure."""

    transaction_code: str


WirePointsReply = WireRows[WirePoints]
WireRedeemableReply = WireRows[WireRedeemable]
WireExpiryReply = WireRows[WireExpiryWindow]
WireExpiredReply = WireRows[WireExpirations]
WireReasonsReply = WireRows[WireReason]
WirePointTypesReply = WireRows[WirePointTypes]
WireAdjustmentReply = WireOne[WireAdjustment]

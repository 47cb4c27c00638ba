"""Our own requests, read back from their bytes: what was asked, to find and to judge its answer."""

from pydantic import Field

from providers.fabric.wire.values import MaybeInstant, MaybeText, Number, WireObject


class WireAskedSale(WireObject):
    """Earn Points and Reverse Earned Points (contract 8.1, 8.2), without lines."""

    profile_id: str
    entity_reference: str
    transaction_external_reference: str
    activity_timestamp: MaybeInstant = None
    total_amount_paid: Number
    total_tax: Number
    issue_audit_user: MaybeText = None
    set_to_pending: bool = False


class WireAskedReward(WireObject):
    """Issue Reward (contract 9.1)."""

    profile_id: str
    amount_to_redeem: Number
    location_external_reference: str
    issue_audit_user: str


class WireAskedStep(WireObject):
    """Redeem, Cancel and Reverse Reward (contract 9.2 to 9.4)."""

    profile_id: str
    redemption_code: str
    redeem_audit_user: MaybeText = None
    cancel_audit_user: MaybeText = None


class WireAskedAdjustment(WireObject):
    """Adjust Points (contract 7.2)."""

    profile_id: str
    points: Number
    billing_entity: MaybeText = None


class WireAskedPerson(WireObject):
    """Enroll Member (contract 6.1), as far as it names the person."""

    first_name: str = Field(repr=False)
    last_name: str = Field(repr=False)
    email_address: str = Field(repr=False)
    phone_number: str = Field(repr=False)
    enroll_reason_note: str


class WireAskedMember(WireObject):
    """Update Member and Activate Points, which name a member and are answered about it."""

    profile_id: str

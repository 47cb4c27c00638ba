"""Members and their accounts on the wire (contract 5.5, 5.6)."""

from decimal import Decimal

from pydantic import Field

from providers.fabric.wire.envelope import WireOne, WireRecord, WireRows
from providers.fabric.wire.values import MaybeDate, MaybeInstant, MaybeText, WireObject
from providers.recorded import Recorded


class WireAccount(WireObject):
    """A person's account in one club."""

    profile_id: str
    loyalty_number: MaybeText = None
    account_status: MaybeText = None
    club_reference: MaybeText = None
    club_title: MaybeText = None
    tier_id: int | None = None
    tier_external_reference: MaybeText = None
    tier_title: MaybeText = None
    tier_expiry_date: MaybeInstant = None
    redemption_threshold: Decimal | MaybeText = None
    custom_attributes: dict[str, object] | None = None


class WireMember(Recorded, WireRecord):
    """A person with accounts; `birthdate` is lower-case here and only here."""

    accounts: list[WireAccount] | None = None
    first_name: MaybeText = None
    middle_name: MaybeText = None
    last_name: MaybeText = None
    suffix: MaybeText = None
    gender: MaybeText = None
    birthdate: MaybeDate = Field(default=None, alias="birthdate")
    email_address: MaybeText = None
    phone_number: MaybeText = None
    postal_code: MaybeText = None
    enrollment_timestamp: MaybeInstant = None
    enroll_reason_note: MaybeText = None


WireMembersReply = WireRows[WireMember]
"""Get Members: one object, a list, `{}` or null (contract 6.3)."""

WireMemberReply = WireOne[WireMember]
"""Enroll Member and Update Member."""

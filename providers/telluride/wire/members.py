"""The member object and its two envelopes: GetMemberLookup and CreateMember (contract 4.1, 4.2)."""

from typing import Annotated

from pydantic import Field

from providers.recorded import Recorded
from providers.telluride.wire.scalars import Day, Digits, Dollars, Flag, Instant, Text, Whole
from providers.telluride.wire.shapes import Answer, Told, Wire, WireStatus, listed, single


class WirePhone(Wire):
    """One of a member's telephone numbers."""

    phone_type: Text = None
    preferred_phone_type: Flag = None
    phone_number: Text = None


class WireAttribute(Wire):
    """A free pair; its keys are lower-case on the wire (Q-2)."""

    name: Text = Field(default=None, alias="attrname")
    value: Text = Field(default=None, alias="attrvalue")


class WireMember(Recorded, Wire):
    """A member's profile (contract 4.1.1)."""

    member_number: Digits = None
    club_status: Text = None
    survivor_member_number: Digits = None
    first_name: Text = None
    last_name: Text = None
    email_address: Text = None
    birth_day: Day = Field(default=None, alias="DOB")
    gender: Text = None
    language_preference: Text = None
    member_since: Instant = Field(default=None, alias="MemberSinceDate")
    date_issued: Instant = None
    created_by: Text = None
    vip_tier: Text = Field(default=None, alias="VIPTier")
    total_spent: Dollars = Field(default=None, alias="TotalSpentYTD")
    spend_next_tier_level: Dollars = None
    phones: Annotated[tuple[WirePhone, ...], listed("Phone")] = Field(
        default=(), alias="PhoneNumbers"
    )
    attributes: Annotated[tuple[WireAttribute, ...], listed("Attr")] = ()


class WireLookupReply(Wire):
    """The inner envelope, which CreateMember shares (Q-4)."""

    additional: Annotated[WireStatus | None, single] = None
    response_date: Instant = None
    records: Whole = Field(default=None, alias="NumRecordsReturned")
    members: Annotated[tuple[WireMember, ...], listed("Member")] = ()


class WireLookupResult(Wire):
    """The outer envelope: an array of one reply."""

    reply: Annotated[WireLookupReply | None, single] = Field(
        default=None, alias="GetMemberLookupReply"
    )


class WireMembers(Answer):
    """The answer of GetMemberLookup."""

    result: Annotated[WireLookupResult | None, single] = Field(
        default=None, alias="GetMemberLookupResult"
    )

    @property
    def reply(self) -> WireLookupReply:
        """The inner envelope, an empty one where it is missing."""
        found = None if self.result is None else self.result.reply
        return WireLookupReply() if found is None else found

    @property
    def told(self) -> Told | None:
        """The outcome, in Additional of the inner envelope."""
        return self.reply.additional

    @property
    def members(self) -> tuple[WireMember, ...]:
        """The members found."""
        return self.reply.members


class WireCreatedMember(WireMembers):
    """The answer of CreateMember: another outer name, the lookup's inner one (Q-4)."""

    result: Annotated[WireLookupResult | None, single] = Field(
        default=None, alias="CreateMemberResult"
    )

"""What OneRewards answers to calls that change something (contract 3.2, 3.11 to 3.19)."""

from typing import ClassVar

from providers.onerewards.wire.model import Date, Flag, Text, Whole, Wire


class WirePostResult(Wire):
    """What a posted transaction came to; a 201 says nothing without it (contract 3.12)."""

    is_success: Flag
    is_over_redeem_point: Flag
    voucher_error_message: Text | None = None


class WireMembership(Wire):
    """Whom a one-time code of the app belongs to, and the right to redeem (contract 3.2)."""

    mobile_user_id: Text
    member_id: Whole | None = None
    redemption_code: Whole | None = None
    redemption_code_expiration_time: Date | None = None


class WireIssued(Wire):
    """The voucher that a member now holds (contract 3.11)."""

    noun: ClassVar[str] = "issued"

    voucher_no: Text


class WireCreated(Wire):
    """The member that came to be (contract 3.14, 3.16, 3.18)."""

    noun: ClassVar[str] = "created"

    member_id: Whole | None = None


class WireUpload(Wire):
    """Where to put one receipt, and what to send with it (contract 3.19)."""

    url: Text
    request_headers: dict[Text, Text] | None = None
    content_headers: dict[Text, Text] | None = None

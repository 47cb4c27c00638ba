"""Members, their levels and the users of the app, as OneRewards sends them (contract 3.3, 3.17)."""

from typing import ClassVar

from providers.onerewards.wire.model import Date, Flag, Number, Text, Whole, Wire
from providers.recorded import Recorded


class WireMember(Recorded, Wire):
    """One member (contract 3.4); only the id, the phone and the app user's id are documented."""

    noun: ClassVar[str] = "member"

    member_id: Whole
    member_no: Text | None = None
    name: Text | None = None
    phone_no: Text | None = None
    email: Text | None = None
    birth_date: Date | None = None
    gender: Text | None = None
    member_level_id: Whole | None = None
    member_level: Text | None = None
    join_date: Date | None = None
    expiry_date: Date | None = None
    is_active: Flag | None = None
    mobile_user_id: Text | None = None


class WireMemberInfo(Wire):
    """A member's points and how many vouchers they hold (contract 3.5)."""

    noun: ClassVar[str] = "member_info"

    point_balance: Number
    member_id: Whole | None = None
    voucher_count: Whole | None = None


class WireLevel(Wire):
    """A member level (contract 3.6)."""

    noun: ClassVar[str] = "level"

    member_level_id: Whole
    member_level: Text | None = None
    description: Text | None = None
    is_default: Flag | None = None


class WireMobileUser(Wire):
    """A user of the vendor's app (contract 3.17)."""

    noun: ClassVar[str] = "mobile_user"

    mobile_user_id: Text
    name: Text | None = None
    phone_no: Text | None = None
    email: Text | None = None
    birth_date: Date | None = None
    gender: Text | None = None

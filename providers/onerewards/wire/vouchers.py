"""Vouchers held and to be had, as OneRewards sends them (contract 3.7 to 3.10)."""

from typing import ClassVar

from providers.onerewards.wire.model import Date, Flag, Number, Text, TimeOfDay, Whole, Wire
from providers.recorded import Recorded


class WireVoucherInfo(Wire):
    """A voucher's definition (contract 3.7); the end of the vendor's list of fields is unread."""

    noun: ClassVar[str] = "voucher"

    voucher_id: Whole
    voucher_name: Text | None = None
    is_percent: Flag | None = None
    discount_value: Number | None = None
    description: Text | None = None
    number_of_voucher_to_issue: Whole | None = None
    number_of_voucher_issued: Whole | None = None
    mobile_title: Text | None = None
    get_is_reobtainable: Flag | None = None
    get_start_date: Date | None = None
    get_end_date: Date | None = None
    get_required_points: Number | None = None
    get_term_and_condition: Text | None = None
    get_member_level_ids: tuple[Whole, ...] = ()
    use_start_date: Date | None = None
    use_end_date: Date | None = None
    use_start_time: TimeOfDay | None = None
    use_end_time: TimeOfDay | None = None
    use_end_date_time: Date | None = None
    use_valid_days: tuple[Whole, ...] = ()
    use_valid_on_member_birthday: Flag | None = None
    use_valid_on_member_birthday_month: Flag | None = None
    use_minimum_spending: Number | None = None
    use_term_and_condition: Text | None = None


class WireUsableVoucher(Recorded, Wire):
    """A voucher that a member holds, usable now or not (contract 3.7, 3.9)."""

    can_use_now: Flag
    voucher_no: Text
    voucher_info: WireVoucherInfo
    cant_use_now_reason: Whole | None = None


class WireObtainableVoucher(Recorded, Wire):
    """A voucher that a member could get, now or not (contract 3.8, 3.10)."""

    can_get_now: Flag
    voucher_info: WireVoucherInfo
    cant_get_now_reason: Whole | None = None
    can_use_now: Flag | None = None
    cant_use_now_reason: Whole | None = None

"""Whether a voucher can be used or obtained now, why not, and from when on.

The vendor tells a flag and one number, whose legend is assumed; the voucher's own windows, which
are documented, tell the rest (contract 2.7, 3.7).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from loyalty.offers import UnusableReason, Usability
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.times import Window, end, instant
from providers.onerewards.wire.vouchers import (
    WireObtainableVoucher,
    WireUsableVoucher,
    WireVoucherInfo,
)

_PASSING = frozenset(
    {UnusableReason.NOT_STARTED, UnusableReason.WRONG_DAY, UnusableReason.WRONG_TIME}
)
"""Reasons that go away by waiting."""


def use_window(info: WireVoucherInfo, program: Program) -> Window:
    """When such a voucher can be used."""
    ends = [
        moment
        for wire in (info.use_end_date, info.use_end_date_time)
        if (moment := end(wire, program.zone, whole_day=program.end_date_is_whole_day))
    ]
    return Window(
        zone=program.zone,
        starts=instant(info.use_start_date, program.zone),
        ends=min(ends, default=None),
        weekdays=frozenset(number % 7 for number in info.use_valid_days),
        opens=info.use_start_time,
        closes=info.use_end_time,
    )


def get_window(info: WireVoucherInfo, program: Program) -> Window:
    """When such a voucher can be obtained."""
    return Window(
        zone=program.zone,
        starts=instant(info.get_start_date, program.zone),
        ends=end(info.get_end_date, program.zone, whole_day=program.end_date_is_whole_day),
    )


def usable(
    wire: WireUsableVoucher, program: Program, now: datetime, spending: Decimal | None
) -> Usability:
    """Whether the member can use it now, over a bill of `spending` where one is given."""
    if wire.can_use_now:
        return Usability(now=True)
    info = wire.voucher_info
    window = use_window(info, program)
    seen = [*_window_reasons(window, now)]
    minimum = info.use_minimum_spending
    if spending is not None and minimum is not None and spending < minimum:
        seen.append(UnusableReason.BELOW_MINIMUM_SPEND)
    reasons = _reasons(wire.cant_use_now_reason, program.use_reasons, seen)
    birthday = info.use_valid_on_member_birthday or info.use_valid_on_member_birthday_month
    return Usability(
        now=False,
        reasons=reasons,
        native_reason=_native(wire.cant_use_now_reason),
        usable_from=None if birthday else _from_when(reasons, window, now),
    )


def obtainable(wire: WireObtainableVoucher, program: Program, now: datetime) -> Usability:
    """Whether the member can obtain it now; whether they could use it then is another matter."""
    if wire.can_get_now:
        return Usability(now=True)
    info = wire.voucher_info
    window = get_window(info, program)
    seen = [*_window_reasons(window, now)]
    quota, issued = info.number_of_voucher_to_issue, info.number_of_voucher_issued
    if quota is not None and issued is not None and issued >= quota:
        seen.append(UnusableReason.SOLD_OUT)
    reasons = _reasons(wire.cant_get_now_reason, program.get_reasons, seen)
    return Usability(
        now=False,
        reasons=reasons,
        native_reason=_native(wire.cant_get_now_reason),
        usable_from=_from_when(reasons, window, now),
    )


def _window_reasons(window: Window, now: datetime) -> Iterator[UnusableReason]:
    here = now.astimezone(window.zone)
    if not window.has_begun(now):
        yield UnusableReason.NOT_STARTED
    elif window.is_over(now):
        yield UnusableReason.EXPIRED
    else:
        if not window.takes_day(here.date()):
            yield UnusableReason.WRONG_DAY
        if not window.takes_hour(here.time()):
            yield UnusableReason.WRONG_TIME


def _reasons(
    number: int | None, legend: Mapping[int, UnusableReason], seen: list[UnusableReason]
) -> tuple[UnusableReason, ...]:
    """What the number says, then what we saw ourselves; OTHER where neither says anything."""
    told = [] if number is None else [legend.get(number, UnusableReason.OTHER)]
    return tuple(dict.fromkeys(told + seen)) or (UnusableReason.OTHER,)


def _native(number: int | None) -> str | None:
    return None if number is None else str(number)


def _from_when(
    reasons: tuple[UnusableReason, ...], window: Window, now: datetime
) -> datetime | None:
    """When waiting will have helped; None where something else stands in the way as well."""
    if not _PASSING.issuperset(reasons):
        return None
    opening = window.next_opening(now)
    return opening if opening is not None and opening > now else None

"""Vouchers a member holds and vouchers a member could claim, out of their wire shapes."""

from datetime import datetime
from decimal import Decimal

from loyalty.money import rounded
from loyalty.offers import (
    AmountOff,
    Basket,
    Discount,
    Offer,
    OfferKind,
    PercentageOff,
    UnusableReason,
    Usability,
    Voucher,
    VoucherStatus,
)
from loyalty.refs import VoucherRef
from providers.onerewards.mapping.program import Program
from providers.onerewards.mapping.usability import get_window, obtainable, usable, use_window
from providers.onerewards.wire.vouchers import (
    WireObtainableVoucher,
    WireUsableVoucher,
    WireVoucherInfo,
)


def voucher(
    wire: WireUsableVoucher,
    member: str,
    program: Program,
    now: datetime,
    spending: Decimal | None = None,
) -> Voucher:
    """A voucher that the member holds, judged at `now`."""
    info = wire.voucher_info
    window = use_window(info, program)
    usability = usable(wire, program, now, spending)
    return Voucher(
        ref=VoucherRef(program.member(member), wire.voucher_no),
        status=_status(usability),
        title=_title(info),
        description=info.description or None,
        terms=info.use_term_and_condition or None,
        discount=_discount(info, program.currency),
        usable=usability,
        starts_at=window.starts,
        expires_at=window.ends,
        raw=wire.raw,
    )


def offer(wire: WireObtainableVoucher, member: str, program: Program, now: datetime) -> Offer:
    """A voucher that the member could claim; `points_cost` 0 is free of charge."""
    info = wire.voucher_info
    window = get_window(info, program)
    return Offer(
        program=program.key,
        member=program.member(member),
        code=str(info.voucher_id),
        kind=OfferKind.CLAIMABLE_VOUCHER,
        title=_title(info) or str(info.voucher_id),
        description=info.description or None,
        terms=info.get_term_and_condition or None,
        starts_at=window.starts,
        ends_at=window.ends,
        points_cost=info.get_required_points,
        discount=_discount(info, program.currency),
        eligible=obtainable(wire, program, now),
        raw=wire.raw,
    )


def bill(basket: Basket | None) -> Decimal | None:
    """What the basket costs, tax included; None without a basket."""
    if basket is None:
        return None
    return sum((line.quantity * line.unit_price + line.tax for line in basket.lines), Decimal(0))


def _status(usability: Usability) -> VoucherStatus:
    if usability.now:
        return VoucherStatus.USABLE
    if UnusableReason.ALREADY_USED in usability.reasons:
        return VoucherStatus.REDEEMED
    if UnusableReason.EXPIRED in usability.reasons:
        return VoucherStatus.EXPIRED
    return VoucherStatus.ISSUED


def _title(info: WireVoucherInfo) -> str | None:
    """The title that members see in the app, or else the company's own name for it."""
    return info.mobile_title or info.voucher_name or None


def _discount(info: WireVoucherInfo, currency: str) -> Discount | None:
    if info.discount_value is None or info.is_percent is None:
        return None
    if info.is_percent:
        return PercentageOff(info.discount_value)
    return AmountOff(rounded(info.discount_value, currency))

"""Rewards as vouchers, and the discounts of a basket as offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from loyalty.money import Money
from loyalty.offers import (
    AmountOff,
    Basket,
    BasketLine,
    Discount,
    Offer,
    OfferKind,
    PercentageOff,
    UnusableReason,
    Usability,
    Voucher,
    VoucherStatus,
)
from loyalty.refs import MemberRef, VoucherRef
from providers.fabric.mapping.tenant import Tenant, Unreadable, uuid
from providers.fabric.profile import VOUCHER_STATUSES
from providers.fabric.wire.rewards import (
    WireDiscount,
    WireDiscountedItem,
    WireDiscounts,
    WireIssued,
    WireReward,
)

_REASONS = {
    VoucherStatus.EXPIRED: (UnusableReason.EXPIRED,),
    VoucherStatus.REDEEMED: (UnusableReason.ALREADY_USED,),
    VoucherStatus.REVERSED: (UnusableReason.ALREADY_USED,),
    VoucherStatus.CANCELED: (UnusableReason.OTHER,),
    VoucherStatus.UNKNOWN: (UnusableReason.OTHER,),
}


def voucher(wire: WireReward, asked: str, tenant: Tenant, now: datetime) -> Voucher:
    """A reward of the member asked about; raises WrongMember for anybody else's."""
    ref = tenant.ref_of(asked, wire.profile_id)
    state = status(wire, now)
    amount = wire.amount_to_redeem
    return Voucher(
        ref=VoucherRef(ref, _code(wire.redemption_code)),
        status=state,
        native_status=wire.status,
        discount=None if amount is None else AmountOff(tenant.money(amount)),
        usable=Usability(
            now=state is VoucherStatus.USABLE,
            reasons=_REASONS.get(state, ()),
            native_reason=None if state is VoucherStatus.USABLE else wire.status,
        ),
        expires_at=wire.expiration_date,
        code_pays=True,
        raw=wire.raw,
    )


def status(wire: WireReward, now: datetime) -> VoucherStatus:
    """The status; an Active reward past its expiry may still be told as such (contract 12.1)."""
    told = VOUCHER_STATUSES.get((wire.status or "").lower(), VoucherStatus.UNKNOWN)
    past = wire.expiration_date is not None and wire.expiration_date < now
    return VoucherStatus.EXPIRED if past and told is VoucherStatus.USABLE else told


def code(wire: WireReward) -> str:
    """The code by which a reward is redeemed; raises Unreadable."""
    return _code(wire.redemption_code)


def _code(text: str) -> str:
    code = uuid(text)
    if code is None:
        raise Unreadable
    return code


@dataclass(frozen=True, slots=True)
class Issued:
    """A reward just issued: its code, the points it took and what it is worth."""

    code: str
    name: str | None
    points: Decimal | None
    worth: Money | None


def issued(wire: WireIssued, tenant: Tenant) -> Issued:
    """`rewardValue` is points, not money; the worth is points times their cost (contract 4.6)."""
    points, cost = wire.reward_value, wire.reward_point_cost
    worth = None if points is None or cost is None else tenant.money(points * cost)
    return Issued(_code(wire.redemption_code), wire.reward_name, points, worth)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line of a basket in amounts that can be printed: gross is net plus tax."""

    product_code: str
    categories: tuple[str, ...]
    quantity: int
    unit_price: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        """The line's total, tax included."""
        return self.net + self.tax


def priced(basket: Basket, tenant: Tenant) -> tuple[PricedLine, ...]:
    """The basket's lines in the currency's smallest unit.

    A quantity or a price that cannot be printed exactly makes the line one piece of itself, since
    itemQuantity is whole and money has two decimals (contract 3.3, 5.2).
    """
    return tuple(_priced(line, tenant) for line in basket.lines)


def _priced(line: BasketLine, tenant: Tenant) -> PricedLine:
    net = tenant.money(line.unit_price * line.quantity).amount
    unit_price = tenant.money(line.unit_price).amount
    whole = line.quantity == line.quantity.to_integral_value() and line.quantity >= 1
    pieces = int(line.quantity) if whole and unit_price == line.unit_price else 1
    return PricedLine(
        product_code=line.product_code,
        categories=line.categories,
        quantity=pieces,
        unit_price=unit_price if whole and unit_price == line.unit_price else net,
        net=net,
        tax=tenant.money(line.tax).amount,
    )


def offers(rows: tuple[WireDiscounts, ...], member: MemberRef, tenant: Tenant) -> tuple[Offer, ...]:
    """The discounts this basket would get: on the whole, on products, and others."""
    return tuple(offer for row in rows for offer in _offers(row, member, tenant))


def _offers(row: WireDiscounts, member: MemberRef, tenant: Tenant) -> Iterator[Offer]:
    for wire in row.discounts or ():
        yield _offer(wire, member, tenant)
    for item in row.transaction_items or ():
        for wire in item.discounts or ():
            yield _offer(wire, member, tenant, item)
    for wire in _told(row.miscellaneous):
        yield _offer(wire, member, tenant, kind=OfferKind.OTHER)


def _told(miscellaneous: object) -> Iterator[WireDiscount]:
    if isinstance(miscellaneous, list):
        for entry in cast("list[object]", miscellaneous):
            if isinstance(entry, WireDiscount) and (entry.id is not None or entry.rule_name):
                yield entry


def _offer(
    wire: WireDiscount,
    member: MemberRef,
    tenant: Tenant,
    item: WireDiscountedItem | None = None,
    kind: OfferKind = OfferKind.DISCOUNT,
) -> Offer:
    code = wire.rule_name or "" if wire.id is None else str(wire.id)
    return Offer(
        program=tenant.program,
        member=member,
        code=code if item is None else f"{code}:{item.sku}",
        kind=kind,
        title=wire.description or wire.rule_name or code,
        native_kind=wire.type,
        description=wire.rule_name,
        discount=_discount(wire, tenant),
        eligible=Usability(now=True),
        raw=wire.raw,
    )


def _discount(wire: WireDiscount, tenant: Tenant) -> Discount | None:
    """In percent where it is one; the amount otherwise."""
    if wire.discount_percentage:
        return PercentageOff(wire.discount_percentage)
    amount = wire.value if wire.discount_amount is None else wire.discount_amount
    return None if amount is None else AmountOff(tenant.money(amount))

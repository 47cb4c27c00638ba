"""Transactions in our words: what they were, and which way they moved points."""

from datetime import datetime
from decimal import Decimal

from loyalty.refs import TransactionRef
from loyalty.sales import (
    DocumentReference,
    LineType,
    Outlet,
    PointsEffect,
    Transaction,
    TransactionKind,
    TransactionLine,
    TransactionStatus,
)
from providers.fabric.mapping.bodies import document_of, operation_of
from providers.fabric.mapping.tenant import Tenant, Unreadable
from providers.fabric.profile import MOVEMENTS, Direction, Movement
from providers.fabric.wire.sales import WireItem, WireTransaction

_UNKNOWN = Movement(TransactionKind.OTHER, Direction.SIGNED)


def transaction(
    wire: WireTransaction, asked: str, tenant: Tenant, fetched_at: datetime
) -> Transaction:
    """A transaction of the member asked about; raises WrongMember for anybody else's."""
    ref = tenant.ref_of(asked, wire.profile_id)
    occurred_at = wire.activity_timestamp or wire.transaction_date_time
    if occurred_at is None:
        raise Unreadable
    movement = MOVEMENTS.get(wire.transaction_type, _UNKNOWN)
    return Transaction(
        ref=TransactionRef(ref, _key(wire)),
        kind=_kind(wire, movement, tenant),
        status=TransactionStatus.POSTED,
        occurred_at=occurred_at,
        fetched_at=fetched_at,
        native_id=wire.transaction_code.lower(),
        document=_document(wire),
        native_kind=wire.transaction_type,
        posted_at=wire.transaction_date_time,
        outlet=_outlet(wire),
        total=tenant.maybe_money(wire.total_amount_paid),
        tax=tenant.maybe_money(wire.total_tax),
        discount=tenant.maybe_money(wire.discount_value),
        lines=_lines(wire, tenant),
        effect=_effect(wire, movement.direction),
        description=wire.reason_description or wire.reason_code,
        operation=operation_of(wire.issue_audit_user) if wire.transaction_type == "BURN" else None,
        raw=wire.raw,
    )


def _key(wire: WireTransaction) -> tuple[str, str, str]:
    """How to find it again: reference (may be empty), type, the engine's code."""
    reference = wire.transaction_external_reference or ""
    return reference, wire.transaction_type, wire.transaction_code.lower()


def is_known(wire: WireTransaction) -> bool:
    """Whether the type is one of contract 5.4."""
    return wire.transaction_type in MOVEMENTS


def _kind(wire: WireTransaction, movement: Movement, tenant: Tenant) -> TransactionKind:
    """By the engine's type; that a sale was an exchange, only the caller's own type tells."""
    own_type = wire.transaction_type_external_reference
    exchanged = tenant.exchange_type is not None and own_type == tenant.exchange_type
    if exchanged and movement.kind is TransactionKind.PURCHASE:
        return TransactionKind.EXCHANGE
    return movement.kind


def _document(wire: WireTransaction) -> DocumentReference | None:
    """The shop's document; of what went through us without what we made of its name."""
    reference, number = wire.transaction_external_reference, wire.transaction_number
    operation = operation_of(wire.issue_audit_user)
    if reference is None:
        return None
    document = reference if operation is None else document_of(reference, operation)
    if document is None:
        return None
    return DocumentReference(document, None if number == reference else number)


def _outlet(wire: WireTransaction) -> Outlet | None:
    store = wire.transaction_entity_reference
    return None if store is None else Outlet(store)


def _effect(wire: WireTransaction, direction: Direction) -> PointsEffect:
    """Without a balance: the provider's counts pending and restricted points (contract 4.3)."""
    earned, redeemed, adjusted = _moved(wire.points, direction)
    return PointsEffect(
        earned=earned,
        redeemed=redeemed,
        adjusted=adjusted,
        base=wire.base_points if earned else None,
        bonus=wire.bonus_points if earned else None,
        promotional=wire.promotional_points if earned else None,
    )


def _moved(points: Decimal, direction: Direction) -> tuple[Decimal, Decimal, Decimal]:
    """Points as (earned, redeemed, adjusted): magnitudes, but the last with its sign."""
    zero, size = Decimal(0), abs(points)
    match direction:
        case Direction.EARNED:
            return (points, zero, zero) if points >= 0 else (zero, zero, points)
        case Direction.REDEEMED:
            return zero, size, zero
        case Direction.GIVEN:
            return zero, zero, size
        case Direction.TAKEN:
            return zero, zero, -size
        case Direction.SIGNED:
            return zero, zero, points


def _lines(wire: WireTransaction, tenant: Tenant) -> tuple[TransactionLine, ...] | None:
    """The echoed lines; None where none came, for a sale may have been sent without."""
    taken_back = wire.transaction_type == "EARN_REVERSE"
    kind = LineType.RETURN if taken_back else LineType.NORMAL
    lines = [
        _line(item, index, kind, tenant) for index, item in enumerate(wire.transaction_items or ())
    ]
    return tuple(line for line in lines if line is not None) or None


def _line(item: WireItem, index: int, kind: LineType, tenant: Tenant) -> TransactionLine | None:
    discount = sum((line.value for line in item.discounts or ()), Decimal(0))
    paid = item.total_amount_paid
    if paid is None and item.gross_amount is not None:
        paid = item.gross_amount - discount
    if paid is None:
        return None
    return TransactionLine(
        sequence=index if item.line_number is None else item.line_number,
        type=kind,
        subtotal=tenant.money(paid),
        product_code=item.sku,
        description=item.item_name,
        quantity=item.item_quantity,
        unit_price=tenant.maybe_money(item.item_price),
        discount=tenant.money(discount),
        subtotal_ex_tax=tenant.maybe_money(item.net_amount),
    )

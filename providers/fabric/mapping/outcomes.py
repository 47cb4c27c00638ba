"""What came of a change, in our words: from the answer to it, or from where it was found."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from loyalty.commands import ClaimVoucher, RedeemPoints, RedeemVoucher
from loyalty.errors import ErrorCode, InsufficientPoints, LoyaltyError
from loyalty.outcomes import Caution, Done, RedemptionStatus
from loyalty.points import PointsState
from loyalty.refs import MemberRef, TransactionRef, VoucherRef
from loyalty.sales import PointsEffect
from providers.fabric.mapping import rewards, sales
from providers.fabric.mapping.bodies import marked
from providers.fabric.mapping.tenant import Tenant, Unreadable, WrongMember, uuid
from providers.fabric.wire.asked import (
    WireAskedAdjustment,
    WireAskedReward,
    WireAskedSale,
    WireAskedStep,
)
from providers.fabric.wire.rewards import WireIssued, WireReward
from providers.fabric.wire.sales import WireTransaction

_ZERO = Decimal(0)


def sale(row: WireTransaction, asked: WireAskedSale, kind: str, tenant: Tenant) -> Done:
    """An Earn or a Reverse; raises Unreadable where the answer is about anything else.

    `stands` is the reference by which a later return or void knows what remains of the sale.
    """
    reference = asked.transaction_external_reference
    if row.transaction_type != kind:
        raise Unreadable
    if row.transaction_external_reference not in (None, reference):
        raise WrongMember
    at = row.transaction_date_time or row.activity_timestamp or asked.activity_timestamp
    if at is None:
        raise Unreadable
    told = sales.transaction(
        row.model_copy(update={"transaction_external_reference": reference}),
        asked.profile_id,
        tenant,
        at,
    )
    effect = told.effect or PointsEffect()
    state = PointsState.PENDING if asked.set_to_pending else PointsState.AVAILABLE
    earned = kind == "EARN"
    return Done(
        native={"reference": reference, "stands": reference if earned else ""},
        native_id=told.native_id,
        member=told.ref.member,
        transaction=told.ref if isinstance(told.ref, TransactionRef) else None,
        posted_at=told.posted_at,
        effect=replace(effect, state=state) if earned else effect,
    )


def is_ours(row: WireTransaction, asked: WireAskedSale) -> bool:
    """Whether the row is this very request: by our mark, else by its store and its figures."""
    told = (row.issue_audit_user or "").strip()
    if told:
        return marked(told) == marked(asked.issue_audit_user)
    figures = (
        (row.total_amount_paid, asked.total_amount_paid),
        (row.total_tax, asked.total_tax),
        (row.activity_timestamp, asked.activity_timestamp),
        (row.transaction_entity_reference, asked.entity_reference),
    )
    return all(shown in (None, sent) for shown, sent in figures)


def returned(reversed_: Done, earned: Done, told: tuple[Caution, ...]) -> Done:
    """A partial return: all taken back, and the rest earned anew."""
    taken, given = reversed_.effect or PointsEffect(), earned.effect or PointsEffect()
    return replace(
        reversed_,
        native={**reversed_.native, "stands": earned.native["stands"]},
        parts=() if earned.transaction is None else (earned.transaction,),
        effect=PointsEffect(adjusted=taken.adjusted + given.earned),
        cautions=told,
    )


def issued(wire: WireIssued, asked: WireAskedReward, tenant: Tenant) -> Done:
    """A reward just issued, as a held redemption; its worth is what was asked for."""
    told = rewards.issued(wire, tenant)
    return _held(tenant.ref(asked.profile_id), told.code, asked, told.points, tenant)


def issued_row(wire: WireReward, asked: WireAskedReward, tenant: Tenant) -> Done:
    """The same, found in the history."""
    member = tenant.ref_of(asked.profile_id, wire.profile_id)
    done = _held(member, rewards.code(wire), asked, wire.points_to_redeem, tenant)
    return replace(done, expires_at=wire.expiration_date)


def _held(
    member: MemberRef, code: str, asked: WireAskedReward, points: Decimal | None, tenant: Tenant
) -> Done:
    return Done(
        native={"code": code, "store": asked.location_external_reference},
        member=member,
        voucher=VoucherRef(member, code),
        redemption=RedemptionStatus.HELD,
        points=points,
        worth=tenant.money(asked.amount_to_redeem),
    )


def owner(command: RedeemPoints | RedeemVoucher | ClaimVoucher) -> MemberRef:
    """Whose redemption it is."""
    return command.voucher.member if isinstance(command, RedeemVoucher) else command.member


def stepped(
    asked: WireAskedStep, status: RedemptionStatus, reward: WireReward | None, tenant: Tenant
) -> Done:
    """A reward redeemed, cancelled or reversed; figures where the reward is known."""
    member = tenant.ref(asked.profile_id)
    return Done(
        native={"code": asked.redemption_code},
        member=member,
        voucher=VoucherRef(member, asked.redemption_code),
        redemption=status,
        points=None if reward is None else reward.points_to_redeem,
        worth=None if reward is None else tenant.maybe_money(reward.amount_to_redeem),
    )


def may_be(row: WireReward, asked: WireAskedReward, since: datetime) -> bool:
    """Whether a reward without any mark of ours may be the one asked for."""
    if marked(row.issue_audit_user) is not None:
        return False
    recent = row.activity_date is None or row.activity_date >= since
    return recent and row.amount_to_redeem in (None, asked.amount_to_redeem)


def too_few(refusal: LoyaltyError, field: str, asked: Decimal, available: Decimal) -> LoyaltyError:
    """The refusal, with figures where points are what is missing."""
    if refusal.code is not ErrorCode.INSUFFICIENT_POINTS and available >= asked:
        return refusal
    return InsufficientPoints(
        "the member has too few points",
        asked=asked,
        available=available,
        field=("input", field),
        program=refusal.program,
        upstream=refusal.upstream,
    )


def adjusted(
    code: str, asked: WireAskedAdjustment, tenant: Tenant, row: WireTransaction | None = None
) -> Done:
    """A correction, by the engine's code for it; raises Unreadable."""
    found = uuid(code)
    if found is None:
        raise Unreadable
    member = tenant.ref(asked.profile_id)
    kind = "ADJUSTMENT" if asked.points > 0 else "DEDUCT"
    return Done(
        native={"code": found},
        native_id=found,
        member=member,
        transaction=TransactionRef(member, ("", kind, found)),
        posted_at=None if row is None else row.transaction_date_time,
        effect=PointsEffect(adjusted=asked.points),
    )


def is_of_size(row: WireTransaction, points: Decimal) -> bool:
    """Whether a correction moved so many points, and that way; a DEDUCT may be told unsigned."""
    moved = -abs(row.points) if row.transaction_type == "DEDUCT" else row.points
    return moved == points

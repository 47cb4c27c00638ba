"""Points and vouchers: inputs as commands."""

from graph.asking.references import References
from graph.asking.sales import maybe_document, maybe_lines, maybe_outlet, outlet
from graph.types.checks import (
    INPUT,
    WORDS,
    maybe_amount,
    maybe_text,
    ordered,
    positive,
    text,
)
from graph.types.inputs import given
from graph.types.redemption_inputs import (
    ActivatePointsInput,
    AdjustPointsInput,
    AuthorizeRedemptionInput,
    ClaimVoucherInput,
    RedeemPointsInput,
    RedeemVoucherInput,
    RedemptionActionInput,
)
from loyalty.commands import (
    ActivatePoints,
    AdjustPoints,
    AuthorizeRedemption,
    CaptureRedemption,
    ClaimVoucher,
    RedeemPoints,
    RedeemVoucher,
    VoidRedemption,
)


def redeem_points(references: References, asked: RedeemPointsInput) -> RedeemPoints:
    """What redeemPoints asks; GraphQL's @oneOf has seen to it that there is one amount."""
    at = INPUT.at("amount")
    points, money = given(asked.amount.points), given(asked.amount.money)
    return RedeemPoints(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        outlet=outlet(INPUT.at("outlet"), asked.outlet),
        points=None if points is None else positive(at.at("points"), points),
        money=None if money is None else positive(at.at("money"), money),
        hold=bool(asked.hold),
        document=maybe_document(INPUT.at("document"), asked.document),
        lines=maybe_lines(references, INPUT.at("lines"), asked.lines),
        authorization=maybe_text(INPUT.at("authorization"), asked.authorization, WORDS),
        note=maybe_text(INPUT.at("note"), asked.note, WORDS),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def redeem_voucher(references: References, asked: RedeemVoucherInput) -> RedeemVoucher:
    """What redeemVoucher asks."""
    return RedeemVoucher(
        voucher=references.voucher(INPUT.at("voucherId"), asked.voucher_id),
        outlet=outlet(INPUT.at("outlet"), asked.outlet),
        discount=maybe_amount(INPUT.at("discount"), asked.discount),
        document=maybe_document(INPUT.at("document"), asked.document),
        lines=maybe_lines(references, INPUT.at("lines"), asked.lines),
        authorization=maybe_text(INPUT.at("authorization"), asked.authorization, WORDS),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def capture_redemption(references: References, asked: RedemptionActionInput) -> CaptureRedemption:
    """What captureRedemption asks."""
    found = references.redemption(INPUT.at("redemptionId"), asked.redemption_id)
    return CaptureRedemption(
        member=found.member,
        redemption=found.operation,
        reason=maybe_text(INPUT.at("reason"), asked.reason, WORDS),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def void_redemption(references: References, asked: RedemptionActionInput) -> VoidRedemption:
    """What voidRedemption asks."""
    found = references.redemption(INPUT.at("redemptionId"), asked.redemption_id)
    return VoidRedemption(
        member=found.member,
        redemption=found.operation,
        reason=maybe_text(INPUT.at("reason"), asked.reason, WORDS),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def authorize_redemption(
    references: References, asked: AuthorizeRedemptionInput
) -> AuthorizeRedemption:
    """What authorizeRedemption asks."""
    return AuthorizeRedemption(
        program=references.program(INPUT.at("program"), asked.program),
        code=text(INPUT.at("code"), asked.code, WORDS),
    )


def claim_voucher(references: References, asked: ClaimVoucherInput) -> ClaimVoucher:
    """What claimVoucher asks."""
    member = references.member(INPUT.at("memberId"), asked.member_id)
    return ClaimVoucher(
        member=member,
        offer=references.offer(INPUT.at("offerId"), asked.offer_id, member),
        authorization=maybe_text(INPUT.at("authorization"), asked.authorization, WORDS),
        outlet=maybe_outlet(INPUT.at("outlet"), asked.outlet),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def adjust_points(references: References, asked: AdjustPointsInput) -> AdjustPoints:
    """What adjustPoints asks."""
    if asked.delta == 0:
        raise INPUT.at("delta").refused("is 0: give points, or take some")
    starts_at, ends_at = given(asked.starts_at), given(asked.ends_at)
    ordered(INPUT.at("endsAt"), starts_at, ends_at)
    return AdjustPoints(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        delta=asked.delta,
        reason=text(INPUT.at("reason"), asked.reason, WORDS),
        kind=given(asked.kind),
        offer_code=maybe_text(INPUT.at("offerCode"), asked.offer_code),
        document=maybe_document(INPUT.at("document"), asked.document),
        starts_at=starts_at,
        ends_at=ends_at,
        outlet=maybe_outlet(INPUT.at("outlet"), asked.outlet),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def activate_points(references: References, asked: ActivatePointsInput) -> ActivatePoints:
    """What activatePoints asks."""
    starts_at, ends_at = given(asked.from_), given(asked.to)
    ordered(INPUT.at("to"), starts_at, ends_at)
    return ActivatePoints(
        member=references.member(INPUT.at("memberId"), asked.member_id),
        starts_at=starts_at,
        ends_at=ends_at,
    )

"""Codes of the app turned into rights, and offers into vouchers: what comes before a redemption."""

from collections.abc import Mapping
from decimal import Decimal

from loyalty.commands import AuthorizeRedemption, ClaimVoucher
from loyalty.errors import Declined, ErrorCode, InvalidInput, MemberNotFound, Unsupported
from loyalty.offers import OfferKind, UnusableReason
from loyalty.operations import Operation
from providers.onerewards.client.account import Account
from providers.onerewards.client.notes import Note, Place
from providers.onerewards.client.steps import finished
from providers.onerewards.mapping import cautions, checks
from providers.onerewards.mapping.authorizations import authorization
from providers.onerewards.mapping.lookups import member_id
from providers.onerewards.mapping.refusals import too_few_points
from providers.onerewards.profile import Upstream
from providers.writing import Doubt, Job, Next, Write

_LONGEST_CODE = 64
_LIMITS = {UnusableReason.SOLD_OUT, UnusableReason.LIMIT_REACHED}
_CLAIM: Mapping[str, Place] = {
    ErrorCode.AUTHORIZATION_REQUIRED: ("authorization",),
    ErrorCode.AUTHORIZATION_INVALID: ("authorization",),
    ErrorCode.MEMBER_NOT_FOUND: ("memberId",),
    ErrorCode.MEMBER_NOT_ACTIVE: ("memberId",),
    ErrorCode.OFFER_NOT_APPLICABLE: ("offerId",),
    ErrorCode.OFFER_LIMIT: ("offerId",),
    ErrorCode.INSUFFICIENT_POINTS: ("offerId",),
}


class Claims(Account):
    """How a member comes to a right to redeem, and to a voucher."""

    async def authorize_redemption(self, job: Job[AuthorizeRedemption, None]) -> Next:
        """The code is used up by asking: it is asked once, and never again (contract 3.2)."""
        if job.steps:
            return finished(job, ())
        code = job.command.code.strip()
        if not code or len(code) > _LONGEST_CODE or not code.isascii() or not code.isalnum():
            raise checks.wrong(
                "this is no code of the app; ask the member for the one it shows now",
                "code",
                code=ErrorCode.AUTHORIZATION_INVALID,
            )
        return Write(
            name=Upstream.GET_RECORD_BY_AUTH_CODE.value,
            request=self._caller.request(Upstream.GET_RECORD_BY_AUTH_CODE, named=code),
            doubt=Doubt.NONE,
            note=Note(fields={ErrorCode.AUTHORIZATION_INVALID: ("code",)}).written(),
        )

    async def claim_voucher(self, job: Job[ClaimVoucher, None]) -> Next:
        """A voucher of an offer becomes the member's; those held before tell it from the new."""
        command = job.command
        if job.steps:
            return finished(job, cautions.of_claim(command))
        number = checks.number_of(command.member, "memberId")
        voucher = self._claimed(command)
        right = authorization(command.authorization, command.member, self._now())
        checks.check_outlet(command.outlet)
        held = await self._vouchers.held_of(str(number), str(voucher))
        if held is None:
            msg = "the program has no such member"
            raise MemberNotFound(msg, field=("input", "memberId"), program=self.program)
        await self._check_obtainable(str(number), str(voucher))
        outlet = command.outlet
        body = {
            "redemptionCode": None if right is None else right.code,
            "memberId": number,
            "voucherId": voucher,
            "outletId": None if outlet is None else outlet.code,
            "outlet": None if outlet is None else outlet.name or outlet.code,
            "createdUser": command.operator or self._operator,
        }
        sent = {name: value for name, value in body.items() if value is not None}
        return Write(
            name=Upstream.ISSUE_VOUCHER_TO_MEMBER.value,
            request=self._caller.request(Upstream.ISSUE_VOUCHER_TO_MEMBER, body=sent),
            doubt=Doubt.LOOK,
            serial=f"issue:{number}:{voucher}",
            note=Note(fields=_CLAIM, held=held).written(),
        )

    async def _check_obtainable(self, member: str, voucher: str) -> None:
        """Raise Declined for what the member cannot get now: a later refusal is a surprise then."""
        offer = await self._vouchers.obtainable_one(member, voucher)
        eligible = None if offer is None else offer.eligible
        if offer is not None and (eligible is None or eligible.now):
            return
        reasons = () if eligible is None else eligible.reasons
        field = ("input", "offerId")
        if offer is not None and UnusableReason.NOT_ENOUGH_POINTS in reasons:
            found = await self._balance(member)
            available, price = None if found is None else found.points, offer.points_cost
            raise too_few_points(self.program, None, field, price or Decimal(0), available)
        is_limit = _LIMITS & set(reasons)
        code = ErrorCode.OFFER_LIMIT if is_limit else ErrorCode.OFFER_NOT_APPLICABLE
        raise Declined(
            f"the member cannot get this now: {', '.join(reasons) or 'no such offer'}",
            code=code,
            field=field,
            program=self.program,
        )

    def _claimed(self, command: ClaimVoucher) -> int:
        """The voucher's definition; raises Unsupported and InvalidInput."""
        offer = command.offer
        if offer.kind != OfferKind.CLAIMABLE_VOUCHER:
            raise Unsupported(
                "this offer is no voucher to claim",
                operation=Operation.VOUCHER_CLAIM,
                field=("input", "offerId"),
                program=self.program,
            )
        number = member_id(offer.code)
        if number is None or offer.member not in {None, command.member.key}:
            raise InvalidInput(
                "this is no offer to this member; ask for the member's offers",
                code=ErrorCode.OFFER_NOT_APPLICABLE,
                field=("input", "offerId"),
                program=self.program,
            )
        return number

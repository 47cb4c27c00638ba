"""Points and vouchers spent, and given back: the scripts of redemptions by themselves."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from decimal import Decimal

from loyalty.commands import (
    RedeemPoints,
    RedeemVoucher,
    SaleVoucher,
    VoidRedemption,
)
from loyalty.errors import Declined, ErrorCode, Unsupported
from loyalty.money import Money
from loyalty.operations import Operation
from loyalty.outcomes import Caution, CautionCode, Done, Redeemed, RedemptionStatus
from loyalty.refs import MemberRef
from loyalty.sales import LineType, PointsEffect
from loyalty.sums import payable
from providers.onerewards.client.account import Account
from providers.onerewards.client.notes import Note, Place
from providers.onerewards.client.steps import document_of, finished
from providers.onerewards.mapping import cautions, checks, documents
from providers.onerewards.mapping.authorizations import Authorization, authorization
from providers.writing import Finished, Job, Next

_ZERO = Decimal(0)
_RIGHT: Mapping[str, Place] = {
    ErrorCode.AUTHORIZATION_REQUIRED: ("authorization",),
    ErrorCode.AUTHORIZATION_INVALID: ("authorization",),
}
_POINTS: Mapping[str, Place] = {
    **_RIGHT,
    ErrorCode.MEMBER_NOT_FOUND: ("memberId",),
    ErrorCode.MEMBER_NOT_ACTIVE: ("memberId",),
    ErrorCode.INSUFFICIENT_POINTS: ("amount",),
    ErrorCode.DUPLICATE: ("document", "id"),
}
_VOUCHER: Mapping[str, Place] = {
    **_RIGHT,
    ErrorCode.MEMBER_NOT_FOUND: ("voucherId",),
    ErrorCode.MEMBER_NOT_ACTIVE: ("voucherId",),
    ErrorCode.VOUCHER_NOT_USABLE: ("voucherId",),
    ErrorCode.DUPLICATE: ("document", "id"),
}


class Redeems(Account):
    """How points and vouchers are spent and given back."""

    async def redeem_points(self, job: Job[RedeemPoints, None]) -> Next:
        """A document with nothing but the points."""
        command = job.command
        points, was_rounded = self._points(command)
        if job.steps:
            return self._points_spent(job, points, was_rounded=was_rounded)
        if command.hold:
            raise Unsupported(
                "this program cannot hold points; redeem them when they are spent",
                operation=Operation.REDEMPTION_HOLD,
                alternatives=(Operation.POINTS_REDEEM,),
                field=("input", "hold"),
                program=self.program,
            )
        right = authorization(command.authorization, command.member, self._now())
        head = self._head(job, command, command.member, "memberId", right)
        await self._check_member(command.member, ("memberId",), right, redeems=True)
        body = documents.redeemed_points(head, points, command.note)
        return self._posting(body, head.id, Note(fields=_POINTS, asked=points), right)

    async def redeem_voucher(self, job: Job[RedeemVoucher, Redeemed | None]) -> Next:
        """A document with the voucher and the line that it pays; taken back if that was all."""
        command = job.command
        if job.steps:
            return self._voucher_spent(job)
        if command.discount is None or command.discount < 0:
            msg = "write the money that the voucher takes off: this program does not work it out"
            raise checks.wrong(msg, "discount")
        payable(command.discount, self._program.currency, "discount")
        lines = command.lines or ()
        for index, line in enumerate(lines):
            if line.type not in {LineType.NORMAL, LineType.DISCOUNT}:
                msg = "a voucher is used on NORMAL lines; post the sale to take something back"
                raise checks.wrong(msg, "lines", str(index), "type")
        member = command.voucher.member
        right = authorization(command.authorization, member, self._now())
        head = self._head(job, command, member, "voucherId", right)
        await self._check_member(member, ("voucherId",), right, redeems=True)
        used = SaleVoucher(command.voucher, command.discount)
        body = documents.redeemed_voucher(head, used, lines)
        return self._posting(body, head.id, Note(fields=_VOUCHER), right)

    async def void_redemption(self, job: Job[VoidRedemption, Redeemed]) -> Next:
        """The redemption's own document is unposted."""
        target = job.target
        back = self._back(target)
        if job.steps:
            return _given_back(job, back)
        if target.status is not RedemptionStatus.CAPTURED:
            msg = "the redemption is not in force, so there is nothing to give back"
            raise checks.wrong(msg, "redemptionId", code=ErrorCode.REDEMPTION_NOT_OPEN)
        document = target.done.native.get("docId")
        if document is None:
            msg = "it is not known by which document the provider has this"
            raise checks.wrong(msg, "redemptionId", code=ErrorCode.NOT_VOIDABLE)
        number = checks.number_of(job.command.member, "redemptionId")
        found = await self._balance(str(number)) if back else None
        note = Note(
            fields={ErrorCode.NOT_VOIDABLE: ("redemptionId",)},
            before=None if found is None else found.points,
            back=back,
        )
        return self._unposting(number, document, job.command.operator, note)

    def _points(self, command: RedeemPoints) -> tuple[Decimal, bool]:
        """How many points it is, and whether money was rounded to them; raises InvalidInput."""
        decimals = self._assumed.point_decimals
        if command.points is not None and command.money is None:
            points, was_rounded, place = command.points, False, "points"
        elif command.money is not None and command.points is None:
            payable(command.money, self._program.currency, "amount", "money")
            worth = self._program.point_worth
            points, was_rounded = checks.points_for(command.money, worth, decimals, self.program)
            place = "money"
        else:
            raise checks.wrong("write either points or money", "amount")
        if points <= 0:
            raise checks.wrong("less than a point; write how many", "amount", place)
        checks.check_points(points, decimals, "amount", place)
        return points, was_rounded

    def _points_spent(
        self, job: Job[RedeemPoints, None], points: Decimal, *, was_rounded: bool
    ) -> Finished:
        told = list(cautions.of_points(job.command))
        if was_rounded:
            msg = f"amount.money is no whole number of points; {points:f} were redeemed"
            told.append(Caution(CautionCode.ROUNDED, msg))
        end = finished(job, tuple(told), effect=PointsEffect(redeemed=points))
        if end.done is None:
            return end
        worth = checks.worth_of(points, self._program.point_worth, self._program.currency)
        return Finished(
            done=replace(end.done, redemption=RedemptionStatus.CAPTURED, points=points, worth=worth)
        )

    def _voucher_spent(self, job: Job[RedeemVoucher, Redeemed | None]) -> Next:
        """Where the document was recorded without the voucher, it is taken back."""
        command, first = job.command, job.steps[0].outcome
        if not isinstance(first, Done):
            return Finished(error=first)
        if not any(each.code is CautionCode.VOUCHER_NOT_APPLIED for each in first.cautions):
            end = finished(job, cautions.of_voucher(command), effect=PointsEffect())
            done = end.done or first
            worth = Money(command.discount or _ZERO, self._program.currency)
            captured = RedemptionStatus.CAPTURED
            return Finished(
                done=replace(done, redemption=captured, voucher=command.voucher, worth=worth)
            )
        if len(job.steps) == 1:
            number = checks.number_of(command.voucher.member, "voucherId")
            document = first.native["docId"]
            return self._unposting(number, document, command.operator, Note(back=_ZERO))
        return Finished(
            error=Declined(
                "the voucher cannot be used now; check it before",
                code=ErrorCode.VOUCHER_NOT_USABLE,
                field=("input", "voucherId"),
                program=self.program,
            ),
            reversed_=isinstance(job.steps[1].outcome, Done),
        )

    def _head(
        self,
        job: Job[RedeemPoints, None] | Job[RedeemVoucher, Redeemed | None],
        command: RedeemPoints | RedeemVoucher,
        member: MemberRef,
        place: str,
        right: Authorization | None,
    ) -> documents.Head:
        document, ticket = command.document, job.ticket
        checks.check_document(document)
        checks.check_outlet(command.outlet)
        kind = "points" if isinstance(command, RedeemPoints) else "voucher"
        shown = ticket.operation if document is None else document.number or document.id
        return documents.Head(
            id=document_of(ticket, document, kind),
            number=shown,
            member=checks.number_of(member, place),
            at=ticket.began_at.astimezone(UTC),
            outlet=command.outlet,
            operator=command.operator or self._operator,
            authorization=right,
        )

    def _back(self, target: Redeemed) -> Decimal:
        """The points that voiding gives back; raises Unsupported where there is no document."""
        match target.command:
            case RedeemPoints():
                return target.done.points or _ZERO
            case RedeemVoucher():
                return _ZERO
            case _:
                raise Unsupported(
                    "this was no redemption by itself; void the transaction that it is a part of",
                    operation=Operation.REDEMPTION_VOID,
                    alternatives=(Operation.TRANSACTION_VOID,),
                    field=("input", "redemptionId"),
                    program=self.program,
                )


def _given_back(job: Job[VoidRedemption, Redeemed], back: Decimal) -> Finished:
    told = cautions.not_sent({"reason": job.command.reason})
    end = finished(job, told, effect=PointsEffect(adjusted=back))
    if end.done is None:
        return end
    voided = RedemptionStatus.VOIDED
    return Finished(done=replace(end.done, redemption=voided, points=back or None))

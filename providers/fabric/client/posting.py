"""Posting, returning and voiding sales (contract 8.1, 8.2)."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from loyalty.commands import PostSale, ReturnSale, Settlement, VoidSale
from loyalty.errors import ErrorCode, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Caution, Done, Posted, Redeemed, RedemptionStatus
from providers.fabric.client.earning import Earning
from providers.fabric.mapping import bills, cautions, outcomes, rules
from providers.fabric.mapping.bodies import void_reference
from providers.writing import Beforehand, Finished, Job, Next, Step, Write

_ZERO = Decimal(0)


class Posting(Earning):
    """PostsSales, ReturnsSales, VoidsSales."""

    # ------------------------------------------------------------------ the abilities

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        """One Earn with the duplicate check on."""
        command = job.command
        if job.steps:
            whole = bills.as_one(command, self.tenant)
            return _finished(job.steps, cautions.of_sale(command, whole))
        with self.checking():
            rules.check_sale(command)
            bill = bills.bill(command, self.tenant)
        reference = self.reference(job.ticket, command.document.id)
        codes = [
            self._code(each, command, index) for index, each in enumerate(job.target.redemptions)
        ]
        write = self.earn(command, bill, job.ticket, reference, codes)
        await self.check_active(command.member, "memberId")
        await self.check_earlier(job.ticket, command)
        return write

    async def void_sale(self, job: Job[VoidSale, Posted]) -> Next:
        """One Reverse of what stands: of the sale, or of what its returns left of it."""
        command, posted = job.command, job.target
        sale = self._sale(posted, Operation.TRANSACTION_VOID)
        if job.steps:
            kept = cautions.other("redemptions made beforehand stay; void them by voidRedemption")
            return _finished(job.steps, (kept,) if sale.redemptions else ())
        stands, rest = _stands(posted), bills.remainder(sale, _returned(posted), self.tenant)
        if not stands or rest is None:
            raise self.declined(
                "everything of the sale was taken back already",
                ErrorCode.ALREADY_VOIDED,
                "transactionId",
            )
        return self.reverse(
            sale,
            rest,
            job.ticket,
            stands,
            reference=void_reference(job.ticket.operation),
            at=job.ticket.began_at,
            reason=command.reason,
            operator=command.operator,
        )

    async def return_sale(self, job: Job[ReturnSale, Posted]) -> Next:
        """Reverse all that stands; then earn anew, for the time of the sale, what remains of it."""
        command, posted = job.command, job.target
        sale = self._sale(posted, Operation.TRANSACTION_RETURN)
        if len(job.steps) > 1:
            return self._returned_in_part(job)
        back = _returned(posted)
        if not job.steps:
            return self._take_back(job, sale, back)
        left = bills.remainder(sale, _parts(command, back), self.tenant)
        if left is None:
            return _finished(job.steps, cautions.of_return(command))
        return self.earn(sale, left, job.ticket, _next_reference(posted), [])

    # ------------------------------------------------------------------ the steps

    def _take_back(
        self, job: Job[ReturnSale, Posted], sale: PostSale, back: Mapping[int, Decimal]
    ) -> Write:
        command, posted = job.command, job.target
        with self.checking():
            rules.check_return(command, sale, back)
        stands, rest = _stands(posted), bills.remainder(sale, back, self.tenant)
        if not stands or rest is None:
            raise self.declined(
                "nothing of the sale is left to be returned",
                ErrorCode.NOT_VOIDABLE,
                "transactionId",
            )
        return self.reverse(
            replace(sale, outlet=command.outlet or sale.outlet),
            rest,
            job.ticket,
            stands,
            reference=self.reference(job.ticket, command.document.id),
            at=command.occurred_at,
            reason=command.reason,
            operator=command.operator,
        )

    def _returned_in_part(self, job: Job[ReturnSale, Posted]) -> Finished:
        """The end of a partial return: also where the provider took all and gave nothing anew."""
        told = cautions.of_return(job.command)
        (reversed_, earned) = (_done(step) for step in job.steps[:2])
        if reversed_ is None:
            return _finished(job.steps, told)
        if earned is not None:
            if isinstance(job.target.command, PostSale) and _waits(job.target.command):
                told = (*told, cautions.other("the points of what remains are pending anew"))
            return Finished(done=outcomes.returned(reversed_, earned, told))
        lost = cautions.other(
            "the points of the whole sale were taken back, and the provider refused those of what"
            " remains of it; give them by adjustPoints"
        )
        return Finished(done=replace(reversed_, cautions=(*told, lost)))

    def _sale(self, posted: Posted, operation: Operation) -> PostSale:
        if isinstance(posted.command, PostSale):
            return posted.command
        raise Unsupported(
            "a correction of points is undone by another one",
            operation=operation,
            alternatives=(Operation.POINTS_ADJUST,),
            field=("input", "transactionId"),
            program=self.program,
        )

    def _code(self, redeemed: Redeemed, command: PostSale, index: int) -> str:
        """The code of a redemption that pays for a part of the sale."""
        place = ("redemptionIds", str(index))
        if outcomes.owner(redeemed.command) != command.member:
            raise self.declined(
                "the redemption is another member's", ErrorCode.REDEMPTION_NOT_FOUND, *place
            )
        code = redeemed.done.native.get("code")
        if code is None or redeemed.status not in {
            RedemptionStatus.HELD,
            RedemptionStatus.CAPTURED,
        }:
            raise self.declined(
                f"the redemption is {redeemed.status}", ErrorCode.REDEMPTION_NOT_OPEN, *place
            )
        return code


def _waits(sale: PostSale) -> bool:
    return sale.settlement is Settlement.PENDING


def _done(step: Step) -> Done | None:
    return step.outcome if isinstance(step.outcome, Done) else None


def _finished(steps: tuple[Step, ...], told: tuple[Caution, ...]) -> Finished:
    """The end after a single step."""
    outcome = steps[-1].outcome
    if isinstance(outcome, Done):
        return Finished(done=replace(outcome, cautions=(*outcome.cautions, *told)))
    return Finished(error=outcome)


def _stands(posted: Posted) -> str:
    """The reference under which what remains of a sale is known; "" where nothing does.

    Which return was the last one the references tell: servers' clocks, which order the operations,
    may be apart.
    """
    left = [undone.done.native.get("stands", "") for undone in posted.undone]
    if not left:
        return posted.done.native.get("stands", "")
    return "" if "" in left else max(left, key=lambda reference: int(reference.rpartition("~r")[2]))


def _returned(posted: Posted) -> Mapping[int, Decimal]:
    """How much of each line has come back."""
    back: Mapping[int, Decimal] = {}
    for undone in posted.undone:
        if undone.command is not None:
            back = _parts(undone.command, back)
    return back


def _parts(command: ReturnSale, before: Mapping[int, Decimal]) -> Mapping[int, Decimal]:
    parts = dict(before)
    for part in command.lines:
        parts[part.sequence] = parts.get(part.sequence, _ZERO) + part.quantity
    return parts


def _next_reference(posted: Posted) -> str:
    """What remains after this return is known by the sale's reference, and which return it was."""
    return f"{posted.done.native['reference']}~r{len(posted.undone) + 1}"

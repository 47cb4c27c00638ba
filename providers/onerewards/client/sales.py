"""Sales, returns, voids and corrections of points: the scripts of what a till posts."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from loyalty.commands import AdjustPoints, PostSale, ReturnSale, VoidSale
from loyalty.errors import ErrorCode, InvalidInput, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Caution, CautionCode, Done, Posted
from loyalty.sales import Outlet, PointsEffect, SaleLine
from loyalty.sums import check_tenders
from providers.onerewards.client.account import Account
from providers.onerewards.client.notes import Note, Place
from providers.onerewards.client.steps import document_of, finished, sum_of
from providers.onerewards.mapping import cautions, checks, documents, returns
from providers.onerewards.mapping.authorizations import authorization
from providers.writing import Beforehand, Finished, Job, Next, Step, Write

_ZERO = Decimal(0)
_SALE: Mapping[str, Place] = {
    ErrorCode.MEMBER_NOT_FOUND: ("memberId",),
    ErrorCode.MEMBER_NOT_ACTIVE: ("memberId",),
    ErrorCode.AUTHORIZATION_REQUIRED: ("authorization",),
    ErrorCode.AUTHORIZATION_INVALID: ("authorization",),
    ErrorCode.INSUFFICIENT_POINTS: ("points", "redeem"),
    ErrorCode.VOUCHER_NOT_USABLE: ("voucher", "voucherId"),
    ErrorCode.DUPLICATE: ("document", "id"),
}
_RETURN: Mapping[str, Place] = {
    ErrorCode.MEMBER_NOT_FOUND: ("transactionId",),
    ErrorCode.MEMBER_NOT_ACTIVE: ("transactionId",),
    ErrorCode.INSUFFICIENT_POINTS: ("takeBackPoints",),
    ErrorCode.DUPLICATE: ("document", "id"),
}
_ADJUSTMENT: Mapping[str, Place] = {
    ErrorCode.MEMBER_NOT_FOUND: ("memberId",),
    ErrorCode.MEMBER_NOT_ACTIVE: ("memberId",),
    ErrorCode.INSUFFICIENT_POINTS: ("delta",),
    ErrorCode.DUPLICATE: ("document", "id"),
}
_VOID: Mapping[str, Place] = {ErrorCode.NOT_VOIDABLE: ("transactionId",)}


class Sells(Account):
    """What a till posts and takes back."""

    async def post_sale(self, job: Job[PostSale, Beforehand]) -> Next:
        """One document with the sale, its points and its voucher."""
        command = job.command
        if job.steps:
            effect = PointsEffect(earned=command.collect or _ZERO, redeemed=command.redeem or _ZERO)
            return finished(job, cautions.of_sale(command), effect=effect)
        decimals, currency = self._assumed.point_decimals, self._program.currency
        checks.check_sale(command, job.target.redemptions, decimals, currency)
        number = checks.number_of(command.member, "memberId")
        right = authorization(command.authorization, command.member, self._now())
        redeems = bool(command.redeem) or command.voucher is not None
        await self._check_member(command.member, ("memberId",), right, redeems=redeems)
        head = documents.Head(
            id=job.ticket.reference(command.document.id),
            number=command.document.number or command.document.id,
            member=number,
            at=command.occurred_at,
            outlet=command.outlet,
            operator=command.operator or self._operator,
            authorization=right,
        )
        note = Note(fields=_SALE, asked=command.redeem)
        body = documents.sale(head, command, self._assumed.points_payment)
        return self._posting(body, head.id, note, right)

    async def return_sale(self, job: Job[ReturnSale, Posted]) -> Next:
        """A document of its own: the vendor takes nothing back by itself (contract 6.2#26)."""
        command, sale = job.command, job.target.command
        take_back = command.take_back
        if job.steps:
            return finished(job, (), effect=PointsEffect(adjusted=-(take_back or _ZERO)))
        if not isinstance(sale, PostSale):
            raise checks.wrong(
                "a correction of points has no lines that could come back; void it",
                "transactionId",
                code=ErrorCode.NOT_VOIDABLE,
            )
        if take_back is None:
            raise checks.wrong(
                "this program computes no points: write how many are taken back, 0 for none",
                "takeBackPoints",
            )
        checks.check_document(command.document)
        checks.check_outlet(command.outlet)
        checks.check_points(take_back, self._assumed.point_decimals, "takeBackPoints")
        returns.check_take_back(take_back, sale, job.target)
        lines = returns.returned_lines(command, sale, job.target, self._program.currency)
        check_tenders("refunds", command.refunds, self._program.currency)
        returns.check_refunds(command, lines)
        return self._returning(job, sale, lines, take_back)

    async def void_sale(self, job: Job[VoidSale, Posted]) -> Next:
        """The sale is unposted, and then every return of it: a void undoes them all.

        The sale comes first: where it cannot be voided nothing is changed, and giving back what
        its returns took is never refused for want of points.
        """
        documents_ = self._documents(job.target)
        made = len(job.steps)
        if made < len(documents_):
            document, back, _ = documents_[made]
            return await self._next_unposting(job, document, back)
        return _voided(job, documents_)

    async def adjust_points(self, job: Job[AdjustPoints, None]) -> Next:
        """A document with nothing but a correction."""
        command = job.command
        if job.steps:
            effect = PointsEffect(adjusted=command.delta)
            return finished(job, cautions.of_adjustment(command), effect=effect)
        self._check_adjustment(command)
        head = documents.Head(
            id=document_of(job.ticket, command.document, "adjustment"),
            number=_shown(job.ticket.operation, command),
            member=checks.number_of(command.member, "memberId"),
            at=job.ticket.began_at,
            outlet=command.outlet or Outlet(self._outlet),
            operator=command.operator or self._operator,
        )
        asked = -command.delta if command.delta < 0 else None
        body = documents.adjusted_points(head, command.delta, command.reason)
        return self._posting(body, head.id, Note(fields=_ADJUSTMENT, asked=asked))

    def _returning(
        self,
        job: Job[ReturnSale, Posted],
        sale: PostSale,
        lines: tuple[SaleLine, ...],
        take_back: Decimal,
    ) -> Write:
        command = job.command
        shown = sale.document.number or sale.document.id
        head = documents.Head(
            id=job.ticket.reference(command.document.id),
            number=command.document.number or command.document.id,
            member=checks.number_of(sale.member, "transactionId"),
            at=command.occurred_at,
            outlet=command.outlet or sale.outlet,
            operator=command.operator or self._operator,
        )
        body = documents.returned(
            head,
            lines,
            command.refunds,
            take_back,
            command.reason or f"Return of {shown}",
            self._assumed.points_payment,
        )
        return self._posting(body, head.id, Note(fields=_RETURN, asked=take_back))

    def _documents(self, target: Posted) -> list[tuple[str, Decimal, str]]:
        """The sale's document and those of its returns.

        Each with the points that come back, and the operation that posted it.
        """
        command = target.command
        if isinstance(command, AdjustPoints):
            back = -command.delta
        else:
            back = (command.redeem or _ZERO) - (command.collect or _ZERO)
        found = [(_document(target.done, self.program), back, target.operation)]
        for undone in target.undone:
            if undone.command is not None:
                document = _document(undone.done, self.program)
                found.append((document, undone.command.take_back or _ZERO, undone.operation))
        return found

    async def _next_unposting(
        self, job: Job[VoidSale, Posted], document: str, back: Decimal
    ) -> Write:
        member = checks.number_of(job.target.command.member, "transactionId")
        before = await self._before(job.steps, str(member), back)
        note = Note(fields=_VOID, before=before, back=back)
        return self._unposting(member, document, job.command.operator, note)

    async def _before(self, steps: tuple[Step, ...], member: str, back: Decimal) -> Decimal | None:
        """The balance before a document is taken back: evidence, should the answer be lost."""
        if steps:
            last = Note.of(steps[-1].write)
            return sum_of(last.before, last.back if isinstance(steps[-1].outcome, Done) else None)
        if not back:
            return None
        found = await self._balance(member)
        return None if found is None else found.points

    def _check_adjustment(self, command: AdjustPoints) -> None:
        checks.check_document(command.document)
        checks.check_outlet(command.outlet)
        if not command.delta:
            raise checks.wrong("a correction by nothing; write how many points", "delta")
        checks.check_points(abs(command.delta), self._assumed.point_decimals, "delta")
        if not command.reason.strip():
            raise checks.wrong("write why the points are corrected", "reason")
        for name, value in (("startsAt", command.starts_at), ("endsAt", command.ends_at)):
            if value is not None:
                raise Unsupported(
                    "points here are good at once and do not expire; leave the date out",
                    operation=Operation.POINTS_ADJUST,
                    field=("input", name),
                    program=self.program,
                )


def _voided(job: Job[VoidSale, Posted], documents_: list[tuple[str, Decimal, str]]) -> Finished:
    """What a void came to; a return that could not be undone with it is told."""
    first = job.steps[0].outcome
    if not isinstance(first, Done):
        return Finished(error=first)
    told = list(cautions.not_sent({"reason": job.command.reason}))
    back, standing = _ZERO, list[str]()
    for step, (document, points, operation) in zip(job.steps, documents_, strict=True):
        if isinstance(step.outcome, Done):
            back += points
            continue
        standing.append(operation)
        msg = f"its return {document} could not be undone with it; adjust {points:f} points"
        told.append(Caution(CautionCode.OTHER, msg))
    command = job.target.command
    if isinstance(command, PostSale) and command.redemptions:
        msg = "redemptions made before the sale stay; void each of them where it is to go as well"
        told.append(Caution(CautionCode.OTHER, msg))
    done = replace(
        first,
        effect=PointsEffect(adjusted=back),
        standing=tuple(standing),
        cautions=(*first.cautions, *told),
    )
    return Finished(done=done)


def _document(done: Done, program: str) -> str:
    found = done.native.get("docId")
    if found is None:
        raise InvalidInput(
            "it is not known by which document the provider has this",
            code=ErrorCode.NOT_VOIDABLE,
            field=("input", "transactionId"),
            program=program,
        )
    return found


def _shown(operation: str, command: AdjustPoints) -> str:
    document = command.document
    return operation if document is None else document.number or document.id

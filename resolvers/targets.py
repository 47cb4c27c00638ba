"""What a mutation undoes, continues or refers to, found in the journal before anything is asked."""

from dataclasses import dataclass, replace
from datetime import datetime

from ledger.journal import Journal, Record
from loyalty.commands import (
    CaptureRedemption,
    Command,
    PostSale,
    RedeemVoucher,
    ReturnSale,
    VoidRedemption,
    VoidSale,
)
from loyalty.commands import Target as Named
from loyalty.errors import Declined, ErrorCode, LoyaltyError, RetryAdvice, Unsupported
from loyalty.operations import Operation
from loyalty.outcomes import Posted, Redeemed, RedemptionStatus
from loyalty.refs import MemberRef
from loyalty.sales import SaleLine
from providers.writing import Beforehand
from resolvers.records import command_of, native_transaction, native_voucher
from resolvers.returning import check_exchange, check_return, is_exchanged, sales_since
from resolvers.scripts import Target
from resolvers.standing import (
    Holding,
    Sale,
    holding,
    not_open,
    not_voidable,
    redemption,
    sale,
)


@dataclass(frozen=True, slots=True)
class Aim:
    """A command with what it is about. `operation` is the one that it undoes or continues."""

    command: Command
    target: Target = None
    operation: str | None = None


class Targets:
    """Finds what commands are about."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def aim(self, command: Command, now: datetime, own: str | None = None) -> Aim:
        """What the command is about, checked; raises why it cannot be done now.

        `own` is the command's own operation, where it has been recorded already.
        """
        match command:
            case VoidSale() | ReturnSale():
                return await self._undoing(command, now, own)
            case CaptureRedemption() | VoidRedemption():
                return await self._continuing(command, now, own)
            case RedeemVoucher():
                return await self._of_voucher(command, now, own)
            case PostSale():
                return await self._sale(command, now, own)
            case _:
                return Aim(command)

    async def again(self, command: Command, operation: str | None, now: datetime, own: str) -> Aim:
        """The same for an operation that has begun: nothing is refused any more.

        `operation` is the target that was found when it began.
        """
        if operation is not None:
            record = await self._journal.get(operation)
            sold = None if record is None else await sale(self._journal, record, own)
            held = None if record is None else await holding(self._journal, record, now, own)
            found = sold.posted if sold else held.redeemed if held else None
            return Aim(command, found, operation)
        if isinstance(command, PostSale):
            return Aim(command, await self._beforehand(command, now, own, strict=False))
        return Aim(command)

    # ------------------------------------------------------------------ sales

    async def _undoing(self, command: VoidSale | ReturnSale, now: datetime, own: str | None) -> Aim:
        found = await self._sale_named(command.transaction, own)
        if found.hurdle is not None:
            raise found.hurdle
        if isinstance(command, ReturnSale):
            await check_return(self._journal, command, found.posted, now)
        elif await is_exchanged(self._journal, found.posted, now, own):
            msg = (
                "a part of it came back with another sale: void that one first, "
                "or take back what is left by a return"
            )
            raise not_voidable(msg)
        return Aim(command, found.posted, found.posted.operation)

    async def _sale_named(self, named: Named, own: str | None) -> Sale:
        record = await self._record_of(named)
        if record is None or not _belongs(record, named.member):
            if named.operation is None and named.native is not None:
                msg = "it was not posted through this API, so it cannot be undone through it"
                raise not_voidable(msg)
            raise no_transaction()
        if record.kind in _UNDOING:
            msg = "a void or a return cannot be undone itself"
            raise not_voidable(msg)
        found = await sale(self._journal, record, own)
        if found is None:
            raise no_transaction()
        return found

    async def _record_of(self, named: Named) -> Record | None:
        if named.operation is not None:
            return await self._journal.get(named.operation)
        if named.native is None:
            return None
        return await self._journal.of_native(named.member.program, native_transaction(named.native))

    # ------------------------------------------------------------------ redemptions

    async def _continuing(
        self, command: CaptureRedemption | VoidRedemption, now: datetime, own: str | None
    ) -> Aim:
        field = ("input", "redemptionId")
        found = await self._holding(command.redemption, command.member, now, own, field)
        status = found.redeemed.status
        if isinstance(command, VoidRedemption) and status is RedemptionStatus.VOIDED:
            raise Declined("it has been undone before", code=ErrorCode.ALREADY_VOIDED, field=field)
        if found.hurdle is not None:
            raise found.hurdle
        if isinstance(command, CaptureRedemption) and status is not RedemptionStatus.HELD:
            raise not_open(f"it is {status.value}; only what is HELD can be captured")
        if isinstance(command, VoidRedemption):
            await self._check_pays_nothing(found.redeemed, command.member, now, own)
        return Aim(command, found.redeemed, found.redeemed.operation)

    async def _check_pays_nothing(
        self, redeemed: Redeemed, member: MemberRef, now: datetime, own: str | None
    ) -> None:
        """Refuse to give back what a sale that stands was paid with."""
        sales = await sales_since(self._journal, member, redeemed.began_at, now, own)
        if any(redeemed.operation in other.redemptions for other in sales):
            raise Declined(
                "it pays for a sale that stands; void that sale first",
                code=ErrorCode.NOT_VOIDABLE,
                field=("input", "redemptionId"),
                retry=RetryAdvice.AFTER_CHANGE,
            )

    async def _holding(
        self,
        operation: str,
        member: MemberRef,
        now: datetime,
        own: str | None,
        field: tuple[str, ...],
    ) -> Holding:
        record = await redemption(self._journal, operation)
        if record is None or not _belongs(record, member):
            raise no_redemption(field)
        _refuse_part_of_sale(record, field)
        found = await holding(self._journal, record, now, own)
        if found is None:
            raise no_redemption(field)
        return found

    async def _of_voucher(self, command: RedeemVoucher, now: datetime, own: str | None) -> Aim:
        """The redemption that holds the voucher, where it was made through us."""
        member = command.voucher.member
        native = native_voucher(command.voucher)
        record = await self._journal.of_native(member.program, native)
        if record is None or not _belongs(record, member):
            return Aim(command)
        found = await holding(self._journal, record, now, own)
        if found is None:
            return Aim(command)
        if found.hurdle is not None:
            raise _at(found.hurdle, ("input", "voucherId"))
        if found.redeemed.status is not RedemptionStatus.HELD:
            raise Declined(
                f"it is {found.redeemed.status.value} already",
                code=ErrorCode.VOUCHER_NOT_USABLE,
                field=("input", "voucherId"),
            )
        return Aim(command, found.redeemed, record.id)

    # ------------------------------------------------------------------ what a sale refers to

    async def _sale(self, command: PostSale, now: datetime, own: str | None) -> Aim:
        named = await self._with_operations(command)
        found = await self._beforehand(named, now, own, strict=True)
        await check_exchange(self._journal, named, found.originals, now, own)
        await self._check_unused(named, found.redemptions, now, own)
        return Aim(named, found)

    async def _with_operations(self, command: PostSale) -> PostSale:
        """The sale with our operation named wherever a line takes back a sale of ours."""
        if not any(line.returns for line in command.lines):
            return command
        lines = [await self._with_operation(line, command.member) for line in command.lines]
        return replace(command, lines=tuple(lines))

    async def _with_operation(self, line: SaleLine, member: MemberRef) -> SaleLine:
        back = line.returns
        if back is None or back.operation is not None or back.native is None:
            return line
        native = native_transaction(back.native)
        record = await self._journal.of_native(member.program, native)
        if record is None or not _belongs(record, member):
            return line
        return replace(line, returns=replace(back, operation=record.id))

    async def _beforehand(
        self, command: PostSale, now: datetime, own: str | None, *, strict: bool
    ) -> Beforehand:
        redemptions: list[Redeemed] = []
        for index, operation in enumerate(command.redemptions):
            field = ("input", "redemptionIds", str(index))
            found = await self._holding(operation, command.member, now, own, field)
            if strict:
                _check_payable(found, field)
            redemptions.append(found.redeemed)
        originals: dict[str, Posted] = {}
        for index, line in enumerate(command.lines):
            sold = line.returns.operation if line.returns else None
            if sold is not None and sold not in originals:
                place = ("input", "lines", str(index), "returns")
                originals[sold] = await self._original(
                    sold, command.member, own, place, strict=strict
                )
        return Beforehand(redemptions=tuple(redemptions), originals=originals)

    async def _original(
        self,
        operation: str,
        member: MemberRef,
        own: str | None,
        field: tuple[str, ...],
        *,
        strict: bool,
    ) -> Posted:
        try:
            found = await self._sale_named(Named(member=member, operation=operation), own)
        except LoyaltyError as error:
            raise _at(error, field) from None
        if strict and found.hurdle is not None:
            raise _at(found.hurdle, field)
        return found.posted

    async def _check_unused(
        self, command: PostSale, redemptions: tuple[Redeemed, ...], now: datetime, own: str | None
    ) -> None:
        """Refuse a redemption that has paid for another sale."""
        if not redemptions:
            return
        since = min(redeemed.began_at for redeemed in redemptions)
        sales = await sales_since(self._journal, command.member, since, now, own)
        used = {operation for other in sales for operation in other.redemptions}
        for index, redeemed in enumerate(redemptions):
            named_before = redeemed.operation in command.redemptions[:index]
            if redeemed.operation in used or named_before:
                msg = "it pays for another sale" if not named_before else "it is named twice"
                raise _at(not_open(msg), ("input", "redemptionIds", str(index)))


_UNDOING = (Operation.TRANSACTION_VOID.value, Operation.TRANSACTION_RETURN.value)


def _belongs(record: Record, member: MemberRef) -> bool:
    return record.program == member.program and record.member == member.key


def _check_payable(found: Holding, field: tuple[str, ...]) -> None:
    status = found.redeemed.status
    if found.hurdle is not None:
        raise _at(found.hurdle, field)
    if status not in {RedemptionStatus.HELD, RedemptionStatus.CAPTURED}:
        raise _at(not_open(f"it is {status.value}"), field)


def _refuse_part_of_sale(record: Record, field: tuple[str, ...]) -> None:
    """What a sale redeemed by itself comes back with the sale alone."""
    command = command_of(record)
    if isinstance(command, PostSale):
        raise Unsupported(
            "it is a part of a sale, and comes back when the sale is voided",
            operation=Operation.REDEMPTION_VOID,
            alternatives=(Operation.TRANSACTION_VOID,),
            field=field,
            program=record.program,
        )


def _at(error: LoyaltyError, field: tuple[str, ...]) -> LoyaltyError:
    """The error, pointing at another place of the input."""
    error.field = field
    return error


def no_transaction() -> Declined:
    """TRANSACTION_NOT_FOUND."""
    return Declined(
        "there is no such transaction",
        code=ErrorCode.TRANSACTION_NOT_FOUND,
        field=("input", "transactionId"),
    )


def no_redemption(field: tuple[str, ...]) -> Declined:
    """REDEMPTION_NOT_FOUND, at this place of the input."""
    return Declined("there is no such redemption", code=ErrorCode.REDEMPTION_NOT_FOUND, field=field)

"""What of a sale or a redemption is refused before anything is sent; it asks nobody."""

import re
from decimal import Decimal

from loyalty.commands import PostSale, RedeemVoucher, Settlement
from loyalty.errors import ErrorCode, InvalidInput, MemberNotFound, Unsupported
from loyalty.money import Money, rounded
from loyalty.operations import Operation
from loyalty.outcomes import Redeemed, RedemptionStatus
from loyalty.refs import MemberRef
from loyalty.sales import DocumentReference, LineType, Outlet, SaleLine
from loyalty.sums import check_fineness, check_sums, discount_lines, payable
from providers.onerewards.mapping.lookups import member_id

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def wrong(message: str, *place: str, code: ErrorCode = ErrorCode.INVALID_INPUT) -> InvalidInput:
    """The input breaks a rule at this place of it."""
    return InvalidInput(message, code=code, field=("input", *place))


def number_of(member: MemberRef, *place: str) -> int:
    """The vendor's memberId; raises MemberNotFound for a key that nobody can have."""
    number = member_id(member.key)
    if number is None:
        raise MemberNotFound(
            "the program has no such member", field=("input", *place), program=member.program
        )
    return number


def check_document(document: DocumentReference | None) -> None:
    """A document's id is what the vendor knows the change by, so it must be one."""
    if document is not None and not document.id.strip():
        raise wrong("an empty document id; write the shop's own", "document", "id")


def check_outlet(outlet: Outlet | None) -> None:
    """The vendor wants to know where (contract 3.12)."""
    if outlet is not None and not outlet.code.strip():
        raise wrong("an empty outlet code; write the shop's own", "outlet", "code")


def check_points(points: Decimal, decimals: int, *place: str) -> None:
    """Points are a magnitude, and not finer than the vendor's: it would round them unseen."""
    if points < 0:
        raise wrong(f"{points:f} points are less than none; write a magnitude", *place)
    if points != points.quantize(Decimal(1).scaleb(-decimals)):
        raise wrong(f"{points:f} points are finer than {decimals} decimals; round them", *place)


def check_sale(
    command: PostSale, redemptions: tuple[Redeemed, ...], decimals: int, currency: str
) -> None:
    """Everything about a sale that can be known without asking."""
    check_document(command.document)
    check_outlet(command.outlet)
    if command.settlement is not Settlement.IMMEDIATE:
        raise Unsupported(
            "this program has no pending points; settle at once",
            operation=Operation.TRANSACTION_POST,
            field=("input", "settlement"),
            program=command.member.program,
        )
    _check_sale_points(command, decimals)
    _check_lines(command.lines)
    check_fineness(command.lines, command.totals, command.payments, currency)
    check_sums(command.lines, command.totals, command.payments)
    _check_sale_voucher(command, currency)
    _check_beforehand(command, redemptions)
    if command.receipt is not None and _GUID.fullmatch(command.receipt) is None:
        raise wrong("a receipt's id is a GUID; write the one that you uploaded by", "receiptId")


def is_guid(text: str) -> bool:
    """Whether the vendor would take it as a GUID."""
    return _GUID.fullmatch(text) is not None


def points_for(
    money: Decimal, worth: Decimal | None, decimals: int, program: str
) -> tuple[Decimal, bool]:
    """So many points as the money comes to by the program's rate, and whether that was rounded."""
    if worth is None:
        msg = "this program tells no rate of points to money; write amount.points"
        raise InvalidInput(msg, field=("input", "amount", "money"), program=program)
    exact = money / worth
    points = exact.quantize(Decimal(1).scaleb(-decimals))
    return points, points != exact


def worth_of(points: Decimal, worth: Decimal | None, currency: str) -> Money | None:
    """What points are worth by the program's rate."""
    return None if worth is None else rounded(points * worth, currency)


def _check_sale_points(command: PostSale, decimals: int) -> None:
    if command.collect is None:
        raise wrong(
            "this program computes no points: write how many the sale earns, 0 for none",
            *("points", "collect"),
        )
    check_points(command.collect, decimals, "points", "collect")
    check_points(command.redeem or Decimal(0), decimals, "points", "redeem")


def _check_lines(lines: tuple[SaleLine, ...]) -> None:
    sold_later = False
    for index in reversed(range(len(lines))):
        kind = lines[index].type
        if kind is LineType.OTHER:
            msg = "write what the line is: NORMAL, DISCOUNT, RETURN or TRADE_IN"
            raise wrong(msg, "lines", str(index), "type")
        if kind is LineType.TRADE_IN and not sold_later:
            msg = "after a TRADE_IN the NORMAL line of what is bought for it has to follow"
            raise wrong(msg, "lines", str(index), "type")
        sold_later = sold_later or kind is LineType.NORMAL


def _check_sale_voucher(command: PostSale, currency: str) -> None:
    used = command.voucher
    if used is None:
        return
    if used.voucher.member != command.member:
        msg = "the voucher is not this member's"
        raise wrong(msg, "voucher", "voucherId", code=ErrorCode.VOUCHER_NOT_FOUND)
    if used.discount < 0:
        raise wrong("write what the voucher takes off as a magnitude", "voucher", "discount")
    payable(used.discount, currency, "voucher", "discount")
    off = discount_lines(command.lines)
    if off < used.discount or all(line.type is not LineType.DISCOUNT for line in command.lines):
        raise wrong(
            f"the voucher takes off {used.discount:f}, but the DISCOUNT lines {off:f}; "
            "a voucher needs a DISCOUNT line of its amount",
            *("voucher", "discount"),
            code=ErrorCode.TOTALS_DO_NOT_ADD_UP,
        )


def _check_beforehand(command: PostSale, redemptions: tuple[Redeemed, ...]) -> None:
    """Redemptions made beforehand are done already: the sale says nothing of them."""
    for index, each in enumerate(redemptions):
        place = ("redemptionIds", str(index))
        if _owner(each) != command.member:
            msg = "the redemption is not this member's"
            raise wrong(msg, *place, code=ErrorCode.REDEMPTION_NOT_FOUND)
        if each.status is RedemptionStatus.HELD:
            raise Unsupported(
                "a voucher that is only held cannot pay; name it as the sale's voucher, "
                "or redeem it first",
                operation=Operation.TRANSACTION_POST,
                alternatives=(Operation.VOUCHER_REDEEM,),
                field=("input", *place),
                program=command.member.program,
            )
        if each.status is not RedemptionStatus.CAPTURED:
            msg = "the redemption is not in force"
            raise wrong(msg, *place, code=ErrorCode.REDEMPTION_NOT_OPEN)


def _owner(redeemed: Redeemed) -> MemberRef:
    command = redeemed.command
    return command.voucher.member if isinstance(command, RedeemVoucher) else command.member

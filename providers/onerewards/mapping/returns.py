"""What comes back of a sale: its lines in part, and what of them was really paid; sends nothing."""

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal

from loyalty.commands import PostSale, ReturnedPart, ReturnSale
from loyalty.errors import ErrorCode, InvalidInput
from loyalty.money import rounded
from loyalty.outcomes import Posted
from loyalty.sales import LineType, SaleLine
from loyalty.sums import discount_lines

_ZERO = Decimal(0)
_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of a sale, with its share of what was taken off the whole bill."""

    line: SaleLine
    share: Decimal

    @property
    def quantity(self) -> Decimal:
        """How much was sold; a line that does not say is one piece."""
        return _ONE if self.line.quantity is None else self.line.quantity


def returned_lines(
    command: ReturnSale, sale: PostSale, target: Posted, currency: str
) -> tuple[SaleLine, ...]:
    """The RETURN lines of a return; parts of one line come to exactly that line in the end.

    Raises InvalidInput for a part that was not sold, or has come back already.
    """
    if not command.lines:
        raise _wrong("name at least one line that comes back", ("lines",))
    sold = _sold(sale, currency)
    back = _come_back(target)
    found: list[SaleLine] = []
    for index, part in enumerate(command.lines):
        line = _line(sold, part, index)
        left = line.quantity - back[part.sequence]
        if not _ZERO < part.quantity <= left:
            msg = f"{part.quantity:f} cannot come back of this line, {left:f} can"
            raise _wrong(msg, ("lines", str(index), "quantity"))
        found.append(_returned(line, back[part.sequence], part.quantity, currency))
        back[part.sequence] += part.quantity
    return tuple(found)


def check_refunds(command: ReturnSale, lines: tuple[SaleLine, ...]) -> None:
    """Raise InvalidInput where more money is given back than was paid for what comes back."""
    if command.refunds is None:
        return
    paid = sum((line.subtotal for line in lines), _ZERO)
    refunded = sum((abs(tender.amount) for tender in command.refunds), _ZERO)
    if refunded > paid:
        msg = f"refunds come to {refunded:f}, but for what comes back {paid:f} was paid"
        raise _wrong(msg, ("refunds",), ErrorCode.TOTALS_DO_NOT_ADD_UP)


def check_take_back(take_back: Decimal, sale: PostSale, target: Posted) -> None:
    """Raise InvalidInput where more points are taken back than the sale earned and has left."""
    taken = sum((each.command.take_back or _ZERO for each in target.undone if each.command), _ZERO)
    left = (sale.collect or _ZERO) - taken
    if take_back > left:
        msg = (
            f"{take_back:f} points cannot be taken back, {left:f} are left of what the sale earned"
        )
        raise _wrong(msg, ("takeBackPoints",))


def _sold(sale: PostSale, currency: str) -> list[Sold]:
    """The sale's lines; what DISCOUNT lines took off is spread over the goods, to the last cent."""
    goods = sum((line.subtotal for line in sale.lines if line.type is LineType.NORMAL), _ZERO)
    off, passed = discount_lines(sale.lines), _ZERO
    sold: list[Sold] = []
    for line in sale.lines:
        share = _ZERO
        if line.type is LineType.NORMAL and off and goods > 0:
            before = rounded(off * passed / goods, currency).amount
            passed += line.subtotal
            share = rounded(off * passed / goods, currency).amount - before
        sold.append(Sold(line, share))
    return sold


def _come_back(target: Posted) -> dict[int, Decimal]:
    """How much of each line earlier returns brought back."""
    back: dict[int, Decimal] = defaultdict(Decimal)
    for undone in target.undone:
        for part in undone.command.lines if undone.command else ():
            back[part.sequence] += part.quantity
    return back


def _line(sold: list[Sold], part: ReturnedPart, index: int) -> Sold:
    field = ("lines", str(index), "sequence")
    if not 1 <= part.sequence <= len(sold):
        msg = f"the sale has no line {part.sequence}; it has {len(sold)}"
        raise _wrong(msg, field)
    found = sold[part.sequence - 1]
    if found.line.type is not LineType.NORMAL:
        msg = f"line {part.sequence} is no NORMAL line; only what was sold comes back"
        raise _wrong(msg, field)
    return found


def _returned(sold: Sold, before: Decimal, quantity: Decimal, currency: str) -> SaleLine:
    """So much of a line; amounts are differences of what has come back before and after."""

    def part(amount: Decimal) -> Decimal:
        after = rounded(amount * (before + quantity) / sold.quantity, currency).amount
        return after - rounded(amount * before / sold.quantity, currency).amount

    line = sold.line
    taxed = line.tax is not None and not sold.share
    tax = part(line.tax or _ZERO) if taxed else None
    subtotal = part(line.subtotal - sold.share)
    return replace(
        line,
        type=LineType.RETURN,
        quantity=quantity,
        subtotal=subtotal,
        discount=part((line.discount or _ZERO) + sold.share),
        tax=tax,
        subtotal_ex_tax=None if tax is None else subtotal - tax,
        returns=None,
        attributes=(),
    )


def _wrong(
    message: str, place: tuple[str, ...], code: ErrorCode = ErrorCode.INVALID_INPUT
) -> InvalidInput:
    return InvalidInput(message, code=code, field=("input", *place))

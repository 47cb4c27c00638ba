"""The four formulas of contract 4.5, exact decimals with a tolerance; knows no member."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.fabric.answers import refuse
from sandbox.fabric.book import total

TOLERANCE = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """The amounts of a transaction or of a line, in currency."""

    gross: Decimal
    discount: Decimal
    tax: Decimal
    paid: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item; its price is the unit's, before discount and without tax."""

    number: int
    amounts: Amounts
    price: Decimal
    quantity: int


def check(whole: Amounts, lines: tuple[Line, ...]) -> None:
    """Raise Refused at the first formula that does not hold."""
    if not _paid(whole):
        text = "Formula 1: totalAmountPaid must equal transactionGrossAmount minus discountValue."
        raise refuse("totalAmountPaid", text)
    if not _net(whole):
        text = (
            "Formula 2: netAmount must equal transactionGrossAmount minus totalTax"
            " minus discountValue."
        )
        raise refuse("netAmount", text)
    for line in lines:
        _check_line(line)
    # The items of a reversal are positive although its totals are not.
    gross = total(line.amounts.gross for line in lines)
    if lines and _apart(gross, abs(whole.gross)):
        text = "Formula 4: transactionGrossAmount must equal the sum of the items' grossAmount."
        raise refuse("transactionGrossAmount", text)


def _check_line(line: Line) -> None:
    broken = {
        "Formula 1: totalAmountPaid must equal grossAmount minus discounts": _paid(line.amounts),
        "Formula 2: netAmount must equal grossAmount minus taxAmount minus discounts": _net(
            line.amounts
        ),
        "Formula 3: itemPrice minus discounts by quantity must equal netAmount by quantity": _unit(
            line
        ),
    }
    for text, holds in broken.items():
        if not holds:
            raise refuse("transactionItems", f"Line {line.number}: {text}.")


def _paid(amounts: Amounts) -> bool:
    return not _apart(amounts.paid, amounts.gross - amounts.discount)


def _net(amounts: Amounts) -> bool:
    return not _apart(amounts.net, amounts.gross - amounts.tax - amounts.discount)


def _unit(line: Line) -> bool:
    each = (line.amounts.discount + line.amounts.net) / line.quantity
    return not _apart(line.price, each)


def _apart(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) > TOLERANCE

"""Whether the figures of a sale agree with each other: checked before anything is sent.

Lines tell what a unit of trade is worth, whichever sign they carry: a RETURN or TRADE_IN line
counts against the sale, a DISCOUNT line takes off it. Amounts include tax.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn

from loyalty.commands import Tender
from loyalty.errors import ErrorCode, InvalidInput
from loyalty.money import rounded
from loyalty.sales import LineType, SaleLine, SaleTotals

_ZERO = Decimal(0)
_TAKEN_BACK = frozenset({LineType.RETURN, LineType.TRADE_IN})


def check_sums(
    lines: Sequence[SaleLine], totals: SaleTotals, payments: Sequence[Tender] | None
) -> None:
    """Raise InvalidInput (TOTALS_DO_NOT_ADD_UP) for the first figure that does not add up.

    A line: subtotal = subtotalExTax + tax, where both are given; subtotal is after its discount.
    gross = sum of (subtotal + discount) over all lines but DISCOUNT ones;
    discount = sum of their discounts + the DISCOUNT lines, each with either sign;
    final = gross - discount + serviceCharge + serviceTax + rounding = sum of the payments. What is
    paid back (final below 0) may be written with either sign.
    """
    for index, line in enumerate(lines):
        _check_line(index, line)
    goods = [line for line in lines if line.type is not LineType.DISCOUNT]
    discount = sum(map(_discount, goods), _ZERO) + discount_lines(lines)
    gross = sum((signed(line, line.subtotal) + _discount(line) for line in goods), _ZERO)
    _agree(("totals", "gross"), totals.gross, gross, "the lines before discounts come to")
    if totals.discount is not None:
        _agree(("totals", "discount"), totals.discount, discount, "the lines take off")
    charges = totals.service_charge + totals.service_tax + totals.rounding
    final = gross - discount + charges
    _agree(("totals", "final"), totals.final, final, "gross - discount + charges + rounding is")
    if not any(line.type in _TAKEN_BACK for line in lines):
        _check_signs(totals)
    if payments is not None:
        _check_payments(payments, final)


def check_fineness(
    lines: Sequence[SaleLine],
    totals: SaleTotals,
    payments: Sequence[Tender] | None,
    currency: str,
) -> None:
    """Raise InvalidInput for the first amount that the currency cannot be paid in.

    A provider would round it unseen, or we should have to: then another sale is recorded than the
    one that was asked for. What a unit costs may be finer; what is paid for the line may not.
    """
    for index, line in enumerate(lines):
        place = ("lines", str(index))
        payable(line.subtotal, currency, *place, "subtotal")
        payable(line.discount, currency, *place, "discount")
        payable(line.tax, currency, *place, "tax")
    for name, amount in (
        ("gross", totals.gross),
        ("discount", totals.discount),
        ("tax", totals.tax),
        ("serviceCharge", totals.service_charge),
        ("serviceTax", totals.service_tax),
        ("rounding", totals.rounding),
        ("final", totals.final),
    ):
        payable(amount, currency, "totals", name)
    check_tenders("payments", payments, currency)


def check_tenders(name: str, payments: Sequence[Tender] | None, currency: str) -> None:
    """The same for payments or refunds alone; `name` is where they stand in the input."""
    for index, payment in enumerate(payments or ()):
        payable(payment.amount, currency, name, str(index), "amount")


def payable(amount: Decimal | None, currency: str, *place: str) -> None:
    """The same for one amount, by its place in the input."""
    if amount is None or rounded(amount, currency).amount == amount:
        return
    msg = f"{'.'.join(place)} is finer than {currency} can be; round it"
    raise InvalidInput(msg, field=("input", *place))


def signed(line: SaleLine, amount: Decimal) -> Decimal:
    """An amount of a line as it counts for the sale: negative for what is taken back or off."""
    if line.type in _TAKEN_BACK or line.type is LineType.DISCOUNT:
        return -abs(amount)
    return amount


def discount_lines(lines: Sequence[SaleLine]) -> Decimal:
    """What the DISCOUNT lines take off the bill: each takes off, whichever sign it carries."""
    return sum((abs(line.subtotal) for line in lines if line.type is LineType.DISCOUNT), _ZERO)


def _discount(line: SaleLine) -> Decimal:
    return signed(line, line.discount or _ZERO)


def _check_signs(totals: SaleTotals) -> None:
    """Where nothing is taken back nothing is paid back, and the tax is a part of what is paid."""
    if totals.final < 0:
        _refuse(("totals", "final"), totals.final, "nothing is taken back that could be paid back")
    if not 0 <= totals.tax <= max(totals.gross, totals.final):
        _refuse(("totals", "tax"), totals.tax, f"it is a part of the {_plain(totals.final)} paid")


def _check_line(index: int, line: SaleLine) -> None:
    if line.subtotal_ex_tax is None:
        return
    if line.tax is None:
        if abs(line.subtotal_ex_tax) > abs(line.subtotal):
            place = ("lines", str(index), "subtotalExTax")
            words = f"with tax it is {_plain(abs(line.subtotal))}"
            _refuse(place, abs(line.subtotal_ex_tax), words)
        return
    _agree(
        ("lines", str(index), "subtotal"),
        abs(line.subtotal),
        abs(line.subtotal_ex_tax) + abs(line.tax),
        "subtotalExTax + tax is",
    )


def _check_payments(payments: Sequence[Tender], final: Decimal) -> None:
    paid = sum((payment.amount for payment in payments), _ZERO)
    if not (final < 0 and paid == -final):
        _agree(("payments",), paid, final, "the final total is")


def _agree(place: tuple[str, ...], told: Decimal, due: Decimal, words: str) -> None:
    if told != due:
        _refuse(place, told, f"{words} {_plain(due)}")


def _refuse(place: tuple[str, ...], told: Decimal, words: str) -> NoReturn:
    msg = f"{'.'.join(place)} comes to {_plain(told)}, but {words}; correct one of them"
    raise InvalidInput(msg, code=ErrorCode.TOTALS_DO_NOT_ADD_UP, field=("input", *place))


def _plain(amount: Decimal) -> str:
    return f"{amount:f}"

"""Quotes: what a sale would earn and could take, checked by us before anybody is asked."""

from decimal import Decimal, localcontext

from loyalty.errors import ErrorCode, InvalidInput, Unsupported
from loyalty.operations import Operation
from loyalty.sales import LineType, Quote, SaleDraft, SaleTotals
from providers.port import QuotesSales
from resolvers.accounts import Account

_DIGITS = 80
"""Sums are exact: more digits than any sum of what the scalars let in."""


async def quote(account: Account, sale: SaleDraft) -> Quote:
    """What the program would make of the sale; raises what is wrong with it, or Unsupported."""
    provider = account.provider
    if not isinstance(provider, QuotesSales):
        raise Unsupported(
            f"{account.program.name} cannot quote a sale; its points are known once it is posted",
            operation=Operation.TRANSACTION_QUOTE,
            program=account.program.key,
        )
    if not sale.lines:
        msg = "a sale needs at least one line"
        raise InvalidInput(msg, field=("input", "lines"))
    check_sums(sale)
    return await account.ask(lambda: provider.quote(sale))


def check_sums(sale: SaleDraft) -> None:
    """Refuse a sale whose lines and totals disagree; the message names both figures."""
    with localcontext(prec=_DIGITS):
        _check(sale)


def _check(sale: SaleDraft) -> None:
    for index, line in enumerate(sale.lines):
        if line.subtotal_ex_tax is not None and line.tax is not None:
            told = line.subtotal_ex_tax + line.tax
            if told != line.subtotal:
                _refuse(
                    f"subtotalExTax + tax is {told:f}, subtotal says {line.subtotal:f}",
                    ("input", "lines", str(index), "subtotal"),
                )
    if sale.totals is not None:
        _check_totals(sale, sale.totals)


def _check_totals(sale: SaleDraft, totals: SaleTotals) -> None:
    gross = sum(
        (
            line.subtotal + (line.discount or 0)
            for line in sale.lines
            if line.type is not LineType.DISCOUNT
        ),
        Decimal(0),
    )
    discount = sum(
        (
            abs(line.subtotal) if line.type is LineType.DISCOUNT else line.discount or Decimal(0)
            for line in sale.lines
        ),
        Decimal(0),
    )
    charges = totals.service_charge + totals.service_tax + totals.rounding
    told_discount = discount if totals.discount is None else totals.discount
    final = totals.gross - told_discount + charges
    for name, told, counted in (
        ("gross", totals.gross, gross),
        ("discount", told_discount, discount),
        ("final", totals.final, final),
    ):
        if told != counted:
            _refuse(
                f"`{name}` says {told:f}, the lines add up to {counted:f}",
                ("input", "totals", name),
            )


def _refuse(message: str, field: tuple[str, ...]) -> None:
    raise InvalidInput(message, code=ErrorCode.TOTALS_DO_NOT_ADD_UP, field=field)

"""What of a sale or a return fabric has no place for, refused before anything is sent; pure."""

from collections.abc import Mapping
from decimal import Decimal

from loyalty.commands import PostSale, ReturnSale
from loyalty.errors import InvalidInput, Unsupported
from loyalty.operations import Operation
from loyalty.sales import LineType
from providers.fabric.mapping import bills

_ZERO = Decimal(0)


def check_sale(command: PostSale) -> None:
    """Raise InvalidInput or Unsupported for what would change points or money unsaid."""
    if command.collect is not None:
        raise InvalidInput(
            "this program works out the points by itself; leave points.collect out",
            field=("input", "points", "collect"),
        )
    if command.redeem is not None:
        raise _no_place(
            "points cannot be redeemed within a sale; redeem them first and name the redemption"
            " in redemptionIds",
            Operation.POINTS_REDEEM,
            "points",
            "redeem",
        )
    if command.voucher is not None:
        raise _no_place(
            "a voucher cannot be redeemed within a sale; redeem it first and name the redemption"
            " in redemptionIds",
            Operation.VOUCHER_REDEEM,
            "voucher",
        )
    _check_charges(command)
    _check_types(command)


def _check_charges(command: PostSale) -> None:
    totals = command.totals
    for name, amount in (
        ("serviceCharge", totals.service_charge),
        ("serviceTax", totals.service_tax),
        ("rounding", totals.rounding),
    ):
        if amount:
            text = "this program has no place for it; write it as a line"
            raise _no_place(text, None, "totals", name)


def _check_types(command: PostSale) -> None:
    for index, line in enumerate(command.lines):
        if line.type not in {LineType.NORMAL, LineType.DISCOUNT}:
            raise _no_place(
                "a sale here has NORMAL and DISCOUNT lines; take goods back by returnTransaction",
                Operation.TRANSACTION_RETURN,
                "lines",
                str(index),
                "type",
            )


def _no_place(text: str, alternative: Operation | None, *field: str) -> Unsupported:
    return Unsupported(
        text,
        operation=Operation.TRANSACTION_POST,
        alternatives=() if alternative is None else (alternative,),
        field=("input", *field),
    )


def check_return(command: ReturnSale, sale: PostSale, back: Mapping[int, Decimal]) -> None:
    """Raise InvalidInput for lines that cannot come back, `back` of them having done so before."""
    if command.take_back is not None:
        raise InvalidInput(
            "this program works out the points by itself; leave takeBackPoints out",
            field=("input", "takeBackPoints"),
        )
    if not command.lines:
        raise InvalidInput("name at least one line", field=("input", "lines"))
    left = {
        number: sold - back.get(number, _ZERO) for number, sold in bills.returnable(sale).items()
    }
    for index, part in enumerate(command.lines):
        place = ("input", "lines", str(index))
        if part.sequence not in left:
            raise InvalidInput("the sale has no such line of goods", field=(*place, "sequence"))
        most = left[part.sequence]
        left[part.sequence] -= part.quantity
        if not 0 < part.quantity <= most:
            raise InvalidInput(
                f"more than 0 and at most {most:f} can come back", field=(*place, "quantity")
            )

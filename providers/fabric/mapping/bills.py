"""The amounts of a sale as Earn and Reverse want them: four formulas, checked before anything.

Per line (contract 4.5): gross = subtotal + discount, paid = subtotal, net = paid - tax, and the
price = (gross - tax) / quantity. DISCOUNT lines are no items but discounts on the whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from loyalty.commands import PostSale
from loyalty.errors import InvalidInput
from loyalty.sales import LineType, SaleLine
from loyalty.sums import check_sums
from providers.fabric.mapping.tenant import Tenant

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A line; `number` is its place in the sale, from 1. `pieces` 1 stands for the whole line."""

    number: int
    sku: str
    name: str | None
    pieces: int
    price: Decimal
    gross: Decimal
    tax: Decimal
    paid: Decimal

    @property
    def net(self) -> Decimal:
        """What is paid without tax."""
        return self.paid - self.tax

    @property
    def discount(self) -> Decimal:
        """What was taken off the line."""
        return self.gross - self.paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """A sale's totals and items; `off` are the discounts on the whole, as magnitudes."""

    gross: Decimal
    tax: Decimal
    paid: Decimal
    items: tuple[Item, ...]
    off: tuple[tuple[Decimal, str | None], ...]

    @property
    def discount(self) -> Decimal:
        """All that was taken off."""
        return self.gross - self.paid

    @property
    def net(self) -> Decimal:
        """What is paid without tax: what points are for."""
        return self.paid - self.tax


def bill(command: PostSale, tenant: Tenant) -> Bill:
    """The sale's bill; raises InvalidInput for what the formulas do not allow."""
    check_sums(command.lines, command.totals, command.payments)
    _check_digits(command, tenant)
    whole = _bill(command, {}, tenant)
    for item in whole.items:
        _check_item(item)
    if whole.gross <= 0 or whole.net <= 0:
        raise InvalidInput(
            f"this program takes no sale with nothing to pay beside tax: final is "
            f"{whole.paid:f}, tax {whole.tax:f}",
            field=("input", "totals", "final"),
            program=tenant.program,
        )
    return whole


def remainder(command: PostSale, returned: Mapping[int, Decimal], tenant: Tenant) -> Bill | None:
    """What stands of a sale after so much of its lines came back; None where nothing can."""
    rest = _bill(command, returned, tenant)
    return rest if rest.items and rest.gross > 0 and rest.net > 0 else None


def quantity(line: SaleLine) -> Decimal:
    """How much of it was sold; a line without a quantity is one piece."""
    return Decimal(1) if line.quantity is None else line.quantity


def returnable(command: PostSale) -> Mapping[int, Decimal]:
    """The quantities of the lines that can come back, by their places from 1."""
    return {
        number: quantity(line)
        for number, line in enumerate(command.lines, 1)
        if line.type is LineType.NORMAL
    }


def as_one(command: PostSale, tenant: Tenant) -> Iterator[int]:
    """The places (from 0) of lines whose quantity cannot be sent: a part, or an uneven price."""
    for item in _bill(command, {}, tenant).items:
        if quantity(command.lines[item.number - 1]) != item.pieces:
            yield item.number - 1


def _bill(command: PostSale, returned: Mapping[int, Decimal], tenant: Tenant) -> Bill:
    items = tuple(_items(command, returned, tenant))
    share = _share(command, items)
    off = tuple(
        (tenant.money(abs(line.subtotal) * share).amount, line.description)
        for line in command.lines
        if line.type is LineType.DISCOUNT
    )
    gross = sum((item.gross for item in items), _ZERO)
    discount = sum((item.discount for item in items), _ZERO) + sum((d for d, _ in off), _ZERO)
    return Bill(
        gross=gross,
        tax=_tax(command, items, share, tenant),
        paid=gross - discount,
        items=items,
        off=tuple(each for each in off if each[0]),
    )


def _tax(command: PostSale, items: tuple[Item, ...], share: Decimal, tenant: Tenant) -> Decimal:
    """The tax of the totals; that of the lines where the totals tell none, or the same."""
    told = command.totals.tax
    goods = (line for line in command.lines if line.type is LineType.NORMAL)
    if told in (_ZERO, sum(map(line_tax, goods), _ZERO)):
        return sum((item.tax for item in items), _ZERO)
    return told if share == 1 else tenant.money(told * share).amount


def _share(command: PostSale, items: tuple[Item, ...]) -> Decimal:
    """How much of the goods these items are, by what was paid for them."""
    whole = sum((line.subtotal for line in command.lines if line.type is LineType.NORMAL), _ZERO)
    part = sum((item.paid for item in items), _ZERO)
    return part / whole if whole else _ZERO


def _items(command: PostSale, returned: Mapping[int, Decimal], tenant: Tenant) -> Iterator[Item]:
    for number, line in enumerate(command.lines, 1):
        if line.type is LineType.NORMAL:
            left = quantity(line) - returned.get(number, _ZERO)
            if left > 0 or number not in returned:
                yield _item(number, line, left, tenant)


def _item(number: int, line: SaleLine, left: Decimal, tenant: Tenant) -> Item:
    sold = quantity(line)
    share = Decimal(1) if left == sold else left / sold

    def part(amount: Decimal) -> Decimal:
        return amount if share == 1 else tenant.money(amount * share).amount

    paid, tax = part(line.subtotal), part(line_tax(line))
    gross = paid + part(line.discount or _ZERO)
    pieces, price = _priced(gross - tax, left, tenant)
    return Item(
        number=number,
        sku=line.product_code or line.product_id or "",
        name=line.description,
        pieces=pieces,
        price=price,
        gross=gross,
        tax=tax,
        paid=paid,
    )


def line_tax(line: SaleLine) -> Decimal:
    """The tax within a line's subtotal, told or the difference."""
    if line.tax is not None:
        return line.tax
    return _ZERO if line.subtotal_ex_tax is None else line.subtotal - line.subtotal_ex_tax


def _priced(amount: Decimal, pieces: Decimal, tenant: Tenant) -> tuple[int, Decimal]:
    """Pieces and the price of one; a price that cannot be printed makes it one piece of itself."""
    if pieces >= 1 and pieces == pieces.to_integral_value():
        price = tenant.money(amount / pieces).amount
        if price * pieces == amount:
            return int(pieces), price
    return 1, amount


def _check_digits(command: PostSale, tenant: Tenant) -> None:
    """Refuse what is finer than the currency: two decimals are expected (contract 3.3)."""
    totals = command.totals
    told: list[tuple[tuple[str, ...], Decimal]] = []
    for index, line in enumerate(command.lines):
        place = ("lines", str(index))
        told += [((*place, "subtotal"), line.subtotal), ((*place, "tax"), line_tax(line))]
        told += [((*place, "discount"), line.discount or _ZERO)]
    told += [(("totals", "gross"), totals.gross), (("totals", "tax"), totals.tax)]
    told += [(("totals", "final"), totals.final)]
    for field, amount in told:
        if tenant.money(amount).amount != amount:
            raise InvalidInput(
                f"{'.'.join(field)} is finer than {tenant.currency} can be; round it",
                field=("input", *field),
                program=tenant.program,
            )


def _check_item(item: Item) -> None:
    """Refuse a line that no item can be; the places are those of the input."""
    place = ("input", "lines", str(item.number - 1))
    if not item.sku:
        raise InvalidInput("name the line's product", field=(*place, "productCode"))
    if item.paid < 0:
        raise InvalidInput(
            "a line cannot be below 0; write what is taken off as a DISCOUNT line",
            field=(*place, "subtotal"),
        )
    if item.tax < 0 or item.net < 0:
        raise InvalidInput(
            f"the line's tax {item.tax:f} does not fit its subtotal {item.paid:f}",
            field=(*place, "tax"),
        )
    if item.discount < 0:
        raise InvalidInput("a discount is not below 0", field=(*place, "discount"))

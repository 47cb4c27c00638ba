"""What a member is about to buy, as products and lines on the wire; refused before any call."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from loyalty.errors import InvalidInput, Unsupported
from loyalty.offers import Basket, BasketLine
from loyalty.operations import Operation
from loyalty.sales import LineType, Outlet, SaleLine
from providers.telluride.settings import TellurideSettings

_CENT = Decimal("0.01")
_ONE = Decimal(1)
_ZERO = Decimal(0)
_MOST = 9999
_STORE_DIGITS, _REGISTER_DIGITS, _ITEM_LENGTH, _DIVISION_LENGTH = 5, 3, 9, 3
_DIVISION_LEVEL, _ITEM_LEVEL = "4", "8"


@dataclass(frozen=True, slots=True)
class StoreFront:
    """Store and register, padded with zeros."""

    store: str
    register: str


@dataclass(frozen=True, slots=True)
class Line:
    """A sale line: values are for the whole line, without tax, before and after discounts."""

    number: int
    item: str
    division: str
    quantity: int
    before: Decimal
    after: Decimal
    tax: Decimal

    @property
    def rounded(self) -> "Line":
        """The line as it will be on the wire: to the cent, half up."""
        return replace(
            self, before=_cents(self.before), after=_cents(self.after), tax=_cents(self.tax)
        )

    def earning(self) -> dict[str, object]:
        """The line in ProcessEarn, all text; item type 1 is a sale (contract 4.7)."""
        return {**self._shared(), "LineNumber": str(self.number), "Quantity": str(self.quantity)}

    def redeeming(self) -> dict[str, object]:
        """The line in ProcessRedemption, two fields of which are numbers (contract 4.6)."""
        return {
            **self._shared(),
            "LineNumber": self.number,
            "Quantity": self.quantity,
            "LineItemAmountTypeCode": "1",
            "RedemptionExclusionFlag": "N",
        }

    def _shared(self) -> dict[str, object]:
        return {
            "ItemType": "1",
            "Division": self.division,
            "ItemNumber": self.item,
            "DollarValuePreDisc": dollars(self.before),
            "DollarValuePostDisc": dollars(self.after),
            "TaxAmount": dollars(self.tax),
        }


@dataclass(frozen=True, slots=True)
class Product:
    """A product that offers are asked for."""

    item: str
    division: str
    price: Decimal
    quantity: int

    def wire(self) -> dict[str, object]:
        """The product with its levels wrapped twice (Q-30)."""
        levels = (
            (_DIVISION_LEVEL, "Division", self.division),
            (_ITEM_LEVEL, "ItemNumber", self.item),
        )
        named = [
            {"LevelCode": code, "LevelCodeDescription": description, "LevelValue": value}
            for code, description, value in levels
        ]
        return {
            "HierarchyLevels": [{"HierarchyLevel": named}],
            "SKU": "0",
            "UPC": "0",
            "LineItemAmountTypeCode": "1",
            "ItemPrice": dollars(self.price),
            "Quantity": str(self.quantity),
            "MapCompliance": "N",
        }


def dollars(amount: Decimal) -> str:
    """An amount with two decimals, half up."""
    return f"{_cents(amount):f}"


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


def total_of(lines: Iterable[Line]) -> str:
    """The sum of the lines after discounts."""
    return dollars(sum((line.after for line in lines), _ZERO))


def tax_of(lines: Iterable[Line]) -> str:
    """The sum of the lines' tax."""
    return dollars(sum((line.tax for line in lines), _ZERO))


class Till:
    """Turns baskets and sales of this program into what the wire takes.

    `root` is where they stand in the caller's input, as its errors tell it.
    """

    def __init__(
        self, program: str, settings: TellurideSettings, root: tuple[str, ...] = ()
    ) -> None:
        self._program = program
        self._settings = settings
        self._root = root

    def front(self, outlet: Outlet | None) -> StoreFront:
        """The store front of an outlet; the configured one for what is not given."""
        settings = self._settings
        if outlet is None:
            return StoreFront(settings.store_number, settings.register_number)
        register = outlet.register or settings.register_number
        return StoreFront(
            self._padded(outlet.code, _STORE_DIGITS, ("outlet", "code")),
            self._padded(register, _REGISTER_DIGITS, ("outlet", "register")),
        )

    def store(self, basket: Basket | None) -> str:
        """The store a basket is bought at."""
        if basket is None or basket.outlet is None:
            return self._settings.store_number
        return self._padded(basket.outlet, _STORE_DIGITS, ("basket", "outlet"))

    def products(self, basket: Basket | None) -> tuple[Product, ...]:
        """The products of a basket; the wire has no level for categories."""
        lines = () if basket is None else basket.lines
        return tuple(self._product(line, place) for place, line in enumerate(lines))

    def _product(self, line: BasketLine, place: int) -> Product:
        where = ("basket", "lines", str(place))
        quantity = self._pieces(line.quantity, where)
        price = line.unit_price if quantity is not None else line.unit_price * line.quantity
        return Product(
            self._item(line.product_code, where),
            self._division(line.division, where),
            price,
            quantity or 1,
        )

    def lines(self, sale_lines: Sequence[SaleLine]) -> tuple[Line, ...]:
        """The goods of a sale, with what DISCOUNT lines take off spread over them.

        Raises Unsupported for returns and trade-ins: a quote names no sale they belong to, and a
        trade-in is no return.
        """
        if any(line.type not in {LineType.NORMAL, LineType.DISCOUNT} for line in sale_lines):
            raise Unsupported(
                "a quote here takes goods and discounts only",
                operation=Operation.TRANSACTION_QUOTE,
                field=("lines",),
                program=self._program,
            )
        goods = self.goods(sale_lines)
        if not goods:
            raise self._invalid("a quote needs at least one line of goods", ("lines",))
        return goods

    def goods(self, sale_lines: Sequence[SaleLine]) -> tuple[Line, ...]:
        """The lines of goods alone, with what DISCOUNT lines take off spread over them."""
        goods = tuple(
            self.line(line, place)
            for place, line in enumerate(sale_lines)
            if line.type is LineType.NORMAL
        )
        reductions = (line for line in sale_lines if line.type is LineType.DISCOUNT)
        return _spread(goods, sum((abs(_ex_tax(line)) for line in reductions), _ZERO))

    def line(self, line: SaleLine, place: int) -> Line:
        """One line, by its place from 0; its values are taken as they are."""
        where = ("lines", str(place))
        after = _ex_tax(line)
        quantity = _ONE if line.quantity is None else line.quantity
        return Line(
            number=place + 1,
            item=self._item(line.product_code or line.product_id, where),
            division=self._division(line.division, where),
            quantity=self._pieces(quantity, where) or 1,
            before=after + (line.discount or _ZERO),
            after=after,
            tax=line.tax or _ZERO,
        )

    def _pieces(self, quantity: Decimal, where: tuple[str, ...]) -> int | None:
        """A whole quantity; None for a fraction, which goes as one of the whole line."""
        if not 0 < quantity <= _MOST:
            raise self._invalid(f"a quantity is above 0 and at most {_MOST}", (*where, "quantity"))
        whole = quantity == quantity.to_integral_value()
        return int(quantity) if whole else None

    def _item(self, code: str | None, where: tuple[str, ...]) -> str:
        if not code or len(code) > _ITEM_LENGTH:
            message = f"a product code of at most {_ITEM_LENGTH} characters is needed"
            raise self._invalid(message, (*where, "productCode"))
        return code

    def _division(self, division: str | None, where: tuple[str, ...]) -> str:
        chosen = division or self._settings.division
        if len(chosen) > _DIVISION_LENGTH:
            message = f"a division has at most {_DIVISION_LENGTH} characters"
            raise self._invalid(message, (*where, "division"))
        return chosen

    def _padded(self, code: str, digits: int, field: tuple[str, ...]) -> str:
        if not (code.isascii() and code.isdigit() and len(code) <= digits):
            raise self._invalid(
                f"this program's code here is a number of at most {digits} digits", field
            )
        return code.zfill(digits)

    def _invalid(self, message: str, field: tuple[str, ...]) -> InvalidInput:
        return InvalidInput(message, field=(*self._root, *field), program=self._program)


def _ex_tax(line: SaleLine) -> Decimal:
    """What the line costs without tax, after its own discount."""
    if line.subtotal_ex_tax is not None:
        return line.subtotal_ex_tax
    return line.subtotal - (line.tax or _ZERO)


def _spread(goods: tuple[Line, ...], reduction: Decimal) -> tuple[Line, ...]:
    """The goods with a reduction taken off in proportion, to the cent: the last takes the rest."""
    total = sum((line.after for line in goods), _ZERO)
    if reduction <= _ZERO or total <= _ZERO:
        return goods
    left, reduced = min(reduction, total), list[Line]()
    for place, line in enumerate(goods):
        share = (reduction * line.after / total).quantize(_CENT, rounding=ROUND_HALF_UP)
        is_last = place == len(goods) - 1
        off = min(left if is_last else share, left, line.after)
        left -= off
        reduced.append(replace(line, after=line.after - off))
    return tuple(reduced)

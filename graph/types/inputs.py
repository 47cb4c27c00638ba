"""Inputs of queries, and what they mean in the words of loyalty/."""

from decimal import Decimal
from typing import TypeVar

import strawberry
from strawberry import UNSET

from graph.types.enums import LineType
from loyalty import members, offers, sales
from loyalty.errors import InvalidInput

T = TypeVar("T")


def given(value: T | None) -> T | None:
    """The value, or None for null and for what was left out."""
    return None if value is UNSET else value


@strawberry.input(description="A name to search by.")
class NameInput:
    """A name."""

    given_name: str = strawberry.field(description="The given name.")
    family_name: str | None = strawberry.field(default=UNSET, description="The family name.")
    postal_code: str | None = strawberry.field(
        default=UNSET, description="The postal code, where it is checked."
    )
    wildcard: bool | None = strawberry.field(
        default=UNSET, description="Whether * stands for any letters."
    )


@strawberry.input(description="A free pair.")
class AttributeInput:
    """A pair."""

    key: str = strawberry.field(description="Its name.")
    value: str = strawberry.field(description="Its value.")


@strawberry.input(
    description="All given fields must match together. "
    "Which combinations a program can search is in the note of its MEMBER_LOOKUP capability."
)
class MemberLookupInput:
    """What to search by."""

    number: str | None = strawberry.field(default=UNSET, description="The member's number.")
    native_id: str | None = strawberry.field(default=UNSET, description="The provider's own id.")
    email: str | None = strawberry.field(default=UNSET, description="An e-mail address.")
    phone: str | None = strawberry.field(
        default=UNSET, description="A phone number, with country code where possible."
    )
    name: NameInput | None = strawberry.field(default=UNSET, description="A name.")
    attribute: AttributeInput | None = strawberry.field(
        default=UNSET, description="A configured attribute."
    )
    mobile_user: str | None = strawberry.field(
        default=UNSET, description="A user of the program's own app."
    )


@strawberry.input(description="Which members to list; all given conditions hold together.")
class MemberFilterInput:
    """Which members."""

    numbers: list[str] | None = strawberry.field(default=UNSET, description="Any of these numbers.")
    phones: list[str] | None = strawberry.field(
        default=UNSET, description="Any of these phone numbers."
    )
    mobile_users: list[str] | None = strawberry.field(
        default=UNSET, description="Any of these app users."
    )


@strawberry.input(description="One product of a basket.")
class BasketLineInput:
    """A product."""

    product_code: str = strawberry.field(description="The product's code.")
    division: str | None = strawberry.field(
        default=UNSET, description="The department, where the program has them."
    )
    categories: list[str] | None = strawberry.field(
        default=UNSET, description="The product's categories."
    )
    quantity: Decimal = strawberry.field(description="How many; more than zero.")
    unit_price: Decimal = strawberry.field(description="The price of one, before tax and discount.")
    tax: Decimal | None = strawberry.field(default=UNSET, description="The tax on the whole line.")


@strawberry.input(description="What a member is about to buy, and where.")
class BasketInput:
    """A basket."""

    outlet: str | None = strawberry.field(default=UNSET, description="The outlet's code.")
    lines: list[BasketLineInput] = strawberry.field(description="The products; at least one.")


@strawberry.input(description="A shop of the program.")
class OutletInput:
    """An outlet."""

    code: str = strawberry.field(
        description="The program's code for it; what a code looks like, the program says."
    )
    name: str | None = strawberry.field(default=UNSET, description="Its name.")
    description: str | None = strawberry.field(default=UNSET, description="More about it.")
    register: str | None = strawberry.field(default=UNSET, description="The till in it.")


@strawberry.input(description="For a RETURN or TRADE_IN line: the line it takes back.")
class ReturnedLineInput:
    """A line of an earlier sale."""

    transaction_id: strawberry.ID = strawberry.field(description="The sale.")
    sequence: int = strawberry.field(description="The line's place in it.")


@strawberry.input(description="One line of a sale. Amounts are in the program's currency.")
class SaleLineInput:
    """A line."""

    type: LineType = strawberry.field(
        default=LineType.NORMAL, description="What kind of line it is."
    )
    product_id: str | None = strawberry.field(default=UNSET, description="The product's id.")
    product_code: str | None = strawberry.field(default=UNSET, description="The product's code.")
    division: str | None = strawberry.field(
        default=UNSET, description="The department, where the program has them."
    )
    description: str | None = strawberry.field(default=UNSET, description="The product in words.")
    quantity: Decimal | None = strawberry.field(default=UNSET, description="How many.")
    unit_price: Decimal | None = strawberry.field(default=UNSET, description="The price of one.")
    discount: Decimal | None = strawberry.field(
        default=UNSET, description="The discount on this line, positive."
    )
    tax: Decimal | None = strawberry.field(default=UNSET, description="The tax in the subtotal.")
    subtotal_ex_tax: Decimal | None = strawberry.field(
        default=UNSET, description="The subtotal without its tax."
    )
    subtotal: Decimal = strawberry.field(
        description="The line's sum with tax, after its discount. Of a DISCOUNT line what it takes "
        "off, with either sign."
    )
    returns: ReturnedLineInput | None = strawberry.field(
        default=UNSET, description="For a RETURN or TRADE_IN line: the line it takes back."
    )
    attributes: list[AttributeInput] | None = strawberry.field(
        default=UNSET, description="Free pairs."
    )


@strawberry.input(description="The sums of a sale: final = gross - discount + charges + rounding.")
class SaleTotalsInput:
    """The sums."""

    gross: Decimal = strawberry.field(description="All lines but discounts, before any discount.")
    discount: Decimal | None = strawberry.field(
        default=UNSET, description="All discounts together."
    )
    tax: Decimal | None = strawberry.field(default=UNSET, description="The tax in it.")
    service_charge: Decimal | None = strawberry.field(
        default=UNSET, description="A charge for service."
    )
    service_tax: Decimal | None = strawberry.field(
        default=UNSET, description="The tax on that charge."
    )
    rounding: Decimal | None = strawberry.field(
        default=UNSET, description="Rounding of the sum, signed."
    )
    final: Decimal = strawberry.field(description="What is to be paid.")


@strawberry.input(
    description="Exactly one of memberId and program; a program alone asks for a guest."
)
class QuoteInput:
    """A sale to be quoted."""

    member_id: strawberry.ID | None = strawberry.field(
        default=UNSET, description="Whose sale it would be."
    )
    program: str | None = strawberry.field(default=UNSET, description="The program, for a guest.")
    outlet: OutletInput = strawberry.field(description="Where it would happen.")
    lines: list[SaleLineInput] = strawberry.field(description="The lines; at least one.")
    totals: SaleTotalsInput | None = strawberry.field(
        default=UNSET, description="The sums, checked if given."
    )


def lookup(by: MemberLookupInput) -> members.MemberLookup:
    """What to search by."""
    name, attribute = given(by.name), given(by.attribute)
    return members.MemberLookup(
        number=_filled("number", by.number),
        native_id=_filled("nativeId", by.native_id),
        email=_filled("email", by.email),
        phone=_filled("phone", by.phone),
        name=None if name is None else _name(name),
        attribute=None if attribute is None else members.Attribute(attribute.key, attribute.value),
        mobile_user=_filled("mobileUser", by.mobile_user),
    )


def _name(name: NameInput) -> members.PersonName:
    return members.PersonName(
        name.given_name,
        given(name.family_name),
        given(name.postal_code),
        wildcard=bool(given(name.wildcard)),
    )


def _filled(field: str, value: str | None) -> str | None:
    """A criterion; an empty one is refused, since it would match by accident or not at all."""
    text = given(value)
    if text is not None and not text.strip():
        msg = f"`{field}` is empty: leave it out, or give a value"
        raise InvalidInput(msg, field=("by", field))
    return text


def member_filter(where: MemberFilterInput | None) -> members.MemberFilter | None:
    """Which members to list; None for nobody, since a condition allows nothing at all."""
    if not where:
        return members.MemberFilter()
    conditions = (given(where.numbers), given(where.phones), given(where.mobile_users))
    if any(condition == [] for condition in conditions):
        return None
    numbers, phones, mobile_users = (tuple(condition or ()) for condition in conditions)
    return members.MemberFilter(numbers, phones, mobile_users)


def basket(value: BasketInput) -> offers.Basket:
    """A basket; InvalidInput names the line that makes no sense."""
    if not value.lines:
        msg = "a basket needs at least one line"
        raise InvalidInput(msg, field=("basket", "lines"))
    return offers.Basket(
        tuple(_basket_line(index, line) for index, line in enumerate(value.lines)),
        given(value.outlet),
    )


def _basket_line(index: int, line: BasketLineInput) -> offers.BasketLine:
    tax = given(line.tax) or Decimal(0)
    for name, wrong, rule in (
        ("quantity", line.quantity <= 0, "more than zero"),
        ("unitPrice", line.unit_price < 0, "zero or more"),
        ("tax", tax < 0, "zero or more"),
    ):
        if wrong:
            msg = f"`{name}` of line {index + 1} must be {rule}"
            raise InvalidInput(msg, field=("basket", "lines", str(index), name))
    return offers.BasketLine(
        product_code=line.product_code,
        quantity=line.quantity,
        unit_price=line.unit_price,
        division=given(line.division),
        categories=tuple(given(line.categories) or ()),
        tax=tax,
    )


def sale_line(line: SaleLineInput) -> sales.SaleLine:
    """A line of a sale."""
    return sales.SaleLine(
        subtotal=line.subtotal,
        type=line.type,
        product_id=given(line.product_id),
        product_code=given(line.product_code),
        division=given(line.division),
        description=given(line.description),
        quantity=given(line.quantity),
        unit_price=given(line.unit_price),
        discount=given(line.discount),
        tax=given(line.tax),
        subtotal_ex_tax=given(line.subtotal_ex_tax),
        attributes=tuple(members.Attribute(a.key, a.value) for a in given(line.attributes) or ()),
    )


def sale_totals(totals: SaleTotalsInput | None) -> sales.SaleTotals | None:
    """The sums of a sale."""
    if not totals:
        return None
    zero = Decimal(0)
    return sales.SaleTotals(
        gross=totals.gross,
        final=totals.final,
        discount=given(totals.discount),
        tax=given(totals.tax) or zero,
        service_charge=given(totals.service_charge) or zero,
        service_tax=given(totals.service_tax) or zero,
        rounding=given(totals.rounding) or zero,
    )


def outlet(value: OutletInput) -> sales.Outlet:
    """A shop."""
    return sales.Outlet(
        value.code, given(value.name), given(value.description), given(value.register)
    )

"""The bodies of writes, by the names of the contract; pure, and exact to the digit."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

import orjson

from providers.fabric.mapping.bills import Bill, Item

Body = Mapping[str, object]

APPENDED = re.compile(r"(~r?\d+)+$")
"""How references end that we made of a document: after a refused try, and after a return."""

FOR_US = "op:"
"""How our mark in an audit user or a note begins; the operation's id follows."""


def mark(operation: str, operator: str | None = None) -> str:
    """Our mark, found again by its first word; who acted follows."""
    return f"{FOR_US}{operation}" if operator is None else f"{FOR_US}{operation} {operator}"


def marked(told: str | None) -> str | None:
    """The mark that a text begins with, ours or another operation's; None where there is none."""
    first = (told or "").split(" ", 1)[0]
    return first if first.startswith(FOR_US) else None


def operation_of(told: str | None) -> str | None:
    """The operation of ours that a text is marked with; None where there is no mark."""
    found = marked(told)
    return None if found is None else found.removeprefix(FOR_US)


def void_reference(operation: str) -> str:
    """What a void is known by, which has no document."""
    return f"void-{operation}"


def document_of(reference: str, operation: str) -> str | None:
    """The shop's document behind a reference that an operation of ours gave; None for a void's.

    What we append names no document of ours: it is refused there.
    """
    return None if reference == void_reference(operation) else APPENDED.sub("", reference)


def amounts(bill: Bill, *, reversal: bool = False) -> Body:
    """The five amounts, negative in a reversal (contract 8.2)."""
    sign = -1 if reversal else 1
    return {
        "transactionGrossAmount": sign * bill.gross,
        "discountValue": sign * bill.discount,
        "totalTax": sign * bill.tax,
        "totalAmountPaid": sign * bill.paid,
        "netAmount": sign * bill.net,
    }


def breakdown(bill: Bill) -> Body:
    """The lines and the discounts: those of the lines, and those on the whole."""
    by_line = [_discount(item.discount, item.name) for item in bill.items if item.discount]
    return {
        "discounts": [*by_line, *(_discount(value, text) for value, text in bill.off)],
        "transactionItems": [_item(item) for item in bill.items],
    }


def _discount(value: Decimal, text: str | None) -> Body:
    """A discount that no rule of the tenant gave: its id is required, and 0 (contract 5.1)."""
    line: dict[str, object] = {"id": 0, "value": value, "type": "discount"}
    return line if text is None else {**line, "description": text}


def _item(item: Item) -> Body:
    line: dict[str, object] = {
        "SKU": item.sku,
        "itemPrice": item.price,
        "itemQuantity": item.pieces,
        "lineNumber": item.number,
        "grossAmount": item.gross,
        "taxAmount": item.tax,
        "totalAmountPaid": item.paid,
        "netAmount": item.net,
        "discounts": [_discount(item.discount, None)] if item.discount else [],
    }
    return line if item.name is None else {**line, "itemName": item.name}


def stamp(moment: datetime) -> str:
    """A timestamp as requests have it: UTC, whole seconds, no zone (contract 3.3)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def encoded(body: Body) -> bytes:
    """The JSON; raises orjson.JSONEncodeError for text that is none."""
    return orjson.dumps(body, default=_number)


def _number(value: object) -> orjson.Fragment:
    """A Decimal digit by digit; a whole one without a point, for some of the schema's integers."""
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    value += 0  # so that there is no -0
    whole = value.to_integral_value()
    return orjson.Fragment(f"{whole:f}" if value == whole else f"{value:f}")

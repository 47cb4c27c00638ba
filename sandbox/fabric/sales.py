"""Reading the amounts and lines that Earn and Reverse share (contract 5.1, 5.2); no rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.fabric.bodies import Fields
from sandbox.fabric.book import ZERO, total
from sandbox.fabric.formulas import Amounts, Line

LINE = ("id", "value", "type", "description")
ITEM = ("SKU", "itemName", "itemPrice", "itemQuantity", "lineNumber", "UOM", "grossAmount")
ITEM_AMOUNTS = ("taxAmount", "totalAmountPaid", "netAmount")
LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A purchase or a return as the shop sent it; `flagged` asks for the duplicate check."""

    profile_id: str
    store: str
    type_reference: str
    reference: str
    activity_at: datetime
    amounts: Amounts
    flagged: bool
    totals_wanted: bool
    pending: bool
    issue_user: str | None
    cancel_user: str | None
    reason_code: str | None
    reason_description: str | None
    codes: tuple[str, ...]
    discounts: tuple[Mapping[str, object], ...]
    lines: tuple[Line, ...]
    items: tuple[Mapping[str, object], ...]
    original: str = ""


def purchase(body: object) -> Sale:
    """The body of Earn (contract 8.1); raises Refused."""
    fields = Fields(body, {})
    sale = _sale(fields, reversal=False)
    for name, amount, positive in (
        ("transactionGrossAmount", sale.amounts.gross, True),
        ("netAmount", sale.amounts.net, True),
        ("discountValue", sale.amounts.discount, False),
        ("totalTax", sale.amounts.tax, False),
    ):
        _at_least_zero(fields, name, amount, positive=positive)
    fields.check()
    return sale


def _at_least_zero(fields: Fields, name: str, amount: Decimal, *, positive: bool) -> None:
    wrong = amount <= ZERO if positive else amount < ZERO
    # What was missing or no number is zero here, and has been told already.
    if wrong and fields.sound(name):
        fields.fault(name, "Must be greater than 0." if positive else "Must be at least 0.")


def returned(body: object) -> Sale:
    """The body of Reverse Earned Points (contract 8.2); raises Refused."""
    fields = Fields(body, {})
    sale = _sale(fields, reversal=True)
    for name, amount in (
        ("transactionGrossAmount", sale.amounts.gross),
        ("discountValue", sale.amounts.discount),
        ("totalAmountPaid", sale.amounts.paid),
        ("totalTax", sale.amounts.tax),
        ("netAmount", sale.amounts.net),
    ):
        if amount > ZERO:
            fields.fault(name, "Must be at most 0.")
    fields.check()
    return sale


def _sale(fields: Fields, *, reversal: bool) -> Sale:
    least, most = (3, 15) if reversal else (1, LONGEST_REFERENCE)
    users = {} if reversal else {"least": 1, "most": 200}
    reasons = (None, None) if reversal else (30, 300)
    items = tuple(_item(item, reversal=reversal) for item in fields.objects("transactionItems"))
    fields.yes("isCompanyUser")
    return Sale(
        profile_id=fields.uuid("profileId"),
        store=fields.text("entityReference", least=least, most=most),
        type_reference=fields.text("transactionTypeExternalReference", least=least, most=most),
        reference=fields.text("transactionExternalReference", most=LONGEST_REFERENCE),
        activity_at=fields.instant("activityTimestamp"),
        amounts=Amounts(
            gross=fields.number("transactionGrossAmount"),
            discount=_discount(fields, reversal=reversal),
            tax=fields.number("totalTax"),
            paid=fields.number("totalAmountPaid"),
            net=fields.number("netAmount"),
        ),
        flagged=fields.zero_or_one("checkForDuplicateTransaction"),
        totals_wanted=fields.zero_or_one("fetchUpdatedMemberPointTotals"),
        pending=fields.yes("setToPending"),
        issue_user=fields.optional_text("issueAuditUser", **users),
        cancel_user=fields.optional_text("cancelAuditUser", **users),
        reason_code=fields.optional_text("reasonCode", most=reasons[0]),
        reason_description=fields.optional_text("reasonDescription", most=reasons[1]),
        codes=tuple(code.lower() for code in fields.optional_texts("redemptionCode")),
        discounts=tuple(_line(line, id_needed=reversal)[1] for line in fields.objects("discounts")),
        lines=tuple(line for line, _ in items),
        items=tuple(shown for _, shown in items),
        original=_original(fields) if reversal else "",
    )


def _original(fields: Fields) -> str:
    return fields.text("reverseTransactionExternalRef", most=LONGEST_REFERENCE)


def _discount(fields: Fields, *, reversal: bool) -> Decimal:
    # On a reversal the key is required but may hold null.
    unset = reversal and fields.sent("discountValue") and not fields.given("discountValue")
    return ZERO if unset else fields.number("discountValue")


def _line(line: Fields, *, id_needed: bool) -> tuple[Decimal, Mapping[str, object]]:
    if id_needed or line.given("id"):
        line.whole("id")
    line.optional_text("type")
    line.optional_text("description")
    return line.number("value"), line.echo(LINE)


def _item(item: Fields, *, reversal: bool) -> tuple[Line, Mapping[str, object]]:
    item.text("SKU")
    item.optional_text("itemName")
    item.optional_text("UOM")
    off = [_line(line, id_needed=True) for line in item.objects("discounts")]
    quantity = item.whole("itemQuantity")
    if quantity < 1 and item.sound("itemQuantity"):
        item.fault("itemQuantity", "Must be at least 1.")
    line = Line(
        number=item.whole("lineNumber"),
        price=item.number("itemPrice"),
        quantity=quantity,
        amounts=Amounts(
            gross=item.number("grossAmount"),
            discount=total(value for value, _ in off),
            tax=item.number("taxAmount"),
            paid=item.number("totalAmountPaid"),
            net=item.number("netAmount"),
        ),
    )
    # A reversed item comes back with its categories and without what was paid (contract 5.3).
    amounts = ("taxAmount", "netAmount") if reversal else ITEM_AMOUNTS
    shown: dict[str, object] = {
        **item.echo((*ITEM, *amounts)),
        "discounts": [told for _, told in off],
        "couponCodes": item.optional_texts("couponCodes"),
    }
    if reversal:
        shown["categories"] = item.optional_texts("categories")
    return line, shown

"""Reading the document of a posting and checking it by itself, never against a world."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from sandbox.onerewards.asked import Body, guid
from sandbox.onerewards.documents import NOTHING, Document, Line, Points, Sales, VoucherUse
from sandbox.onerewards.doors import Refused
from sandbox.onerewards.scribe import CENT

LINE_TYPES = ("N", "D", "R", "T")


def document_of(body: Body) -> Document:
    """The document in a request; 400 for what it must not be (3.12, 6.2#46, 6.2#47)."""
    document = Document(
        member_id=body.integer("memberId"),
        doc_id=body.text("docId"),
        doc_no=body.text("docNo"),
        doc_date=body.instant("docDate"),
        outlet_id=body.text("outletId"),
        outlet=body.text("outlet"),
        created_user=body.text("createdUser"),
        outlet_description=body.optional_text("outletDescription"),
        sales=None if body.get("sales") is None else _sales(body.part("sales")),
        points=None if body.get("point") is None else _points(body.part("point")),
        voucher=None if body.get("voucher") is None else _voucher(body.part("voucher")),
        redemption_code=body.optional_integer("redemptionCode"),
    )
    if document.sales is None and document.points is None and document.voucher is None:
        raise Refused(400, "One of sales, point and voucher is required.")
    lines = () if document.sales is None else document.sales.lines
    if document.voucher is not None and all(line.kind != "D" for line in lines):
        raise Refused(400, "A voucher redemption needs a discount line.")
    return document


def _sales(body: Body) -> Sales:
    receipt = body.optional_text("receiptId")
    totals = ("totalExTax", "tax", "serviceCharge", "serviceTax", "roundingAdj", "finalTotal")
    lines = tuple(_line(each) for each in body.objects("details"))
    _check_trade_ins(lines)
    return Sales(
        receipt_id=None if receipt is None else guid(receipt, "receiptId"),
        totals=tuple(body.decimal(name) for name in totals),
        lines=lines,
        payments=tuple(
            (each.optional_text("description"), each.decimal("amount"))
            for each in body.objects("payments")
        ),
    )


def _line(body: Body) -> Line:
    kind = body.text("type")
    if kind not in LINE_TYPES:
        raise Refused(400, f"Unknown detail type {kind}.")
    figures = ("qty", "unitPrice", "discount", "subTotalExTax")
    return Line(
        kind=kind,
        sub_total=body.decimal("subTotal") or NOTHING,
        rest=(
            body.optional_integer("productId"),
            body.optional_text("productCode"),
            body.optional_text("description"),
            body.optional_integer("seq"),
            *(body.decimal(name) for name in figures),
        ),
    )


def _check_trade_ins(lines: Sequence[Line]) -> None:
    kinds = [line.kind for line in lines]
    if "T" in kinds and "N" not in kinds[len(kinds) - kinds[::-1].index("T") :]:
        raise Refused(400, "A trade-in must be followed by a normal line.")


def _points(body: Body) -> Points:
    names = ("adjustmentAdd", "collection", "adjustmentMinus", "redemption")
    add, collection, minus, redemption = (_magnitude(body, name) for name in names)
    notes = tuple(body.optional_text(f"{name}Description") for name in names)
    if redemption > 0 and notes[-1] is None:
        raise Refused(400, "redemptionDescription is required.")
    return Points(add, collection, minus, redemption, notes)


def _magnitude(body: Body, name: str) -> Decimal:
    value = body.decimal(name) or NOTHING
    if value < 0:
        raise Refused(400, f"{name} must not be negative.")
    return value.quantize(CENT, ROUND_HALF_UP)


def _voucher(body: Body) -> VoucherUse:
    discount = body.decimal("discountAmount")
    if discount is None:
        raise Refused(400, "discountAmount is required.")
    if discount < 0:
        raise Refused(400, "discountAmount must not be negative.")
    return VoucherUse(body.text("voucherNo"), discount)

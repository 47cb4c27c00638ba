"""Sales, returns and voids: inputs as commands."""

from datetime import datetime, timedelta
from decimal import Decimal
from unicodedata import is_normalized

from graph.asking.references import References
from graph.types.checks import (
    CODE,
    INPUT,
    WORDS,
    Place,
    amount,
    attributes,
    maybe_amount,
    maybe_text,
    positive,
    some,
    text,
)
from graph.types.enums import LineType
from graph.types.inputs import (
    OutletInput,
    ReturnedLineInput,
    SaleLineInput,
    SaleTotalsInput,
    given,
)
from graph.types.sale_inputs import (
    DocumentReferenceInput,
    PaymentInput,
    PostTransactionInput,
    ReturnTransactionInput,
    SaleVoucherInput,
    VoidTransactionInput,
)
from loyalty.commands import PostSale, ReturnedPart, ReturnSale, SaleVoucher, Tender, VoidSale
from loyalty.refs import MemberRef
from loyalty.sales import DocumentReference, Outlet, ReturnedLine, SaleLine, SaleTotals

MOST_LINES = 200
_MOST_PAYMENTS = 50
_MOST_REDEMPTIONS = 10
_AHEAD = timedelta(days=1)
_ZERO = Decimal(0)


def post_sale(references: References, now: datetime, asked: PostTransactionInput) -> PostSale:
    """What postTransaction asks."""
    member = references.member(INPUT.at("memberId"), asked.member_id)
    points = given(asked.points)
    at = INPUT.at("points")
    return PostSale(
        member=member,
        document=document(INPUT.at("document"), asked.document),
        occurred_at=past(INPUT.at("occurredAt"), asked.occurred_at, now),
        outlet=outlet(INPUT.at("outlet"), asked.outlet),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
        lines=lines(references, INPUT.at("lines"), asked.lines),
        totals=_totals(INPUT.at("totals"), asked.totals),
        payments=_tenders(INPUT.at("payments"), asked.payments),
        collect=maybe_amount(at.at("collect"), points.collect) if points else None,
        collect_note=maybe_text(at.at("collectNote"), points.collect_note, WORDS)
        if points
        else None,
        redeem=maybe_amount(at.at("redeem"), points.redeem) if points else None,
        redeem_note=maybe_text(at.at("redeemNote"), points.redeem_note, WORDS) if points else None,
        voucher=_voucher(references, INPUT.at("voucher"), given(asked.voucher), member),
        redemptions=_redemptions(references, asked, member),
        authorization=maybe_text(INPUT.at("authorization"), asked.authorization, WORDS),
        settlement=asked.settlement,
        receipt=maybe_text(INPUT.at("receiptId"), asked.receipt_id),
        attributes=attributes(INPUT.at("attributes"), asked.attributes),
    )


def return_sale(references: References, now: datetime, asked: ReturnTransactionInput) -> ReturnSale:
    """What returnTransaction asks."""
    where = given(asked.outlet)
    return ReturnSale(
        transaction=references.transaction(INPUT.at("transactionId"), asked.transaction_id),
        document=document(INPUT.at("document"), asked.document),
        occurred_at=past(INPUT.at("occurredAt"), asked.occurred_at, now),
        outlet=None if where is None else outlet(INPUT.at("outlet"), where),
        lines=_parts(asked),
        take_back=maybe_amount(INPUT.at("takeBackPoints"), asked.take_back_points),
        refunds=_tenders(INPUT.at("refunds"), asked.refunds),
        reason=maybe_text(INPUT.at("reason"), asked.reason, WORDS),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def void_sale(references: References, asked: VoidTransactionInput) -> VoidSale:
    """What voidTransaction asks."""
    return VoidSale(
        transaction=references.transaction(INPUT.at("transactionId"), asked.transaction_id),
        reason=maybe_text(INPUT.at("reason"), asked.reason, WORDS),
        operator=maybe_text(INPUT.at("operator"), asked.operator),
    )


def document(place: Place, value: DocumentReferenceInput) -> DocumentReference:
    """The caller's document. What is lost on paper must not tell two of them apart."""
    if value.id.strip() and value.id != value.id.strip():
        raise place.at("id").refused("begins or ends with a space")
    if not is_normalized("NFC", value.id):
        raise place.at("id").refused("has letters in parts; write it in Unicode's form NFC")
    return DocumentReference(
        text(place.at("id"), value.id), maybe_text(place.at("number"), value.number)
    )


def maybe_document(place: Place, value: DocumentReferenceInput | None) -> DocumentReference | None:
    """The same for one that may be left out."""
    found = given(value)
    return None if found is None else document(place, found)


def outlet(place: Place, value: OutletInput) -> Outlet:
    """A shop."""
    return Outlet(
        text(place.at("code"), value.code),
        maybe_text(place.at("name"), value.name, WORDS),
        maybe_text(place.at("description"), value.description, WORDS),
        maybe_text(place.at("register"), value.register),
    )


def maybe_outlet(place: Place, value: OutletInput | None) -> Outlet | None:
    """The same for one that may be left out."""
    found = given(value)
    return None if found is None else outlet(place, found)


def past(place: Place, value: datetime, now: datetime) -> datetime:
    """An instant that has been; clocks of tills may be a day wrong."""
    if value > now + _AHEAD:
        raise place.refused("lies in the future")
    return value


def lines(
    references: References, place: Place, values: list[SaleLineInput]
) -> tuple[SaleLine, ...]:
    """The lines of a sale; at least one."""
    return tuple(
        _line(references, place.at(index), line)
        for index, line in enumerate(some(place, values, MOST_LINES))
    )


def maybe_lines(
    references: References, place: Place, values: list[SaleLineInput] | None
) -> tuple[SaleLine, ...] | None:
    """The same for what may be left out."""
    found = given(values)
    return None if found is None else lines(references, place, found)


def _line(references: References, place: Place, line: SaleLineInput) -> SaleLine:
    figures = {
        "quantity": given(line.quantity),
        "unitPrice": given(line.unit_price),
        "discount": given(line.discount),
        "tax": given(line.tax),
        "subtotalExTax": given(line.subtotal_ex_tax),
        "subtotal": line.subtotal,
    }
    if line.type in {LineType.NORMAL, LineType.OTHER}:
        for name, figure in figures.items():
            maybe_amount(place.at(name), figure)
    if figures["quantity"] == 0:
        raise place.at("quantity").refused("is 0; it must be more than zero")
    return SaleLine(
        type=line.type,
        product_id=maybe_text(place.at("productId"), line.product_id),
        product_code=maybe_text(place.at("productCode"), line.product_code),
        division=maybe_text(place.at("division"), line.division),
        description=maybe_text(place.at("description"), line.description, WORDS),
        quantity=figures["quantity"],
        unit_price=figures["unitPrice"],
        discount=figures["discount"],
        tax=figures["tax"],
        subtotal_ex_tax=figures["subtotalExTax"],
        subtotal=line.subtotal,
        returns=_returned(references, place.at("returns"), line),
        attributes=attributes(place.at("attributes"), line.attributes),
    )


def _returned(references: References, place: Place, line: SaleLineInput) -> ReturnedLine | None:
    """The line that a RETURN or TRADE_IN takes back; no other line takes one."""
    value: ReturnedLineInput | None = given(line.returns)
    if value is None:
        return None
    if line.type not in {LineType.RETURN, LineType.TRADE_IN}:
        raise place.refused("is for RETURN and TRADE_IN lines alone")
    target = references.transaction(place.at("transactionId"), value.transaction_id)
    return ReturnedLine(
        _sequence(place.at("sequence"), value.sequence), target.operation, target.native
    )


def _sequence(place: Place, value: int) -> int:
    if value < 1:
        raise place.refused("counts from 1")
    return value


def _parts(asked: ReturnTransactionInput) -> tuple[ReturnedPart, ...]:
    place = INPUT.at("lines")
    seen: set[int] = set()
    found: list[ReturnedPart] = []
    for index, line in enumerate(some(place, asked.lines, MOST_LINES)):
        at = place.at(index)
        sequence = _sequence(at.at("sequence"), line.sequence)
        if sequence in seen:
            raise at.at("sequence").refused("is there twice: add the quantities up")
        seen.add(sequence)
        found.append(ReturnedPart(sequence, positive(at.at("quantity"), line.quantity)))
    return tuple(found)


def _totals(place: Place, totals: SaleTotalsInput) -> SaleTotals:
    """The sums; final may be negative where more is taken back than bought, gross likewise."""

    def figure(name: str, value: Decimal | None) -> Decimal:
        return maybe_amount(place.at(name), value) or _ZERO

    return SaleTotals(
        gross=totals.gross,
        final=totals.final,
        discount=maybe_amount(place.at("discount"), totals.discount),
        tax=given(totals.tax) or _ZERO,
        service_charge=figure("serviceCharge", totals.service_charge),
        service_tax=figure("serviceTax", totals.service_tax),
        rounding=given(totals.rounding) or _ZERO,
    )


def _tenders(place: Place, values: list[PaymentInput] | None) -> tuple[Tender, ...] | None:
    found = given(values)
    if found is None:
        return None
    if len(found) > _MOST_PAYMENTS:
        raise place.refused(f"has {len(found)} entries; the limit is {_MOST_PAYMENTS}")
    return tuple(
        Tender(
            payment.method,
            amount(place.at(index, "amount"), payment.amount),
            maybe_text(place.at(index, "description"), payment.description, CODE),
        )
        for index, payment in enumerate(found)
    )


def _voucher(
    references: References, place: Place, value: SaleVoucherInput | None, member: MemberRef
) -> SaleVoucher | None:
    if value is None:
        return None
    return SaleVoucher(
        references.voucher(place.at("voucherId"), value.voucher_id, member),
        amount(place.at("discount"), value.discount),
    )


def _redemptions(
    references: References, asked: PostTransactionInput, member: MemberRef
) -> tuple[str, ...]:
    place = INPUT.at("redemptionIds")
    found = given(asked.redemption_ids) or []
    if len(found) > _MOST_REDEMPTIONS:
        raise place.refused(f"has {len(found)} entries; the limit is {_MOST_REDEMPTIONS}")
    if len(set(found)) < len(found):
        raise place.refused("names one twice")
    return tuple(
        references.redemption(place.at(index), each, member).operation
        for index, each in enumerate(found)
    )

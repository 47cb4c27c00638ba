"""The documents that Post Transaction takes: sales, redemptions, corrections, as JSON to be sent.

Figures stay Decimal: client/requests.py writes them digit by digit (contract 3.12).
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from loyalty.commands import PostSale, SaleVoucher, Tender
from loyalty.sales import LineType, Outlet, PaymentMethod, SaleLine, SaleTotals
from loyalty.sums import signed
from providers.onerewards.mapping.authorizations import Authorization
from providers.onerewards.mapping.cautions import product_number

Json = dict[str, object]

_ZERO = Decimal(0)
_TYPES = {
    LineType.NORMAL: "N",
    LineType.DISCOUNT: "D",
    LineType.RETURN: "R",
    LineType.TRADE_IN: "T",
}
COLLECTED = "Points collected"
REDEEMED = "Points redeemed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What every document has; `id` is the vendor's docId, by which it is known again."""

    id: str
    number: str
    member: int
    at: datetime
    outlet: Outlet
    operator: str
    authorization: Authorization | None = None

    def written(self) -> Json:
        """The head's fields."""
        code = {} if self.authorization is None else {"redemptionCode": self.authorization.code}
        return code | _known(
            memberId=self.member,
            docId=self.id,
            docNo=self.number,
            docDate=utc(self.at),
            outletId=self.outlet.code,
            outlet=self.outlet.name or self.outlet.code,
            outletDescription=self.outlet.description,
            createdUser=self.operator,
        )


def sale(head: Head, command: PostSale, points_payment: str) -> Json:
    """A sale with the points and the voucher that go with it."""
    totals = command.totals
    tax = totals.tax or sum((signed(line, line.tax or _ZERO) for line in command.lines), _ZERO)
    sales = _known(
        receiptId=command.receipt,
        totalExTax=totals.final
        - totals.service_charge
        - totals.service_tax
        - totals.rounding
        - tax,
        tax=tax,
        serviceCharge=totals.service_charge,
        serviceTax=totals.service_tax,
        roundingAdj=totals.rounding,
        finalTotal=totals.final,
        details=details(command.lines, taxed=bool(tax)),
        payments=_payments(command.payments, totals, points_payment),
    )
    return head.written() | _known(
        sales=sales, point=_sale_points(command), voucher=_voucher(command.voucher)
    )


def redeemed_points(head: Head, points: Decimal, note: str | None) -> Json:
    """Points spent by themselves."""
    point = {"redemption": points, "redemptionDescription": note or REDEEMED}
    return head.written() | {"point": point}


def redeemed_voucher(head: Head, voucher: SaleVoucher, lines: tuple[SaleLine, ...]) -> Json:
    """A voucher used by itself; its document needs a discount line (contract 3.12)."""
    reductions = sum((line.subtotal for line in lines if line.type is LineType.DISCOUNT), _ZERO)
    if abs(reductions) != voucher.discount:
        lines = (*lines, SaleLine(type=LineType.DISCOUNT, subtotal=voucher.discount))
    total = sum((signed(line, line.subtotal) for line in lines), _ZERO)
    tax = sum((signed(line, line.tax or _ZERO) for line in lines), _ZERO)
    sales = {
        "totalExTax": total - tax,
        "tax": tax,
        "finalTotal": total,
        "details": details(lines, taxed=bool(tax)),
    }
    return head.written() | {"sales": sales, "voucher": _voucher(voucher)}


def adjusted_points(head: Head, delta: Decimal, reason: str) -> Json:
    """Points given or taken by hand."""
    name = "adjustmentAdd" if delta > 0 else "adjustmentMinus"
    return head.written() | {"point": {name: abs(delta), f"{name}Description": reason}}


def returned(
    head: Head,
    lines: tuple[SaleLine, ...],
    refunds: tuple[Tender, ...] | None,
    take_back: Decimal,
    reason: str,
    points_payment: str,
) -> Json:
    """Goods that come back, and the points that they had earned."""
    total = sum((signed(line, line.subtotal) for line in lines), _ZERO)
    paid = total if refunds is None else -sum((abs(each.amount) for each in refunds), _ZERO)
    totals = SaleTotals(gross=total, final=paid)
    tax = sum((signed(line, line.tax or _ZERO) for line in lines), _ZERO)
    sales = _known(
        totalExTax=paid - tax,
        tax=tax,
        finalTotal=paid,
        details=details(lines, taxed=bool(tax)),
        payments=_payments(refunds, totals, points_payment),
    )
    point = {"adjustmentMinus": take_back, "adjustmentMinusDescription": reason}
    return head.written() | _known(sales=sales, point=point if take_back else None)


def details(lines: tuple[SaleLine, ...], *, taxed: bool) -> list[Json]:
    """The lines in their order; what comes back or goes off is negative (contract 2.3)."""
    return [_detail(line, place, taxed=taxed) for place, line in enumerate(lines, start=1)]


def utc(moment: datetime) -> str:
    """An instant as the vendor's samples have it: UTC, with milliseconds (contract 1.5)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _detail(line: SaleLine, place: int, *, taxed: bool) -> Json:
    subtotal = signed(line, line.subtotal)
    untaxed = _without_tax(line, taxed=taxed)
    if line.type is LineType.DISCOUNT:
        return _known(
            type=_TYPES[line.type],
            description=line.description,
            unitPrice=_ZERO,
            discount=_ZERO,
            subTotalExTax=untaxed,
            subTotal=subtotal,
            seq=place,
        )
    return _known(
        type=_TYPES[line.type],
        productId=product_number(line.product_id),
        productCode=line.product_code,
        description=line.description,
        qty=None if line.quantity is None else signed(line, line.quantity),
        unitPrice=line.unit_price,
        discount=None if line.discount is None else abs(line.discount),
        subTotalExTax=untaxed,
        subTotal=subtotal,
        seq=place,
    )


def _without_tax(line: SaleLine, *, taxed: bool) -> Decimal | None:
    """The subtotal before tax; None where a tax is in the sale and the line does not tell its."""
    if line.subtotal_ex_tax is not None:
        return signed(line, line.subtotal_ex_tax)
    if line.tax is not None:
        return signed(line, line.subtotal) - signed(line, line.tax)
    return None if taxed else signed(line, line.subtotal)


def _payments(
    tenders: tuple[Tender, ...] | None, totals: SaleTotals, points_payment: str
) -> list[Json] | None:
    """The tenders under their methods' names; money paid back is negative, like its total."""
    if tenders is None:
        return None
    back = totals.final < 0 < sum((tender.amount for tender in tenders), _ZERO)
    return [
        {
            "description": _method(tender, points_payment),
            "amount": -tender.amount if back else tender.amount,
        }
        for tender in tenders
    ]


def _method(tender: Tender, points_payment: str) -> str:
    if tender.method is PaymentMethod.POINTS:
        return points_payment
    return tender.description or tender.method.value


def _sale_points(command: PostSale) -> Json | None:
    collect, redeem = command.collect or None, command.redeem or None
    found = _known(
        collection=collect,
        collectionDescription=(command.collect_note or COLLECTED) if collect else None,
        redemption=redeem,
        redemptionDescription=(command.redeem_note or REDEEMED) if redeem else None,
    )
    return found or None


def _voucher(used: SaleVoucher | None) -> Json | None:
    if used is None:
        return None
    return {"voucherNo": used.voucher.code, "discountAmount": used.discount}


def _known(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}

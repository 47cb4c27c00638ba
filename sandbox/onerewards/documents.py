"""The document of a posting as plain values; how it is read and what becomes of it are elsewhere.

Two documents are equal when they say the same: names in any case, 75 or 75.00, null or absent,
with or without a redemption code (OneRewards contract 6.2#8).
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A sales detail."""

    kind: str
    sub_total: Decimal
    rest: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sales:
    """What was bought; `totals` are as sent, sums are not checked."""

    receipt_id: str | None
    totals: tuple[Decimal | None, ...]
    lines: tuple[Line, ...]
    payments: tuple[tuple[str | None, Decimal | None], ...]

    @property
    def spending(self) -> Decimal:
        """What a voucher's minimum is tested against (6.2#15)."""
        return sum((line.sub_total for line in self.lines if line.kind == "N"), NOTHING)


@dataclass(frozen=True, slots=True)
class Points:
    """How points are to move; all are magnitudes."""

    add: Decimal = NOTHING
    collection: Decimal = NOTHING
    minus: Decimal = NOTHING
    redemption: Decimal = NOTHING
    notes: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class VoucherUse:
    """The voucher to be consumed, and the money it took off."""

    voucher_no: str
    discount: Decimal


@dataclass(frozen=True, slots=True)
class Document:
    """One transaction to be posted."""

    member_id: int
    doc_id: str
    doc_no: str
    doc_date: datetime
    outlet_id: str
    outlet: str
    created_user: str
    outlet_description: str | None
    sales: Sales | None
    points: Points | None
    voucher: VoucherUse | None
    redemption_code: int | None = field(compare=False, default=None)

    @property
    def redeems(self) -> bool:
        """Whether points or a voucher are spent (2.6)."""
        return self.voucher is not None or self.moved.redemption > 0

    @property
    def moved(self) -> Points:
        """How points move, by nothing where the document does not say."""
        return self.points or Points()

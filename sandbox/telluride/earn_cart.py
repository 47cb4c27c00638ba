"""ProcessEarn's lines as they come in (contract 4.7), normalised as 7.3 says; nothing computed."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.telluride.evaluation import Piece
from sandbox.telluride.keys import Original, transaction_key
from sandbox.telluride.offers import COUPONS
from sandbox.telluride.reading import Body, Refused
from sandbox.telluride.times import read_day, read_time

SALE = "1"
BACK = ("2", "8", "9")
KINDS = ("1", "2", "3", "4", "5", "7", "8", "9")
POINTS_PER_DOLLAR = 1000
REQUIRED = (
    ("LineNumber", "LINE NUMBER IS REQUIRED"),
    ("ItemType", "ITEM TYPE IS REQUIRED"),
    ("Division", "DIVISION IS REQUIRED"),
    ("ItemNumber", "ITEM NUMBER IS REQUIRED"),
    ("DollarValuePostDisc", "DOLLAR VALUE POST DISC IS REQUIRED"),
    ("Quantity", "QUANTITY IS REQUIRED"),
)


@dataclass(frozen=True, slots=True)
class CartLine:
    """One line; amounts are absolute, the direction is the kind's (U-15)."""

    number: str
    kind: str
    amount: Decimal
    quantity: Decimal
    division: str
    original: Original | None
    coupons: tuple[tuple[str, int], ...]
    body: Body

    @property
    def piece(self) -> Piece:
        """The line as offers see it."""
        return Piece(self.division, self.amount, self.quantity)

    @property
    def is_back(self) -> bool:
        """Whether it takes something back; 9 only with its original named (U-14)."""
        return self.kind in BACK and (self.kind != "9" or self.original is not None)


def cart_line(row: Body) -> CartLine:
    """A line, checked; raises Refused with the text that names the field."""
    for name, text in REQUIRED:
        if not row.has(name):
            raise Refused("99", text)
    if row.text("ItemType") not in KINDS:
        raise Refused("99", "ITEM TYPE IS INVALID")
    return CartLine(
        number=row.text("LineNumber"),
        kind=row.text("ItemType"),
        amount=abs(row.amount("DollarValuePostDisc")),
        quantity=abs(row.amount("Quantity")),
        division=row.text("Division").lstrip("0"),
        original=_original(row),
        coupons=tuple(_coupon_points(coupon) for coupon in row.rows("Coupons", "Coupon")),
        body=row,
    )


def _original(row: Body) -> Original | None:
    if not row.has("OriginalTransactionNumber"):
        return None
    date, time = row.text("OriginalTransactionDate"), row.text("OriginalTransactionTime")
    if read_day(date) is None or (time and read_time(time) is None):
        raise Refused("99", "ORIGINAL TRANSACTION DATE IS INVALID")
    return transaction_key(
        row.text("OriginalStoreNumber"),
        row.text("OriginalRegisterNumber"),
        row.text("OriginalTransactionNumber"),
        date,
        time,
        row.text("OriginalLineNumber") or row.text("LineNumber"),
    )


def _coupon_points(coupon: Body) -> tuple[str, int]:
    """A known coupon the member gives up for points; any other gives none."""
    number = coupon.text("CouponNumber")
    wants_points = coupon.text("AlternateCouponDecision") == "P" and number in COUPONS
    points = int(coupon.amount("DiscountAmount") * POINTS_PER_DOLLAR) if wants_points else 0
    return number, points

"""What happened to each persona, told as happenings relative to the first day; not who they are."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.fabric.answers import end_of_day
from sandbox.fabric.book import Book
from sandbox.fabric.events import Step
from sandbox.fabric.scribe import Award, Basket, adjust, basket, earn, handle, issue
from sandbox.fabric.tenant import POINT_VALUE

STORE = "NS-SEA-04"


def _days(book: Book, today: datetime, ago: int, points: str, award: Award | None = None) -> None:
    base = Decimal(points)
    reference = f"NS-{book.profile_id[-4:]}-{len(book.journal)}"
    at = today - timedelta(days=ago) + timedelta(hours=12, microseconds=114902)
    sale = basket(base)
    earn(book, at, award or Award(base=base), store=STORE, reference=reference, sale=sale)


def rich(book: Book, today: datetime) -> None:
    """Three purchases, 58,250.50 points."""
    for ago, points in ((300, "41200.00"), (120, "17000.00"), (9, "50.50")):
        _days(book, today, ago, points)


def nothing(book: Book, today: datetime) -> None:
    """Nobody ever bought anything."""
    del book, today


def expiring(book: Book, today: datetime) -> None:
    """Points that expired, and that will in 5, 45 and 300 days."""
    for ago, points, in_days in (
        (390, "35", -20),
        (360, "120", 5),
        (320, "80", 45),
        (65, "200", 300),
    ):
        expires_at = end_of_day(today + timedelta(days=in_days))
        _days(book, today, ago, points, Award(base=Decimal(points), expires_at=expires_at))


def some(book: Book, today: datetime) -> None:
    """One purchase."""
    _days(book, today, 200, "240")


def twelve_digits(book: Book, today: datetime) -> None:
    """One huge adjustment."""
    at = today - timedelta(days=30)
    adjust(book, at, Decimal(123456789012), store=STORE, reason="4102")


def everywhere(book: Book, today: datetime) -> None:
    """Two purchases and a redeemed reward."""
    _days(book, today, 150, "520")
    _days(book, today, 40, "400.25")
    at = today - timedelta(days=20)
    code = issue(book, at, Decimal("5.00"), POINT_VALUE, store=STORE, user="web-checkout")
    handle(book, code, Step.REDEEMED, at + timedelta(hours=1), user="web-checkout")


def vouchers(book: Book, today: datetime) -> None:
    """A reward in every status."""
    _days(book, today, 200, "1500")
    lives: tuple[tuple[int, tuple[Step, ...]], ...] = (
        (120, ()),
        (60, (Step.REDEEMED, Step.REVERSED)),
        (40, (Step.REDEEMED,)),
        (25, (Step.CANCELLED,)),
        (10, ()),
    )
    for ago, steps in lives:
        at = today - timedelta(days=ago)
        code = issue(book, at, Decimal("5.00"), POINT_VALUE, store=STORE, user="web-checkout")
        for place, step in enumerate(steps, start=1):
            handle(book, code, step, at + timedelta(hours=place), user="web-checkout")


def restricted(book: Book, today: datetime) -> None:
    """The figures of the contract's own examples (8.1, 9.5, 11.1, 11.2, 11.5)."""
    award = Award(base=Decimal(140), bonus=Decimal(20), bonus_store="NS-PDX-01")
    _days(book, today, 340, "140", award)
    _days(book, today, 100, "360")
    at = today - timedelta(days=30)
    code = issue(book, at, Decimal("5.00"), POINT_VALUE, store=STORE, user="web-checkout")
    handle(book, code, Step.REDEEMED, at + timedelta(days=1), user="web-checkout")
    launch: Mapping[str, object] = {"id": 902, "value": Decimal(4), "type": "promotion"}
    earn(
        book,
        today - timedelta(days=2, microseconds=-114902),
        Award(base=Decimal(56), promotional=Decimal(10)),
        store=STORE,
        reference="NS-ORD-88120",
        sale=Basket(
            net=Decimal("56.00"),
            tax=Decimal("4.80"),
            discount=Decimal(4),
            discounts=(launch,),
            items=(
                _item(
                    "TEA-250", "Loose tea 250 g", 1, ("38.88", "2.88", "38.88", "36.00"), "18.00", 2
                ),
                {
                    **_item(
                        "MUG-01",
                        "Stoneware mug",
                        2,
                        ("25.92", "1.92", "21.92", "20.00"),
                        "24.00",
                        1,
                    ),
                    "discounts": [{**launch, "description": "Mug launch offer"}],
                },
            ),
        ),
    )


def _item(
    sku: str, name: str, line: int, amounts: tuple[str, str, str, str], price: str, quantity: int
) -> dict[str, object]:
    gross, tax, paid, net = (Decimal(amount) for amount in amounts)
    return {
        "SKU": sku,
        "itemName": name,
        "itemPrice": Decimal(price),
        "itemQuantity": quantity,
        "lineNumber": line,
        "UOM": "unit",
        "grossAmount": gross,
        "taxAmount": tax,
        "totalAmountPaid": paid,
        "netAmount": net,
        "discounts": [],
        "couponCodes": [],
    }


def pending(book: Book, today: datetime) -> None:
    """Active points, and pending ones of yesterday."""
    _days(book, today, 50, "300")
    _days(book, today, 1, "66", Award(base=Decimal(66), pending=True))

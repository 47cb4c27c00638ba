"""What a returned line takes back of its sale (contract U-14 to U-18); changes no account."""

from collections.abc import Sequence
from decimal import Decimal

from sandbox.telluride.earn_cart import CartLine
from sandbox.telluride.keys import Original, transaction_key
from sandbox.telluride.people import Account
from sandbox.telluride.points import Event, Line, half_up, returned
from sandbox.telluride.reading import Refusal, Refused
from sandbox.telluride.times import central

NOT_FOUND = Refusal("98", "Original transaction not found")
TOO_MUCH = Refusal("99", "RETURNED MORE THAN SOLD")
NAMELESS = Refusal("99", "ORIGINAL TRANSACTION NUMBER IS REQUIRED")
OTHER_MEMBER = Refusal("99", "ORIGINAL TRANSACTION IS INVALID FOR THIS MEMBER")


def taken_back(
    account: Account, others: Sequence[Account], line: CartLine, earlier: Sequence[Line]
) -> Line:
    """The line with negative points; `earlier` are the returns of the same call. Raises Refused."""
    if line.original is None:
        raise Refused(*NAMELESS)
    event = _sale(account, line.original)
    if event is None:
        elsewhere = any(_sale(other, line.original) for other in others)
        raise Refused(*(OTHER_MEMBER if elsewhere else NOT_FOUND))
    sold = next((part for part in event.lines if _is_sold(part, line.original)), None)
    if sold is None:
        raise Refused(*NOT_FOUND)
    origin = (event.id, sold.number)
    before = [
        *returned(account.events, origin),
        *(part for part in earlier if part.origin == origin),
    ]
    base, bonus = _share(sold, line.amount, before)
    return Line(
        number=line.number,
        division=sold.division,
        item=sold.item,
        amount=line.amount,
        quantity=line.quantity,
        base=-base,
        bonus=-bonus,
        origin=origin,
    )


def _share(sold: Line, amount: Decimal, before: Sequence[Line]) -> tuple[int, int]:
    """In proportion, half up; the last return takes the rest (U-16)."""
    back = sum((part.amount for part in before), Decimal(0))
    if back + amount > sold.amount:
        raise Refused(*TOO_MUCH)
    if back + amount == sold.amount:
        left_base = sold.base + sum(part.base for part in before)
        return left_base, sold.bonus + sum(part.bonus for part in before)
    share = amount / sold.amount
    return half_up(sold.base * share), half_up(sold.bonus * share)


def _is_sold(part: Line, wanted: Original) -> bool:
    return part.number == wanted.line and part.origin is None


def _sale(account: Account, wanted: Original) -> Event | None:
    return next(
        (event for event in account.events if event.kind == "P" and _named(event) == _key(wanted)),
        None,
    )


def _named(event: Event) -> Original:
    at = central(event.at)
    return transaction_key(
        event.store, event.register, event.number, f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}"
    )


def _key(original: Original) -> Original:
    return transaction_key(
        original.store, original.register, original.number, original.date, original.time
    )

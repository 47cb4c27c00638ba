"""Payments and refunds as Telluride's tenders, and the redemptions that pay for a part (4.7)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from loyalty.commands import Tender
from loyalty.sales import PaymentMethod
from providers.telluride.client.baskets import dollars
from providers.telluride.settings import TellurideSettings

Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Paid:
    """A redemption that pays for a part: its code, where it is known, and its worth."""

    code: str | None
    worth: Decimal


@dataclass(frozen=True, slots=True)
class Tenders:
    """The tenders of a call, and the methods that have no code in the settings."""

    fields: Fields
    unnamed: tuple[str, ...] = ()


def tenders(
    settings: TellurideSettings,
    payments: Sequence[Tender] | None,
    redemptions: Sequence[Paid] = (),
    *,
    back: bool = False,
) -> Tenders:
    """The payments, negative where money goes `back`, with the redemptions' codes among them.

    A redemption is named at the payment in points of its amount, else at the first one that is
    left; where no payments are told, it is one itself.
    """
    told = list(payments or (Tender(PaymentMethod.POINTS, paid.worth) for paid in redemptions))
    codes = _codes(told, redemptions)
    entries: list[Fields] = []
    unnamed: dict[str, None] = {}
    for place, payment in enumerate(told):
        kind = settings.tender_types.get(payment.method)
        if kind is None:
            unnamed[payment.method.value] = None
            continue
        amount = -abs(payment.amount) if back else payment.amount
        code = {"AuthorizationCode": codes[place]} if place in codes else {}
        entries.append({"TenderType": kind, "TenderAmount": dollars(amount), **code})
    return Tenders({"TenderList": {"Tender": entries}} if entries else {}, tuple(unnamed))


def has_room(payments: Sequence[Tender] | None, redemptions: Sequence[Paid]) -> bool:
    """Whether each redemption is among the payments, where these are told."""
    return payments is None or _in_points(payments) >= len(redemptions)


def _codes(payments: Sequence[Tender], redemptions: Iterable[Paid]) -> dict[int, str]:
    """Which payment names which code, by its place."""
    free = [place for place, paid in enumerate(payments) if paid.method is PaymentMethod.POINTS]
    named: dict[int, str] = {}
    for redemption in redemptions:
        equal = (place for place in free if payments[place].amount == redemption.worth)
        place = next(equal, next(iter(free), None))
        if place is not None:
            free.remove(place)
            if redemption.code is not None:
                named[place] = redemption.code
    return named


def _in_points(payments: Iterable[Tender]) -> int:
    return sum(payment.method is PaymentMethod.POINTS for payment in payments)

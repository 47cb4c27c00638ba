"""What offers give on a cart (U-70): base points and awards, line by line; stores nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.telluride.offers import BASE_POINTS_PER_DOLLAR, EarnOffer
from sandbox.telluride.points import half_up


@dataclass(frozen=True, slots=True)
class Piece:
    """A line as offers see it: what was paid for it, and how many."""

    division: str
    amount: Decimal
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Award:
    """An offer that fits a cart, with its points for each piece; all 0 = it only qualifies."""

    offer: EarnOffer
    points: tuple[int, ...]

    @property
    def total(self) -> int:
        """Its points on the whole cart."""
        return sum(self.points)

    def fits(self, piece: Piece) -> bool:
        """Whether the piece is among its products."""
        return piece.division in self.offer.divisions


def base_points(amount: Decimal) -> int:
    """Ten points for each dollar paid after discounts, half up."""
    return half_up(amount * BASE_POINTS_PER_DOLLAR)


def awards(offers: Sequence[EarnOffer], cart: Sequence[Piece]) -> list[Award]:
    """The offers that have a product in the cart."""
    return [
        Award(offer, _points(offer, cart))
        for offer in offers
        if any(piece.division in offer.divisions for piece in cart)
    ]


def _points(offer: EarnOffer, cart: Sequence[Piece]) -> tuple[int, ...]:
    counted = [piece if piece.division in offer.divisions else None for piece in cart]
    pieces = [piece for piece in counted if piece is not None]
    spend = sum((piece.amount for piece in pieces), Decimal(0))
    if spend < offer.spend or sum(piece.quantity for piece in pieces) < offer.items:
        return (0,) * len(cart)
    if offer.per_dollar:
        return tuple(
            0 if piece is None else half_up(piece.amount * offer.per_dollar) for piece in counted
        )
    return tuple(_shared(offer.flat, [Decimal(0) if p is None else p.amount for p in counted]))


def _shared(points: int, weights: Sequence[Decimal]) -> list[int]:
    """A flat sum over the lines by amount; rounding never loses or makes a point."""
    whole = sum(weights, Decimal(0)) or Decimal(1)
    given, reached, shares = 0, Decimal(0), list[int]()
    for weight in weights:
        reached += weight
        upto = half_up(points * reached / whole)
        shares.append(upto - given)
        given = upto
    return shares

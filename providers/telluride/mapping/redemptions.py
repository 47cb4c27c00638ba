"""What a redemption, its void or an inquiry came to, out of ProcessRedemption (contract 4.6)."""

from dataclasses import dataclass
from decimal import Decimal

from loyalty.money import Money
from providers.telluride.mapping.account import Account
from providers.telluride.wire.redemptions import WireRedemption

_YES = frozenset({"Y", "TRUE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemed:
    """Points turned into value. `authorization` is the only handle for a void.

    `repeat` marks the answer to a request that was carried out before: success of the first one.
    """

    points: Decimal | None
    worth: Money | None
    authorization: str | None
    balance_after: Decimal | None
    repeat: bool


@dataclass(frozen=True, slots=True)
class Redeemable:
    """The most that a cart could take in points, and its worth."""

    points: Decimal | None
    worth: Money | None


def redeemed(account: Account, wire: WireRedemption) -> Redeemed:
    """The outcome of a redemption or of a void: the balance after it is the total one (U-76)."""
    return Redeemed(
        points=wire.points,
        worth=account.money(wire.dollars),
        authorization=wire.authorization_code,
        balance_after=wire.total_after,
        repeat=is_repeat(wire),
    )


def redeemable(account: Account, wire: WireRedemption) -> Redeemable:
    """The outcome of an inquiry."""
    return Redeemable(wire.most_points, account.money(wire.most_dollars))


def nothing_redeemable(account: Account) -> Redeemable:
    """A member without points: the inquiry answers that there are none."""
    return Redeemable(Decimal(0), account.money(Decimal(0)))


def is_repeat(wire: WireRedemption) -> bool:
    """Whether the answer is marked as a duplicate, in any of the ways hinted at (contract 5.5)."""
    text = (wire.response_text or "").upper()
    return (wire.duplicate_response or "").upper() in _YES or text == "Y" or "DUPLICATE" in text

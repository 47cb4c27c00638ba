"""What a posting of points came to, out of PostExternalBonus (contract 4.8)."""

from decimal import Decimal

from providers.telluride.wire.bonuses import WireBonus


def balance_after(wire: WireBonus) -> Decimal | None:
    """All points of the account after the posting; the reply has no reference to it."""
    return wire.current_balance

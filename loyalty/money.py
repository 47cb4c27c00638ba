"""Amounts: money with its currency, in exact decimals."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

# ISO 4217: the currencies whose smallest unit is not a hundredth.
_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in an ISO 4217 currency."""

    amount: Decimal
    currency: str


def rounded(amount: Decimal, currency: str) -> Money:
    """`amount` rounded half up to the currency's smallest unit."""
    unit = Decimal(1).scaleb(-_EXPONENTS.get(currency, 2))
    return Money(amount.quantize(unit, rounding=ROUND_HALF_UP), currency)

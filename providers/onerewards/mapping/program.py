"""What of a program's settings the mapping needs; plain values, no secret and no address."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.offers import UnusableReason
from loyalty.refs import MemberRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One company's account: whose answers these are, and how its dates and sums are read."""

    key: str
    zone: ZoneInfo
    currency: str
    point_worth: Decimal | None
    use_reasons: Mapping[int, UnusableReason]
    get_reasons: Mapping[int, UnusableReason]
    end_date_is_whole_day: bool

    def member(self, key: str) -> MemberRef:
        """The reference of one of its members."""
        return MemberRef(self.key, key)

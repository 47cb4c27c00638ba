"""What of a program's settings the mapping needs; values, and no key or address."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.members import MemberStatus
from loyalty.money import Money
from loyalty.refs import MemberRef

_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One program: its key, currency, zone, and which assumptions hold (contract 7)."""

    program: str
    currency: str
    zone: ZoneInfo
    more_statuses: tuple[tuple[str, MemberStatus], ...] = ()
    total_points_earned_is_balance: bool = True
    point_balance_is_running: bool = True
    offer_reward_potential_is_points: bool = True

    def ref(self, number: str) -> MemberRef:
        """The member with the number."""
        return MemberRef(self.program, number)

    def money(self, amount: Decimal | None) -> Money | None:
        """An amount in the program's currency."""
        return None if amount is None else Money(amount, self.currency)

    def start_of(self, day: date | None) -> datetime | None:
        """The first second of a day, on the server's clock (Q-9)."""
        return None if day is None else datetime.combine(day, time(), self.zone)

    def end_of(self, day: date | None) -> datetime | None:
        """The last second of a day, on the server's clock (U-62)."""
        return None if day is None else datetime.combine(day, _LAST_SECOND, self.zone)

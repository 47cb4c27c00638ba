"""One member's book: an append-only list of events, and what they add up to at an instant."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_OID, uuid5

from sandbox.fabric.events import Activation, Lot, Move, Movement, Reward, Transaction

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What is left of a lot at an instant; a negative rest is a debt, which never expires."""

    lot: Lot
    left: Decimal
    expired: bool
    pending: bool

    @property
    def counts(self) -> bool:
        """Whether the rest is part of the balance."""
        return self.left != ZERO and not self.expired


@dataclass(slots=True)
class Book:
    """The events of one member, oldest first; nothing is ever changed in place."""

    profile_id: str
    lots: list[Lot] = field(default_factory=list[Lot])
    movements: list[Movement] = field(default_factory=list[Movement])
    activations: list[Activation] = field(default_factory=list[Activation])
    journal: list[Transaction] = field(default_factory=list[Transaction])
    rewards: dict[str, Reward] = field(default_factory=dict[str, Reward])

    def holdings(self, now: datetime, pending_hours: int) -> list[Holding]:
        """Every lot with its rest, in the order granted."""
        taken: dict[int, Decimal] = defaultdict(Decimal)
        for movement in self.movements:
            taken[movement.lot] += movement.points
        active = {activation.lot for activation in self.activations}
        return [
            Holding(
                lot=lot,
                left=(left := lot.points - taken[lot.lot]),
                expired=left > ZERO and lot.expires_at < now,
                pending=lot.pending and lot.lot not in active and _waits(lot, now, pending_hours),
            )
            for lot in self.lots
        ]

    def balance(self, now: datetime) -> Decimal:
        """All points that count, pending ones included (contract 4.3)."""
        return total(each.left for each in self.holdings(now, 0) if each.counts)

    def earned(self) -> Decimal:
        """All points ever granted; those that came back from a reward are not new."""
        return total(lot.points for lot in self.lots if not lot.returned)

    def deducted(self) -> Decimal:
        """Points removed by adjustments and reversals."""
        return total(each.points for each in self.movements if each.why is Move.DEDUCTED)

    def used(self) -> Decimal:
        """Points spent on rewards, less what came back."""
        spent = total(each.points for each in self.movements if each.why is Move.USED)
        return spent - total(lot.points for lot in self.lots if lot.returned)

    def expired(self, now: datetime) -> list[tuple[datetime, Decimal]]:
        """Points lost by expiry and when, oldest first, one entry an instant."""
        lost: dict[datetime, Decimal] = defaultdict(Decimal)
        for each in self.holdings(now, 0):
            if each.expired:
                lost[each.lot.expires_at] += each.left
        return sorted(lost.items())

    def transactions(self, now: datetime) -> list[Transaction]:
        """The journal, with a row for each expiry that has come by now; unordered."""
        return self.journal + [
            Transaction(
                code=str(uuid5(NAMESPACE_OID, f"{self.profile_id}/{at.isoformat()}")),
                kind="EXPIRY",
                at=at,
                activity_at=at,
                points=-points,
            )
            for at, points in self.expired(now)
        ]


def total(points: Iterable[Decimal]) -> Decimal:
    """A sum that is a Decimal also when empty."""
    return sum(points, ZERO)


def _waits(lot: Lot, now: datetime, hours: int) -> bool:
    return hours == 0 or now < lot.at + timedelta(hours=hours)

"""How the points of a purchase are taken back when some are spent or gone (contract 12.1)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.fabric.answers import refuse
from sandbox.fabric.book import ZERO, Book, Holding, total
from sandbox.fabric.debts import owe
from sandbox.fabric.events import Move, Transaction
from sandbox.fabric.scribe import Debit, spend, take
from sandbox.fabric.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a reversal took, by category."""

    base: Decimal
    bonus: Decimal
    promotional: Decimal

    @property
    def points(self) -> Decimal:
        """All of it."""
        return self.base + self.bonus + self.promotional


def take_back(state: State, book: Book, original: Transaction, code: str) -> Taken:
    """Every point of the original that has not expired; raises Refused, changing nothing then."""
    mode, now, hours = state.choice("reverse_after_spend"), state.now, state.count("pending_hours")
    held = book.holdings(now, hours)
    parts = {
        kind: part - _lost(held, original, kind)
        for kind, part in (
            ("Base", original.base),
            ("Bonus", original.bonus),
            ("Promotional", original.promotional),
        )
    }
    if mode == "refused" and _at_hand(held, original) < total(parts.values()):
        raise refuse("ExceptionString", "The points are already spent.")
    for kind, part in parts.items():
        debit = Debit(points=part, store=original.store, why=Move.DEDUCTED, cause=code, first=kind)
        unpaid = _spend(book, original, debit, now, hours)
        if mode == "clipped":
            parts[kind] = part - unpaid
        else:
            owed = Debit(points=unpaid, store=None, why=Move.DEDUCTED, cause=code, first=kind)
            owe(book, owed, now)
    return Taken(base=parts["Base"], bonus=parts["Bonus"], promotional=parts["Promotional"])


def _lost(held: list[Holding], original: Transaction, kind: str) -> Decimal:
    own = (h for h in held if h.lot.cause == original.code and h.lot.point_type == kind)
    return total(h.left for h in own if h.expired)


def _at_hand(held: list[Holding], original: Transaction) -> Decimal:
    """The original's own points, pending or not, and all other that could be spent there."""
    return total(
        h.left
        for h in held
        if h.counts
        and (
            h.lot.cause == original.code
            or (not h.pending and h.lot.store in {None, original.store})
        )
    )


def _spend(book: Book, original: Transaction, debit: Debit, now: datetime, hours: int) -> Decimal:
    """The purchase's own points first, then others; returns what was not there."""
    rest = debit.points
    for each in book.holdings(now, hours):
        own = each.lot.cause == original.code and each.lot.point_type == debit.first
        part = min(rest, each.left) if own and each.counts else ZERO
        if part > ZERO:
            take(book, each.lot.lot, part, debit, now)
            rest -= part
    others = Debit(
        points=rest, store=debit.store, why=debit.why, cause=debit.cause, first=debit.first
    )
    return spend(book, others, now, hours)

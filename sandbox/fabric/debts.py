"""Points that a member owes: a balance may go negative (contract 12.1); knows no cause."""

from datetime import datetime

from sandbox.fabric.book import ZERO, Book
from sandbox.fabric.events import Lot
from sandbox.fabric.scribe import Debit, take


def owe(book: Book, debit: Debit, at: datetime) -> None:
    """An empty lot that the points are taken from: a negative rest counts and never expires."""
    if debit.points <= ZERO:
        return
    lot = Lot(
        lot=len(book.lots),
        points=ZERO,
        point_type=debit.first or "Base",
        at=at,
        expires_at=at,
        cause=debit.cause,
    )
    book.lots.append(lot)
    take(book, lot.lot, debit.points, debit, at)

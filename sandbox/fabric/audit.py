"""Whether the opened books add up, each in every way it can be added; changes nothing."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.fabric.book import ZERO, Book, total
from sandbox.fabric.state import State


def discrepancies(state: State) -> list[str]:
    """What does not add up, in words; empty when all points are accounted for."""
    return [text for book in state.opened() for text in _of(state, book)]


def _of(state: State, book: Book) -> Iterator[str]:
    balance = book.balance(state.now)
    lost = total(points for _, points in book.expired(state.now))
    by_totals = book.earned() - book.deducted() - book.used() - lost
    if by_totals != balance:
        yield f"{book.profile_id}: totals give {by_totals}, lots {balance}"
    by_journal = total(row.points for row in book.transactions(state.now))
    if by_journal != balance:
        yield f"{book.profile_id}: the journal gives {by_journal}, lots {balance}"
    told = state.evidence.left().get(book.profile_id)
    # Since the last effect only time can have taken points, and it has not been told yet.
    if told is not None and told - balance not in _lost_since(book, state):
        yield f"{book.profile_id}: effects end at {told}, lots at {balance}"
    codes = [row.code for row in book.transactions(state.now)]
    if len(codes) != len(set(codes)):
        yield f"{book.profile_id}: two transactions share a code"


def _lost_since(book: Book, state: State) -> set[Decimal]:
    sums, so_far = {ZERO}, ZERO
    for _, points in reversed(book.expired(state.now)):
        so_far += points
        sums.add(so_far)
    return sums

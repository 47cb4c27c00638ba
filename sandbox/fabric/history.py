"""Get Transactions and Rewards History (contract 8.3, 9.5); both know nothing of totals."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from sandbox.fabric.answers import invalid, refuse
from sandbox.fabric.book import Book
from sandbox.fabric.events import Reward, Transaction
from sandbox.fabric.inquire import needed_profile
from sandbox.fabric.queries import given, instant_in, uuid_in
from sandbox.fabric.rendering import reward, transaction_read
from sandbox.fabric.state import State
from sandbox.frame import Arrival

_FOREVER = datetime.max.replace(tzinfo=UTC)
KINDS = (
    "EARN",
    "BURN",
    "EXPIRY",
    "EARN_REVERSE",
    "BURN_REVERSE",
    "ADJUSTMENT",
    "DEDUCT",
    "TRANSFER",
    "MERGE",
    "FORFEITED",
    "CONVERT",
    "UNMERGE",
)


def transactions(state: State, arrival: Arrival) -> object:
    """Get Transactions: newest first, of one member or of all."""
    query = arrival.query
    page = state.paging.page(query)
    start, end = (instant_in(query, name) for name in ("startTimestampUTC", "endTimestampUTC"))
    exact = _exact(query)
    cutoff = _cutoff(state)
    rows = [
        (row.at, profile_id, place, row)
        for place, (profile_id, row) in enumerate(_rows(state, uuid_in(query, "profileId")))
        if _within(row.at, start, min(end or cutoff, cutoff)) and _fits(row, exact)
    ]
    newest_first = state.choice("transactions_order") == "newest_first"
    rows.sort(key=lambda row: row[:3], reverse=newest_first)
    style = state.style
    return [transaction_read(profile_id, row, style) for _, profile_id, _, row in page.of(rows)]


def _cutoff(state: State) -> datetime:
    """What happened later is not to be read yet."""
    seconds = state.count("read_lag_seconds")
    return state.now - timedelta(seconds=seconds) if seconds else _FOREVER


def _rows(state: State, profile_id: str | None) -> Iterator[tuple[str, Transaction]]:
    for book in _books(state, profile_id):
        for row in book.transactions(state.now):
            yield book.profile_id, row


def _exact(query: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    kind = given(query, "transactionType")
    if kind is not None and kind not in KINDS:
        raise refuse("transactionType", invalid(f"Must be one of {', '.join(KINDS)}."))
    code = uuid_in(query, "transactionCode")
    return kind, code, given(query, "transactionExternalReference")


def _within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at <= end)


def _fits(row: Transaction, exact: tuple[str | None, str | None, str | None]) -> bool:
    shown = (row.kind, row.code, row.reference)
    return all(want is None or want == have for want, have in zip(exact, shown, strict=True))


def rewards(state: State, arrival: Arrival) -> object:
    """Rewards History, newest issue first; without profileId it is the whole company's."""
    query = arrival.query
    page = state.paging.page(query)
    refused = state.choice("history_without_profile") == "refused"
    profile_id = needed_profile(arrival) if refused else uuid_in(query, "profileId")
    cutoff = _cutoff(state)
    owned: list[tuple[str, Reward]] = [
        (book.profile_id, known)
        for book in _books(state, profile_id)
        for item in book.rewards.values()
        if (known := item.as_of(cutoff)) is not None
    ]
    # Rewards of one instant stay in the order issued, newest first.
    owned.reverse()
    owned.sort(key=lambda pair: pair[1].handlings[0].at, reverse=True)
    style, now = state.style, state.now
    return [reward(owner, item, now, style) for owner, item in page.of(owned)]


def _books(state: State, profile_id: str | None) -> Iterator[Book]:
    return state.books() if profile_id is None else iter([state.book(profile_id)])

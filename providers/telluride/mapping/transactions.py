"""A member's history, out of the rows of GetMemberActivityDetail (contract 4.11, 5.7)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Self

from loyalty.refs import MemberRef, TransactionRef
from loyalty.sales import (
    Award,
    DocumentReference,
    Outlet,
    PointsEffect,
    Transaction,
    TransactionKind,
    TransactionStatus,
)
from providers.telluride.mapping.account import Account
from providers.telluride.profile.codes import ROW_STATUS
from providers.telluride.wire.activity import WireRow

_ZERO = Decimal(0)

Key = tuple[str, str, str, str]
"""Store, register, number and local date-time: the platform's own way to name one (5.4)."""


def key(account: Account, row: WireRow) -> Key | None:
    """The row's key, normalised as in contract 7.3; None where it has no time or no name.

    A posting without a number is named by its own id.
    """
    name = (row.transaction_number or "").lstrip("0") or (
        f"id:{row.transaction_id}" if row.transaction_id else ""
    )
    if row.occurred_at is None or not name:
        return None
    at = row.occurred_at.astimezone(account.zone)
    return (
        (row.store_location or "").zfill(5),
        (row.register_number or "").zfill(3),
        name,
        at.strftime("%Y-%m-%dT%H:%M:%S"),
    )


def named_parts(account: Account, row: WireRow) -> tuple[str | None, ...]:
    """The parts of the row's key, None for each that the row lacks."""
    at = row.occurred_at
    return (
        None if row.store_location is None else row.store_location.zfill(5),
        None if row.register_number is None else row.register_number.zfill(3),
        None if row.transaction_number is None else row.transaction_number.lstrip("0"),
        None if at is None else at.astimezone(account.zone).strftime("%Y-%m-%dT%H:%M:%S"),
    )


def position(key: Key) -> tuple[str, ...]:
    """What the history is ordered by, latest first: the time, then the rest of the key."""
    return (key[3], *key[:3])


def history(account: Account, rows: Iterable[WireRow]) -> list[tuple[Key, tuple[WireRow, ...]]]:
    """The rows by transaction, newest first.

    Rows that share a key are one transaction: what a sale redeemed and what it earned may come in
    one row or in two (U-28), and either way it is one sale.
    """
    found: dict[Key, list[WireRow]] = {}
    for row in rows:
        named = key(account, row)
        if named is not None:
            found.setdefault(named, []).append(row)
    newest_first = sorted(found, key=position, reverse=True)
    return [(named, tuple(found[named])) for named in newest_first]


@dataclass(frozen=True, slots=True)
class Sums:
    """The figures of all rows of one transaction; a missing one counts as nothing."""

    gross: Decimal
    points: Decimal
    base: Decimal
    bonus: Decimal
    special: Decimal
    redeemed: Decimal
    expired: Decimal

    @classmethod
    def of(cls, rows: Sequence[WireRow]) -> Self:
        """The sums of the rows."""

        def total(figures: Iterable[Decimal | None]) -> Decimal:
            return sum((figure for figure in figures if figure is not None), _ZERO)

        return cls(
            gross=total(row.gross_spend for row in rows),
            points=total(_taken_back(row) for row in rows),
            base=total(row.base for row in rows),
            bonus=total(row.bonus for row in rows),
            special=total(row.special for row in rows),
            redeemed=total(row.redeemed for row in rows),
            expired=total(row.expired for row in rows),
        )


def _taken_back(row: WireRow) -> Decimal:
    """The row's points; those of money given back are taken back whatever their sign (U-82)."""
    points = row.points or _ZERO
    return -abs(points) if (row.gross_spend or _ZERO) < 0 else points


def transaction(
    account: Account,
    member: MemberRef,
    named: Key,
    rows: Sequence[WireRow],
    fetched_at: datetime,
) -> Transaction:
    """One transaction out of the rows that share its key; the raw record is the main row."""
    sums = Sums.of(rows)
    main = max(rows, key=lambda row: (abs(row.gross_spend or _ZERO), row.points or _ZERO))
    return Transaction(
        ref=TransactionRef(member, named),
        kind=kind(sums),
        native_kind=main.transaction_type,
        native_id=main.transaction_id,
        status=status(rows),
        occurred_at=main.occurred_at or fetched_at,
        posted_at=main.posted_at,
        document=None if main.order_id is None else DocumentReference(main.order_id),
        outlet=_outlet(main),
        total=account.money(main.gross_spend),
        tax=account.money(main.total_tax),
        discount=account.money(main.total_dollar_saving),
        effect=effect(account, sums, rows),
        awards=awards(rows),
        description=main.transaction_description,
        fetched_at=fetched_at,
        raw=main.raw,
    )


def awards(rows: Sequence[WireRow]) -> tuple[Award, ...]:
    """The offers that earned."""
    return tuple(
        Award(offer.code, offer.points, offer.name)
        for row in rows
        for offer in row.offers
        if offer.code and offer.points is not None
    )


_KINDS: tuple[tuple[Callable[[Sums], bool], TransactionKind], ...] = (
    (lambda sums: sums.gross < 0, TransactionKind.RETURN),
    (lambda sums: sums.points < 0 < sums.gross, TransactionKind.RETURN),
    (lambda sums: sums.points < 0, TransactionKind.ADJUSTMENT),
    (lambda sums: sums.points > 0 and (sums.gross > 0 or sums.base > 0), TransactionKind.PURCHASE),
    (lambda sums: sums.points > 0, TransactionKind.BONUS),
    (lambda sums: sums.redeemed > 0, TransactionKind.REDEMPTION),
    (lambda sums: sums.redeemed < 0, TransactionKind.ADJUSTMENT),
    (lambda sums: sums.expired > 0, TransactionKind.EXPIRY),
    (lambda sums: sums.gross > 0, TransactionKind.PURCHASE),
)
"""The first that holds. Points without a sale are a bonus, taken off without one a correction."""


def kind(sums: Sums) -> TransactionKind:
    """What it was, from its figures alone: only one letter of TransactionType is known (5.7)."""
    return next((found for holds, found in _KINDS if holds(sums)), TransactionKind.OTHER)


def effect(account: Account, sums: Sums, rows: Sequence[WireRow]) -> PointsEffect:
    """What it did to the balance: what was taken back, given back or lost counts as adjusted."""
    after = next((row.point_balance for row in rows if row.point_balance is not None), None)
    return PointsEffect(
        earned=max(sums.points, _ZERO),
        redeemed=max(sums.redeemed, _ZERO),
        adjusted=min(sums.points, _ZERO) - min(sums.redeemed, _ZERO) - sums.expired,
        base=sums.base,
        bonus=sums.bonus,
        promotional=sums.special or None,
        balance_after=after if account.point_balance_is_running else None,
    )


def status(rows: Sequence[WireRow]) -> TransactionStatus:
    """Voided when all its rows are; a mixture was partly taken back; an unknown letter says so."""
    found = {ROW_STATUS.get(row.process_status or "") for row in rows}
    if None in found:
        return TransactionStatus.UNKNOWN
    if len(found) > 1:
        return TransactionStatus.PARTLY_REVERSED
    return found.pop() or TransactionStatus.UNKNOWN


def _outlet(row: WireRow) -> Outlet | None:
    """The store; the row's description repeats its number before its name."""
    code = row.store_location
    if code is None:
        return None
    head, dash, name = (row.transaction_description or "").partition(" - ")
    named = name if dash and head.strip() == code else None
    return Outlet(code=code, name=named, register=row.register_number)

"""Writes into a book what the engine would for each happening (contract 12.1); checks nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import NAMESPACE_OID, uuid5

from sandbox.fabric.answers import cents, end_of_day
from sandbox.fabric.book import ZERO, Book, Holding
from sandbox.fabric.events import Handling, Lot, Move, Movement, Reward, Step, Transaction
from sandbox.fabric.tenant import POINT_DAYS, REWARD_DAYS

TAX_RATE = Decimal("0.08")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """The amounts of a purchase: gross includes tax, and paid = gross - discount (contract 4.5)."""

    net: Decimal
    tax: Decimal
    discount: Decimal = ZERO
    discounts: tuple[Mapping[str, object], ...] = ()
    items: tuple[Mapping[str, object], ...] = ()

    @property
    def gross(self) -> Decimal:
        """What the goods cost, tax included, before the discount."""
        return self.net + self.tax + self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """The points of a purchase by category, where they may be spent, and until when."""

    base: Decimal
    bonus: Decimal = ZERO
    promotional: Decimal = ZERO
    bonus_store: str | None = None
    expires_at: datetime | None = None
    pending: bool = False


def basket(net: Decimal) -> Basket:
    """A purchase of that net amount, taxed at 8 percent."""
    return Basket(net=net, tax=cents(net * TAX_RATE))


def earn(
    book: Book, at: datetime, award: Award, *, store: str, reference: str, sale: Basket
) -> None:
    """A purchase: a lot a category, and an EARN row."""
    code = next_code(book, "transaction")
    grant(book, at, award, code)
    book.journal.append(
        Transaction(
            code=code,
            kind="EARN",
            at=at,
            activity_at=at.replace(microsecond=0),
            points=award.base + award.bonus + award.promotional,
            base=award.base,
            bonus=award.bonus,
            promotional=award.promotional,
            balance=book.balance(at),
            reference=reference,
            type_reference="PURCHASE",
            store=store,
            paid=sale.gross - sale.discount,
            tax=sale.tax,
            net=sale.net,
            gross=sale.gross,
            discount=sale.discount,
            discounts=sale.discounts,
            items=sale.items,
            issue_user="pos-17",
        )
    )


def grant(
    book: Book, at: datetime, award: Award, cause: str, activity_at: datetime | None = None
) -> None:
    """A lot for each category that got points."""
    parts = (
        (award.base, "Base", None),
        (award.bonus, "Bonus", award.bonus_store),
        (award.promotional, "Promotional", None),
    )
    for points, point_type, store in parts:
        if points:
            lot = Lot(
                lot=len(book.lots),
                points=points,
                point_type=point_type,
                at=at,
                expires_at=award.expires_at or end_of_day(at + timedelta(days=POINT_DAYS)),
                store=store,
                pending=award.pending,
                cause=cause,
                activity_at=activity_at,
            )
            book.lots.append(lot)


def adjust(book: Book, at: datetime, points: Decimal, *, store: str, reason: str) -> None:
    """An adjustment: ADJUSTMENT when it adds, DEDUCT when it removes."""
    code = next_code(book, "transaction")
    if points > ZERO:
        expires_at = end_of_day(at + timedelta(days=POINT_DAYS))
        lot = Lot(
            lot=len(book.lots), points=points, point_type="Base", at=at, expires_at=expires_at
        )
        book.lots.append(lot)
    else:
        spend(book, Debit(points=-points, store=store, why=Move.DEDUCTED, cause=code), at)
    book.journal.append(
        Transaction(
            code=code,
            kind="ADJUSTMENT" if points > ZERO else "DEDUCT",
            at=at,
            activity_at=at,
            points=points,
            base=abs(points),
            balance=book.balance(at),
            store=store,
            reason_code=reason,
        )
    )


def issue(
    book: Book,
    at: datetime,
    amount: Decimal,
    point_value: Decimal,
    *,
    store: str,
    user: str,
    pending_hours: int = 0,
    tier_discount: Decimal = ZERO,
) -> str:
    """A reward of that worth, paid with points at once; returns its code."""
    code = next_code(book, "reward")
    points = amount / point_value
    spend(book, Debit(points=points, store=store, why=Move.USED, cause=code), at, pending_hours)
    book.rewards[code] = Reward(
        code=code,
        points=points,
        point_cost=point_value,
        amount=amount,
        expires_at=end_of_day(at + timedelta(days=REWARD_DAYS)),
        handlings=(Handling(step=Step.ISSUED, at=at, store=store, user=user),),
        tier_discount=tier_discount,
    )
    _write_reward_row(book, at, "BURN", -points, book.rewards[code])
    return code


def handle(
    book: Book, code: str, step: Step, at: datetime, *, user: str, store: str | None = None
) -> None:
    """The next step of a reward; cancelling and reversing give the points back."""
    reward = book.rewards[code]
    place = store or reward.handlings[0].store
    handling = Handling(step=step, at=at, store=place, user=user)
    book.rewards[code] = replace(reward, handlings=(*reward.handlings, handling))
    if step in {Step.CANCELLED, Step.REVERSED}:
        _give_back(book, code, at)
        _write_reward_row(book, at, "BURN_REVERSE", reward.points, book.rewards[code])


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """Points to be taken at a store, and why; those of `first` go before other types."""

    points: Decimal
    store: str | None
    why: Move
    cause: str
    first: str | None = None


def spend(book: Book, debit: Debit, at: datetime, pending_hours: int = 0) -> Decimal:
    """Take active points: those of the store first, then the oldest expiry (contract 12.1).

    Returns what was not there to be taken.
    """
    rest = debit.points
    for each in sorted(book.holdings(at, pending_hours), key=lambda h: _payment_order(h, debit)):
        usable = each.counts and not each.pending and each.lot.store in {None, debit.store}
        part = min(rest, each.left) if usable else ZERO
        if part > ZERO:
            take(book, each.lot.lot, part, debit, at)
            rest -= part
    return rest


def take(book: Book, lot: int, points: Decimal, debit: Debit, at: datetime) -> None:
    """Move so many of a debit's points out of one lot."""
    move = Movement(lot=lot, points=points, why=debit.why, at=at, cause=debit.cause)
    book.movements.append(move)


def _give_back(book: Book, code: str, at: datetime) -> None:
    for move in [each for each in book.movements if each.cause == code]:
        lot = book.lots[move.lot]
        if lot.expires_at >= at:
            book.movements.append(replace(move, points=-move.points, at=at))
        else:
            # The former expiry has passed, so the points return as a lot of their own.
            expires_at = end_of_day(at + timedelta(days=POINT_DAYS))
            book.lots.append(
                replace(
                    lot,
                    lot=len(book.lots),
                    points=move.points,
                    at=at,
                    expires_at=expires_at,
                    pending=False,
                    returned=True,
                )
            )


def _write_reward_row(book: Book, at: datetime, kind: str, points: Decimal, reward: Reward) -> None:
    first, latest = reward.handlings[0], reward.handlings[-1]
    book.journal.append(
        Transaction(
            code=next_code(book, "transaction"),
            kind=kind,
            at=at,
            activity_at=at,
            points=points,
            base=abs(points),
            balance=book.balance(at),
            store=latest.store,
            issue_user=first.user or None,
            cancel_user=(latest.user or None) if latest is not first else None,
        )
    )


def next_code(book: Book, what: str) -> str:
    """A code named by what is there already: the same happenings get the same codes."""
    place = len(book.journal) if what == "transaction" else len(book.rewards)
    return str(uuid5(NAMESPACE_OID, f"{book.profile_id}/{what}/{place}"))


def _payment_order(holding: Holding, debit: Debit) -> tuple[bool, bool, datetime, int]:
    lot = holding.lot
    other_type = debit.first not in {None, lot.point_type}
    return lot.store is None, other_type, lot.expires_at, lot.lot

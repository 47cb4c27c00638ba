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
    _grant(book, at, award)
    book.journal.append(
        Transaction(
            code=_code(book, "transaction"),
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


def _grant(book: Book, at: datetime, award: Award) -> None:
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
            )
            book.lots.append(lot)


def adjust(book: Book, at: datetime, points: Decimal, *, store: str, reason: str) -> None:
    """An adjustment: ADJUSTMENT when it adds, DEDUCT when it removes."""
    code = _code(book, "transaction")
    if points > ZERO:
        expires_at = end_of_day(at + timedelta(days=POINT_DAYS))
        lot = Lot(
            lot=len(book.lots), points=points, point_type="Base", at=at, expires_at=expires_at
        )
        book.lots.append(lot)
    else:
        spend(book, -points, at, store, Move.DEDUCTED, code)
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
    book: Book, at: datetime, amount: Decimal, point_value: Decimal, *, store: str, user: str
) -> str:
    """A reward of that worth, paid with points at once; returns its code."""
    code = _code(book, "reward")
    points = amount / point_value
    spend(book, points, at, store, Move.USED, code)
    book.rewards[code] = Reward(
        code=code,
        points=points,
        point_cost=point_value,
        amount=amount,
        expires_at=end_of_day(at + timedelta(days=REWARD_DAYS)),
        handlings=(Handling(step=Step.ISSUED, at=at, store=store, user=user),),
    )
    _write_reward_row(book, at, "BURN", -points, book.rewards[code])
    return code


def handle(book: Book, code: str, step: Step, at: datetime, *, user: str) -> None:
    """The next step of a reward; cancelling and reversing give the points back."""
    reward = book.rewards[code]
    handling = Handling(step=step, at=at, store=reward.handlings[0].store, user=user)
    book.rewards[code] = replace(reward, handlings=(*reward.handlings, handling))
    if step in {Step.CANCELLED, Step.REVERSED}:
        _give_back(book, code, at)
        _write_reward_row(book, at, "BURN_REVERSE", reward.points, book.rewards[code])


def spend(book: Book, points: Decimal, at: datetime, store: str, why: Move, cause: str) -> None:
    """Take active points: those of the store first, then the oldest expiry (contract 12.1)."""
    rest = points
    for each in sorted(book.holdings(at, 0), key=_payment_order):
        usable = each.counts and not each.pending and each.lot.store in {None, store}
        part = min(rest, each.left) if usable else ZERO
        if part > ZERO:
            move = Movement(lot=each.lot.lot, points=part, why=why, at=at, cause=cause)
            book.movements.append(move)
            rest -= part


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
                    returned=True,
                )
            )


def _write_reward_row(book: Book, at: datetime, kind: str, points: Decimal, reward: Reward) -> None:
    first, latest = reward.handlings[0], reward.handlings[-1]
    book.journal.append(
        Transaction(
            code=_code(book, "transaction"),
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


def _code(book: Book, what: str) -> str:
    # Named by what is there already, so that the same happenings get the same codes.
    place = len(book.journal) if what == "transaction" else len(book.rewards)
    return str(uuid5(NAMESPACE_OID, f"{book.profile_id}/{what}/{place}"))


def _payment_order(holding: Holding) -> tuple[bool, datetime, int]:
    return holding.lot.store is None, holding.lot.expires_at, holding.lot.lot

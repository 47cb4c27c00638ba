"""Activate Points and Adjust Points (contract 7); neither knows a purchase."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.fabric.answers import ENTITY_UNKNOWN, REQUIRED, Refused, end_of_day, invalid, refuse
from sandbox.fabric.bodies import Fields
from sandbox.fabric.book import ZERO, Book, total
from sandbox.fabric.conversion import convert
from sandbox.fabric.debts import owe
from sandbox.fabric.events import Activation, Lot, Move, Transaction
from sandbox.fabric.evidence import Deed
from sandbox.fabric.scribe import Debit, next_code, spend
from sandbox.fabric.state import State
from sandbox.fabric.tenant import POINT_DAYS, POINT_TYPES, REASONS, STORES
from sandbox.frame import Arrival

ACTIVATE, ADJUST = "activate_points", "adjust_points"
RESTRICTED = "Restricted"
KINDS = {"ADJUSTMENT", "DEDUCT"}


def activate(state: State, arrival: Arrival) -> object:
    """Activate Points: those pending whose activity lies in the range, both ends included."""
    fields = Fields(arrival.json(), {})
    profile_id = fields.uuid("profileId")
    start, end = fields.optional_instant("startDate"), fields.optional_instant("endDate")
    fields.check()
    profile, now = state.settled(profile_id), state.now
    waiting = [
        held
        for held in state.holdings(profile_id)
        if held.pending and _within(held.lot.activity_at or held.lot.at, start, end)
    ]
    if waiting:
        activations = [Activation(lot=held.lot.lot, at=now) for held in waiting]
        state.book(profile_id).activations.extend(activations)
        freed = f"{total(held.left for held in waiting):f}"
        deed = Deed(
            kind="activate", operation=ACTIVATE, reference=profile_id, detail={"points": freed}
        )
        state.note(profile, deed)
        convert(state, profile, ACTIVATE)
    return None


def _within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at <= end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """What Adjust Points was asked for; without a store the points are free."""

    profile_id: str
    points: Decimal
    point_type: str
    store: str | None
    reason: str | None
    pending: bool

    @property
    def bound_to(self) -> str | None:
        """The only store where such points may be spent, if there is one."""
        return self.store if self.point_type == RESTRICTED else None

    @property
    def kept_as(self) -> str:
        """Restricted points have a category of their own beside it (contract 4.2)."""
        return "Base" if self.point_type == RESTRICTED else self.point_type


def adjust(state: State, arrival: Arrival) -> object:
    """Adjust Points; a refusal may come as a success with an ExceptionString (contract 7.2)."""
    try:
        return _adjust(state, _asked(state, arrival.json()))
    except Refused as refused:
        if state.choice("adjust_refusals") == "errors":
            raise
        return _told(
            "", None, "; ".join(text for texts in refused.errors.values() for text in texts)
        )


def _told(message: str, code: str | None, exception: str = "") -> dict[str, object]:
    return {
        "Message": message,
        "futureDate": False,
        "ExceptionString": exception,
        "transactionCode": code,
    }


def _asked(state: State, body: object) -> Adjustment:
    fields = Fields(body, {})
    given = fields.given("pointType")
    asked = Adjustment(
        profile_id=fields.uuid("profileId"),
        points=fields.number("points"),
        point_type=fields.choice("pointType", POINT_TYPES) if given else "Base",
        store=fields.optional_text("billingEntity", least=1),
        reason=fields.optional_text("reasonCode", least=1),
        pending=fields.yes("setToPending"),
    )
    if asked.points == ZERO and fields.sound("points"):
        fields.fault("points", "Must not be 0.")
    fields.check()
    if asked.store is not None and asked.store not in STORES:
        raise refuse("billingEntity", ENTITY_UNKNOWN)
    if asked.point_type == RESTRICTED and asked.store is None:
        raise refuse("billingEntity", REQUIRED)
    _check_reason(state, asked.reason)
    return asked


def _check_reason(state: State, reason: str | None) -> None:
    rule = state.choice("reason_codes")
    if reason is None and rule == "required":
        raise refuse("reasonCode", REQUIRED)
    known = {each.code for each in REASONS if each.action == "points_adjustment"}
    if reason is not None and rule != "any" and reason not in known:
        raise refuse("reasonCode", invalid("Must be a reason for adjusting points."))


def _adjust(state: State, asked: Adjustment) -> object:
    state.profile(asked.profile_id)
    _check_cap(state, asked.points)
    short = asked.points < -state.spendable(asked.profile_id, asked.store)
    if short and asked.points < ZERO and state.choice("adjust_below_zero") == "refused":
        raise refuse("points", "Insufficient points.")
    profile, book, now = state.settled(asked.profile_id), state.book(asked.profile_id), state.now
    code = next_code(book, "transaction")
    if asked.points > ZERO:
        _add(book, asked, now, code)
    else:
        debit = Debit(
            points=-asked.points,
            store=asked.store,
            why=Move.DEDUCTED,
            cause=code,
            first=asked.kept_as,
        )
        unpaid = spend(book, debit, now, state.count("pending_hours"))
        owe(book, replace(debit, points=unpaid), now)
    book.journal.append(_row(book, asked, now, code))
    detail = {"reasonCode": asked.reason}
    deed = Deed(kind="adjust", operation=ADJUST, reference=code, key=code, detail=detail)
    state.note(profile, deed)
    convert(state, profile, ADJUST)
    done = "added" if asked.points > ZERO else "deducted"
    return _told(f"{_spoken(abs(asked.points))} points {done}", code)


def _add(book: Book, asked: Adjustment, now: datetime, code: str) -> None:
    lot = Lot(
        lot=len(book.lots),
        points=asked.points,
        point_type=asked.kept_as,
        at=now,
        expires_at=end_of_day(now + timedelta(days=POINT_DAYS)),
        store=asked.bound_to,
        pending=asked.pending,
        cause=code,
        activity_at=now,
    )
    book.lots.append(lot)


def _row(book: Book, asked: Adjustment, now: datetime, code: str) -> Transaction:
    amount = abs(asked.points)
    parts = {kind: amount if kind == asked.kept_as else ZERO for kind in POINT_TYPES}
    return Transaction(
        code=code,
        kind="ADJUSTMENT" if asked.points > ZERO else "DEDUCT",
        at=now,
        activity_at=now,
        points=asked.points,
        base=parts["Base"],
        bonus=parts["Bonus"],
        promotional=parts["Promotional"],
        balance=book.balance(now),
        store=asked.store,
        reason_code=asked.reason,
    )


def _spoken(points: Decimal) -> str:
    """At least one decimal, as in the sample of contract 7.2."""
    plain = f"{points.normalize():f}"
    return plain if "." in plain else f"{plain}.0"


def _check_cap(state: State, points: Decimal) -> None:
    cap = state.count("adjust_cap")
    if not cap:
        return
    today = state.now.date()
    done = total(
        abs(row.points)
        for book in state.opened()
        for row in book.journal
        if row.kind in KINDS and row.at.date() == today
    )
    if done + abs(points) > cap:
        raise refuse("ExceptionString", "Daily adjustment limit exceeded.")

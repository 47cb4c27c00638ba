"""ProcessRedemption's function R (contract 5.3, 5.5, 7.3, 7.6): all the points, or none."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from sandbox.telluride.history import STORES
from sandbox.telluride.keys import NUMBER_DIGITS, Original, transaction_key
from sandbox.telluride.people import Account, Member, Surprise, number_of
from sandbox.telluride.points import Event
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.redemption_cart import (
    BAD_POINTS,
    POINTS_PER_DOLLAR,
    STRUCTURAL,
    Holdings,
    limits,
    takes,
)
from sandbox.telluride.redemption_reply import Inquiry, Moved, envelope
from sandbox.telluride.registry import Stored
from sandbox.telluride.scribe import Change, commit
from sandbox.telluride.state import State
from sandbox.telluride.times import CENTRAL, read_day, read_time

API = "ProcessRedemption"
TOO_FEW = Refusal("1", "Points Not Available")
INQUIRE_FIRST = Refusal("91", "Required Balance inquiry.")
DIFFERENT = Refusal("99", "Transaction already exists with different details")
NAMES = dict(STORES)
CENT = Decimal("0.01")
MARKS: dict[str, Json] = {
    "both": {"ResponseText": "DUPLICATE", "DuplicateResponse": "Y"},
    "letter": {"ResponseText": "Y"},
    "text": {"ResponseText": "DUPLICATE"},
    "flag": {"DuplicateResponse": "Y"},
    "none": {},
}
"""How a repeat is marked, by switch (5.5)."""


def key_of(body: Body) -> Original:
    """What names this transaction."""
    return transaction_key(
        body.text("OrderStoreNumber"),
        body.text("RegisterNumber"),
        body.text("TransactionNumber"),
        body.text("TransactionDate"),
        body.text("TransactionTime"),
    )


def answered_before(state: State, body: Body, lines: Sequence[Body]) -> Json | None:
    """The first answer of a redemption that is booked already; raises Refused (7.3)."""
    if not state.flag("redemption_duplicates_detected") or not body.has("TransactionNumber"):
        return None
    stored = state.world.registry.stored.get(key_of(body).among(API))
    if stored is None:
        return None
    if stored.content != _content(body, lines) and state.word("different_details") == "refuse":
        raise Refused(*DIFFERENT)
    return stored.reply | MARKS[state.word("redemption_duplicate_mark")]


def spent(state: State, body: Body, account: Account, have: Holdings, could: Inquiry) -> Json:
    """Take the points and answer with the code; raises Refused."""
    points = _wanted(state, body, account)
    _check_cover(body, points, have, could.lines)
    # What cannot be answered must not be booked: an unreadable field shows before anything moves.
    envelope(state, body, could)
    content = _content(body, could.lines)
    surprises = _from_surprises(account.member, state.now, min(points, have.surprise))
    surprise = sum(part.points for part in surprises)
    event = booking(state, body, "D", points)
    event = replace(event, surprise=surprise, authorization=state.world.registry.next_code())
    _booked(state, body, account, event, surprises)
    moved = Moved(
        points=points,
        code=event.authorization,
        after=have.own + have.surprise - points,
        standing=state.standing(account),
        shares=_shares(could.lines, points - surprise, surprise),
    )
    reply = envelope(state, body, could, moved)
    if body.has("TransactionNumber"):
        key = key_of(body).among(API)
        state.world.registry.stored[key] = Stored(content, reply)
    return reply


def booking(state: State, body: Body, kind: str, points: int) -> Event:
    """The row of a redemption or of its void, with the caller's values (U-29)."""
    key, now = key_of(body), state.now
    return Event(
        id=state.world.registry.next_id(),
        kind=kind,
        at=_said(body),
        posted=now,
        store=key.store,
        register=key.register,
        number=body.text("TransactionNumber").zfill(NUMBER_DIGITS),
        description=f"{key.store} - {NAMES.get(key.store, 'Store')}",
        redeemed=points,
        order=body.text("OrderId"),
        source=body.text("RequestorID"),
        booked=now,
    )


def _content(body: Body, lines: Sequence[Body]) -> tuple[object, ...]:
    """Member, lines and points; everything else may differ in a repeat."""
    member = body.text("MemberNumber") or number_of(body.text("MemberIdentifier"))
    parts = tuple(
        (line.text("LineNumber"), line.text("ItemType"), line.text("Division").lstrip("0"),
         line.text("ItemNumber"), line.amount("DollarValuePostDisc"), line.amount("Quantity"))
        for line in lines
    )  # fmt: skip
    return (member, parts, body.amount("RedemptionPoints"))


def _wanted(state: State, body: Body, account: Account) -> int:
    """The points, which rule over the dollars (U-41, U-43); raises Refused."""
    inquired = account.member.number in state.world.registry.inquired
    if state.flag("balance_inquiry_required") and not inquired:
        raise Refused(*INQUIRE_FIRST)
    points = body.amount("RedemptionPoints")
    if points <= 0 or points != points.to_integral_value():
        raise Refused(*BAD_POINTS)
    if body.has("RedemptionDollarValue"):
        apart = abs(body.amount("RedemptionDollarValue") - points / POINTS_PER_DOLLAR)
        if apart > CENT:
            raise Refused(*BAD_POINTS)
    return int(points)


def _check_cover(body: Body, points: int, have: Holdings, lines: Sequence[Body]) -> None:
    """Never a part of it: more than the balance is 1, more than cart or limits is 94 (U-42)."""
    if points > have.spendable + have.surprise:
        raise Refused(*TOO_FEW)
    own = points - min(points, have.surprise)
    if points > sum(takes(line) for line in lines) or own > min([own, *limits(body)]):
        raise Refused(*BAD_POINTS)


def _from_surprises(member: Member, now: datetime, points: int) -> tuple[Surprise, ...]:
    """Nearest expiry first (U-40)."""
    parts: list[Surprise] = []
    for offer in sorted(member.surprises, key=lambda held: held.expires):
        if offer.expires < now.date():
            continue
        part = min(offer.points, points)
        points -= part
        if part:
            parts.append(replace(offer, points=part))
    return tuple(parts)


def _booked(
    state: State, body: Body, account: Account, event: Event, surprises: tuple[Surprise, ...]
) -> None:
    registry = state.world.registry
    registry.inquired.discard(account.member.number)
    registry.surprises[event.id] = surprises
    change = Change(
        operation=API,
        kind="redeem",
        reference=key_of(body).reference,
        delta=-event.redeemed,
        event=event,
        member=with_surprises(account.member, surprises, -1) if surprises else None,
        detail={"authorization": event.authorization, "surprise_points": event.surprise},
    )
    commit(state, account, change)


def with_surprises(member: Member, parts: tuple[Surprise, ...], sign: int) -> Member:
    """The member with these points more or, with sign -1, less in each offer."""
    by_code = {part.code: part.points for part in parts}
    return replace(
        member,
        surprises=tuple(
            replace(held, points=held.points + sign * by_code.get(held.code, 0))
            for held in member.surprises
        ),
    )


def _shares(lines: Sequence[Body], own: int, surprise: int) -> list[tuple[int, int]]:
    """In line order, up to what each line takes, surprise points first (U-47)."""
    shares: list[tuple[int, int]] = []
    for line in lines:
        room = takes(line)
        from_surprise = min(room, surprise)
        from_own = min(room - from_surprise, own)
        surprise -= from_surprise
        own -= from_own
        shares.append((from_own, from_surprise))
    return shares


def _said(body: Body) -> datetime:
    day, at = read_day(body.text("TransactionDate")), read_time(body.text("TransactionTime"))
    if day is None or at is None:
        raise Refused(*STRUCTURAL)
    return datetime.combine(day, time(at.hour, at.minute, at.second), CENTRAL)

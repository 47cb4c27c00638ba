"""ProcessRedemption's function V (contract 5.3, U-21 to U-27): a redemption undone as a whole."""

from dataclasses import replace
from datetime import timedelta

from sandbox.telluride.history import LIFETIME_DAYS
from sandbox.telluride.people import Account
from sandbox.telluride.points import Parcel, voided
from sandbox.telluride.reading import Body, Json, Refusal, Refused
from sandbox.telluride.redemption_cart import (
    STRUCTURAL,
    account_of,
    check_when,
    holdings,
    inquiry,
)
from sandbox.telluride.redemption_reply import Moved, envelope
from sandbox.telluride.redemption_spend import API, booking, key_of, with_surprises
from sandbox.telluride.scribe import Change, commit, held
from sandbox.telluride.state import State

REQUIRED = (
    "AuthorizationCode",
    "OrderStoreNumber",
    "PickUpStoreNumber",
    "RegisterNumber",
    "TransactionDate",
    "TransactionTime",
)
UNKNOWN_CODE = Refusal("99", "Authorization code is invalid")
ALREADY = Refusal("93", "Redemption already voided")


def undone(state: State, body: Body) -> Json:
    """Put the points back where they came from; raises Refused."""
    if not all(body.has(name) for name in REQUIRED):
        raise Refused(*STRUCTURAL)
    check_when(body)
    account = account_of(state, body)
    place = _place(account, body.text("AuthorizationCode"))
    original = account.events[place]
    if original.status == "V":
        raise Refused(*ALREADY)
    could = inquiry(holdings(state, account, "OS"), body, body.rows("LineItems", "LineItem"))
    # What cannot be answered must not be booked: an unreadable field shows before anything moves.
    envelope(state, body, could)
    _put_back(state, body, account, place)
    moved = Moved(
        points=original.redeemed,
        code=original.authorization,
        after=held(state, account),
        standing=state.standing(account),
    )
    return envelope(state, body, could, moved)


def _place(account: Account, code: str) -> int:
    """Where the redemption with this code stands; another member's is unknown (U-23)."""
    for place, event in enumerate(account.events):
        if event.kind == "D" and event.authorization == code:
            return place
    raise Refused(*UNKNOWN_CODE)


def _put_back(state: State, body: Body, account: Account, place: int) -> None:
    original = account.events[place]
    surprises = state.world.registry.surprises.get(original.id, ())
    event = replace(
        booking(state, body, "V", -original.redeemed),
        surprise=-original.surprise,
        restored=_parcels(state, account, original.id),
        authorization=original.authorization,
    )
    change = Change(
        operation=API,
        kind="void",
        reference=original.authorization,
        delta=original.redeemed,
        event=event,
        member=with_surprises(account.member, surprises, 1) if surprises else None,
        undoes=state.world.registry.effects.get(original.id),
        detail={"transaction": key_of(body).reference},
    )
    commit(state, account, change)
    account.events[place] = voided(original)


def _parcels(state: State, account: Account, event_id: str) -> tuple[Parcel, ...]:
    """What the redemption took, bucket by bucket, with its old expiry or by switch a new one."""
    rows = state.standing(account).rows
    taken = next(row.taken for row in rows if row.event.id == event_id)
    if state.word("void_restores") == "old_expiry":
        return taken
    fresh = state.now.date() + timedelta(days=LIFETIME_DAYS)
    return tuple(replace(parcel, expires=fresh) for parcel in taken)

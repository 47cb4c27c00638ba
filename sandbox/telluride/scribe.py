"""Every change of an account goes through here and into the books of effects; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.books import Effect
from sandbox.telluride.books import surprise_points
from sandbox.telluride.people import Account, Member
from sandbox.telluride.points import Event
from sandbox.telluride.registry import Noted
from sandbox.telluride.switchboard import UPSTREAM
from sandbox.telluride.times import end_of_day

if TYPE_CHECKING:  # State offers the audit made here
    from sandbox.telluride.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: a booking, a new profile, or both. `delta` is what it does at once."""

    operation: str
    kind: str
    reference: str
    delta: int
    event: Event | None = None
    member: Member | None = None
    undoes: int | None = None
    detail: Mapping[str, object] = field(default_factory=dict[str, object])


def held(state: State, account: Account, at: datetime | None = None) -> int:
    """Own and surprise points together: everything a redemption could take."""
    moment = at or state.moment(account)
    return state.standing(account, moment).own + surprise_points(account, moment)


def commit(state: State, account: Account, change: Change) -> int:
    """Apply a change and write its effect down; the number is that of the effect."""
    settle(state, account)
    before = held(state, account)
    if change.member is not None:
        state.world.change(change.member)
    if change.event is not None:
        _append(account, change.event)
    number = _write(state, account, change, before)
    if change.event is not None:
        state.world.registry.effects[change.event.id] = number
        state.world.registry.references[change.event.id] = change.reference
    settle(state, account)
    return number


def settle(state: State, account: Account) -> None:
    """Write down what time alone did since the last effect: points begun, points expired."""
    registry, number = state.world.registry, account.member.number
    moment = state.moment(account)
    expired = _expired(state, account, moment)
    noted = registry.noted.get(number) or _at_the_start(state, account)
    now_held = noted.held
    for event in account.events:
        if noted.seen < event.effective <= moment and event.posted < event.effective:
            reference = registry.references.get(event.id, event.id)
            now_held += _by_time(state, account, "activate", reference, now_held, event.change)
    lapsed = noted.expired - expired
    if lapsed:
        now_held += _by_time(state, account, "expire", "", now_held, lapsed)
    registry.noted[number] = Noted(now_held, expired, max(moment, noted.seen))


def _at_the_start(state: State, account: Account) -> Noted:
    """What a member nobody touched yet had when the world began."""
    begun = state.world.begun
    return Noted(held(state, account, begun), _expired(state, account, begun), begun)


def audit(state: State) -> list[str]:
    """Gaps between effects, and members whose effects do not add up to what they hold."""
    found = state.frame.books.gaps(UPSTREAM)
    for number, account in state.world.accounts.items():
        if number not in state.world.registry.noted:
            continue
        settle(state, account)
        noted, present = state.world.registry.noted[number].held, held(state, account)
        if noted != present:
            found.append(f"{number} holds {present}, by the effects {noted}")
    return found


def _append(account: Account, event: Event) -> None:
    account.events.append(event)
    account.latest = max(account.latest or event.posted, event.posted)


def _write(state: State, account: Account, change: Change, before: int) -> int:
    registry, number = state.world.registry, account.member.number
    noted = registry.noted[number]
    registry.noted[number] = Noted(before + change.delta, noted.expired, noted.seen)
    return state.frame.books.effect(
        Effect(
            upstream=UPSTREAM,
            operation=change.operation,
            kind=change.kind,
            member=number,
            at=state.frame.clock.now(),
            reference=change.reference,
            points_before=Decimal(before),
            points_after=Decimal(before + change.delta),
            undoes=change.undoes,
            detail=change.detail,
        )
    )


def _by_time(
    state: State, account: Account, kind: str, reference: str, before: int, delta: int
) -> int:
    state.frame.books.effect(
        Effect(
            upstream=UPSTREAM,
            operation="clock",
            kind=kind,
            member=account.member.number,
            at=state.frame.clock.now(),
            reference=reference or None,
            points_before=Decimal(before),
            points_after=Decimal(before + delta),
        )
    )
    return delta


def _expired(state: State, account: Account, moment: datetime) -> int:
    lapsed = (part for part in account.member.surprises if end_of_day(part.expires) < moment)
    return state.standing(account, moment).expired + sum(part.points for part in lapsed)

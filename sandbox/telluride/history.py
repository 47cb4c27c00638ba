"""How the seeded bookings of a member come about; every history is possible, none is stored."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random

from sandbox.telluride.cast import Step
from sandbox.telluride.people import Member
from sandbox.telluride.points import Event, Line, OfferShare, replay
from sandbox.telluride.times import CENTRAL

LIFETIME_DAYS = 365
STORES = (("00001", "Example shop"), ("09305", "Fulton Market"), ("04112", "Lake Shore"))
SOURCE = "LGPH"


def scripted_events(member: Member, steps: Iterable[Step], today: date) -> list[Event]:
    """The bookings of a persona."""
    return [_scripted(member, step, turn, today) for turn, step in enumerate(steps, 1)]


def filler_events(seed: int, member: Member, today: date) -> list[Event]:
    """A random life over five hundred days; nobody ever spends or returns what is not there."""
    dice = Random(f"{seed}-{member.number}")
    joined = (today - member.joined.date()).days
    days = sorted(dice.sample(range(1, min(500, joined)), dice.randint(3, 12)), reverse=True)
    events: list[Event] = []
    for turn, ago in enumerate(days, 1):
        events.append(_random(dice, member, events, turn, today - timedelta(days=ago)))
    return events


def _random(dice: Random, member: Member, past: list[Event], turn: int, day: date) -> Event:
    at = datetime.combine(day, time(dice.randint(8, 20), dice.randint(0, 59), 0), CENTRAL)
    held = replay(past, at)
    fate = dice.random()
    if fate < 0.2 and held.own > 100:  # noqa: PLR2004 - the seeded mix
        return _booking(member, "D", at, turn, redeemed=dice.randint(1, held.own // 100) * 100)
    sold = next((event for event in reversed(past) if event.kind == "P"), None)
    if fate < 0.25 and sold is not None and _returnable(sold, past, held.own):  # noqa: PLR2004
        return _return(member, sold, at, turn)
    if fate < 0.35:  # noqa: PLR2004
        return _booking(member, "B", at, turn, bonus=dice.randint(1, 20) * 100)
    dollars = Decimal(dice.randint(500, 20_000)).scaleb(-2)
    bonus = dice.choice((0, 0, 250, 1000))
    return _booking(member, "P", at, turn, base=round(dollars * 10), bonus=bonus, gross=dollars)


def _returnable(sold: Event, past: list[Event], held: int) -> bool:
    taken = any(line.origin == (sold.id, "1") for event in past for line in event.lines)
    return not taken and sold.earned <= held


def _return(member: Member, sold: Event, at: datetime, turn: int) -> Event:
    line = sold.lines[0]
    back = Line("1", line.division, line.item, line.amount, line.quantity, -line.base, -line.bonus,
                (sold.id, line.number))  # fmt: skip
    returned = _booking(member, "R", at, turn, base=-line.base, bonus=-line.bonus,
                        gross=-line.amount)  # fmt: skip
    return replace(returned, lines=(back,))


def _scripted(member: Member, step: Step, turn: int, today: date) -> Event:
    at = datetime.combine(today - timedelta(days=step.ago), time(10, 5), CENTRAL)
    lasts = None if step.lasts is None else today + timedelta(days=step.lasts)
    return _booking(
        member,
        step.kind,
        at,
        turn,
        base=step.base,
        bonus=step.bonus,
        redeemed=step.redeemed,
        gross=Decimal(step.base).scaleb(-1),
        expires=lasts,
    )


def _booking(
    member: Member,
    kind: str,
    at: datetime,
    turn: int,
    *,
    base: int = 0,
    bonus: int = 0,
    redeemed: int = 0,
    gross: Decimal = Decimal(0),
    expires: date | None = None,
) -> Event:
    mark = sha256(f"{member.number}-{turn}".encode()).hexdigest().upper()
    store, name = STORES[int(mark[0], 16) % len(STORES)]
    bought = kind == "P"
    money = gross.quantize(Decimal("0.01"))
    return Event(
        id=mark[:32],
        kind=kind,
        at=at,
        posted=at + timedelta(seconds=1),
        store=store,
        register="001",
        number=f"{turn:04d}",
        description=f"{store} - {name}",
        base=base,
        bonus=bonus,
        redeemed=redeemed,
        expires=expires or at.date() + timedelta(days=LIFETIME_DAYS),
        order=f"ORD-{mark[32:40]}" if kind in "PD" else "",
        source=SOURCE,
        gross=money,
        lines=(Line("1", "1", "20001", money, Decimal(1), base, bonus),) if bought else (),
        offers=_shares(kind, base, bonus, money),
        authorization=mark[40:48] if redeemed else "",
    )


def _shares(kind: str, base: int, bonus: int, money: Decimal) -> tuple[OfferShare, ...]:
    if kind not in "PB":
        return ()
    shares = (
        OfferShare("BASE", "10 base points for every dollar", base, money),
        OfferShare("TOYS50", "Toys bonus", bonus, money),
    )
    return tuple(share for share in shares if share.points)

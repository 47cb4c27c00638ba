"""A member's account as events, and what it holds at a moment by replaying them; no wire forms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sandbox.telluride.times import end_of_day

POINTS_PER_CENT = 10


def cents(points: int) -> int:
    """Points in cents, rounded half up (contract 5.2)."""
    sign = -1 if points < 0 else 1
    return sign * ((abs(points) + POINTS_PER_CENT // 2) // POINTS_PER_CENT)


def dollars(points: int) -> str:
    """Points in dollars with two decimals, as the wire writes them."""
    return f"{Decimal(cents(points)).scaleb(-2):.2f}"


def half_up(value: Decimal) -> int:
    """A whole number of points."""
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Line:
    """One sold or returned line; `origin` names the (event, line) that a return takes back."""

    number: str
    division: str
    item: str
    amount: Decimal
    quantity: Decimal
    base: int = 0
    bonus: int = 0
    origin: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class OfferShare:
    """What one offer gave in one event."""

    code: str
    name: str
    points: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Parcel:
    """Own points taken out of one lot, or to be put back into it."""

    expires: date
    base: int
    bonus: int


@dataclass(frozen=True, slots=True)
class Event:
    """One booking. Kinds are the letters of U-35; `base`, `bonus` and `redeemed` are signed.

    `at` is what the caller said, `booked` when it counts if that is another moment; `lost` is the
    part of base and bonus that was taken back in a call that also gave, `owed` what a return left
    below zero; `surprise` is the part of `redeemed` that was no own points; `restored` says into
    which lots a void puts the own points back.
    """

    id: str
    kind: str
    at: datetime
    posted: datetime
    store: str
    register: str
    number: str
    description: str
    base: int = 0
    bonus: int = 0
    redeemed: int = 0
    expired: int = 0
    expires: date | None = None
    order: str = ""
    source: str = ""
    gross: Decimal = Decimal("0.00")
    tax: Decimal = Decimal("0.00")
    lines: tuple[Line, ...] = ()
    offers: tuple[OfferShare, ...] = ()
    authorization: str = ""
    tenders: tuple[str, ...] = ()
    status: str = "A"
    booked: datetime | None = None
    lost: tuple[int, int] = (0, 0)
    owed: int = 0
    surprise: int = 0
    restored: tuple[Parcel, ...] = ()

    @property
    def effective(self) -> datetime:
        """When it changes the balance."""
        return self.booked or self.at

    @property
    def earned(self) -> int:
        """Base and bonus points together."""
        return self.base + self.bonus

    @property
    def change(self) -> int:
        """What the event does to the balance."""
        return self.earned - self.redeemed - self.expired


@dataclass(slots=True)
class Lot:
    """Own points of one expiry date."""

    expires: date
    base: int
    bonus: int

    @property
    def points(self) -> int:
        """All points in the lot."""
        return self.base + self.bonus


@dataclass(frozen=True, slots=True)
class Row:
    """An event with the balance after it, and the own points it took out."""

    event: Event
    balance: int
    taken: tuple[Parcel, ...] = ()


@dataclass(slots=True)
class Standing:
    """An account at a moment: lots by nearest expiry, and every row up to then, oldest first."""

    lots: list[Lot] = field(default_factory=list[Lot])
    rows: list[Row] = field(default_factory=list[Row])
    debt: int = 0

    @property
    def own(self) -> int:
        """Base and bonus points; below zero only after a return that was let go so far."""
        return sum(lot.points for lot in self.lots) - self.debt

    @property
    def expired(self) -> int:
        """Everything that ever expired."""
        return sum(row.event.expired for row in self.rows)

    @property
    def base(self) -> int:
        """Base points."""
        return sum(lot.base for lot in self.lots)

    @property
    def bonus(self) -> int:
        """Bonus points."""
        return sum(lot.bonus for lot in self.lots)


def replay(events: Iterable[Event], until: datetime) -> Standing:
    """The account at `until`, expiries included; an event at that very second counts."""
    standing = Standing()
    for event in sorted(events, key=lambda booked: booked.effective):
        if event.effective > until:
            break
        _expire(standing, event.effective)
        _book(standing, event)
    _expire(standing, until)
    return standing


def _book(standing: Standing, event: Event) -> None:
    """What is given comes before what is taken back, so that an exchange pays for itself."""
    base, bonus = (max(0, event.base + event.lost[0]), max(0, event.bonus + event.lost[1]))
    if base + bonus and event.expires is not None:
        _add(standing, Parcel(event.expires, base, bonus))
    _take_back(standing, base - event.base, bonus - event.bonus)
    standing.debt += event.owed
    taken = _take(standing, max(0, event.redeemed - event.surprise))
    for parcel in event.restored:
        _add(standing, parcel)
    _settle_debt(standing)
    standing.rows.append(Row(event, standing.own, tuple(taken)))


def _add(standing: Standing, parcel: Parcel) -> None:
    for held in standing.lots:
        if held.expires == parcel.expires:
            held.base += parcel.base
            held.bonus += parcel.bonus
            return
    standing.lots.append(Lot(parcel.expires, parcel.base, parcel.bonus))
    standing.lots.sort(key=lambda held: held.expires)


def _take(standing: Standing, points: int) -> list[Parcel]:
    """Nearest expiry first, bonus before base inside a lot (U-40)."""
    taken: list[Parcel] = []
    for lot in standing.lots:
        bonus = min(lot.bonus, points)
        base = min(lot.base, points - bonus)
        lot.bonus -= bonus
        lot.base -= base
        points -= bonus + base
        if base + bonus:
            taken.append(Parcel(lot.expires, base, bonus))
    standing.lots = [lot for lot in standing.lots if lot.points]
    return taken


def _take_back(standing: Standing, base: int, bonus: int) -> None:
    """A return lowers its own kind of points first, then whatever is left."""
    for lot in standing.lots:
        from_base, from_bonus = min(lot.base, base), min(lot.bonus, bonus)
        lot.base -= from_base
        lot.bonus -= from_bonus
        base -= from_base
        bonus -= from_bonus
    _take(standing, base + bonus)


def _settle_debt(standing: Standing) -> None:
    """New points pay first what went below zero."""
    if standing.debt:
        standing.debt -= sum(part.base + part.bonus for part in _take(standing, standing.debt))


def _expire(standing: Standing, moment: datetime) -> None:
    for lot in [lot for lot in standing.lots if end_of_day(lot.expires) < moment]:
        standing.lots.remove(lot)
        standing.rows.append(Row(_expiry(lot, standing.rows[-1].event), standing.own))


def _expiry(lot: Lot, last: Event) -> Event:
    """At the end of the last day, or at once where points came back later than that (U-26)."""
    at = max(end_of_day(lot.expires) + timedelta(seconds=1), last.effective)
    return Event(
        id=f"E0{lot.expires:%Y%m%d}{lot.points:022d}",
        kind="X",
        at=at,
        posted=at,
        store="00001",
        register="000",
        number="0000",
        description="Points expired",
        expired=lot.points,
    )


def returned(events: Iterable[Event], origin: tuple[str, str]) -> Iterator[Line]:
    """The lines that took back something of `origin` already."""
    return (line for event in events for line in event.lines if line.origin == origin)


def voided(event: Event) -> Event:
    """The event as it stands after a void (U-34)."""
    return replace(event, status="V")
